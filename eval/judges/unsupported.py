"""Unsupported: names that the document does not have, and matters that neither it nor its gold speaks of.

Matters are things that privacy policies of any kind speak of (a table below). A sentence that affirms one of which the document has no
word says something that is not there. What it denies, asks, or marks as law or inference is left alone.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from eval.judges.clauses import Clause
from eval.judges.relevance import Known, Near
from eval.judges.verdict import Flag
from eval.keys import has_key
from pipeline.checks.folding import fold_text
from pipeline.checks.names import Names
from pipeline.registry.authorities import find_authorities
from pipeline.registry.citations import find_citations
from pipeline.registry.decisions import find_decisions, load_decisions

# One matter a line; each word is the beginning of a word or of words.
_MATTERS = """
encrypt|cipher
end-to-end
anonymi[sz]|pseudonymi[sz]
facial recognition|face recognition|face scan
fingerprint(?!ing)
iris\\b|retina
biometric
genetic|DNA
microphone|listen(?:s|ing)? in
camera|webcam
address book|contact list|phone contacts
GPS|satellite
keystroke
clipboard
screenshot|screen recording
browsing history
credit (?:score|report|check)|creditworth
criminal record|background check
political opinion|trade union
religio
sexual orientation
racial|ethnic
social security|passport|driv(?:er|ing)['’]?s? licen[cs]e|identity card|ID card
selfie|video call|webcam check
blockchain|cryptocurrenc|token sale
data broker
advertis|advertiser|\\bads\\b
social media|social network
insur(?:er|ance)
employer
landlord
universit
hospital|doctor
government|intelligence agenc|law enforcement|police
hedge fund|investor
charit|donat
resell|re-sell|resale
re-?identif|identify (?:any(?:body|one)|people|them) again
pledge|public commitment
background check
bias
weekly|fortnightly
auction|auctioned
compensat|damages
refund|money back
discount|voucher|coupon|gift card
cash|payout|royalt
fee|charge[sd]?\\b|costs? (?:EUR|USD|\\$|€)
arbitrat|class action
jury
mediat
small claims
insurance policy
indemnif
certifi(?:ed|cation|cate)
ISO[ -]?\\d|SOC[ -]?\\d
audit
penetration|bug bounty|ethical hacker
two-factor|multi-factor|2FA
backup
firewall
quantum
data cent(?:er|re)|server farm
on-premis
minors?\\b|child|under 1[368]|parent
age (?:check|verif|limit|gate)|years old
newsletter|mailing list
telephone|phone number|toll-free|hotline|call(?:ing)? (?:the|us|a|its)
chatbot|live chat
text message|\\bSMS\\b
fax
registered (?:mail|letter)|certified mail|notari
in person|branch office|front desk
video tutorial|webinar
whistleblow
ombuds
data protection impact assessment|DPIA|impact assessment
binding corporate rules|\\bBCRs?\\b
adequacy
Privacy Shield|Data Privacy Framework|Safe Harbo
representative in|EU representative|UK representative
joint controller
data trust|escrow
emotion
voice ?print|voice record
wearable|smartwatch
smart (?:home|speaker)|television
vehicle|car data
drone
dark web
credit card|card number|payment card
bank account|bank detail
tax
bankrupt|insolven
merger|acqui(?:rer|sition)|buyer of (?:its|the|our) business|successor
loyalty|reward
lottery|sweepstake|prize
survey|questionnaire
human review|reviewed by (?:a )?(?:human|person|people|staff)|manual(?:ly)? review
read by (?:staff|employee|people)|moderators? read
label(?:l)?ing team|annotator
open[- ]source
watermark
copyright
patent
lobby
export control
automated decision|algorithmic decision|profil
rent(?:s|ed|ing)?\\b|leas(?:e|es|ed|ing)\\b
sell|sold|\\bsale
cookie|pixel|beacon|tracker
fingerprinting
Do Not Track
Global Privacy Control
forever|indefinite(?:ly)?|perpetual
transparency report
warrant canary
source code
"""


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    lines = (line.strip() for line in _MATTERS.splitlines())
    return tuple(re.compile(rf"(?<!\w)(?:{line})", re.IGNORECASE) for line in lines if line)


_INFERRED = re.compile(
    r"\b(?:infer\w*|by\s+law|our\s+(?:reading|mapping|view)|would|may\s+be|might|could|should|whether|question\w*|in\s+\w+\s+law|outside\s+(?:the|this)\s+(?:document|policy)|not\s+(?:named|mentioned|stated)|silent|expect\w*|ask\s+for|examine|bears?\s+on|engage[sd]?|"
    r"is\s+open|unclear|law\s+of|under\s+the\s+\w+\s+Act|statut\w*)\b",
    re.IGNORECASE,
)
_PROMISED = re.compile(
    r"\b(?:not|no|never|nor|neither|without|none|nothing|nowhere|lacks?|silent|absent|missing|unlike|instead\s+of|rather\s+than)\b|n't\b",
    re.IGNORECASE,
)


# Words of a sentence that tells of a decision; whom that names another rule weighs.
DECISION = re.compile(
    r"\b(?:fin(?:e|es|ed|ing)|courts?|complaints?|cases?|injunctions?|orders?|decisions?|decided|opinion|settle\w*|penalt\w+|found\s+wanting|under\s+appeal|inquir(?:y|ies)|judg\w+|enjoin\w*|bann?\w*|sanction\w*|v\.|undertaking|annul\w*|ruling|ruled)\b",
    re.IGNORECASE,
)


_LEGAL_FORMS = frozenset(("LLC", "Inc", "Ltd", "Limited", "Corp", "GmbH", "PLC", "SAS"))
COVERED = 0.4  # share of a clause's weight that something known must have, or nothing carries it
FEWEST_WORDS = 3
_WORDS_OF_ONE = 8  # words of weight of a clause for each known clause that may carry it
_ADVICE = re.compile(
    r"^\W*(?:ask|have|check|keep|sign|obtain|get|verify|review|test|reconcile|compare|request|seek|demand|require|confirm|examine|look|consider|document|decide|insist|make\s+sure|do\s+not|it\s+(?:shows|bears|supports|raises))\b",
    re.IGNORECASE,
)


def find_uncovered(clause: Clause, near: Sequence[Near], text: str, known: Known) -> list[Flag]:
    """A flag when nothing that is known of the document has enough of the clause's words. ``text`` is what it stands in.

    Sentences on decisions, those that mark an inference or a condition, and advice are about something else than the document.
    """
    if len(clause.words) < FEWEST_WORDS or clause.elliptic or clause.denies or clause.choice == "none":
        return []
    if DECISION.search(text) or _INFERRED.search(text) or _ADVICE.search(text):
        return []
    best = sorted((other for other in near if other.unit.side == "right"), key=lambda other: -other.covers)
    # A long clause draws together what stands in several places.
    together = best[: 1 + len(clause.words) // _WORDS_OF_ONE]
    words = frozenset().union(*(other.unit.clause.words for other in together))
    covered = max(
        known.weigh(clause.words & words) / known.weigh(clause.words), best[0].covers if best else 0.0
    )
    if covered >= COVERED:
        return []
    return [Flag("unsupported", f'Nothing in the document or its gold is about "{clause.plain}".')]


class Vocabulary:
    """Which names and matters a case has words of."""

    def __init__(self, known: Known) -> None:
        case = known.case
        self._names = Names(case.document)
        self._absent = case.gold.names_absent
        self._authorities = case.gold.authorities.named
        self._texts = "\n".join(
            (
                fold_text(case.document.text),
                *(unit.clause.plain for unit in known.units if unit.side == "right"),
            )
        )
        self._decided = " ".join(
            f"{d.respondent} {d.authority} {d.outcome} {d.reference} {' '.join(d.names)}"
            for d in load_decisions().decisions
        )
        self._missing = tuple(pattern for pattern in _patterns() if not pattern.search(self._texts))

    def find_unsupported(self, clause: Clause, sentence: str) -> list[Flag]:
        """Flags for what a clause of the sentence affirms and nothing carries."""
        text = clause.plain
        of_decisions = bool(DECISION.search(text))
        if _INFERRED.search(text) or _PROMISED.search(text) or find_decisions(sentence):
            return []
        flags = []
        for pattern in self._missing:
            if found := pattern.search(text):
                message = f'Neither the document nor its gold speaks of "{found[0]}".'
                flags.append(Flag("unsupported", message))
        # "such as Maryland, are not listed": the "not" about a name may stand behind the clause.
        if _PROMISED.search(_around(text, sentence)):
            return flags
        for name in self._absent:
            if has_key(text, name) and not (of_decisions and name in self._decided):
                flags.append(Flag("name", f'The document does not use the name "{name}".'))
        for name in self._names.unknown_in(text, "stated"):
            if name in _LEGAL_FORMS:
                continue
            if not has_key(self._texts, name) and not (of_decisions and name in self._decided):
                flags.append(Flag("name", f'The name "{name}" stands nowhere in the document.'))
        if not of_decisions and not _INFERRED.search(sentence) and not find_citations(text):
            flags += [
                Flag("name", f'The document does not name the authority "{found.words}".')
                for found in find_authorities(text)
                if found.authority_id not in self._authorities and found.words not in self._texts
            ]
        return flags


def _around(clause: str, sentence: str) -> str:
    """The part of the sentence, between semicolons, that the clause stands in."""
    return next((part for part in fold_text(sentence).split(";") if clause.rstrip(" ;.") in part), clause)
