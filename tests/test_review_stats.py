"""The figures of what editors changed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.review.stats import make_stats, share
from pipeline.store.review_records import ReviewRow, Tally
from schemas.review import Decision
from tests.review_drafts import MORNING, row


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_a_share_has_the_interval_of_wilson(count: int, of: int, low: float, high: float) -> None:
    found = share(count, of)
    assert found.share == count / of
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


def test_a_share_of_nothing_is_none_and_not_zero() -> None:
    found = share(0, 0)
    assert (found.share, found.low, found.high) == (None, None, None)


def reviewed(id_: str, state: str = "approved", model: str = "heron", **counts: int) -> ReviewRow:
    return row(
        id_,
        state=state,
        approved_at=MORNING if state in ("approved", "published", "superseded") else None,
        tally=Tally(claims={"legal": counts}, codes={"law.unknown": 2}),
        models={"legal": model},
        prompts={"legal": "legal.v1"},
    )


def test_drafts_of_one_prompt_and_model_are_counted_together_and_those_in_review_apart() -> None:
    rows = [
        reviewed("a", accepted=3, edited=1, added=2),
        reviewed("b", state="published", accepted=1, rejected=4, undecided=1),
        reviewed("c", state="superseded", accepted=1),
        reviewed("d", model="wren", accepted=9),
        reviewed("e", state="in_review", accepted=1, undecided=5),
        reviewed("f", state="drafted", undecided=7),
        replace(reviewed("g", state="drafted"), state="superseded"),
    ]
    stats = make_stats(rows, {}, {})
    heron, wren = stats.approved
    assert (heron.model, heron.prompt, heron.drafts, heron.claims) == ("heron", "legal.v1", 3, 11)
    counts = (heron.accepted, heron.edited, heron.rejected, heron.undecided)
    assert [(s.count, s.of) for s in counts] == [(5, 11), (1, 11), (4, 11), (1, 11)]
    assert (heron.added.count, heron.added.of) == (2, 9)
    assert (wren.model, wren.claims) == ("wren", 9)
    (begun,) = stats.in_review
    assert (begun.drafts, begun.claims, begun.undecided.count) == (1, 6, 5)
    assert stats.drafts == {"approved": 2, "drafted": 1, "in_review": 1, "published": 1, "superseded": 2}
    assert stats.codes == (("law.unknown", 8),)


def test_the_minutes_of_a_draft_are_those_of_all_its_editors() -> None:
    rows = [reviewed(id_, accepted=1) for id_ in "abcde"] + [reviewed("x", state="in_review", accepted=1)]
    minutes = {
        "a": {"anna": 10, "bo": 10},
        "b": {"anna": 30},
        "c": {"bo": 40},
        "d": {"bo": 50},
        "x": {"bo": 999},
    }
    found = make_stats(rows, minutes, {}).minutes
    assert found is not None
    assert (found.drafts, found.lower, found.median, found.upper) == (4, 27.5, 35, 42.5)
    one = make_stats(rows[:1], minutes, {}).minutes
    assert one is not None
    assert (one.drafts, one.lower, one.median, one.upper) == (1, 20, 20, 20)
    assert make_stats(rows[4:], {}, {}).minutes is None


def test_reasons_are_counted_where_they_were_given_and_not_when_taken_back() -> None:
    def rejected(number: int, reason: str, **more: object) -> Decision:
        return Decision.model_validate(
            {
                "number": number,
                "kind": "reject",
                "path": "legal.sentences[0]",
                "by": "anna",
                "at": MORNING + timedelta(minutes=number),
                "reason": reason,
                **more,
            }
        )

    undo = rejected(4, "").model_copy(update={"kind": "undo", "undoes": 3})
    rejections = {
        "a": [
            rejected(1, "Not in the policy."),
            rejected(2, "not  in the\npolicy"),
            rejected(3, "Oops"),
            undo,
        ],
        "b": [rejected(1, "Too long"), rejected(2, "NOT IN THE POLICY", carried_from="a:1")],
        "x": [rejected(1, "Too long")],
    }
    rows = [
        reviewed("a", rejected=2),
        reviewed("b", rejected=2),
        reviewed("x", state="in_review", rejected=1),
    ]
    assert make_stats(rows, {}, rejections).reasons == (("Not in the policy.", 2), ("Too long", 1))
