"""What each audience reads: the public in plain words and in its own order, professionals the exact terms and what an editor set aside."""

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.publish.edition import FORMATS, make_edition, write_edition
from pipeline.publish.edition_words import told_exposure, told_facts
from pipeline.publish.quotation import in_quotes
from pipeline.review.desk import Desk
from pipeline.review.publishing import publish, published_edition
from pipeline.store.reviews import ReviewStore
from schemas.draft import Draft
from schemas.edition import Audience, Edition, EditionExposure, EditionStatute
from schemas.finding import Finding
from schemas.review import NewDecision
from schemas.summaries import StatuteCitation
from tests.review_drafts import Clock
from tests.sample_draft import sample_draft
from tests.test_edition import APPROVAL, AUDIENCES, OVERRIDDEN, _whole, set_aside

# Formats that people read from the first line to the last.
READ = ("md", "html", "pdf")
WHY = "Read in the act itself; it stands as cited."


@pytest.fixture(scope="module")
def draft() -> Draft:
    """The sample with its provisions upside down, so that the order of print is not that of the draft."""
    draft = sample_draft()
    provisions = sorted(draft.risk.provisions, key=lambda p: ("low", "medium", "high").index(p.severity))
    assert provisions != draft.risk.provisions
    return draft.model_copy(
        update={"risk": draft.risk.model_copy(update={"provisions": provisions}), "citations": ()}
    )


def _texts(draft: Draft, audience: Audience) -> dict[str, str]:
    return _whole(write_edition(make_edition(draft, APPROVAL, audience)))


def test_the_public_reads_what_concerns_it_before_the_law(draft: Draft) -> None:
    texts = _texts(draft, "public")
    provision = max(draft.risk.provisions, key=lambda p: p.severity == "high")
    for ending in (*READ, "csv"):
        places = [
            texts[ending].index(words)
            for words in (
                draft.consumer.sentences[0].text,
                provision.what_it_is.text,
                draft.legal.sentences[0].text,
            )
        ]
        assert places == sorted(places), ending
    for ending in READ:
        heads = [texts[ending].rindex(head) for head in ("In short", "What you should know", "For lawyers")]
        assert len(set(heads)) == 3, ending
    assert "What you should know" in texts["xlsx"] or "Point 1" in texts["xlsx"]


def test_the_public_reads_no_codes_and_no_terms_of_the_desk(draft: Draft) -> None:
    ids = [p.id for p in draft.document.passages]
    rules = {p.severity_rule for p in draft.risk.provisions}
    for ending, text in _texts(draft, "public").items():
        if ending == "json":
            continue
        for code in (*ids, *(f"{rule}:" for rule in rules), "Consumer 1", "Legal 1", "Provision 1", "risk."):
            assert not re.search(rf"(?<![\w.]){re.escape(code)}", text), (ending, code)
        for word in ("stated", "inferred", "absence", "unverified"):
            assert not re.search(rf"\b{word}\b", text.replace("whether it is inferred", "")), (ending, word)
        assert "the policy says so" in text
        assert "our inference" in text
        assert "searched for “adequacy decision”, “Article 45” and not found" in text
        assert "we saw it in secondary sources only" in text, ending


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_reading_begins_at_once_and_the_facts_stand_at_the_end(audience: Audience, draft: Draft) -> None:
    for ending, text in _texts(draft, audience).items():
        if ending not in READ:
            continue
        before = text[: text.index(draft.consumer.sentences[0].text)]
        assert "approved by Ines Moreau, 2 April 2026 · policy effective 1 March 2026" in before, ending
        # Nothing is told of letters that the PDF's fonts lack, for it lacks none.
        assert "marks" not in before
        assert "sha256" not in before
        assert text.index("Reviewed", len(before)) > text.index(draft.legal.sentences[-1].text), ending


def test_professionals_read_the_exact_terms(draft: Draft) -> None:
    for ending, text in _texts(draft, "professional").items():
        if ending != "json":
            assert "stated" in text
            assert "absence: searched the policy for “adequacy decision”, “Article 45” and found none" in text
            assert "the policy says so" not in text, ending


@pytest.mark.parametrize("audience", AUDIENCES)
def test_numbers_run_in_the_order_of_print_and_places_are_told_by_them(
    audience: Audience, draft: Draft
) -> None:
    edition = make_edition(draft, APPROVAL, audience)
    levels = [p.severity for p in edition.provisions]
    assert levels == sorted(levels, key=("high", "medium", "low").index)
    assert [p.path for p in edition.provisions] == [f"risk.provisions[{n}]" for n in range(len(levels))]
    files = write_edition(edition)
    (page,) = (c.decode() for name, c in files.items() if name.endswith(".html"))
    tree = LexborHTMLParser(page)
    numbers = [node.text() for node in tree.css("#provisions .card h3 .number")]
    assert numbers == [f"{n}." for n in range(1, len(levels) + 1)]
    # The links below a passage lead to the entries by the numbers that these have.
    word = "Point" if audience == "public" else "Provision"
    links = [link for link in tree.css(".below a") if link.text().startswith(f"{word} ")]
    assert links
    for link in links:
        number = link.text().split()[1].rstrip(",")
        claim = tree.css_first(link.attributes["href"] or "")
        assert claim is not None
        card = claim
        while "card" not in (card.attributes.get("class") or "").split():
            assert card.parent is not None
            card = card.parent
        title = card.css_first("h3 .number")
        assert title is not None
        assert title.text() == f"{number}."
    for ending, text in _whole(files).items():
        if ending in READ:
            found = [
                re.search(rf"\b{n}\. (?:[▲◆●] \w+ )?{re.escape(p.title)}", text)
                for n, p in enumerate(edition.provisions, start=1)
            ]
            assert all(found), ending


def test_where_the_desk_counts_otherwise_its_name_stands_beside_for_professionals(draft: Draft) -> None:
    names = {f"risk.provisions[{n}]": f"Provision {n + 2}" for n in range(len(draft.risk.provisions))}
    names |= {"legal.sentences[0]": "Legal 1", "legal.sentences[1]": "Legal 9"}
    edition = make_edition(draft, APPROVAL, "professional", desk_names=names)
    first = draft.risk.provisions.index(next(p for p in draft.risk.provisions if p.severity == "high"))
    assert edition.desk_name("risk.provisions[0]") == f"Provision {first + 2}"
    assert edition.desk_name("legal.sentences[0]") == ""
    for ending, text in _whole(write_edition(edition)).items():
        assert f"Provision {first + 2}" in text, ending
        assert "Legal 9" in text
        assert ending in ("json", "xlsx", "csv") or f"at the desk: Provision {first + 2}" in text
    public = make_edition(draft, APPROVAL, "public", desk_names=names)
    assert not [ending for ending, text in _whole(write_edition(public)).items() if "Legal 9" in text]


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize(
    ("field", "told"), [("updated_date", "last updated 8 July 2026"), ("bare_date", "dated 8 July 2026")]
)
def test_a_date_that_is_not_of_effect_is_called_effective_in_no_format(
    field: str, told: str, audience: Audience, draft: Draft
) -> None:
    legal = draft.legal.model_copy(update={"sentences": draft.legal.sentences[1:]})
    document = draft.document.model_copy(update={"effective_date": None, field: date(2026, 7, 8)})
    edition = make_edition(
        draft.model_copy(update={"document": document, "legal": legal}), APPROVAL, audience
    )
    files = write_edition(edition)
    assert all("2026-07-08" in name for name in files)
    for ending, text in _whole(files).items():
        assert not re.search(r"(?i)effective[^.;(]{0,20}8 July", text), ending
        assert ending not in ("html", "pdf") or told in text, ending
        assert ending == "json" or "8 July 2026 (as printed; " in text, ending


def test_a_source_without_an_address_is_told_to_be_a_file_and_an_unknown_capture_in_words(
    draft: Draft,
) -> None:
    source = draft.document.source.model_copy(update={"name": "privacy.html", "url": None})
    document = draft.document.model_copy(update={"source": source, "captured_at": None})
    edition = make_edition(draft.model_copy(update={"document": document}), APPROVAL, "public")
    facts = dict(told_facts(edition))
    assert facts["Source"] == "privacy.html (file as captured; its address was not recorded)"
    assert facts["Captured"] == "on a date that was not recorded"
    assert "Read from" not in facts
    there = dict(told_facts(make_edition(draft, APPROVAL, "public")))
    assert there["Source"] == draft.document.source.url


def _doubted(draft: Draft) -> str:
    """The path of a citation that the registry is not sure of."""
    (path,) = (
        f"legal.sentences[{n}].statutes[{k}]"
        for n, sentence in enumerate(draft.legal.sentences)
        for k, statute in enumerate(sentence.statutes)
        if statute.ref == "NE-NDPA"
    )
    return path


def test_what_an_editor_set_aside_is_told_with_the_reason_to_professionals_alone(draft: Draft) -> None:
    notes = (
        Finding(code="law.unverified", severity="info", path=_doubted(draft), message="Look the act up."),
        Finding(
            code="wording.hedge", severity="warning", path="risk.provisions[0].title", message="It hedges."
        ),
        Finding(code="coverage.gap", severity="warning", path="risk", message="Security is not told."),
    )
    reasons = (WHY, "The policy hedges too.", "The policy has nothing on it.")
    aside = [
        (note, set_aside(n, note, reason))
        for n, (note, reason) in enumerate(zip(notes, reasons, strict=True), 1)
    ]
    edition = make_edition(draft, APPROVAL, "professional", set_aside=aside)
    files = write_edition(edition)
    for ending, text in _whole(files).items():
        for note, reason in zip(notes, reasons, strict=True):
            assert reason in text, (ending, reason)
            assert note.message in text or (note is notes[0] and ending in READ), (ending, note.message)
    (page,) = (c.decode() for name, c in files.items() if name.endswith(".html"))
    tree = LexborHTMLParser(page)
    (chip,) = (
        chip for chip in tree.css("#legal .chip") if "NE-NDPA" in chip.text() or "Nebraska" in chip.text()
    )
    assert f"set aside by Ines Moreau: {WHY}" in chip.text()
    assert chip.css_first("b") is None
    # The note about the provision stands in its card, wherever the order of print has put that.
    title = draft.risk.provisions[0].title
    (card,) = (card for card in tree.css("#provisions .card") if title in card.text())
    assert "It hedges. Set aside by Ines Moreau: The policy hedges too." in card.text()
    public = _whole(write_edition(make_edition(draft, APPROVAL, "public", set_aside=aside)))
    for text in public.values():
        assert not [words for words in (*reasons, *(n.message for n in notes)) if words in text]


def test_every_reason_is_told_where_a_citation_is_doubted_twice_or_shows_no_doubt(draft: Draft) -> None:
    doubted = Finding(code="law.unverified", severity="info", path=_doubted(draft), message="Look it up.")
    sure = Finding(
        code="law.unknown_number", severity="info", path="legal.sentences[0].statutes[0]", message="Unknown."
    )
    notes = (doubted, doubted, sure)
    reasons = ("The act says so.", "The code says so.", "The number is right.")
    aside = [
        (note, set_aside(n, note, why)) for n, (note, why) in enumerate(zip(notes, reasons, strict=True), 1)
    ]
    edition = make_edition(draft, APPROVAL, "professional", set_aside=aside)
    assert not edition.legal[0].statutes[0].doubt
    for ending, text in _whole(write_edition(edition, READ)).items():
        assert [why for why in reasons if why not in text] == [], ending


def test_the_desk_hands_over_what_was_set_aside_and_how_it_counts(tmp_path: Path) -> None:
    with ReviewStore.open(tmp_path / "store.db") as store:
        desk = Desk(store, clock=Clock())
        id_ = desk.enter_draft(sample_draft(), "anna").id
        folded = desk.open(id_).folded
        note = next(f for f in folded.findings if f.finding.code == "readability.strict_grade")
        desk.decide(
            id_,
            "anna",
            [
                NewDecision(kind="dismiss", path=note.path, after={"finding": note.key}, reason=WHY),
                NewDecision(kind="reject", path="legal.sentences[0]", reason="Not now."),
            ],
            {path: unit.last for path, unit in folded.units.items()},
        )
        desk.approve(id_, "anna", override="Unread.")
        publish(desk, id_, "anna", "professional", tmp_path / "out")
        (row,) = store.publications(id_)
        edition = published_edition(desk, row)
    assert edition.professional is not None
    (told,) = edition.professional.set_aside
    assert (told.code, told.by, told.reason) == (note.finding.code, "anna", WHY)
    assert edition.desk_name("legal.sentences[0]") == "Legal 2"


def _statute(cite: str) -> EditionStatute:
    return EditionStatute(ref=cite, cite=cite, title="A title that is long", basis=None, doubt="")


@pytest.mark.parametrize(
    ("cites", "told"),
    [
        (("Art. 6(1)(f) GDPR", "Art. 21(1) GDPR"), "Art. 6(1)(f), 21(1) GDPR"),
        (("Cal. Civ. Code § 1798.120", "Cal. Civ. Code § 1798.135"), "Cal. Civ. Code § 1798.120, 1798.135"),
        (("Art. 7 GDPR",), "Art. 7 GDPR"),
        (("My Health My Data Act",), "My Health My Data Act"),
        (("GDPR", "Art. 7 GDPR"), "GDPR, Art. 7 GDPR"),
        (("Art. 7 GDPR", "Art. 7 GDPR"), "Art. 7 GDPR"),
        ((), ""),
    ],
)
def test_the_title_of_an_exposure_says_each_part_of_its_citations_once(
    cites: tuple[str, ...], told: str
) -> None:
    edition = make_edition(sample_draft(), APPROVAL, "professional")
    assert edition.professional is not None
    exposure: EditionExposure = edition.professional.regulatory_exposure[0]
    assert told_exposure(exposure.model_copy(update={"statutes": tuple(map(_statute, cites))})) == told


def test_an_exposure_tells_each_provision_of_law_once_with_its_title_below_the_heading() -> None:
    draft = sample_draft()
    exposure = draft.risk.regulatory_exposure[0]
    cited = [StatuteCitation(ref="GDPR:6(1)(f)", basis="inferred")]
    exposure = exposure.model_copy(
        update={"rationale": exposure.rationale.model_copy(update={"statutes": cited})}
    )
    risk = draft.risk.model_copy(update={"regulatory_exposure": [exposure]})
    texts = _texts(draft.model_copy(update={"risk": risk}), "professional")
    for ending in READ:
        text = texts[ending]
        part = text[
            text.rindex("1. Art. 6(1)(f), 21(1) GDPR")
            if ending != "md"
            else text.rindex("Art. 6(1)(f), 21(1) GDPR") :
        ]
        part = part[: part.index("Material risks")]
        assert part.count("Lawfulness of processing") == 1, ending
        assert part.count("Right to object") == 1, ending


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("plain", "“plain”"),
        ("“Privacy Requests”", "‘“Privacy Requests”’"),
        ('"Attn: DPO" letter', '‘"Attn: DPO" letter’'),
        ("by the “form”", "‘by the “form”’"),
        ("the “form” below", "“the “form” below”"),
        ("", "“”"),
    ],
)
def test_no_quotation_mark_is_doubled(words: str, told: str) -> None:
    assert in_quotes(words) == told


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_override_leads_to_places_by_their_numbers_in_print(audience: Audience, draft: Draft) -> None:
    path = f"risk.provisions[{len(draft.risk.provisions) - 1}].what_it_is.text"
    finding = Finding(code="facts.number", severity="error", path=path, message="No such number.")
    edition: Edition = make_edition(draft, OVERRIDDEN, audience, blocking=[finding])
    texts = _whole(write_edition(edition))
    assert set(texts) == set(FORMATS)
    if audience == "professional":
        rank = next(n for n, p in enumerate(edition.provisions) if p.title == draft.risk.provisions[-1].title)
        assert [f.message for f in edition.findings_at(f"risk.provisions[{rank}].what_it_is")] == [
            finding.message
        ]
        for ending, text in texts.items():
            assert f"Provision {rank + 1}, what it is, text" in text, ending
        (table,) = (c for n, c in write_edition(edition, ("csv",)).items() if n.endswith("-risks.csv"))
        rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
        (row,) = (row for row in rows if row["Place in this edition"] == f"Provision {rank + 1}")
        assert finding.message in row["Overridden findings"]
