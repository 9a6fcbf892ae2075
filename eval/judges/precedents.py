"""Precedents: decisions that do not exist, that must not be cited of this document, or whose status is left out."""

import re
from functools import lru_cache

from eval.judges.verdict import Flag
from pipeline.checks.folding import fold_text
from pipeline.checks.quantities import find_quantities, same_quantity
from pipeline.registry.citations import find_authorities
from pipeline.registry.decisions import Decision, find_decisions, forbidden_statements, load_decisions
from schemas.document import Document
from schemas.gold import Gold

# What must be said of a decision that does not stand as it was made.
_TOLD = {
    "annulled": r"annul|overturn|quash|struck\s+down|void|revers|vacat|revok|no\s+longer|did\s+not\s+stand",
    "under_appeal": r"appeal|challeng|contest|under\s+review|stay|pending|not\s+final",
    "suspended": r"suspen|stay|on\s+hold|paus",
    "settled": r"settle|stipulat|undertak|without|no\s+(?:admission|finding)|agreed|struck\s+out|consent\s+(?:order|decree)",
    "pending": r"pending|open|ongoing|under\s+way|continu|not|undecided|interim|preliminary|inquiry|investigat|still",
    "soft_law": r"guid|opinion|recommend|bind|advis|statement|report|view|says|reads|sets\s+out|task\s*force|accept|describ",
    "complaint_only": r"complain|alleg",
    "superseded": r"supersed|replac|earlier|former|outdated|repeal",
}
_TELLS = {status: re.compile(rf"\b(?:{words})", re.IGNORECASE) for status, words in _TOLD.items()}
_DENIED = re.compile(
    r"\b(?:no|not|never|nor|neither|without|none|nobody|whether|if|nothing)\b|n't\b", re.IGNORECASE
)
_SANCTION = re.compile(
    r"\b(?:fined|fine\s+of|sanctioned|penali[sz]ed|penalty\s+of|banned|reprimanded|ordered|enjoined|condemned|sued|convicted|prosecuted|formal(?:ly)?\s+(?:notice|warn\w*)|ruled|held\s+that|held\s+in|found\s+(?:that|against|in)|"
    r"judge?ment|ruling|verdict|decision|decree|settle(?:d|ment)|with\s+a\s+finding|injunction|precedent|case\s+law|landmark|upheld|struck\s+down|order(?:s)?\s+(?:against|of\s+the)|obliged|compelled|confirmed|concluded|decided|class\s+action\s+of)\b",
    re.IGNORECASE,
)
_BODY = re.compile(
    r"\b(?:[A-Z][\w.]+\s+)*(?:Courts?|Tribunal|Commission|Authority|Commissioner|Attorneys?\s+General|Agency|Board|Garante|Circuit|Chamber|Gericht|Conseil|Supreme\s+Court|FTC|CNIL|DPC|ICO|CPPA|EDPB|CJEU|ECJ|BfDI|AEPD|regulators?|courts?|judges?|jury)\b"
)
_CASE = re.compile(
    r"\b(?:[A-Z][\w.&'-]+\s+){1,4}v(?:s)?\.?\s+[A-Z][\w.&'-]+|\bIn\s+re\s+[A-Z]\w+|\bC-\d{1,4}/\d{2}\b|\bSAN-\d{4}-\d+\b|\b(?:Case|Docket|File|No\.)\s+(?:No\.?\s*)?[A-Z0-9]*\d[\w/-]+"
)
# What a sentence claims of a decision, and the words by which the registry would say it.
_CLAIMED = tuple(
    (re.compile(rf"\b(?:{claims})\b", re.IGNORECASE), re.compile(has, re.IGNORECASE))
    for claims, has in (
        (
            r"annulled|overturned|quashed|set\s+aside|struck\s+down|reversed",
            r"annul|overturn|quash|set aside|struck",
        ),
        (r"fined|fine\s+of", r"\bfine|EUR|USD|€|\$"),
        (
            r"enjoined|banned|prohibited|forbade|forbidden|stopped|blocked",
            r"(?<!refus)(?:\bban|prohibit|enjoined|block|stopp|suspend|halt|limit)",
        ),
        (r"admitted|admission|confess\w*|pleaded", r"(?<!without )(?<!without an )(?<!no )admi(?:t|ss)"),
        (
            r"(?:became|become|is|are|was|being|now)\s+final|upheld|confirmed",
            r"(?<!not )\bfinal\b|upheld|confirm",
        ),
        (r"binds|is\s+binding|binding\s+on", r"\bbinds\b|is binding"),
        (r"rules?\s+out|excludes?|forbids?|outlaws?", r"rules? out|exclud|forbid"),
        (
            r"found\s+(?:a\s+)?(?:breach|violation|infringement)\w*|breached|infringed|violated",
            r"breach|infring|violat|unlawful|lack",
        ),
        (
            r"with\s+a\s+finding|finding\s+(?:that|of)|found\s+that",
            r"(?<!no )(?<!any )(?<!without a )\bfinding|found|held",
        ),
        (r"settled|settlement", r"settle|stipulat|agree"),
        (
            r"(?:accepted|sanctioned|approved|fined|held|ruled|decided|confirmed|condemned|punished)\b[^;.]{0,120}\b(?:trained|training|language\s+models?)",
            r"train|\bmodel|\bAI\b|chatbot",
        ),
    )
)
_DENIED_BEFORE = re.compile(
    r"\b(?:no|not|never|nor|neither|without|none|refused\s+to|declined\s+to|whether|if|nothing)\b[^,;.]{0,60}$|n't\b[^,;.]{0,40}$",
    re.IGNORECASE,
)
_FINED = re.compile(r"\bfine(?:d|s)?\b|\bpenalt\w+", re.IGNORECASE)
_YEAR = re.compile(r"(?<![\d/.-])20[0-4]\d(?![\d/])")


def without_registry(text: str) -> str:
    """The text without what the registry itself says of decisions, word for word: that needs no judge."""
    for told in _told_of_decisions():
        text = text.replace(told, " ")
    return text


@lru_cache(maxsize=1)
def _told_of_decisions() -> tuple[str, ...]:
    return tuple(
        told for decision in load_decisions().decisions for told in (decision.status_note, decision.outcome)
    )


def find_invented_precedents(sentence: str, gold: Gold, document: Document) -> list[Flag]:
    """Flags for what the sentence says of decisions that it must not say."""
    text = fold_text(sentence)
    flags = [Flag("precedent", f"{entry.statement} {entry.reason}") for entry in forbidden_statements(text)]
    named = find_decisions(text)
    fined = None if named else _fined(text)
    if fined is not None:
        return flags + _weigh(text, fined, gold)
    for found in named:
        decision = load_decisions().get(found.decision_id) if found.decision_id else None
        if decision is None:
            flags.append(Flag("precedent", f'"{found.words}" is no decision of the registry.'))
        else:
            flags += _weigh(text, decision, gold)
    if flags or named:
        return flags
    case = _CASE.search(text)
    if case and case[0] not in document.text:
        return [Flag("precedent", f'"{case[0]}" is no decision of the registry.')]
    return _unnamed(text, document)


def _weigh(text: str, decision: Decision, gold: Gold) -> list[Flag]:
    flags: list[Flag] = []
    tells = _TELLS.get(decision.status)
    if tells and not tells.search(text):
        flags.append(Flag("precedent", f"{decision.id} is told without its status: {decision.status_note}"))
    flags += [
        Flag("precedent", f'The registry has nothing of this in {decision.id}: "{match[0]}".')
        for claims, has in _CLAIMED
        if (match := claims.search(text))
        and not _DENIED_BEFORE.search(text[: match.start()])
        and not has.search(_of(decision))
    ][:1]
    barred = [
        entry for entry in gold.risk.decisions_not_citable
        if entry.decision == decision.id and not any(c.decision == decision.id for c in gold.risk.decisions_citable)
    ]  # fmt: skip
    if barred and not _DENIED.search(text):
        flags.append(Flag("precedent", f"{decision.id}: {barred[0].reason}", (barred[0].id,)))
    sources = " ".join(
        (
            decision.outcome,
            decision.fine or "",
            decision.status_note,
            decision.reference,
            *decision.names,
            *decision.do_not_cite,
            decision.not_verified or "",
        )
    )
    known = find_quantities(fold_text(sources))
    for quantity in find_quantities(text):
        if quantity.kind == "money" and not any(same_quantity(quantity, said) for said in known):
            flags.append(Flag("precedent", f'"{quantity.words}" is no figure of {decision.id}.'))
    years = set(_YEAR.findall(f"{sources} {decision.date}"))
    if wrong := [year for year in _YEAR.findall(text) if year not in years]:
        flags.append(Flag("precedent", f"{wrong[0]} is no date of {decision.id}."))
    return flags


def _fined(text: str) -> Decision | None:
    """The one decision that fined a company of which the text says that it was fined."""
    if not _FINED.search(text):
        return None
    fined = [
        d
        for d in load_decisions().decisions
        if d.fine and any(re.search(rf"\b{re.escape(name)}\b", text) for name in _called(d))
    ]
    if len(fined) > 1:
        # Of several, the one that has the year and the sum.
        said = find_quantities(text)
        years = set(_YEAR.findall(text))
        fined = [
            d
            for d in fined
            if years <= set(_YEAR.findall(str(d.date)))
            and any(
                same_quantity(one, fine) for one in said for fine in find_quantities(fold_text(d.fine or ""))
            )
        ]
    return fined[0] if len(fined) == 1 else None


def _called(decision: Decision) -> tuple[str, ...]:
    """The first word of the respondent's name and what stands behind it in brackets, which is its product or its owner."""
    name, _, aside = decision.respondent.partition(" (")
    return (name.split()[0].strip(","), *([aside.rstrip(")")] if aside else []))


def _of(decision: Decision) -> str:
    return " ".join((decision.outcome, decision.fine or "", decision.status_note))


def _unnamed(text: str, document: Document) -> list[Flag]:
    """A sanction or judgment told of an authority or a court without a decision of the registry."""
    sanction = _SANCTION.search(text)
    if sanction is None or _DENIED.search(text):
        return []
    body = find_authorities(text) or _BODY.search(text)
    if not body:
        return []
    return [Flag("precedent", f'It tells of a decision ("{sanction[0]}") that is none of the registry.')]
