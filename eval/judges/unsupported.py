"""Unsupported: names that the document does not have, and matters that neither it nor its gold speaks of.

Matters are things that privacy policies of any kind speak of (a table below). A sentence that affirms one of which the document has no
word says something that is not there. What it denies, asks, or marks as law or inference is left alone.
"""

import re
from functools import lru_cache

from eval.judges.clauses import Clause
from eval.judges.relevance import Known
from eval.judges.verdict import Flag
from eval.judges.words import content, normalise
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
human review|review(?:ed)? by (?:a )?(?:human|person|people|staff)|manual(?:ly)? review
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
forever|indefinite(?:ly)?|perpetual|without (?:a |any )?(?:time )?limit|no (?:time )?limit
transparency report
warrant canary
source code
credit monitoring|identity (?:theft|protection)
pop-?up
confidentiality (?:agreement|undertaking|clause|obligation)|non-disclosure|\\bNDAs?\\b
hash(?:ed|es|ing)?\\b|salted
redact|black(?:ed|s)? out
antivirus|malware|intrusion detection
around the clock|round the clock|24/7|day and night
incident response|disaster recovery|emergency plan
ethics (?:board|committee|review)|review board|advisory board
background (?:vetting|screening)|security clearance|vetted
data protection training|privacy training|trained in (?:privacy|data protection)
medical record|health record|patient file|prescription|blood
salary|wealth|financial situation|net worth
immigration|citizenship|nationality
marital status|maiden name
school (?:record|grade)|grades\\b|diploma
photo(?:s|graphs?)?\\b|photo (?:gallery|library)|camera roll
calendar|appointments
Bluetooth|Wi-?Fi
\\bSIM\\b|IMEI|mobile carrier|mobile operator
installed apps|other apps (?:on|installed)
accelerometer|gyroscope|motion sensor
mouse movement|scrolling|heat ?map|session replay
A/B test|split test
retarget|remarket|lookalike|look-alike
clean room
affiliate|subsidiar|parent company|group compan|sister compan|corporate group
joint venture|franchis
credit (?:bureau|agenc)|scoring agenc
tax (?:authorit|office)
journalist|newspaper|\\bpress\\b
political (?:part|campaign)|election
non-?profit|\\bNGOs?\\b|foundation
consultanc|consulting firm
zero-knowledge|key management|encryption key
certificate|seal of|trust ?mark|privacy seal
code of conduct|code of practice
prior consultation|prior approval|approved by (?:the|a)\\b
lead (?:supervisory )?authority|one-stop
derogation
locali[sz]ed in|data locali[sz]ation|data residency
double opt-in
consent (?:banner|manager|management)|cookie banner
call recording|recorded calls?|transcri(?:be|pt)
power of attorney
heirs?\\b|next of kin|executor|relatives?\\b|descendants?
grace period|cooling-off
unlearn|retrained? (?:without|from scratch)|tak(?:es?|en) (?:it |them |data )?out of (?:the |its |finished )?models?
revenue|profits?\\b|share of (?:what|the (?:money|earnings|proceeds|profits?))|proceeds|earnings
pay(?:s|ing)? you\\b|paid to you|reimburs|remunerat
service level|\\bSLA\\b|uptime
limitation period|statute of limitations
account manager|dedicated (?:contact|team|support)
legal (?:fees|costs)|attorneys?['’]? fees
court-appointed|independent (?:expert|monitor|auditor|third party|body|panel|trustee)
randomly|at random|spot checks?|random samples?
public(?:ly)? (?:register|list|promise|pledge|commit\\w*)|public commitment
annual(?:ly)?\\b|every year|each year|once a year|yearly report
quarterly|every quarter|each quarter
progress report|status update
read receipt|confirmation e-?mail|acknowledg(?:e|es|ement)
in your (?:own )?language|translated into|multilingual
paper copy|printed copy|on paper
waiting list|queue
test account|sandbox
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


# "is not mentioned", "there is no such plan": a name that is told not to be there.
_NOT_THERE = re.compile(
    r"\b(?:not|never|nowhere|no|none|nothing)\b[^;.]{0,40}\b(?:mention|nam|list|cit|call|us|stat|exist|offer|such|appear|found|occur|describ|refer|say|said|word)\w*|n't\b|\bnowhere\b|\b(?:absent|missing|lacking)\b",
    re.IGNORECASE,
)


_NOT_TO = re.compile(r"(?<=\w)\s+(?:not|never)\s+to\b", re.IGNORECASE)
# A "not" of the condition that a sentence opens with is no "not" of what follows.
_CONDITION = re.compile(r"^\W*(?:if|when|where|once|unless|until)\s[^,;]*,", re.IGNORECASE)

# Words of a sentence that tells of a decision; whom that names another rule weighs.
DECISION = re.compile(
    r"\b(?:fin(?:e|es|ed|ing)|courts?|complaints?|cases?|injunctions?|orders?|decisions?|decided|opinion|settle\w*|penalt\w+|found\s+wanting|under\s+appeal|inquir(?:y|ies)|judg\w+|enjoin\w*|bann?\w*|sanction\w*|v\.|undertaking|annul\w*|ruling|ruled)\b",
    re.IGNORECASE,
)


_LEGAL_FORMS = frozenset(("LLC", "Inc", "Ltd", "Limited", "Corp", "GmbH", "PLC", "SAS"))


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
        self._said = tuple(unit.clause.words for unit in known.units if unit.side == "right")
        self._missing = tuple(pattern for pattern in _patterns() if not pattern.search(self._texts))

    def _has_words_of(self, matter: str) -> bool:
        """Whether something known has the matter in other words, as "review by a person" is to be "reviewed by people"."""
        words = content(normalise(matter))
        return len(words) > 1 and any(words <= said for said in self._said)

    def find_unsupported(self, clause: Clause, sentence: str) -> list[Flag]:
        """Flags for what a clause of the sentence affirms and nothing carries."""
        text = clause.plain
        of_decisions = bool(DECISION.search(text))
        if _INFERRED.search(text) or find_decisions(sentence):
            return []
        flags = []
        for pattern in self._missing:
            found = pattern.search(text)
            # "a public commitment not to identify anybody" denies no commitment.
            rest = _NOT_TO.sub(" ", text)
            if found and not (_PROMISED.search(rest) or self._has_words_of(found[0])):
                message = f'Neither the document nor its gold speaks of "{found[0]}".'
                flags.append(Flag("unsupported", message))
        around = _around(text, sentence)
        for name in self._absent:
            if _is_denied(around, name):
                continue
            if has_key(text, name) and not (of_decisions and name in self._decided):
                flags.append(Flag("name", f'The document does not use the name "{name}".'))
        # "such as Maryland, are not listed": the "not" about a name may stand behind the clause.
        if _PROMISED.search(_CONDITION.sub("", around)):
            return flags
        for name in self._names.unknown_in(text, "stated"):
            if name in _LEGAL_FORMS:
                continue
            if not has_key(self._texts, name) and not (of_decisions and name in self._decided):
                flags.append(Flag("name", f'The name "{name}" stands nowhere in the document.'))
        if (
            (not of_decisions or (clause.says and not clause.denies))
            and not _INFERRED.search(sentence)
            and not find_citations(text)
        ):
            flags += [
                Flag("name", f'The document does not name the authority "{found.words}".')
                for found in find_authorities(text)
                if found.authority_id not in self._authorities and found.words not in self._texts
            ]
        return flags


def _is_denied(part: str, name: str) -> bool:
    """Whether it is the name that is denied: by a "not" before it, or as one that the document does not have."""
    before, found, behind = part.partition(name)
    return bool(_PROMISED.search(before) or (found and _NOT_THERE.search(behind)))


def _around(clause: str, sentence: str) -> str:
    """The part of the sentence, between semicolons, that the clause stands in."""
    return next((part for part in fold_text(sentence).split(";") if clause.rstrip(" ;.") in part), clause)
