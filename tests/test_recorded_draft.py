"""The recorded draft of the bundled policy: nothing for an editor, every must fact, none of the errors of the published summaries.

What it is held against is the gold. That a fact is told is read from its keys (the words a text must have to state it); that an
error is not made, from words that the erroneous statement in the gold has itself, so that a pattern that sees nothing fails.
"""

import asyncio
import re
from collections.abc import Iterator

import pytest

from eval.bundled import policy_path, recorded_settings, recording_path
from eval.cases import gold_folder, load_case
from eval.keys import has_key, meets
from eval.replay import replay
from pipeline.checks.claims import root_of, walk_claims, walk_prose
from pipeline.summarize import summarize_source
from schemas.draft import Draft
from schemas.gold import Fact

CASE = load_case(gold_folder() / "mistral-2026-04-08.yaml")
FACTS = {fact.id: fact for fact in (*CASE.gold.consumer_facts, *CASE.gold.legal_facts)}
ERRORS = {error.id: error for error in CASE.gold.reference_errors}
MUST = [fact for fact in FACTS.values() if fact.importance == "must"]

# Words of the errors that are statements; the others are omissions, and what they leave out must be told.
WORDS = {
    "RE-01": r"\bfree(?:[- ]tier)?\b[^.;]*\b(?:users?|version|account|plan)",
    "RE-03": r"\bdelete the Memory feature",
    "RE-06": r"\bindividual users of|consumer products",
    "RE-07": r"\bSIREN\b",
    "RE-08": r"\b(?:comply|complies|compliant) with\b|GDPR-compliant",
    "RE-11": r"\bimposes?\b[^.;]*\bopt-out",
    "RE-12": r"\bfree users\b|\bfree-tier\b",
    "RE-16": r"\bArt(?:icle|\.) 56 GDPR\b(?:(?!Art)[^.;])*\b(?:mechanism of cooperation|cooperation mechanism)",
    "RE-19": r"\b(?:sent|directed|referred) to (?:a|the) (?:separate )?data processing",
    "RE-20": r"\b(?:excludes?|exclusion of|leaves out) business users|\bbusiness users are (?:left out|excluded)",
    "RE-21": r"\bscrutin\w+",
}  # fmt: skip
# Errors that make the policy say what only follows from law: fine where the claim is marked inferred.
UNMARKED = {
    "RE-14": r"French Data Protection Act|AI Act|Artificial Intelligence Act",
    "RE-17": r"\b(?:primary|lead|main) (?:enforcement |supervisory )?authority",
    "RE-18": r"\bArt(?:icle|\.) 9\b",
}
OMITTED = ("RE-02", "RE-04", "RE-05", "RE-09", "RE-10", "RE-13", "RE-15", "RE-22")


@pytest.fixture(scope="module")
def draft(tmp_path_factory: pytest.TempPathFactory) -> Draft:
    async def work() -> Draft:
        with replay(recording_path()):
            return await summarize_source(str(policy_path()), recorded_settings())

    return asyncio.run(work())


def prose(draft: Draft) -> Iterator[tuple[str, str]]:
    """What the draft says of the policy; the relevance of a precedent tells of other matters."""
    for artefact in (draft.consumer, draft.legal, draft.risk):
        yield from (
            (path, text)
            for path, text in walk_prose(artefact, root_of(artefact))
            if not path.endswith(".relevance")
        )


def told(draft: Draft, fact: Fact) -> bool:
    """Whether some text of the draft has all the words that the fact needs; one sentence of a summary may need its neighbour."""
    texts = [text for _, text in prose(draft)]
    return any(meets(text, fact.keys) for text in texts) or any(
        meets(" ".join(s.text for s in summary.sentences), fact.keys)
        for summary in (draft.consumer, draft.legal)
    )


def test_nothing_is_left_for_an_editor(draft: Draft) -> None:
    assert [finding for finding in draft.findings if finding.severity != "info"] == []


def test_answers_come_from_the_desk_and_every_attempt_is_counted(draft: Draft) -> None:
    for stage in draft.provenance.stages:
        assert stage.models_answered == ("answer-desk",)
        assert stage.cost_usd is None
        assert all(attempt.usage.prompt_tokens for attempt in stage.attempts)


@pytest.mark.parametrize("fact", MUST, ids=lambda fact: fact.id)
def test_must_fact_is_told(draft: Draft, fact: Fact) -> None:
    assert told(draft, fact), fact.statement


@pytest.mark.parametrize("fact", CASE.gold.consumer_facts, ids=lambda fact: fact.id)
def test_must_fact_for_consumers_stands_in_their_own_summary(draft: Draft, fact: Fact) -> None:
    summary = " ".join(sentence.text for sentence in draft.consumer.sentences)
    assert fact.importance != "must" or meets(summary, fact.keys), fact.statement


@pytest.mark.parametrize("error", [*WORDS, *UNMARKED])
def test_pattern_sees_the_error_it_is_for(error: str) -> None:
    assert re.search(WORDS.get(error) or UNMARKED[error], ERRORS[error].statement, re.IGNORECASE)


@pytest.mark.parametrize("error", WORDS)
def test_error_of_the_published_summaries_is_not_made(draft: Draft, error: str) -> None:
    assert not [(path, text) for path, text in prose(draft) if re.search(WORDS[error], text, re.IGNORECASE)]


@pytest.mark.parametrize("error", UNMARKED)
def test_law_that_the_policy_does_not_name_is_marked_inferred(draft: Draft, error: str) -> None:
    for artefact in (draft.consumer, draft.legal, draft.risk):
        for path, claim in walk_claims(artefact, root_of(artefact)):
            assert claim.basis == "inferred" or not re.search(UNMARKED[error], claim.text), path


@pytest.mark.parametrize("error", OMITTED)
def test_what_the_published_summaries_left_out_is_told(draft: Draft, error: str) -> None:
    assert ERRORS[error].facts
    for fact in ERRORS[error].facts:
        assert told(draft, FACTS[fact]), FACTS[fact].statement


def test_every_error_is_looked_for() -> None:
    assert {*WORDS, *UNMARKED, *OMITTED} == set(ERRORS)


def test_no_name_is_put_into_the_policy_that_it_does_not_use(draft: Draft) -> None:
    for artefact in (draft.consumer, draft.legal, draft.risk):
        for path, claim in walk_claims(artefact, root_of(artefact)):
            if claim.basis == "stated":
                assert not [name for name in CASE.gold.names_absent if has_key(claim.text, name)], path
