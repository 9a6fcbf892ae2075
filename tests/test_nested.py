"""Items of lists in lists: each says what it belongs to, by a rule that repeats no sentence and loses none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document.blocks import Block, Heading, Item, Paragraph
from pipeline.document.nested import lead_in


def texts(*blocks: Block) -> list[str]:
    return [
        block.text for block in lead_in(blocks) if not isinstance(block, Heading) and hasattr(block, "text")
    ]


def test_a_few_words_lead_in_the_items_under_them_through_all_levels() -> None:
    assert texts(Item("First"), Item("inner a", 2), Item("deep", 3), Item("inner b", 2), Item("Second")) == [
        "First",
        "First: inner a",
        "First: inner a: deep",
        "First: inner b",
        "Second",
    ]


@pytest.mark.parametrize(
    ("outer", "inner"),
    [
        ("We share it with:", "We share it with: A"),
        ("我们收集：", "我们收集： A"),
        ("We share it.", "A"),
        ("Name, or", "Name, or: A"),
        ("Name;", "A"),
        ("Words without an end that are far too many to be read again before each of the inner items", "A"),
        (f"{'Words ' * 20}that end so:", "A"),
    ],
)
def test_a_sentence_is_not_repeated(outer: str, inner: str) -> None:
    assert texts(Item(outer), Item("A", 2)) == [outer, inner]


def test_in_doubt_an_inner_item_stays_as_it_is() -> None:
    assert texts(Item("First"), Paragraph("Goes on."), Item("A", 2))[-1] == "A"
    assert texts(Item("First"), Item("A", 3))[-1] == "A"
    assert texts(Item("First"), Item("Two sentences. ", 2), Item("A", 3))[-1] == "A"
    assert lead_in([Item("First"), Heading(2, "Rights"), Item("A", 2)])[-1] == Item("A", 2)


def test_leads_repeat_within_measure() -> None:
    lead = "a lead of some forty letters, no full stop"
    found = lead_in([Item(lead), *[Item("x", 2)] * 50_000])
    assert sum(len(item.text) for item in found if isinstance(item, Item)) < 600_000
    assert found[1] == Item(f"{lead}: x", 2)
    assert found[-1] == Item("x", 2)


@given(st.lists(st.builds(Item, st.text("ab:. ", min_size=1), st.integers(1, 6))))
def test_no_item_is_lost_or_moved(items: list[Item]) -> None:
    found = lead_in(items)
    assert [item.depth for item in found if isinstance(item, Item)] == [item.depth for item in items]
    assert all(
        now.text.endswith(item.text) for now, item in zip(found, items, strict=True) if isinstance(now, Item)
    )
