"""What stands twice is kept once and told; what a policy repeats with good reason stays."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.document.blocks import Block, Heading, Item, Paragraph, Row
from pipeline.document.repeats import drop_repeats


def _section(number: int) -> list[Block]:
    return [
        Heading(2, f"Section {number}"),
        Paragraph(f"In section {number} we tell you what we do with the data you give us."),
        Item(f"We keep item {number} for {number} years."),
        Item(f"We share item {number} with processors."),
    ]


def _body(sections: int) -> list[Block]:
    return [block for number in range(sections) for block in _section(number)]


TABLE: list[Block] = [
    Row((("Purpose", f"Purpose number {n} of the table"), ("Basis", "consent or contract"))) for n in range(4)
]


def _codes(blocks: list[Block]) -> list[str]:
    return [finding.code for finding in drop_repeats(blocks)[1]]


def test_body_that_stands_twice_is_kept_once_with_a_finding() -> None:
    kept, findings = drop_repeats([Heading(1, "Privacy"), *_body(8), *_body(8)])
    assert kept == [Heading(1, "Privacy"), *_body(8)]
    assert [(f.code, f.severity) for f in findings] == [("document.repeated_body", "info")]
    assert "32 blocks" in findings[0].message
    assert "Section 0" in findings[0].message


def test_title_and_date_twice_and_body_three_times() -> None:
    head: list[Block] = [Heading(1, "Privacy"), Paragraph("Effective: April 8, 2026")]
    kept, findings = drop_repeats([*head, *head, *_body(6), *_body(6), *_body(6)])
    assert kept == [*head, *_body(6)]
    assert {f.code for f in findings} == {"document.repeated_text", "document.repeated_body"}


def test_difference_between_the_copies_is_kept_under_its_heading() -> None:
    second = _body(12)
    second.insert(30, Paragraph("Only here: see our desk."))
    kept, findings = drop_repeats([*_body(12), *second])
    assert kept == [*_body(12), Heading(2, "Section 7"), Paragraph("Only here: see our desk.")]
    assert [f.code for f in findings] == ["document.repeated_body"]


def test_table_that_stands_again_after_the_end_is_kept_once_with_a_finding() -> None:
    kept, findings = drop_repeats([*_body(3), *TABLE, *_section(9), *TABLE])
    assert kept == [*_body(3), *TABLE, *_section(9)]
    assert [f.code for f in findings] == ["document.repeated_table"]


def test_table_that_two_sections_share_stays_in_both() -> None:
    blocks = [*_section(1), *TABLE, *_section(2), *TABLE, *_section(3)]
    assert drop_repeats(blocks) == (blocks, [])


def test_same_rights_under_two_countries_stay_in_both() -> None:
    rights: list[Block] = [Item("You may ask for a copy of your data."), Item("You may have it deleted.")]
    blocks = [*_body(9), Heading(2, "Oregon"), *rights, Heading(2, "Utah"), *rights, Paragraph("The end.")]
    assert drop_repeats(blocks) == (blocks, [])


def test_equal_rows_of_one_table_stay() -> None:
    row = Row((("Data", "name"), ("Shared", "no")))
    blocks: list[Block] = [*_body(3), row, row, *_section(8)]
    assert drop_repeats(blocks) == (blocks, [])


def test_heading_after_a_line_with_its_words_stays() -> None:
    blocks: list[Block] = [
        Paragraph("Services for individuals"),
        Heading(2, "Services for individuals"),
        *_body(2),
    ]
    assert drop_repeats(blocks) == (blocks, [])


def test_spaces_do_not_tell_copies_apart() -> None:
    assert _codes(
        [Paragraph("We collect\u00a0 your data here."), Paragraph("We collect your data here.")]
    ) == ["document.repeated_text"]


FEW = st.sampled_from(
    [Heading(2, "A"), Heading(2, "B"), Paragraph("p" * 30), Item("i" * 30), TABLE[0], TABLE[1]]
)


@given(st.lists(FEW, max_size=40))
def test_everything_left_out_still_stands_once_and_is_told(blocks: list[Block]) -> None:
    kept, findings = drop_repeats(blocks)
    assert {repr(b) for b in kept} == {repr(b) for b in blocks}
    assert (len(kept) < len(blocks)) <= bool(findings)
    remaining = iter(blocks)
    assert all(any(block is other for other in remaining) for block in kept)


def test_many_equal_blocks_are_no_burden() -> None:
    row = Row((("Data", "name"),))
    kept, _ = drop_repeats([*_body(2), *[row] * 50_000, *[Paragraph("x")] * 50_000])
    assert row in kept
