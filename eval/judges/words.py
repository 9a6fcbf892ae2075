"""Words of English brought to a common form, so that two sentences in different words can be laid side by side.

``normalise`` writes runs of words that mean one thing as one word ("turn it off", "opt out" and "object" are the refusal of something);
``content`` gives the stems of what is left, each replaced by the first of its synonyms. The tables hold general English and the common
words of privacy policies; what one policy calls its products belongs to its gold.
"""

import re
from functools import lru_cache

from eval.judges.places import PLACE, PLACES
from pipeline.checks.folding import fold_text
from pipeline.checks.stems import stem, stems

REFUSE = "xrefuse"  # somebody says no to what would go on otherwise
ALLOW = "xallow"  # somebody says yes to what would not go on otherwise
SPARED = "xspared"  # left out of what happens to others

_OBJECT = r"(?:\s+(?!off\b|on\b|is\b|are\b|was\b|stays?\b|stands?\b)[\w'/-]+){0,4}?"
_PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), word)
    for pattern, word in (
        (rf"opt(?:s|ed|ing)?[\s-]outs?|(?:turn|switch|toggl)(?:s|es|ed|ing|e)?{_OBJECT}\s+off|disabl(?:e|es|ed|ing)|deactivat\w+|"
         r"objects?(?=\s+to\b)|(?<=you )object|(?<=you )objects|(?<=person )objects|(?<=they )object|(?<=user )objects|objects(?=\s*(?:[,.;]|$))|objected|objecting|objections?|says?\s+no|saying\s+no|said\s+no|(?<=can )stop|(?<=may )stop|(?<=could )stop|(?:(?<=limit )|(?<=switch )|(?<=toggle )|(?<=settings )|(?<=setting )|(?<=control )|(?<=link )|(?<=opt-out )|(?<=that )|(?<=to ))stops?(?=\s+(?:this|it|that|the\s+(?:sale|training|use)|sale|training|such|all|sharing)\b)|refus(?:e|es|ed|ing|al)|declin(?:e|es|ed|ing)(?!\s+of)|unsubscrib\w+", REFUSE),
        (rf"opt(?:s|ed|ing)?[\s-]ins?|(?<!the )(?<!\ba )(?:turn|switch|toggl)(?:s|es|ed|ing|e)?{_OBJECT}\s+on(?!\s+(?:the|an?|your)\b)|enabl(?:e|es|ed|ing)|"
         r"consent(?:s|ed|ing)?|agree[sd]?|agreeing|permission|says?\s+yes|saying\s+yes|opt-in|authori[sz]ations?", ALLOW),
        (r"(?:left|leaves?|leaving|kept|keeps?|keeping|stays?|staying|remains?)\s+(?:[\w'-]+\s+){0,8}?out(?:side)?\s+of|(?:left|leaves?|leaving|kept|stays?)\s+(?:\w+\s+){0,3}?out|"
         r"exempt(?:s|ed|ions?)?(?:\s+from)?|exclu(?:de|des|ded|ding|sions?)(?:\s+from)?|excepted(?:\s+from)?|spared(?:\s+from)?|protected\s+from|safe\s+from|free\s+(?:of|from)|"
         r"(?:is|are|be|stands?|falls?|lies?|stays?|remains?)\s+outside(?:\s+of)?|closed\s+to|off\s+limits|out\s+of\s+scope|not\s+touched\s+by|untouched\s+by|shut\s+out\s+of|barred\s+from|out\s+of\s+bounds|freedom\s+from|left\s+alone\s+by|among\s+the\s+exceptions(?:\s+(?:from|to))?|carved\s+out(?:\s+of)?|(?:buy|buys|bought|buying|bring|brings|take|takes|get|gets|spare|spares|exempt|exempts|free|frees|shield|shields|save|saves|protect|protects)\s+(?:you|anybody|anyone|people|them|users?|somebody|a\s+person|your\s+\w+|their\s+\w+|him|her)\s+(?:out\s+of|from)|shielded\s+from|with(?:held|hold|holds)\s+from|held\s+back\s+from|holds?\s+back\s+from|taken\s+out\s+of|absent\s+from|kept\s+away\s+from|immune\s+(?:to|from)|out\s+of\s+reach\s+of|beyond\s+the\s+reach\s+of", SPARED),
        (r"(?:takes?|taking|took|taken)\s+in(?!\s+(?:part|place|place\s+of|return|full|account|force|addition|the\s+form))|(?:holds?|goes|counts?|stands?)\s+(?:just\s+|as\s+well\s+)?for(?=\s+(?:all|every|each|any|both|everybody|everyone|anybody|the\s+\w+|your|our|their))|comes?\s+under|falls?\s+under|is\s+subject\s+to|are\s+subject\s+to|extends?\s+to|lets?\s+in", "cover"),
        (r"always\s+(?:stays?\s+)?on|(?:stays?|remains?|keeps?)\s+(?:always\s+)?on(?=\W*$|\s+(?:whatever|no\s+matter|for\s+good))", "no xrefuse"),
        (r"as\s+a\s+rule|in\s+the\s+ordinary\s+course|routinely|usually|normally|regularly|by\s+preference", "ordinarily"),
        (r"in\s+exceptional\s+cases|by\s+way\s+of\s+exception|as\s+an\s+exception|only\s+exceptionally|exceptional(?:ly)?|rarely|seldom", "not ordinarily"),
        (r"look(?:s|ed|ing)?\s+(?:it\s+|them\s+)?(?:at|over|through|into)|go(?:es)?\s+through|goes\s+over|gone\s+over", "review"),
        (r"(?:never|not|n't)\s+leaves?|never\s+leaving", "stay"),
        (r"takes?\s+(?:your|their|the)\s+data\s+with\s+(?:you|them)(?:\s+to\s+another\s+\w+)?|(?:move|transfer)\s+(?:\w+\s+){0,3}to\s+another\s+(?:service|provider|company|entity)", "portability"),
        (r"finds?(?:ing)?\s+and\s+(?:repair|fix|correct)\w*\s+(?:\w+\s+)?(?:faults?|errors?|bugs?|defects?)|bug[\s-]fix\w*|fixing\s+bugs|troubleshoot\w*", "debugging"),
        (r"(?:keeps?|keeping|kept)\s+(?:[\w'-]+\s+){0,5}?from(?=\s+(?:being|\w+ing))", "stops"),
        (r"(?:take|taking|taken|takes|took)\s+(?:[\w']+\s+){0,3}?back|revok(?:e|es|ed|ing)|retract(?:s|ed|ing)?|rescind(?:s|ed|ing)?", "withdraw"),
        (r"(?:services?|websites?|sites?|apps?|tools?|products?)\s+of\s+(?:other|another)\s+compan(?:y|ies)|(?:somebody|someone)\s+else's\s+(?:services?|websites?|sites?|apps?|tools?)", "xthird service"),
        (r"places?\s+(?:that\s+)?(?:you|they|people|a\s+person|each\s+of\s+them|one)\s+(?:ha(?:s|ve)\s+)?(?:already\s+)?(?:been(?:\s+to)?|visit(?:s|ed)?|went(?:\s+to)?|goes|go)", "place visit"),
        (r"(?:(?:there\s+(?:is|are)|ha(?:s|ve)|gives?\s+\w+|leaves?\s+\w+|with|offers?(?:\s+\w+)?)\s+)no\s+(?:way|ways|means|possibility|option|chance|opportunity)\s+(?:to|of|for)|(?:is|are)\s+(?:unable|powerless)\s+to|(?:is|are)\s+(?:impossible|not\s+possible)\s+to", "cannot"),
        (r"including", "such as"),
        (r"(?:takes?|took|taken|taking)\s+place|happen(?:s|ed|ing)?|occur(?:s|red|ring)?", "occur"),
        (r"(?:gives?|given|giving|hand(?:s|ed)?|sends?|sent|brings?)\s+(?:\w+\s+){0,2}?back", "not keep"),
        (r"keeps?\s+(?:[\w']+\s+){0,4}?(?:secret|quiet|hidden)(?:\s+from)?|conceals?|hides?", "not notify"),
        (r"surviv(?:e|es|ed|ing)|outliv(?:e|es|ed|ing)|outlast(?:s|ed|ing)?", "not end"),
        (r"(?:is|are)\s+(?:a|the)\s+(?:privilege|preserve|prerogative)\s+of|exclusive\s+to|unique\s+to|meant\s+for|open\s+to\s+(?:no\s+one|nobody)\s+but|open\s+only\s+to", "is reserved for"),
        (r"(?<=\w )included(?=\s*(?:[,;.]|$))", "also"),
        (r"the\s+company(?!'s\b)", "it"),
        (r"data\s+sets?", "dataset"),
        (r"decision-?\s?making", "decision"),
        (r"(?:kept|stays?|remains?|stored|retained|held)\s+(?:\w+\s+){0,2}?(?:for\s+good|for\s?ever|indefinitely|permanently|without\s+(?:any\s+)?(?:time\s+)?limit)", "not delete"),
        (r"for\s+good", "forever"),
        (r"take[sn]?\s+(?:it|them|this|that)\s+off|takes?\s+(?:it|them)\s+down", "delete"),
        (r"(?-i:Do\s+Not\s+Track)", "xdnt"),
        (r"(?-i:Do\s+Not\s+(?:Sell|Share))(?:\s+or\s+Share)?", "xdns"),
        (r"data\s+subjects?", "person"),
        (r"(?:standard|model)\s+(?:contractual\s+)?clauses|SCCs?", "xscc"),
        (r"data\s+protection\s+officers?|DPOs?", "xdpo"),
        (r"global\s+privacy\s+control(?:\s+signals?)?|GPC(?:\s+signals?)?", "xgpc"),
        (r"European\s+(?:Union|Economic\s+Area)|EU/EEA|EEA|EU|Europe(?:an)?", "xeu"),
        (r"(?:U\.S\.A?\.?|US|USA|United\s+States|Americans?|America)", "xus"),
        (r"e-?mails?|e-mailing|emailing", "xemail"),
        (r"(?:postal\s+)?letters?|by\s+post|by\s+mail|postal\s+mail|in\s+writing", "xletter"),
        (r"(?:tele)?phones?(?=\s+(?:number|call|line))|telephones?|by\s+phone|toll-free|hotline", "xphone"),
        (r"third[\s-]part(?:y|ies)(?:'s|')?", "xthird"),
        (r"machine[\s-]learning|AI\s+models?|language\s+models?|models?", "xmodel"),
        (r"IP\s+address(?:es)?", "xip"),
        (r"court\s+orders?", "xcourtorder"),
        (r"set(?:s)?\s+aside", "annulled"),
        (r"per\s+cent", "percent"),
        (r"(?:get|gets|getting)\s+rid\s+of|does?\s+away\s+with|wip(?:e|es|ed|ing)|eras(?:e|es|ed|ing|ure)|remov(?:e|es|ed|ing|al)|purg(?:e|es|ed|ing)|destroy(?:s|ed|ing)?|destruction", "delete"),
        (r"hold(?:s|ing)?\s+on\s+to|hang(?:s|ing)?\s+on\s+to", "keep"),
        (r"pass(?:es|ed|ing)?\s+(?:\w+\s+){0,3}?(?:on|along)|hand(?:s|ed|ing)?\s+(?:\w+\s+){0,3}?over|giv(?:e|es|en|ing)\s+(?:\w+\s+){0,2}?(?:away|out)", "share"),
        (r"what\s+(?:you|people|users|a\s+person)\s+(?:type|write|enter|put)s?(?:\s+in(?:to)?)?", "prompt"),
    )
)  # fmt: skip

# Synonyms: the first word of a line stands for all.
_SAME = """
train training trained trains teach teaches taught retrain coach
sell sold sale sales selling monetise monetize commercialise vend
share disclose pass transfer transmit supply provide hand send reveal forward divulge surrender
keep store retain hold save stored retention kept stay remain preserve archive retained linger persist
delete deletion disappear vanish
connect hook plug integrate
chat conversation prompt input message dialogue question
output answer reply response
collect gather record obtain capture log register
buy bought purchase acquire procure
pay paid paying payer subscriber subscription subscribe
free unpaid gratis
child children kid under-13 infant youngster
teen teenager adolescent minor
adult grown-up
parent guardian mother father
client customer
breach leak incident stolen theft hack
notify inform warn alert notification tell hear notice reminder remind announce announcement learn
request ask demand
complain complaint grievance
authority regulator agency watchdog supervisor
recipient receiver addressee
advert advertising advertisement advertiser ads ad marketing promotional newsletter promotion
location whereabouts geolocation position
moderate moderation
abuse misuse
batch group
claim
weak
country nation state
change amend amendment modify update alter revise revision rewrite
improve improvement enhance better refine
employee staff worker personnel colleague insider
doctor physician hospital
correct rectify rectification fix
access copy export download
limit restrict restriction limitation freeze freezing
portability portable move
death dead die deceased post-mortem
security secure protection
dispute litigation case lawsuit proceeding suit
arbitration arbitrate arbitrator
insurer insurance insurance-partner underwriter
premium discount rebate
score
rate rated heart thumb feedback rating
website web site internet online
lawyer attorney counsel
judge jury
day daily
month monthly
year annual yearly annually twelvemonth
week weekly
end terminate termination close closed expire lapse shut closure expiry cease
begin start commence launch onset
review examine check look inspect vet
human person people
automated automatic automatically software machine algorithm
profile profiling
evidence proof identity
name named mention cite list refer
address
permanent forever indefinite indefinitely perpetual endless
immediate once instantly promptly
allow permit let license licence
cover include apply extend govern concern reach touch affect embrace encompass comprise
memory memories remember remembers memorise memorize recall
business businesses company companies firm organisation organization employer professional corporate trade commercial
wherever
rest base rely ground basis
need require must necessary prerequisite
contractor freelancer
applicant candidate
invoice bill billing
refund reimburse reimbursement repay
price cost fee tariff charge
vendor provider supplier subcontractor subprocessor
fine penalty
clinic
telephone phone
photo picture image
voiceprint
face facial
teammate
audit audited
encrypt encryption encrypted cipher scramble
letter
visit
trip
device handset smartphone
cookie tracker
browser
friend acquaintance
invite invitation
organizer organiser
sensitive
public publicly
follow honor honour respect react heed obey recognise recognize
valid
cancelled cancel
journal diary
next upcoming
server servers
dataset corpus
filter filtering screen sift
personalise personalize personalised personalized tailor tailored customise customize
display show shown present
aggregate aggregated
anonymous anonymised anonymized
research researcher study
statistic statistical
legal statutory
obligation duty
controller
processor
registered seat seated headquartered headquarters
transfer
abroad foreign overseas
safeguard guarantee
exception exemption
appeal
agent representative proxy
reason justification
password passcode
reward bonus
wellness
sleep
step
draw derive derived compute calculate
trial
renew renewal
suspend suspension
waive waiver
class collective
small
court tribunal
police
subpoena
warrant
owner own
combine merge
household family
""".strip()
_FIRST: dict[str, str] = {}
for _line in _SAME.splitlines():
    _words = _line.split()
    for _word in _words:
        for _form in (
            _word,
            f"{_word}s",
            f"{_word}ed",
            f"{_word}ing",
            re.sub("e$", "ing", _word),
            re.sub("y$", "ies", _word),
            re.sub("y$", "ied", _word),
        ):
            _FIRST.setdefault(stem(_form), stem(_words[0]))

# Words that carry the shape of a sentence and not what it is about.
_SHAPE = frozenset(
    stem(word)
    for word in re.findall(
        r"\S+",
        "only solely just merely alone exclusively unless until except if whether without every everything everybody everyone anybody anyone "
        "always never nothing nobody default regardless whatever even but while whereas although however instead rather than because since though thus so "
        "therefore also too further more most much many less least under over within before after during between among through up down out off "
        "let get work works working receive received receives receiving take make put come go give see become mean carry carried reserve reserved example instance such kind sort type part thing "
        "way use used uses using process processed processes processing handle handled data datum personal information yes unlike like against per via according concerning regarding once when where there here one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen twenty thirty forty fifty hundred "
        "infer inferred inference inferences engage engaged bear bears reading mapping question questions row rows stated expressly explicitly "
        "long far well fully whole entire entirely possible able right rights time times period",
    )
) | {stem(REFUSE), stem(ALLOW), stem(SPARED)}


_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
# Of the words that other checks take for empty, those by which who is covered is told.
_KEPT = frozenset(("company", "companies", "company's", "customer", "customers", "customers'"))


def _kept(word: str) -> tuple[str, ...]:
    return (stem(word),) if word.casefold() in _KEPT else ()


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """The folded text with phrases that mean one thing written as one word. Linear in the text's length."""
    text = PLACE.sub(lambda match: PLACES[match[0]], fold_text(text))
    for pattern, word in _PHRASES:
        text = pattern.sub(word, text)
    return text


@lru_cache(maxsize=8192)
def content(normalised: str) -> frozenset[str]:
    """The words of weight of a normalised text, by the first of their synonyms; numbers are left to the quantities."""
    return frozenset(content_in_order(normalised))


@lru_cache(maxsize=8192)
def content_in_order(normalised: str) -> tuple[str, ...]:
    """The words of weight in their order."""
    words = (word for word in _WORD.findall(normalised) if not word[0].isdigit())
    found = (_FIRST.get(word, word) for each in words for word in (stems(each) or _kept(each)))
    return tuple(word for word in found if word not in _SHAPE)


def has_only_weight(text: str) -> bool:
    """Whether no word of a text is one of shape, which ``content`` drops: "personal account" is not any account."""
    return not any(word in _SHAPE for word in stems(text))


@lru_cache(maxsize=8192)
def stems_of(normalised: str) -> frozenset[str]:
    """The stems of every word, those without weight too."""
    return frozenset(stem(word) for word in _WORD.findall(normalised))
