"""The company behind a document, where the document or its page names it plainly; None rather than a wrong one."""

import re
from collections.abc import Iterator, Sequence

_SUFFIX = (
    r"(?:Inc|Incorporated|LLC|L\.L\.C|Ltd|Limited|PLC|plc|Corp|Corporation|Company|Co|LP|LLP|GmbH|AG|SE|KG|UG|SAS|SA|S\.A|"
    r"S\.A\.S|SARL|S\.A\.R\.L|SL|S\.L|S\.r\.l|Srl|S\.p\.A|SpA|BV|B\.V|NV|N\.V|AB|AS|A/S|ApS|Oy|Ltda|Lda|Pty|Pte|K\.K|Kft|sp\. z o\.o)"
)
_WORD = r"[A-Z0-9][\w&'’+-]{0,40}(?:\.\w[\w-]{0,40}){0,3}"
_NAME = rf"{_WORD}(?: (?:{_WORD}|\({_WORD}\)|of|and|&|de|du|der|und|et|y|e)){{0,6}}"
_FIRM = rf"{_NAME},? {_SUFFIX}(?!\w)\.?(?:[ ,]{{1,2}}{_SUFFIX}(?!\w)\.?)?"
_EITHER = rf"(?P<name>{_FIRM}|{_NAME})"
_CONTROLLER = r"(?:(?:the|your) )?(?:sole )?(?:data |personal data )?controllers?\b"

# Words that must stand in a line for it to state the controller, and how it then does.
_CONTROLLER_WORDS = re.compile(
    r"controll|controlador|responsab|esponsáve|titolare|erantwortlich|verwerkings", re.IGNORECASE
)
_STATED_CONTROLLER = (
    re.compile(
        rf"(?<!\w){_EITHER}(?:,? [(\[][^)\]]{{1,120}}[)\]],?|, [^.;]{{1,160}},)? (?:is|acts as|will be) {_CONTROLLER}"
    ),
    re.compile(rf"[Cc]ontroller (?:of|for|responsible for)\b[^.]{{0,80}}? is:? {_EITHER}"),
    re.compile(rf"\b(?:[Dd]ata )?[Cc]ontroller(?: is|:) {_EITHER}"),
    re.compile(
        rf"[Rr]esponsable (?:du|del|de) (?:traitement|tratamiento)[^.]{{0,40}}?(?: est| es| :|:) (?:la société )?{_EITHER}"
    ),
    re.compile(rf"[Vv]erantwortliche[rn]?[^.]{{0,80}}?(?: ist|:) (?:die )?{_EITHER}"),
    re.compile(rf"[Tt]itolare del trattamento[^.]{{0,40}}?(?: è|:) {_EITHER}"),
    re.compile(
        rf"(?:[Cc]ontrolador[a]?|[Rr]esponsável pelo tratamento)[^.]{{0,40}}?(?: é(?: [ao])?|:) {_EITHER}"
    ),
    re.compile(rf"[Vv]erwerkingsverantwoordelijke[^.]{{0,40}}?(?: is|:) {_EITHER}"),
)
# The party that speaks: Acme Corporation (“Acme”, “we”); services provided by Acme, a French company.
_PARTY_WORDS = re.compile(
    r"[“\"'‘](?:we|us|our)\b|(?:operated|provided|offered|published) by|\b(?:company|corporation)\b",
    re.IGNORECASE,
)
_STATED_PARTY = (
    re.compile(rf"[“\"]{_EITHER}[,”\"]{{1,3}} ?(?:or |and )?[“\"](?:we|us|our)\b"),
    re.compile(
        rf"(?<!\w)(?P<name>{_FIRM})(?:,? and its [\w ]{{3,40}})? "
        r"[(\[](?:collectively,? |together,? |hereinafter |the )?[^)\]]{0,80}?[“\"'‘](?:we|us|our|[Tt]he Company)\b"
    ),
    re.compile(
        rf"(?:operated|provided|offered|published) by (?P<name>{_FIRM}|"
        rf"{_NAME}(?=, an? (?:[\w-]+ ){{0,5}}(?:company|corporation)\b))"
    ),
    re.compile(
        rf"(?<!\w){_EITHER} is an? (?:[\w-]+ ){{0,4}}(?:company|corporation) "
        r"(?:incorporated|registered|organi[sz]ed|established|with)\b"
    ),
)
_IN_TITLE = (
    re.compile(
        rf"^(?P<name>{_NAME}?)(?:['’]s?)? (?:(?:Global|Customer|Consumer|Website|Online|User|Data|Cookie|Europe|EU|US|General) )*"
        r"(?:Privacy|Terms|Cookie|Data Protection|Acceptable Use)\b"
    ),
    re.compile(
        r"(?:Privacy (?:Policy|Notice|Statement)|Terms (?:of (?:Service|Use)|and Conditions)|Datenschutzerklärung|"
        r"Politique de confidentialité|Política de [Pp]rivacidade?|Informativa sulla [Pp]rivacy|Privacyverklaring)"
        rf" (?:of|for|at|der|von|de|du|di|da|do|van) (?:the )?(?P<name>{_NAME})$"
    ),
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|Copyright)\s{0,2}(?:©\s?)?(?:(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)\d\d)?,?\s)(?:by )?"
    + _EITHER
)
_JOINTS = re.compile(r"\s+[|·•»]\s+|\s+[-–—]\s+|\s*::\s*|\s*｜\s*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that look like a name where a name is sought and are none.
_NO_NAME = _words(
    "the a an we you our your us it this these that who which he she they customer client company provider user merchant employer "
    "controller processor data personal privacy policy notice terms legal cookie cookies global website site services service "
    "home help center centre trust support europe eu us eea uk general party parties neither each if when where data-controller "
    "organization organisation website's online consumer mobile app effective last in for as und le la il el o de het die der das"
)
_GENERIC = re.compile(
    r"\b(?:privacy|policy|policies|legal|terms|notice|help|center|centre|support|hub|portal|docs|documentation|blog|home|website|cookies?)\b"
    r"|datenschutz|confidentialité|\.\w{2,4}$",
    re.IGNORECASE,
)
_LINKING = ("of", "and", "&", "de", "du", "der", "und", "et", "y", "e")
_LOOKED_AT = 60_000
# So many names stated are enough to see whether they agree.
_ENOUGH = 6


def find_company(
    lines: Sequence[str], *, title: str | None, page_title: str | None, site_name: str | None
) -> str | None:
    """The name of the company that the document speaks for.

    A name from the page or the title counts when the document uses it; one that the text states counts as it stands.
    """
    text = "\n".join(lines)[:_LOOKED_AT]
    for name in _from_titles(title, page_title, site_name):
        if len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", text)) >= 2:
            return name
    for words, patterns in ((_CONTROLLER_WORDS, _STATED_CONTROLLER), (_PARTY_WORDS, _STATED_PARTY)):
        if stated := _in_common(_stated(lines, words, patterns)):
            return stated
    for found in _COPYRIGHT.finditer("\n".join([*lines[:5], *lines[-15:]])):
        if owner := _clean(found["name"]):
            return owner
    return None


def _stated(lines: Sequence[str], words: re.Pattern[str], patterns: Sequence[re.Pattern[str]]) -> list[str]:
    """The names that lines state by these patterns, in order."""
    names: list[str] = []
    for line in lines:
        part = line[:3_000]
        if words.search(part):
            for pattern in patterns:
                names += [name for found in pattern.finditer(part) if (name := _clean(found["name"]))]
        if len(names) >= _ENOUGH:
            break
    return names


def _in_common(names: Sequence[str]) -> str | None:
    """The name, or the words with which several begin: the controllers for different countries share those."""
    apart = [name.split() for name in dict.fromkeys(names)]
    shared: list[str] = []
    for words in zip(*apart, strict=False):
        if len(set(words)) > 1:
            break
        shared.append(words[0])
    return " ".join(shared).rstrip(",") or None


def _from_titles(title: str | None, page_title: str | None, site_name: str | None) -> Iterator[str]:
    if site_name and not _GENERIC.search(site_name) and (name := _clean(site_name)):
        yield name
    for words in (title, page_title):
        parts = _JOINTS.split(" ".join((words or "").split()))
        for part in parts:
            for pattern in _IN_TITLE:
                if (found := pattern.search(part)) and (name := _clean(found["name"])):
                    yield name
        if len(parts) > 1:
            for part in reversed(parts):
                if len(part) <= 50 and not _GENERIC.search(part) and (name := _clean(part)):
                    yield name


def _clean(found: str) -> str | None:
    """A name without what stands around it, or None when it is none."""
    words = found.strip(" ,;:(").split()
    while words and words[0].lower().strip("\"“”'’.,") in _NO_NAME:
        words = words[1:]
    while words and words[-1] in _LINKING:
        words = words[:-1]
    name = " ".join(words).removesuffix("'s").removesuffix("’s")
    # "Acme SAS." ends a sentence; "Acme Inc." and "Acme S.L." are written with the full stop.
    if name.endswith(".") and not re.search(
        r"\b(?:Inc|Ltd|Corp|Co|Ltda|Lda|Pty|[A-Za-z]\.[A-Za-z])\.$", name
    ):
        name = name[:-1]
    named = 2 <= len(name) <= 60 and any(c.isupper() for c in name) and name.lower() not in _NO_NAME
    return name if named else None
