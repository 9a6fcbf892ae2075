"""From what the user named to the items of a run, and every problem before anything is spent."""

import io
from pathlib import Path

import pytest

from pipeline.batch.sources import Listed, SourcesError, list_sources

POLICY = "# Privacy policy\n\nWe use your personal data.\n"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def put(*names: str, text: str = POLICY) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def ids(listed: tuple[Listed, ...]) -> list[str]:
    return [one.item.id for one in listed]


def problems(*sources: str, stdin: bytes = b"") -> tuple[str, ...]:
    with pytest.raises(SourcesError) as caught:
        list_sources(sources, stdin=io.BytesIO(stdin))
    assert caught.value.exit_code == 2
    return caught.value.problems


def test_folder_gives_its_files_in_order_without_hidden_ones() -> None:
    put(
        "policies/b.md", "policies/a.html", "policies/deep/c.txt", "policies/.hidden.md", "policies/.git/d.md"
    )
    assert ids(list_sources(["policies"])) == ["policies/a.html", "policies/b.md", "policies/deep/c.txt"]


def test_pattern_is_expanded_as_a_shell_would() -> None:
    put("a/one.md", "a/b/two.md", "a/three.txt")
    assert ids(list_sources(["a/**/*.md"])) == ["a/b/two.md", "a/one.md"]
    assert ids(list_sources([f"{Path.cwd()}/a/*.txt"])) == [f"{Path.cwd().as_posix()}/a/three.txt"]


def test_file_that_is_named_twice_is_one_item() -> None:
    put("a/one.md")
    assert ids(list_sources(["a", "a/one.md", "./a/one.md", "a/*.md"])) == ["a/one.md"]


def test_equal_bytes_have_equal_digests_and_addresses_have_none() -> None:
    put("a.md", "b.md")
    first, second, third = list_sources(["a.md", "b.md", "https://example.com/privacy"])
    assert first.sha256 == second.sha256 is not None
    assert (third.item.id, third.sha256) == ("https://example.com/privacy", None)


def test_list_on_standard_input_may_name_everything_else() -> None:
    put("a.md", "more/b.md")
    stdin = io.BytesIO("\ufeff# the list\r\na.md\r\n\r\nmore\nhttps://example.com/terms\n".encode())
    assert ids(list_sources(["-"], stdin=stdin)) == ["a.md", "more/b.md", "https://example.com/terms"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "list.csv",
            "\ufeffID, Source,title,company,tags\r\nacme,docs/a.md,Acme policy,Acme Ltd,vendor; eu \r\n\r\nb,docs/b.md,,,\r\n",
        ),
        (
            "list.jsonl",
            '\ufeff{"id": "acme", "source": "docs/a.md", "title": "Acme policy", "company": "Acme Ltd", "tags": ["vendor", "eu"]}\n'
            '\n{"id": "b", "source": "docs/b.md"}\n',
        ),
        (
            "list.yaml",
            "- {id: acme, source: docs/a.md, title: Acme policy, company: Acme Ltd, tags: [vendor, eu]}\n- id: b\n  source: docs/b.md\n",
        ),
    ],
)
def test_manifest_says_the_same_in_each_of_its_forms(name: str, text: str) -> None:
    put("in/docs/a.md", "in/docs/b.md")
    put(f"in/{name}", text=text)
    first, second = list_sources([f"in/{name}"])
    assert (first.item.id, first.item.source, first.item.title) == ("acme", "docs/a.md", "Acme policy")
    assert (first.item.company, first.item.tags) == ("Acme Ltd", ("vendor", "eu"))
    assert Path(first.place) == Path("in/docs/a.md")
    assert (second.item.id, second.item.title, second.item.tags) == ("b", None, ())


def test_id_of_a_manifest_is_its_source_when_it_gives_none() -> None:
    put("a.md")
    put("list.csv", text="source\na.md\n")
    assert ids(list_sources(["list.csv"])) == ["a.md"]


def test_every_problem_is_told_at_once_with_its_place() -> None:
    put("ok.md", "in/ok.md", "outside.md")
    put("empty.md", text="  \n")
    Path("picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    put(
        "in/list.csv",
        text="id,source,title\nok,ok.md,T\nragged,ok.md\nmissing,none.md,\nout,../outside.md,\n,,\n,,x\nOK,ok.md,other\n"
        "ftp,ftp://example.com/a,\n",
    )
    told = problems("ok.md", "empty.md", "picture.png", "in/list.csv", "nowhere.md", "*.none", "gopher://x")
    expected = [
        "in/list.csv, line 3: 2 cells under 3 columns.",
        "in/list.csv, line 5: ../outside.md is outside the manifest's folder.",
        "in/list.csv, line 7: there is no source.",
        "in/list.csv, line 9: addresses such as ftp://example.com/a are not fetched",
        "the id OK is that of ok.md too",
        "There is no file in/none.md",
        "empty.md is empty",
        "picture.png is binary data",
        "There is no file nowhere.md",
        "*.none: no file has a name like this.",
        "gopher://x: addresses of this kind are not fetched",
    ]
    for words in expected:
        assert any(words in one for one in told), words
    assert len(told) == len(expected)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.csv", "id,sauce\n1,a.md\n", "line 1: unknown columns 'sauce'"),
        ("a.csv", "id,id,source\n1,1,a.md\n", "line 1: a column stands there twice."),
        ("a.csv", "id,title\n1,x\n", "line 1: there is no column source."),
        ("a.csv", 'id,source\n1,"a.md\n', "no CSV"),
        ("a.csv", "id,source\n", "the manifest names no document."),
        ("a.jsonl", "{'id': 1}\n", "line 1: no JSON."),
        ("a.jsonl", "[1]\n", "line 1: no JSON object."),
        ("a.jsonl", '{"source": "a.md", "sauce": 1}\n', "line 1: unknown field 'sauce'."),
        ("a.jsonl", '{"source": 7}\n', "line 1: source is no text."),
        ("a.jsonl", '{"source": "a.md", "tags": [1]}\n', "line 1: tags are no texts."),
        ("a.jsonl", '{"source": "a\\u0000.md"}\n', "a NUL stands in the id or the source."),
        ("a.jsonl", "[" * 100_000 + "\n", "line 1: no JSON."),
        ("a.yaml", "a: [\n", "no YAML"),
        ("a.yaml", "source: a.md\n", "the manifest is not a list of documents."),
        ("a.yaml", "- a.md\n", "entry 1: no mapping"),
        ("a.yaml", "- !!python/object/apply:os.system [ls]\n", "no YAML"),
    ],
)
def test_manifest_that_is_wrong_says_where(name: str, text: str, told: str) -> None:
    put("a.md")
    put(name, text=text)
    found = problems(name)
    assert any(one.startswith(name) and told in one for one in found), found


def test_manifest_that_is_not_utf_8_is_refused() -> None:
    Path("a.csv").write_bytes("source\nähre.md\n".encode("latin-1"))
    assert problems("a.csv") == ("a.csv: the manifest is not UTF-8; save it as UTF-8.",)


def test_link_that_leads_out_of_the_manifests_folder_is_outside_it() -> None:
    put("secret/a.md", "in/b.md")
    Path("in/link").symlink_to(Path("secret").resolve())
    put("in/list.csv", text="source\nlink/a.md\n")
    assert problems("in/list.csv") == ("in/list.csv, line 2: link/a.md is outside the manifest's folder.",)


def test_manifest_within_a_folder_is_not_taken_for_a_policy() -> None:
    put("in/a.md")
    put("in/list.csv", text="source\na.md\n")
    assert "a manifest within a folder" in problems("in")[0]


def test_list_that_is_empty_or_names_itself_is_a_problem() -> None:
    assert problems("-", stdin=b"\n# nothing\n") == ("Standard input: the list is empty.",)
    assert problems("-", stdin=b"-\n")[0] == "Standard input: the list names itself (-)."
    assert problems("-", stdin=b"\xff\xfe") == ("Standard input: the list is not UTF-8.",)


def test_folder_without_a_document_is_a_problem() -> None:
    Path("empty").mkdir()
    assert problems("empty") == ("empty: the folder holds no document.",)
