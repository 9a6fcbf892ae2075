"""Sentences of running text, as legal prose needs them: ``Art. 6``, ``Cal. Civ. Code`` and ``e.g.`` end none.

sentencex finds the boundaries; what follows takes back those after abbreviations of legal prose and inside addresses,
and adds those where a space is missing (``certifications.We sign``), as it often is where tags met. sentencex takes
quadratic time on quotes that are never closed, so it is given a bounded stretch at a time.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import sentencex

# Longest stretch given to sentencex, and the longest passage; both in characters. A passage must fit a small
# model's window many times over.
_STRETCH = 5_000
LONGEST_PASSAGE = 2_500


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A full stop after these never ends a sentence. Lower case, without the last full stop.
_NEVER_LAST = _words(
    "art arts § §§ sec secs sect ch para paras cl reg regs dir cal civ comp stat tit vol fig cf e.g i.e eg ie viz approx "
    "ca v vs mr mrs ms dr prof st mt hon gen incl excl resp seq rev gov pub"  # English and shared
    " al. abs nr lit ziff rn bzw ggf gem vgl z.b z d.h u.a i.d.r i.s.d s.o s.u usw.z str sog evtl inkl zzgl tel"  # German
    " n ex p.ex c.-à-d mme mlle éd"  # French
    " núm sr sra srta ud uds ee pág págs apdo"  # Spanish
    " sig sig.ra dott avv lett co.1 d.lgs"  # Italian
    " artigo inc.º sr.ª exmo exma"  # Portuguese
    " bijv d.w.z o.a m.b.t nl.v mevr dhr"  # Dutch
    " ust poz np m.in tj dz"  # Polish
)
# A full stop after these may end a sentence: it does before a word that begins sentences.
_SOMETIMES_LAST = _words(
    "inc ltd co corp llc l.l.c plc bros assn dept u.s u.s.a u.k e.u d.c s.a s.l b.v n.v s.r.l s.p.a sp.z.o.o a.m p.m jr ph.d"
)
# A full stop after these is the abbreviation's before a number, and a sentence's otherwise ("Do we sell it? No.").
_BEFORE_NUMBER = _words("no nos sec secs art arts p pp para paras pt ver version app sched annex pos")
_STARTERS = _words(
    "we you our your this these the if it its in on for by to when where while as at an a any all such please however "
    "some no there they their that those with without under please and but for from depending after before once "
    "nous vous notre votre nos vos ce cette ces le la les si il elle en pour wir sie ihre unsere die der das wenn es bei "
    "nosotros usted nuestro el los las si noi lei il lo gli se nós você o os as se wij u uw onze het de als"
)
_ENDINGS = _words("com net org io ai co js ts eu uk de fr es it nl app dev gov edu info md py")
_MONTHS = re.compile(
    r"(?:jan|feb|febr|mär|maerz|mar|apr|mai|maj|may|mei|jun|jul|aug|sep|okt|oct|nov|dez|dec|déc)[^\W\d_]*\.? ?\d{4}\b",
    re.IGNORECASE,
)

_LAST_WORD = re.compile(r"[^\s(\[“”\"'‘’«/]*$")
_ORDINAL = re.compile(r"(?:^|\D)\d{1,2}\.$")
_ONLY_MARK = re.compile(r"(?:^|[.!?;:] )\(?(?:\d{1,2}(?:\.\d{1,2}){0,4}|[a-zA-Z]|[ivxIVX]{1,6})[.)]+$")
_SPACED_STOP = re.compile(r"[.!?…][\"'”’»)\]]{0,3} ")
_INITIAL = re.compile(r"(?:^|[\s.(])[^\W\d_]\.$")
_STOPPED = re.compile(r"[.!?…‽؟।。！？；][\"'”’»)\]」』]{0,3}$")
_WIDE_STOP = re.compile(r"[。！？；：…」』”’）]$")
_JOINT = re.compile(r"[.!?][\"”’')\]]{0,2}(?=[\"“‘(\[]?[^\W\d_])")
_MORE = re.compile(r"[./@:]")
_LETTERS = re.compile(r"[^\W\d_]*")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_CUT_AFTER = (
    re.compile(r".*[.;:。；](?=\s|(?<=[。；]))", re.DOTALL),
    re.compile(r".*[,，、](?=\s|(?<=[，、]))", re.DOTALL),
)


def split_sentences(text: str, language: str = "en") -> list[str]:
    """The sentences of one paragraph without line breaks, in order, without the spaces between them.

    ``language`` is a BCP 47 primary tag. Nothing but spaces is left out. A sentence longer than LONGEST_PASSAGE
    comes in pieces. Linear in the text's length.
    """
    bounds = [0]
    for start, end in _stretches(text):
        bounds += _boundaries(text[start:end], start, language)
        if end < len(text) and _is_boundary(text, end):
            bounds.append(end)
    bounds.append(len(text))
    sentences: list[str] = []
    for start, end in pairwise(bounds):
        sentence = text[start:end].strip()
        if sentence:
            sentences += cut_long(sentence)
    return sentences


def cut_long(text: str, longest: int = LONGEST_PASSAGE) -> list[str]:
    """``text`` in pieces of at most ``longest`` characters, cut where a sentence or clause ends, else at a space."""
    pieces: list[str] = []
    start = 0
    while len(text) - start > longest:
        end = start + _place_to_cut(text[start : start + longest])
        pieces.append(text[start:end].strip())
        start = end
    pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def _place_to_cut(window: str) -> int:
    for pattern in _CUT_AFTER:
        if (found := pattern.match(window)) and found.end() > len(window) // 2:
            return found.end()
    space = window.rfind(" ")
    return space if space > len(window) // 2 else len(window)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Half-open ranges of at most _STRETCH characters, ending after a full stop where there is one."""
    start = 0
    while len(text) - start > _STRETCH:
        end = start + _STRETCH
        for mark in (". ", "。", " "):
            found = text.rfind(mark, start + _STRETCH // 2, end)
            if found >= 0:
                end = found + len(mark)
                break
        yield start, end
        start = end
    yield start, len(text)


def _boundaries(text: str, offset: int, language: str) -> list[int]:
    """Where sentences begin in ``text``, its own beginning left out; shifted by ``offset``."""
    starts = {start for start in set(_offered(text, language)) if _is_boundary(text, start)}
    starts |= {found.end() for found in _JOINT.finditer(text) if _misses_space(text, found)}
    return [offset + start for start in sorted(starts)]


def _offered(text: str, language: str) -> Iterator[int]:
    position = 0
    for piece in sentencex.segment(language, text):
        if position:
            yield position
        position += len(piece)
    # sentencex finds no boundary in what follows "(a)" or a quote in brackets; outside brackets there are more.
    depth = position = 0
    for found in _SPACED_STOP.finditer(text):
        depth += text.count("(", position, found.end()) - text.count(")", position, found.end())
        position = found.end()
        depth = max(0, depth)
        if not depth and text[position : position + 2].strip("“\"'‘([")[:1].isupper():
            yield position


def _is_boundary(text: str, start: int) -> bool:
    before = text[max(0, start - 60) : start]
    bare = before.rstrip()
    if bare == before:
        # No space: inside an address or a name, but for scripts that write none.
        return bool(_WIDE_STOP.search(bare))
    # The mark of a list begins its sentence; it is not one by itself.
    after = text[start : start + 60]
    if _ONLY_MARK.search(bare):
        return False
    if not bare.endswith("."):
        return bool(_STOPPED.search(bare))
    found = _LAST_WORD.search(bare)
    word = (found[0] if found else "")[:-1].lower()
    first = _FIRST_WORD.match(after.lstrip("“\"'‘(["))
    starter = first is not None and first[0].lower() in _STARTERS and first[0][0].isupper()
    if word in _BEFORE_NUMBER and word not in _NEVER_LAST:
        return not after[:1].isdigit()
    if word in _NEVER_LAST:
        return False
    if word in _SOMETIMES_LAST or _INITIAL.search(bare):
        return starter
    if _ORDINAL.search(bare) and _MONTHS.match(after):
        return False
    return not after[:1].islower() or (word == "etc" and starter)


def _misses_space(text: str, joint: re.Match[str]) -> bool:
    """Do two sentences meet here without a space, rather than the parts of an address, a name or a number?"""
    start, end = joint.start(), joint.end()
    before = text[max(0, start - 40) : start].rsplit(maxsplit=1)[-1:]
    after = text[end : end + 40].lstrip('"“‘([').split(maxsplit=1)[:1]
    if not before or not after or text[start - 1 : start].isspace():
        return False
    token, following = before[0].lstrip('"“‘(['), after[0].rstrip('.,;:!?"”’)]')
    if _MORE.search(token) or _MORE.search(following):
        return False
    found = _LETTERS.match(following)
    word = found[0] if found else ""
    if not word or not word[0].isupper() or not (len(word) == 1 or word[1:].islower()):
        return False
    if word.lower() in _STARTERS and len(token) > 1:
        return token[-1].isalnum() or token[-1] in ')”"’%'
    return len(token) > 2 and token.isalpha() and token.islower() and word.lower() not in _ENDINGS
