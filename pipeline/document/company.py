"""The company behind a document, where the document or its page names it plainly; None rather than a wrong one."""

import re
from collections.abc import Iterator, Sequence

from pipeline.document.company_words import (
    CONTROLLER_WORDS,
    CONTROLLER_WORDS_ABROAD,
    EASTERN_WORDS,
    EITHER,
    FIRM_FIRST,
    LABELS_CONTROLLER,
    NAME,
    NOT_IN_EASTERN_NAME,
    PARTY_WORDS,
    STATED_CONTROLLER,
    STATED_CONTROLLER_ABROAD,
    STATED_EASTERN,
    STATED_PARTY,
    SUFFIX,
)

_IN_TITLE = (
    re.compile(
        rf"^(?P<name>{NAME}?)(?:['’]s?)? (?:(?:Global|Customer|Consumer|Website|Online|User|Data|Cookie|Europe|EU|US|General) )*"
        r"(?:Privacy|Terms|Cookie|Data Protection|Acceptable Use)\b"
    ),
    re.compile(
        r"(?:Privacy (?:Policy|Notice|Statement)|Terms (?:of (?:Service|Use)|and Conditions)|Datenschutzerklärung|"
        r"Politique de confidentialité|Política de [Pp]rivacidade?|Informativa sulla [Pp]rivacy|Privacyverklaring)"
        rf" (?:of|for|at|der|von|de|du|di|da|do|van) (?:the )?(?P<name>{NAME})$"
    ),
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|Copyright)\s{0,2}(?:©\s?)?(?:(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)\d\d)?,?\s)(?:by )?" + EITHER
)
_JOINTS = re.compile(r"\s+[|·•»]\s+|\s+[-–—]\s+|\s*::\s*|\s*｜\s*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that look like a name where a name is sought and are none.
_NO_NAME = _words(
    "the a an we you our your us it this these that who which he she they customer client company provider user merchant employer "
    "controller processor data personal privacy policy notice terms legal cookie cookies global website site services service "
    "home help center centre trust support europe eu us eea uk general party parties neither each if when where data-controller "
    "organization organisation website's online consumer mobile app effective last in for as und le la il el o de het die der das "
    # What other languages call the parties.
    "firma gesellschaft unternehmen betreiber betreiberin anbieter anbieterin verantwortlicher verantwortliche kunde nutzer sie wir "
    "société entreprise client utilisateur vous nous empresa sociedad cliente usuario usted nosotros società azienda utente titolare "
    "noi sociedade utilizador usuário você nós bedrijf klant gebruiker wij"
)
_SUFFIX_ALONE = re.compile(rf"(?:{SUFFIX}\.?[ ,]{{0,2}})+")
_GENERIC = re.compile(
    r"\b(?:privacy|policy|policies|legal|terms|notice|help|center|centre|support|hub|portal|docs|documentation|blog|home|website|cookies?)\b"
    r"|datenschutz|confidentialité|\.\w{2,4}$",
    re.IGNORECASE,
)
_LINKING = ("of", "and", "&", "de", "du", "der", "und", "et", "y", "e")
_LOOKED_AT = 60_000
# So many names stated are enough to see whether they agree.
_ENOUGH = 6
_LONGEST_LINE = 3_000
_MOST_CHARS = 300_000
# Who the controller is comes first in what Article 13 GDPR asks to tell; further down, policies name those of plugins and payments.
# This many lines.
_TOP = 80


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
    top = lines[:_TOP]
    for looked_at, words, patterns in (
        (lines, CONTROLLER_WORDS, STATED_CONTROLLER),
        (top, CONTROLLER_WORDS_ABROAD, STATED_CONTROLLER_ABROAD),
        (lines, PARTY_WORDS, STATED_PARTY),
    ):
        if stated := _in_common(_stated(looked_at, words, patterns)):
            return stated
    if stated := _in_common(_stated_in_eastern(top)):
        return stated
    for found in _COPYRIGHT.finditer("\n".join([*lines[:5], *lines[-15:]])):
        if owner := _clean(found["name"]):
            return owner
    return None


def _stated(lines: Sequence[str], words: re.Pattern[str], patterns: Sequence[re.Pattern[str]]) -> list[str]:
    """The names that lines state by these patterns, in order."""
    names: list[str] = []
    left = _MOST_CHARS
    for number, line in enumerate(lines):
        part = line[:_LONGEST_LINE]
        left -= len(part)
        if words.search(part):
            found = [match for pattern in patterns for match in pattern.finditer(part)]
            # A heading or lead-in names nobody: the address under it does, in lines of their own.
            if not found and patterns is STATED_CONTROLLER_ABROAD and LABELS_CONTROLLER.fullmatch(part):
                below = (
                    FIRM_FIRST.match(lines[number + 1][:_LONGEST_LINE]) if number + 1 < len(lines) else None
                )
                found = [below] if below else []
            names += [name for match in found if (name := _clean(match["name"]))]
        if len(names) >= _ENOUGH or left < 0:
            break
    return names


def _stated_in_eastern(lines: Sequence[str]) -> list[str]:
    """The names that Chinese, Japanese and Korean lines state for the party that speaks, in order."""
    names = []
    for line in lines:
        part = line[:_LONGEST_LINE]
        if EASTERN_WORDS.search(part):
            for pattern in STATED_EASTERN:
                names += [
                    name
                    for match in pattern.finditer(part)
                    if not NOT_IN_EASTERN_NAME.search(name := match["name"].strip())
                ]
    return names


def _in_common(names: Sequence[str]) -> str | None:
    """The name, or the words with which several begin: the controllers for different countries share those."""
    apart = [name.split() for name in dict.fromkeys(names)]
    shared: list[str] = []
    for words in zip(*apart, strict=False):
        if len({word.rstrip(",") for word in words}) > 1:
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
        r"\b(?:Inc|Ltd|Corp|Co|Ltda|Lda|Pty|[A-Za-z]\. ?[A-Za-z])\.$", name
    ):
        name = name[:-1]
    if _SUFFIX_ALONE.fullmatch(name):
        return None
    named = 2 <= len(name) <= 60 and any(c.isupper() for c in name) and name.lower() not in _NO_NAME
    return name if named else None
