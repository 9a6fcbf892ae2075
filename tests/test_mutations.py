"""A mutation that the harness does not see, or that it sees in the wrong place, is named."""

from collections.abc import Sequence

import pytest

from eval.cases import Case, load_cases
from eval.judges.verdict import Flag, Verdict
from eval.mutations import MUTATIONS, Mutation, Subject, compare_scores, mutate, scores_of
from eval.scorers.every import NAMES
from schemas.gold import Fact
from schemas.score import Score
from tests.gold_candidate import ScriptedJudge, perfect, tidewater_case

# Not of what a draft says: whether its schema accepts it, how long it is, how it reads.
OF_FORM = {"schema", "length", "readability"}


def by_name(name: str) -> Mutation:
    return next(mutation for mutation in MUTATIONS if mutation.name == name)


def values(**changes: float | None) -> dict[str, Score]:
    """Three scores of which one or the other is changed."""
    found = {}
    for name in ("legal.quotes", "legal.roles", "consumer.length"):
        value = changes.get(name.replace(".", "_"), 0.8)
        artefact = "consumer" if name.startswith("consumer") else "legal"
        status = "unscored" if value is None else "scored"
        found[name] = Score(name=name, artefact=artefact, status=status, value=value, reason="")
    return found


MUTATION = Mutation("a change", lambda on: None, "legal.quotes", frozenset({"legal.roles"}))
STRICT = Mutation("a change", lambda on: None, "legal.quotes")


@pytest.mark.parametrize(
    ("mutation", "changes", "problems"),
    [
        (STRICT, {"legal_quotes": 0.5}, ()),
        (MUTATION, {"legal_quotes": 0.5, "legal_roles": 0.5}, ()),
        (STRICT, {"legal_quotes": 0.5, "consumer_length": 0.1}, ()),
        (STRICT, {}, ("legal.quotes did not fall.",)),
        (STRICT, {"legal_quotes": 0.9}, ("legal.quotes did not fall.",)),
        (STRICT, {"legal_quotes": None}, ("legal.quotes did not fall.",)),
        (STRICT, {"legal_quotes": 0.5, "legal_roles": 0.5}, ("legal.roles fell too.",)),
        (MUTATION, {"legal_quotes": 0.5, "legal_roles": 0.9}, ("legal.roles rose or lost its value.",)),
        (MUTATION, {"legal_quotes": 0.5, "legal_roles": None}, ("legal.roles rose or lost its value.",)),
    ],
)
def test_the_right_score_has_to_fall_and_it_alone(
    mutation: Mutation, changes: dict[str, float | None], problems: tuple[str, ...]
) -> None:
    assert compare_scores("case", mutation, values(), values(**changes)).problems == problems


class Deaf(ScriptedJudge):
    """Hears no contradiction and flags nothing."""

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        told = super().judge(fact, sentences, case)
        return told if told.verdict == "states" else Verdict("omits", None, "")

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        return ()


class Credulous(ScriptedJudge):
    """Takes every fact for stated."""

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        return Verdict("states", 0, "")


def test_what_a_judge_does_not_hear_is_named() -> None:
    failed = {one.name: one.problems for one in mutate(tidewater_case(), Deaf()) if one.problems}
    assert "consumer.contradictions did not fall." in failed["contradict a fact"]
    assert "legal.contradictions did not fall." in failed["contradict a legal fact"]
    assert "whole.consistency did not fall." in failed["contradict another artefact"]
    # A score that is counted without the judge sees its mutation all the same.
    assert not {"replace a quote", "move a severity", "invent a decision"} & failed.keys()


def test_a_fact_that_no_sentence_can_lose_is_named_too() -> None:
    failed = {one.name: one.problems for one in mutate(tidewater_case(), Credulous()) if one.problems}
    assert failed["drop a fact"] == ("consumer.fact_recall did not fall.",)
    assert failed["drop a legal fact"] == ("legal.fact_recall did not fall.",)


def test_every_score_of_what_a_draft_says_is_moved_by_a_mutation() -> None:
    moved = set()
    for one in mutate(tidewater_case(), ScriptedJudge()):
        moved |= {one.lowers.score, *(other.score for other in one.others)}
    assert {name for name in NAMES if name.partition(".")[2] not in OF_FORM} <= moved


def test_the_exemption_from_training_gets_the_team_plan() -> None:
    case = next(case for case in load_cases() if case.name.startswith("mistral"))
    subject = Subject(case, perfect(case), ScriptedJudge())
    before = {sentence.text for sentence in subject.draft.legal.sentences}
    by_name("widen an exemption").change(subject)
    (widened,) = {sentence.text for sentence in subject.draft.legal.sentences} - before
    assert "Le Chat Team" in widened


def test_a_mutation_changes_no_draft_but_its_own() -> None:
    case = tidewater_case()
    before = scores_of(case, perfect(case), ScriptedJudge())
    list(mutate(case, ScriptedJudge()))
    assert scores_of(case, perfect(case), ScriptedJudge()) == before
