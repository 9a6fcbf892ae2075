"""Authorities and the names that prose gives them, so that one which a policy does not name can be told from one it does."""

from functools import cached_property, lru_cache

from pipeline.registry.data_files import read_data
from pipeline.registry.names import NameIndex
from schemas.base import Value


class Authority(Value):
    """An authority. ``name`` is how the registry of law lists it as an enforcer; ``names`` are those in use in prose.

    A kind of authority ("national supervisory authorities") has no ``names``: prose that says it names nobody.
    """

    id: str
    name: str
    names: tuple[str, ...] = ()
    jurisdiction: str


class Authorities(Value):
    """All authorities."""

    authorities: tuple[Authority, ...]

    @cached_property
    def _by_id(self) -> dict[str, Authority]:
        return {authority.id: authority for authority in self.authorities}

    def get(self, authority_id: str) -> Authority | None:
        """The authority with this id, or None."""
        return self._by_id.get(authority_id)


class FoundAuthority(Value):
    """An authority's name in a text, at ``[start, end)``."""

    authority_id: str
    start: int
    end: int
    words: str


@lru_cache(maxsize=1)
def load_authorities() -> Authorities:
    """The authorities."""
    return Authorities.model_validate(read_data("authorities.yaml"))


@lru_cache(maxsize=4096)
def find_authorities(text: str) -> tuple[FoundAuthority, ...]:
    """Every authority that a text names, in order. Linear in the text's length."""
    return tuple(
        FoundAuthority(
            authority_id=found.key, start=found.start, end=found.end, words=text[found.start : found.end]
        )
        for found in _index().find(text)
    )


@lru_cache(maxsize=1)
def _index() -> NameIndex:
    return NameIndex((name, a.id) for a in load_authorities().authorities for name in a.names)
