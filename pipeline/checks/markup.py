"""Markup, links, code and orders to a model in a draft's prose: a sentence of a draft is plain words.

Such characters come from the policy's text, by copying or because the policy told the model to; a page, a mail or a spreadsheet
that shows the draft might act on them.
"""

import re

from pipeline.checks.instructions import find_copied_instruction
from pipeline.checks.named import prints
from pipeline.registry.sieve import Sieved
from schemas.document import Document

ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_LINKS = Sieved(
    r"\b(?:https?|ftp|file)://\S{0,200}|\b(?:javascript|vbscript):\s?\S{0,100}|\bdata:(?:text|image|application)/\S{0,100}|\bwww\.\w[\w.-]{0,100}|\]\([^)]{0,200}\)?",
    re.IGNORECASE,
)
# Small letters only: "Booking.com" and "X.AI" are names.
_INNER_STOP = re.compile(r"\.[a-z]")  # which every host name has, and few sentences
_DOMAIN = re.compile(
    r"(?<![@\w.-])(?:[a-z0-9][a-z0-9-]{0,62}\.){1,5}(?:com|org|net|io|ai|eu|fr|de|uk|us|app|dev|info|example|co|ch|ca)(?:/[\w./?=&%-]{0,200})?(?![\w-])"
)
_CODE = Sieved(
    r"</?[a-z][\w-]{0,30}(?:\s[^<>]{0,300})?/?>|<!--|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|lt|gt|amp|quot|nbsp);|`|\{\{|\}\}|\{%|%\}|\$\{|\*\*|^\s{0,3}#{1,6}\s|^\s{0,3}>\s",
    re.IGNORECASE,
)
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\U000e0000-\U000e007f]"
)


def without_addresses(text: str, instead: str) -> str:
    """The text with something else in the place of its e-mail addresses."""
    # Most texts have none, and to look for what may stand before the sign takes long.
    return ADDRESS.sub(instead, text) if "@" in text else text


def find_markup(text: str, document: Document) -> tuple[str, str] | None:
    """What in the text is no plain prose, as (what it is, the words); None when nothing is.

    A bare host name may be told as the document prints it; an address with its scheme may not.
    """
    for what, pattern in (("a link", _LINKS), ("markup or code", _CODE)):
        match = pattern.search(text)
        if match:
            return what, match[0].strip()
    unseen = _UNSEEN.search(text)
    if unseen:
        return "a character that cannot be seen or breaks the line", f"U+{ord(unseen[0]):04X}"
    for match in _DOMAIN.finditer(text) if _INNER_STOP.search(text) else ():
        address = match[0].rstrip(".?")  # the sentence's own
        if not prints(document, address):
            return "an internet address that the document does not print", address
    return find_copied_instruction(text)
