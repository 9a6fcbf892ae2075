"""Folding: what a reader sees as the same text becomes the same characters, and each has its way back."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.checks.folding import fold, fold_lines, fold_text

# What real pages are made of: letters with marks, every shape of quote, dash and space, and what has no width.
_TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            "abcXYZ 019.,;'\"-`´‘’“”«»–—−\u00a0\u2009\u202f\u00ad\u200b\ufeff\n\téfiﬁ½…\u0301\u0327ｅ한\u1112\u1161\u11ab"
        ),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("the “Service”", 'the "Service"'),
        ("user’s data", "user's data"),
        ("user`s data", "user's data"),
        ("30\u00a0days", "30 days"),
        ("opt–out — always", "opt-out - always"),
        ("  a\n\tb  ", "a b"),
        ("per\u00adsonal da\u200bta", "personal data"),
        ("e\u0301te\u0301", "été"),
        ("con\ufb01dential", "confidential"),
        ("and so on…", "and so on..."),
        ("\u1112\u1161\u11ab", "한"),
    ],
)
def test_what_looks_the_same_is_folded_to_the_same(written: str, folded: str) -> None:
    assert fold_text(written) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("30 days", "31 days"), ("we do share", "we do not share"), ("Data", "data"), ("a, b", "a b")],
)
def test_a_changed_word_digit_case_or_comma_stays_different(one: str, other: str) -> None:
    assert fold_text(one) != fold_text(other)


@given(_TEXTS)
def test_text_folded_alone_is_the_text_of_the_map(text: str) -> None:
    assert fold_text(text) == fold(text).text


@given(_TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold_text(fold_text(text)) == fold_text(text)


@given(_TEXTS)
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    assert fold_text(unicodedata.normalize("NFD", text)) == fold_text(unicodedata.normalize("NFC", text))


@given(_TEXTS)
def test_every_folded_character_has_its_place_in_the_source_in_order(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)
    assert list(folded.ends) == sorted(folded.ends)


@given(_TEXTS, st.data())
def test_the_way_back_leads_to_text_that_folds_to_the_same_words(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    # A ligature or an ellipsis is one character of the source and several of the folded text: the span takes it whole.
    assert folded.text[start:end].strip() in fold_text(folded.span(start, end).of(text))


@given(st.lists(_TEXTS.filter(lambda text: "\n" not in text), max_size=4))
def test_lines_are_folded_as_each_alone_would_be(lines: list[str]) -> None:
    assert fold_lines("\n".join(lines)) == (tuple(map(fold_text, lines)) or ("",))


def test_a_long_run_of_marks_is_folded_and_keeps_its_places() -> None:
    text = "a" + "\u0315\u0300" * 200_000 + " end"
    folded = fold(text)
    assert folded.text.endswith(" end")
    assert folded.span(len(folded.text) - 3, len(folded.text)).of(text) == "end"
