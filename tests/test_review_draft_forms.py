"""The forms of the draft's page and what they make of it: quotes without a passage, many findings at once, whole provisions, what is spared."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from pipeline.checks.shape import LONGEST_CONSUMER_SENTENCE, LONGEST_LEGAL_SENTENCE
from pipeline.errors import UsageError
from pipeline.review.quote_places import find_passage, passages_with
from schemas.draft import Draft
from tests.review_site import open_site, place, site
from tests.sample_draft import sample_draft
from tests.test_review_draft_page import CLAIM, PART, Editor, editor, fields_of, unit_on

__all__ = ["editor", "place", "site"]

OTHER = "legal.sentences[3]"
EXPOSURE = "risk.regulatory_exposure[0]"
UNVERIFIED = "ECPA:2511"  # from memory: whoever cites it is given a note, once for each


def asked(editor: Editor, wanted: str) -> LexborHTMLParser:
    """A form as a browser reads it."""
    answer = editor.client.get(f"{editor.here}/form", params={"open": wanted}, headers=PART)
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def cite(editor: Editor, path: str, ref: str) -> Any:
    """Put one statute more into a claim."""
    form = editor.form(f"edit {path}")
    empty = next(name for name in form if re.fullmatch(r"f\.statutes\.\d+\.ref", name) and not form[name])
    answer = editor.decide(**form | {empty: ref})
    assert answer.status_code == 200, answer.text
    return answer


def with_quote(editor: Editor, quote: str, passage_id: str = "") -> dict[str, str]:
    """The form of a claim with evidence in its empty row."""
    form = editor.form(f"edit {CLAIM}")
    row = max(re.findall(r"f\.evidence\.(\d+)\.quote", " ".join(form)), key=int)
    return form | {f"f.evidence.{row}.quote": quote, f"f.evidence.{row}.passage_id": passage_id}


def notes_at(editor: Editor, code: str) -> list[str]:
    """Where findings of a code stand that nobody set aside."""
    return [f.path for f in editor.reviewed().folded.findings if f.finding.code == code and not f.dismissed]


# Evidence: the words are enough


def test_the_passage_of_a_quote_is_found_where_one_alone_holds_it(editor: Editor) -> None:
    assert editor.decide(**with_quote(editor, "to improve Wren")).status_code == 200
    evidence = editor.reviewed().folded.units[CLAIM].value["evidence"]
    assert evidence[-1] == {"passage_id": "what-we-collect.3", "quote": "to improve Wren"}


def test_a_quote_that_several_passages_hold_comes_back_with_their_names(editor: Editor) -> None:
    refused = editor.decide(**with_quote(editor, "Basis: legitimate interest"))
    assert refused.status_code == 422
    parsed = LexborHTMLParser(refused.text)
    told = parsed.css_first("[role=alert]").text()
    assert told.startswith(
        "2 passages hold “Basis: legitimate interest”: what-we-collect.3, what-we-collect.5."
    )
    assert "Basis: legitimate interest" in fields_of(parsed).values()
    assert not editor.reviewed().decisions
    chosen = with_quote(editor, "Basis: legitimate interest", "what-we-collect.5")
    assert editor.decide(**chosen).status_code == 200


def test_a_quote_that_no_passage_holds_comes_back_with_the_one_that_begins_like_it(editor: Editor) -> None:
    refused = editor.decide(**with_quote(editor, "You can switch this off whenever you like."))
    assert refused.status_code == 422
    told = LexborHTMLParser(refused.text).css_first("[role=alert]").text()
    assert "No passage of the policy holds" in told
    assert "begins like training.2" in told
    with pytest.raises(UsageError, match="copy them as they stand there"):
        find_passage(sample_draft().document, "zebra")


def test_a_passage_is_found_though_spaces_and_quotation_marks_differ() -> None:
    document = sample_draft().document
    assert find_passage(document, " You  can switch\nthis off ") == "training.2"
    assert passages_with(document, " \n") == ()


# Findings


def test_a_finding_stands_above_the_words_that_it_is_about(editor: Editor) -> None:
    form = editor.form(f"edit {CLAIM}")
    answer = editor.decide(**form | {"f.text": form["f.text"].replace("45 days", "60 days")})
    unit = unit_on(LexborHTMLParser(answer.text), CLAIM)
    html = unit.html or ""
    assert (
        html.index('class="finding error"') < html.index('class="sentence"') < html.index('class="evidence"')
    )
    listed = LexborHTMLParser(answer.text).css("#findings .finding.error")
    here = next(f for f in listed if f.css_first(f'a[href="#{unit.id}"]'))
    assert (here.css_first("button").attributes["value"] or "").startswith(f"dismiss {CLAIM} ")


def test_notes_of_one_kind_are_set_aside_by_one_act_and_come_back_by_one(editor: Editor) -> None:
    cite(editor, CLAIM, UNVERIFIED)
    assert not editor.page().css(".of-kind")
    cite(editor, OTHER, "HIPAA")
    assert sorted(notes_at(editor, "law.unverified")) == [CLAIM, OTHER]
    button = editor.page().css_first(".of-kind button")
    assert button.text() == "Set aside all 2 of this kind…"
    wanted = button.attributes["value"] or ""
    form = asked(editor, wanted)
    assert "Legal 3; Legal 4" in form.css_first("form").text()
    refused = editor.decide(**fields_of(form))
    assert refused.status_code == 422
    answer = editor.decide(**fields_of(form) | {"reason": "Looked up in the code."})
    assert answer.status_code == 200
    assert notes_at(editor, "law.unverified") == []
    made = editor.reviewed().decisions[-2:]
    assert {(d.kind, d.reason, d.act) for d in made} == {
        ("dismiss", "Looked up in the code.", made[0].number)
    }
    assert "Set aside: 2 findings" in told(answer)
    again = editor.decide(**fields_of(form) | {"reason": "Looked up in the code."})
    assert "This was done already." in told(again)
    assert editor.reviewed().decisions[-2:] == made
    editor.post("undo", number=str(made[0].number))
    assert sorted(notes_at(editor, "law.unverified")) == [CLAIM, OTHER]


def test_without_scripts_the_form_for_many_findings_stands_on_the_page(editor: Editor) -> None:
    cite(editor, CLAIM, UNVERIFIED)
    cite(editor, OTHER, "HIPAA")
    form = fields_of(editor.page(open="dismiss  all:law.unverified"))
    answer = editor.decide(htmx=False, **form | {"reason": "Known."})
    assert answer.status_code == 303
    assert notes_at(editor, "law.unverified") == []


def test_what_must_be_settled_is_never_set_aside_by_its_kind(editor: Editor) -> None:
    code = "coverage.category_missing"
    assert len(notes_at(editor, code)) > 1
    assert not editor.page().css(".of-kind")
    fields = {"kind": "dismiss", "path": "", "finding": f"all:{code}", "reason": "All of it."}
    assert editor.decide(**fields).status_code in (400, 422)
    assert (
        editor.client.get(f"{editor.here}/form", params={"open": f"dismiss  all:{code}"}).status_code == 400
    )
    assert not editor.reviewed().decisions


# Rejections


def test_a_rejection_shows_its_reason_at_the_claim(editor: Editor) -> None:
    answer = editor.decide(kind="reject", path=CLAIM, reason="Said <twice>.", seen="0")
    unit = unit_on(LexborHTMLParser(answer.text), CLAIM)
    assert unit.css_first(".why").text() == "Rejected because: Said <twice>."
    answer = editor.decide(do=f"accept {CLAIM}", shown="1")
    assert not unit_on(LexborHTMLParser(answer.text), CLAIM).css(".why")


@pytest.mark.parametrize(
    ("path", "whole", "says"),
    [
        (f"{EXPOSURE}.rationale", EXPOSURE, "Reject the whole exposure"),
        ("risk.provisions[1].what_it_is", "risk.provisions[1]", "Reject the whole provision"),
    ],
)
def test_a_part_that_cannot_be_rejected_alone_says_what_rejects_it(
    editor: Editor, path: str, whole: str, says: str
) -> None:
    button = unit_on(editor.page(), path).css_first(".reject")
    assert button.text().startswith(says)
    assert button.attributes["value"] == f"reject {whole}"


# Adding a provision


NEW = {
    "f.category": "retention",
    "f.title": "Copies go abroad",
    "f.severity": "low",
    "f.severity_rule": "L2",
    "f.confidence": "high",
    "f.who_is_affected": "Everyone.",
    "f.what_it_is.text": "Copies are kept in Canada.",
    "f.what_it_is.evidence.0.quote": "keeps copies in Canada",
    "f.why_it_matters.text": "As we infer, other law applies.",
    "f.why_it_matters.basis": "inferred",
}


def test_a_provision_is_added_with_what_people_can_do_by_one_act(editor: Editor) -> None:
    action = {
        "f.what_you_can_do.1.kind": "control",
        "f.what_you_can_do.1.text": "Turn it off in settings.",
        "f.what_you_can_do.1.evidence.0.quote": "You can switch this off under Settings",
    }
    answer = editor.decide(**editor.form("add risk.provisions") | NEW | action)
    assert answer.status_code == 200, answer.text
    reviewed = editor.reviewed()
    assert [d.kind for d in reviewed.decisions] == ["add"]
    units = reviewed.folded.units
    assert units["risk.provisions[+1].what_it_is"].value["evidence"][0]["passage_id"] == "transfers.1"
    added = units["risk.provisions[+1].what_you_can_do[0]"].value
    assert added["text"] == "Turn it off in settings."
    assert added["evidence"][0]["passage_id"] == "training.2"
    assert "risk.provisions[+1].what_you_can_do[1]" not in units


def test_a_provision_without_actions_has_none_and_one_without_a_kind_comes_back(editor: Editor) -> None:
    form = editor.form("add risk.provisions") | NEW
    refused = editor.decide(**form | {"f.what_you_can_do.0.text": "Turn it off."})
    assert refused.status_code == 422
    assert fields_of(LexborHTMLParser(refused.text))["f.what_you_can_do.0.text"] == "Turn it off."
    assert editor.decide(**form).status_code == 200
    assert "risk.provisions[+1].what_you_can_do[0]" not in editor.reviewed().folded.units


# What is accepted together


@pytest.fixture
def doubted(tmp_path: Path) -> Iterator[Editor]:
    """Ada at a draft in which the model cites an unverified statute at one claim and invents a number in another."""
    raw = sample_draft().model_dump(mode="json")
    raw["legal"]["sentences"][0]["statutes"] = [{"ref": UNVERIFIED, "basis": "inferred"}]
    raw["risk"]["provisions"][1]["what_it_is"]["text"] += " It takes 97 days."
    with open_site(tmp_path / "store.db", tmp_path, [Draft.model_validate(raw)]) as site:
        yield Editor(site)


NOTED = "legal.sentences[0]"
WRONG = "risk.provisions[1].what_it_is"


def test_the_rest_spares_what_carries_notes_unless_the_box_is_ticked(doubted: Editor) -> None:
    menu = doubted.page().css_first("#desk-bar")
    count = menu.css_first("[name=count]").attributes["value"] or ""
    tick = menu.css_first("[name=noted]")
    assert (tick.attributes["value"], "checked" in tick.attributes) == ("1", False)
    assert menu.css_first(".noted a").text() == "Legal 1"
    assert "not verified" in menu.css_first(".noted li").text()
    assert doubted.decide(do="clear", count=count, noted="2").status_code == 400
    assert doubted.decide(do="clear", count=count).status_code == 200
    units = doubted.reviewed().folded.units
    assert {p for p, u in units.items() if u.status == "open"} == {NOTED, WRONG}
    # What is left carries a note: a press without the tick does nothing, and says so.
    assert "Accept 1 claim with notes as well" in doubted.page().css_first("#desk-bar").text()
    assert doubted.decide(do="clear", count="0").status_code == 400
    assert doubted.decide(do="clear", count="0", noted="1").status_code == 200
    assert doubted.reviewed().folded.units[NOTED].status == "accepted"


def test_a_card_with_a_finding_is_accepted_but_for_what_the_finding_is_about(doubted: Editor) -> None:
    entry = unit_on(doubted.page(), "risk.provisions[1]")
    whole = entry.css_first(".whole")
    assert " ".join(whole.text().split()).startswith("Accept 3 of 4")
    assert entry.css_first(".spared a").text() == "Provision 2, what it is"
    assert doubted.decide(do=whole.attributes["value"] or "").status_code == 200
    units = doubted.reviewed().folded.units
    inside = {p: u.status for p, u in units.items() if p.startswith("risk.provisions[1]")}
    assert inside.pop(WRONG) == "open"
    assert set(inside.values()) == {"accepted"}
    assert unit_on(doubted.page(), "risk.provisions[0]").css_first(".whole").text().startswith("Accept all")


# The policy's pane


def test_the_row_of_a_table_is_a_block_of_its_cells_and_reads_the_same_to_the_character(
    editor: Editor,
) -> None:
    document = editor.reviewed().draft.document
    page = editor.page()
    rows = 0
    for passage in document.passages:
        shown = page.css_first(f'[id="{passage.id}"] > p')
        assert shown.text() == document.text_of(passage)
        cells = shown.css(".cell")
        assert bool(cells) == (passage.kind == "row")
        rows += bool(cells)
    assert rows == 5
    cells = page.css('[id="what-we-collect.3"] .cell')
    assert [cell.css_first("b").text() for cell in cells] == ["Data: ", "Purpose: ", "Basis: "]
    assert cells[0].text() == "Data: pages you write and files you attach | "


def test_a_passage_tells_the_id_by_which_a_form_names_it(editor: Editor) -> None:
    assert editor.page().css_first('[id="training.2"]').attributes["title"] == "Passage training.2"


# Long forms


def test_a_long_list_is_folded_with_its_count_and_open_where_something_is_wrong(editor: Editor) -> None:
    def folded(wanted: str) -> list[str]:
        return [d.css_first("summary").text() for d in asked(editor, wanted).css("details.many")]

    assert folded(f"edit {CLAIM}") == []
    for ref in ("GDPR:16", "GDPR:15", "GDPR:13"):
        cite(editor, CLAIM, ref)
    count = len(editor.reviewed().folded.units[CLAIM].value["statutes"])
    assert count > 3
    assert folded(f"edit {CLAIM}") == [f"Statutes {count}"]
    cite(editor, CLAIM, "GDPR:999")
    assert folded(f"edit {CLAIM}") == []


def test_a_filled_field_of_the_registry_tells_what_stands_in_it(editor: Editor) -> None:
    form = asked(editor, f"edit {EXPOSURE}.rationale")
    names = [p.text() for p in form.css(".registry-name")]
    assert names[0] == "Art. 6(1)(f) GDPR, Lawfulness of processing · checked against the law's text"
    assert names[-1] == ""
    assert (
        asked(editor, f"edit {EXPOSURE}")
        .css_first(".registry-name")
        .text()
        .startswith("Regulation (EU) 2016")
    )


@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        ("edit consumer.sentences[0]", LONGEST_CONSUMER_SENTENCE),
        ("edit legal.sentences[0]", LONGEST_LEGAL_SENTENCE),
        ("add legal.sentences", LONGEST_LEGAL_SENTENCE),
        (f"edit {EXPOSURE}.rationale", None),
    ],
)
def test_a_sentence_has_the_limit_of_the_checks_for_the_page_to_count_to(
    editor: Editor, wanted: str, most: int | None
) -> None:
    box = asked(editor, wanted).css_first('[name="f.text"]')
    assert box.attributes.get("data-longest") == (None if most is None else str(most))


# An exposure's two parts


def told(answer: Any) -> str:
    """What an answer says was done."""
    return " ".join(LexborHTMLParser(answer.text).css_first("#told").text().split())


def test_who_changes_a_statute_in_one_part_of_an_exposure_is_told_of_the_other(editor: Editor) -> None:
    answer = editor.decide(**editor.form(f"edit {EXPOSURE}") | {"f.articles": "21(1)\n22(1)"})
    assert "The rationale cites Art. 6(1)(f) GDPR as well, and still does." in told(answer)
    assert "The rationale does not cite Art. 22(1) GDPR." in told(answer)
    answer = cite(editor, f"{EXPOSURE}.rationale", "GDPR:35")
    assert "The heading of the exposure does not cite Art. 35 GDPR." in told(answer)


def test_where_both_parts_of_an_exposure_agree_nothing_is_said(editor: Editor) -> None:
    assert "The heading" not in told(cite(editor, f"{EXPOSURE}.rationale", "GDPR:21(1)"))
    assert "The heading" not in told(cite(editor, f"{EXPOSURE}.rationale", "CCPA:1798.121"))
    assert "The rationale" not in told(
        editor.decide(**editor.form(f"edit {EXPOSURE}") | {"f.severity": "low"})
    )
    assert "cites" not in told(cite(editor, CLAIM, "GDPR:35"))
