"""Sentences end where they end: not after abbreviations of legal prose, not inside addresses, and also without a space."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document.sentences import LONGEST_PASSAGE, cut_long, split_sentences

SPLIT = {
    "legal abbreviations": (
        "en",
        "We rely on Art. 6 GDPR.| See No. 5 and Sec. 3.2. of the list, e.g. This one.| Cal. Civ. Code § 1798.100 applies."
        "| It takes approx. Five days, i.e. One week.| Compare cf. Art. 9.",
    ),
    "companies and countries": (
        "en",
        "Acme, Inc. runs it with Beta Co. Ltd. in the U.S. Department.| We sell in the U.S.| We also ship to the U.K. market."
        "| Beta Inc.| We differ.",
    ),
    "initials": ("en", "Write to J. R. Smith or to Dr. Jones.| They answer."),
    "answers": ("en", "Do we sell data?| No.| We do not."),
    "missing space": (
        "en",
        "They hold certifications.|We sign contracts.|The rest is kept for 5 years.|It ends.",
    ),
    "addresses": (
        "en",
        "See https://acme.example/Legal.Terms or Booking.Com, mail John.Doe@Example.Com, and use Node.Js with acme.AI too."
        "| Done.",
    ),
    "numbers": ("en", "Version 2.1.| It costs $1.5 million in 2026.|We pay."),
    "marked clause": ("en", "(a) Adequacy decisions.| These are decisions."),
    "marks inside": (
        "en",
        "It runs in the (a) Apple Store (an “App”) and (b) Play Store.| We charge nothing.",
    ),
    "list marks": ("en", "1. First thing.| 2. Second thing.| (a) Third thing."),
    "quotes": ("en", "“We sell.”| They said so.| Then what?| “Really?” he asked."),
    "German": (
        "de",
        "Wir nutzen z. B. Daten gem. Art. 6 Abs. 1 lit. a DSGVO.| Stand ist der 1. März 2026.| Siehe Nr. 5.",
    ),
    "French": ("fr", "Voir l'art. 5 du RGPD.| M. Dupont répond.| Nous gardons, p. ex. Vos factures."),
    "Chinese": ("zh", "我们收集您的个人信息。|您有权删除。|好吗？|是！"),
    "Japanese": ("ja", "当社は取り扱います。|第三者に提供しません。"),
}


@pytest.mark.parametrize(("language", "marked"), SPLIT.values(), ids=SPLIT)
def test_sentences_end_where_they_end(language: str, marked: str) -> None:
    assert split_sentences(marked.replace("|", ""), language) == [s.strip() for s in marked.split("|")]


@given(st.text(st.sampled_from("aB cé.!? ”“\"')(。§1;:,")), st.sampled_from(["en", "de", "zh", "und", "xx"]))
def test_nothing_but_spaces_is_left_out(text: str, language: str) -> None:
    line = " ".join(text.split())
    sentences = split_sentences(line, language)
    assert "".join(sentences).replace(" ", "") == line.replace(" ", "")
    assert all(s and s == s.strip() for s in sentences)


@pytest.mark.parametrize(
    "unit", ["“a. ", "certif.We ", "a.B", "1. ", "e.g. ", "word ", "x", "…”", "It ends. "]
)
def test_long_hostile_text_is_whole_and_bounded(unit: str) -> None:
    text = (unit * 40_000).strip()
    sentences = split_sentences(text)
    assert "".join(sentences).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, sentences)) <= LONGEST_PASSAGE


def test_long_text_is_cut_after_a_clause() -> None:
    pieces = cut_long("we share it with processors; " * 20, 100)
    assert all(piece.endswith(";") for piece in pieces)
    assert len(pieces) == 7


def test_where_a_long_paragraph_is_taken_apart_no_sentence_ends() -> None:
    sentence = "We rely on Art. 6 and on Cal. Civ. Code as well as No. 7 of the list, e.g. This one."
    assert split_sentences(" ".join([sentence] * 400)) == [sentence] * 400
