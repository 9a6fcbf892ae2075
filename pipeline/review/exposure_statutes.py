"""An exposure's heading names provisions, and so does its rationale: each is edited by itself, and whoever edits one is told of the other."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.registry.citations import cite_ref, join_ref
from pipeline.registry.pinpoints import lies_within, parse_ref
from pipeline.review.fold import Folded
from schemas.review import NewDecision
from schemas.risk import Exposure

_MOST_NAMED = 4


def tell_other_part(before: Folded, after: Folded, news: Sequence[NewDecision]) -> str:
    """What the other part of an exposure cites otherwise, now that one was edited; empty where there is nothing to say.

    Only what this edit put in or took out is told, and of the rationale only what belongs to the heading's instrument.
    """
    told = [
        sentence
        for new in news
        if new.kind == "edit" and new.path in before.units and new.path in after.units
        for sentence in _tell(before, after, new.path)
    ]
    return " ".join(told)


def _tell(before: Folded, after: Folded, path: str) -> list[str]:
    place = after.units[path].place
    heading = path if place.answer is Exposure else place.parent or ""
    if heading not in after.units or after.units[heading].place.answer is not Exposure:
        return []
    in_heading = path == heading
    other = f"{heading}.rationale" if in_heading else heading
    if other not in after.units:
        return []
    was, now = _refs(before.units[path].value), _refs(after.units[path].value)
    there = _refs(after.units[other].value)
    instrument = after.units[heading].value["statute"]
    ours = [ref for ref in now if ref not in was and (in_heading or _is_of(ref, instrument))]
    lacking = [ref for ref in ours if not any(_overlap(ref, one) for one in there)]
    kept = [ref for ref in was if ref not in now and ref in there]
    name = "rationale" if in_heading else "heading of the exposure"
    sentences = []
    if kept:
        sentences.append(f"The {name} cites {_named(kept)} as well, and still does.")
    if lacking:
        sentences.append(f"The {name} does not cite {_named(lacking)}.")
    return sentences


def _refs(value: Mapping[str, Any]) -> list[str]:
    """The references of a heading or of a rationale."""
    if "articles" in value:
        return [join_ref(value["statute"], article) for article in value["articles"]] or [value["statute"]]
    return [statute["ref"] for statute in value["statutes"]]


def _is_of(ref: str, instrument: str) -> bool:
    parsed = parse_ref(ref)
    return parsed is not None and parsed.instrument_id == instrument


def _overlap(one: str, other: str) -> bool:
    return lies_within(one, other) or lies_within(other, one)


def _named(refs: Sequence[str]) -> str:
    more = f" and {len(refs) - _MOST_NAMED} more" if len(refs) > _MOST_NAMED else ""
    return ", ".join(cite_ref(ref) for ref in refs[:_MOST_NAMED]) + more
