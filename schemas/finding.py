"""Finding: something a check saw, in a document or in a draft."""

from typing import Literal

from schemas.base import Value

FindingSeverity = Literal["error", "warning", "info"]


class Finding(Value):
    """Something a check saw. A fault of a draft is a finding, never an exception.

    ``code`` is dotted and stable (``evidence.quote_missing``); ``path`` points into the artefact
    (``legal.sentences[2].evidence[0]``) or, for a document, names a passage id or is empty.
    ``error`` blocks publication and is sent back to the model; ``warning`` needs an editor's eye;
    ``info`` is told and needs nothing.
    """

    code: str
    severity: FindingSeverity
    path: str
    message: str
