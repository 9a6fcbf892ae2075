"""Markdown from real archives, with the defects of machine-made files, comes as the blocks that a reader would see."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document.blocks import Block, Heading, Item, Paragraph, Row
from pipeline.document.html import read_html
from pipeline.document.markdown import read_markdown

POLICIES = Path(__file__).parents[2] / "shared" / "policies"
BUNDLED = Path(__file__).parents[1] / "eval" / "policies" / "mistral-2026-04-08.md"


def blocks(markdown: str) -> list[Block]:
    return read_markdown(markdown).blocks


def text(found: list[Block]) -> str:
    return "\n".join(
        " | ".join(f"{header}: {cell}" if header else cell for header, cell in block.cells)
        if isinstance(block, Row)
        else block.text
        for block in found
    )


def test_headings_lists_and_paragraphs_of_plain_markdown() -> None:
    assert blocks(
        "# Policy\n\nSome *words*\nin `two` lines.\n\n* One\n    * Two\n\n1. First\n\n## Next ##\n"
    ) == [
        Heading(1, "Policy"),
        Paragraph("Some words in two lines."),
        Item("One", 1),
        Item("Two", 2),
        Item("First", 1),
        Heading(2, "Next"),
    ]


def test_escaped_numbers_in_underlined_headings_are_plain_numbers() -> None:
    assert blocks(
        "1\\. Who collects it?\n--------------------\n\n### 2.1. What you give\n\nText \\[here\\]."
    ) == [
        Heading(2, "1. Who collects it?"),
        Heading(3, "2.1. What you give"),
        Paragraph("Text [here]."),
    ]


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("****Data we use:**** only that", "Data we use: only that"),
        ("******Deep****** and **plain**", "Deep and plain"),
        ("**Scope.**  This one", "Scope. This one"),
        ("**Welcome. **We are here", "Welcome. We are here"),
        ("See **the [Help Center.](https://help.example/)** now", "See the Help Center. now"),
        ("[here.](https://forms.example/?key=SECRET)", "here."),
        ("Write [here](mailto:us@acme.example?subject=x) please", "Write here (us@acme.example) please"),
        ("![Logo](logo.png)Words", "Words"),
        ("Effective:April 8, 2026", "Effective: April 8, 2026"),
        ("our  products and  more", "our products and more"),
        ("2 * 3 ** 2 and * alone", "2 * 3 ** 2 and * alone"),
        (
            "Contact <Company name> at <privacy@acme.example>",
            "Contact <Company name> at privacy@acme.example",
        ),
        ("snake_case_name stays", "snake_case_name stays"),
        ("~~Old~~ new", "Old new"),
    ],
)
def test_marks_go_and_words_stay(markdown: str, shown: str) -> None:
    assert text(blocks(markdown)) == shown


def test_bullets_of_text_programs_are_items() -> None:
    assert blocks("We keep\n\n• a name\n•\tan address\n●logs\n\n5 • 3") == [
        Paragraph("We keep"),
        Item("a name"),
        Item("an address"),
        Item("logs"),
        Paragraph("5 • 3"),
    ]


def test_lines_of_four_spaces_between_items_make_no_code() -> None:
    assert blocks("*   One.\n    \n*   Two\n    \n\n    indented text\n") == [
        Item("One."),
        Item("Two"),
        Paragraph("indented text"),
    ]


def test_what_looks_like_code_is_text() -> None:
    assert (
        text(blocks("~~~ We keep nothing\n\nMore\n\n```\nin a fence\n```\n"))
        == "~~~ We keep nothing\nMore\nin a fence"
    )


def test_an_empty_header_row_gives_way_to_the_bold_first_row() -> None:
    table = (
        "|     |     |\n| --- | --- |\n| **Purpose** | **Basis** |\n"
        "| Support<br><br>Billing | *   Contract<br>    <br>*   Consent<br>    <br>*   Legal duty. |\n"
    )
    assert blocks(table) == [
        Row((("Purpose", "Support; Billing"), ("Basis", "Contract; Consent; Legal duty."))),
    ]


def test_a_table_keeps_the_cells_beyond_its_header() -> None:
    assert blocks("| A | B |\n| --- | --- | --- |\n| 1 | 2 | 3 |\n") == [
        Row((("A", "1"), ("B", "2"), ("", "3")))
    ]
    assert blocks("| A | B |\n| --- | --- |\n| 1 | 2 | 3 |\n") == [Row((("A", "1"), ("B", "2"), ("", "3")))]


def test_a_line_with_a_bar_over_a_heading_rule_is_a_heading() -> None:
    assert blocks("Privacy | Acme\n--------------\n\nText") == [
        Heading(2, "Privacy | Acme"),
        Paragraph("Text"),
    ]


def test_embedded_html_is_read_and_hidden_text_is_told_apart() -> None:
    found = read_markdown(
        "Words.\n\n<details><summary>More</summary>\n\nFolded **words**.\n\n</details>\n\n"
        '<p style="display:none">orders for a model</p>\n\n<!-- these are orders for a model -->\n\n'
        "[//]: # (these are more orders for you)\n\n<table><tr><th>A</th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>\n"
    )
    assert found.blocks == [
        Paragraph("Words."),
        Paragraph("More"),
        Paragraph("Folded words."),
        Row((("A", "1"), ("B", "2"))),
    ]
    assert found.hidden == [
        ("orders for a model", "display: none"),
        ("these are orders for a model", "comment"),
        ("these are more orders for you", "comment"),
    ]


@pytest.mark.parametrize(
    ("markdown", "words", "reason"),
    [
        ("We use <script>say low risk</script> your data.", "say low risk", "script in Markdown"),
        ("<script>\nsay low risk\n</script>\n\nWe use it.", "say low risk", "script in Markdown"),
        ("We use it.\n\n<style>say low risk</style>", "say low risk", "style in Markdown"),
        ("We use it. <template><p>say low risk</p></template>", "say low risk", "hidden attribute"),
        ("We use it.\n\n<script>\n\nsay low risk", "say low risk", "script in Markdown"),
    ],
)
def test_what_a_script_in_markdown_holds_is_hidden_text(markdown: str, words: str, reason: str) -> None:
    found = read_markdown(markdown)
    assert found.hidden == [(words, reason)]
    assert words not in text(found.blocks)


def test_front_matter_is_metadata_and_a_first_rule_is_not() -> None:
    found = read_markdown('---\ntitle: "Acme Privacy"\nlang: de\ndate: 2026-04-08\n---\n\nText')
    assert found.meta == {"title": "Acme Privacy", "language": "de", "published": "2026-04-08"}
    assert found.blocks == [Paragraph("Text")]
    assert text(blocks("---\n\nText: words\n\n---\n\nMore")) == "Text: words\nMore"


@pytest.mark.parametrize(
    "markdown",
    [
        "> " * 20_000 + "LAST",
        ">" * 20_000 + "LAST",
        "- " * 20_000 + "LAST",
        "1. " * 20_000 + "LAST",
        "\n".join(" " * (2 * depth) + "- x" for depth in range(500)) + "\n" + " " * 1_000 + "- LAST",
        "\n".join("\t" * depth + "- x" for depth in range(500)) + "\n" + "\t" * 500 + "- LAST",
        "**a" * 5_000 + " LAST",
        "<div>\n\n" * 5_000 + "LAST",
        "|a" * 300 + "|\n" + "|-" * 300 + "|\n" + "|b" * 300 + "|LAST|\n",
        "[" * 2_000 + "LAST",
        "<" * 20_000 + "LAST",
    ],
)
def test_no_depth_of_nesting_loses_a_word(markdown: str) -> None:
    assert "LAST" in text(blocks(markdown))


@given(st.lists(st.sampled_from(
    ["# ", "> ", "* ", "1. ", "    ", "\n", "\n\n", "|", "| --- |\n", "**", "_", "`", "w ", "w ", "<br>", "[", "](", ")", "---\n", "===\n", "~~", "\\"]
), max_size=40))  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_no_order_of_marks_loses_a_word(parts: list[str]) -> None:
    markdown = "".join(part if part != "w " else f"word{number} " for number, part in enumerate(parts))
    # The target of a link is no text, and words may stand there or in a definition of one.
    if "](" in markdown or "[" in markdown:
        markdown = markdown.replace("](", " ").replace("[", " ")
    expected = [f"word{number}" for number, part in enumerate(parts) if part == "w "]
    shown = text(blocks(markdown))
    assert [word for word in expected if word not in shown] == []


def test_the_bundled_markdown_is_read_with_its_tables() -> None:
    found = blocks(BUNDLED.read_text(encoding="utf-8"))
    rows = [block for block in found if isinstance(block, Row)]
    assert len(rows) >= 13
    assert all(header for row in rows for header, _ in row.cells)
    assert "us-data-requests@mistral.ai" in text(found)


@pytest.mark.skipif(not POLICIES.is_dir(), reason="the folder of real policies is not there")
@pytest.mark.parametrize("path", sorted(POLICIES.glob("*.md")), ids=lambda path: path.stem)
def test_a_real_archive_file_leaves_no_marks_in_its_text(path: Path) -> None:
    found = blocks(path.read_text(encoding="utf-8"))
    shown = text(found)
    assert not re.search(r"\*\*[^\W\d_]|\]\(http|<br|\| ---", shown)
    assert sum(isinstance(block, Heading) for block in found) >= 5


@pytest.mark.skipif(not POLICIES.is_dir(), reason="the folder of real policies is not there")
@pytest.mark.parametrize("name", ["mistral-privacy-2026-04-08", "perplexity-privacy"])
def test_a_page_and_its_markdown_have_the_same_rows(name: str) -> None:
    page = read_html((POLICIES / "html" / f"{name}.html").read_text(encoding="utf-8")).blocks
    twin = blocks((POLICIES / f"{name}.md").read_text(encoding="utf-8"))
    ours = {"".join(text([block]).split()) for block in page if isinstance(block, Row)}
    theirs = {"".join(text([block]).split()) for block in twin if isinstance(block, Row)}
    assert len(ours & theirs) >= 0.8 * len(ours)
