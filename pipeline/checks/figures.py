"""Figures: a number, period, date, percentage or amount of a claim stands in what carries it.

Equal periods are one ("12 months", "one year"), words and digits are one, a date may leave out its year or day, a count may be the
length of a list, and a period what two of one passage come to, where one is added to the other. The date from which the policy is told to be
in effect is the one that it prints as such, and not the day of its last update. An inferred claim may take a figure from anywhere in the document, and from law where it names law and does not
give the figure as the policy's own.
"""

import re
from collections.abc import Iterable

from pipeline.checks.evidence import ABSENCE
from pipeline.checks.folding import fold_text
from pipeline.checks.lawwords import names_law
from pipeline.checks.messages import error
from pipeline.checks.quantities import (
    Quantity,
    date_quantity,
    find_periods_in_words,
    find_quantities,
    list_lengths,
    plain_value,
    same_quantity,
    sums_of,
)
from pipeline.checks.sentences import clause_at
from pipeline.checks.support import Support
from pipeline.registry.citations import find_citations
from pipeline.registry.decisions import find_decisions
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.summaries import Claim

_MOST_COUNTED = 100
_CUE_TO_DATE = 60  # characters in which words before a date say what it is
_CLAUSE_END = re.compile(r"[;:]\s|,\s|\.\s|\s-\s|\s(?:but|while|whereas|and)\s")
# The figure is told as what the policy says, and not as what law may ask for.
_OF_POLICY = Sieved(
    r"\b(?:policy|notice|document|company|it|they|we)\s(?:\w+ly\s|also\s)?(?:says?|states?|names?|gives?|sets?|keeps?|stores?|holds?|retains?|promises|"
    r"offers?|allows?|answers?)\b",
    re.IGNORECASE,
)
_OF_LAW = re.compile(r"\b(?:would|could|should|might|may|must|shall|if|whether)\b", re.IGNORECASE)
_IN_EFFECT = Sieved(
    r"\b(?:policy|notice|document|terms|agreement)\s(?:is|was|became|takes|took|has been|came|comes|went|goes)\s(?:effective|effect|into (?:effect|force))"
    r"\s(?:on|from|since|as of)\s$",
    re.IGNORECASE,
)
# Words directly before a date that make it the one from which something applies, unless they are denied.
_CALLED_EFFECTIVE = Sieved(
    r"(?:\b(?P<denied>no|not|nor|without)\s(?:\w+\s)?)?\b(?:effective(?:\s(?:date|since|as of|as from|from|on|of|is|was))*"
    r"|(?:effect|force)(?:\s(?:since|as of|as from|from|on))?|appl(?:y|ies|ied)\s(?:since|as of|as from|from))[\s:,(]*$",
    re.IGNORECASE,
)
_OF_ANOTHER_VERSION = Sieved(r"\b(?:previous|earlier|former|older?|prior|last|replac\w+)\b", re.IGNORECASE)
_SPEAKS_OF_EFFECT = Sieved(r"\b(?:effective|effect|force|appl(?:y|ies|icable))\b", re.IGNORECASE)
_CODES = {
    "number": ("facts.number_unsupported", "figure"),
    "period": ("facts.period_unsupported", "period"),
    "percent": ("facts.percent_unsupported", "percentage"),
    "money": ("facts.money_unsupported", "amount"),
    "date": ("facts.date_unsupported", "date"),
    "identifier": ("facts.number_unsupported", "number"),
}


def check_figures(document: Document, path: str, claim: Claim, support: Support) -> list[Finding]:
    """A finding for each quantity of the claim that its support does not have."""
    text = fold_text(claim.text)
    claimed = find_quantities(_without_law(text))
    if not claimed:
        return []
    said = _said(support)
    findings: list[Finding] = []
    for quantity in claimed:
        if support.effective_date and _is_wrongly_in_effect(quantity, text, support):
            message = f'The claim says that the policy is in effect from "{quantity.words}", and its effective date is {support.effective_date.isoformat()}; correct the date.'
            findings.append(error("facts.date_unsupported", f"{path}.text", message))
            continue
        if taken := _taken_for_effective(quantity, text, support):
            message = f'The claim tells "{quantity.words}" as the date from which the policy is in effect, and the policy {taken}; say no more than that, or cite the passage that says from when it applies.'
            findings.append(error("facts.date_unsupported", f"{path}.text", message))
            continue
        if _is_supported(quantity, said, support) or _is_absent(quantity, text, claim):
            continue
        if not document.language.startswith("en") and _may_be_a_foreign_word(quantity):
            continue
        holder = _passage_with(document, quantity)
        if claim.basis == "inferred" and (holder or _may_be_of_law(quantity, text, claim)):
            continue
        code, noun = _CODES[quantity.kind]
        if holder:
            todo = f"{holder} has it: cite that passage too if it carries the claim, or correct the {noun}."
        elif claim.basis == "inferred":
            todo = f"the policy has it nowhere: correct the {noun} or leave it out."
        else:
            todo = f"nor does any other passage have it: correct the {noun} to what the evidence says{_offer(quantity, said)}, or leave it out."
        start = (
            f'The {noun} "{quantity.words}" stands in none of the passages that this claim quotes; '
            if support.passages
            else f'The claim gives the {noun} "{quantity.words}" and quotes no passage that has it; '
        )
        findings.append(Finding(code=code, severity="error", path=f"{path}.text", message=start + todo))
    return findings


def _without_law(text: str) -> str:
    """The text with its citations of law and decisions struck out, place by place: whether their numbers are right is for other checks."""
    spans = {(found.start, found.end) for found in find_citations(text)}
    spans |= {(found.start, found.end) for found in find_decisions(text)}
    for start, end in spans:
        text = text[:start] + "#" * (end - start) + text[end:]
    return text


def _said(support: Support) -> tuple[Quantity, ...]:
    found = [
        quantity
        for text in support.texts
        for quantity in (*find_quantities(text, small_counts=True), *find_periods_in_words(text))
    ]
    found += [date_quantity(dated.value) for dated in support.dates]
    return tuple(found)


def _is_supported(claimed: Quantity, said: Iterable[Quantity], support: Support) -> bool:
    if any(same_quantity(claimed, quantity) or _is_year_of(claimed, quantity) for quantity in said):
        return True
    if any(same_quantity(claimed, total) for text in support.passages for total in sums_of(text)):
        return True
    if claimed.kind != "number" or float(claimed.value) > _MOST_COUNTED:
        return False
    return claimed.value in support.counts or any(claimed.value in list_lengths(t) for t in support.passages)


def _is_wrongly_in_effect(claimed: Quantity, text: str, support: Support) -> bool:
    """Whether a date is told as that of the policy's effect, is not the one that is known, and no passage quoted speaks of effect beside it."""
    before = text[: claimed.start]
    if claimed.kind != "date" or not support.effective_date:
        return False
    if not _IN_EFFECT.search(before) or _OF_ANOTHER_VERSION.search(before):
        return False
    return not same_quantity(claimed, date_quantity(support.effective_date)) and not _is_quoted_in_effect(
        claimed, support
    )


def _taken_for_effective(claimed: Quantity, text: str, support: Support) -> str:
    """How the policy prints a date of its own that the claim tells as that of its effect, which no passage quoted says; else empty."""
    before = text[max(0, claimed.start - _CUE_TO_DATE) : claimed.start]
    called = _CALLED_EFFECTIVE.search(before) if claimed.kind == "date" else None
    if not called or called["denied"]:
        return ""
    own = [dated.kind for dated in support.dates if same_quantity(claimed, date_quantity(dated.value))]
    if not own or "effective" in own or _is_quoted_in_effect(claimed, support):
        return ""
    return "prints it as that of its last update" if own == ["updated"] else "does not say what the date is"


def _is_quoted_in_effect(claimed: Quantity, support: Support) -> bool:
    """Whether a passage quoted speaks of effect beside this date."""
    return any(
        _SPEAKS_OF_EFFECT.search(words)
        and any(same_quantity(claimed, said) for said in find_quantities(words))
        for words in support.passages
    )


def _is_year_of(claimed: Quantity, said: Quantity) -> bool:
    return (
        claimed.kind == "number"
        and said.kind == "date"
        and str(said.value)[:4] == str(int(float(claimed.value)))
    )


def _is_absent(quantity: Quantity, text: str, claim: Claim) -> bool:
    """Whether the claim says that the policy does not have this figure, which is another check's to prove."""
    return bool(claim.absent_terms) and bool(ABSENCE.search(_clause_of(text, quantity)))


def _may_be_of_law(quantity: Quantity, text: str, claim: Claim) -> bool:
    """Whether a figure of an inferred claim may come from law, which the sentence names or the claim cites."""
    if not claim.statutes and not names_law(text):
        return False
    clause = _clause_of(text, quantity)
    return names_law(clause) or bool(_OF_LAW.search(clause)) or not _OF_POLICY.search(clause)


def _may_be_a_foreign_word(quantity: Quantity) -> bool:
    """Whether a text in another language may say it in words, or write it in a way that is not read here."""
    if quantity.kind == "date":
        return True
    value = plain_value(quantity)
    return value is None or value <= _MOST_COUNTED


def _clause_of(text: str, quantity: Quantity) -> str:
    return clause_at(text, quantity.start, quantity.start + len(quantity.words), _CLAUSE_END)


def _passage_with(document: Document, quantity: Quantity) -> str | None:
    """The first passage that has the quantity, written with the same unit."""
    for passage in document.passages:
        text = fold_text(document.text_of(passage))
        if any(
            quantity.kind == said.kind and same_quantity(quantity, said)
            for said in (*find_quantities(text, small_counts=True), *find_periods_in_words(text))
        ) or (quantity.kind == "number" and quantity.value in list_lengths(text)):
            return passage.id
    return None


def _offer(claimed: Quantity, said: Iterable[Quantity]) -> str:
    """What the evidence has of the same kind, for the message."""
    words = list(dict.fromkeys(q.words for q in said if q.kind == claimed.kind and len(q.words) > 1))
    return f" ({', '.join(words[:4])})" if words else ""
