"""The HTML page: everything of the draft is on it, nothing in it is markup of the policy's or the model's."""

import base64
import hashlib
import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from pipeline.publish.html import write_html
from pipeline.publish.places import anchor_of, name_place
from pipeline.publish.shown import shown
from pipeline.registry.decisions import load_decisions
from pipeline.registry.taxonomy import load_taxonomy
from schemas.document import Span
from schemas.draft import Citation, Draft
from schemas.finding import Finding
from schemas.risk import LeftOut
from schemas.summaries import Claim, Evidence
from tests.sample_draft import HOSTILE, hostile_draft, sample_draft, walk

_ROOTS = ("consumer", "legal", "risk")


@pytest.fixture(scope="module")
def draft() -> Draft:
    """The sample with one precedent of each status that the registry has, and one that it does not have."""
    by_status = {decision.status: decision.id for decision in load_decisions().decisions}
    return sample_draft((*by_status.values(), "EP-NOWHERE"))


@pytest.fixture(scope="module")
def page(draft: Draft) -> LexborHTMLParser:
    return LexborHTMLParser(write_html(draft))


@pytest.fixture(scope="module")
def hostile() -> LexborHTMLParser:
    return LexborHTMLParser(write_html(hostile_draft(("EP-NOWHERE",))))


def _at(page: LexborHTMLParser, anchor: str) -> LexborNode:
    found = [node for node in page.css("[id]") if node.attributes["id"] == anchor]
    assert len(found) == 1, anchor
    return found[0]


def _words(node: LexborNode) -> str:
    return " ".join(node.text().split())


def _links(node: LexborNode) -> list[str]:
    return [unquote((a.attributes["href"] or "").removeprefix("#")) for a in node.css("a[href]")]


def test_every_claim_stands_at_its_own_place(draft: Draft, page: LexborHTMLParser) -> None:
    claims = [pair for root in _ROOTS for pair in walk(getattr(draft, root), root, Claim)]
    assert len(claims) > 20
    for path, claim in claims:
        words = _words(_at(page, anchor_of(path)))
        assert claim.text in words
        assert claim.basis in words
        assert all(term in words for term in claim.absent_terms)


def test_every_quote_leads_to_its_passage_and_the_passage_leads_back(
    draft: Draft, page: LexborHTMLParser
) -> None:
    quotes = [pair for root in _ROOTS for pair in walk(getattr(draft, root), root, Evidence)]
    assert len(quotes) > 20
    for path, evidence in quotes:
        quote = _at(page, anchor_of(path))
        assert evidence.quote in _words(quote)
        assert evidence.passage_id in _links(quote)
        passage = _at(page, evidence.passage_id)
        assert anchor_of(path.rpartition(".evidence")[0]) in _links(passage)
        assert evidence.quote in "".join(mark.text() for mark in passage.css("mark"))


def test_every_passage_and_section_is_beside_the_draft(draft: Draft, page: LexborHTMLParser) -> None:
    for passage in draft.document.passages:
        assert draft.document.text_of(passage) in _words(_at(page, passage.id))
    policy = _words(_at(page, "policy"))
    assert all(section.title in policy for section in draft.document.sections)
    assert all(hidden.text in policy and hidden.reason in policy for hidden in draft.document.hidden)


def test_marks_cover_the_quoted_words_and_no_others(draft: Draft, page: LexborHTMLParser) -> None:
    marks = [mark.text() for mark in _at(page, "intro.2").css("mark")]
    assert marks == ["runs the Larkspur notebook, its web clipper and the assistant called Wren"]
    assert not _at(page, "changes.1").css("mark")


def test_overlapping_and_nested_quotes_are_one_mark(draft: Draft) -> None:
    passage = draft.document.find("training.1")
    assert passage is not None
    start = passage.span.start
    spans = ((0, 10), (5, 15), (5, 8), (15, 20), (30, 35))
    citations = tuple(
        Citation(
            path=f"legal.sentences[{n}].evidence[0]",
            passage_id=passage.id,
            span=Span(start=start + a, end=start + b),
            match="exact",
        )
        for n, (a, b) in enumerate(spans)
    )
    page = LexborHTMLParser(write_html(draft.model_copy(update={"citations": citations})))
    text = draft.document.text_of(passage)
    assert [mark.text() for mark in _at(page, passage.id).css("mark")] == [text[0:20], text[30:35]]


def test_every_finding_stands_at_its_place_and_in_the_list(draft: Draft, page: LexborHTMLParser) -> None:
    places = {
        "document.instruction": "training.2",
        "facts.number_missing": "at-legal-sentences-2-evidence-2",
        "wording.conclusion": "at-risk-provisions-1-why_it_matters",
        "risk.severity_doubtful": "at-risk-provisions-0",
        "coverage.category_missing": "at-risk",
    }
    listed = _at(page, "findings")
    for finding in draft.findings:
        assert finding.message in _words(listed)
        if finding.code in places:
            assert finding.message in _words(_at(page, places[finding.code]))
            assert places[finding.code] in _links(listed)
    assert "1 error, 4 warnings, 1 note" in _words(listed)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", ""),
        ("risk", "Risk assessment"),
        ("consumer.sentences", "Consumer summary, sentences"),
        ("risk.regulatory_exposure", "Risk assessment, regulatory exposure"),
        ("legal.sentences[2].evidence[0]", "Legal 3, quote 1"),
        ("risk.provisions[1].what_you_can_do[0].statutes[2]", "Provision 2, action 1, citation 3"),
        ("risk.material_risks[0].rationale.text", "Material risk 1, text"),
        ("cookies.3", "cookies.3"),
        ("intro.12", "intro.12"),
        ("legal.3", "legal.3"),
    ],
)
def test_a_path_is_named_in_words(path: str, words: str) -> None:
    assert name_place(path) == words


def test_a_clean_draft_says_so(draft: Draft) -> None:
    page = write_html(draft.model_copy(update={"findings": ()}))
    assert "Clean: no finding needs an editor." in page
    assert 'id="findings"' not in page


def test_notes_alone_leave_a_draft_clean_and_are_told(draft: Draft) -> None:
    note = Finding(code="document.note", severity="info", path="", message="Something to be told.")
    page = LexborHTMLParser(write_html(draft.model_copy(update={"findings": (note,)})))
    assert "Clean: no finding needs an editor (1 note)." in _words(_at(page, "findings"))
    assert note.message in _words(_at(page, "findings"))


def test_a_quote_with_a_finding_is_never_folded_away(draft: Draft) -> None:
    sentence = draft.legal.sentences[0]
    many = [*sentence.evidence * 2, Evidence(passage_id="intro.1", quote="Not in the policy at all.")]
    legal = draft.legal.model_copy(
        update={
            "sentences": [sentence.model_copy(update={"evidence": many}), *draft.legal.sentences[1:]],
        }
    )
    finding = Finding(
        code="evidence.odd", severity="warning", path="legal.sentences[0].evidence[6]", message="Odd."
    )
    citations = [*draft.citations]
    for n, evidence in enumerate(sentence.evidence * 2):
        original = next(
            c
            for c in draft.citations
            if c.path == f"legal.sentences[0].evidence[{n % len(sentence.evidence)}]"
        )
        if n >= len(sentence.evidence):
            citations.append(original.model_copy(update={"path": f"legal.sentences[0].evidence[{n}]"}))
        assert original.passage_id == evidence.passage_id
    page = LexborHTMLParser(
        write_html(
            draft.model_copy(update={"legal": legal, "findings": (finding,), "citations": tuple(citations)})
        )
    )
    claim = _at(page, "at-legal-sentences-0")
    folded = _words(claim.css_first("details"))
    assert "more quotes" in folded
    assert "Odd." not in folded
    assert "Not in the policy at all." not in folded
    assert "Odd." in _words(claim)
    assert "not found in this passage" in _words(_at(page, "at-legal-sentences-0-evidence-8"))


def test_each_precedent_is_shown_with_its_status(draft: Draft, page: LexborHTMLParser) -> None:
    for n, precedent in enumerate(draft.risk.enforcement_precedents):
        card = _at(page, f"at-risk-enforcement_precedents-{n}")
        words = _words(card)
        decision = load_decisions().get(precedent.decision_id)
        assert precedent.relevance in words
        if decision is None:
            assert "not in the registry" in words
            assert precedent.decision_id in words
            continue
        assert decision.authority in words
        assert decision.respondent in words
        status = card.css_first(".decision-status")
        assert {"soft_law": "guidance", "complaint_only": "complaint only"}.get(
            decision.status, decision.status.replace("_", " ")
        ) in _words(status)
        assert " ".join((decision.status_note or "").split()) in words
        assert ("fallen" in (status.attributes["class"] or "")) is (
            decision.status in ("annulled", "suspended", "superseded")
        )


def test_an_annulled_decision_is_among_those_shown(draft: Draft) -> None:
    statuses = {
        decision.status
        for p in draft.risk.enforcement_precedents
        if (decision := load_decisions().get(p.decision_id)) is not None
    }
    assert {"annulled", "soft_law", "under_appeal"} <= statuses


def test_law_is_shown_in_words_with_its_basis_and_its_doubts(page: LexborHTMLParser) -> None:
    chips = {_words(chip) for chip in _at(page, "at-legal-sentences-5").css(".chip")}
    assert "Art. 6(1)(f) GDPR inferred" in chips
    titles = {chip.attributes.get("title") for chip in _at(page, "at-legal-sentences-5").css(".chip")}
    assert "Lawfulness of processing" in titles
    doubted = {_words(chip) for chip in _at(page, "at-legal-sentences-5").css(".chip.doubted")}
    assert doubted == {"Nebraska Data Privacy Act inferred secondary sources only"}


def test_law_that_does_not_exist_is_shown_as_such(draft: Draft) -> None:
    sentence = draft.legal.sentences[0]
    statutes = [
        sentence.statutes[0].model_copy(update={"ref": ref})
        for ref in ("GDPR:199", "ZZ-NOWHERE:1", "not a ref")
    ]
    legal = draft.legal.model_copy(
        update={"sentences": [sentence.model_copy(update={"statutes": statutes}), *draft.legal.sentences[1:]]}
    )
    page = LexborHTMLParser(write_html(draft.model_copy(update={"legal": legal})))
    chips = [_words(chip) for chip in _at(page, "at-legal-sentences-0").css(".chip.doubted")]
    assert [chip.split(" inferred ")[1] for chip in chips] == [
        "no such provision",
        "not in the registry",
        "not in the registry",
    ]


def test_dates_provenance_and_what_was_asked_again_are_told(draft: Draft, page: LexborHTMLParser) -> None:
    words = _words(page.body)
    for told in (
        "1 March 2026",
        "14 March 2026, 09:30 UTC",
        "heron-large-2026-02 (asked for heron-large)",
        "USD 0.0468 and 1 unpriced stage",
        "sent back",
        "legal.sentences[2].evidence[0]: the quote is not in its passage.",
        "kept with faults, last try spent",
        "unknown in, unknown out",
        "taken from the store",
        "Not legal advice.",
        draft.provenance.registry_sha256,
        draft.provenance.endpoint,
    ):
        assert told in words
    for stage in draft.provenance.stages:
        assert all(name in words and digest in words for name, digest in stage.prompts.items())


def test_a_date_that_was_not_found_is_said_to_be_missing(draft: Draft) -> None:
    document = draft.document.model_copy(update={"effective_date": None, "captured_at": None})
    facts = LexborHTMLParser(write_html(draft.model_copy(update={"document": document}))).css_first(".facts")
    assert "not found in the text" in _words(facts)
    assert "not known" in _words(facts)


@pytest.mark.parametrize("which", ["page", "hostile"])
def test_ids_are_unique_and_every_link_leads_to_one(which: str, request: pytest.FixtureRequest) -> None:
    tree: LexborHTMLParser = request.getfixturevalue(which)
    ids = [node.attributes["id"] for node in tree.css("[id]")]
    assert len(ids) == len(set(ids))
    links = tree.css("a[href]")
    assert len(links) > 50
    for link in links:
        target = link.attributes["href"] or ""
        assert target.startswith("#")
        assert unquote(target[1:]) in ids
    for node in tree.css("[aria-labelledby]"):
        assert node.attributes["aria-labelledby"] in ids


@pytest.mark.parametrize("which", ["page", "hostile"])
def test_nothing_is_loaded_from_elsewhere(which: str, request: pytest.FixtureRequest) -> None:
    tree: LexborHTMLParser = request.getfixturevalue(which)
    assert not tree.css(
        "script, link, img, iframe, object, embed, form, base, svg, video, audio, source, input"
    )
    assert len(tree.css("style")) == 1
    style = tree.css_first("style").text()
    assert "url(" not in style
    assert "@import" not in style
    for node in tree.css("*"):
        assert not {"src", "srcset", "style", "action", "ping", "background"} & set(node.attributes)
        assert not [name for name in node.attributes if name.startswith("on")]


def test_hostile_text_makes_no_element_and_no_attribute(
    page: LexborHTMLParser, hostile: LexborHTMLParser
) -> None:
    def shape(tree: LexborHTMLParser) -> set[tuple[str, str]]:
        return {(node.tag, name) for node in tree.css("*") for name in (*node.attributes, "")}

    # Long lists fold, which the calm page has no need of.
    assert shape(hostile) <= shape(page) | {("details", "class"), ("details", ""), ("summary", "")}


def test_hostile_text_is_shown_as_the_text_it_is(hostile: LexborHTMLParser) -> None:
    words = _words(hostile.body)
    for text in HOSTILE:
        assert " ".join(shown(text).split()) in words


def test_no_control_character_reaches_the_page() -> None:
    page = write_html(hostile_draft())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


@given(st.text())
@example("a\u00a0b")
@example("\u200e\u202eabc\u2066\U000e0041")
@example("line\r\nline\tend\u2028\x85")
def test_shown_text_has_one_character_for_each_and_none_that_steers(text: str) -> None:
    clean = shown(text)
    assert len(clean) == len(text)
    assert len(clean.splitlines()) <= 1
    assert not re.search(
        r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]", clean
    )
    assert all(was == now for was, now in zip(text, clean, strict=True) if was.isprintable())
    assert shown(clean) == clean


def test_the_policy_allows_the_one_style_by_its_hash_and_nothing_else(draft: Draft) -> None:
    page = write_html(draft)
    style = page[page.index("<style>") + len("<style>") : page.index("</style>")]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    meta = LexborHTMLParser(page).css_first("meta[http-equiv=Content-Security-Policy]")
    assert meta.attributes["content"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert page.index("Content-Security-Policy") < page.index("<style>")


def test_the_same_draft_gives_the_same_bytes(draft: Draft) -> None:
    assert write_html(draft) == write_html(Draft.model_validate_json(draft.model_dump_json()))


def test_empty_parts_are_said_to_be_empty(draft: Draft) -> None:
    risk = draft.risk.model_copy(
        update={
            "regulatory_exposure": [],
            "material_risks": [],
            "vendor_due_diligence": [],
            "enforcement_precedents": [],
            "left_out": [],
        }
    )
    words = _words(
        LexborHTMLParser(write_html(draft.model_copy(update={"risk": risk}))).css_first("#at-risk")
    )
    assert words.count("None named.") == 4
    assert "No category was left out." in words


def test_categories_and_severity_rules_are_shown_in_words(draft: Draft, page: LexborHTMLParser) -> None:
    taxonomy = load_taxonomy()
    for n, provision in enumerate(draft.risk.provisions):
        category, rule = taxonomy.get(provision.category), taxonomy.severity_rule(provision.severity_rule)
        assert category is not None
        assert rule is not None
        words = _words(_at(page, f"at-risk-provisions-{n}"))
        assert category.title in words
        assert f"{rule.id}: {' '.join(rule.rule.split())}" in words


def test_a_category_that_the_taxonomy_does_not_have_is_shown_as_such(draft: Draft) -> None:
    risk = draft.risk.model_copy(update={"left_out": [LeftOut(category="weather", reason="None.")]})
    page = LexborHTMLParser(write_html(draft.model_copy(update={"risk": risk})))
    assert "weather (not in the taxonomy)" in _words(_at(page, "at-risk-left_out-0"))
