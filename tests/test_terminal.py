"""The terminal: what a draft says and what carries it, at any width, without a way for its text to steer the terminal."""

import io
import re

import pytest
from rich.console import Console

from pipeline.publish.terminal import print_draft
from pipeline.registry.decisions import load_decisions
from schemas.draft import Draft
from schemas.finding import Finding
from schemas.summaries import Evidence
from tests.sample_draft import HOSTILE, hostile_draft, sample_draft


@pytest.fixture(scope="module")
def draft() -> Draft:
    by_status = {decision.status: decision.id for decision in load_decisions().decisions}
    return sample_draft((*by_status.values(), "EP-NOWHERE"))


def _print(draft: Draft, width: int = 80, *, terminal: bool = False) -> str:
    file = io.StringIO()
    print_draft(draft, Console(file=file, width=width, force_terminal=terminal))
    return file.getvalue()


def _flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("width", [80, 100, 120])
def test_it_tells_the_draft_in_the_order_of_a_reader(draft: Draft, width: int) -> None:
    text = _flat(_print(draft, width))
    told = [
        "Larkspur Notes Privacy Policy",
        "Larkspur Notes · effective 1 March 2026 · captured 14 March 2026, 09:30 UTC",
        "1 error, 4 warnings, 1 note. Errors block publication.",
        "Not legal advice.",
        *(sentence.text for sentence in draft.consumer.sentences),
        *(sentence.text for sentence in draft.legal.sentences),
        "Risk assessment",
        "Regulatory exposure",
        *(exposure.rationale.text for exposure in draft.risk.regulatory_exposure),
        "Material risks",
        "Due diligence",
        *(action.action for action in draft.risk.vendor_due_diligence),
        "Precedents and guidance",
        "not in the registry: EP-NOWHERE",
        "Looked at and left out",
        "Findings",
    ]
    at = 0
    for words in told:
        assert words in text[at:], words
        at = text.index(words, at) + len(words)
    for finding in draft.findings:
        if finding.severity != "info":
            assert finding.message in text[at:]
            assert finding.code in text[at:]


def test_each_sentence_of_the_summaries_stands_with_its_words_and_their_place(draft: Draft) -> None:
    text = _flat(_print(draft, 120))
    for sentence in (*draft.consumer.sentences, *draft.legal.sentences):
        after = text[text.index(sentence.text) :]
        for evidence in sentence.evidence:
            assert f"“{evidence.quote}” {evidence.passage_id}" in after


def test_each_provision_stands_with_its_severity_its_words_and_what_to_do(draft: Draft) -> None:
    text = _flat(_print(draft, 120))
    marks = zip(draft.risk.provisions, ("▲ high", "◆ medium", "● low"), strict=True)
    for number, (provision, mark) in enumerate(marks, start=1):
        after = text[text.index(f"{mark} {number}. {provision.title}") :]
        assert provision.what_it_is.text in after
        assert f"“{provision.what_it_is.evidence[0].quote}”" in after
        assert f"→ {provision.what_you_can_do[0].text}" in after


def test_warnings_are_told_and_notes_only_counted(draft: Draft) -> None:
    text = _flat(_print(draft, 120))
    for finding in draft.findings:
        assert (finding.message in text) == (finding.severity != "info")
    assert "1 note" in text


def test_each_precedent_is_told_with_its_status(draft: Draft) -> None:
    text = _flat(_print(draft, 120))
    for precedent in draft.risk.enforcement_precedents[:-1]:
        decision = load_decisions().get(precedent.decision_id)
        assert decision is not None
        words = {"soft_law": "guidance", "complaint_only": "complaint only"}.get(
            decision.status, decision.status.replace("_", " ")
        )
        line = re.search(
            rf"[●◆✖] {words}[^:]*: {re.escape(decision.authority)}:? {re.escape(decision.respondent)}", text
        )
        assert line is not None, decision.id


@pytest.mark.parametrize("width", [40, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal_or_ends_in_spaces(draft: Draft, width: int) -> None:
    for line in _print(draft, width).splitlines():
        assert len(line) <= min(width, 120)
        assert line == line.rstrip()


def test_piped_output_has_no_escape_sequences(draft: Draft) -> None:
    assert "\x1b" not in _print(draft)


def test_a_terminal_gets_colours_and_no_other_escape_sequence() -> None:
    text = _print(hostile_draft(("EP-NOWHERE",)), terminal=True)
    assert "\x1b[" in text
    without = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", without)


def test_richs_own_markup_in_a_text_is_text() -> None:
    text = _flat(_print(hostile_draft(), 120))
    assert "[bold]loud[/bold] [/]" in text
    assert HOSTILE[0] in text


def test_many_quotes_are_counted_and_the_faulty_ones_among_them_shown(draft: Draft) -> None:
    sentence = draft.consumer.sentences[1]
    evidence = [*sentence.evidence * 6, Evidence(passage_id="intro.1", quote="Never written.")]
    citation = next(c for c in draft.citations if c.path == "consumer.sentences[1].evidence[0]")
    citations = [
        citation.model_copy(update={"path": f"consumer.sentences[1].evidence[{n}]"}) for n in range(6)
    ]
    consumer = draft.consumer.model_copy(
        update={
            "sentences": [
                draft.consumer.sentences[0],
                sentence.model_copy(update={"evidence": evidence}),
                draft.consumer.sentences[2],
            ]
        }
    )
    text = _flat(_print(draft.model_copy(update={"consumer": consumer, "citations": tuple(citations)})))
    assert "… and 3 more quotes" in text
    assert "“Never written.” intro.1 not found in this passage" in text


def test_a_long_quote_is_cut_and_shows_it(draft: Draft) -> None:
    sentence = draft.consumer.sentences[0]
    long = Evidence(passage_id="intro.2", quote="word " * 100)
    consumer = draft.consumer.model_copy(
        update={
            "sentences": [sentence.model_copy(update={"evidence": [long]}), *draft.consumer.sentences[1:]]
        }
    )
    text = _flat(_print(draft.model_copy(update={"consumer": consumer})))
    quote = re.search("“(word [^”]*)”", text)
    assert quote is not None
    assert quote[1].endswith("…")
    assert len(quote[1]) <= 110


def test_many_findings_are_cut_and_counted(draft: Draft) -> None:
    many = tuple(
        Finding(
            code="evidence.missing",
            severity="error",
            path="legal.sentences[0]",
            message=f"Fault {n} of many.",
        )
        for n in range(1, 31)
    )
    text = _flat(_print(draft.model_copy(update={"findings": many})))
    assert "Fault 20 of many." in text
    assert "Fault 21 of many." not in text
    assert "… and 10 more in the files" in text
    assert "30 errors" in text


def test_a_clean_draft_ends_by_saying_so(draft: Draft) -> None:
    text = _print(draft.model_copy(update={"findings": ()}))
    assert text.rstrip().endswith("✓ Clean: no finding needs an editor.")
