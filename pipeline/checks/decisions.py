"""Decisions: only by an id of the registry, told with their status and their own figures, and never otherwise."""

import re

from pipeline.checks.claims import Artefact, walk_claims, walk_prose
from pipeline.checks.folding import fold_text
from pipeline.checks.messages import error
from pipeline.checks.named import prints
from pipeline.checks.quantities import Quantity, find_quantities, same_quantity
from pipeline.checks.sentences import split_sentences
from pipeline.registry.citations import find_authorities
from pipeline.registry.decisions import (
    Decision,
    find_decisions,
    forbidden_statements,
    load_decisions,
)
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import Precedent, RiskAssessment

# Status -> the words of which one must stand in the relevance, and an example of them for the message.
_TOLD: dict[str, tuple[re.Pattern[str], str]] = {
    status: (re.compile(rf"\b(?:{words})", re.IGNORECASE), example)
    for status, words, example in (
        ("annulled", r"annul|overturn|quash|set\s+aside|struck\s+down|void|revers|vacat|revok|no\s+longer\s+stands", "annulled"),
        ("under_appeal", r"appeal|challeng|contest|under\s+review|stay|pending\s+before|before\s+the\s+(?:general\s+)?court", "under appeal"),
        ("suspended", r"suspen|stay|on\s+hold|paused", "suspended"),
        ("settled", r"settle|stipulat|undertak|without\s+(?:an?\s+)?(?:admission|finding)|no\s+(?:admission|finding)|agreed|consent\s+(?:order|decree)|struck\s+out", "settled"),
        ("pending", r"pending|open|ongoing|on-going|under\s+way|continu|no\s+(?:final\s+)?(?:decision|outcome|ruling|finding)|not\s+(?:yet\s+)?(?:been\s+)?(?:decided|concluded|ruled)|undecided|unresolved|not\s+final|interim|preliminary|inquiry|investigat|still", "pending"),
        ("soft_law", r"guid|opinion|recommend|soft|non-binding|nonbinding|not\s+bind|does\s+not\s+bind|advisory|preliminary|statement|report|not\s+a\s+(?:decision|ruling|clearance)|views?\b|yardstick", "guidance that does not bind"),
        ("complaint_only", r"complain|alleg", "a complaint only"),
        ("superseded", r"supersed|replac|no\s+longer|earlier|former|outdated|repeal", "superseded"),
    )
}  # fmt: skip
_NO_STATUS = re.compile(
    r"(?:\b(?:not(?!\s+(?:only|merely|just|simply)\b)|never|no|no\s+longer|nor|neither|without|(?:refus|declin)\w+\s+to)|n't)\s+"
    r"(?:(?!(?:and|but|as|or|since|because|while|yet)\b)[\w'-]+\s+){0,2}$",
    re.IGNORECASE,
)
_RULING = (
    r"(?:fines?|decisions?|orders?|sanctions?|penalt(?:y|ies)|rulings?|judge?ments?|measures?|injunctions?)"
)
_WAS = (
    r"(?:was|were|is|are|been|has\s+been|have\s+been)\s+(?:(?:now|since|later|then|in\s+the\s+end|\w+ly)\s+)?"
)
_BREACH_FOUND = r"(?:with\s+an?\s+finding|found\s+an?\s+(?:\w+\s+)?(?:breach|infringement|violation))"
_UPHELD = rf"{_WAS}(?:upheld|confirmed|affirmed)\b|\bupheld\s+(?:on|by|in)\b"
_FINAL = (
    r"\b(?:is|are|became|become|becomes|has\s+become)\s+(?:now\s+)?(?:final\b(?!\s+only)|legally\s+binding\b)"
)
_UNDONE = (
    rf"(?:^|[.;:]\s*|\b(?:{_RULING}|it|this|which)\b[^.;:,]{{0,60}}?\b)(?:annulled|overturned|quashed|struck\s+down)\b|"
    rf"\b{_RULING}\b[^.;:,]{{0,60}}?\b{_WAS}(?:suspended|set\s+aside|reversed|revoked|vacated)\b"
)
# Status -> words that tell another one, and so are untrue beside an entry of this status.
_CONTRARY: dict[str, re.Pattern[str]] = {
    status: re.compile(words, re.IGNORECASE)
    for status, words in (
        ("annulled", rf"{_UPHELD}|{_FINAL}|\b(?:is|are|remains?|stays?)\s+(?:still\s+)?(?:in\s+force|valid|in\s+effect)\b|\b{_RULING}\b[^.;:,]{{0,60}}?\bstands?\b(?!\s+(?:in|under|for|as|beside|next)\b)"),
        ("under_appeal", rf"{_UPHELD}|{_FINAL}|\bappeals?\s+(?:\w+\s+){{0,3}}?{_WAS}(?:dismissed|rejected)\b|\b(?:dismissed|rejected|withdrew)\s+(?:the|its|an|all)\s+(?:\w+\s+){{0,2}}?appeals?\b"),
        ("pending", rf"{_UPHELD}|{_FINAL}|\b(?:inquiry|investigation|case|lawsuit|suit|litigation|proceedings?|action)\s+{_WAS}(?:closed|dismissed|concluded|ended|decided|settled)\b|\bclosed\s+(?:the|its|an|this)\s+(?:\w+\s+)?(?:inquiry|investigation|case)\b|\b{_BREACH_FOUND}\b"),
        ("soft_law", r"\bbinds\b(?!\s+(?:no|nobody|none|nothing|neither|only)\b)|\b(?:is|are)\s+(?:legally\s+)?binding\b"),
        ("complaint_only", rf"\bcomplaint\b[^.;:,]{{0,60}}?\b{_WAS}(?:upheld|confirmed|granted|well[\s-]founded)\b|\bupheld\s+(?:the|a|this|its)\s+(?:\w+\s+){{0,2}}?complaint\b|\b{_BREACH_FOUND}\b"),
        ("in_force", _UNDONE),
        ("final", _UNDONE),
    )
}  # fmt: skip
_NOT_CLAIMED = re.compile(
    r"(?:\b(?:not|never|no|nor|neither|none|nothing|nobody|without|cannot|whether|if|unless|until|could|may|might|would|should|rather\s+than|instead\s+of)|n't)\b"
    r"(?:\s+(?!(?:and|but|since|because|while)\b)[\w'-]+){0,4}[\s-]*$",
    re.IGNORECASE,
)
_COMPARES = re.compile(r"\b(?:unlike|in\s+contrast|compared)\b", re.IGNORECASE)
_BINDING_PAPER = re.compile(
    r"\b(?:terms|polic(?:y|ies)|contracts?|documents?|notices?|agreements?|clauses?|rules?)\b[^.;:]{0,40}$",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d/.-])20[0-4]\d(?![\d/])")
_SANCTIONED = re.compile(
    r"[\s,]{1,3}(?:\([^)]{0,40}\)\s)?(?:has|had|have)?\s?(?:already\s|recently\s|also\s)?(?:fined|sanctioned|penali[sz]ed|banned|prohibited|reprimanded|imposed\s+(?:a|an|the|on|EUR|USD|€|\$)|"
    r"issued\s+(?:a\s+fine|an\s+order|a\s+reprimand)|ordered)\b|[’']s\s+(?:\w+\s+){0,3}fine\b"
)
_SANCTION_BY = re.compile(
    r"\b(?:was|were|(?:has|(?<!could )(?<!would )(?<!might )(?<!may )have)\s+been)\s(?:already\s|recently\s|also\s)?"
    r"(?:fined|sanctioned|penali[sz]ed|banned|reprimanded)\s+(?:\w+\s+){0,6}?by\s+(?:the\s+)?(?:\w+\s+){0,2}$"
)
_NOT_TOLD = re.compile(r"\b(?:if|whether|no|not|never|without|nor)\b[^.;]{0,60}$", re.IGNORECASE)


def check_decisions(document: Document, artefact: Artefact, root: str) -> list[Finding]:
    """Findings for precedents that the registry does not have, or that are told untruly, and for decisions named in prose."""
    findings: list[Finding] = []
    cited: set[str] = set()
    if isinstance(artefact, RiskAssessment):
        for n, precedent in enumerate(artefact.enforcement_precedents):
            findings += _check_precedent(
                document, f"{root}.enforcement_precedents[{n}]", precedent, precedent.decision_id in cited
            )
            cited.add(precedent.decision_id)
    stated = {f"{path}.text" for path, claim in walk_claims(artefact, root) if claim.basis == "stated"}
    for path, text in walk_prose(artefact, root):
        findings += _check_named(document, path, text, cited, path in stated)
        findings += [
            error(
                "decisions.forbidden",
                path,
                f"Leave this out: {entry.statement[:1].lower()}{entry.statement[1:]}; {entry.reason}",
            )
            for sentence in split_sentences(text)
            for entry in forbidden_statements(sentence)
        ]
    return findings


def _check_precedent(document: Document, path: str, precedent: Precedent, again: bool) -> list[Finding]:
    where = f"{path}.decision_id"
    decision = load_decisions().get(precedent.decision_id)
    if decision is None:
        return [
            error(
                "decisions.unknown",
                where,
                f'"{precedent.decision_id}" is not in the registry of decisions; cite one of its ids or drop the precedent.',
            )
        ]
    if again:
        return [
            error(
                "decisions.twice",
                where,
                f"{decision.id} is cited twice; put all that it bears on into one precedent.",
            )
        ]
    findings = _check_status(f"{path}.relevance", precedent, decision)
    findings += _check_figures(document, f"{path}.relevance", precedent, decision)
    return findings + _tell_unverified(where, decision)


def _check_status(path: str, precedent: Precedent, decision: Decision) -> list[Finding]:
    relevance = fold_text(precedent.relevance)
    contrary = _find_contrary(relevance, decision)
    if contrary:
        return [
            error(
                "decisions.status_contrary",
                path,
                f'"{contrary}" does not fit {decision.id}, of which the registry says: {decision.status_note or decision.status}; tell the '
                "status as it is.".replace(".; ", "; "),
            )
        ]
    told = _TOLD.get(decision.status)
    if told is None or any(_affirms(relevance, match.start()) for match in told[0].finditer(relevance)):
        return []
    return [
        error(
            "decisions.status_untold",
            path,
            f"{decision.id} is {told[1]} and the sentence does not say so; add it in words ({decision.status_note}).".replace(
                ".).", ")."
            ),
        )
    ]


def _affirms(text: str, start: int) -> bool:
    """Whether the word that begins here is told as so: "annulled", and neither "was not annulled" nor "refused to settle"."""
    return not _NO_STATUS.search(text, max(0, start - 60), start)


def _find_contrary(relevance: str, decision: Decision) -> str | None:
    """The words that tell another status; None where another decision is named beside this one, since they may be about that."""
    pattern = _CONTRARY.get(decision.status)
    if pattern is None or _COMPARES.search(relevance):
        return None
    if any(found.decision_id != decision.id for found in find_decisions(relevance)):
        return None
    for match in pattern.finditer(relevance):
        last = match.start() + match[0].rfind(" ") + 1
        window = (max(0, last - 80), last)
        of_paper = decision.status == "soft_law" and _BINDING_PAPER.search(relevance, *window)
        if not of_paper and not _NOT_CLAIMED.search(relevance, *window):
            return match[0]
    return None


def _check_figures(document: Document, path: str, precedent: Precedent, decision: Decision) -> list[Finding]:
    """Amounts and dates are the entry's, or stand in the passages that the precedent quotes."""
    passages = [p for e in precedent.evidence if (p := document.find(e.passage_id))]
    sources = (
        decision.date,
        decision.reference or "",
        decision.outcome,
        decision.fine or "",
        decision.status_note or "",
        *decision.names,
        *decision.do_not_cite,
        decision.not_verified or "",
        *(document.text_of(p) for p in passages),
        *(dated.value.isoformat() for dated in document.dates),
    )
    relevance = fold_text(precedent.relevance)
    known = [quantity for text in sources for quantity in find_quantities(fold_text(text))]
    years = set(_YEAR.findall(" ".join(sources)))
    wrong = [
        quantity.words
        for quantity in find_quantities(relevance)
        if quantity.kind == "money" and not any(same_quantity(quantity, said) for said in known)
    ]
    wrong += [
        quantity.words
        for quantity in find_quantities(relevance)
        if quantity.kind == "date"
        and not any(same_quantity(quantity, said) for said in (*known, *_month(decision)))
    ]
    wrong += [
        year
        for year in _YEAR.findall(relevance)
        if year not in years and not any(year in words for words in wrong)
    ]
    return [
        error(
            "decisions.figure_wrong",
            path,
            f'"{words}" is not a figure of {decision.id}; the registry has {decision.date}, '
            f"{'fine ' + decision.fine if decision.fine else 'no fine'}: use these or none.",
        )
        for words in dict.fromkeys(wrong)
    ]


def _month(decision: Decision) -> tuple[Quantity, ...]:
    """The entry's date as a quantity when only its month is known."""
    if decision.date.count("-") != 1:
        return ()
    return (Quantity("date", f"{decision.date}-??", "", decision.date, 0),)


def _tell_unverified(path: str, decision: Decision) -> list[Finding]:
    if decision.verification == "confirmed":
        return []
    missing = f" (not verified: {decision.not_verified})" if decision.not_verified else ""
    how = "only in part" if decision.verification == "partly" else "from memory alone"
    return [
        Finding(
            code="decisions.unverified",
            severity="info",
            path=path,
            message=f"The registry knows {decision.id} {how}{missing}; look it up before relying on it.",
        )
    ]


def _check_named(document: Document, path: str, text: str, cited: set[str], stated: bool) -> list[Finding]:
    """Decisions in prose that are not cited by id; what the document itself names may be told as its own statement."""
    findings: list[Finding] = []
    named = {found.words: found for found in find_decisions(text)}
    for found in named.values():
        if found.decision_id in cited or prints(document, found.words):
            continue
        if found.decision_id is None:
            findings.append(
                error(
                    "decisions.unknown_reference",
                    path,
                    f'"{found.words}" is not a reference of the registry of decisions; leave it out.',
                )
            )
        else:
            findings.append(
                error(
                    "decisions.named_without_id",
                    path,
                    f'"{found.words}" is a decision named without its id; cite {found.decision_id} among the risk assessment\'s '
                    "precedents, with its status, or leave it out.",
                )
            )
    if named or stated or ".enforcement_precedents[" in path:
        return findings
    for authority in find_authorities(text):
        before = text[max(0, authority.start - 120) : authority.start]
        told = _SANCTIONED.match(text, authority.end) or _SANCTION_BY.search(before)
        if told and not _NOT_TOLD.search(before):
            return [
                error(
                    "decisions.sanction_without_id",
                    path,
                    f'The sentence tells of a sanction by "{authority.words}" without a decision of the registry; cite one by id among '
                    "the precedents, or leave it out.",
                )
            ]
    return findings
