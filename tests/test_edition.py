"""Editions: the public one holds its parts and no others, every file says who, what and when, and no text is anything but text."""

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pypdfium2
import pytest
from markdown_it import MarkdownIt
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.errors import UsageError
from pipeline.publish import edition_pdf
from pipeline.publish.edition import FORMATS, make_edition, write_edition
from pipeline.publish.edition_csv import defuse
from pipeline.publish.edition_pdf import _breakable, _Setter, _with_few_marks
from pipeline.publish.edition_words import file_stem, told_besides, web_address
from pipeline.publish.places import anchor_of
from pipeline.publish.shown import shown
from pipeline.registry.decisions import load_decisions
from schemas.document import Document, Passage, Section, Span
from schemas.draft import Draft
from schemas.edition import Audience, Edition
from schemas.finding import Finding
from schemas.review import Approval, Decision
from schemas.summaries import Evidence
from tests.payloads import FORMULAS, SCRIPTS
from tests.sample_draft import hostile_draft, make_draft, sample_draft, walk

ROOT = Path(__file__).parents[1]
AUDIENCES: tuple[Audience, ...] = ("public", "professional")
APPROVAL = Approval(
    by="Ines Moreau",
    at=datetime(2026, 4, 2, 16, 45, tzinfo=UTC),
    accepted=21,
    edited=5,
    rejected=3,
    added=2,
    together=0,
    undecided=9,
)
OVERRIDDEN = APPROVAL.model_copy(
    update={"override": "Counsel read clause 4 and found the number in the annex."}
)


@pytest.fixture(scope="module")
def draft() -> Draft:
    """The sample with one precedent of each status that the registry has, and one that it does not have."""
    by_status = {decision.status: decision.id for decision in load_decisions().decisions}
    return sample_draft((*by_status.values(), "EP-NOWHERE"))


@pytest.fixture(scope="module")
def editions(draft: Draft) -> dict[str, Edition]:
    return {audience: make_edition(draft, APPROVAL, audience) for audience in AUDIENCES}


@pytest.fixture(scope="module")
def written(editions: dict[str, Edition]) -> dict[str, dict[str, bytes]]:
    """Each edition's files, a fault in one of which would otherwise be seen in all tests."""
    return {audience: write_edition(edition) for audience, edition in editions.items()}


def _words(node: LexborNode | None) -> str:
    assert node is not None
    return " ".join(node.text().split())


def _workbook_text(content: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return "\n".join(
        str(cell.value) for sheet in book for row in sheet for cell in row if cell.value is not None
    )


def _pdf_text(content: bytes) -> str:
    document = pypdfium2.PdfDocument(content)
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    # A word broken at a line's end is one word.
    return " ".join(re.sub("[\ufffe\u00ad\u2010]\\s*|\u200b[\r\n]*", "", text).split())


def _read(name: str, content: bytes) -> str:
    """What a reader of the file can see, whatever its format."""
    ending = name.rpartition(".")[2]
    if ending == "pdf":
        return _pdf_text(content)
    if ending == "xlsx":
        return _workbook_text(content)
    if ending == "html":
        return _words(LexborHTMLParser(content.decode()).body)
    if ending == "csv":
        return "\n".join(cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row)
    if ending == "md":
        return _words(LexborHTMLParser(MarkdownIt().render(content.decode())).body)
    return content.decode()


def _whole(files: dict[str, bytes]) -> dict[str, str]:
    """The text of each format, all tables of CSV together."""
    texts: dict[str, str] = {}
    for name, content in files.items():
        ending = name.rpartition(".")[2]
        texts[ending] = texts.get(ending, "") + "\n" + _read(name, content)
    return texts


@pytest.mark.parametrize("audience", AUDIENCES)
def test_json_reads_back_as_the_same_edition(
    audience: str, editions: dict[str, Edition], written: dict[str, dict[str, bytes]]
) -> None:
    (content,) = (c for name, c in written[audience].items() if name.endswith(".json"))
    edition = Edition.model_validate_json(content)
    assert edition == editions[audience]
    assert edition.schema_version == "1.0"
    assert list(json.loads(content))[:3] == ["schema_version", "audience", "title"]


def test_the_public_edition_holds_nothing_of_the_professional_parts_in_any_format(
    draft: Draft, written: dict[str, dict[str, bytes]]
) -> None:
    risk = draft.risk
    only_professional = [
        *(exposure.rationale.text for exposure in risk.regulatory_exposure),
        *(material.title for material in risk.material_risks),
        *(action.action for action in risk.vendor_due_diligence),
        *(precedent.relevance for precedent in risk.enforcement_precedents),
        *(left_out.reason for left_out in risk.left_out),
        draft.provenance.registry_sha256,
    ]
    public, professional = _whole(written["public"]), _whole(written["professional"])
    assert set(public) == set(professional) == set(FORMATS)
    for ending in FORMATS:
        for text in only_professional:
            assert text in professional[ending], (ending, text)
            assert text not in public[ending], (ending, text)
    (content,) = (c for name, c in written["public"].items() if name.endswith(".json"))
    keys = set(json.loads(content))
    assert not keys & {"professional", "regulatory_exposure", "material_risks", "provenance"}


def test_the_public_edition_quotes_no_passage_that_only_professional_parts_rest_on(
    draft: Draft, editions: dict[str, Edition]
) -> None:
    public = {passage.id for passage in editions["public"].passages}
    claims = [draft.consumer, draft.legal, *draft.risk.provisions]
    assert public == {e.passage_id for part in claims for _, e in walk(part, "", Evidence)}
    assert public < {passage.id for passage in editions["professional"].passages} | public
    for passage in editions["public"].passages:
        assert all(path.startswith(("consumer", "legal", "risk.provisions")) for path in passage.carries)


def test_the_public_edition_tells_what_the_professional_one_holds(
    draft: Draft, editions: dict[str, Edition], written: dict[str, dict[str, bytes]]
) -> None:
    told = told_besides(editions["public"])
    for words in (
        f"material risks ({len(draft.risk.material_risks)})",
        f"precedents and guidance ({len(draft.risk.enforcement_precedents)})",
        f"regulatory exposure by statute ({len(draft.risk.regulatory_exposure)})",
    ):
        assert words in told
    for ending, text in _whole(written["public"]).items():
        assert told in text or ending == "json"
    assert told_besides(editions["professional"]) == ""


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_format_says_source_dates_people_and_that_it_is_no_advice(
    audience: str, draft: Draft, written: dict[str, dict[str, bytes]]
) -> None:
    told = {
        "Ines Moreau",
        "https://larkspur.example/privacy",
        "heron-large-2026-02",
        "not legal advice",
        draft.document.title,
    }
    in_words = {
        "1 March 2026",
        "14 March 2026, 09:30 UTC",
        "14 March 2026, 09:31 UTC",
        "2 April 2026, 16:45 UTC",
        "21 accepted one by one, 0 accepted together with others, 5 edited, 3 rejected and left out, 2 added, 9 approved with "
        "the whole and not one by one.",
    }
    for ending, text in _whole(written[audience]).items():
        for words in told | (set() if ending == "json" else in_words):
            assert str(words) in text, (ending, words)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_format_shows_every_claim_with_its_basis_and_its_quotes(
    audience: str, draft: Draft, written: dict[str, dict[str, bytes]]
) -> None:
    parts: list[Any] = [draft.consumer, draft.legal, *draft.risk.provisions]
    if audience == "professional":
        parts = [draft.consumer, draft.legal, draft.risk]
    quotes = [evidence for part in parts for _, evidence in walk(part, "", Evidence)]
    assert len(quotes) > 15
    for ending, text in _whole(written[audience]).items():
        for evidence in quotes:
            assert evidence.quote in text, (ending, evidence.quote)
            assert (evidence.passage_id in text) is (audience == "professional" or ending == "json")
        for sentence in (*draft.consumer.sentences, *draft.legal.sentences):
            assert sentence.text in text
            assert all(term in text for term in sentence.absent_terms)
        assert ("our inference" if audience == "public" and ending != "json" else "inferred") in text


def test_quoted_passages_are_whole_and_the_quotes_are_marked(
    draft: Draft, editions: dict[str, Edition], written: dict[str, dict[str, bytes]]
) -> None:
    (page,) = (c for name, c in written["professional"].items() if name.endswith(".html"))
    tree = LexborHTMLParser(page.decode())
    for passage in editions["professional"].passages:
        original = draft.document.find(passage.id)
        assert original is not None
        assert passage.text == draft.document.text_of(original)
        (node,) = [n for n in tree.css("[id]") if n.attributes["id"] == passage.id]
        marks = [mark.text() for mark in node.css("mark")]
        assert marks == [mark.of(passage.text) for mark in passage.marks]
        assert passage.text in _words(node)
    quoted = {e.passage_id: e.quote for _, e in walk(draft.risk, "risk", Evidence)}
    for passage_id, quote in quoted.items():
        passage = editions["professional"].passage(passage_id)
        assert passage is not None
        assert any(quote in mark.of(passage.text) for mark in passage.marks)


def test_a_decision_is_never_told_without_its_status(
    editions: dict[str, Edition], written: dict[str, dict[str, bytes]]
) -> None:
    parts = editions["professional"].professional
    assert parts is not None
    known = [p.decision for p in parts.enforcement_precedents if p.decision]
    assert len(known) > 5
    for ending, text in _whole(written["professional"]).items():
        for decision in known:
            assert decision.name in text, ending
            assert decision.status in text
            assert decision.status_note in text, (ending, decision.id)
            assert decision.not_verified in text
            assert decision.limits in text
        assert "EP-NOWHERE" in text
        assert "not in the registry" in text or ending == "json"
    (page,) = (c for name, c in written["professional"].items() if name.endswith(".html"))
    for card in LexborHTMLParser(page.decode()).css(".precedent"):
        status = card.css_first(".decision-status")
        assert _words(status)
    (table,) = (c for name, c in written["professional"].items() if name.endswith("-precedents.csv"))
    rows = list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))
    assert len(rows) == len(parts.enforcement_precedents)
    assert all(row["Status"] for row in rows)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_override_is_told_plainly_with_its_reason(audience: Audience, draft: Draft) -> None:
    texts = _whole(write_edition(make_edition(draft, OVERRIDDEN, audience)))
    for ending, text in texts.items():
        assert "Counsel read clause 4 and found the number in the annex." in text, ending
        if ending != "json":
            assert "Approved although 1 blocking finding of the checks stood open" in text


def test_an_overridden_finding_stands_at_its_place_for_professional_readers_alone(draft: Draft) -> None:
    (error,) = (f for f in draft.findings if f.severity == "error")
    edition = make_edition(draft, OVERRIDDEN, "professional")
    files = write_edition(edition)
    for ending, text in _whole(files).items():
        assert error.message in text, ending
    (page,) = (c for name, c in files.items() if name.endswith(".html"))
    # The finding is about a quote, and stands at the claim that the quote carries.
    (claim,) = LexborHTMLParser(page.decode()).css(f"#{anchor_of('legal.sentences[2]')}")
    assert error.message in _words(claim)
    assert "Overridden finding" in _words(claim)
    public = _whole(write_edition(make_edition(draft, OVERRIDDEN, "public")))
    assert not [ending for ending, text in public.items() if error.message in text]
    warning = next(f for f in draft.findings if f.severity == "warning")
    assert warning.message not in _whole(files)["html"]


def test_findings_that_an_editor_set_aside_are_not_told_as_overridden(draft: Draft) -> None:
    edition = make_edition(draft, OVERRIDDEN, "professional", blocking=())
    assert edition.overridden == 0
    assert edition.professional is not None
    assert edition.professional.overridden == ()


def test_open_findings_without_an_override_are_not_published(draft: Draft) -> None:
    with pytest.raises(UsageError, match="1 blocking finding is open and the approval gives no reason"):
        make_edition(draft, APPROVAL, "public", blocking=[f for f in draft.findings if f.severity == "error"])


def test_a_finding_about_the_whole_stands_at_the_top(draft: Draft) -> None:
    whole = Finding(code="coverage.gap", severity="error", path="risk", message="The whole lacks something.")
    edition = make_edition(draft, OVERRIDDEN, "professional", blocking=[whole])
    assert [f.place for f in edition.findings_at("")] == ["Risk assessment"]
    for ending, text in _whole(write_edition(edition)).items():
        assert whole.message in text, ending


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_draft_from_which_everything_was_rejected_still_has_all_its_files(
    audience: Audience, draft: Draft
) -> None:
    empty = draft.model_copy(
        update={
            "consumer": draft.consumer.model_copy(update={"sentences": []}),
            "legal": draft.legal.model_copy(update={"sentences": []}),
            "risk": draft.risk.model_copy(update={name: [] for name in type(draft.risk).model_fields}),
            "citations": (),
            "document": draft.document.model_copy(
                update={"effective_date": None, "captured_at": None, "title": None, "company": None}
            ),
            "provenance": draft.provenance.model_copy(update={"stages": ()}),
        }
    )
    edition = make_edition(empty, APPROVAL, audience)
    assert edition.passages == ()
    texts = _whole(write_edition(edition))
    assert set(texts) == set(FORMATS)
    assert "Nothing was approved for this part." in texts["html"]
    assert "not found in the text" in texts["md"]


def test_the_files_are_the_same_bytes_in_any_process(tmp_path: Path) -> None:
    program = (
        "import hashlib, json\n"
        "from tests.sample_draft import sample_draft\n"
        "from tests.test_edition import APPROVAL, AUDIENCES\n"
        "from pipeline.publish.edition import make_edition, write_edition\n"
        "draft = sample_draft(('GARANTE-OPENAI-2024', 'EP-NOWHERE'))\n"
        "files = {n: c for a in AUDIENCES for n, c in write_edition(make_edition(draft, APPROVAL, a)).items()}\n"
        "print(json.dumps({n: hashlib.sha256(c).hexdigest() for n, c in files.items()}))\n"
    )
    digests = []
    for seed, zone, language in (("1", "Pacific/Auckland", "C"), ("2", "America/Los_Angeles", "tr_TR.UTF-8")):
        done = subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONHASHSEED": seed,
                "TZ": zone,
                "LANG": language,
                "LC_ALL": language,
                "SOURCE_DATE_EPOCH": seed,
            },
            capture_output=True,
            text=True,
            check=True,
        )
        digests.append(json.loads(done.stdout))
    assert digests[0] == digests[1]
    assert {name.rpartition(".")[2] for name in digests[0]} == set(FORMATS)


def test_no_format_carries_the_time_of_writing(written: dict[str, dict[str, bytes]]) -> None:
    for name, content in written["public"].items():
        if name.endswith(".pdf"):
            metadata = PdfReader(io.BytesIO(content)).metadata
            assert metadata is not None
            assert metadata.creation_date == metadata.modification_date == APPROVAL.at
        if name.endswith(".xlsx"):
            properties = openpyxl.load_workbook(io.BytesIO(content)).properties
            assert properties.created == properties.modified == APPROVAL.at.replace(tzinfo=None)
            dates = {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(content)).infolist()}
            assert dates == {(1980, 1, 1, 0, 0, 0)}


# ---- hostile text ---------------------------------------------------------------------------------------------------------

_TEXTS = {
    "text",
    "title",
    "who_is_affected",
    "action",
    "owner",
    "relevance",
    "reason",
    "severity_rule",
    "category",
    "statute",
    "decision_id",
}
_LISTS = {"absent_terms", "mitigations", "evidence_to_request", "enforcers", "articles"}


def _poisoned(text: str) -> Draft:
    """The sample with this text in every place that holds any, quoted from a passage that holds it as well."""
    calm = sample_draft(("GARANTE-OPENAI-2024", "EP-NOWHERE"))
    line = re.sub(r"[\r\n]+", " ", text)
    document = Document(
        **{
            **dict(calm.document),
            "title": text,
            "company": text,
            "text": line,
            "sections": (Section(id="s", title=text, level=1, span=Span(start=0, end=len(line))),),
            "passages": (
                Passage(id="s.1", section_id="s", kind="sentence", span=Span(start=0, end=len(line))),
            ),
            "source": calm.document.source.model_copy(update={"name": text, "url": text}),
        }
    )

    def poison(value: Any) -> Any:
        if isinstance(value, list):
            return [poison(entry) for entry in value]
        if not isinstance(value, dict):
            return value
        parts = {name: poison(part) for name, part in value.items()}
        parts |= dict.fromkeys(_TEXTS & parts.keys(), text)
        parts |= {name: [text] for name in _LISTS & parts.keys()}
        if "evidence" in parts:
            parts["evidence"] = [{"passage_id": "s.1", "quote": line}, {"passage_id": text, "quote": text}]
        if "statutes" in parts:
            parts["statutes"] = [{"ref": text, "basis": "inferred"}]
        return parts

    artefacts = [poison(part.model_dump()) for part in (calm.consumer, calm.legal, calm.risk)]
    finding = Finding(code=text, severity="error", path="legal.sentences[0].text", message=text)
    draft = make_draft(document, *artefacts, (finding,))
    stages = tuple(
        stage.model_copy(update={"models_answered": (text,), "model_asked": text, "mode": text})
        for stage in draft.provenance.stages
    )
    return draft.model_copy(
        update={
            "provenance": draft.provenance.model_copy(update={"stages": stages, "versions": {text: text}})
        }
    )


def _edition_of(text: str, audience: Audience = "professional") -> Edition:
    approval = APPROVAL.model_copy(update={"by": text, "override": text})
    draft = _poisoned(text)
    notes = [
        Finding(code=text, severity="info", path=path, message=text)
        for path in ("", "consumer.sentences[0].text", "risk.provisions[0]")
    ]
    notes.append(
        Finding(code="law.unverified", severity="info", path="legal.sentences[0].statutes[0]", message=text)
    )
    return make_edition(
        draft,
        approval,
        audience,
        set_aside=[(note, set_aside(number, note, text)) for number, note in enumerate(notes, start=1)],
        desk_names={"risk.provisions[0]": text},
    )


def set_aside(number: int, finding: Finding, reason: str) -> Decision:
    """The decision of an editor to set a finding aside."""
    return Decision(
        number=number,
        kind="dismiss",
        path=finding.path,
        by="Ines Moreau",
        at=APPROVAL.at,
        reason=reason,
        after={"finding": f"{finding.code}:{number}"},
    )


def _plain(text: str) -> str:
    return " ".join(shown(text).split())


@pytest.mark.parametrize("text", [*SCRIPTS, *FORMULAS])
def test_a_payload_in_every_field_of_the_page_is_the_text_it_is(text: str) -> None:
    edition = _edition_of(text)
    files = write_edition(edition, ("html", "md"))
    (page,) = (c.decode() for name, c in files.items() if name.endswith(".html"))
    calm = make_edition(sample_draft(("GARANTE-OPENAI-2024", "EP-NOWHERE")), OVERRIDDEN, "professional")
    (calm_page,) = (c.decode() for c in write_edition(calm, ("html",)).values())
    tree = LexborHTMLParser(page)
    _is_harmless(tree)
    assert _shape(tree) <= _shape(LexborHTMLParser(calm_page))
    # Every sentence, title, quote, name and reason shows it to the character.
    assert _words(tree.body).count(_plain(text)) > 100
    (markdown,) = (c.decode() for name, c in files.items() if name.endswith(".md"))
    rendered = LexborHTMLParser(MarkdownIt("gfm-like", {"linkify": False}).render(markdown))
    assert not rendered.css(
        "script, img, iframe, svg, a[href], form, base, meta[http-equiv], [onerror], [onload]"
    )
    assert _words(rendered.body).count(_plain(text)) > 100


def _shape(tree: LexborHTMLParser) -> set[tuple[str, str]]:
    return {(node.tag, name) for node in tree.css("*") for name in (*node.attributes, "")}


def _is_harmless(tree: LexborHTMLParser) -> None:
    assert not tree.css(
        "script, link, img, iframe, object, embed, form, base, svg, math, video, audio, input"
    )
    assert len(tree.css("style")) == 1
    for node in tree.css("*"):
        assert not {"src", "srcset", "style", "srcdoc", "action", "ping"} & set(node.attributes)
        assert not [name for name in node.attributes if name.startswith(("on", "hx-"))]
    for link in tree.css("[href]"):
        assert re.match(r"#|https?://", link.attributes["href"] or ""), link.attributes["href"]


@pytest.mark.parametrize("text", [*FORMULAS, *SCRIPTS])
def test_no_cell_of_a_csv_opens_a_formula_and_each_reads_back(text: str) -> None:
    files = write_edition(_edition_of(text), ("csv",))
    assert len(files) == 11
    cells = [
        cell
        for content in files.values()
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        for cell in row
    ]
    for cell in cells:
        assert not re.match(r"\s*[=+\-@＝＋－＠]|[\t\r\n]", cell), cell
    assert sum(cell in (shown(text), f"'{shown(text)}") for cell in cells) > 30


@pytest.mark.parametrize(
    "text", [*FORMULAS, "_x000D_ and _x0041_", "'already quoted", "0012", "1e5", "https://evil.example/a"]
)
def test_every_cell_of_a_workbook_is_a_string_and_reads_back(text: str) -> None:
    (content,) = write_edition(_edition_of(text), ("xlsx",)).values()
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert sum(cell.value == shown(text) for cell in cells) > 30
    inner = zipfile.ZipFile(io.BytesIO(content))
    for name in inner.namelist():
        assert b"<f>" not in inner.read(name)
        assert b"<hyperlink" not in inner.read(name)


def test_the_work_sheet_has_room_for_status_answer_and_date(
    draft: Draft, written: dict[str, dict[str, bytes]]
) -> None:
    (content,) = (c for name, c in written["professional"].items() if name.endswith(".xlsx"))
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.sheetnames[0] == "Due diligence"
    sheet = book["Due diligence"]
    head = [cell.value for cell in sheet[1]]
    assert head[:8] == [
        "Priority",
        "Action",
        "Evidence to request",
        "Owner",
        "Category",
        "Status",
        "Answer",
        "Due",
    ]
    assert sheet.max_row == 1 + len(draft.risk.vendor_due_diligence)
    assert [sheet.cell(2, column).value for column in (6, 7, 8)] == [None, None, None]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == f"A1:K{sheet.max_row}"
    assert [str(v.sqref) for v in sheet.data_validations.dataValidation] == [f"F2:F{sheet.max_row}"]
    assert sheet["B2"].alignment.wrap_text
    risks = [cell.value for cell in book["Risks"]["A"][1:]]
    assert risks.count("material risk") == len(draft.risk.material_risks)
    assert risks.count("provision") == len(draft.risk.provisions)


def test_a_cell_longer_than_a_workbook_can_hold_is_cut_and_says_so(draft: Draft) -> None:
    long = "x" * 40_000
    sentence = draft.consumer.sentences[0].model_copy(update={"text": long})
    consumer = draft.consumer.model_copy(update={"sentences": [sentence]})
    files = write_edition(
        make_edition(draft.model_copy(update={"consumer": consumer}), APPROVAL, "public"), ("xlsx", "csv")
    )
    texts = _whole(files)
    assert "x" * 32_000 in texts["xlsx"]
    assert "(cut: the cell holds no more; the JSON edition has it whole)" in texts["xlsx"]
    assert long in texts["csv"]


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("Ask for the list.", "Ask for the list."),
        ("=1+1", "'=1+1"),
        ("＝1+1", "'＝1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("a=b", "a=b"),
        ("", ""),
        ("\u00a0-1", "'\u00a0-1"),
    ],
)
def test_only_a_cell_that_opens_a_formula_gets_an_apostrophe(text: str, safe: str) -> None:
    assert defuse(text) == safe


def test_csv_is_utf_8_with_a_mark_and_crlf_lines(written: dict[str, dict[str, bytes]]) -> None:
    for name, content in written["professional"].items():
        if name.endswith(".csv"):
            assert content.startswith(b"\xef\xbb\xbf")
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
            assert len({len(row) for row in rows}) == 1
            assert content.endswith(b"\r\n")


def test_control_characters_are_shown_as_replaced_in_every_format() -> None:
    text = "bell \x07 escape \x1b[31m null \x00 reorder \u202e not \ufffe a character \uffff end"
    whole = "bell � escape �[31m null � reorder � not � a character � end"
    for ending, told in _whole(write_edition(_edition_of(text))).items():
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\u202e\ufffe\uffff]", told), ending
        assert whole in told, ending


# ---- PDF ------------------------------------------------------------------------------------------------------------------


def test_the_pdf_is_tagged_and_names_title_language_and_maker(
    editions: dict[str, Edition], written: dict[str, dict[str, bytes]]
) -> None:
    (content,) = (c for name, c in written["professional"].items() if name.endswith(".pdf"))
    reader = PdfReader(io.BytesIO(content))
    catalog = reader.trailer["/Root"]
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/Lang"] == "en"
    assert reader.metadata is not None
    edition = editions["professional"]
    assert reader.metadata.title == f"{edition.company}: {edition.title}"
    assert reader.metadata.author == "Clausewise"
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalog["/Metadata"].get_data()


def test_text_that_is_typst_is_set_as_text() -> None:
    text = r'#panic("x") $a^2$ @ref <label> *b* _c_ `d` // e /* f */ [g] \ h #import "i" = j - k'
    (content,) = write_edition(_edition_of(text), ("pdf",)).values()
    assert _pdf_text(content).count(text) > 30


@pytest.mark.parametrize("text", SCRIPTS[:4])
def test_a_script_in_a_pdf_is_text(text: str) -> None:
    (content,) = write_edition(_edition_of(text), ("pdf",)).values()
    reader = PdfReader(io.BytesIO(content))
    assert "/JavaScript" not in str(reader.trailer["/Root"])
    actions = [
        annotation.get_object().get("/A", {})
        for page in reader.pages
        for annotation in page.get("/Annots", [])
    ]
    assert not [action for action in actions if action.get("/S") not in (None, "/GoTo")]


def test_characters_that_the_fonts_lack_are_replaced_and_the_first_page_says_so() -> None:
    text = "隐私政策 says x"
    (content,) = write_edition(_edition_of(text), ("pdf",)).values()
    told = _pdf_text(content)
    assert "The fonts of this PDF lack 4 characters of this edition" in told
    assert "���� says x" in told
    (known,) = write_edition(_edition_of("Приватность, Ιδιωτικότητα, çğıöşü"), ("pdf",)).values()
    assert "The fonts of this PDF lack" not in _pdf_text(known)


def test_text_on_which_typst_fails_is_replaced_and_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    # A word of 94 Arabic signs, on which the layout of Typst 0.15.2 panics with all of its marks and places to break it among them.
    monkeypatch.setattr(edition_pdf, "_MOST_MARKS", 100)
    monkeypatch.setattr(edition_pdf, "_broken", lambda word: "\u200b".join(re.findall(".{1,15}", word)))
    text = "".join(map(chr, (*range(0x600, 0x65C), 0x65E, 0x65F)))
    (content,) = write_edition(_edition_of(f"{text} says x"), ("pdf",)).values()
    assert "� says x" in _pdf_text(content)
    assert re.search("The fonts of this PDF lack [0-9]+ characters", _pdf_text(content))


@pytest.mark.parametrize(
    "text", ["e" + "\u0301" * 2000, ("e" + "\u0323" * 100) * 20, "\u0301" * 900, "\u05d1" + "\u05b0" * 200]
)
def test_a_letter_has_no_more_marks_in_a_pdf_than_any_script_has_and_the_first_page_says_so(
    text: str,
) -> None:
    (content,) = write_edition(_edition_of(text), ("pdf",)).values()
    told = _pdf_text(content)
    assert "\ufffd" in told
    assert not re.search("[\u0301\u0323\u05b0]{9}", told)
    assert "Where a letter has more than 8 marks" in told.partition("In short")[0]
    for name, whole in _whole(write_edition(_edition_of(text), ("html", "json"))).items():
        assert shown(text) in (whole if name == "html" else json.dumps(json.loads(whole), ensure_ascii=False))


def test_letters_with_the_marks_of_their_script_stay_whole() -> None:
    # Vietnamese, taken apart; eight marks; a word of 100 marked letters, broken between letters alone.
    text = "ê\u0301 Viê\u0323t o" + "\u0304" * 8 + " " + "a\u0301" * 100
    content = _breakable(_Setter(_edition_of(text)).content())
    assert content == _breakable(_with_few_marks(_Setter(_edition_of(text)).content()))
    told = json.dumps(content, ensure_ascii=False)
    assert "\u200b" in told
    assert "\u200b\u0301" not in told
    assert text in told.replace("\u200b", "")


@pytest.mark.parametrize("text", ["x" * 500, "https://larkspur.example/" + "a1" * 200, "隐" * 300])
def test_no_word_of_a_pdf_runs_off_the_page(text: str) -> None:
    (content,) = write_edition(_edition_of(text), ("pdf",)).values()
    for page in pypdfium2.PdfDocument(content):
        width = page.get_width()
        for found in page.get_objects():
            left, _, right, _ = found.get_bounds()
            assert left >= 0
            assert right <= width


def test_the_pdf_uses_no_font_of_the_machine() -> None:
    # Syllabics, Tifinagh and Chinese, which common fonts of a machine have and those inside Typst have not.
    (content,) = write_edition(_edition_of("plain ᐁ ⴰ 隐 ✖"), ("pdf",)).values()
    fonts = {
        str(font.get_object()["/BaseFont"]).partition("+")[2].partition("-")[0]
        for page in PdfReader(io.BytesIO(content)).pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    assert fonts == {"LibertinusSerif", "DejaVuSansMono"}
    assert "plain � � � ✖" in _pdf_text(content)


# ---- names and links -------------------------------------------------------------------------------------------------------


def test_file_names_are_plain_whatever_the_policy_is_called() -> None:
    for text in ("../../etc/passwd", "CON", "隐私政策", "a" * 500, "Müller & Söhne\n", 'x"; rm -rf'):
        for name in write_edition(_edition_of(text), ("json", "md", "csv")):
            assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,120}\.(json|md|csv)", name), name


def test_an_edition_is_named_after_company_title_date_and_audience(editions: dict[str, Edition]) -> None:
    assert file_stem(editions["public"]) == "larkspur-notes-larkspur-notes-privacy-policy-2026-03-01-public"


@pytest.mark.parametrize(
    ("url", "linked"),
    [
        ("https://larkspur.example/privacy?a=1#b", True),
        ("http://larkspur.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//evil.example", False),
        ("https://user:secret@larkspur.example/", False),
        ("https:///path", False),
        ("https://[broken", False),
        ("https://a.example/ x", False),
        ("HTTPS://larkspur.example/", True),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_a_page_links_to_web_addresses_alone(url: str, linked: bool) -> None:
    assert web_address(url) == (url if linked else "")


def test_an_unknown_format_is_refused(editions: dict[str, Edition]) -> None:
    with pytest.raises(
        UsageError, match="There is no format 'docx'; choose of json, md, html, pdf, xlsx, csv"
    ):
        write_edition(editions["public"], ("docx",))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_ids_are_unique_and_every_link_within_the_page_leads_to_one(
    audience: str, written: dict[str, dict[str, bytes]]
) -> None:
    (page,) = (c for name, c in written[audience].items() if name.endswith(".html"))
    tree = LexborHTMLParser(page.decode())
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    links = [a.attributes["href"] or "" for a in tree.css("a[href^='#']")]
    assert len(links) > 30
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert all(node.attributes["aria-labelledby"] in ids for node in tree.css("[aria-labelledby]"))


def test_an_approval_without_a_zone_is_taken_as_utc(draft: Draft) -> None:
    naive = APPROVAL.model_copy(update={"at": APPROVAL.at.replace(tzinfo=None)})
    (content,) = write_edition(make_edition(draft, naive, "public"), ("pdf",)).values()
    metadata = PdfReader(io.BytesIO(content)).metadata
    assert metadata is not None
    assert metadata.creation_date == APPROVAL.at
    assert write_edition(make_edition(draft, naive, "public"), ("xlsx",))


def test_the_hostile_sample_is_published_whole() -> None:
    edition = make_edition(hostile_draft(("EP-NOWHERE",)), OVERRIDDEN, "professional")
    files = write_edition(edition)
    (page,) = (c for name, c in files.items() if name.endswith(".html"))
    _is_harmless(LexborHTMLParser(page.decode()))
    assert Edition.model_validate_json(next(c for n, c in files.items() if n.endswith(".json"))) == edition
