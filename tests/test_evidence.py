"""A quote has its place in its passage, or there is a finding; an absence was searched for, or there is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.evidence import check_evidence, find_term, locate
from pipeline.checks.folding import fold_text
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import Action
from schemas.summaries import ConsumerSummary, Evidence
from tests import tidewater as td

POLICY = """\
# Quillhaven Privacy Policy

Effective June 2, 2026.

We use your “drafts” to train Quill\u00a0— our assistant — unless you opt\u2011out of it.
Drafts are kept for 130 days, and we may share them with the company’s partners.
Reprocessing of drafts ends when you close the account.
You can write to our privacy desk about sharing.
Contact us

## Countries

Countries: Norway | Safeguard: standard clauses
"""
DOCUMENT = td.tidewater(POLICY)


def _holder(words: str, document: Document = DOCUMENT) -> str:
    return next(p.id for p in document.passages if words in fold_text(document.text_of(p)))


def _check(
    *evidence: tuple[str, str], text: str = "It says so.", basis: str = "stated", absent: tuple[str, ...] = ()
) -> list[Finding]:
    rest = td.claim(DOCUMENT, "It says so.", "Effective June 2, 2026.")
    claim = {
        "text": text,
        "basis": basis,
        "evidence": [{"passage_id": p, "quote": q} for p, q in evidence],
        "absent_terms": list(absent),
        "statutes": [],
    }
    sentences = [
        {**claim, "role": "what_and_whom"},
        {**rest, "role": "most_important"},
        {**rest, "role": "what_you_can_do"},
    ]
    return check_evidence(DOCUMENT, ConsumerSummary.model_validate({"sentences": sentences}), "consumer")[1]


@pytest.mark.parametrize(
    ("quote", "match"),
    [
        ("Drafts are kept for 130 days", "exact"),
        ('use your "drafts" to train Quill - our assistant', "normalised"),
        ("use your 'drafts'", None),
        ("unless you opt-out of it", "normalised"),
        ("the company's  partners", "normalised"),
        ("Drafts were kept for 130 days", None),
        ("drafts are kept", None),
    ],
)
def test_a_quote_is_found_to_the_character_or_after_folding_or_not_at_all(
    quote: str, match: str | None
) -> None:
    holder = (
        _holder("Drafts are kept") if "kept" in quote or "partners" in quote else _holder("to train Quill")
    )
    located = locate(DOCUMENT, Evidence(passage_id=holder, quote=quote))
    assert (located.match if located else None) == match
    if located:
        assert fold_text(located.span.of(DOCUMENT.text)) == fold_text(quote)


@given(st.data())
def test_every_run_of_words_has_its_place_however_it_is_typed(data: st.DataObject) -> None:
    passage = data.draw(st.sampled_from(DOCUMENT.passages))
    words = DOCUMENT.text_of(passage).split()
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    quote = " ".join(words[start:end])
    typed = quote.translate(
        data.draw(
            st.sampled_from([{}, {0x2019: "'"}, {0x201C: '"', 0x201D: '"'}, {0x2014: "-"}, {0x20: "\u00a0"}])
        )
    )
    located = locate(DOCUMENT, Evidence(passage_id=passage.id, quote=typed))
    assert located is not None
    assert passage.span.start <= located.span.start < located.span.end <= passage.span.end
    assert fold_text(located.span.of(DOCUMENT.text)) == fold_text(quote)
    assert (located.match == "exact") == (typed in DOCUMENT.text_of(passage))


@given(st.data())
def test_a_changed_word_has_no_place(data: st.DataObject) -> None:
    passage = data.draw(st.sampled_from(DOCUMENT.passages))
    words = DOCUMENT.text_of(passage).split()
    words[data.draw(st.integers(0, len(words) - 1))] = "zebra"
    assert locate(DOCUMENT, Evidence(passage_id=passage.id, quote=" ".join(words))) is None


def test_the_place_of_each_quote_is_recorded_with_its_path() -> None:
    document = td.tidewater()
    citations, findings = check_evidence(document, td.risk(document), "risk")
    assert findings == []
    assert "risk.provisions[0].what_it_is.evidence[0]" in {c.path for c in citations}
    for citation in citations:
        passage = document.find(citation.passage_id)
        assert passage is not None
        assert citation.span.of(document.text) in document.text_of(passage)


@pytest.mark.parametrize(
    ("passage", "quote", "code", "said"),
    [
        ("", "Drafts are kept for 130 days", "evidence.quote_missing", "these words stand in {kept}"),
        ("kept", "Drafts are stored for 130 days", "evidence.quote_missing", '"Drafts are kept for 130 days'),
        (
            "kept",
            "Drafts are kept ... with the company’s partners",
            "evidence.quote_missing",
            "one unbroken run",
        ),
        ("kept", "Bees visit every flower at noon", "evidence.quote_missing", "drop the claim"),
        (
            "nowhere.9",
            "Drafts are kept for 130 days",
            "evidence.unknown_passage",
            "these words stand in {kept}",
        ),
        ("nowhere.9", "Bees visit", "evidence.unknown_passage", "square brackets"),
        ("kept", "kept for 13", "evidence.quote_cuts_word", '"kept for 130"'),
        ("kept", "30 days, and we may", "evidence.quote_cuts_word", '"130 days, and we may"'),
        ("kept", "share", "evidence.quote_too_short", "at least 3 words"),
        ("kept", "  ", "evidence.quote_too_short", "empty"),
    ],
)
def test_a_quote_without_a_place_is_told_with_what_to_do(
    passage: str, quote: str, code: str, said: str
) -> None:
    kept = _holder("Drafts are kept")
    place = {"kept": kept, "": _holder("Reprocessing")}.get(passage, passage)
    (finding,) = _check((place, quote))
    assert (finding.code, finding.severity) == (code, "error")
    assert finding.path == "consumer.sentences[0].evidence[0]"
    assert said.format(kept=kept) in finding.message


def test_the_nearest_words_of_another_passage_are_offered() -> None:
    place = _holder("Norway")
    (finding,) = _check(
        (place, "We may share drafts with the partners of the company: Reprocessing of draft ends")
    )
    assert finding.code == "evidence.quote_missing"
    (finding,) = _check((place, "Reprocessing of the drafts ends when you close the account"))
    assert _holder("Reprocessing") in finding.message


def test_a_word_inside_another_is_no_quote_when_it_stands_alone_elsewhere() -> None:
    document = td.tidewater(
        "# Privacy Policy\n\nWe process data. Unprocessed data and processed data are your data here.\n"
    )
    passage = next(p for p in document.passages if "Unprocessed" in document.text_of(p))
    located = locate(document, Evidence(passage_id=passage.id, quote="processed data"))
    assert located is not None
    assert document.text[located.span.start - 1] == " "


def test_a_short_passage_a_name_or_a_number_may_be_quoted_by_less_than_three_words() -> None:
    assert _check((_holder("Contact us"), "Contact us")) == []
    assert _check((_holder("Drafts are kept"), "130 days")) == []
    assert _check((_holder("to train Quill"), "Quill")) == []


def test_a_stated_claim_without_evidence_is_an_error_and_an_inferred_one_is_not() -> None:
    (finding,) = _check()
    assert finding.code == "evidence.missing"
    assert _check(basis="inferred") == []


def test_an_absence_is_searched_for_in_the_whole_document() -> None:
    text = "It does not name an adequacy decision."
    assert _check(text=text, absent=("adequacy decision", "Article 45")) == []
    (finding,) = _check(text=text, absent=("safeguards",))
    assert (finding.code, finding.path) == (
        "evidence.absence_refuted",
        "consumer.sentences[0].absent_terms[0]",
    )
    assert _holder("Norway") in finding.message
    (finding,) = _check(text="It names Norway.", absent=("adequacy decision",))
    assert finding.code == "evidence.absence_unworded"
    for unfit in ("to", "one two three four five six seven"):
        (finding,) = _check(text=text, absent=(unfit,))
        assert finding.code == "evidence.absence_term_unfit"


@pytest.mark.parametrize(
    ("term", "found"),
    [
        ("share", True),
        ("shares", True),
        ("country", True),
        ("drafts", True),
        ("draft", True),
        ("process", False),
        ("opt out", True),
        ("OPT-OUT", True),
        ("partner", True),
        ("retention period", False),
        ("Privacy Policy", True),
    ],
)
def test_a_term_is_found_as_a_whole_word_in_any_case_with_common_endings(term: str, found: bool) -> None:
    assert (find_term(DOCUMENT, term) is not None) == found


TABLE = td.tidewater(
    POLICY
    + """

## Periods and uses

| Data | Period | Use for training | Remark |
| --- | --- | --- | --- |
| Shop orders | Seven years | Not used at any place | none |
| Place data \u2013 only where a town is known | three years | Not used | none |

- Trade details \u2013 what you bought from us or looked at before.
- What you bought from the shop of a partner.
"""
)


@pytest.mark.parametrize(
    ("words", "quote"),
    [
        ("Shop orders", "Seven years"),
        ("Shop orders", "Shop orders"),
        ("Place data", "three years"),
        ("Place data", "Not used"),
        ("Place data", "Place data \u2013"),
        ("Trade details", "Trade details -"),
    ],
)
def test_a_whole_cell_or_label_may_be_quoted_however_short(words: str, quote: str) -> None:
    claim = td.claim(TABLE, "It says so.", role="what_and_whom")
    claim["evidence"] = [{"passage_id": _holder(words, TABLE), "quote": quote}]
    assert _quoted(claim) == []


@pytest.mark.parametrize(
    ("words", "quote"),
    [("Shop orders", "Not used"), ("Place data", "for training"), ("from the shop", "the shop")],
)
def test_a_piece_of_a_cell_a_heading_or_an_item_is_too_short(words: str, quote: str) -> None:
    claim = td.claim(TABLE, "It says so.", role="what_and_whom")
    claim["evidence"] = [{"passage_id": _holder(words, TABLE), "quote": quote}]
    assert _quoted(claim) == ["evidence.quote_too_short"]


def _quoted(claim: dict[str, object]) -> list[str]:
    rest = [
        td.claim(TABLE, "It says so.", "bought from the shop", role=r)
        for r in ("most_important", "what_you_can_do")
    ]
    summary = ConsumerSummary.model_validate({"sentences": [claim, *rest]})
    return [f.code for f in check_evidence(TABLE, summary, "consumer")[1]]


@pytest.mark.parametrize("basis", ["stated", "inferred"])
def test_a_precaution_needs_no_evidence_whatever_its_basis_and_a_request_does(basis: str) -> None:
    document = td.tidewater()
    risk = td.risk(document)
    fields = {"text": "Keep secrets out.", "basis": basis, "evidence": [], "absent_terms": [], "statutes": []}
    advice = [Action.model_validate({**fields, "kind": kind}) for kind in ("precaution", "request")]
    provision = risk.provisions[0].model_copy(update={"what_you_can_do": advice})
    changed = risk.model_copy(update={"provisions": [provision, *risk.provisions[1:]]})
    findings = check_evidence(document, changed, "risk")[1]
    expected = ["risk.provisions[0].what_you_can_do[1]"] if basis == "stated" else []
    assert [f.path for f in findings if f.code == "evidence.missing"] == expected


def test_terms_are_doubtful_in_another_language() -> None:
    document = DOCUMENT.model_copy(update={"language": "de"})
    summary = td.consumer(td.tidewater())
    for sentence in summary.sentences:
        sentence.evidence, sentence.absent_terms, sentence.text = [], ["adequacy decision"], "It names none."
    findings = check_evidence(document, summary, "consumer")[1]
    assert {f.code for f in findings} == {"evidence.absence_unproven"}
    assert {f.severity for f in findings} == {"warning"}
