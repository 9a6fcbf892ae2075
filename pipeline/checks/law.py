"""Law: every citation exists, is not used for another matter, and is marked inferred where the document does not name it."""

import re
from collections.abc import Iterable, Iterator

from pipeline.checks.claims import Artefact, walk_claims, walk_prose
from pipeline.checks.evidence import ABSENCE
from pipeline.checks.folding import fold_text
from pipeline.checks.messages import error
from pipeline.checks.named import Named, named_in, prints
from pipeline.checks.sentences import split_sentences
from pipeline.registry.authorities import load_authorities
from pipeline.registry.citations import (
    FoundCitation,
    RefProblem,
    check_ref,
    describe_ref,
    find_authorities,
    find_citations,
    join_ref,
    verification_of,
    wrong_statements,
    wrong_topic,
)
from pipeline.registry.sieve import Sieved
from pipeline.registry.statutes import Instrument, load_statutes
from pipeline.registry.topics import or_list
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import Exposure, RiskAssessment
from schemas.summaries import Claim

# Characters on either side of a name in which a word of absence makes the sentence say that the document does not name it.
_NEAR = 80
_LEADING = Sieved(
    r"\b(?:lead|leading|primary|principal)\s(?:(?:supervisory|enforcement|data\s+protection|competent|regulatory|privacy)\s){0,2}(?:authority|regulator|enforcer)\b",
    re.IGNORECASE,
)
_MEMBERS = """
    Austria Belgium Bulgaria Croatia Cyprus Czechia Denmark Estonia Finland France Germany Greece Hungary Iceland Ireland Italy Latvia
    Liechtenstein Lithuania Luxembourg Malta Netherlands Norway Poland Portugal Romania Slovakia Slovenia Spain Sweden
"""
_EEA = frozenset(_MEMBERS.split())
_UNVERIFIED = {
    "memory": "was entered from memory and never checked against the law's text",
    "conflict": "is one on which our sources disagree",
}


def check_law(document: Document, artefact: Artefact, root: str) -> list[Finding]:
    """Findings for citations that do not exist, fit another topic or claim to be stated, and for enforcers that do not enforce."""
    named = named_in(document)
    findings: list[Finding] = []
    for path, claim in walk_claims(artefact, root):
        findings += _check_statutes(path, claim, named)
        if claim.basis == "stated":
            findings += _check_stated(path, claim, named)
            findings += _check_role(path, claim, document)
    if isinstance(artefact, RiskAssessment):
        for n, exposure in enumerate(artefact.regulatory_exposure):
            findings += _check_exposure(f"{root}.regulatory_exposure[{n}]", exposure, named)
    for path, text in walk_prose(artefact, root):
        findings += _check_prose(path, text, document)
    return findings + _tell_unverified(artefact, root)


def _check_statutes(path: str, claim: Claim, named: Named) -> list[Finding]:
    findings: list[Finding] = []
    refs = [statute.ref for statute in claim.statutes]
    for n, statute in enumerate(claim.statutes):
        where = f"{path}.statutes[{n}]"
        problems = check_ref(statute.ref)
        findings += _tell(where, problems)
        if any(problem.severity == "error" for problem in problems):
            continue
        if statute.basis == "stated" and not named.has(statute.ref):
            findings.append(error("law.not_stated", where, _not_stated(statute.ref, named)))
        reason = wrong_topic(claim.text, statute.ref, [*refs[:n], *refs[n + 1 :]])
        if reason:
            findings.append(error("law.wrong_topic", where, f"{reason} Correct the citation or drop it."))
    return findings


def _not_stated(ref: str, named: Named) -> str:
    instrument = ref.partition(":")[0]
    words = describe_ref(ref)
    if instrument != ref and named.has(instrument):
        return f"The document names {describe_ref(instrument)} but not {words}; mark {ref} inferred, or cite {instrument} alone as stated."
    return f"The document does not name {words}; mark {ref} inferred."


def _check_stated(path: str, claim: Claim, named: Named) -> list[Finding]:
    """Law and authorities in the text of a stated claim are named by the document, or the text says that they are not."""
    missing: dict[str, None] = {}
    for citation in _each_once(claim.text):
        ref = citation.ref or citation.instrument_id
        if ref and not named.has(ref) and not _is_denied(claim, citation.start, citation.end):
            missing[citation.words] = None
    for authority in find_authorities(claim.text):
        if authority.authority_id not in named.authorities and not _is_denied(
            claim, authority.start, authority.end
        ):
            missing[authority.words] = None
    return [
        error(
            "law.unnamed_in_stated",
            f"{path}.text",
            f'The document never names "{words}", so the claim is not stated; mark it inferred and say so in words, or leave the name out.',
        )
        for words in missing
    ]


def _check_role(path: str, claim: Claim, document: Document) -> list[Finding]:
    """Which authority leads follows from the seat and from law; a document that names an authority seldom says that it leads."""
    role = _LEADING.search(claim.text)
    if role is None or _LEADING.search(document.text) or _is_denied(claim, role.start(), role.end()):
        return []
    return [
        error(
            "law.role_not_stated",
            f"{path}.text",
            f'The document calls no authority "{role[0]}"; mark the claim inferred and say so in words, or tell only what the document says '
            "of the authority.",
        )
    ]


def _is_denied(claim: Claim, start: int, end: int) -> bool:
    """Whether the text says that the document does not name it, in words or by searching for it in vain."""
    words = fold_text(claim.text[start:end]).casefold()
    if any(term and (term in words or words in term) for term in map(str.casefold, claim.absent_terms)):
        return True
    return bool(ABSENCE.search(claim.text[max(0, start - _NEAR) : end + _NEAR]))


def _check_exposure(path: str, exposure: Exposure, named: Named) -> list[Finding]:
    problems = check_ref(exposure.statute)
    if ":" in exposure.statute and not any(problem.severity == "error" for problem in problems):
        instrument_id = exposure.statute.partition(":")[0]
        return [
            error(
                "law.statute_with_article",
                f"{path}.statute",
                f"{exposure.statute} is a provision; give the id {instrument_id} as statute and the rest as an article.",
            )
        ]
    findings = _tell(f"{path}.statute", problems)
    instrument = load_statutes().get(exposure.statute)
    if instrument is None:
        return findings
    refs = [join_ref(exposure.statute, article) for article in exposure.articles]
    for n, ref in enumerate(refs):
        where = f"{path}.articles[{n}]"
        problems = check_ref(ref)
        findings += _tell(where, problems)
        if any(problem.severity == "error" for problem in problems):
            continue
        beside = [*refs[:n], *refs[n + 1 :], *(s.ref for s in exposure.rationale.statutes)]
        reason = wrong_topic(exposure.rationale.text, ref, beside)
        if reason:
            findings.append(error("law.wrong_topic", where, f"{reason} Correct the article or drop it."))
    for n, enforcer in enumerate(exposure.enforcers):
        if not _may_enforce(enforcer, instrument, named):
            findings.append(
                error(
                    "law.not_the_enforcer",
                    f"{path}.enforcers[{n}]",
                    f'The registry does not have "{enforcer}" among the enforcers of {instrument.short}; name '
                    f"{or_list(instrument.enforcers)}, or an authority that the document names.",
                )
            )
    return findings


def _may_enforce(enforcer: str, instrument: Instrument, named: Named) -> bool:
    if not instrument.enforcers:
        return True
    wanted = fold_text(enforcer).casefold()
    listed = [fold_text(name).casefold() for name in instrument.enforcers]
    if any(wanted in name or name in wanted for name in listed if wanted):
        return True
    # "state attorneys general" stands for each of them, "national supervisory authorities" for that of any member state.
    if "attorney general" in wanted and any("attorneys general" in name for name in listed):
        return True
    national = any(name.startswith("national ") for name in listed)
    if national and re.match(r"(?:the\s+)?(?:competent\s+)?national\s(?:\w+\s){0,4}authorit", wanted):
        return True
    found = {authority.authority_id for authority in find_authorities(enforcer)}
    own = {authority.authority_id for name in instrument.enforcers for authority in find_authorities(name)}
    if national:
        own |= {a.id for a in load_authorities().authorities if a.names and a.jurisdiction in _EEA}
    return bool(found & (own | named.authorities))


def _check_prose(path: str, text: str, document: Document) -> list[Finding]:
    findings: list[Finding] = []
    for citation in _each_once(text):
        if citation.ref is not None:
            findings += [
                error("law.no_such_provision", path, f'"{citation.words}" is cited, but {problem.message}')
                for problem in check_ref(citation.ref)
                if problem.severity == "error"
            ]
        elif citation.instrument_id is None and not prints(document, citation.words):
            findings.append(
                Finding(
                    code="law.unknown_citation",
                    severity="warning",
                    path=path,
                    message=f'"{citation.words}" belongs to no law of the registry and the document does not print it; look it up.',
                )
            )
    for sentence in split_sentences(text):
        for citation in _each_once(sentence):
            reason = (
                wrong_topic(sentence, citation.ref) if citation.ref and not check_ref(citation.ref) else None
            )
            if reason:
                findings.append(
                    error(
                        "law.wrong_topic",
                        path,
                        f'"{citation.words}" is cited, but {reason} Correct the sentence.',
                    )
                )
        findings += [error("law.misstatement", path, entry.message) for entry in wrong_statements(sentence)]
    return findings


def _each_once(text: str) -> Iterable[FoundCitation]:
    """The citations of a text, the first of each provision, or of each run of words for one that is not known."""
    first: dict[str, FoundCitation] = {}
    for citation in find_citations(text):
        first.setdefault(citation.ref or citation.words, citation)
    return first.values()


def _tell_unverified(artefact: Artefact, root: str) -> list[Finding]:
    """Once for each reference that the registry has not verified, at its first place."""
    first: dict[str, str] = {}
    for path, ref in _walk_refs(artefact, root):
        first.setdefault(ref, path)
    findings: list[Finding] = []
    for ref, path in first.items():
        doubt = _UNVERIFIED.get(verification_of(ref) or "")
        if doubt and not any(problem.severity == "error" for problem in check_ref(ref)):
            findings.append(
                Finding(
                    code="law.unverified",
                    severity="info",
                    path=path,
                    message=f"The registry's entry for {describe_ref(ref)} ({ref}) {doubt}; look it up before relying on it.",
                )
            )
    return findings


def _walk_refs(artefact: Artefact, root: str) -> Iterator[tuple[str, str]]:
    for path, claim in walk_claims(artefact, root):
        for n, statute in enumerate(claim.statutes):
            yield f"{path}.statutes[{n}]", statute.ref
    if isinstance(artefact, RiskAssessment):
        for n, exposure in enumerate(artefact.regulatory_exposure):
            path = f"{root}.regulatory_exposure[{n}]"
            if not exposure.articles:
                yield f"{path}.statute", exposure.statute
            for m, article in enumerate(exposure.articles):
                yield f"{path}.articles[{m}]", join_ref(exposure.statute, article)


def _tell(path: str, problems: Iterable[RefProblem]) -> list[Finding]:
    """The registry's own words on a reference. What it cannot check is told and asks nothing of anybody."""
    return [
        Finding(
            code=problem.code.replace("ref.", "law."),
            severity="info" if problem.code == "ref.unknown_number" else problem.severity,
            path=path,
            message=_sentence(problem.message),
        )
        for problem in problems
    ]


def _sentence(message: str) -> str:
    text = message if message.endswith(".") else f"{message}."
    return text[:1].upper() + text[1:]
