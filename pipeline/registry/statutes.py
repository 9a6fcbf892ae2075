"""The registry of law: instruments, the provisions they have, who enforces them, and how sure we are of each entry.

The data stand in ``data/statutes-*.yaml`` and ``data/gdpr.yaml``. An entry's ``verification`` is ``text`` (checked against the law's
text), ``secondary`` (seen in secondary sources), ``memory`` (not checked) or ``conflict`` (sources disagree); a check may refuse a
pinpoint on the strength of ``text`` alone and warns otherwise.
"""

import re
from datetime import date
from functools import cached_property, lru_cache

from pydantic import field_validator

from pipeline.registry.data_files import STATUTE_FILES, read_data
from pipeline.registry.pinpoints import Numbers, Verification
from schemas.base import Value

_PART = re.compile(r"([0-9]+)(?:-([0-9]+))?(?:\(([a-z])-([a-z])\))?")


class Article(Value):
    """One provision. ``structure`` lists its paragraphs with their points: ``1(a-f); 2; 3-5``.

    ``single`` means that it has no numbered paragraphs; None that we do not know. ``superseded`` says what took its place.
    """

    number: str
    title: str | None = None
    structure: str | None = None
    verification: Verification | None = None
    superseded: str | None = None

    @field_validator("structure")
    @classmethod
    def _parses(cls, structure: str | None) -> str | None:
        _paragraphs(structure)
        return structure

    @cached_property
    def paragraphs(self) -> dict[str, str] | None:
        """Paragraph -> its points as one string of letters (empty without points); None when not known."""
        return _paragraphs(self.structure)


class Instrument(Value):
    """A law. ``name`` is its full name, ``short`` the name in citations, ``names`` what prose calls it, in any language.

    ``cite_as`` is an example of a valid reference. ``form`` writes a pinpoint for people: ``Art. {} GDPR``. ``notes`` tell what a
    reader of the entry must know, the limits of our knowledge among them. ``articles`` need not be complete; ``numbers`` decide
    what exists.
    """

    id: str
    name: str
    short: str
    names: tuple[str, ...] = ()
    jurisdiction: str
    cite_as: str
    form: str
    unit: str
    numbers: tuple[Numbers, ...] = ()
    articles: tuple[Article, ...] = ()
    enforcers: tuple[str, ...] = ()
    verification: Verification
    notes: str | None = None
    source: str
    checked_at: date

    @cached_property
    def _by_number(self) -> dict[str, Article]:
        return {article.number: article for article in self.articles}

    def article(self, number: str) -> Article | None:
        """What the registry says of one provision, or None."""
        return self._by_number.get(number)

    def numbers_with(self, number: str) -> Numbers | None:
        """The run of numbers that has this one, or None."""
        return next((run for run in self.numbers if run.has(number)), None)

    def has(self, number: str) -> bool:
        """Whether the instrument has a provision of this number, as far as the registry knows."""
        return number in self._by_number or self.numbers_with(number) is not None


class Statutes(Value):
    """All instruments, in the order of the files."""

    instruments: tuple[Instrument, ...]

    @cached_property
    def _by_id(self) -> dict[str, Instrument]:
        return {instrument.id: instrument for instrument in self.instruments}

    def get(self, instrument_id: str) -> Instrument | None:
        """The instrument with this id, or None."""
        return self._by_id.get(instrument_id)


@lru_cache(maxsize=1)
def load_statutes() -> Statutes:
    """The registry of law."""
    entries = [{**head, **entry} for name in STATUTE_FILES for head, entry in _entries(read_data(name))]
    gdpr = read_data("gdpr.yaml")["articles"]
    for entry in entries:
        if entry["id"] == "GDPR":
            entry["articles"] = gdpr
    return Statutes.model_validate({"instruments": entries})


def _entries(data: dict[str, object]) -> list[tuple[dict[str, object], dict[str, object]]]:
    """Each entry of a file with what the file's head says for all."""
    head = data["all"]
    entries = data["instruments"]
    if not isinstance(head, dict) or not isinstance(entries, list):
        raise TypeError("a file of statutes has a mapping `all` and a list `instruments`")
    return [(head, entry) for entry in entries]


def _paragraphs(structure: str | None) -> dict[str, str] | None:
    if structure is None:
        return None
    found: dict[str, str] = {}
    if structure == "single":
        return found
    for part in structure.split(";"):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"cannot read {part!r} in the structure {structure!r}")
        first, last, start, end = match.groups()
        points = "".join(map(chr, range(ord(start), ord(end) + 1))) if start else ""
        found |= {str(number): points for number in range(int(first), int(last or first) + 1)}
    return found
