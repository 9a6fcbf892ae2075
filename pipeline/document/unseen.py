"""Characters that show nothing: taken out of the blocks, and the message that they may carry is told.

Tag characters (U+E0000 to U+E007F) and runs of variation selectors hide whole sentences in a text that looks clean;
overrides of direction make it read otherwise than it is stored. Joiners stay: Persian, Hindi and emoji need them.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from pipeline.document.blocks import Block, Blocks, Heading, Item, Paragraph, Row

_UNSEEN = re.compile(
    "[\u00ad\u200b\u200e\u200f\u2060-\u2064\ufeff\u180e\u061c]"
    "|[\u202a-\u202e\u2066-\u2069]"
    "|[\U000e0000-\U000e007f]+"
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}"
)


def strip_unseen(blocks: Blocks) -> Blocks:
    """The blocks without such characters; what tag characters spell is added to ``hidden``."""
    spelled: list[str] = []

    def strip(found: re.Match[str]) -> str:
        if found[0][0] >= "\U000e0000" and (words := _spell(found[0])):
            spelled.append(words)
        return ""

    def clean(text: str) -> str:
        return _UNSEEN.sub(strip, text)

    kept = [_change(block, clean) for block in blocks.blocks]
    hidden = [(clean(text), reason) for text, reason in blocks.hidden]
    hidden += [(words, "written in characters that show nothing") for words in spelled]
    meta = {name: clean(value) for name, value in blocks.meta.items()}
    return replace(blocks, blocks=kept, hidden=hidden, meta=meta)


def _spell(characters: str) -> str:
    """What tag characters spell in ASCII, or what bytes a run of variation selectors stands for."""
    if characters[0] <= "\U000e007f":
        return "".join(chr(ord(c) - 0xE0000) for c in characters if 0x20 <= ord(c) - 0xE0000 < 0x7F)
    codes = bytes(_byte(c) for c in characters)
    return codes.decode("utf-8", "ignore") if codes.isascii() else ""


def _byte(selector: str) -> int:
    code = ord(selector)
    return code - 0xFE00 if code < 0xE0100 else code - 0xE0100 + 16


def _change(block: Block, clean: Callable[[str], str]) -> Block:
    match block:
        case Heading(level, text):
            return Heading(level, clean(text))
        case Paragraph(text):
            return Paragraph(clean(text))
        case Item(text, depth):
            return Item(clean(text), depth)
        case Row(cells):
            return Row(tuple((clean(header), clean(cell)) for header, cell in cells))
