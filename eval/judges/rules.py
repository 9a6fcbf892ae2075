"""The deterministic judge: rules over normalised text, without a network and without chance.

A sentence is weighed clause by clause against what the gold knows to be right and wrong and against the document's passages, and as a whole
against the registry of law and decisions. A fact is contradicted when a flag goes against it, stated when one sentence, or two that stand
together, meet its keys and are not flagged against it, and omitted otherwise.
"""

from collections.abc import Sequence
from dataclasses import replace

from eval.cases import Case
from eval.judges.bases import find_wrong_bases
from eval.judges.carve_outs import find_carve_out_errors
from eval.judges.clauses import read_clauses
from eval.judges.denied import is_denied_as_whole
from eval.judges.facts import judge_fact
from eval.judges.law import find_law_errors, find_settled_law
from eval.judges.opposites import ASIDE, blamed, find_opposites, find_repeated
from eval.judges.precedents import find_invented_precedents
from eval.judges.relevance import Known
from eval.judges.specifics import Specifics
from eval.judges.unsupported import Vocabulary, find_uncovered
from eval.judges.verdict import Flag, Verdict
from eval.keys import meets
from pipeline.checks.sentences import split_sentences
from schemas.gold import Fact


class RulesJudge:
    """Judges by rules. What it works out of a case is kept for as long as the same case is asked about."""

    name = "rules"

    def __init__(self) -> None:
        self._read: _Read | None = None

    def judge(self, fact: Fact, sentences: Sequence[str], case: Case) -> Verdict:
        """See ``Judge``."""
        read = self._of(case)
        return judge_fact(fact, sentences, [read.weigh(sentence) for sentence in sentences], read.known)

    def weigh(self, sentence: str, case: Case) -> tuple[Flag, ...]:
        """See ``Judge``."""
        return self._of(case).weigh(sentence)

    def _of(self, case: Case) -> "_Read":
        if self._read is None or self._read.known.case is not case:
            self._read = _Read(case)
        return self._read


class _Read:
    """A case worked out, and the flags of the sentences that were weighed."""

    def __init__(self, case: Case) -> None:
        self.known = Known(case)
        self._specifics = Specifics(self.known)
        self._vocabulary = Vocabulary(self.known)
        self._flags: dict[str, tuple[Flag, ...]] = {}

    def weigh(self, sentence: str) -> tuple[Flag, ...]:
        if sentence not in self._flags:
            self._flags[sentence] = tuple(self._weigh(sentence))
        return self._flags[sentence]

    def _weigh(self, text: str) -> list[Flag]:
        return [flag for sentence in split_sentences(text) for flag in self._weigh_one(sentence.strip())]

    def _weigh_one(self, sentence: str) -> list[Flag]:
        case = self.known.case
        flags = [
            *find_law_errors(sentence, self.known),
            *find_settled_law(sentence),
            *find_invented_precedents(sentence, case.gold, case.document),
        ]
        if is_denied_as_whole(sentence):
            return flags
        flags += find_wrong_bases(sentence, case.gold)
        facts = (*case.gold.consumer_facts, *case.gold.legal_facts)
        topics = {fact.id for fact in facts if fact.keys and meets(sentence, fact.keys)}
        for clause in read_clauses(sentence, self.known.names):
            near = self.known.near(clause)
            found = [
                *self._specifics.find_wrong(clause),
                *find_carve_out_errors(clause, case.gold),
                *self._vocabulary.find_unsupported(clause, sentence),
                *find_uncovered(clause, near, sentence, self.known),
            ]
            if not ASIDE.search(sentence):
                found += find_opposites(clause, near, topics) or find_repeated(
                    clause, near, topics, self.known
                )
            # What a wrong figure goes against is also told by the wrong sentence that has it.
            also = blamed(near, clause) if found else ()
            flags += [replace(flag, entries=tuple(dict.fromkeys((*flag.entries, *also)))) for flag in found]
        return flags
