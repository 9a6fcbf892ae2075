"""The bundled policy: labelled, complete, silent where the original is, in its own words, in both forms."""

import asyncio
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from eval.bundled import policy_path
from pipeline.document.reader import read_document
from pipeline.source.reader import read_source
from schemas.document import Document

HTML = policy_path()
MARKDOWN = HTML.with_suffix(".md")
REAL_POLICIES = Path(__file__).parents[2] / "shared" / "policies"
FORMS = ("source", "markdown", "html")

BASIS_CONTRACT = "Performance of the contract that you have with us"
BASIS_AGREEMENT = "Performance of the agreement that you have with us"
BASIS_LAW = "Legal obligations that apply to us"

# By section ("" is what stands before section 1), a line for the words that carry a fact.
FACTS = {
    "": """
        which personal data we collect about you, what we use it for and how we protect it
        generative artificial intelligence products
        products such as Le Chat and Mistral AI Studio
        does not extend to personal data that you process with the Mistral AI Products in the course of your
        you are the controller of the personal data, and Mistral AI is a processor that acts for you
    """,
    "1": """
        Mistral AI is the controller for everything that this Privacy Policy covers
        determines why personal data is used and how
        French company, registered in Paris under number 952 418 325
        registered office stands at 15 rue des Halles, 75001 Paris
        Send a letter to Mistral AI, 15 rue des Halles
        visit our Help Center and use the contact forms
        contact form called "Privacy Requests"
        marked "Attn: DPO" to Mistral AI, 15 rue des Halles, 75001 Paris
    """,
    "2.1": """
        Civil Identity Data, meaning for instance your first name and last name
        Account Data, meaning for instance what allows you to recover your password and us to verify
        Contact Data, meaning for instance your e-mail address
        Contract Data, meaning for instance which of the Mistral AI Products you subscribed to
        create a Mistral AI Account and subscribe to one of the Mistral AI Products
        sign up for our communications
        Payment and billing information, meaning for instance your billing address or your invoices
        subscribe to one of the Mistral AI Products that you pay for
        anything you supply in order to generate an Output
        your prompts or your fine-tuning data
        what you tell us when you rate an Output, for instance with a thumbs up or thumbs down
        together with the Input and the Output that the rating is about
    """,
    "2.2": """
        logs and technical data that reach us automatically from your device and browser
        your IP address or the kind of network protocol
        Cookies, meaning those that our Cookie Policy lists
        "Usage Data", meaning any data on the way our products are used
        "Output", meaning any content that our products generate from your Input
        While you are using the Mistral AI Products
    """,
    "2.3": """
        data that third parties make available to the public on the Internet
        good practices to filter personal data out, this data may still contain some
        we receive your Hugging Face username and your e-mail address
        to enforce our license and to send you messages about new models
        web search or verified news in Le Chat
        may display links, thumbnails or snippets
        Personal data that you typed into an Input may reappear in Third-Party Content
        Third-Party Content is not used to train our models
        datasets that third parties supply
        may hold personal data, despite the filtering that the third parties and we carry out
        may also hold public data or proprietary data
    """,
    "3": """
        more accurate for the place you are in
        switch this off whenever you like in your account's user preferences
        such as details about your health, that data may be stored as a Memory
        access, add, edit or delete your Memories, or turn Memories off
    """,
    "4": """
        small text files that are kept on your device
        on our website to give you a better experience
        the details in our Cookie Policy
    """,
    "5": """
        only for the time that the purposes of Section 3 require
        illustrate this with the main periods
        Le Chat Input and Output: until you delete the conversation or delete your account
        API Input and Output (except for specific APIs): for the time needed to generate the Output, then for
        30 rolling days so that we can monitor abuse
        do not apply where zero data retention is activated
        Agents API Input and Output: until your account is terminated
        Fine-tuning data of the Fine-Tuning API: until your account is terminated or you delete this data from
        Non-essential cookies: for as long as you consent to them
        Contact data used for marketing: for as long as your newsletter subscription las
        Identity and contact data of leads: 3 years from collection
        none of our team members accesses or uses this data, except to meet a legal obligation or in a dispute
        an unpaid invoice. Once the period is over, the data is permanently deleted
        Civil Identity Data: 5 years after your account is terminated
        phone number or e-mail address given to verify your account or to change your password
        1 year after your account is deleted
        1 rolling year from the connection date, for each operation that contributes to the connection
        Invoices and the correspondence that goes with them: 10 years from the end of the financial year
        commercial licenses of our models and the contact details related to them
        contact details related to them: the term of the contract plus 5 years
        Data about a dispute: until the appeal period ends, and possibly longer for archiving
        Data about a privacy request: for the time we handle the request, plus 6 years
        Data about technical support: until we have handled the request, plus 5 years
    """,
    "6": """
        On a need-to-know basis
        Authorized members of our team who need the data to do their job
        Banks and other organizations of the financial sector
        Authorities with a regulatory role, such as the CNIL
        courts that have jurisdiction, lawyers, accountants, auditors, mediators, bailiffs and debt collectors
        All or part of your personal data may go to our service providers
        our security team audits that provider against our own standards of privacy and security
        sign a dedicated data protection agreement
        Our Trust Center lists the main ones
    """,
    "7": """
        prefer providers that are in the European Union (EU) and adhere to the GDPR
        In exceptional cases we turn to a provider outside the EU
        high standards of security and data protection
        adequate safeguards in line with Article 46 GDPR
        latest Standard Contractual Clauses are attached to all these contracts
    """,
    "8": """
        whether we process data about you, get a copy of it and receive further information
        export your data from your account at any time
        obtain the data you provided and transfer it to another entity. The same export
        have your data updated or corrected
        delete your data or ask us to do so. You can delete your account at any time
        object to the processing of your data, but not where a legal obligation makes us process it
        A switch in your account lets you object to the training of our models on your Input and Output
        Right to withdraw your consent: you may do this at any time
        Right to limitation: you may request that we freeze
        not to be the subject of an automated decision, profiling included, and to appeal such a decision
        no profiling and no automated decision-making
        how your data should be handled after your death
        complaint with the competent authority, including the CNIL
        every effort to reply
        about the training of our models, however, these rights have technical limitations
        may be technically complex
        you can delete your account, get a copy of your data and object to training
        contact form called "Privacy Requests"
        marked "Attn: Privacy Team" to Mistral AI, 15 rue des Halles, 75001 Paris
    """,
    "9": """
        our California notice at collection
        Depending on your state, and with some exceptions
        Know what personal data we process about you and access a copy of it
        Delete your personal data
        Correct your personal data
        free from discrimination
        Appeal our response to your request
        During the preceding 12 months
        not "sold" or "shared" any personal data of consumers
        "targeted advertising", in the sense that state privacy laws give these words
        any consumer known to us to be under 18
        not of a kind that triggers a right to limit
        us-data-requests@mistral.ai
        which the third-party provider Dastra hosts
        evidence of your identity, which may include logging in to your account
        authorized agent must show both that you authorized them and who they are
        you may also have to verify your identity with us directly
        can only be met after a successful verification
        with the subject line "US Rights Response Appeal"
        retention periods are those of Section 5
        a mix of proprietary data and third-party data, in formats such as text and images
        datasets and websites that are open to the public, third parties' databases that are not public
        our products as far as our terms permit, data generated in-house, curated sets and synthetic data
        train on it in 2023, and we continue to do so
        clean, process or modify datasets beforehand
        aggregated consumer information
    """,
    "10": """
        from time to time this Privacy Policy may be amended accordingly
        Please check it frequently
    """,
}

STATES = {
    "Connecticut", "Delaware", "New Hampshire", "New Jersey", "Virginia", "Iowa", "Nebraska", "Texas",
    "Montana", "Colorado", "Utah", "Oregon", "California",
}  # fmt: skip

# The purposes of section 3, top to bottom: words of the purpose, the data, the lawful bases, words of notes.
PURPOSES = [
    (
        "Providing and maintaining the Mistral AI Products under our Terms of Service and any",
        "Civil Identity Data, Account Data, Contract Data, Technical Data, Input, Output, Feedback, "
        "Usage Data",
        [BASIS_CONTRACT],
        ["A part of your IP address"],
    ),
    (
        "Offering the Memory feature of Le Chat",
        "Input (your prompts)",
        [
            "Legitimate interest: offering you an enhanced, personalized service",
            "Explicit consent, in addition, for sensitive data that you explicitly put in your Input and",
        ],
        ["may be stored as a Memory", "In your settings you may at any time access, add, edit or delete"],
    ),
    ("Debugging", "Input, Output, Feedback", [BASIS_CONTRACT], []),
    (
        "Creating and administering your Mistral AI Account",
        "Civil Identity Data, Account Data, Contract Data",
        [BASIS_CONTRACT],
        [],
    ),
    (
        "customer support, including debugging and the correction of errors that you report",
        "Civil Identity Data, Contact Data, Feedback, Input, Output",
        [BASIS_CONTRACT],
        [],
    ),
    (
        "security and integrity of our products",
        "Civil Identity Data, Account Data, Technical Data, Contact Data, Usage Data",
        [BASIS_LAW, "Legitimate interest: keeping our products secure and intact"],
        [],
    ),
    (
        "Communicating with you, by newsletters and by messages that are not marketing",
        "Civil Identity Data, Contact Data",
        ["Consent, for marketing", f"{BASIS_AGREEMENT}, for non-marketing messages"],
        ["a notice that our terms change"],
    ),
    (
        "Improving our products or developing new ones, model training excluded",
        "Civil Identity Data, Feedback, Input, Output, aggregated and anonymous statistics",
        ["Legitimate interest: improving our products continuously and adding new features"],
        [],
    ),
    (
        "Training our artificial intelligence models (large language models) so that they answer questions, "
        "generate, translate, summarize, correct and classify text, analyze feelings",
        "(a) personal data within publicly available Internet data, (b) Input and Output, subject to your "
        "opt-out, (c) Feedback",
        ["Legitimate interest: building cutting-edge large language models and offering them"],
        [
            "Note: With Le Chat Enterprise or the paid version of the APIs, your Input and Output are not",
            "Note: A third-party service that you connect to our products is not used to train our models",
        ],
    ),
    (
        "Managing and enforcing our Terms of Service and our licenses, moderation and abuse monitoring",
        "Civil Identity Data, Account Data, Contact Data, Input, Output, Feedback",
        [BASIS_CONTRACT],
        [],
    ),
    (
        "commercial relationship, including payments and billing",
        "Civil Identity Data, Account Data, Contact Data, Payment and billing information",
        [BASIS_AGREEMENT, BASIS_LAW],
        [],
    ),
    (
        "Investigating and resolving disputes with you",
        "Whichever are relevant: Civil Identity Data, Account Data, Contact Data, Contract Data, "
        "Technical Data, Usage Data, Input, Output, Feedback, any other data that is needed",
        ["Legitimate interest: protecting our legal rights and exercising them", BASIS_AGREEMENT],
        [],
    ),
    (
        "Answering your requests when you exercise your data protection rights",
        "Civil Identity Data, Account Data, Contact Data, anything else that your request contains",
        ["Legal obligation to reply to you"],
        [],
    ),
]

# The table of section 9, in the words of state laws.
_IDENTIFIERS = (
    "Identifiers: a name, an alias, a postal address, a unique or online identifier, an IP address, "
    "an e-mail address, the name of an account, or something similar"
)
_ACTIVITY = "Internet or network activity, for instance how you interact with our products and our website"
_MEDIA = "Audio, electronic, visual or similar information"
DISCLOSURES = [
    (
        "Sources of the personal data",
        ["You", "your use of the Mistral AI Products", "the public Internet", "third parties, for instance"],
    ),
    (
        "Categories that we collect about consumers",
        [_IDENTIFIERS, _ACTIVITY, "your purchase history, and payment and billing information", _MEDIA],
    ),
    (
        "Categories that we disclose about consumers for a business purpose",
        [_IDENTIFIERS, _ACTIVITY, "the products you subscribe to, and payment and billing", _MEDIA],
    ),
    (
        "Business or commercial purposes of the collection",
        [
            "Security and integrity",
            "Debugging",
            "Short-term and transient use",
            "accounts, customer support, orders, verification, payments, analytics, storage",
            "Advertising and marketing services",
            "Internal research",
            "quality or safety, and improving our products",
        ],
    ),
]

# What summaries tend to fill in and the original does not say. The label is not policy and stays out of this.
ABSENT = [
    r"\bfree\b(?! from discrimination)",
    r"\bpro\b",
    r"\bstudents?\b",
    r"\bteams?\b(?<!privacy team)(?<!our team)(?<!security team)",
    r"\bopt(s|ed|ing)?[ -]in\b",
    r"\baddendum\b|\bDPA\b|\bDPIA\b",
    r"\blead\b|supervisory|one-stop",
    r"United (States|Kingdom)|Swiss|Switzerland|Brazil|Canada|\bIndia\b|Japan|Ireland|Germany",
    r"\badequacy\b|privacy framework|third countr",
    r"minimum age|\bchild|\bminors?\b|years old|parent|guardian",
    r"within (one|a|\d+|thirty) (months?|days?)|\bone month\b|free of charge|without charge",
    r"encrypt|\bbreach|penetration|\bISO\b|\bSOC\b|certifi",
    r"\bAI Act\b|Loi Informatique|\bLIL\b|\bCCPA\b|ePrivacy|\bFrench (act|law)\b",
    r"balancing|impact assessment|assessment",
    r"de-?identif|pseudonym|anonymi[sz]",
    r"retroactiv|already (been )?(used|trained)|unlearn|retrain",
    r"\bSIREN\b|\bSAS\b|\bRCS\b|share capital",
    r"\bnotif(y|ies|ied)\b|in advance|prior notice|days' notice|\bnotice of\b|archived? version",
    r"\bmerger|acquisition|affiliate|subsidiar|advertisers?\b|\bpolice\b|law enforcement",
    r"hallucinat|inaccura",
    r"\bback-?ups?\b",
    r"global privacy control|preference signal",
    r"Tennessee|Minnesota|Maryland|Indiana|Kentucky|Rhode Island|Florida",
    r"Le Chat Team",
]


def _fold(text: str) -> str:
    """The text without curly quotes, no-break and doubled spaces, and spaces before a colon or a question."""
    text = re.sub(r"[“”]", '"', text.replace("’", "'"))
    return re.sub(r" (?=[:?])", "", re.sub(r"\s+", " ", text))


def _plain(markdown: str) -> str:
    """Markdown as a reader of the page sees it: no emphasis, no link targets, no line breaks in cells."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown.replace("**", "").replace("<br>", " "))
    return _fold(text)


def _by_number(parts: list[tuple[str, str]]) -> dict[str, str]:
    """The texts of (title, text) pairs by the number that the title begins with; "" where it has none."""
    found: dict[str, str] = {}
    for title, text in parts:
        number = re.match(r"(\d+(?:\.\d+)?)\.? ", title)
        key = number[1] if number else ""
        found[key] = f"{found.get(key, '')} {text}"
    return found


@cache
def _source_sections() -> dict[str, str]:
    pieces = re.split(r"(?m)^#{1,3} (.+)$", MARKDOWN.read_text(encoding="utf-8"))
    titles, texts = ["", *pieces[1::2]], pieces[0::2]
    return _by_number([(t, _plain(x)) for t, x in zip(titles, texts, strict=True)])


@cache
def _document(path: Path) -> Document:
    return read_document(asyncio.run(read_source(str(path))))


def _document_sections(document: Document) -> dict[str, str]:
    titles = {s.id: s.title for s in document.sections}
    return _by_number([(titles[p.section_id], _fold(document.text_of(p))) for p in document.passages])


def _sections(form: str) -> dict[str, str]:
    if form == "source":
        return _source_sections()
    return _document_sections(_document(HTML if form == "html" else MARKDOWN))


def _rows(document: Document, number: str) -> list[str]:
    section = next(s.id for s in document.sections if s.title.startswith(f"{number}."))
    return [
        _fold(document.text_of(p)) for p in document.passages if p.section_id == section and p.kind == "row"
    ]


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


# The label


def test_markdown_begins_with_the_label() -> None:
    first = MARKDOWN.read_text(encoding="utf-8").split("\n", 1)[0]
    assert first.startswith("*Restatement for testing:")
    assert "in other words" in first
    assert "not the official text" in first


def test_first_visible_words_of_the_page_are_the_label() -> None:
    page = HTML.read_text(encoding="utf-8").split("<body", 1)[1].split(">", 1)[1]
    page = re.sub(r'<a class="sr-only".*?</a>', "", page)
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)).strip()
    assert seen.startswith("Restatement for testing:")
    assert "It is not the official text" in seen[:300]


# The facts


@pytest.mark.parametrize("form", FORMS)
def test_every_fact_stands_in_its_section(form: str) -> None:
    sections = _sections(form)
    missing = [
        (number, fact)
        for number, facts in FACTS.items()
        for fact in facts.strip().splitlines()
        if fact.strip() not in sections.get(number, "")
    ]
    assert missing == []


@pytest.mark.parametrize("form", FORMS)
def test_sections_are_those_of_the_original(form: str) -> None:
    assert set(_sections(form)) == {"", *map(str, range(1, 11)), "2.1", "2.2", "2.3"} - (
        set() if form == "source" else {"2"}  # a heading with nothing directly below it holds no passage
    )


@pytest.mark.parametrize("form", FORMS)
def test_thirteen_states_are_listed(form: str) -> None:
    sentence = re.search(r"residents of the following states: ([^.]+)\.", _sections(form)["9"])
    assert sentence
    listed = {s.strip() for s in re.split(r", | and ", sentence[1])}
    assert listed == STATES
    assert len(listed) == 13


@pytest.mark.parametrize("path", [MARKDOWN, HTML], ids=["markdown", "html"])
def test_each_of_thirteen_purposes_keeps_its_data_and_its_lawful_basis(path: Path) -> None:
    rows = _rows(_document(path), "3")
    assert len(rows) == 13
    for row, (purpose, data, bases, notes) in zip(rows, PURPOSES, strict=True):
        head, rest = row.split(" | Personal data used: ")
        used, basis = rest.split(" | Lawful basis: ")
        assert head.startswith("Purpose: ")
        assert purpose in head
        listed = re.split(r"[;.]? ?Note: ", used, maxsplit=1)[0]
        assert _words(listed) == _words(data)
        for wanted in bases:
            assert wanted in basis
        for note in notes:
            assert note in used or note in basis
        named = ("contract that", "agreement that", "Legitimate interest", "onsent,", "egal obligation")
        assert sum(basis.count(n) for n in named) == len(bases)


@pytest.mark.parametrize("path", [MARKDOWN, HTML], ids=["markdown", "html"])
def test_items_of_a_cell_do_not_run_together(path: Path) -> None:
    for row, (_, data, _, _) in zip(_rows(_document(path), "3"), PURPOSES, strict=True):
        items = [i.strip() for i in data.split(",")]
        for one, two in pairwise(items):
            assert f"{one} {two}" not in row


@pytest.mark.parametrize("path", [MARKDOWN, HTML], ids=["markdown", "html"])
def test_disclosures_of_section_9_stand_in_four_rows(path: Path) -> None:
    rows = _rows(_document(path), "9")
    assert len(rows) == 4
    for row, (name, items) in zip(rows, DISCLOSURES, strict=True):
        assert row.startswith(f"Disclosure: {name} | What it covers: ")
        assert [i for i in items if i not in row] == []


# The silences


@pytest.mark.parametrize("pattern", ABSENT)
def test_what_the_original_does_not_say_is_absent(pattern: str) -> None:
    text = " ".join(_source_sections().values()).split("legal.mistral.ai.", 1)[1]
    text = text.replace("California notice at collection", "")
    found = re.search(pattern, text, re.IGNORECASE)
    assert not found, found and text[max(found.start() - 40, 0) : found.end() + 40]


def test_statutes_and_authorities_are_named_where_the_original_names_them() -> None:
    sections = _source_sections()
    assert {n: t.count("GDPR") for n, t in sections.items() if "GDPR" in t} == {"7": 2}
    assert {n: t.count("CNIL") for n, t in sections.items() if "CNIL" in t} == {"6": 1, "8": 1}
    assert re.findall(r"Articles? \d+", " ".join(sections.values())) == ["Article 46"]


@pytest.mark.parametrize("path", [MARKDOWN, HTML], ids=["markdown", "html"])
def test_no_address_carries_a_query(path: Path) -> None:
    assert not re.search(r"https?://[^\s\")<]*\?", path.read_text(encoding="utf-8"))


@pytest.mark.skipif(not REAL_POLICIES.is_dir(), reason="the real policies are not here")
@pytest.mark.parametrize("path", [MARKDOWN, HTML], ids=["markdown", "html"])
def test_no_run_of_twelve_words_coincides_with_a_real_policy(path: Path) -> None:
    def runs(text: str) -> set[tuple[str, ...]]:
        words = _words(text)
        return {tuple(words[i : i + 12]) for i in range(len(words) - 11)}

    ours = runs(path.read_text(encoding="utf-8"))
    for real in REAL_POLICIES.glob("*.md"):
        assert not ours & runs(real.read_text(encoding="utf-8", errors="ignore")), real.name


# The two forms


DEFECTS: list[tuple[str, Callable[[str], bool]]] = [
    ("no space after the date's colon", lambda h: h.count("<span>Effective:</span><span>April 8,") == 2),
    ("a hidden date", lambda h: '<span style="display:none">Effective:April 8, 2026</span>' in h),
    ("body twice", lambda h: h.count("</h2>\n") == 20),
    ("section 9 table three times", lambda h: h.count("<strong>Disclosure</strong>") == 3),
    ("table after the last section", lambda h: h.rindex("<table") > h.rindex("<h2>10.")),
    ("empty header row", lambda h: h.count("<tr><th></th><th></th>") == 9),
    ("items parted by breaks", lambda h: "Civil Identity Data<br><br>Account Data" in h),
    ("lists in cells", lambda h: "<td>\n<ul>" in h),
    ("missing space", lambda h: "security.With" in h),
    ("word cut off", lambda h: "subscription las</li>" in h),
    ("doubled spaces", lambda h: " \u00a0" in h and "\u00a0</p>" in h),
    ("stacked bold", lambda h: "<strong><strong><strong>" in h and "Debug<strong>ging" in h),
    ("mixed quotes", lambda h: h.count("“") > h.count("”") > 0 and "“Us\"" in h),
    ("space before marks", lambda h: "it ?" in h and " :</strong>" in h),
    ("link text here", lambda h: ">here</a>" in h and "Cookie Policy.</a>" in h),
    ("address in the target", lambda h: h.count("us-data-r") == h.count('"mailto:us-data-r') == 2),
    ("collapsed details", lambda h: "<details>" in h),
    ("script state", lambda h: '<script id="__STATE__" type="application/json">' in h),
    ("no newline at the end", lambda h: h.endswith("</html>")),
]  # fmt: skip


@pytest.mark.parametrize(("defect", "planted"), DEFECTS, ids=[name for name, _ in DEFECTS])
def test_page_carries_the_defects_of_a_capture(defect: str, planted: Callable[[str], bool]) -> None:
    assert planted(HTML.read_text(encoding="utf-8")), defect


@pytest.mark.parametrize("path", [MARKDOWN, HTML], ids=["markdown", "html"])
def test_metadata_is_found(path: Path) -> None:
    document = _document(path)
    assert document.effective_date == date(2026, 4, 8)
    assert document.language == "en"
    assert document.title == "Privacy Policy"
    assert document.company == "Mistral AI"


def test_both_forms_say_the_same_words_section_by_section() -> None:
    markdown, html = _sections("markdown"), _sections("html")
    for number, text in markdown.items():
        theirs = " ".join(_words(html[number])).replace("subscription las ", "subscription lasts ")
        assert theirs == " ".join(_words(text)), number


def test_passages_of_both_forms_differ_only_where_a_defect_stands() -> None:
    def passages(path: Path) -> set[tuple[str, ...]]:
        document = _document(path)
        return {tuple(_words(_fold(document.text_of(p)))) for p in document.passages}

    ours, theirs = passages(MARKDOWN), passages(HTML)
    apart = {" ".join(p) for p in ours ^ theirs}
    documented = (
        "newsletter subscription",
        "standards of privacy and security",
        "with each provider we then",
        "training information",
    )
    assert [p for p in apart if not any(d in p for d in documented)] == []


def test_body_is_read_once_and_its_repetition_is_a_finding() -> None:
    document = _document(HTML)
    assert document.text.count("What this Privacy Policy leaves out.") == 1
    assert document.text.count("Disclosure: Sources of the personal data") == 1
    assert sum(s.title.startswith("10.") for s in document.sections) == 1
    assert [f for f in document.findings if "repeat" in f.code]


def test_chrome_and_script_state_are_left_out() -> None:
    text = _document(HTML).text
    for chrome in (
        "Skip to",
        "Accept all",
        "our audience",
        "Careers",
        "Why Mistral",
        "dataLayer",
        "__flight",
    ):
        assert chrome not in text


def test_what_the_page_hides_is_innocent() -> None:
    for hidden in _document(HTML).hidden:
        assert hidden.text in ("Skip to the content", "Effective: April 8, 2026")
