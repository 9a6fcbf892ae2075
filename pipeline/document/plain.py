"""Plain text to blocks: what blank lines, bullets, numbers, capitals and underlines say about a text without marks.

Lines may be wrapped by a mail program or one line may be a whole paragraph, so lines that belong together are joined first.
"""

import re

from pipeline.document.blocks import Blocks, Heading, Item, Paragraph
from pipeline.document.implied import Line, imply_headings
from pipeline.document.spacing import one_line

_BULLET = re.compile(r"([ \t]*)(?:[-–—*+•·●○◦▪■‣⁃∙]|o(?=\t| {2,}))[ \t]+(?=\S)|([ \t]*)[•●○◦▪■‣⁃∙・](?=\S)")
_LETTERED = re.compile(r"([ \t]*)(?:\(?[a-z]\)|\(?[ivx]{1,5}\)|\(?\d{1,2}\))[ \t]+(?=\S)")
_NUMBERED = re.compile(r"([ \t]*)\d{1,2}\.[ \t]+(?=\S)")
_NUMBERED_HEADING = re.compile(
    r"[ \t]*(?:(?:section|article|part|clause)\s+(?:\d{1,2}|[IVXLC]{1,6})\b[.:)]?|§ ?\d{1,3}[a-z]?[.:]?|\d{1,2}(?:\.\d{1,2}){0,3}[.)]?|[IVXLC]{1,6}[.)])\s+(?=[^\W\d_])",
    re.IGNORECASE,
)
# Article one (its subject): a sentence that refers to an article goes on with a particle instead.
_EASTERN_HEADING = re.compile(
    r"第[一二三四五六七八九十百\d]{1,4}[条條章节節](?=[\s（(【「：:])[^。；;]{1,50}$"
)
_QUOTED = re.compile(r"^(?:>.*(?:\n|\Z)){3,}", re.MULTILINE)
_QUOTE_MARKS = re.compile(r"^(?:> ?)+", re.MULTILINE)
_UNDERLINE = re.compile(r"[ \t]*(=|-|_|~|\*|#)\1{2,}[ \t]*$")
_RULE = re.compile(r"[ \t]*(?:[-=_*~#]\s?){3,}$")
_LONGEST_HEADING = 100
_ENDS = (".", "!", "?", ":", ";")


def read_plain(text: str) -> Blocks:
    """The blocks of a plain ``text``, decoded. Headings are those that its looks set apart."""
    out = Blocks()
    out.source_chars = len("".join(text.split()))
    lines: list[Line] = []
    # A mail program marks each line that it quotes. A mark alone is a sign: > 13 years.
    text = _QUOTED.sub(lambda run: _QUOTE_MARKS.sub("", run[0]), text)
    for chunk in _chunks(text):
        lines += _read_chunk(chunk)
    out.blocks = imply_headings(
        [line for line in lines if not isinstance(line.block, Item | Paragraph | Heading) or line.block.text]
    )
    return out


def _chunks(text: str) -> list[list[str]]:
    """Runs of lines between blank lines; a form feed is a blank line too."""
    chunks: list[list[str]] = [[]]
    for line in text.replace("\f", "\n\n").expandtabs(4).split("\n"):
        if line.strip("\u200b\ufeff \t\xa0"):
            chunks[-1].append(line)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _read_chunk(chunk: list[str]) -> list[Line]:
    found: list[Line] = []
    at = 0
    is_wrapped = _is_wrapped(chunk)
    while at < len(chunk):
        line = chunk[at]
        if _RULE.match(line):
            at += 1
            continue
        level = _heading_level(chunk, at)
        if level:
            found.append(Line(Heading(level, one_line(line))))
            at += 1
            continue
        marker = _BULLET.match(line) or _LETTERED.match(line) or _numbered_item(chunk, at)
        end = at + 1
        while end < len(chunk) and _continues(chunk, end, marker is not None, is_wrapped):
            end += 1
        words = one_line(" ".join(chunk[at:end]))
        if marker:
            # A bullet is only a mark; a number or letter is what the text refers to.
            if _BULLET.match(line):
                words = one_line(" ".join([line[marker.end() :], *chunk[at + 1 : end]]))
            found.append(
                Line(
                    Item(
                        words,
                        1 + min(5, _indent(line) // 4 if _indent(line) < 4 else (_indent(line) + 1) // 4),
                    )
                )
            )
        else:
            found.append(Line(Paragraph(words)))
        at = end
    return found


def _heading_level(chunk: list[str], at: int) -> int:
    line = chunk[at].strip()
    if len(line) > _LONGEST_HEADING or not any(char.isalpha() for char in line):
        return 0
    if (
        at + 1 < len(chunk)
        and (under := _UNDERLINE.match(chunk[at + 1]))
        and len(chunk[at + 1].strip()) * 3 >= len(line)
    ):
        return 1 if under[1] in "=#" else 2
    # A line in the middle of a paragraph is no heading, whatever it looks like.
    if at and not _RULE.match(chunk[at - 1]):
        return 0
    if _EASTERN_HEADING.match(line):
        return 2
    letters = [char for char in line if char.isalpha()]
    if (
        len(letters) >= 4
        and all(not char.islower() for char in letters)
        and any(char.isupper() for char in letters)
    ):
        if line.endswith((".", ",", ";")) and len(line.split()) > 6:
            return 0
        return 3 if re.match(r"\d{1,2}\.\d", line) else 2
    number = _NUMBERED_HEADING.match(line)
    if not number or line.endswith((".", ",", ";", ":")) or len(line.split()) > 14:
        return 0
    if at + 1 < len(chunk) and (_NUMBERED_HEADING.match(chunk[at + 1]) or not _starts_new(chunk[at + 1])):
        return 0
    depth = number[0].strip().strip(".)").count(".")
    return min(6, 2 + depth)


def _starts_new(line: str) -> bool:
    """Whether a line opens with a capital, a quote or a mark, as the first of a paragraph does."""
    first = line.strip()[:1]
    return not first.islower()


def _numbered_item(chunk: list[str], at: int) -> re.Match[str] | None:
    """``1. text`` is an item where the lines beside it are numbered too, or where it ends as a sentence does."""
    found = _NUMBERED.match(chunk[at])
    if found and (len(chunk) > 1 or chunk[at].rstrip().endswith((".", ";", ","))):
        return found
    return None


def _is_wrapped(chunk: list[str]) -> bool:
    """Whether the lines of a paragraph were broken at a width, rather than by their author."""
    if len(chunk) < 2:
        return False
    lengths = [len(line.rstrip()) for line in chunk[:-1]]
    return max(lengths) <= 120 and sum(lengths) / len(lengths) >= 40


def _continues(chunk: list[str], at: int, in_item: bool, is_wrapped: bool) -> bool:
    line, before = chunk[at], chunk[at - 1]
    if _BULLET.match(line) or _LETTERED.match(line) or _NUMBERED.match(line) or _RULE.match(line):
        return False
    if at + 1 < len(chunk) and _UNDERLINE.match(chunk[at + 1]) and len(line.strip()) <= _LONGEST_HEADING:
        return False
    if in_item and _indent(line) > 0:
        return True
    if is_wrapped:
        return True
    # Lines of very different lengths are lines of their own, unless the sentence plainly goes on.
    return line.strip()[:1].islower() and not before.rstrip().endswith(_ENDS)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t\xa0"))
