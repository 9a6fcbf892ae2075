"""The fold of a draft and its decisions: what an editor's draft is."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.errors import UsageError
from pipeline.review.fold import finding_key, fold, undone_by, unit_within
from pipeline.review.units import LISTS, list_of, place_of, read_entry, read_unit, walk_units
from schemas.finding import Finding
from schemas.review import Decision, NewDecision
from tests.sample_draft import sample_draft

AT = datetime(2026, 4, 1, tzinfo=UTC)
DRAFT = sample_draft()
SENTENCE = "legal.sentences[1]"
PROVISION = "risk.provisions[0]"


def decided(number: int, kind: str, path: str, **values: Any) -> Decision:
    return Decision.model_validate(
        {"number": number, "kind": kind, "path": path, "by": "anna", "at": AT, **values}
    )


def undo(number: int, undoes: int) -> Decision:
    return decided(number, "undo", "", undoes=undoes)


def said(path: str, text: str) -> dict[str, Any]:
    return {**fold(DRAFT, []).units[path].value, "text": text}


def entry(path: str) -> dict[str, Any]:
    """The first entry of a list, whole, under another name."""
    root, name = path.split(".")
    whole: dict[str, Any] = getattr(getattr(DRAFT, root), name)[0].model_dump(mode="json")
    return whole


# Units


def test_every_unit_has_a_path_that_names_it() -> None:
    for place, value in walk_units(DRAFT):
        assert place_of(place.path) == place
        assert isinstance(value, place.answer)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "legal",
        "legal.sentences",
        "legal.sentences[]",
        "legal.sentences[-1]",
        "legal.sentences[1].text",
        "legal.sentences[1].what_it_is",
        "risk.provisions[0].rationale",
        "risk.provisions[0].what_it_is[0]",
        "risk.provisions[0].what_you_can_do",
        "risk.provisions[0].what_it_is.what_it_is",
        "other.sentences[0]",
        "legal.sentences[1]\n",
        "legal.sentences[１]x",
    ],
)
def test_what_is_no_unit_has_no_place(path: str) -> None:
    assert place_of(path) is None


def test_a_list_that_can_grow_is_one_of_the_draft_or_a_provisions_actions() -> None:
    assert all(list_of(path) is answer for path, answer in LISTS.items())
    assert list_of(f"{PROVISION}.what_you_can_do") is not None
    assert list_of("risk.provisions[+7].what_you_can_do") is not None
    for path in ("risk", PROVISION, f"{PROVISION}.what_it_is", "risk.material_risks[0].what_you_can_do"):
        assert list_of(path) is None


def test_a_value_that_does_not_fit_is_refused_in_one_sentence() -> None:
    place = place_of(SENTENCE)
    assert place is not None
    with pytest.raises(UsageError, match=r"legal\.sentences\[1\] cannot be changed like this: text"):
        read_unit(place, {**said(SENTENCE, "x"), "text": 7})
    with pytest.raises(UsageError, match="Extra inputs"):
        read_unit(place, {**said(SENTENCE, "x"), "more": 1})
    provision = place_of(PROVISION)
    assert provision is not None
    with pytest.raises(UsageError, match="what_it_is is a claim of its own"):
        read_unit(provision, {**entry("risk.provisions")})
    with pytest.raises(UsageError, match="is no list"):
        read_entry("legal", {})


# Decisions by themselves


@pytest.mark.parametrize("kind", ["reject", "comment", "dismiss"])
def test_a_decision_that_needs_a_reason_has_one(kind: str) -> None:
    after = {"finding": "x"} if kind == "dismiss" else None
    with pytest.raises(ValidationError):
        NewDecision.model_validate({"kind": kind, "path": SENTENCE, "after": after, "reason": " "})


@pytest.mark.parametrize(("kind", "after"), [("accept", {}), ("edit", None), ("add", None), ("reject", {})])
def test_a_decision_has_a_new_value_exactly_when_it_makes_one(kind: str, after: Any) -> None:
    with pytest.raises(ValidationError):
        NewDecision.model_validate({"kind": kind, "path": SENTENCE, "after": after, "reason": "r"})


# The fold


def test_a_draft_that_nobody_decided_about_says_what_the_model_wrote() -> None:
    folded = fold(DRAFT, [])
    assert (folded.draft.consumer, folded.draft.legal, folded.draft.risk) == (
        DRAFT.consumer,
        DRAFT.legal,
        DRAFT.risk,
    )
    assert {u.status for u in folded.units.values()} == {"open"}
    assert all(u.now == path for path, u in folded.units.items())


def test_an_edit_changes_one_unit_and_never_the_models_draft() -> None:
    before = DRAFT.model_dump_json()
    folded = fold(DRAFT, [decided(1, "edit", SENTENCE, after=said(SENTENCE, "Other words."))])
    assert folded.draft.legal.sentences[1].text == "Other words."
    assert DRAFT.model_dump_json() == before
    unit = folded.units[SENTENCE]
    assert (unit.status, unit.last, unit.changed) == ("edited", 1, True)
    assert [u.path for u in folded.units.values() if u.status != "open"] == [SENTENCE]


def test_an_edit_back_to_what_the_model_wrote_is_an_acceptance() -> None:
    written = fold(DRAFT, []).units[SENTENCE].value
    edit = decided(1, "edit", SENTENCE, after=said(SENTENCE, "Other words."))
    folded = fold(DRAFT, [edit, decided(2, "edit", SENTENCE, after=written)])
    assert folded.units[SENTENCE].status == "accepted"


def test_what_is_rejected_is_gone_with_all_in_it_and_the_rest_moves_up() -> None:
    folded = fold(DRAFT, [decided(1, "reject", PROVISION, reason="r")])
    assert len(folded.draft.risk.provisions) == len(DRAFT.risk.provisions) - 1
    assert folded.units[PROVISION].now is None
    assert folded.units[f"{PROVISION}.what_it_is"].now is None
    assert folded.units["risk.provisions[1]"].now == PROVISION
    assert folded.units["risk.provisions[1].what_it_is"].now == f"{PROVISION}.what_it_is"


def test_an_added_sentence_stands_behind_those_of_its_role() -> None:
    new = {**entry("legal.sentences"), "role": "lawful_bases", "text": "Added."}
    folded = fold(DRAFT, [decided(1, "add", "legal.sentences", after=new)])
    roles = [s.role for s in folded.draft.legal.sentences]
    assert roles == sorted(roles, key=roles.index)
    assert folded.draft.legal.sentences[2].text == "Added."
    unit = folded.units["legal.sentences[+1]"]
    assert (unit.added, unit.status, unit.now) == (True, "accepted", "legal.sentences[2]")
    assert folded.units["legal.sentences[2]"].now == "legal.sentences[3]"


@pytest.mark.parametrize("path", [path for path in LISTS if path.startswith("risk.")])
def test_an_added_entry_stands_at_the_end_with_the_claims_in_it(path: str) -> None:
    root, name = path.split(".")
    if not getattr(getattr(DRAFT, root), name):
        pytest.skip("the invented draft has none of these")
    folded = fold(DRAFT, [decided(4, "add", path, after=entry(path))])
    entries = getattr(folded.draft.risk, name)
    assert len(entries) == len(getattr(DRAFT.risk, name)) + 1
    assert entries[-1] == getattr(DRAFT.risk, name)[0]
    assert folded.units[f"{path}[+4]"].now == f"{path}[{len(entries) - 1}]"


def test_an_action_can_be_added_to_an_entry_that_was_added_and_decided_about() -> None:
    action = {
        **fold(DRAFT, []).units[f"{PROVISION}.what_you_can_do[0]"].value,
        "text": "You can wait.",
    }
    made = [
        decided(1, "add", "risk.provisions", after=entry("risk.provisions")),
        decided(2, "add", "risk.provisions[+1].what_you_can_do", after=action),
        decided(3, "edit", "risk.provisions[+1].what_you_can_do[+2]", after={**action, "text": "Wait."}),
        decided(4, "reject", "risk.provisions[+1].what_you_can_do[0]", reason="r"),
    ]
    folded = fold(DRAFT, made)
    last = folded.draft.risk.provisions[-1]
    assert "Wait." in [a.text for a in last.what_you_can_do]
    assert len(last.what_you_can_do) == len(DRAFT.risk.provisions[0].what_you_can_do)
    assert folded.units["risk.provisions[+1].what_you_can_do[+2]"].last == 3


def test_when_an_addition_is_taken_back_what_was_decided_about_it_waits_for_it() -> None:
    added = decided(1, "add", "risk.provisions", after=entry("risk.provisions"))
    path = "risk.provisions[+1]"
    later = [
        decided(2, "accept", path),
        decided(3, "edit", f"{path}.what_it_is", after=said(f"{PROVISION}.what_it_is", "Edited.")),
        decided(
            4,
            "add",
            f"{path}.what_you_can_do",
            after=fold(DRAFT, []).units[f"{PROVISION}.what_you_can_do[0]"].value,
        ),
        decided(5, "comment", path, reason="hm"),
    ]
    gone = fold(DRAFT, [added, *later, undo(6, 1)])
    assert path not in gone.units
    assert gone.draft.risk == DRAFT.risk
    back = fold(DRAFT, [added, *later, undo(6, 1), undo(7, 6)])
    assert back.draft.risk.provisions[-1].what_it_is.text == "Edited."
    assert back.units[path].last == 7
    assert [d.number for d in back.units[path].decisions] == [1, 2, 5, 6, 7]


def test_what_was_taken_back_is_as_it_was_and_stays_in_the_history() -> None:
    edit = decided(1, "edit", SENTENCE, after=said(SENTENCE, "Other words."))
    folded = fold(DRAFT, [edit, undo(2, 1)])
    unit = folded.units[SENTENCE]
    assert (unit.status, unit.changed, unit.last) == ("open", False, 2)
    assert [d.number for d in unit.decisions] == [1, 2]
    assert folded.undone == {1}
    assert fold(DRAFT, [edit, undo(2, 1), undo(3, 2)]).units[SENTENCE].status == "edited"


def test_a_comment_changes_nothing_that_has_to_be_seen() -> None:
    folded = fold(DRAFT, [decided(1, "comment", SENTENCE, reason="hm")])
    assert folded.units[SENTENCE].last == 0
    assert len(folded.units[SENTENCE].decisions) == 1


def test_the_checks_run_again_on_what_was_edited_and_their_findings_stand_at_the_unit() -> None:
    wrong = {
        **said(SENTENCE, "It keeps data for 977 days."),
        "evidence": [{"passage_id": "intro.1", "quote": "never said"}],
    }
    folded = fold(DRAFT, [decided(1, "edit", SENTENCE, after=wrong)])
    (missing,) = [f for f in folded.findings_at(SENTENCE) if f.finding.code == "evidence.quote_missing"]
    assert missing.blocking
    assert missing in folded.blocking
    mended = fold(DRAFT, [decided(1, "edit", SENTENCE, after=wrong), undo(2, 1)])
    assert missing.key not in {f.key for f in mended.findings}


def test_a_finding_stands_at_its_unit_wherever_that_has_moved() -> None:
    path = "legal.sentences[5]"
    wrong = {
        **fold(DRAFT, []).units[path].value,
        "evidence": [{"passage_id": "intro.1", "quote": "never said"}],
    }
    made = [decided(1, "edit", path, after=wrong), decided(2, "reject", "legal.sentences[0]", reason="r")]
    one, both = fold(DRAFT, made[:1]), fold(DRAFT, made)
    assert both.units[path].now == "legal.sentences[4]"
    # The key is the same, so that a dismissal holds when something before it goes.
    assert {f.key for f in one.findings_at(path)} == {f.key for f in both.findings_at(path)}


def test_a_dismissed_finding_blocks_no_more_until_it_says_something_else() -> None:
    wrong = {
        **said(SENTENCE, "Other words."),
        "evidence": [{"passage_id": "intro.1", "quote": "never said"}],
    }
    edit = decided(1, "edit", SENTENCE, after=wrong)
    (found,) = [f for f in fold(DRAFT, [edit]).findings_at(SENTENCE) if "quote_missing" in f.key]
    dismiss = decided(2, "dismiss", SENTENCE, after={"finding": found.key}, reason="r")
    folded = fold(DRAFT, [edit, dismiss])
    (now,) = [f for f in folded.findings_at(SENTENCE) if f.key == found.key]
    assert (now.blocking, now.dismissed) == (False, dismiss)
    assert fold(DRAFT, [edit, dismiss, undo(3, 2)]).blocking == fold(DRAFT, [edit]).blocking
    other = {**wrong, "evidence": [{"passage_id": "intro.1", "quote": "said neither"}]}
    again = fold(DRAFT, [edit, dismiss, decided(3, "edit", SENTENCE, after=other)])
    assert any(f.blocking for f in again.findings_at(SENTENCE))


def test_a_draft_can_be_emptied_and_the_checks_say_what_is_missing() -> None:
    made = [
        decided(n, "reject", f"consumer.sentences[{n - 1}]", reason="r")
        for n in range(1, len(DRAFT.consumer.sentences) + 1)
    ]
    folded = fold(DRAFT, made)
    assert folded.draft.consumer.sentences == []
    assert any(f.finding.path.startswith("consumer") for f in folded.blocking)


def test_a_passage_that_is_called_like_an_artefact_is_no_unit() -> None:
    assert unit_within("risk.1", {"risk.provisions[0]"}) == ""
    assert unit_within("legal.sentences[12].text", {"legal.sentences[1]"}) == ""
    assert unit_within("legal.sentences[1].evidence[0]", {"legal.sentences[1]"}) == "legal.sentences[1]"


def test_the_key_of_a_finding_tells_units_and_messages_apart() -> None:
    def key(message: str, path: str) -> str:
        return finding_key(Finding(code="a.b", severity="error", path="x", message=message), path)

    assert len({key("m", "p"), key("m", "q"), key("n", "p"), key("m\np", "")}) == 4
    assert key("m", "p") == key("m", "p")


# Taking back


def test_an_undoing_can_be_undone_and_that_as_well() -> None:
    first = decided(1, "accept", SENTENCE)
    chain = [first, undo(2, 1), undo(3, 2), undo(4, 3)]
    assert [undone_by(chain[:n]) for n in range(1, 5)] == [set(), {1}, {2}, {1, 3}]


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(["accept", "edit", "reject", "add", "undo", "comment"]),
        st.integers(0, 400),
        st.integers(0, 400),
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(_ACTS)
def test_whatever_was_decided_the_draft_can_be_folded(acts: list[tuple[str, int, int]]) -> None:
    """Decisions on any unit there ever was, on added ones too, and any of them taken back in any order."""
    action = fold(DRAFT, []).units[f"{PROVISION}.what_you_can_do[0]"].value
    lists = [*LISTS, f"{PROVISION}.what_you_can_do"]
    known = [place.path for place, _ in walk_units(DRAFT)]
    values = {place.path: value for place, value in walk_units(DRAFT)}
    made: list[Decision] = []
    for number, (kind, one, other) in enumerate(acts, start=1):
        if kind == "undo":
            if made:
                made.append(undo(number, made[one % len(made)].number))
            else:
                made.append(decided(number, "comment", "", reason="r"))
            continue
        if kind == "add":
            path = lists[one % len(lists)]
            after = action if path.endswith("what_you_can_do") else None
            if after is None:
                root, name = path.split(".")
                entries = getattr(getattr(DRAFT, root), name)
                after = entries[other % len(entries)].model_dump(mode="json") if entries else None
            if after is None:
                made.append(decided(number, "comment", "", reason="r"))
                continue
            made.append(decided(number, "add", path, after=after))
            known.append(f"{path}[+{number}]")
            if path == "risk.provisions":
                lists.append(f"{path}[+{number}].what_you_can_do")
            continue
        path = known[one % len(known)]
        after = None
        if kind == "edit":
            unit = fold(DRAFT, made).units.get(path)
            after = (
                None
                if unit is None
                else {
                    name: f"{part} {other}" if name in ("text", "title", "reason", "action") else part
                    for name, part in unit.value.items()
                }
            )
            kind = "edit" if after else "accept"
        if kind == "reject" and not path.endswith("]"):
            kind = "accept"
        made.append(decided(number, kind, path, after=after, reason="r"))
    folded = fold(DRAFT, made)
    assert folded == fold(DRAFT, made)
    standing = [unit for unit in folded.units.values() if unit.now]
    assert len({unit.now for unit in standing}) == len(standing)
    paths = {place.path for place, _ in walk_units(folded.draft)}
    assert {unit.now for unit in standing} == paths
    assert set(values) <= set(folded.units)
    assert all(f.path == "" or f.path in folded.units for f in folded.findings)
