"""The draft's page over HTTP, with htmx and without: what it shows, what its forms do, and what comes back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode
from starlette.testclient import TestClient

from pipeline.review.desk import Reviewed
from pipeline.review.draft_view import unit_anchor, view_page
from pipeline.review.finding_words import _SAYINGS, tell_finding
from pipeline.review.fold import fold
from pipeline.review.registry_choices import MOST_CHOICES, find_choices
from pipeline.review.word_diff import MOST_WORDS, diff_words
from schemas.draft import Draft
from schemas.finding import Finding
from tests.review_site import ReviewSite, open_site, place, site
from tests.sample_draft import hostile_draft, sample_draft

__all__ = ["place", "site"]

PART = {"HX-Request": "true"}
CLAIM = "legal.sentences[2]"


class Editor:
    """Somebody at the page of a review, with htmx."""

    def __init__(self, site: ReviewSite, client: TestClient | None = None) -> None:
        self.site = site
        self.client = client or site.client()
        self.here = f"/reviews/{site.id}"
        self.token = site.token(self.client)

    def page(self, **asked: str) -> LexborHTMLParser:
        """The page, as a browser reads it."""
        answer = self.client.get(self.here, params=asked)
        assert answer.status_code == 200
        return LexborHTMLParser(answer.text)

    def form(self, wanted: str, **asked: Any) -> dict[str, str]:
        """The fields of a form and what stands in them."""
        answer = self.client.get(f"{self.here}/form", params={"open": wanted, **asked}, headers=PART)
        assert answer.status_code == 200, answer.text
        return fields_of(LexborHTMLParser(answer.text))

    def decide(self, htmx: bool = True, **fields: Any) -> Any:
        """Send a form or press a button."""
        headers = PART if htmx else {}
        return self.client.post(f"{self.here}/decide", data={"csrf": self.token, **fields}, headers=headers)

    def post(self, deed: str, **fields: Any) -> Any:
        """Press another button of the page."""
        return self.client.post(f"{self.here}/{deed}", data={"csrf": self.token, **fields}, headers=PART)

    def reviewed(self) -> Reviewed:
        """The review as it stands."""
        return self.site.desk.open(self.site.id)


def fields_of(parsed: LexborHTMLParser) -> dict[str, str]:
    """What a browser sends of the form on a page."""
    sent: dict[str, str] = {}
    for field in parsed.css("form.deed [name]"):
        name = field.attributes["name"] or ""
        if field.tag == "textarea":
            sent[name] = field.text().removeprefix("\n")
        elif field.tag == "select":
            chosen = field.css_first("option[selected]") or field.css_first("option")
            sent[name] = chosen.attributes["value"] or ""
        else:
            sent[name] = field.attributes.get("value") or ""
    return sent


def unit_on(parsed: LexborHTMLParser, path: str) -> LexborNode:
    """What stands on the page of a unit."""
    found = parsed.css_first(f'[id="{unit_anchor(path)}"]')
    assert found is not None, path
    return found


@pytest.fixture
def editor(site: ReviewSite) -> Editor:
    """Ada at the sample's draft."""
    return Editor(site)


# What it shows


def test_every_unit_stands_on_the_page_with_its_words(editor: Editor) -> None:
    page = editor.page()
    for path, unit in editor.reviewed().folded.units.items():
        told = " ".join(unit_on(page, path).text(separator=" ").split())
        for name in ("text", "title", "action"):
            assert " ".join(str(unit.value.get(name, "")).split()) in told
    assert len(page.css("h1")) == 1


def test_evidence_names_the_very_characters_that_a_browser_counts() -> None:
    draft = with_a_wide_character(sample_draft())
    folded = fold(draft, ())
    seen = 0
    for list_ in view_page(folded).lists:
        for unit in (unit for card in list_.cards for unit in card.units):
            for evidence in unit.evidence:
                passage = draft.document.find(evidence.passage_id)
                assert passage is not None
                counted = draft.document.text_of(passage).encode("utf-16-le")
                assert counted[2 * evidence.start : 2 * evidence.end].decode("utf-16-le") == evidence.words
                seen += 1
    assert seen > 20


def with_a_wide_character(draft: Draft) -> Draft:
    """A passage that many claims rest on with a character before their words that is two in UTF-16."""
    raw = draft.model_dump(mode="json")
    passage = next(p for p in raw["document"]["passages"] if p["id"] == "training.1")
    start = passage["span"]["start"]
    raw["document"]["text"] = raw["document"]["text"][:start] + "😀" + raw["document"]["text"][start:]
    for part in (*raw["document"]["passages"], *raw["document"]["sections"]):
        for end in ("start", "end"):
            part["span"][end] += part["span"][end] > start
    raw["citations"] = []
    return Draft.model_validate(raw)


def test_nothing_of_a_text_becomes_markup(tmp_path: Path) -> None:
    with open_site(tmp_path / "store.db", tmp_path, [hostile_draft()]) as site:
        editor = Editor(site)
        ours = {s.attributes.get("src") for s in editor.page().css("script")}
        assert all(src and src.startswith("/static/") for src in ours)
        path = CLAIM
        for deed in ("edit", "reject", "comment"):
            parsed = LexborHTMLParser(
                editor.client.get(f"{editor.here}/form", params={"open": f"{deed} {path}"}).text
            )
            assert not parsed.css("script, img, iframe, svg, [onclick], [onerror], [style]")
        evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
        answer = editor.decide(kind="comment", path=path, reason=evil)
        shown = LexborHTMLParser(answer.text)
        assert not shown.css("img, script")
        assert evil in unit_on(shown, path).text()
        for node in editor.page().css("body *"):
            assert not [name for name in node.attributes if name.startswith("on") or name == "style"]


def test_a_reader_sees_all_and_is_offered_nothing_to_do(site: ReviewSite) -> None:
    page = Editor(site, site.signed_in("reader")).page()
    assert unit_on(page, CLAIM)
    assert not page.css(".acts, form.deed, #decide, .list-top button, .finding-foot button")
    assert "Approve" not in page.body.text()


def test_an_approved_draft_offers_to_be_published_or_reopened_and_no_decision(editor: Editor) -> None:
    editor.site.desk.approve(editor.site.id, "Ada", override="The rest is known.")
    page = editor.page(open=f"edit {CLAIM}")
    assert not page.css(".acts, form.deed")
    assert "Publish" in page.css_first("#desk-bar").text()
    assert "Reopen" in page.css_first("#desk-bar").text()
    assert editor.decide(kind="comment", path=CLAIM, reason="Late.").status_code in (400, 422)


def test_a_finding_about_a_passage_stands_at_the_passage(editor: Editor) -> None:
    assert editor.page().css_first('[id="training.2"] .finding.warning') is not None


# Decisions


def test_a_button_accepts_and_the_answer_holds_what_changed_and_no_more(editor: Editor) -> None:
    answer = editor.decide(do=f"accept {CLAIM}", shown="0")
    parsed = LexborHTMLParser(answer.text)
    assert "accepted" in (unit_on(parsed, CLAIM).attributes["class"] or "")
    assert [card.id for card in parsed.css("article")] == [f"card-{unit_anchor(CLAIM)}"]
    assert parsed.css_first("#shown").attributes["value"] == "1"
    assert "1 of" in parsed.css_first("#desk-bar").text()
    assert json.loads(answer.headers["hx-trigger"])["desk:decided"]["anchor"] == unit_anchor(CLAIM)


def test_without_htmx_a_decision_leads_back_to_its_claim(editor: Editor) -> None:
    answer = editor.decide(htmx=False, do=f"accept {CLAIM}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{editor.here}#{unit_anchor(CLAIM)}")
    form = fields_of(editor.page(open="reject legal.sentences[3]"))
    assert editor.decide(htmx=False, **form | {"reason": "It is not so."}).status_code == 303
    assert editor.reviewed().folded.units["legal.sentences[3]"].status == "rejected"


def test_an_edit_shows_its_difference_its_author_and_what_the_checks_say_now(editor: Editor) -> None:
    form = editor.form(f"edit {CLAIM}")
    assert "45 days" in form["f.text"]
    form |= {"f.text": form["f.text"].replace("45 days", "60 days"), "reason": "Newer\r\nfigure."}
    unit = unit_on(LexborHTMLParser(editor.decide(**form).text), CLAIM)
    assert [unit.css_first(".change del").text(), unit.css_first(".change ins").text()] == [
        "[removed: 45]",
        "[inserted: 60]",
    ]
    assert "edited by Ada" in unit.css_first(".standing").text()
    assert "is not in the words quoted for this claim" in unit.css_first(".finding.error").text()
    assert "figure." in unit.css_first(".history").text()
    stands = editor.reviewed().folded.units[CLAIM]
    assert stands.written is not None
    assert "45 days" in stands.written["text"]


@pytest.mark.parametrize(
    "path",
    [
        "consumer.sentences[0]",
        "legal.sentences[4]",
        "risk.provisions[0]",
        "risk.provisions[0].what_it_is",
        "risk.provisions[1].what_you_can_do[0]",
        "risk.regulatory_exposure[0]",
        "risk.regulatory_exposure[0].rationale",
        "risk.material_risks[0]",
        "risk.vendor_due_diligence[0]",
        "risk.left_out[0]",
    ],
)
def test_a_form_that_is_sent_as_it_came_changes_nothing(editor: Editor, path: str) -> None:
    answer = editor.decide(**editor.form(f"edit {path}"))
    assert answer.status_code == 200
    unit = editor.reviewed().folded.units[path]
    assert (unit.status, unit.value) == ("accepted", unit.written)


def test_levels_lists_and_rows_are_changed_by_their_fields(editor: Editor) -> None:
    form = editor.form("edit risk.material_risks[0]")
    form |= {"f.severity": "low", "f.mitigations": "One.\r\n\r\n  Two. \r\n"}
    editor.decide(**form)
    value = editor.reviewed().folded.units["risk.material_risks[0]"].value
    assert (value["severity"], value["mitigations"]) == ("low", ["One.", "Two."])
    form = editor.form(f"edit {CLAIM}")
    emptied = {name: "" for name in form if re.match(r"f\.statutes\.[01]\.ref", name)}
    last = max(name for name in form if re.fullmatch(r"f\.statutes\.\d\.ref", name))
    editor.decide(**form | emptied | {last: "GDPR:16"})
    refs = [s["ref"] for s in editor.reviewed().folded.units[CLAIM].value["statutes"]]
    assert refs == ["GDPR:21", "GDPR:16"]


def test_a_form_that_cannot_be_kept_comes_back_with_all_that_was_written(editor: Editor) -> None:
    refused = editor.decide(kind="reject", path=CLAIM, reason=" ", seen="0")
    assert refused.status_code == 422
    assert LexborHTMLParser(refused.text).css_first("[role=alert]").text() == "Say why it is rejected."
    form = editor.form(f"edit {CLAIM}") | {"f.text": "My words.", "f.evidence.0.passage_id": "no-such.1"}
    refused = editor.decide(**form)
    assert refused.status_code == 422
    again = fields_of(LexborHTMLParser(refused.text))
    assert (again["f.text"], again["f.evidence.0.passage_id"]) == ("My words.", "no-such.1")
    assert not editor.reviewed().decisions


@pytest.mark.parametrize(
    "fields",
    [
        {"do": "accept legal.sentences[99]"},
        {"do": "accept"},
        {"do": "publish legal.sentences[0]"},
        {"kind": "edit", "path": "legal"},
        {"kind": "add", "path": "legal.nothing"},
        {"kind": "dismiss", "path": CLAIM, "finding": "no.such:1", "reason": "x"},
        {"kind": "approve", "path": CLAIM},
        {"do": f"accept {CLAIM}", "shown": "-1"},
        {},
    ],
)
def test_what_no_page_sends_is_refused_and_changes_nothing(editor: Editor, fields: dict[str, str]) -> None:
    assert editor.decide(**fields).status_code in (400, 422)
    assert editor.decide(htmx=False, **fields).status_code == 400
    assert not editor.reviewed().decisions


def test_a_card_is_accepted_with_all_that_is_undecided_inside(editor: Editor) -> None:
    editor.decide(kind="reject", path="risk.provisions[0].what_you_can_do[1]", reason="Not offered.")
    editor.decide(do="card risk.provisions[0]")
    units = editor.reviewed().folded.units
    inside = {p: u.status for p, u in units.items() if p.startswith("risk.provisions[0]")}
    assert inside.pop("risk.provisions[0].what_you_can_do[1]") == "rejected"
    assert set(inside.values()) == {"accepted"}
    # It was one act, and one press takes it back.
    number = LexborHTMLParser(editor.client.get(editor.here).text).css_first("#undo").attributes["value"]
    editor.post("undo", number=number)
    assert editor.reviewed().folded.units["risk.provisions[0]"].status == "open"


def test_the_rest_is_accepted_only_as_many_as_were_named(editor: Editor) -> None:
    form = editor.form(f"edit {CLAIM}")
    editor.decide(**form | {"f.text": form["f.text"].replace("45 days", "60 days")})
    editor.post("undo")
    editor.decide(**form | {"f.text": form["f.text"].replace("45 days", "61 days"), "seen": "2"})
    named = editor.page().css_first("[name=count]").attributes["value"]
    assert editor.decide(do="clear", count=str(int(named or 0) + 1)).status_code == 400
    assert editor.decide(do="clear", count=named).status_code == 200
    units = editor.reviewed().folded.units
    assert {u.status for p, u in units.items() if p != CLAIM} == {"accepted"}
    assert units[CLAIM].status == "edited"


def test_a_finding_is_set_aside_with_a_reason_and_brought_back(editor: Editor) -> None:
    form = editor.form(f"edit {CLAIM}")
    page = LexborHTMLParser(
        editor.decide(**form | {"f.text": form["f.text"].replace("45 days", "60 days")}).text
    )
    wanted = unit_on(page, CLAIM).css_first(".finding-foot button").attributes["value"]
    assert wanted
    answer = editor.decide(**editor.form(wanted) | {"reason": "The annex says so."})
    aside = unit_on(LexborHTMLParser(answer.text), CLAIM).css_first(".finding.aside")
    assert "Set aside by Ada: The annex says so." in aside.text()
    back = aside.css_first("button").attributes["value"]
    answer = editor.post("undo", number=back, shown="2")
    assert not unit_on(LexborHTMLParser(answer.text), CLAIM).css(".finding.aside")


# Adding


def test_words_of_the_policy_become_a_new_action(editor: Editor) -> None:
    words = "You can switch this off under Settings, then Wren, then Learning."
    form = editor.form("add risk.provisions[0].what_you_can_do", passage="training.2", quote=words)
    assert (form["f.evidence.0.passage_id"], form["f.evidence.0.quote"]) == ("training.2", words)
    answer = editor.decide(**form | {"f.text": "Turn it off in settings.", "f.kind": "control"})
    path = "risk.provisions[0].what_you_can_do[+1]"
    added = unit_on(LexborHTMLParser(answer.text), path)
    assert "Provision 1, action 4" in added.text()
    assert "added by Ada" in added.css_first(".standing").text()
    assert json.loads(answer.headers["hx-trigger"])["desk:decided"]["anchor"] == unit_anchor(path)


@pytest.mark.parametrize(
    ("path", "carrying", "rest"),
    [
        (
            "risk.provisions",
            "f.what_it_is",
            {"f.title": "Copies go abroad", "f.who_is_affected": "Everyone.", "f.severity": "low"}
            | {"f.category": "retention", "f.severity_rule": "L2", "f.confidence": "high"}
            | {
                "f.why_it_matters.text": "As we infer, other law applies.",
                "f.why_it_matters.basis": "inferred",
            },
        ),
        (
            "risk.material_risks",
            "f.rationale",
            {"f.title": "Copies abroad", "f.category": "retention", "f.severity": "low"}
            | {"f.likelihood": "low", "f.mitigations": "Ask where."},
        ),
        ("legal.sentences", "f", {"f.role": "notable_terms"}),
    ],
)
def test_words_of_the_policy_carry_a_new_entry(
    editor: Editor, path: str, carrying: str, rest: dict[str, str]
) -> None:
    words = "Our hosting company keeps copies in Canada and in the United States."
    form = editor.form(f"add {path}", passage="transfers.1", quote=words)
    assert form[f"{carrying}.evidence.0.quote"] == words
    answer = editor.decide(**form | rest | {f"{carrying}.text": "Copies are kept in Canada."})
    assert answer.status_code == 200, answer.text
    # The list has another card, so the answer holds the list.
    parsed = LexborHTMLParser(answer.text)
    assert unit_on(parsed.css_first(f"#list-{path.replace('.', '-')}"), f"{path}[+1]")  # type: ignore[arg-type]


def test_a_quote_is_kept_as_the_policy_has_it_and_not_as_a_page_shows_it(tmp_path: Path) -> None:
    raw = sample_draft().model_dump(mode="json")
    raw["document"]["text"] = raw["document"]["text"].replace(
        "live in California", "live\u2003in\u2003California"
    )
    with open_site(tmp_path / "store.db", tmp_path, [Draft.model_validate(raw)]) as site:
        editor = Editor(site)
        assert "live in California" in editor.page().css_first('[id="your-rights.3"]').text()
        form = editor.form(f"edit {CLAIM}", passage="your-rights.3", quote="you live in California")
        assert editor.decide(**form).status_code == 200
        evidence = editor.reviewed().folded.units[CLAIM].value["evidence"]
        assert evidence[-1]["quote"] == "you live\u2003in\u2003California"


# Twice, and two at once


def _twice(editor: Editor) -> Iterator[tuple[str, dict[str, str]]]:
    edit = editor.form(f"edit {CLAIM}")
    yield "comment", {"kind": "comment", "path": CLAIM, "reason": "Why?", "seen": "0"}
    yield "edit", edit | {"f.text": "It keeps pages for 45 days."}
    yield "accept", {"do": "accept legal.sentences[0]", "shown": "2"}
    yield "reject", {"kind": "reject", "path": "legal.sentences[1]", "reason": "No.", "seen": "3"}
    yield (
        "add",
        editor.form("add risk.left_out", passage="training.1", quote="x")
        | {"f.reason": "Nothing.", "seen": "4"},
    )


def test_the_same_form_sent_twice_is_done_once(editor: Editor) -> None:
    for count, (kind, fields) in enumerate(_twice(editor), start=1):
        assert [editor.decide(**fields).status_code for _ in range(3)] == [200, 200, 200], kind
        assert [d.kind for d in editor.reviewed().decisions][-1] == kind
        assert len(editor.reviewed().decisions) == count
    for _ in range(2):
        assert editor.post("undo", shown="5").status_code == 200
    assert len(editor.reviewed().decisions) == 6
    for _ in range(2):
        assert editor.post("redo", shown="6").status_code == 200
    assert len(editor.reviewed().decisions) == 7


def test_of_two_who_edit_one_claim_the_second_sees_both_versions_and_can_save_over(site: ReviewSite) -> None:
    site.add_user("Berta", "editor")
    mine, theirs = Editor(site), Editor(site, site.signed_in("editor"))
    form, other = mine.form(f"edit {CLAIM}"), theirs.form(f"edit {CLAIM}")
    theirs.decide(**other | {"f.text": "It keeps pages for weeks."})
    answer = mine.decide(**form | {"f.text": "It keeps pages for 45 days.", "reason": "Exact."})
    assert answer.status_code == 409
    parsed = LexborHTMLParser(answer.text)
    unit = unit_on(parsed, CLAIM)
    assert "It keeps pages for weeks." in unit.css_first(".sentence").text()
    told = unit.css_first(".conflict").text()
    assert "editor" in told
    assert "weeks" in told
    assert "45 days" in told
    again = fields_of(parsed)
    assert (again["f.text"], again["reason"], again["seen"]) == ("It keeps pages for 45 days.", "Exact.", "1")
    assert mine.decide(**again).status_code == 200
    assert mine.reviewed().folded.units[CLAIM].value["text"] == "It keeps pages for 45 days."


def test_without_htmx_a_conflict_is_a_page_with_the_form_in_it(site: ReviewSite) -> None:
    mine, theirs = Editor(site), Editor(site, site.signed_in("editor"))
    form = fields_of(mine.page(open=f"edit {CLAIM}"))
    theirs.decide(kind="reject", path=CLAIM, reason="Wrong.")
    answer = mine.decide(htmx=False, **form | {"f.text": "Mine."})
    assert answer.status_code == 409
    assert fields_of(LexborHTMLParser(answer.text))["f.text"] == "Mine."


def test_who_decides_by_a_button_about_what_was_changed_meanwhile_is_shown_it(site: ReviewSite) -> None:
    mine, theirs = Editor(site), Editor(site, site.signed_in("editor"))
    theirs.decide(**theirs.form(f"edit {CLAIM}") | {"f.text": "It keeps pages for weeks."})
    answer = mine.decide(do=f"accept {CLAIM}", shown="0")
    assert answer.status_code == 409
    parsed = LexborHTMLParser(answer.text)
    assert "It keeps pages for weeks." in unit_on(parsed, CLAIM).text()
    assert "Legal 3" in parsed.css_first("#told").text()
    assert mine.decide(do=f"accept {CLAIM}", shown="1").status_code == 200


def test_an_answer_holds_what_others_changed_since_the_page_was_loaded(site: ReviewSite) -> None:
    mine, theirs = Editor(site), Editor(site, site.signed_in("editor"))
    theirs.decide(kind="reject", path="legal.sentences[1]", reason="Wrong.", shown="0")
    parsed = LexborHTMLParser(mine.decide(do=f"accept {CLAIM}", shown="0").text)
    assert "rejected" in (unit_on(parsed, "legal.sentences[1]").attributes["class"] or "")
    assert "accepted" in (unit_on(parsed, CLAIM).attributes["class"] or "")


# What stands beside


def test_a_minute_at_work_counts_once(editor: Editor) -> None:
    for _ in range(2):
        assert editor.post("here").status_code == 204
    assert editor.site.desk.store.minutes(editor.site.id) == {editor.site.id: {"Ada": 1}}


def test_the_registry_is_searched_for_what_a_field_takes(editor: Editor) -> None:
    assert ("GDPR:17", "Art. 17 GDPR, Right to erasure (‘right to be forgotten’)")[0] in dict(
        find_choices("statutes", "gdpr 17")
    )
    assert all(":" not in ref for ref, _ in find_choices("instruments", "privacy"))
    assert find_choices("decisions", "replika")[0][0].startswith("GARANTE")
    assert len(find_choices("statutes", "a")) <= MOST_CHOICES
    assert find_choices("statutes", "  ") == find_choices("nothing", "gdpr") == []
    answer = editor.client.get("/registry/statutes", params={"q": "gdpr 17"})
    assert LexborHTMLParser(answer.text).css_first("option").attributes["value"] == "GDPR:17"


def test_every_finding_an_editor_is_told_of_is_one_that_the_checks_make() -> None:
    checks = "".join(
        path.read_text("utf-8") for path in (Path(__file__).parents[1] / "pipeline").rglob("*.py")
    )
    made_of_parts = {"law.no_such_provision"}
    for code in _SAYINGS.keys() - made_of_parts:
        assert checks.count(f'"{code}"') > 1, code


@pytest.mark.parametrize(
    ("code", "message", "told"),
    [
        (
            "facts.negation",
            'The claim says "we sell", and its evidence says the opposite: "we do not sell"; correct the claim to what the evidence says.',
            "The claim says “we sell”; the policy says the opposite: “we do not sell”.",
        ),
        (
            "coverage.severity_mismatch",
            "Rule H1 gives high and the provision says low; give the rule's level, or the rule that fits.",
            "The severity is low, while the rule given for it (H1) makes it high.",
        ),
        (
            "evidence.absence_refuted",
            'The policy does say "{0}": rights.2 reads "the {0} is"; correct the claim, or choose another.',
            "It says that the policy is silent, and rights.2 does say “{0}”.",
        ),
        ("evidence.missing", "whatever", _SAYINGS["evidence.missing"].plain),
        ("nobody.knows", "As the check says it.", "As the check says it."),
        ("facts.negation", "Worded otherwise.", "Worded otherwise."),
    ],
)
def test_findings_are_told_in_an_editors_words(code: str, message: str, told: str) -> None:
    assert tell_finding(Finding(code=code, severity="error", path="", message=message)) == told


def test_a_difference_makes_both_texts_and_gives_up_on_what_is_too_long() -> None:
    before, after = "We keep it for 30 days, or longer.", "They keep it for 90 days or longer, it seems."
    runs = diff_words(before, after)
    assert "".join(r.text for r in runs if r.kind != "inserted") == before
    assert "".join(r.text for r in runs if r.kind != "removed") == after
    long = "word " * MOST_WORDS
    assert [run.kind for run in diff_words(long, long + "more")] == ["removed", "inserted"]
    assert diff_words("", "") == ()
