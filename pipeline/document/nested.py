"""Lists in lists: an inner item is given the words that lead it in, so that it can be read and cited alone.

"Email" with "work" under it is written ``Email: work``; the outer item stays an item of its own, so nothing is lost. The rule: an item
leads in the deeper ones that follow it when it ends with a colon, or is a few words that no punctuation ends; an item that is a whole
sentence says something itself and is not repeated. In doubt (text between them, a level left out) an inner item stays as it is.
"""

from collections.abc import Iterable

from pipeline.document.blocks import Block, Item

_COLONS = (":", "：")
_ENDS = (".", "!", "?", ";", ",", "…", "。", "！", "？", "；", "，", "、")
_LONGEST_LEAD = 60
_LONGEST_WITH_COLON = 100
# Leads of three levels are still a line; what they may add to a whole document has a measure too.
_LONGEST_CHAIN = 160
_MOST_REPEATED_CHARS = 500_000


def lead_in(blocks: Iterable[Block]) -> list[Block]:
    """The blocks in their order, each inner item with what leads it in before it."""
    led: list[Block] = []
    leads: dict[int, str] = {}
    left = _MOST_REPEATED_CHARS
    for block in blocks:
        if not isinstance(block, Item):
            leads = {}
            led.append(block)
            continue
        leads = {depth: lead for depth, lead in leads.items() if depth < block.depth}
        lead = leads.get(block.depth - 1, "")
        text = f"{lead} {block.text}" if lead and len(lead) < left else block.text
        left -= len(text) - len(block.text)
        own = _as_lead(block.text)
        chain = f"{lead} {own}" if lead and own else own
        leads[block.depth] = chain if len(chain) <= _LONGEST_CHAIN else own
        led.append(Item(text, block.depth))
    return led


def _as_lead(text: str) -> str:
    """``text`` with a colon where it leads in a list, else nothing."""
    words = text.strip()
    if words.endswith(_COLONS):
        return words if len(words) <= _LONGEST_WITH_COLON else ""
    return f"{words}:" if words and len(words) <= _LONGEST_LEAD and not words.endswith(_ENDS) else ""
