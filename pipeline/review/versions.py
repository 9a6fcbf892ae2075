"""Versions: what a new draft of a policy says otherwise than the one that was approved, and which decisions hold for it as well.

Units are matched by what they say and never by where they stand. Passages are compared as texts: a link, a number in an id or a paragraph
that moved is no change of the policy.
"""

import json
import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from pipeline.review.fold import Folded, Unit
from pipeline.review.word_diff import Run, diff_words
from pipeline.store.review_records import ReviewRow
from schemas.document import Document

UnitChangeKind = Literal["same", "changed", "new", "gone"]
PassageChangeKind = Literal["changed", "new", "gone"]

# The comparison of two texts takes memory for each pair of passages, an eighth of a byte.
_MOST_PAIRS = 200_000_000
# Two passages are versions of one another when they share so much of their characters, in percent.
_ALIKE = 60
# As many passages that came are looked at for each one that went.
_NEAR = 8
_LOOKED_AT = 2_000  # characters of each
_LABEL = re.compile(r"(?<=\[)\+?\d+(?=\])")


@dataclass(frozen=True, slots=True)
class UnitChange:
    """A unit of the new draft against the approved one: its path in each, None where there is none, and what it says there.

    ``before`` is as it was approved, ``now`` as the model wrote it this time; ``decided`` is what was decided about it before.
    """

    kind: UnitChangeKind
    path: str | None
    path_before: str | None
    now: dict[str, Any] | None
    before: dict[str, Any] | None
    decided: str | None

    @property
    def rests_on_other_words(self) -> bool:
        """Whether it says to a reader what it said, and only what carries it has changed."""
        return self.kind == "changed" and say(self.now) == say(self.before)

    @property
    def words(self) -> tuple[Run, ...]:
        """What it says now as a change of what it said."""
        return diff_words(say(self.before), say(self.now))


@dataclass(frozen=True, slots=True)
class PassageChange:
    """A passage of the policy that is not what it was: its id in each text, None where it is not."""

    kind: PassageChangeKind
    id: str | None
    id_before: str | None
    now: str
    before: str

    @property
    def words(self) -> tuple[Run, ...]:
        """What it says now as a change of what it said."""
        return diff_words(self.before, self.now)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A new draft against the one of the same policy that was approved last.

    ``moved`` counts passages that stand elsewhere and say the same; ``carried`` how many decisions hold for the new draft and can be carried
    over.
    """

    approved: ReviewRow
    units: tuple[UnitChange, ...]
    passages: tuple[PassageChange, ...]
    moved: int
    carried: int

    def of_kind(self, kind: UnitChangeKind) -> tuple[UnitChange, ...]:
        """The units that are the same, changed, new or gone."""
        return tuple(unit for unit in self.units if unit.kind == kind)


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A finding that was dismissed: the unit of the new draft that it would be about, and what it says."""

    path: str
    code: str
    message: str
    reason: str
    carried_from: str


@dataclass(frozen=True, slots=True)
class Carried:
    """Decisions of an approved review that hold for the new draft, without numbers yet: kind, path, reason, before, after, carried_from.

    ``dismissals`` are to be made where the new draft has the same findings.
    """

    decisions: tuple[dict[str, Any], ...]
    dismissals: tuple[Dismissal, ...]


def compare(
    row: ReviewRow, approved: Folded, before: Document, now: Folded, document: Document
) -> Comparison:
    """What a new draft says otherwise than the approved one, whose row is ``row``."""
    passages, moved = compare_passages(before, document)
    units = tuple(_compare_units(approved, before, now, document))
    held = carry(row.id, approved, before, now, document)
    return Comparison(row, units, passages, moved, len(held.decisions))


def compare_passages(before: Document, now: Document) -> tuple[tuple[PassageChange, ...], int]:
    """The passages that came, went or changed, in the order of the new text; and how many only moved."""
    old = [(p.id, before.text_of(p)) for p in before.passages]
    new = [(p.id, now.text_of(p)) for p in now.passages]
    blocks = list(_blocks([text for _, text in old], [text for _, text in new]))
    # What went at one place and came at another has moved.
    went = Counter(text for i, j, _, _ in blocks for _, text in old[i:j])
    came = Counter(text for _, _, k, m in blocks for _, text in new[k:m])
    moved = went & came
    left = {"went": moved.copy(), "came": moved.copy()}

    def staying(part: Sequence[tuple[str, str]], side: str) -> list[tuple[str, str]]:
        kept = []
        for id_, text in part:
            if left[side][text] > 0:
                left[side][text] -= 1
            else:
                kept.append((id_, text))
        return kept

    changes: list[PassageChange] = []
    for i, j, k, m in blocks:
        changes += _paired(staying(old[i:j], "went"), staying(new[k:m], "came"))
    return tuple(changes), moved.total()


def carry(review_id: str, approved: Folded, before: Document, now: Folded, document: Document) -> Carried:
    """The decisions of an approved review on units that are unchanged: they say the same, on the same words of the same passages.

    Of an entry all that stands in it must be unchanged as well, for it was decided about with that. What stands more than once in either
    draft is not carried over, nor is anything about a unit that was decided about already, nor an entry that an editor added: no model
    wrote it, and whether it still belongs there is for a person to say.
    """
    translate = _Ids(before, document)
    unchanged = _unchanged(_whole_keys(approved, before), _whole_keys(now, document))
    decisions: list[dict[str, Any]] = []
    dismissals: list[Dismissal] = []
    for path, unit in now.units.items():
        was = approved.units.get(unchanged.get(path, ""))
        if was is None or unit.decisions:
            continue
        decisions += _carried(review_id, was, unit, translate, approved.undone)
        dismissals += [
            Dismissal(
                path,
                finding.finding.code,
                finding.finding.message,
                finding.dismissed.reason,
                f"{review_id}:{finding.dismissed.number}",
            )
            for finding in approved.findings_at(was.path)
            if finding.dismissed is not None
        ]
    return Carried(tuple(decisions), tuple(dismissals))


def say(value: Mapping[str, Any] | None) -> str:
    """All that a unit says to a reader, on one line."""
    if value is None:
        return ""
    if "text" in value:
        return str(value["text"])
    return "; ".join(_said(part) for name, part in value.items() if name != "evidence" and part)


def _said(part: Any) -> str:
    """A part of a unit: a word, a claim or an entry of law, or a list of these."""
    if isinstance(part, Mapping):
        return say(part)
    return ", ".join(map(_said, part)) if isinstance(part, list | tuple) else str(part)


def _carried(
    review_id: str, was: Unit, unit: Unit, translate: "_Ids", undone: frozenset[int]
) -> Iterator[dict[str, Any]]:
    live = [d for d in was.decisions if d.number not in undone]
    last = next((d for d in reversed(live) if d.kind in ("accept", "edit", "reject")), None)
    if last is not None:
        after = None
        kind = {"accepted": "accept", "edited": "edit", "rejected": "reject"}[was.status]
        if kind == "edit":
            after = translate(was.value)
            edits = [d for d in live if d.kind == "edit"]
            last = edits[-1]
        if kind != "edit" or after is not None:
            yield {
                "kind": kind,
                "path": unit.path,
                "reason": last.reason,
                "before": unit.value,
                "after": after,
                "carried_from": f"{review_id}:{last.number}",
            }
    for comment in live:
        if comment.kind == "comment":
            yield {
                "kind": "comment",
                "path": unit.path,
                "reason": comment.reason,
                "carried_from": f"{review_id}:{comment.number}",
            }


class _Ids:
    """The ids of an old text's passages in a new one: of those that read the same, and stand there once or under the same id."""

    def __init__(self, before: Document, now: Document) -> None:
        places: dict[str, list[str]] = {}
        for passage in now.passages:
            places.setdefault(now.text_of(passage), []).append(passage.id)
        self._ids: dict[str, str] = {}
        for passage in before.passages:
            found = places.get(before.text_of(passage), [])
            if passage.id in found:
                self._ids[passage.id] = passage.id
            elif len(found) == 1:
                self._ids[passage.id] = found[0]

    def __call__(self, value: dict[str, Any]) -> dict[str, Any] | None:
        """A unit's value with the new ids in its evidence, or None when it quotes a passage that is no more what it was."""
        if "evidence" not in value:
            return value
        evidence = [{**e, "passage_id": self._ids.get(e["passage_id"])} for e in value["evidence"]]
        return None if any(e["passage_id"] is None for e in evidence) else {**value, "evidence": evidence}


def _compare_units(
    approved: Folded, before: Document, now: Folded, document: Document
) -> Iterator[UnitChange]:
    """Each unit of the new draft in its order, then those of the approved one that it has not."""
    pairs = _same(approved, before, now, document)
    same = set(pairs)
    pairs |= _about_the_same(approved, now, pairs)
    for path, unit in now.units.items():
        was = approved.units.get(pairs.get(path, ""))
        kind: UnitChangeKind = "new" if was is None else "same" if path in same else "changed"
        yield _change(kind, unit, was)
    gone = approved.units.keys() - set(pairs.values())
    for path, was in approved.units.items():
        # What an editor rejected is gone already.
        if path in gone and was.now is not None:
            yield _change("gone", None, was)


def _change(kind: UnitChangeKind, unit: Unit | None, was: Unit | None) -> UnitChange:
    return UnitChange(
        kind,
        None if unit is None else unit.path,
        None if was is None else was.path,
        None if unit is None else unit.written or unit.value,
        None if was is None else was.value,
        None if was is None else "added" if was.added else was.status,
    )


def _same(approved: Folded, before: Document, now: Folded, document: Document) -> dict[str, str]:
    """Paths of the new draft's units and of those that said the same: as they were approved, or else as the model wrote them then."""
    new = {path: _key(unit, unit.written or unit.value, document) for path, unit in now.units.items()}
    as_approved = {p: _key(u, u.value, before) for p, u in approved.units.items() if u.now is not None}
    as_written = {p: _key(u, u.written, before) for p, u in approved.units.items() if u.written is not None}
    pairs: dict[str, str] = {}
    taken: set[str] = set()
    for keys in (as_approved, as_written):
        waiting: dict[str, deque[str]] = {}
        for path, key in keys.items():
            if path not in taken:
                waiting.setdefault(key, deque()).append(path)
        for path, key in new.items():
            if path not in pairs and waiting.get(key):
                pairs[path] = waiting[key].popleft()
                taken.add(pairs[path])
    return pairs


def _about_the_same(approved: Folded, now: Folded, same: Mapping[str, str]) -> dict[str, str]:
    """Of the units that say something else those that are about the same thing: a sentence's role, a provision's category, a claim's
    entry. Entries come before the claims in them, which are found by them.
    """
    taken = set(same.values())
    waiting: dict[tuple[str, ...], deque[str]] = {}
    for path, unit in approved.units.items():
        if path not in taken and unit.now is not None:
            waiting.setdefault(_about(unit, unit.place.parent), deque()).append(path)
    pairs: dict[str, str] = {}
    for path, unit in now.units.items():
        parent = unit.place.parent
        if path in same or (parent is not None and parent not in same and parent not in pairs):
            continue
        found = waiting.get(_about(unit, None if parent is None else same.get(parent) or pairs[parent]))
        if found:
            pairs[path] = found.popleft()
    return pairs


def _about(unit: Unit, parent: str | None) -> tuple[str, ...]:
    """What a unit is about; ``parent`` is the path of the entry around it in the approved draft."""
    if parent is not None:
        return _shape(unit.path), parent
    names = ("role", "decision_id", "statute", "category")
    return _shape(unit.path), *(str(unit.value[name]) for name in names if name in unit.value)


def _shape(path: str) -> str:
    """A path without its numbers."""
    return _LABEL.sub("", path)


def _key(unit: Unit, value: Mapping[str, Any], document: Document) -> str:
    """All that a unit says and the passages that it rests on, which have other ids in another text."""
    told = {name: part for name, part in value.items() if name != "evidence"}
    rests_on = []
    for evidence in value.get("evidence", ()):
        passage = document.find(evidence["passage_id"])
        rests_on.append([evidence["quote"], None if passage is None else document.text_of(passage)])
    return json.dumps([_shape(unit.path), told, rests_on], sort_keys=True)


def _has_passages(value: Mapping[str, Any], document: Document) -> bool:
    return all(document.find(evidence["passage_id"]) is not None for evidence in value.get("evidence", ()))


def _whole_keys(folded: Folded, document: Document) -> dict[str, tuple[str, str]]:
    """Keys of what the model wrote, by path: that of all there is in a unit, and that of the entry around it; of units whose passages
    are all there.
    """
    own: dict[str, str] = {}
    inside: dict[str, list[str]] = {}
    unsound: set[str | None] = set()
    for path, unit in folded.units.items():
        if unit.written is None:
            continue
        own[path] = _key(unit, unit.written, document)
        if unit.place.parent is not None:
            inside.setdefault(unit.place.parent, []).append(own[path])
        if not _has_passages(unit.written, document):
            unsound |= {path, unit.place.parent}
    return {
        path: (json.dumps([key, *inside.get(path, ())]), own.get(folded.units[path].place.parent or "", ""))
        for path, key in own.items()
        if path not in unsound
    }


def _unchanged(old: Mapping[str, tuple[str, str]], new: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Paths in the new draft with those in the old one: of units that stand once in both, or once in the same entry of both."""
    pairs: dict[str, str] = {}
    for parts in (2, 1):
        old_keys = {path: key[:parts] for path, key in old.items()}
        new_keys = {path: key[:parts] for path, key in new.items()}
        once = _standing_once(old_keys)
        for key, path in _standing_once(new_keys).items():
            if key in once:
                pairs.setdefault(path, once[key])
    return pairs


def _standing_once(keys: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    counts = Counter(keys.values())
    return {key: path for path, key in keys.items() if counts[key] == 1}


def _blocks(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Where two sequences differ: ``old[i:j]`` became ``new[k:m]``. Texts too long to be aligned differ as a whole."""
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    last_old, last_new = len(old) - end, len(new) - end
    if (last_old - start) * (last_new - start) > _MOST_PAIRS:
        yield start, last_old, start, last_new
        return
    numbers: dict[str, int] = {}
    one = [numbers.setdefault(text, len(numbers)) for text in old[start:last_old]]
    other = [numbers.setdefault(text, len(numbers)) for text in new[start:last_new]]
    block: tuple[int, int, int, int] | None = None
    for code in LCSseq.opcodes(one, other):
        if code.tag == "equal":
            if block:
                yield block
            block = None
        else:
            first = block or (start + code.src_start, 0, start + code.dest_start, 0)
            block = (first[0], start + code.src_end, first[2], start + code.dest_end)
    if block:
        yield block


def _paired(went: Sequence[tuple[str, str]], came: Sequence[tuple[str, str]]) -> Iterator[PassageChange]:
    """What went and what came at one place, with those put together that are versions of one passage."""
    versions: dict[int, int] = {}
    next_ = 0
    for n, (_, text) in enumerate(went):
        for m in range(next_, min(next_ + _NEAR, len(came))):
            if fuzz.ratio(text[:_LOOKED_AT], came[m][1][:_LOOKED_AT], score_cutoff=_ALIKE):
                versions[m] = n
                next_ = m + 1
                break
    paired = set(versions.values())
    for n, (id_, text) in enumerate(went):
        if n not in paired:
            yield PassageChange("gone", None, id_, "", text)
    for m, (id_, text) in enumerate(came):
        if m in versions:
            was_id, was = went[versions[m]]
            yield PassageChange("changed", id_, was_id, text, was)
        else:
            yield PassageChange("new", id_, None, text, "")
