"""Plain text: blank lines, bullets, numbers, capitals and underlines make the blocks that a reader would see."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document.blocks import Block, Heading, Item, Paragraph
from pipeline.document.plain import read_plain

WRAPPED = """\
Acme keeps what you write for as long as your account is open, and
for thirty days after you have closed it, so that you can change
your mind."""


def blocks(text: str) -> list[Block]:
    return read_plain(text).blocks


def words(found: list[Block]) -> str:
    return "\n".join(block.text for block in found if isinstance(block, Heading | Paragraph | Item))


def test_blank_lines_part_paragraphs_and_wrapped_lines_are_joined() -> None:
    assert blocks(f"{WRAPPED}\n\n{WRAPPED}\n") == [Paragraph(" ".join(WRAPPED.split()))] * 2


def test_a_line_that_is_a_whole_paragraph_stays_one() -> None:
    line = " ".join(WRAPPED.split())
    assert blocks(f"{line} {line}\n{line} {line}") == [Paragraph(f"{line} {line}")] * 2


def test_bullets_are_items_and_their_wrapped_lines_belong_to_them() -> None:
    assert blocks(
        "We collect:\n\n  - your name, which you\n    give us;\n  - your address.\n  • your mail\n\n* More\n    * Deeper"
    ) == [
        Paragraph("We collect:"),
        Item("your name, which you give us;"),
        Item("your address."),
        Item("your mail"),
        Item("More", 1),
        Item("Deeper", 2),
    ]


def test_letters_and_numbers_of_items_stay_because_the_text_refers_to_them() -> None:
    assert blocks("(a) to serve you;\n(b) to bill you.\n\n1. First thing;\n2. second thing.") == [
        Item("(a) to serve you;"),
        Item("(b) to bill you."),
        Item("1. First thing;"),
        Item("2. second thing."),
    ]


def test_underlines_capitals_and_numbers_make_headings() -> None:
    text = (
        "Privacy Policy\n==============\n\nSome text here.\n\nYour rights\n-----------\n\nText.\n\nDATA WE COLLECT\n\nText.\n\n"
        f"3. Sharing with others\n\n{WRAPPED}\n\n3.1 Carriers\n{WRAPPED}\n\nSECTION 4 - CHANGES\n\nText."
    )
    assert [block for block in blocks(text) if isinstance(block, Heading)] == [
        Heading(1, "Privacy Policy"),
        Heading(2, "Your rights"),
        Heading(2, "DATA WE COLLECT"),
        Heading(2, "3. Sharing with others"),
        Heading(3, "3.1 Carriers"),
        Heading(2, "SECTION 4 - CHANGES"),
    ]


def test_paragraphs_and_articles_of_other_laws_tongues_are_headings() -> None:
    assert blocks("§ 1 Geltungsbereich\n\nDie Bedingungen gelten.\n\n§ 2a Haftung\n(1) Wir haften.") == [
        Heading(2, "§ 1 Geltungsbereich"),
        Paragraph("Die Bedingungen gelten."),
        Heading(2, "§ 2a Haftung"),
        Item("(1) Wir haften."),
    ]
    assert blocks(
        "第1条（取得）\n当社は取得します。\n\n第二条 目的\n・提供のため\n・広告のため\n\n第1条の規定によります"
    ) == [
        Heading(2, "第1条（取得）"),
        Paragraph("当社は取得します。"),
        Heading(2, "第二条 目的"),
        Item("提供のため"),
        Item("広告のため"),
        Paragraph("第1条の規定によります"),
    ]


def test_the_marks_of_a_quoted_mail_go_and_a_sign_stays() -> None:
    quoted = "Dear all,\n\n> YOUR DATA\n>\n> We keep your name and your address for as long as\n> > the law asks.\n> * a name"
    assert blocks(quoted) == [
        Paragraph("Dear all,"),
        Heading(2, "YOUR DATA"),
        Paragraph("We keep your name and your address for as long as the law asks."),
        Item("a name"),
    ]
    assert words(blocks("Age\n\n> 13 years")).count(">") == 1


def test_what_only_looks_like_a_heading_is_none() -> None:
    text = f"{WRAPPED}\n\n30 days after that it is gone.\n\nTHIS SERVICE IS PROVIDED AS IS, WITHOUT WARRANTY OF ANY KIND.\n\nA1\n\n-----\n\n2026"
    assert not [block for block in blocks(text) if isinstance(block, Heading)]
    assert "-----" not in words(blocks(text))


def test_form_feeds_tabs_and_no_break_spaces_are_blank() -> None:
    assert blocks("One\x0cTwo\n\xa0\n\tThree\xa0\xa0words\u200b") == [
        Paragraph("One"),
        Paragraph("Two"),
        Paragraph("Three words"),
    ]


def test_text_of_nothing_has_no_blocks() -> None:
    found = read_plain(" \n\n\t\n")
    assert found.blocks == []
    assert found.source_chars == 0


@given(st.text(alphabet="aA1.-*=(): \n\t", max_size=120))
@settings(deadline=None, max_examples=200)
def test_no_letter_is_lost(text: str) -> None:
    shown = [char for char in words(blocks(text)) if char.isalpha()]
    # A bullet of the letter's look is no letter here; numbers and letters of items stay.
    assert shown == [char for char in text if char.isalpha()]
