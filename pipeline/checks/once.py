"""What is worked out of a document once, for all three artefacts and every answer that is asked for again, and is gone with the document.

A cache of so many documents would not do. Of a batch some hundred are in work by turns, and each would push out the next before it comes
back; and a cache that holds documents keeps those in memory that are done.
"""

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from pipeline.checks.folding import fold_text
from schemas.document import Document, Passage

T = TypeVar("T")


class Once(Generic[T]):
    """Work on a document that is done at the first asking. As a decorator of a function of one document.

    A document is told by itself and not by being equal, for to compare two takes longer than the work. What comes out may hold what it was
    given, which is a copy that shares all parts: it must not keep the document itself in memory.
    """

    def __init__(self, work: Callable[[Document], T]) -> None:
        self.__doc__ = work.__doc__
        self._work = work
        self._kept: dict[int, tuple[weakref.ref[Document], T]] = {}

    def __call__(self, document: Document) -> T:
        """What the work gives for this document."""
        key = id(document)
        kept = self._kept.get(key)
        if kept is not None and kept[0]() is document:
            return kept[1]
        done = self._work(document.model_copy())
        self._kept[key] = (weakref.ref(document, lambda _: self._kept.pop(key, None)), done)
        return done


@Once
def lines_of(document: Document) -> tuple[str, ...]:
    """The lines of the document's text, folded."""
    return tuple(map(fold_text, document.text.split("\n")))


@Once
def passages_of(document: Document) -> tuple[tuple[Passage, str], ...]:
    """The document's passages, each with its text folded."""
    return tuple((passage, fold_text(document.text_of(passage))) for passage in document.passages)
