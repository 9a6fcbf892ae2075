"""Which law and which authorities a document names itself: what it does not name, a draft can only infer."""

from dataclasses import dataclass

from pipeline.checks.folding import fold_lines, fold_text
from pipeline.checks.once import Once, lines_of
from pipeline.registry.citations import find_authorities, find_citations
from pipeline.registry.pinpoints import lies_within
from schemas.document import Document


@dataclass(frozen=True, slots=True)
class Named:
    """References (bare ids of instruments among them) and ids of authorities that a document names."""

    refs: frozenset[str]
    authorities: frozenset[str]

    def has(self, ref: str) -> bool:
        """Whether the document names this provision, or a part of it: who names Article 46(2) names Article 46, not the reverse."""
        return any(lies_within(named, ref) for named in self.refs)


def named_in(document: Document) -> Named:
    """What the document names anywhere, its title, headings and the company's name included."""
    return _named(document)


def prints(document: Document, words: str) -> bool:
    """Whether these words stand in the document's text, in any case."""
    return fold_text(words).casefold() in _small(document)


@Once
def _small(document: Document) -> str:
    return "\n".join(lines_of(document)).casefold()


@Once
def _named(document: Document) -> Named:
    refs: set[str] = set()
    authorities: set[str] = set()
    for line in (*lines_of(document), *fold_lines(f"{document.title or ''}\n{document.company or ''}")):
        refs.update(name for c in find_citations(line) for name in (c.ref, c.instrument_id) if name)
        authorities.update(found.authority_id for found in find_authorities(line))
    return Named(frozenset(refs), frozenset(authorities))
