"""The deterministic judge: rules over normalised text, without a network and without chance.

A sentence is weighed clause by clause against what the gold knows to be right and wrong and against the document's passages, and as a whole
against the registry of law and decisions. A fact is contradicted when a flag goes against it, stated when one sentence, or two that stand
together, meet its keys and are not flagged against it, and omitted otherwise.

A flag wants a matter in common and a difference that cannot be both; whatever something known says is left alone, and so are questions and
what is told as denied or as an inference. What is looked for, and where:

- ``opposites``: a yes against a no, another condition, a rule for one case against one for all;
- ``repeats``: what an annotator listed as wrong, in other words;
- ``carve_outs``: somebody on the wrong side of an exception, or one more in the list of those left out;
- ``lists``: a place in a list that the known list does not have;
- ``restrictions``: a rule for everybody kept for some;
- ``reach``: a rule of some places told of all;
- ``specifics``: figures, counts, places, authorities and addresses of something else or of nothing;
- ``bases``, ``law``, ``precedents``: lawful bases, provisions and conclusions, decisions;
- ``unsupported``: names, and matters that policies speak of, of which there is no word.

``words`` and ``clauses`` bring sentences to a form in which this can be seen, ``relevance`` finds what a clause is about.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.cases import Case
from eval.judges.bases import find_wrong_bases
from eval.judges.carve_outs import find_carve_out_errors, find_intruders
from eval.judges.clauses import Clause, begins_without_subject, read_clauses
from eval.judges.denied import is_denied_as_whole, is_errand
from eval.judges.facts import judge_fact
from eval.judges.law import find_law_errors, find_settled_law
from eval.judges.lists import find_wrong_members
from eval.judges.opposites import ASIDE, blamed, find_opposites
from eval.judges.precedents import find_invented_precedents, without_registry
from eval.judges.reach import find_wrong_reach
from eval.judges.relevance import Known
from eval.judges.repeats import find_repeated
from eval.judges.restrictions import find_wrong_restrictions
from eval.judges.specifics import Specifics, write_units
from eval.judges.unsupported import Vocabulary
from eval.judges.verdict import Flag, Verdict
from eval.keys import meets
from pipeline.checks.folding import fold_text
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
        document = case.document
        self._passages = frozenset(fold_text(document.text_of(passage)) for passage in document.passages)
        self._flags: dict[str, tuple[Flag, ...]] = {}

    def weigh(self, sentence: str) -> tuple[Flag, ...]:
        if sentence not in self._flags:
            self._flags[sentence] = tuple(self._weigh(sentence))
        return self._flags[sentence]

    def _weigh(self, text: str) -> list[Flag]:
        if fold_text(text) in self._passages:
            # The document's own words, whole, need no judge.
            return []
        rest = without_registry(text)
        flags = [
            flag for sentence, asks, before in _told(rest) for flag in self._weigh_one(sentence, asks, before)
        ]
        if rest == text:
            for sentence in _sentences(text):
                flags += find_invented_precedents(sentence, self.known.case.gold, self.known.case.document)
        return flags

    def _read(self, sentence: str, before: str) -> tuple[Clause, ...]:
        """The clauses of a sentence, which may have its subject in the one before it."""
        if not before or not begins_without_subject(sentence):
            return read_clauses(sentence, self.known.names)
        skip = len(read_clauses(before, self.known.names))
        return read_clauses(f"{before} {sentence}", self.known.names)[skip:]

    def _weigh_one(self, sentence: str, asks: bool, before: str) -> list[Flag]:
        case = self.known.case
        sentence, before = write_units(sentence), write_units(before)
        flags = [
            *find_law_errors(sentence, self.known),
            *find_settled_law(sentence),
        ]
        if asks or is_denied_as_whole(sentence):
            return flags
        flags += find_wrong_bases(sentence, case.gold)
        flags += find_intruders(sentence, self.known)
        aside = ASIDE.search(f"{before} {sentence}") or is_errand(before or sentence)
        facts = (*case.gold.consumer_facts, *case.gold.legal_facts)
        topics = {fact.id for fact in facts if fact.keys and meets(sentence, fact.keys)}
        for clause in self._read(sentence, before):
            near = self.known.near(clause)
            found = [
                *self._specifics.find_wrong(clause),
                *self._vocabulary.find_unsupported(clause, sentence),
            ]
            if not aside:
                found += find_carve_out_errors(clause, self.known)
                found += find_wrong_restrictions(clause, near, self.known)
                found += find_wrong_members(clause, near, self.known)
                found += find_wrong_reach(clause, near, self.known)
                found += find_opposites(clause, near, topics, self.known) or find_repeated(
                    clause, near, topics, self.known
                )
            # What a wrong figure goes against is also told by the wrong sentence that has it.
            also = blamed(near, clause)
            flags = [_against(flag, also) for flag in flags]
            flags += [_against(flag, also) for flag in found]
        return flags


def _against(flag: Flag, entries: Sequence[str]) -> Flag:
    return replace(flag, entries=tuple(dict.fromkeys((*flag.entries, *entries))))


# Behind these a capital begins no sentence: "Cal. Civ. Code".
_SHORT = re.compile(
    r"\b(?:Cal|Civ|Bus|Prof|Wash|Rev|Stat|Tex|Ill|Comp|Colo|Or|Code|Sec|Art|No|Inc|Ltd|Co|Corp|Dr|St|U\.S|v|vs)\.$"
)


def _sentences(text: str) -> list[str]:
    """The sentences of a text, abbreviations ending none."""
    sentences: list[str] = []
    for part in split_sentences(text):
        if sentences and _SHORT.search(sentences[-1]):
            sentences[-1] += f" {part.strip()}"
        else:
            sentences.append(part.strip())
    return sentences


def _told(text: str) -> Iterator[tuple[str, bool, str]]:
    """The sentences of a text, each with whether it is, or is a part of, a question, which affirms nothing, and with the one before it when a
    semicolon joins them.
    """
    sentences = _sentences(text)
    for n, sentence in enumerate(sentences):
        end = next((other for other in sentences[n:] if not other.endswith(";")), sentence)
        before = sentences[n - 1] if n and sentences[n - 1].endswith(";") else ""
        yield sentence, end.endswith("?"), before
