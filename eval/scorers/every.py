"""All scores of one candidate on one case."""

from collections.abc import Sequence

from eval.candidate import Candidate
from eval.cases import Case
from eval.judges.verdict import Flag, Judge, Verdict
from eval.scorers import consumer, legal, risk
from eval.scorers.consumer import score_consumer
from eval.scorers.legal import score_legal
from eval.scorers.risk import score_risk
from eval.scorers.whole import score_whole
from schemas.gold import Fact
from schemas.score import Score

# Every candidate has each of these, whatever its state, in this order.
NAMES = (
    *(f"consumer.{name}" for name in ("schema", *consumer.NAMES)),
    *(f"legal.{name}" for name in ("schema", *legal.NAMES)),
    *(f"risk.{name}" for name in ("schema", *risk.NAMES)),
    "whole.consistency",
)


def score_candidate(candidate: Candidate, case: Case, judge: Judge) -> tuple[Score, ...]:
    """Every score of ``NAMES``, in their order. An error of the judge (a lost endpoint, a recording that misses a request) is raised: it
    is no quality of the candidate.
    """
    judge = _Remembering(judge)
    return (
        *score_consumer(candidate, case, judge),
        *score_legal(candidate, case, judge),
        *score_risk(candidate, case, judge),
        *score_whole(candidate, case, judge),
    )


class _Remembering:
    """A judge that is asked nothing twice about one candidate: several scores rest on the same verdicts."""

    def __init__(self, judge: Judge) -> None:
        self.name = judge.name
        self._judge = judge
        self._verdicts: dict[tuple[str, tuple[str, ...]], Verdict] = {}
        self._flags: dict[str, tuple[Flag, ...]] = {}

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        key = fact.id, tuple(sentences)
        if key not in self._verdicts:
            self._verdicts[key] = self._judge.judge(fact, sentences, case)
        return self._verdicts[key]

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        if sentence not in self._flags:
            self._flags[sentence] = self._judge.weigh(sentence, case)
        return self._flags[sentence]
