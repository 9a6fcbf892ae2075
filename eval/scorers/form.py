"""Form: what can be measured of a summary without knowing what it is about: roles, length, reading level, quotes, tone of law."""

from collections.abc import Sequence
from typing import Any

from eval.candidate import Part
from eval.cases import Case
from eval.scorers.facts import SummaryPart
from eval.scorers.language import why_not_english
from eval.scorers.tally import scored, share, unscored
from pipeline.checks.advice import quoted_passages
from pipeline.checks.claims import walk_evidence
from pipeline.checks.conclusions import find_conclusion
from pipeline.checks.evidence import locate
from pipeline.checks.readability import HIGHEST_GRADE, count_tokens, grade, strict_grade
from schemas.score import Score, ScoreItem

# The grade from which a text earns nothing: that of somebody who has finished college.
WORST_GRADE = 16.0


def score_roles(part: SummaryPart, roles: Sequence[str]) -> Score:
    """The share of roles that a sentence has, each once at least."""
    if part.state == "plain":
        return unscored(part.name, "roles", "Plain sentences have no roles.")
    has = {sentence.role: sentence for sentence in part.sentences}
    items = [
        ScoreItem(
            id=role,
            verdict="present" if role in has else "missing",
            value=float(role in has),
            path=has[role].path if role in has else None,
            sentence=has[role].text if role in has else None,
        )
        for role in roles
    ]
    return share(part.name, "roles", items, things="roles are present", nothing="There are no roles.")


def score_length(part: SummaryPart, *, fewest: int, most: int, longest: int) -> Score:
    """How near a summary keeps to its number of sentences (``fewest`` to ``most``) and to their length (``longest``, in words).

    A sentence of twice the allowed words earns one half. The sum is taken over at least ``fewest`` places, so that a missing sentence earns
    nothing, and shrinks by ``most`` / number for more sentences than allowed: five for three leave three fifths. 0 for no sentences.
    """
    words = [count_tokens(sentence.text) for sentence in part.sentences]
    items = [
        ScoreItem(
            id=sentence.path,
            verdict="fits" if 0 < count <= longest else "too long" if count else "empty",
            value=min(1.0, longest / count) if count else 0.0,
            path=sentence.path,
            sentence=sentence.text,
            reason=f"{count} words of at most {longest}.",
        )
        for sentence, count in zip(part.sentences, words, strict=True)
    ]
    number = len(items)
    earned = sum(item.value or 0 for item in items) / max(number, fewest)
    allowed = str(fewest) if fewest == most else f"{fewest} to {most}"
    return scored(
        part.name,
        "length",
        earned * min(1.0, most / number) if number else 0.0,
        f"{number} sentences of {allowed}, the longest of {max(words, default=0)} words of at most {longest}.",
        items,
        {"sentences": number, "words": sum(words), "longest": max(words, default=0)},
    )


def score_readability(part: SummaryPart, case: Case) -> Score:
    """1 up to US grade 9 (Flesch-Kincaid, as the check measures it), 0 from grade 16, in proportion between them. English only."""
    text = " ".join(part.texts)
    if told := why_not_english(part, case):
        return unscored(part.name, "readability", told)
    if not count_tokens(text):
        return unscored(part.name, "readability", "There are no words to read.")
    measured = grade(text)
    value = (WORST_GRADE - round(measured, 1)) / (WORST_GRADE - HIGHEST_GRADE)
    return scored(
        part.name,
        "readability",
        min(1.0, max(0.0, value)),
        f"It reads at US grade {measured:.1f}; grade {HIGHEST_GRADE:.0f} is wanted.",
        figures={"grade": round(measured, 2), "strict_grade": round(strict_grade(text), 2)},
    )


def score_quotes(part: Part[Any], case: Case) -> Score:
    """The share of quotes that stand in the passage they name, to the character or after folding."""
    if part.artefact is None:
        return unscored(part.name, "quotes", "Plain sentences quote nothing.")
    items = []
    for path, evidence in walk_evidence(part.artefact, part.name):
        found = locate(case.document, evidence)
        items.append(
            ScoreItem(
                id=path,
                verdict=found.match if found else "not found",
                value=float(found is not None),
                path=path,
                sentence=evidence.quote,
                reason=f"Passage {evidence.passage_id}.",
            )
        )
    return share(
        part.name,
        "quotes",
        items,
        things="quotes stand in their passages",
        nothing="Nothing is quoted.",
    )


def score_conclusions(part: SummaryPart, case: Case) -> Score:
    """The share of sentences that draw no conclusion of law in their own voice. English only, as the words of conclusions are."""
    if told := why_not_english(part, case):
        return unscored(part.name, "conclusions", told)
    items = []
    for sentence in part.sentences:
        said = quoted_passages(case.document, sentence.claim) if sentence.claim else ""
        words = find_conclusion(sentence.text, said)
        items.append(
            ScoreItem(
                id=sentence.path,
                verdict="concludes" if words else "describes",
                value=float(words is None),
                path=sentence.path,
                sentence=sentence.text,
                reason=f'"{words}" is a conclusion of law.' if words else "",
            )
        )
    return share(
        part.name,
        "conclusions",
        items,
        things="sentences draw no conclusion of law",
        nothing="There are no sentences.",
    )
