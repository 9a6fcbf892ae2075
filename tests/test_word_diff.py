"""What changed of a text, word by word: the runs make both texts, and a hostile text costs no more than a long one."""

import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.review.word_diff import MOST_WORDS, diff_words

_TEXTS = st.lists(
    st.sampled_from(["we", "keep", "it", " ", "  ", "\n", ",", ".", "é", "30"]), max_size=40
).map("".join)


def _told(before: str, after: str) -> str:
    shapes = {"same": "{}", "removed": "[-{}-]", "inserted": "{{+{}+}}"}
    return "".join(shapes[run.kind].format(run.text) for run in diff_words(before, after))


@given(_TEXTS, _TEXTS)
def test_what_is_the_same_and_removed_makes_the_first_text_and_with_what_is_inserted_the_second(
    before: str, after: str
) -> None:
    runs = diff_words(before, after)
    assert "".join(run.text for run in runs if run.kind != "inserted") == before
    assert "".join(run.text for run in runs if run.kind != "removed") == after
    assert all(run.text for run in runs)


def test_a_phrase_that_was_rewritten_is_one_change() -> None:
    before = "Deleted pages leave the servers after 45 days."
    assert _told(before, "Deleted pages leave our servers after 30 days.") == (
        "Deleted pages leave [-the-]{+our+} servers after [-45-]{+30+} days."
    )
    assert _told("We sell your data.", "We never ever lend your data.") == (
        "We [-sell-]{+never ever lend+} your data."
    )
    assert _told("Yes.", "Yes.") == "Yes."


def test_two_texts_of_the_same_few_words_in_another_order_are_compared_as_well() -> None:
    words = random.Random(1)
    before, after = (
        " ".join(words.choice(("the", "of", "data")) for _ in range(MOST_WORDS // 2)) for _ in range(2)
    )
    assert {run.kind for run in diff_words(before, after)} == {"same", "removed", "inserted"}
