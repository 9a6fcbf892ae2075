"""HTML pages: what a reader would read comes as blocks, what the site adds stays out, what is hidden is told apart."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document.blocks import Block, Blocks, Heading, Item, Paragraph, Row
from pipeline.document.html import read_html

POLICIES = Path(__file__).parents[2] / "shared" / "policies" / "html"
BUNDLED = Path(__file__).parents[1] / "eval" / "policies" / "mistral-2026-04-08.html"
KEEP = "Acme keeps what you write for as long as your account is open, and for thirty days after you have closed it."
SHARE = (
    "Acme shares your address with the carriers that bring you what you ordered, and with nobody else at all."
)
RIGHTS = "You can ask Acme for a copy of everything it holds about you, and Acme answers within thirty days of that."
POLICY = (
    f"<h1>Privacy Policy</h1><p>{KEEP}</p><h2>Sharing</h2><p>{SHARE}</p><h2>Your rights</h2><p>{RIGHTS}</p>"
)


def page(body: str, head: str = "") -> Blocks:
    return read_html(f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>")


def blocks(body: str) -> list[Block]:
    return page(body).blocks


def text(found: Blocks | list[Block]) -> str:
    lines = []
    for block in found.blocks if isinstance(found, Blocks) else found:
        if isinstance(block, Row):
            lines.append(" | ".join(f"{header}: {cell}" if header else cell for header, cell in block.cells))
        else:
            lines.append(block.text)
    return "\n".join(lines)


def rows(body: str) -> list[tuple[tuple[str, str], ...]]:
    return [block.cells for block in blocks(body) if isinstance(block, Row)]


def hidden_reason(html: str) -> str | None:
    found = page(POLICY + html)
    assert "orders" not in text(found)
    return next((reason for words, reason in found.hidden if "orders" in words), None)


# Lines


def test_headings_paragraphs_and_bare_text_become_blocks_in_order() -> None:
    assert blocks(
        '<h2>Scope</h2>Bare words<div>In a box<p>In a paragraph</div><div role="heading" aria-level="3">Sub</div>'
        "<span>In a span</span>"
    ) == [
        Heading(2, "Scope"),
        Paragraph("Bare words"),
        Paragraph("In a box"),
        Paragraph("In a paragraph"),
        Heading(3, "Sub"),
        Paragraph("In a span"),
    ]


def test_two_line_breaks_end_a_paragraph_and_one_does_not() -> None:
    assert blocks("One line<br>goes on.<br> <br>&nbsp;A new one.") == [
        Paragraph("One line goes on."),
        Paragraph("A new one."),
    ]


def test_lines_with_bullets_between_line_breaks_are_items() -> None:
    assert blocks("<p>We collect:<br>- your name<br>- your address</p>") == [
        Paragraph("We collect:"),
        Item("your name"),
        Item("your address"),
    ]


def test_nested_lists_keep_their_depth_and_later_paragraphs_of_an_item_are_running_text() -> None:
    assert blocks(
        "<ul><li>One<ul><li>Two<ol><li>Three</ol></ul>after<li><p>Four</p><p>Goes on.</p></ul>"
    ) == [
        Item("One", 1),
        Item("Two", 2),
        Item("Three", 3),
        Paragraph("after"),
        Item("Four", 1),
        Paragraph("Goes on."),
    ]


def test_a_definition_is_one_item_with_its_term() -> None:
    assert blocks(
        "<dl><dt>Cookie</dt><dd>A small file.</dd><dt>Log:</dt><dd><p>A record.</p></dd><dt>Alone</dt></dl>"
    ) == [
        Item("Cookie: A small file."),
        Item("Log: A record."),
        Paragraph("Alone"),
    ]


def test_a_definition_may_stand_in_a_box_of_its_own() -> None:
    assert blocks(
        "<dl><div><dt>Cookie</dt><dd>A file.</dd></div><div><dt>Log</dt><dd>A record.</dd></div></dl>"
    ) == [
        Item("Cookie: A file."),
        Item("Log: A record."),
    ]


def test_a_term_of_many_paragraphs_is_put_together_once() -> None:
    words = [f"word{number}" for number in range(20_000)]
    found = blocks(
        "<dl><dt>" + "".join(f"<p>{word}</p>" for word in words) + "<br><br></dt><dd>Meaning</dd></dl>"
    )
    assert found == [Item(f"{' '.join(words)}: Meaning")]


def test_a_whole_paragraph_set_as_a_heading_is_a_paragraph() -> None:
    assert blocks(f"<h4>{KEEP} {SHARE} {RIGHTS}</h4>") == [Paragraph(f"{KEEP} {SHARE} {RIGHTS}")]


def test_bold_lines_are_headings_only_where_none_are_marked() -> None:
    implied = f"<p><b>What we keep</b></p><p>{KEEP}</p><p><strong>What we share</strong></p><p>{SHARE}</p>"
    assert [b.text for b in blocks(implied) if isinstance(b, Heading)] == ["What we keep", "What we share"]
    assert [b.text for b in blocks(POLICY + implied) if isinstance(b, Heading)] == [
        "Privacy Policy",
        "Sharing",
        "Your rights",
    ]


def test_numbered_lines_that_count_up_are_headings_where_none_are_marked() -> None:
    numbered = f"<p>I. What we keep</p><p>{KEEP}</p><p>II. Sharing</p><p>{SHARE}</p><p>III. Rights</p><p>{RIGHTS}</p>"
    assert [b.text for b in blocks(numbered) if isinstance(b, Heading)] == [
        "I. What we keep",
        "II. Sharing",
        "III. Rights",
    ]


# Words


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("our certifications.We sign an agreement", "our certifications. We sign an agreement"),
        ("<span>Effective:</span><span>April 8, 2026</span>", "Effective: April 8, 2026"),
        ("<b>Legal basis</b><i>Consent</i>", "Legal basis Consent"),
        ("a<b>b</b>c", "abc"),
        ("<span>1.1.1</span><span>We keep</span>", "1.1.1 We keep"),
        ("<em>i</em>Phone and Le<b>Chat</b>", "iPhone and LeChat"),
        ("see www.acme.Com or acme.com/Privacy", "see www.acme.Com or acme.com/Privacy"),
        ("the U.S.A. and e.g. Node.Js", "the U.S.A. and e.g. Node.Js"),
        ("ten&nbsp;&nbsp;\n days&#8203;, so&shy;on", "ten days, soon"),
        ("visit <a href='/h'>the help page</a>.", "visit the help page."),
        ("x<wbr>y<img alt='z' src='q'>", "xy"),
    ],
)
def test_words_stand_apart_where_the_page_shows_them_apart(html: str, shown: str) -> None:
    assert text(blocks(f"<p>{html}</p>")) == shown


def test_a_joiner_that_persian_needs_stays() -> None:
    assert text(blocks("<p>می\u200cخواهم</p>")) == "می\u200cخواهم"


def test_an_address_that_only_the_link_target_has_is_kept_once_and_without_its_query() -> None:
    assert text(
        blocks('<p>Write to us <a href="mailto:privacy@acme.example?subject=x&key=1">here</a>.</p>')
    ) == ("Write to us here (privacy@acme.example).")
    assert (
        text(blocks('<p><a href="MAILTO:privacy@acme.example">Privacy@acme.example</a></p>'))
        == "Privacy@acme.example"
    )


def test_an_address_hidden_from_robots_is_written_out() -> None:
    coded = bytes([0x2A, *(ord(char) ^ 0x2A for char in "dpo@acme.example")]).hex()
    protected = f'<a class="__cf_email__" data-cfemail="{coded}" href="/cdn-cgi/l/email-protection">[email&#160;protected]</a>'
    assert (
        text(blocks(f"<p>Write to {protected} at any time.</p>")) == "Write to dpo@acme.example at any time."
    )


def test_no_other_link_target_is_shown() -> None:
    found = page(
        POLICY
        + '<p>Use <a href="https://forms.example/r?key=SECRET">the form</a> or <a href="mailto:no address">this</a>.</p>'
    )
    assert text(found).endswith("Use the form or this.")


# Tables


def test_a_row_names_its_headers_and_joins_the_list_in_a_cell() -> None:
    assert rows(
        "<table><tr><th>Purpose</th><th>Data</th></tr>"
        "<tr><td>Support</td><td>You give us:<ul><li>your name</li><li>your messages.</li></ul>Nothing else</td></tr></table>"
    ) == [(("Purpose", "Support"), ("Data", "You give us: your name; your messages. Nothing else"))]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("<ul><li>Name<li>Email <ul><li>work<li>home</ul><li>Phone</ul>", "Name; Email: work, home; Phone"),
        ("Name<br>Email<ul><li>work<li>home</ul>Phone", "Name; Email: work, home; Phone"),
        ("<ul><li>Email:<ul><li>work<li>home.</ul><li>Phone</ul>", "Email: work, home. Phone"),
        ("<ul><li>A<ul><li>B<ul><li>C<li>D</ul><li>E</ul><li>F</ul>", "A: B: C, D; E; F"),
        ("<ul><li><p>One</p><p>goes on</p><li>Two</ul>", "One; goes on; Two"),
        ("<ul><li>One<li>Two</ul>", "One; Two"),
    ],
)
def test_what_leads_in_a_list_in_a_cell_stands_before_it(cell: str, shown: str) -> None:
    assert rows(f"<table><tr><th>Purpose<th>Data<tr><td>Support<td>{cell}</table>") == [
        (("Purpose", "Support"), ("Data", shown))
    ]


def test_an_empty_header_row_gives_way_to_bold_text_in_the_first_body_row() -> None:
    table = (
        "<table><thead><tr><th></th><th></th></tr></thead><tbody><tr><td><b>Purpose</b></td><td><p><strong>Basis</strong></p></td></tr>"
        "<tr><td>Support</td><td>Contract</td></tr></tbody></table>"
    )
    assert rows(table) == [(("Purpose", "Support"), ("Basis", "Contract"))]


def test_a_table_that_is_all_bold_has_no_header() -> None:
    assert rows("<table><tr><td><b>A</b><td><b>B</b><tr><td><b>C</b><td><b>D</b></table>") == [
        (("", "A"), ("", "B")),
        (("", "C"), ("", "D")),
    ]


def test_a_cell_that_spans_rows_is_repeated_and_one_that_spans_columns_has_both_headers() -> None:
    assert rows(
        "<table><tr><th>Purpose<th>Data<th>Basis</tr><tr><td rowspan=2>Support<td>Name<td>Contract<tr><td colspan=2>Messages</table>"
    ) == [
        (("Purpose", "Support"), ("Data", "Name"), ("Basis", "Contract")),
        (("Purpose", "Support"), ("Data / Basis", "Messages")),
    ]


def test_a_header_in_two_lines_is_joined_also_when_its_spans_are_lost() -> None:
    body = "<tr><td>Name<td>Yes<td>No</tr><tr><td>Photo<td>No<td>Yes</tr></table>"
    expected = [(("Data", "Name"), ("Shared / For business", "Yes"), ("Shared / For ads", "No"))]
    spanned = "<table><thead><tr><th rowspan=2>Data<th colspan=2>Shared</tr><tr><th>For business<th>For ads</tr></thead>"
    lost = "<table><thead><tr><th>Data<th>Shared</tr></thead><tr><td>For business<td>For ads</tr>"
    assert rows(spanned + body)[:1] == expected
    assert rows(lost + body)[:1] == expected


def test_a_row_across_the_table_stands_alone_and_row_headings_name_their_cells() -> None:
    assert rows(
        "<table><tr><th>Data<th>Period<tr><td colspan=2>Your account<tr><td>Name<td>5 years</table>"
    ) == [
        (("", "Your account"),),
        (("Data", "Name"), ("Period", "5 years")),
    ]
    assert rows("<table><tr><th scope=row>Controller<td>Acme<tr><th scope=row>Place<td>Paris</table>") == [
        (("Controller", "Acme"),),
        (("Place", "Paris"),),
    ]


def test_a_table_inside_a_cell_stays_in_its_cell() -> None:
    assert rows(
        "<table><tr><th>Purpose<th>Periods<tr><td>Support<td><table><tr><td>Name<td>5 years<tr><td>Log<td>1 year</table></table>"
    ) == [(("Purpose", "Support"), ("Periods", "Name, 5 years; Log, 1 year"))]


def test_a_table_that_lays_out_the_page_is_read_as_text() -> None:
    assert blocks(f"<table><tr><td>Menu of the site<td>{POLICY}</table>")[-2:] == [
        Heading(2, "Your rights"),
        Paragraph(RIGHTS),
    ]
    assert blocks("<table role=presentation><tr><td>One<td>Two</table>") == [
        Paragraph("One"),
        Paragraph("Two"),
    ]
    assert blocks("<table><tr><td>Only<tr><td>one column</table>") == [
        Paragraph("Only"),
        Paragraph("one column"),
    ]


def test_boxes_with_the_roles_of_a_table_and_a_list_are_read_as_such() -> None:
    table = (
        "<div role=table><div role=rowgroup><div role=row><div role=columnheader>Purpose</div><div role=columnheader>Basis</div></div></div>"
        "<div role=row><div role=cell>Support</div><div role=cell>Contract</div></div></div>"
    )
    assert rows(table) == [(("Purpose", "Support"), ("Basis", "Contract"))]
    assert blocks("<div role=list><div role=listitem>One</div><div role=listitem>Two</div></div>") == [
        Item("One"),
        Item("Two"),
    ]


def test_a_hidden_cell_leaves_its_column_in_place() -> None:
    assert rows("<table><tr><th>A<th>B<th>C<tr><td>1<td hidden>2<td>3</table>") == [(("A", "1"), ("C", "3"))]


def test_spans_without_measure_neither_repeat_without_end_nor_lose_text() -> None:
    wide = (
        "<table><tr>"
        + "".join(f"<td rowspan=0 colspan=1000>c{n} {KEEP}" for n in range(300))
        + "<tr><td>end" * 3_000
    )
    found = text(blocks(wide))
    assert all(f"c{n} {KEEP}" in found for n in range(300))
    assert found.count("end") == 3_000
    assert len(found) < 2_000_000


# What belongs to the site


def test_what_belongs_to_the_site_stays_out() -> None:
    found = page(
        '<a class="skip" href="#main">Skip to content</a>'
        "<header><div>Acme Shop</div><nav><ul><li><a href=/>Home</a></ul></nav></header>"
        "<div class=topbar><span>Free parcels</span><span>Sign in</span></div>"
        f'<main id=main><div role="search"><input><button>Find</button></div>{POLICY}<button>Print this page</button></main>'
        "<aside><a href=/a>Read our blog about parcels and other things</a></aside>"
        '<div id="onetrust-banner-sdk"><p>We value your privacy and use cookies to make your visit better.</p><button>Accept</button></div>'
        "<footer><p>Acme is a registered trade mark of Acme Incorporated.</p><a href=/terms>Terms</a></footer>"
        "<form><label>Newsletter</label><input><p>Sign up now</p></form>"
        "<noscript>Turn on scripts</noscript><script>var state = 'words';</script><template><p>Draft</p></template><style>p{}</style>"
    )
    assert found.blocks == blocks(POLICY)
    assert found.hidden == []


def test_a_cookie_box_without_a_telling_name_stays_out() -> None:
    box = (
        '<div class="kX9"><h4>Cookies</h4><p>We would like to use cookies to remember what you prefer. You can take all of them or some.</p>'
        "<button>Take all</button></div>"
    )
    assert blocks(f"<div>{POLICY}</div>{box}") == blocks(POLICY)


def test_the_cookie_section_of_a_policy_is_no_banner() -> None:
    section = '<section id="cookie-notice" class="cookies privacy-box"><h2>Cookies</h2><p>We set two cookies, and both go when you leave.</p></section>'
    assert text(blocks(f"<main>{POLICY}{section}</main>")).endswith(
        "Cookies\nWe set two cookies, and both go when you leave."
    )


@pytest.mark.parametrize(
    "html",
    [
        f"<main><p>Short words of welcome to our legal pages.</p></main><div>{POLICY}</div>",
        f"<form id=aspnetForm><input type=hidden><div>{POLICY}</div></form>",
        f"<div role=dialog>{POLICY}</div>",
        f"<footer>{POLICY}</footer>",
        f"<div class='menu sidebar'>{POLICY}</div>",
        f"<nav>{POLICY}</nav>",
        f"<article><h1>Privacy Policy</h1><p>{KEEP}</p></article><article><h2>Sharing</h2><p>{SHARE}</p></article><article><h2>Your rights</h2><p>{RIGHTS}</p></article>",
        f"<div id=cookie-consent-modal><button>x</button>{POLICY}</div>",
    ],
)
def test_a_policy_is_found_wherever_it_stands(html: str) -> None:
    found = text(page(html))
    assert all(sentence in found for sentence in (KEEP, SHARE, RIGHTS))


def test_the_title_and_the_date_beside_the_body_are_kept() -> None:
    found = blocks(
        "<div class=hero><div>Privacy Policy</div><div>Last updated: 8 April 2026</div></div>"
        f"<div class=text>{POLICY}</div><div><span>Acme © 2026</span></div>"
    )
    assert text(found).startswith("Privacy Policy\nLast updated: 8 April 2026\n")
    assert "©" not in text(found)


@pytest.mark.parametrize(
    "beside",
    [
        "<header><div>Acme</div><p>Effective 8 April 2026</p></header>",
        "<div><table><tr><th>Data<th>Period<tr><td>Name<td>5 years</table></div>",
        "<section><h2>Cookies</h2><p>None.</p></section>",
        "<aside><p>In short: Acme keeps little and shares less, and you can have a copy of it all.</p></aside>",
    ],
)
def test_what_stands_beside_the_body_and_is_the_documents_is_kept(beside: str) -> None:
    words = [word for word in ("Effective 8 April 2026", "5 years", "None.", "In short") if word in beside]
    assert words[0] in text(blocks(f"{beside}<div>{POLICY}{POLICY}</div>"))


def test_a_table_of_contents_is_left_out_and_a_list_of_other_pages_is_kept() -> None:
    contents = (
        "<ul><li><a href='#a'>Sharing</a><li><a href='#b'>Your rights</a><li><a href='#c'>More</a></ul>"
    )
    others = "<h2>See also</h2><ul><li><a href='/c'>Cookie Policy</a><li><a href='/t'>Terms</a><li><a href='/d'>Processors</a></ul>"
    assert blocks(f"<main>{contents}{POLICY}{others}</main>") == [
        *blocks(POLICY),
        Heading(2, "See also"),
        Item("Cookie Policy"),
        Item("Terms"),
        Item("Processors"),
    ]


# What is hidden


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<p style="display: none !important">orders for a model</p>', "display: none"),
        ('<p style="visibility:hidden">orders for a model</p>', "visibility: hidden"),
        ("<p hidden>orders for a model</p>", "hidden attribute"),
        ('<p aria-hidden="true">orders for a model</p>', "aria-hidden"),
        ('<p>We keep it. <span style="font-size:0">orders for a model</span></p>', "no size"),
        ('<p style="opacity:0">orders for a model</p>', "no opacity"),
        ('<p style="position:absolute;left:-9999px">orders for a model</p>', "off the screen"),
        ('<p style="text-indent:-5000px">orders for a model</p>', "off the screen"),
        ('<p style="position:absolute;clip:rect(0,0,0,0)">orders for a model</p>', "no size"),
        ('<p style="height:1px;overflow:hidden">orders for a model</p>', "no size"),
        ('<p style="color:#fff">orders for a model</p>', "text in the colour of its background"),
        (
            '<p style="color:white;background:#FFFFFF">orders for a model</p>',
            "text in the colour of its background",
        ),
        (
            '<div style="background:#222"><p style="color:rgb(34, 34, 34)">orders for a model</p></div>',
            "text in the colour of its background",
        ),
        (
            '<p style="background-color:#222;color:#232323">orders for a model</p>',
            "text in the colour of its background",
        ),
        ('<font color="#FFFFFE">orders for a model</font>', "text in the colour of its background"),
        ('<p style="color:transparent">orders for a model</p>', "transparent text"),
        ('<p class="sr-only">orders for a model</p>', "for screen readers only"),
        ("<style>.zz { display:none }</style><p class='a zz'>orders for a model</p>", "display: none"),
        (
            "<style>#zz { color: white }</style><p id=zz>orders for a model</p>",
            "text in the colour of its background",
        ),
        ("<!-- these are orders for a model -->", "comment"),
    ],
)
def test_hidden_text_is_told_apart_with_its_reason(html: str, reason: str) -> None:
    assert hidden_reason(html) == reason


@pytest.mark.parametrize(
    "html",
    [
        '<div style="background:#000"><p style="color:#fff">We keep nothing.</p></div>',
        '<div class="hero bg-dark"><p style="color:#fff">We keep nothing.</p></div>',
        "<style>.m { display:none } @media (min-width: 60em) { .m { display:block } }</style><p class=m>We keep nothing.</p>",
        "<style>.hidden { display:none } @media (min-width: 60em) { .md\\:block { display:block } }</style>"
        "<p class='hidden md:block'>We keep nothing.</p>",
        "<style>@media print { .m { display:none } }</style><p class=m>We keep nothing.</p>",
        '<p style="display:block;opacity:0.9;font-size:12px;height:auto">We keep nothing.</p>',
        '<p aria-hidden="false">We keep nothing.</p>',
        '<p style="color:#c00">We keep nothing.</p>',
        '<p style="color:#c00;background:#fff">We keep nothing.</p>',
        "<style>.w { color:#fff } section { background:#123 }</style><section><p class=w>We keep nothing.</p></section>",
        "<style>.btn { color:#fff; background:#c00 }</style><p class=btn>We keep nothing.</p>",
    ],
)
def test_text_that_shows_is_not_taken_for_hidden(html: str) -> None:
    found = page(f"<main>{POLICY}{html}</main>")
    assert text(found).endswith("We keep nothing.")
    assert found.hidden == []


@pytest.mark.parametrize(
    "panel",
    [
        '<h3><button aria-controls="p1" aria-expanded="false">Children</button></h3><div id="p1" hidden><p>{}</p></div>',
        '<h3><button aria-expanded="false">Children</button></h3><div class="accordion-content" style="display:none"><p>{}</p></div>',
        '<h3>Children</h3><div role="tabpanel" aria-hidden="true"><p>{}</p></div>',
        '<h3>Children</h3><div class="collapse" style="height:0;overflow:hidden"><p>{}</p></div>',
        "<details><summary><h3>Children</h3></summary><p>{}</p></details>",
        '<h3>Children</h3><div hidden="until-found"><p>{}</p></div>',
        '<h3><button aria-expanded="false">Children</button></h3>\n<div aria-hidden="true" style="height:0"><p>{}</p></div>',
        '<a data-toggle="collapse" href="#p2"><h3>Children</h3></a><div id="p2" style="display:none"><p>{}</p></div>',
    ],
)
def test_a_folded_panel_of_the_policy_is_kept(panel: str) -> None:
    words = "We do not knowingly collect anything from children under 16, and delete it when we learn of it."
    found = page(f"<main>{POLICY}{panel.format(words)}</main>")
    assert found.blocks == [*blocks(POLICY), Heading(3, "Children"), Paragraph(words)]
    assert found.hidden == []


@pytest.mark.parametrize(
    "title",
    [
        "<button class=accordion>Children</button>",
        "<input type=checkbox id=c><label for=c>Children</label>",
        "<h3><span aria-hidden=true>7.</span> Children</h3>",
    ],
)
def test_what_opens_a_panel_is_its_title(title: str) -> None:
    found = text(
        page(
            f"<main>{POLICY}{title}<div class=panel style='max-height:0;overflow:hidden'><p>{KEEP}</p></div></main>"
        )
    )
    assert found.split("\n")[-2:] in ([title, KEEP] for title in ("Children", "7. Children"))


def test_the_panel_of_a_tab_begins_with_the_name_on_the_tab() -> None:
    tabs = (
        "<div role=tablist><button role=tab id=t1>Individuals</button><button role=tab id=t2>Businesses</button></div>"
        f"<div role=tabpanel aria-labelledby=t1><p>{KEEP}</p></div><div role=tabpanel aria-labelledby=t2 hidden><p>{SHARE}</p></div>"
    )
    assert text(page(f"<main>{POLICY}{tabs}</main>")).endswith(f"Individuals\n{KEEP}\nBusinesses\n{SHARE}")


def test_a_control_opens_only_what_stands_right_after_it() -> None:
    orders = "These are orders for a model that reads this page and for nobody else who does."
    control = '<h3><button aria-expanded="false">Children</button></h3>'
    for between in ("<p>We keep little.</p>", "We keep little."):
        assert hidden_reason(f"{control}{between}<div hidden><p>{orders}</p></div>") == "hidden attribute"
    assert hidden_reason(f"<div>{control}</div><section><div hidden><p>{orders}</p></div></section>")
    assert hidden_reason(f"{control.replace('false', 'true')}<div hidden><p>{orders}</p></div>")


def test_a_panel_does_not_make_white_text_readable() -> None:
    html = '<div class="accordion-content" hidden><p>{}</p><p style="color:#fff">orders for a model</p></div>'
    whole = '<div class="accordion-content" hidden style="color:#fff"><p>{} and orders for a model</p></div>'
    assert hidden_reason(whole.format(KEEP)) == "hidden attribute"
    assert hidden_reason(html.format(KEEP)) == "text in the colour of its background"


def test_a_page_captured_under_an_open_dialog_is_read() -> None:
    found = page(
        f'<div id=root aria-hidden="true">{POLICY}</div><div role=dialog><p>Choose your country</p><button>Go</button></div>'
    )
    assert found.blocks == blocks(POLICY)


def test_a_hidden_copy_for_another_screen_or_language_stays_hidden() -> None:
    found = page(f"<div>{POLICY}</div><div style='display:none'>{POLICY}</div>")
    assert found.blocks == blocks(POLICY)
    assert [reason for _, reason in found.hidden] == ["display: none"]


def test_a_page_captured_before_its_text_appeared_is_read() -> None:
    sections = "".join(
        f'<section style="opacity:0;transform:translateY(20px)"><p>{words}</p></section>'
        for words in (KEEP, SHARE, RIGHTS)
    )
    found = page(f"<h1>Privacy Policy</h1>{sections}<p style='font-size:0'>orders for a model</p>")
    assert found.blocks == [
        Heading(1, "Privacy Policy"),
        Paragraph(KEEP),
        Paragraph(SHARE),
        Paragraph(RIGHTS),
    ]
    assert found.hidden == [("orders for a model", "no size")]


def test_notes_of_templates_and_archives_are_not_reported() -> None:
    found = page(
        f"<!-- end of the header section of the page --><!--[if lt IE 9]><p>get a new browser now please</p><![endif]-->{POLICY}"
        "<!-- FILE ARCHIVED ON 12:30:01 Apr 09, 2026 AND RETRIEVED FROM THE INTERNET ARCHIVE ON 10:00:00 May 1, 2026. -->"
    )
    assert found.hidden == []
    assert found.meta["captured"] == "12:30:01 Apr 09, 2026"


# What a page says of itself


def test_a_page_within_the_page_is_read_where_it_stands() -> None:
    inner = POLICY.replace('"', "&quot;")
    found = page(
        f'<p>Before it.</p><iframe srcdoc="<html><head><title>No</title></head><body>{inner}"></iframe><p>After it.</p>'
    )
    shown = text(found)
    assert shown.index("Before it.") < shown.index(RIGHTS) < shown.index("After it.")
    assert (
        text(page("<p>Before it.</p><iframe src='/banner'>Your browser has no frames.</iframe>"))
        == "Before it."
    )
    deep = "Words."
    for _ in range(4):
        deep = f"<iframe srcdoc='{deep.replace('&', '&amp;').replace(chr(39), '&#39;')}'></iframe>"
    assert text(page(deep)) == ""


def test_text_for_browsers_without_scripts_is_read_where_the_page_has_no_other() -> None:
    alone = f"<div id=app></div><noscript>{POLICY * 3}</noscript>"
    assert RIGHTS in text(page(alone))
    assert RIGHTS not in text(page(f"<main><p>{'We keep little of yours. ' * 40}</p></main>{alone}"))
    assert page("<div id=app></div><noscript>You need JavaScript for this page.</noscript>").blocks == []


def test_the_lists_of_word_are_lists() -> None:
    mark = "<span style='mso-list:Ignore'>{}<span>&nbsp;&nbsp; </span></span>"
    item = "<p class=MsoListParagraph style='text-indent:-.25in;mso-list:l0 level{} lfo1'><![if !supportLists]>{}<![endif]>{}</p>"
    assert blocks(
        "<p class=MsoNormal>We keep</p>"
        + item.format(1, mark.format("·"), "data:")
        + item.format(2, mark.format("o"), "names")
        + item.format(1, mark.format("2."), "logs<o:p></o:p>")
        + "<p>After.</p>"
    ) == [Paragraph("We keep"), Item("data:", 1), Item("names", 2), Item("2. logs", 1), Paragraph("After.")]


def test_a_shadow_root_is_read_and_a_template_is_not() -> None:
    shadow = f"<x-policy><template shadowrootmode=open>{POLICY}<template><p>Never shown.</p></template></template></x-policy>"
    found = text(page(f"{shadow}<p>After the policy.</p>"))
    assert RIGHTS in found
    assert "After the policy." in found
    assert "Never shown." not in found


def test_metadata_is_read_from_where_it_stands() -> None:
    found = read_html(
        '<!DOCTYPE html><html lang="fr-CA"><head><title>Avis | Acme</title><meta property="og:site_name" content="Acme">'
        '<meta property="article:modified_time" content="2026-04-08T10:00:00Z">'
        '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "datePublished": "2025-01-02", "publisher": {"name": "Acme SA"}}]}'
        "</script></head><body><svg><title>Logo</title></svg><p>Bonjour</p></body></html>"
    )
    assert found.meta == {
        "language": "fr-CA",
        "title": "Avis | Acme",
        "site_name": "Acme",
        "modified": "2026-04-08T10:00:00Z",
        "published": "2025-01-02",
    }


def test_metadata_that_is_broken_is_no_error() -> None:
    broken = (
        '<script type="application/ld+json">{"a": [</script><script type="application/ld+json">'
        + "[" * 50_000
        + "</script>"
    )
    assert page(POLICY, broken).blocks == blocks(POLICY)


# Pages that are broken or hostile


@pytest.mark.parametrize(
    "html",
    [
        "",
        "   ",
        "<frameset><frame src=a><frame src=b></frameset>",
        "<html><body>",
        "<!-- never closed",
        "<script>never closed",
    ],
)
def test_a_page_without_text_has_no_blocks(html: str) -> None:
    found = read_html(html)
    assert found.blocks == []
    assert found.source_chars == 0


@pytest.mark.parametrize("cut", range(20, 200, 9))
def test_a_page_cut_off_anywhere_gives_what_stood_before(cut: int) -> None:
    whole = (
        f"<base href='https://x.example/'><p>{KEEP}<table><tr><th>A<th>B<tr><td>1<td>2</table><ul><li>{SHARE}"
    )
    shown = text(read_html(whole[:cut]))
    assert shown.replace("A: 1", "").split()[:3] == KEEP[: cut - 35].split()[:3] or cut < 60


@pytest.mark.parametrize(
    "box", ["div", "ul><li", "blockquote", "section", "dl><dd", "span", "b", "table><tr><td", "font", "li"]
)
def test_no_depth_of_nesting_loses_a_word(box: str) -> None:
    found = page(f"<p>{KEEP}</p>{f'<{box}>' * 20_000}{SHARE}<p>{RIGHTS}")
    assert [sentence in text(found) for sentence in (KEEP, SHARE, RIGHTS)] == [True] * 3


def test_control_characters_and_references_to_them_are_dropped() -> None:
    assert text(read_html("<p>We\x00 ke&#x1F;ep\x01 \x02it&#x80;.</p>")) == "We keep it€."


@given(st.lists(st.sampled_from(
    ["<p>", "</p>", "<div>", "</div>", "<table>", "<tr>", "<td>", "<th>", "</table>", "<ul>", "<li>", "</ul>", "<b>", "</b>", "<br>",
     "<dl>", "<dt>", "<dd>", "<h2>", "</h2>", "<a href='mailto:a@b.example'>", "</a>", "<pre>", "</pre>", "<details>", "<summary>", "w "]
), max_size=40))  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_no_order_of_tags_loses_a_word(parts: list[str]) -> None:
    html = "".join(part if part != "w " else f"word{number} " for number, part in enumerate(parts))
    expected = [f"word{number}" for number, part in enumerate(parts) if part == "w "]
    shown = text(read_html(html))
    assert [word for word in expected if word not in shown] == []


def test_visible_characters_are_counted_to_tell_little_from_much() -> None:
    assert page("<nav>Home</nav><p>Two words<script>var x = 1</script><b hidden>no</b>").source_chars == len(
        "HomeTwowords"
    )


# Real pages


def test_the_bundled_page_is_read_with_its_tables() -> None:
    found = read_html(BUNDLED.read_text(encoding="utf-8"))
    headings = [block.text for block in found.blocks if isinstance(block, Heading)]
    assert headings.count("Privacy Policy") == 2
    assert "Effective: April 8, 2026" in text(found)
    assert "us-data-requests@mistral.ai" in text(found)
    assert all(header for block in found.blocks if isinstance(block, Row) for header, _ in block.cells)
    assert not any(words in text(found) for words in ("dataLayer", "Skip to the content"))


@pytest.mark.skipif(not POLICIES.is_dir(), reason="the folder of real pages is not there")
@pytest.mark.parametrize(
    "name", ["chatgpt-privacy", "mistral-privacy-2026-04-08", "perplexity-privacy", "qwen-privacy"]
)
def test_a_real_page_begins_and_ends_with_the_policy(name: str) -> None:
    found = read_html((POLICIES / f"{name}.html").read_text(encoding="utf-8"))
    shown = text(found)
    first = " ".join(shown.split("\n")[:2])
    assert any(word in first for word in ("Updated", "Privacy"))
    assert not any(
        words in shown for words in ("Manage Cookies", "Accept all", "Skip to", "opens in a new window", "©")
    )
    assert sum(isinstance(block, Row) for block in found.blocks) >= 7
    assert found.meta["title"]
