"""A draft: what it holds, what made it, and that it can be read again."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.checks.artefacts import check_artefact, check_document
from pipeline.checks.consistency import check_consistency
from pipeline.checks.whole import check_all
from pipeline.draft import write_draft
from pipeline.registry.digest import registry_sha256
from pipeline.review.desk import Desk
from pipeline.stages.opening import passages_sha256
from pipeline.store.review_records import QueueQuery
from pipeline.store.reviews import ReviewStore
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from pipeline.summarize import summarize_source, write_draft_files
from schemas.document import Document
from schemas.draft import Draft
from schemas.finding import Finding
from tests.endpoint import Endpoint, answer
from tests.tidewater import POLICY, answers_for, consumer, legal, risk, tidewater


@pytest.fixture(scope="module")
def document() -> Document:
    return tidewater()


@pytest.fixture
def store() -> Iterator[SqliteStore]:
    with SqliteStore(IN_MEMORY) as opened:
        yield opened


def test_all_checks_run_over_the_document_and_each_artefact(document: Document) -> None:
    made = consumer(document), legal(document), risk(document)
    made[0].sentences[0].evidence[0].quote = "words that no passage has"
    made[1].sentences[1].evidence[0].passage_id = "nowhere.1"
    made[2].provisions[0].category = "gossip"
    citations, findings = check_all(document, *made)
    expected = [*check_document(document), *check_consistency(document, *made)]
    for artefact in made:
        expected += check_artefact(document, artefact)[1]
    assert sorted(f.model_dump_json() for f in findings) == sorted(f.model_dump_json() for f in expected)
    roots = {f.path.partition(".")[0] for f in findings if f.severity == "error"}
    assert roots == {"consumer", "legal", "risk"}
    for citation in citations:
        passage = document.find(citation.passage_id)
        assert passage is not None
        assert passage.span.start <= citation.span.start < citation.span.end <= passage.span.end


def test_every_quote_of_a_faultless_draft_has_its_place(document: Document) -> None:
    made = consumer(document), legal(document), risk(document)
    citations, findings = check_all(document, *made)
    assert [f for f in findings if f.severity == "error"] == []
    quotes = [e.quote for artefact in made[:2] for s in artefact.sentences for e in s.evidence]
    assert {citation.span.of(document.text) for citation in citations} >= set(quotes)
    assert len({citation.path for citation in citations}) == len(citations)


async def test_findings_of_the_document_stand_in_the_draft(
    document: Document, endpoint: Endpoint, store: SqliteStore
) -> None:
    seen = Finding(
        code="document.hidden_text", severity="warning", path="intro.1", message="Something was hidden."
    )
    endpoint.script_with(answers_for(document))
    draft = await write_draft(
        document.model_copy(update={"findings": (seen,)}), endpoint.settings(), store=store
    )
    assert seen in draft.findings


async def test_provenance_says_what_made_the_draft(
    document: Document, endpoint: Endpoint, store: SqliteStore
) -> None:
    endpoint.script_with(answers_for(document))
    secret_url = endpoint.url.replace("http://", "http://user:open-sesame@") + "/"
    draft = await write_draft(document, endpoint.settings(base_url=secret_url), store=store)
    made = draft.provenance
    assert made.source_sha256 == hashlib.sha256(POLICY.encode()).hexdigest()
    assert made.passages_sha256 == passages_sha256(document)
    assert made.registry_sha256 == registry_sha256()
    assert [s.stage for s in made.stages] == ["consumer", "legal", "risk"]
    assert made.versions["openai"].startswith("3.")
    assert made.versions["instructor"].startswith("1.")
    assert made.endpoint == endpoint.url
    assert "open-sesame" not in draft.model_dump_json()


async def test_draft_is_read_again_as_it_was_written(endpoint: Endpoint, tmp_path: Path) -> None:
    path = tmp_path / "tidewater.md"
    path.write_text(POLICY, encoding="utf-8")
    endpoint.script_with(answers_for(tidewater()))
    draft = await summarize_source(str(path), endpoint.settings(store=IN_MEMORY))
    written = write_draft_files(draft, tmp_path / "out")
    assert [p.name for p in written] == ["draft.json", "draft.md", "draft.html"]
    assert Draft.model_validate_json(written[0].read_bytes()) == draft
    assert json.loads(written[0].read_text(encoding="utf-8"))["schema_version"] == "1.0"
    for page in written[1:]:
        text = page.read_text(encoding="utf-8")
        assert "Tidewater" in text
        assert str(tmp_path) not in text


async def test_a_draft_is_kept_for_the_queue_once_however_often_it_is_written(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    path = tmp_path / "tidewater.md"
    path.write_text(POLICY, encoding="utf-8")
    endpoint.script_with(answers_for(tidewater()))
    settings = endpoint.settings(store=tmp_path / "store.db")
    draft = await summarize_source(str(path), settings)
    assert await summarize_source(str(path), settings) != draft  # its stages came from the store
    with ReviewStore.open(settings.store) as reviews:
        desk = Desk(reviews)
        assert desk.enter_all().count == 1
        (row,) = desk.queue(QueueQuery()).rows
        assert desk.open(row.id).draft == draft


async def test_tokens_of_answers_that_were_sent_back_are_in_the_bill(
    document: Document, endpoint: Endpoint, store: SqliteStore
) -> None:
    wrong = consumer(document)
    wrong.sentences[1].evidence[0].quote = "words that no passage has"
    endpoint.script(answer(wrong, model="gpt-4o-mini"))
    endpoint.script_with(answers_for(document))
    draft = await write_draft(document, endpoint.settings(), store=store)
    first = draft.provenance.stages[0]
    assert [a.usage.prompt_tokens for a in first.attempts] == [100, 100]
    assert [a.model for a in first.attempts] == ["gpt-4o-mini", "scripted-1"]
    assert first.models_answered == ("gpt-4o-mini", "scripted-1")
