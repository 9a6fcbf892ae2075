"""Wording: a draft describes in plain, calm words, in nobody's voice, and advises only what the policy offers."""

import re

from pipeline.checks.advice import find_unnamed_way, names_control, quoted_passages
from pipeline.checks.claims import Artefact, walk_claims, walk_prose
from pipeline.checks.conclusions import find_conclusion
from pipeline.checks.markup import ADDRESS, find_markup, without_addresses
from pipeline.checks.messages import error
from pipeline.registry.names import words_in_small
from pipeline.registry.sieve import Sieved
from schemas.document import Document
from schemas.finding import Finding
from schemas.risk import Action
from schemas.summaries import Claim, ConsumerSummary

_QUOTED = Sieved(
    r"\"[^\"\n]{1,400}\"|“[^”\n]{1,400}”|«[^»\n]{1,400}»|„[^“”\n]{1,400}[“”]|(?<!\w)['‘](?=\w)[^\n]{1,400}?[\w.,!?]['’](?!\w)"
)
# What is told to an organisation in the imperative: "require GDPR-compliant processing" asks, it does not conclude.
# The questions among them may be put in the organisation's own voice ("which plan do we use?").
_DEMANDS = re.compile(r"\.(?:mitigations|evidence_to_request)\[\d+\]$|\.(?:action|owner)$")
# "US" is a country, "Annex I" and "Parts I to XI" are numbers and "our reading" is the mark of an inference; the rest is somebody speaking.
_NUMERAL = Sieved(
    r"\b(?i:annex(?:es)?|append(?:ix|ices)|articles?|books?|chapters?|class(?:es)?|parts?|schedules?|sections?|tables?|tiers?|titles?|types?)\s+"
    r"[IVXLC]{1,8}(?:(?:,\s*|\s*[-–]\s*|,?\s+(?:and|or|to|through)\s+)[IVXLC]{1,8})*(?![\w'])"
)
_FIRST_PERSON = re.compile(
    r"(?<![\w'.-])(?:[Ww]e|[Oo]ur|[Oo]urs|us|[Oo]urselves|my|me|mine|myself)(?:'(?:re|ve|ll|d))?(?![\w-]|\.\w)|(?<![\w'-])My(?=\s+[a-z])|"
    r"(?<![\w'.-])I(?:'m|'ve|'d|'ll|\s+(?=[a-z]))(?<!I and )"
)
# One of these stands as a word of its own wherever the pattern above matches.
_SPEAKERS = frozenset(["we", "our", "ours", "us", "ourselves", "my", "me", "mine", "myself", "i"])
_OUR_READING = Sieved(
    r"\b(?:in|by|on|from|as|under)?\s*our\s+(?:own\s+)?(?:reading|view|inference|legal\s+mapping|mapping|judgement|judgment|interpretation|understanding)\b|\bas\s+we\s+(?:read|infer)\b|\bwe\s+(?:infer|read)\b",
    re.IGNORECASE,
)
_PRAISE = Sieved(
    r"\b(?:best[- ]in[- ]class|industry[- ]leading|market[- ]leading|world[- ]class|cutting[- ]edge|ground[- ]?breaking|game[- ]chang(?:er|ing)|unparalleled|unrivall?ed|"
    r"revolutionary|second\s+to\s+none|gold\s+standard|top[- ]notch|award[- ]winning|peace\s+of\s+mind|exemplary|praiseworthy|commendabl[ey]|admirabl[ey]|impressive(?:ly)?|"
    r"privacy[- ]friendly|user[- ]friendly|rest\s+assured|worry[- ]free|fortunately|happily)\b",
    re.IGNORECASE,
)
_ALARM = Sieved(
    r"\b(?:shocking(?:ly)?|alarming(?:ly)?|outrageous(?:ly)?|scandalous(?:ly)?|horrif(?:ying|ic)|terrifying|frightening|creepy|sinister|nightmar(?:e|ish)|egregious(?:ly)?|"
    r"blatant(?:ly)?|appalling(?:ly)?|disturbing(?:ly)?|dystopian|orwellian|beware|sneak(?:y|ily)|spy(?:ing)?\s+on|spies\s+on|greedy|shameless(?:ly)?|disgrace(?:ful)?|"
    r"devastating|catastrophic|unfortunately|sadly|red\s+flags?|predatory|invasive(?:ly)?|dangerous(?:ly)?|harvest(?:s|ed|ing)?\s+your)\b",
    re.IGNORECASE,
)
_SHOUT = Sieved(r"(?:^|\s)([^\s!]*[a-z]!)")


def check_wording(document: Document, artefact: Artefact, root: str) -> list[Finding]:
    """Findings for conclusions of law, advice without a control, voice and tone, and anything that is no plain prose."""
    findings: list[Finding] = []
    claims = {f"{path}.text": claim for path, claim in walk_claims(artefact, root)}
    for path, text in walk_prose(artefact, root):
        claim = claims.get(path)
        findings += _check_prose(document, path, text, claim)
        findings += _check_addresses(document, path, text, claim)
    for path, claim in walk_claims(artefact, root):
        if isinstance(claim, Action) or isinstance(artefact, ConsumerSummary):
            findings += _check_advice(document, path, claim)
    return findings


def _check_prose(document: Document, path: str, text: str, claim: Claim | None) -> list[Finding]:
    own = _QUOTED.sub(lambda match: '"' + "_" * (len(match[0]) - 2) + '"', text)
    findings: list[Finding] = []
    conclusion = None if _DEMANDS.search(path) else find_conclusion(own)
    if conclusion and claim:  # which its passages may excuse
        conclusion = find_conclusion(own, quoted_passages(document, claim))
    if conclusion:
        findings.append(
            error(
                "wording.conclusion",
                path,
                f'"{conclusion}" is a legal conclusion; say what the text does and which question that raises, or whose words they are.',
            )
        )
    asked = path.endswith(".action") and own.rstrip().endswith("?")
    voice = None if asked else _find_voice(own)
    if voice:
        findings.append(
            error(
                "wording.first_person",
                path,
                f'"{voice[0].strip()}" speaks in the first person; name the company or the document, or put the policy\'s words in quotation marks.',
            )
        )
    for kind, pattern in (("promotional", _PRAISE), ("alarmist", _ALARM)):
        tone = pattern.search(own)
        said = quoted_passages(document, claim) if tone and claim else ""
        if tone and tone[0].casefold() not in said.casefold():
            findings.append(
                error("wording.tone", path, f'"{tone[0]}" is {kind}; say the fact in neutral words.')
            )
    shout = _SHOUT.search(own)
    if shout and shout[1] not in document.text:
        findings.append(error("wording.tone", path, "An exclamation mark is alarmist; end with a full stop."))
    foreign = find_markup(without_addresses(text, ""), document)
    if foreign:
        findings.append(
            error(
                "wording.markup",
                path,
                f'The text holds {foreign[0]} ("{foreign[1]}"); write it again as one plain sentence without it.',
            )
        )
    return findings


def _find_voice(text: str) -> re.Match[str] | None:
    """The words by which somebody speaks in the first person."""
    plain = without_addresses(text.replace("’", "'"), " ")
    plain = _NUMERAL.sub("_", _OUR_READING.sub(" ", plain))
    return None if _SPEAKERS.isdisjoint(words_in_small(plain)) else _FIRST_PERSON.search(plain)


def _check_addresses(document: Document, path: str, text: str, claim: Claim | None) -> list[Finding]:
    """An e-mail address stands in the claim's passages; where a text has no evidence, in the document."""
    if "@" not in text:
        return []
    where = (quoted_passages(document, claim) if claim else document.text).casefold()
    return [
        error(
            "wording.address",
            path,
            f'The e-mail address "{address}" does not stand in {"the passages quoted" if claim else "the document"}; '
            "quote the passage that gives it, or leave it out.",
        )
        for address in dict.fromkeys(match[0].rstrip(".") for match in ADDRESS.finditer(text))
        if address.casefold() not in where
    ]


def _check_advice(document: Document, path: str, claim: Claim) -> list[Finding]:
    if isinstance(claim, Action):
        if claim.kind == "precaution":
            return _check_precaution(document, path, claim)
        if not claim.evidence:
            return [
                error(
                    "wording.advice_without_evidence",
                    path,
                    f"The action is a {claim.kind} and quotes no passage; quote the words by which the policy offers it, or make it a "
                    "precaution that needs nothing from the company, or drop it.",
                )
            ]
    unnamed = find_unnamed_way(document, claim)
    if unnamed is None:
        return []
    way, words = unnamed
    return [
        error(
            "wording.advice_unsupported",
            f"{path}.text",
            f'"{words}" sends people to {way}, which the quoted passages do not name; quote the passage that names it, or advise '
            "only what the policy offers.",
        )
    ]


def _check_precaution(document: Document, path: str, claim: Claim) -> list[Finding]:
    """A precaution needs nothing from the company; one that names a control of the service needs the control's passage."""
    unnamed = find_unnamed_way(document, claim) if names_control(claim.text) else None
    if unnamed is None:
        return []
    way, words = unnamed
    return [
        error(
            "wording.advice_unsupported",
            f"{path}.text",
            f'The precaution sends people to {way} of the service ("{words}"), which no passage that it quotes names; quote the passage '
            "that names it, or drop it.",
        )
    ]
