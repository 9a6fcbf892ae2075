"""Facts: which facts of the gold a summary tells, which it contradicts, and whether the sentences that tell them quote the right passages."""

from collections.abc import Sequence
from dataclasses import dataclass

from eval.candidate import Part, Sentence
from eval.cases import Case
from eval.judges.verdict import Judge, Verdict
from eval.scorers.tally import IMPORTANCE, share, unscored
from schemas.gold import Fact
from schemas.risk import RiskAssessment
from schemas.score import Score, ScoreItem
from schemas.summaries import ConsumerSummary, LegalSummary

SummaryPart = Part[ConsumerSummary] | Part[LegalSummary]
AnyPart = SummaryPart | Part[RiskAssessment]

# What one contradicted fact that must be told leaves of the score for contradictions, at most; each further one halves it again.
MUST_CAP = 0.5


@dataclass(frozen=True, slots=True)
class Told:
    """A fact, what the summary does with it, and the sentence relied on; none when the fact is omitted."""

    fact: Fact
    verdict: Verdict
    sentence: Sentence | None

    def item(self, value: float | None) -> ScoreItem:
        """The fact as an item that earned ``value``."""
        return ScoreItem(
            id=self.fact.id,
            verdict=self.verdict.verdict,
            value=value,
            weight=IMPORTANCE[self.fact.importance],
            path=self.sentence.path if self.sentence else None,
            sentence=self.sentence.text if self.sentence else None,
            reason=self.verdict.reason,
        )


def judge_facts(
    sentences: Sequence[Sentence], facts: Sequence[Fact], case: Case, judge: Judge
) -> tuple[Told, ...]:
    """The judge's verdict on each fact, in the facts' order."""
    texts = [sentence.text for sentence in sentences]
    found = []
    for fact in facts:
        verdict = judge.judge(fact, texts, case)
        found.append(Told(fact, verdict, None if verdict.sentence is None else sentences[verdict.sentence]))
    return tuple(found)


def score_recall(part: SummaryPart, told: Sequence[Told]) -> Score:
    """The weight of the facts that are stated, of the weight of all. A summary without sentences states none: 0."""
    items = [one.item(float(one.verdict.verdict == "states")) for one in told]
    return share(
        part.name,
        "fact_recall",
        items,
        things="key facts are told",
        nothing="The gold has no facts.",
    )


def score_contradictions(part: AnyPart, told: Sequence[Told]) -> Score:
    """1 when no fact is contradicted; else the weight of the facts stated, of those stated or contradicted, but at most ``MUST_CAP`` to
    the power of the number of facts contradicted that must be told.

    Unscored when no fact is told at all: what says nothing contradicts nothing, and has not earned a 1 by it.
    """
    items = [
        one.item(float(one.verdict.verdict == "states"))
        for one in told
        if one.verdict.verdict in ("states", "contradicts")
    ]
    musts = sum(one.verdict.verdict == "contradicts" and one.fact.importance == "must" for one in told)
    uncapped = share(
        part.name,
        "contradictions",
        items,
        things="facts that are told stand uncontradicted",
        nothing="No fact is told, so that none could be contradicted.",
        figures={"contradicted": sum(item.value == 0 for item in items), "contradicted_must": musts},
    )
    cap = MUST_CAP**musts
    if uncapped.value is None or uncapped.value <= cap:
        return uncapped
    reason = f"{uncapped.reason} At most {cap:.3g} with {musts} contradicted that must be told."
    return uncapped.model_copy(update={"value": cap, "reason": reason})


def score_evidence(part: SummaryPart, told: Sequence[Told], case: Case) -> Score:
    """Of the facts stated, the weight of those whose sentence quotes a passage that the gold names for the fact."""
    if part.state == "plain":
        return unscored(part.name, "evidence", "Plain sentences quote nothing.")
    items = []
    for one in told:
        wanted = set(case.passage_ids(one.fact.anchors))
        if one.verdict.verdict != "states" or not wanted or one.sentence is None:
            continue
        quoted = {e.passage_id for e in one.sentence.claim.evidence} if one.sentence.claim else set()
        right = bool(quoted & wanted)
        items.append(
            one.item(float(right)).model_copy(
                update={
                    "verdict": "quoted" if right else "elsewhere",
                    "reason": f"It quotes {', '.join(sorted(quoted)) or 'nothing'}; the gold has {', '.join(sorted(wanted))}.",
                }
            )
        )
    return share(
        part.name,
        "evidence",
        items,
        things="facts told quote a passage of the gold",
        nothing="No fact that stands in a passage is told.",
    )


def score_supported(part: AnyPart, case: Case, judge: Judge) -> Score:
    """The share of sentences in which the judge finds nothing wrong, whatever the fault: one that has a score of its own in one artefact (an
    article, a precedent, a conclusion of law) has none in another.
    """
    items = []
    for sentence in part.sentences:
        flags = judge.weigh(sentence.text, case)
        items.append(
            ScoreItem(
                id=sentence.path,
                verdict=flags[0].fault if flags else "supported",
                value=float(not flags),
                path=sentence.path,
                sentence=sentence.text,
                reason=" ".join(flag.message for flag in flags),
            )
        )
    return share(
        part.name,
        "supported",
        items,
        things="sentences are supported",
        nothing="There are no sentences.",
    )
