"""The static site: an index in three orders, a folder for each edition, nothing left of what was withdrawn, and no script runs on it."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser
from selectolax.lexbor import LexborHTMLParser

from pipeline.errors import UsageError
from pipeline.publish.edition import make_edition
from pipeline.publish.site import LIST, site_files, write_site
from schemas.edition import Edition
from tests.browser import browser, serious_faults
from tests.payloads import SCRIPTS
from tests.sample_draft import sample_draft
from tests.test_edition import APPROVAL, OVERRIDDEN, _edition_of

__all__ = ["browser"]

_QUICK = ("json", "md", "csv")


def _edition(
    company: str, *, title: str = "Privacy Policy", days: int = 0, from_provision: int = 0
) -> Edition:
    """The sample as another company's, published some days later, without its first provisions."""
    draft = sample_draft()
    provisions = draft.risk.provisions[from_provision:]
    draft = draft.model_copy(
        update={
            "document": draft.document.model_copy(
                update={"company": company, "title": title, "effective_date": date(2026, 3, 1)}
            ),
            "risk": draft.risk.model_copy(update={"provisions": provisions}),
        }
    )
    approval = APPROVAL.model_copy(update={"at": APPROVAL.at + timedelta(days=days)})
    return make_edition(draft, approval, "public")


@pytest.fixture(scope="module")
def editions() -> list[tuple[str, Edition]]:
    return [
        ("wren", _edition("Wren & Sons", days=1)),
        ("ardea", _edition("Ardea", days=40, from_provision=1)),
        ("larkspur-terms", _edition("Larkspur Notes", title="Terms", days=3, from_provision=3)),
        ("larkspur", _edition("Larkspur Notes", days=2, from_provision=2)),
    ]


def _folders(page: bytes) -> list[str]:
    links = LexborHTMLParser(page.decode()).css(".policies a")
    return [(link.attributes["href"] or "").partition("/")[0] for link in links]


def test_the_index_stands_in_three_orders(editions: list[tuple[str, Edition]]) -> None:
    files = dict(site_files(editions, ()))
    counts = {name: [p.severity for p in edition.provisions] for name, edition in editions}
    assert counts["wren"][0] == "high"
    assert counts["larkspur-terms"] == []
    assert _folders(files["index.html"]) == ["ardea", "larkspur", "larkspur-terms", "wren"]
    assert _folders(files["by-date.html"]) == ["ardea", "larkspur-terms", "larkspur", "wren"]
    assert _folders(files["by-severity.html"]) == ["wren", "ardea", "larkspur", "larkspur-terms"]
    headings = [h.text() for h in LexborHTMLParser(files["by-severity.html"].decode()).css("h2")]
    assert headings == [
        "Highest severity: high",
        "Highest severity: medium",
        "Highest severity: low",
        "No provision",
    ]


def test_every_link_of_the_site_is_relative_and_leads_to_a_file_of_it(
    editions: list[tuple[str, Edition]],
) -> None:
    files = dict(site_files(editions))
    seen = set()
    for name, content in files.items():
        if not name.endswith(".html"):
            continue
        folder = name.rpartition("/")[0]
        for link in LexborHTMLParser(content.decode()).css("a[href]"):
            target = unquote((link.attributes["href"] or "").partition("#")[0])
            if not target or target.startswith("https://larkspur.example/"):
                continue
            assert "//" not in target
            assert not target.startswith("/")
            path = (
                target.removeprefix("../") if target.startswith("../") else f"{folder}/{target}".lstrip("/")
            )
            assert path in files, (name, target)
            seen.add(path)
    assert seen == set(files)


def test_each_policy_has_its_page_and_all_its_files(
    editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    paths = write_site(editions[:1], tmp_path / "site")
    names = {path.relative_to(tmp_path / "site").as_posix() for path in paths}
    assert {"index.html", "by-date.html", "by-severity.html", "wren/index.html", LIST} < names
    assert {name.rpartition(".")[2] for name in names} == {"html", "json", "md", "pdf", "xlsx", "csv"}
    assert all((tmp_path / "site" / name).is_file() for name in names)
    assert sorted(json.loads((tmp_path / "site" / LIST).read_text())["files"]) == sorted(names - {LIST})


def test_the_same_editions_give_the_same_site_in_any_order_of_asking(
    editions: list[tuple[str, Edition]],
) -> None:
    assert dict(site_files(editions, _QUICK)) == dict(site_files(editions[::-1], _QUICK))


def test_what_was_withdrawn_is_taken_away_and_nothing_else(
    editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    write_site(editions, tmp_path, _QUICK)
    (tmp_path / "CNAME").write_text("policies.example")
    (tmp_path / "ardea" / "note.txt").write_text("mine")
    write_site(editions[:1], tmp_path, _QUICK)
    assert {path.name for path in tmp_path.iterdir()} == {
        "index.html",
        "by-date.html",
        "by-severity.html",
        LIST,
        "wren",
        "ardea",
        "CNAME",
    }
    assert [path.name for path in (tmp_path / "ardea").iterdir()] == ["note.txt"]
    assert _folders((tmp_path / "index.html").read_bytes()) == ["wren"]


def _stopped(editions: list[tuple[str, Edition]]) -> Iterator[tuple[str, Edition]]:
    yield from editions
    raise RuntimeError("stopped")


def _all_files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_site_that_cannot_be_finished_stays_as_it_was(
    editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    write_site(editions[:2], tmp_path, _QUICK)
    before = _all_files(tmp_path)
    with pytest.raises(RuntimeError, match="stopped"):
        write_site(_stopped([("wren", editions[1][1]), editions[2]]), tmp_path, _QUICK)
    left = _all_files(tmp_path)
    left.pop("site.json.unfinished")
    assert left == before


@pytest.mark.parametrize("killed", [False, True])
def test_a_site_whose_writing_was_stopped_is_finished_by_the_next(
    killed: bool, editions: list[tuple[str, Edition]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_site(editions[:1], tmp_path / "later", _QUICK)
    for folder in (tmp_path / "first", tmp_path / "later"):
        with monkeypatch.context() as patch:
            if killed:
                # A process that is killed takes nothing away.
                patch.setattr(Path, "unlink", lambda path, missing_ok=False: None)
            with pytest.raises(RuntimeError, match="stopped"):
                write_site(_stopped(editions[1:3]), folder, _QUICK)
        assert bool(list(folder.rglob(".unfinished-*"))) is killed
        paths = write_site(editions[3:], folder, _QUICK)
        assert {path for path in folder.rglob("*") if path.is_file()} == set(paths)
        assert not (folder / "ardea").exists()


def test_a_file_that_stays_the_same_is_not_written_again(
    editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    def files() -> dict[Path, int]:
        return {path: path.stat().st_ino for path in tmp_path.rglob("*") if path.is_file()}

    write_site(editions[:2], tmp_path, _QUICK)
    first = files()
    write_site(editions, tmp_path, _QUICK)
    second = files()
    written = {path.name for path in first if second[path] != first[path]}
    assert written == {"index.html", "by-date.html", "by-severity.html", LIST}
    assert all(first[path] == second[path] for path in first if path.parent != tmp_path)


def test_a_folder_that_holds_anything_else_is_refused(
    editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds files that are not of a site"):
        write_site(editions, tmp_path, _QUICK)
    assert {path.name for path in tmp_path.iterdir()} == {".git", "thesis.txt"}
    (tmp_path / "thesis.txt").unlink()
    write_site(editions[:1], tmp_path, ())
    assert (tmp_path / ".git").is_dir()


@pytest.mark.parametrize(
    "name", ["../outside.txt", "/etc/passwd", "a/../../outside.txt", "wren/../../outside.txt"]
)
def test_a_list_that_was_tampered_with_takes_nothing_outside(
    name: str, editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    folder = tmp_path / "site"
    write_site(editions[:1], folder, ())
    (folder / LIST).write_text(json.dumps({"files": [name, 7]}))
    write_site(editions[:1], folder, ())
    assert outside.read_text() == "mine"


@pytest.mark.parametrize("content", ["", "{}", '{"files": 7}', "[]"])
def test_a_folder_whose_list_is_none_is_refused(
    content: str, editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    (tmp_path / LIST).write_text(content)
    with pytest.raises(UsageError, match="holds files that are not of a site"):
        write_site(editions[:1], tmp_path, ())


def test_a_folder_that_became_a_link_is_not_followed_when_files_are_taken_away(
    editions: list[tuple[str, Edition]], tmp_path: Path
) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    write_site(editions, site, ())
    (site / "ardea").rename(elsewhere)
    (site / "ardea").symlink_to(elsewhere)
    write_site(editions[:1], site, ())
    assert (elsewhere / "index.html").is_file()


def test_a_site_that_cannot_be_written_says_so(editions: list[tuple[str, Edition]], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"The files cannot be written to .*site .*; name another folder\.$"):
        write_site(editions, tmp_path / "file" / "site", ())


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "-a", "a.b", "x" * 101, "index.html"])
def test_a_name_that_cannot_be_a_folder_is_refused(name: str, editions: list[tuple[str, Edition]]) -> None:
    with pytest.raises(UsageError, match="cannot be a folder of a site"):
        list(site_files([(name, editions[0][1])], ()))


def test_two_editions_in_one_folder_are_refused(editions: list[tuple[str, Edition]]) -> None:
    with pytest.raises(UsageError, match="Two editions would stand in the folder wren"):
        list(site_files([("wren", editions[0][1]), ("wren", editions[1][1])], ()))


def test_an_empty_site_says_that_nothing_is_published() -> None:
    for _, page in site_files([], ()):
        assert "Nothing is published yet." in page.decode()


def test_the_index_tells_the_audience_where_there_are_two_and_an_override() -> None:
    both = [
        (audience, make_edition(sample_draft(), OVERRIDDEN, audience))
        for audience in ("public", "professional")
    ]
    told = dict(site_files(both, ()))["index.html"].decode()
    assert told.count("approved by an override") == 2
    assert "public edition" in told
    assert "professional edition" in told


def test_a_payload_is_text_on_the_index() -> None:
    editions = [(f"p{n}", _edition_of(text, "public")) for n, text in enumerate(SCRIPTS)]
    for page in ("index.html", "by-date.html", "by-severity.html"):
        tree = LexborHTMLParser(dict(site_files(editions, ()))[page].decode())
        assert tree.body is not None
        assert not tree.css("script, img, iframe, svg, math, form, base, link")
        words = " ".join(tree.body.text().split())
        assert all(" ".join(text.split()) in words for text in SCRIPTS)
        assert not [
            n for node in tree.css("*") for n in node.attributes if n.startswith(("on", "hx-", "src"))
        ]


def test_no_payload_runs_in_a_browser_and_nothing_is_asked_of_the_network(
    browser: Browser, tmp_path: Path
) -> None:
    write_site([(f"p{n}", _edition_of(text)) for n, text in enumerate(SCRIPTS)], tmp_path, ())
    asked: list[str] = []
    context = browser.new_context()
    context.on("request", lambda request: asked.append(request.url))
    pages = ["index.html", *(f"p{n}/index.html" for n in range(len(SCRIPTS)))]
    page = context.new_page()
    for name in pages:
        page.goto((tmp_path / name).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = !d.open)")
        assert page.evaluate("typeof window.pwned") == "undefined", name
    assert asked == [(tmp_path / name).as_uri() for name in pages]
    context.close()


# Colours differ by scheme and layout by width: each of both once.
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_serious_on_any_page(
    scheme: Literal["light", "dark"], width: int, browser: Browser, tmp_path: Path
) -> None:
    overridden = make_edition(sample_draft(("GARANTE-OPENAI-2024", "EP-NOWHERE")), OVERRIDDEN, "professional")
    write_site([("larkspur", _edition("Larkspur")), ("whole", overridden)], tmp_path, _QUICK)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for name in ("by-severity.html", "larkspur/index.html", "whole/index.html"):
        page.goto((tmp_path / name).as_uri())
        assert serious_faults(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
    context.close()


def test_a_quote_leads_to_its_passage_and_the_passage_back(browser: Browser, tmp_path: Path) -> None:
    write_site([("larkspur", _edition("Larkspur"))], tmp_path, ())
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("link", name="Privacy Policy").click()
    page.get_by_text(re.compile("quotes? from the policy")).first.click()
    before = page.evaluate("scrollY")
    page.locator("a.where").first.click()
    passage = page.locator(".passage:target")
    assert "Larkspur notebook" in passage.inner_text()
    # Beside the reading, which stays where it is.
    assert page.evaluate("scrollY") == before
    passage.get_by_role("link").first.click()
    assert "Larkspur" in page.locator(".claim:target").inner_text()
    page.get_by_role("link", name="All policies").click()
    assert page.title() == "Privacy policies, by company"
    context.close()
