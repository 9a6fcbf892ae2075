"""One line of text from the pieces of a page: spaces where words would run together, nothing invisible.

HTML puts words side by side without a space where a style sheet keeps them apart (``Effective:`` and
``April 8, 2026`` in two boxes), and captures have lost spaces after full stops. A quote must read as the page does.
"""

import re

BOUNDARY = "\x01"
"""Stands where one inline element ends or begins, so that words on its two sides can be told apart."""

# Controls, and what shows nothing. Tag characters and variation selectors, which can carry a message, stay for ``unseen`` to report.
_INVISIBLE = re.compile(
    "[\x00\x02-\x08\x0e-\x1f\x7f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
# What follows a full stop in an address or a product's name is no new sentence: mistral.Ai, Node.Js.
_RUN_SENTENCES = re.compile(
    r"[.?!](?<=[^\W\d_][^\W\d_A-Z][.?!])(?=[A-Z][a-z]*(?:\s|[,’']))(?!(?:Ai|Com|Net|Org|Io|Eu|Js|Co|Us|Uk|De|Fr|Html?|Pdf)\b)"
)
_RUN_LABEL = re.compile(r":(?<=[a-z]:)(?=[A-Z][a-z]+\b)")
_RUN_AT_TAG = re.compile(
    rf"{BOUNDARY}+(?:(?<=[a-z]{{2}}{BOUNDARY})(?=[A-Z][a-z])|(?<=[,;:.!?]{BOUNDARY})(?=[A-Z])|"
    # The number of a clause: 1.1.1 and We.
    rf"(?<=\.\d{BOUNDARY})(?=[A-Z][a-z]))"
)
_SPACE_BEFORE_MARK = re.compile(rf"(?<=[\w)”’]) (?:{BOUNDARY}+)(?=[.,;](?:[\s{BOUNDARY}]|$))")
_BOUNDARIES = re.compile(rf"{BOUNDARY}{{2,}}")


def one_line(text: str) -> str:
    """``text`` on one line: spaces single and plain, invisible characters gone, words apart that ran together."""
    text = " ".join(_INVISIBLE.sub("", text).split())
    if BOUNDARY in text:
        text = _SPACE_BEFORE_MARK.sub("", _BOUNDARIES.sub(BOUNDARY, text))
        text = " ".join(_RUN_AT_TAG.sub(" ", text).replace(BOUNDARY, "").split())
    return _RUN_LABEL.sub(": ", _RUN_SENTENCES.sub(r"\g<0> ", text))
