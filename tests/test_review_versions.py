"""What a new version of a policy says otherwise: passages that came, went, changed or only moved."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.review import versions
from pipeline.review.versions import compare_passages
from schemas.document import Document, Passage, Section, Span
from tests.sample_draft import sample_document


def document(texts: Sequence[str], prefix: str = "a") -> Document:
    """A document of these passages, a line each."""
    at, passages = 0, []
    for n, text in enumerate(texts, start=1):
        span = Span(start=at, end=at + len(text))
        passages.append(Passage(id=f"{prefix}.{n}", section_id=prefix, kind="sentence", span=span))
        at += len(text) + 1
    text = "".join(f"{text}\n" for text in texts)
    whole = Span(start=0, end=len(text))
    return sample_document().model_copy(
        update={
            "text": text,
            "passages": tuple(passages),
            "sections": (Section(id=prefix, title="", level=0, span=whole),),
        }
    )


def changes(old: Sequence[str], new: Sequence[str]) -> tuple[list[tuple[str, str, str]], int]:
    found, moved = compare_passages(document(old), document(new, "b"))
    return [(c.kind, c.before, c.now) for c in found], moved


LONG = "We keep account details for three years after you close your account."


def test_a_text_that_only_has_other_ids_has_not_changed() -> None:
    assert changes(["one", "two", "two"], ["one", "two", "two"]) == ([], 0)


def test_what_came_and_what_went_is_told() -> None:
    assert changes(["one", "two", "three"], ["one", "three", "four"]) == (
        [("gone", "two", ""), ("new", "", "four")],
        0,
    )
    assert changes([], ["one"]) == ([("new", "", "one")], 0)
    assert changes(["one"], []) == ([("gone", "one", "")], 0)


def test_a_passage_that_changed_is_one_change_and_not_two() -> None:
    other = LONG.replace("three", "seven")
    assert changes(["one", LONG, "two"], ["one", "new here", other, "two"]) == (
        [("new", "", "new here"), ("changed", LONG, other)],
        0,
    )


def test_a_passage_that_moved_is_no_change() -> None:
    assert changes(["one", LONG, "two", "three"], ["one", "two", "three", LONG]) == ([], 1)
    assert changes([LONG, "a", LONG, "b"], ["a", "b", LONG]) == ([("gone", LONG, "")], 1)


def test_a_passage_that_is_told_twice_now_is_new() -> None:
    assert changes(["one", "two"], ["one", "two", "one"]) == ([("new", "", "one")], 0)


def test_texts_too_long_to_be_aligned_are_compared_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "_MOST_PAIRS", 3)
    assert changes(["x", "one", "two", "three", "y"], ["x", "three", "two", "four", "y"]) == (
        [("gone", "one", ""), ("new", "", "four")],
        2,
    )


_TEXTS = st.lists(st.sampled_from(["one", "two", "three", LONG, LONG.replace("three", "seven")]), max_size=9)


@settings(max_examples=150, deadline=None)
@given(_TEXTS, _TEXTS)
def test_of_any_two_texts_every_passage_is_accounted_for_once(old: list[str], new: list[str]) -> None:
    found, moved = compare_passages(document(old), document(new, "b"))
    went = [c.id_before for c in found if c.id_before]
    came = [c.id for c in found if c.id]
    assert len(set(went)) == len(went)
    assert len(set(came)) == len(came)
    # What is not told has not changed: as many passages of each text are left on both sides.
    left = [t for n, t in enumerate(old, 1) if f"a.{n}" not in went]
    right = [t for n, t in enumerate(new, 1) if f"b.{n}" not in came]
    assert sorted(left) == sorted(right)
    assert moved <= len(left)
    if moved == 0:
        assert left == right
    if old == new:
        assert (found, moved) == ((), 0)
