"""Neighbours: a figure that stands in the evidence, told with other words beside it than it has there.

An amount per year is none per month, business days are no calendar days, the greater of two is not the lower, and periods of two items
of a list must not change places. Each is looked at only where the evidence leaves no doubt: it has the figure with the other word alone.
"""

import re
from collections.abc import Iterator

from pipeline.checks.folding import fold_text
from pipeline.checks.messages import error
from pipeline.checks.quantities import Quantity, find_quantities, same_quantity
from pipeline.checks.support import Support
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Claim

_RATE = re.compile(
    r"(?:\D{0,4}[\d.,]*\d(?:\s?(?:million|billion|m|bn))?(?:\s?(?:euros?|EUR|USD|GBP|dollars|pounds))?)"
    r"(?:\s?/\s?|\s(?:a|an|per|each|every)\s|,?\s)(?P<each>day|week|month|year|annum|daily|weekly|monthly|yearly|annually)\b",
    re.IGNORECASE,
)
_RATES = {
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
    "yearly": "year",
    "annually": "year",
    "annum": "year",
}
_DAYS = Sieved(r"\b(?:(?P<business>business|working)|calendar)\s+days?\b", re.IGNORECASE)
_LOWER = Sieved(
    r"\b(?:(?:lower|lesser|smaller|lowest|smallest) of|(?:whichever|if (?:that|this|it)) (?:\w+ ){0,2}(?:less|lower|smaller))\b",
    re.IGNORECASE,
)
_GREATER = Sieved(
    r"\b(?:(?:greater|higher|larger|greatest|highest|largest) of|(?:whichever|if (?:that|this|it)) (?:\w+ ){0,2}(?:more|greater|higher|larger))\b",
    re.IGNORECASE,
)
_OF_NEXT = re.compile(r"\W*(?:for|of|on|to)\s(?:(?:the|your|their|its)\s)?$", re.IGNORECASE)
_LONGEST_LABEL = 60  # characters


def check_neighbours(document: Document, path: str, claim: Claim, support: Support) -> list[Finding]:
    """A finding for each figure of the claim that its evidence has with another word beside it, or of another item."""
    if not support.passages or not document.language.startswith("en"):
        return []
    text = fold_text(claim.text)
    loose = [
        Finding(
            code="facts.figure_misread",
            severity="warning",
            path=f"{path}.text",
            message=f"The claim says {claimed}, and its evidence {said}; see whether that must be said.",
        )
        for claimed, said in _plain_days(text, support)
    ]
    return loose + [
        error(
            "facts.figure_misread",
            f"{path}.text",
            f"The claim says {claimed}, and its evidence {said}; correct the claim.",
        )
        for claimed, said in (
            *_other_rates(text, support),
            *_other_days(text, support),
            *_other_end(text, support),
            *_exchanged(text, support),
        )
    ]


def _other_rates(text: str, support: Support) -> Iterator[tuple[str, str]]:
    """Amounts of money told for another stretch of time than all the evidence tells them for."""
    for amount in find_quantities(text):
        claimed = _rate_of(amount, text)
        if amount.kind != "money" or claimed is None:
            continue
        said = [
            _rate_of(other, words)
            for words in support.texts
            for other in find_quantities(words)
            if same_quantity(amount, other)
        ]
        if said and all(other is not None and other[0] != claimed[0] for other in said):
            yield (
                f'"{claimed[1]}"',
                "says " + " or ".join(f'"{words}"' for _, words in dict.fromkeys(filter(None, said))),
            )


def _rate_of(amount: Quantity, text: str) -> tuple[str, str] | None:
    """The stretch of time that an amount is told for, and the words for both."""
    match = _RATE.match(text, amount.start)
    if match is None:
        return None
    each = match["each"].casefold()
    return _RATES.get(each, each), match[0].strip()


def _other_days(text: str, support: Support) -> Iterator[tuple[str, str]]:
    """Business days told as calendar days, or the other way round."""
    for period in find_quantities(text):
        claimed = _DAYS.search(period.words)
        if period.kind != "period" or not claimed:
            continue
        said = [
            (_DAYS.search(other.words), other.words)
            for words in support.texts
            for other in find_quantities(words, small_counts=True)
            if same_quantity(period, other)
        ]
        if said and all(days and bool(days["business"]) != bool(claimed["business"]) for days, _ in said):
            yield f'"{period.words}"', f'says "{said[0][1]}"'


def _plain_days(text: str, support: Support) -> Iterator[tuple[str, str]]:
    """Business days told as days alone, which are fewer."""
    for period in find_quantities(text):
        if period.kind != "period" or not re.fullmatch(r"\S+ days", period.words, re.IGNORECASE):
            continue
        said = [
            (_DAYS.search(other.words), other.words)
            for words in support.texts
            for other in find_quantities(words, small_counts=True)
            if same_quantity(period, other)
        ]
        if said and all(days and days["business"] for days, _ in said):
            yield f'"{period.words}"', f'says "{said[0][1]}"'


def _other_end(text: str, support: Support) -> Iterator[tuple[str, str]]:
    """The lower of two told as the greater, or the other way round."""
    evidence = " ".join(support.passages)
    shared = any(
        same_quantity(amount, figure)
        for amount in find_quantities(text)
        if amount.kind == "money"
        for figure in find_quantities(evidence)
    )
    for claimed, said in ((_LOWER, _GREATER), (_GREATER, _LOWER)):
        one, other = claimed.search(text), said.search(evidence)
        if shared and one and other and not said.search(text) and not claimed.search(evidence):
            yield f'"{one[0]}"', f'says "{other[0]}"'


def _exchanged(text: str, support: Support) -> Iterator[tuple[str, str]]:
    """Two items of a list or rows of a table of which each is told with the figure of the other."""
    labelled = [
        (label, at, find_quantities(words, small_counts=True))
        for words in support.passages
        if (label := _label_of(words)) and (at := _only_place(label, text)) is not None
    ]
    told = [
        (label, figure, said)
        for label, at, said in labelled
        if (figure := _figure_after(text, at + len(label), [a for _, a, _ in labelled])) is not None
    ]
    for n, (label, figure, said) in enumerate(told):
        for other, its_figure, said_of_other in told[n + 1 :]:
            if (
                not _among(figure, said)
                and _among(figure, said_of_other)
                and not _among(its_figure, said_of_other)
                and _among(its_figure, said)
            ):
                yield (
                    f'"{figure.words}" of "{label}" and "{its_figure.words}" of "{other}"',
                    "gives each the figure of the other",
                )


def _label_of(passage: str) -> str | None:
    """What an item says before its colon, without what stands in brackets; of a row its first cell."""
    cells = passage.split(" | ")
    label = cells[0].partition(": ")[2 if len(cells) > 1 else 0]
    label = label.partition(" (")[0].strip()
    return label if 2 < len(label) <= _LONGEST_LABEL and (len(cells) > 1 or ": " in passage) else None


def _only_place(label: str, text: str) -> int | None:
    places = [m.start() for m in re.finditer(rf"(?<!\w){re.escape(label)}(?!\w)", text, re.IGNORECASE)]
    return places[0] if len(places) == 1 else None


def _figure_after(text: str, start: int, labels: list[int]) -> Quantity | None:
    """The one figure between a label and the next; None when there are more, or when figures come before their labels."""
    end = min((at for at in labels if at >= start), default=len(text))
    figures = [q for q in find_quantities(text) if q.kind in ("period", "money", "percent")]
    first = min(labels)
    between = [q for q in figures if start <= q.start < end]
    if len(between) != 1 or any(q.start < first for q in figures):
        return None
    (figure,) = between
    return None if _OF_NEXT.fullmatch(text[figure.start + len(figure.words) : end]) else figure


def _among(figure: Quantity, said: tuple[Quantity, ...]) -> bool:
    return any(same_quantity(figure, quantity) for quantity in said)
