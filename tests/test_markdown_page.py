"""The Markdown page: everything of the draft is in it, and no text of the policy or the model is markup."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from pipeline.publish.markdown import write_markdown
from pipeline.publish.markdown_text import write_code, write_text
from pipeline.publish.shown import shown
from pipeline.registry.decisions import load_decisions
from schemas.draft import Draft
from schemas.summaries import Claim, Evidence
from tests.sample_draft import HOSTILE, hostile_draft, sample_draft, walk

_READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_ADDRESS = re.compile(r"://|@|www\.|\w\.[a-z]{2}", re.IGNORECASE)

# The markup that the page itself writes; a link, an image, HTML, a table or a rule is not among it.
_BLOCKS = {
    "heading_open",
    "heading_close",
    "paragraph_open",
    "paragraph_close",
    "bullet_list_open",
    "bullet_list_close",
    "list_item_open",
    "list_item_close",
    "inline",
}
_INLINES = {"text", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}


@pytest.fixture(scope="module")
def draft() -> Draft:
    by_status = {decision.status: decision.id for decision in load_decisions().decisions}
    return sample_draft((*by_status.values(), "EP-NOWHERE"))


def _inlines(markdown: str) -> list[Token]:
    return [child for token in _READER.parse(markdown) for child in token.children or ()]


def _read(markdown: str) -> str:
    """The words that a reader of the rendered page sees, one line for each block."""
    lines = [
        "".join(child.content for child in token.children or ())
        for token in _READER.parse(markdown)
        if token.type == "inline"
    ]
    return "\n".join(lines)


def test_every_claim_quote_and_finding_is_in_it(draft: Draft) -> None:
    words = _read(write_markdown(draft))
    for root in ("consumer", "legal", "risk"):
        for _, claim in walk(getattr(draft, root), root, Claim):
            assert claim.text in words
            assert all(f"“{term}”" in words for term in claim.absent_terms)
        for _, evidence in walk(getattr(draft, root), root, Evidence):
            assert f"“{evidence.quote}” {evidence.passage_id}" in words
    for finding in draft.findings:
        assert f"{finding.message} {finding.code}" in words
    for provision in draft.risk.provisions:
        assert provision.title in words
        assert provision.who_is_affected in words
    for risk in draft.risk.material_risks:
        assert all(mitigation in words for mitigation in (risk.title, *risk.mitigations))
    for action in draft.risk.vendor_due_diligence:
        assert all(paper in words for paper in (action.action, action.owner, *action.evidence_to_request))
    for left_out in draft.risk.left_out:
        assert left_out.reason in words


def test_it_tells_notice_state_dates_law_and_provenance(draft: Draft) -> None:
    words = _read(write_markdown(draft))
    for told in (
        "Not legal advice.",
        "1 error, 4 warnings, 1 note. Errors block publication.",
        "effective: 1 March 2026",
        "captured: 14 March 2026, 09:30 UTC",
        "Art. 6(1)(f) GDPR, Lawfulness of processing (inferred)",
        "heron-large-2026-02 (asked for heron-large)",
        "USD 0.0468 and 1 unpriced stage",
        "request 1: sent back, heron-large-2026-02",
        "legal.sentences[2].evidence[0]: the quote is not in its passage.",
        draft.provenance.registry_sha256,
    ):
        assert told in words


def test_each_precedent_has_its_status(draft: Draft) -> None:
    words = _read(write_markdown(draft))
    assert "EP-NOWHERE: not in the registry" in words
    for precedent in draft.risk.enforcement_precedents[:-1]:
        decision = load_decisions().get(precedent.decision_id)
        assert decision is not None
        status = {"soft_law": "guidance", "complaint_only": "complaint only"}.get(
            decision.status, decision.status.replace("_", " ")
        )
        assert f"{decision.respondent}: {status}" in words
        assert decision.authority in words
        assert not decision.status_note or decision.status_note in words


def test_a_quote_that_is_not_in_its_passage_is_marked(draft: Draft) -> None:
    sentence = draft.consumer.sentences[0]
    evidence = [Evidence(passage_id="intro.1", quote="Never."), Evidence(passage_id="no.9", quote="Nowhere.")]
    consumer = draft.consumer.model_copy(
        update={
            "sentences": [sentence.model_copy(update={"evidence": evidence}), *draft.consumer.sentences[1:]]
        }
    )
    left = tuple(c for c in draft.citations if not c.path.startswith("consumer.sentences[0]"))
    words = _read(write_markdown(draft.model_copy(update={"consumer": consumer, "citations": left})))
    assert "“Never.” intro.1 not found in this passage" in words
    assert "“Nowhere.” no.9 the document has no such passage" in words


def test_hostile_text_makes_no_markup(draft: Draft) -> None:
    page = write_markdown(hostile_draft(("EP-NOWHERE",)))
    tokens = _READER.parse(page)
    assert {token.type for token in tokens} <= _BLOCKS
    assert {token.type for token in _inlines(page)} <= _INLINES

    def headings(markdown: str) -> list[str]:
        return [token.tag for token in _READER.parse(markdown) if token.type == "heading_open"]

    assert headings(page) == headings(write_markdown(sample_draft(("EP-NOWHERE",))))


def test_hostile_text_is_read_as_the_text_it_is() -> None:
    words = _read(write_markdown(hostile_draft()))
    for text in HOSTILE:
        assert " ".join(shown(text).split()) in words


def test_hostile_text_leaves_no_address_for_a_renderer_to_link() -> None:
    for token in _inlines(write_markdown(hostile_draft())):
        if token.type == "text":
            assert not _ADDRESS.search(token.content), token.content


def test_no_html_and_no_template_is_in_its_source() -> None:
    page = write_markdown(hostile_draft())
    assert not re.search(r"[<>]|\{\{|\{%", page)


def test_no_control_character_is_in_its_source() -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", write_markdown(hostile_draft()))


def test_the_same_draft_gives_the_same_characters(draft: Draft) -> None:
    assert write_markdown(draft) == write_markdown(Draft.model_validate_json(draft.model_dump_json()))


@given(st.text(st.one_of(st.sampled_from("\\`*_{}[]()<>#+-.!|~&=:@$^\"'w. 19)ahtp/\n"), st.characters())))
@example("# heading")
@example("    indented")
@example("1. item")
@example("12) item")
@example("- item")
@example("+ item")
@example("> quote")
@example("===")
@example("---")
@example("***")
@example("~~~ fence")
@example(": definition")
@example("| a | b |")
@example("[a]: https://evil.example 'title'")
@example("https://evil.example/`x`(y)")
@example("a&copy;b &#64;")
@example("`` ` ``")
@example("line\nline\n\n# heading")
@example("trailing  ")
@example("trailing\\")
def test_any_text_is_read_as_that_text(text: str) -> None:
    for before in ("", "- ", "- “"):
        tokens = _READER.parse(before + write_text(shown(text)))
        assert {token.type for token in tokens} <= _BLOCKS
        inlines = [child for token in tokens for child in token.children or ()]
        assert {child.type for child in inlines} <= {"text", "code_inline"}
        assert not any(child.type == "text" and _ADDRESS.search(child.content) for child in inlines)
        read = "".join(child.content for child in inlines).removeprefix("“")
        assert " ".join(read.split()) == " ".join(shown(text).split())


@given(st.text())
@example("`")
@example("a`b")
@example("<script>")
def test_any_id_is_read_as_that_id(text: str) -> None:
    inlines = _inlines("- " + write_code(shown(text)))
    assert {child.type for child in inlines} <= {"text", "code_inline"}
    assert " ".join("".join(child.content for child in inlines).split()) == " ".join(shown(text).split())
