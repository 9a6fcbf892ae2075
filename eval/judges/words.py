"""Words of English brought to a common form, so that two sentences in different words can be laid side by side.

``normalise`` writes runs of words that mean one thing as one word ("turn it off", "opt out" and "object" are the refusal of something);
``content`` gives the stems of what is left, each replaced by the first of its synonyms. The tables hold general English and the common
words of privacy policies; what one policy calls its products belongs to its gold.
"""

import re
from functools import lru_cache

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
         r"objects?(?=\s+to\b)|objected|objecting|objections?|says?\s+no|saying\s+no|said\s+no|refus(?:e|es|ed|ing|al)|declin(?:e|es|ed|ing)(?!\s+of)|unsubscrib\w+", REFUSE),
        (rf"opt(?:s|ed|ing)?[\s-]ins?|(?:turn|switch|toggl)(?:s|es|ed|ing|e)?{_OBJECT}\s+on(?!\s+(?:the|an?|your)\b)|enabl(?:e|es|ed|ing)|"
         r"consent(?:s|ed|ing)?|agree[sd]?|agreeing|permission|says?\s+yes|saying\s+yes|opt-in|authori[sz]ations?", ALLOW),
        (r"(?:left|leaves?|leaving|kept|keeps?|keeping|stays?|staying|remains?)\s+(?:\w+\s+){0,3}?out(?:side)?\s+of|(?:left|leaves?|leaving|kept|stays?)\s+(?:\w+\s+){0,3}?out|"
         r"exempt(?:s|ed|ions?)?(?:\s+from)?|exclu(?:de|des|ded|ding|sions?)(?:\s+from)?|excepted(?:\s+from)?|spared(?:\s+from)?|protected\s+from|safe\s+from|free\s+(?:of|from)|"
         r"(?:is|are|be|stands?|falls?|lies?|stays?|remains?)\s+outside(?:\s+of)?|closed\s+to|off\s+limits|out\s+of\s+scope|not\s+touched\s+by|untouched\s+by|shut\s+out\s+of|barred\s+from|out\s+of\s+bounds|freedom\s+from|left\s+alone\s+by|among\s+the\s+exceptions(?:\s+(?:from|to))?|carved\s+out(?:\s+of)?|shielded\s+from|immune\s+(?:to|from)|out\s+of\s+reach\s+of|beyond\s+the\s+reach\s+of", SPARED),
        (r"(?:never|not|n't)\s+leaves?|never\s+leaving", "stay"),
        (r"takes?\s+(?:your|their|the)\s+data\s+with\s+(?:you|them)(?:\s+to\s+another\s+\w+)?|(?:move|transfer)\s+(?:\w+\s+){0,3}to\s+another\s+(?:service|provider|company|entity)", "portability"),
        (r"finds?(?:ing)?\s+and\s+(?:repair|fix|correct)\w*\s+(?:\w+\s+)?(?:faults?|errors?|bugs?|defects?)|bug[\s-]fix\w*|fixing\s+bugs|troubleshoot\w*", "debugging"),
        (r"(?:keeps?|keeping|kept)\s+(?:[\w'-]+\s+){0,5}?from(?=\s+(?:being|\w+ing))", "stops"),
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
train training trained trains teach teaches taught
sell sold sale sales selling monetise monetize
share disclose pass give transfer transmit supply provide hand send release reveal
keep store retain hold save stored retention kept stay remain
delete deletion
chat conversation prompt input message dialogue question
output answer reply response
collect gather record obtain
pay paid paying payer subscriber subscription subscribe fee charge
free unpaid
child children kid under-13
teen teenager adolescent minor
parent guardian
breach leak incident stolen
notify inform warn alert notification tell hear notice reminder remind announce
request ask
complain complaint
authority regulator agency
recipient receiver
advert advertising advertisement advertiser ads ad marketing promotional newsletter
location whereabouts geolocation
moderate moderation
abuse misuse
batch group
claim
weak
country nation state
change amend amendment modify update alter revise
improve improvement enhance better
employee staff worker
doctor physician hospital
buy bought purchase acquire
correct rectify rectification fix
access copy export download obtain
limit restrict restriction limitation freeze
portability portable move
death dead die deceased post-mortem
security secure protection
dispute litigation case lawsuit
arbitration arbitrate arbitrator
insurer insurance insurance-partner
premium discount
score rating
rate rated heart thumb feedback
website web site internet online
lawyer attorney counsel
judge jury
day daily
month monthly
year annual yearly annually
week weekly
end terminate termination close closed expire lapse cancel
begin start commence
review examine check look
human person
automated automatic automatically software
profile profiling
evidence proof identity
name named mention cite list refer
address
permanent forever indefinite indefinitely
immediate once instantly
allow permit
cover apply extend govern concern reach
memory memories remember remembers memorise memorize
business company companies firm organisation organization employer professional
wherever
rest base rely ground basis
need require must necessary
""".strip()
_FIRST: dict[str, str] = {}
for _line in _SAME.splitlines():
    _words = _line.split()
    for _word in _words:
        _FIRST.setdefault(stem(_word), stem(_words[0]))

# Words that carry the shape of a sentence and not what it is about.
_SHAPE = frozenset(
    stem(word)
    for word in re.findall(
        r"\S+",
        "only solely just merely alone exclusively unless until except if whether without every everything everybody everyone anybody anyone "
        "always never nothing nobody default regardless whatever even but while whereas although however instead rather than because since though thus so "
        "therefore also too further more most much many less least under over within before after during between among through up down out off "
        "let get take make put come go give see become mean include including example instance such kind sort type part thing "
        "way use used uses using process processed processes processing handle handled data datum personal information yes unlike like against per via according concerning regarding once when where there here one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen twenty thirty forty fifty hundred "
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
    text = fold_text(text)
    for pattern, word in _PHRASES:
        text = pattern.sub(word, text)
    return text


@lru_cache(maxsize=8192)
def content(normalised: str) -> frozenset[str]:
    """The words of weight of a normalised text, by the first of their synonyms; numbers are left to the quantities."""
    words = (word for word in _WORD.findall(normalised) if not word[0].isdigit())
    found = (_FIRST.get(word, word) for each in words for word in (stems(each) or _kept(each)))
    return frozenset(word for word in found if word not in _SHAPE)


@lru_cache(maxsize=8192)
def stems_of(normalised: str) -> frozenset[str]:
    """The stems of every word, those without weight too."""
    return frozenset(stem(word) for word in _WORD.findall(normalised))
