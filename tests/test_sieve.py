"""The sieve: what a pattern needs is read from it, no match is lost, and a pattern that cannot be read is tried everywhere."""

import re
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.registry import decisions, prose, taxonomy, topics
from pipeline.registry.decisions import forbidden_statements, load_decisions
from pipeline.registry.sieve import Sieved, in_small, pieces_of, pieces_of_any
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.registry.topics import load_misstatements, load_topics, wrong_statements
from tests.tidewater import POLICY

CHECKS = (
    *("advice", "bases", "choices", "conclusions", "consistency", "coverage", "evidence", "figures"),
    *("instructions", "law", "markup", "names", "negations", "neighbours", "quantities", "scope", "wording"),
)


@pytest.mark.parametrize(
    ("pattern", "pieces"),
    [
        (r"\bunlawful\b", {"unlawful"}),
        (r"(?:violat|infring)(?:es?|ed)", {"violate", "infringe"}),
        (r"opt(?:s|ed)?[\s-]in", {"opt"}),
        (r"best[- ]in[- ]class", {"best-in-class", "best in-class", "best-in class", "best in class"}),
        (r"(?:legal|lawful) bas[ei]s", {"legal basis", "legal bases", "lawful basis", "lawful bases"}),
        (r"\bwhether\b|\?", {"whether", "?"}),
        (r"(?:un)?paid leave", {"paid leave"}),
        (r"x{2,3}yz(?=\s)", {"yz"}),
        (r"(?i:Settings)\s>", {"settings"}),
        (r"<<<\s*(?:DATA|TEXT)", {"<<<"}),
        (r"“[^”]+”", {"“"}),
        (r"(?:not )+sold", {"not "}),
    ],
)
def test_pieces_are_read_from_a_pattern(pattern: str, pieces: set[str]) -> None:
    assert pieces_of(pattern, re.IGNORECASE) == pieces


@pytest.mark.parametrize(
    "pattern", [r"\d+", r"(?:tax)?", r"(?:tax)*\w", r"tax|\w", r"(?!tax)\w+", r"(?<=tax)\w", r"a", "é", ""]
)
def test_a_pattern_without_certain_pieces_is_tried_everywhere(pattern: str) -> None:
    sieved = Sieved(pattern, re.IGNORECASE)
    assert sieved.pieces == ()
    assert sieved.may_match("nothing of it")


def test_a_pattern_is_tried_everywhere_when_its_parsed_form_is_another_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "re._parser", ModuleType("re._parser"))
    assert Sieved("unlawful").pieces == ()
    assert Sieved("unlawful").search("It is unlawful.") is not None


def test_what_may_not_match_is_left_alone_and_what_may_is_searched() -> None:
    sieved = Sieved(r"\bsell(?:s|ing)?\b", re.IGNORECASE)
    assert sieved.search("We SELL it.") is not None
    assert sieved.search("We keep it.") is None
    assert sieved.search("A bestseller.") is None
    assert [match[0] for match in sieved.finditer("It sells what sells.")] == ["sells", "sells"]
    assert list(sieved.finditer("nothing")) == []
    assert sieved.sub("_", "It sells.") == "It _."
    assert sieved.sub("_", "Nothing.") == "Nothing."
    assert sieved.search("sell, sell", 1) is not None
    assert sieved.search("sell", 1) is None


def test_letters_taken_for_plain_ones_without_regard_to_case_are_taken_so_here() -> None:
    every = "".join(map(chr, range(128, 0xD800)))
    for plain in "abcdefghijklmnopqrstuvwxyz":
        for match in re.finditer(plain, every, re.IGNORECASE):
            assert in_small(match[0]) == plain, hex(ord(match[0]))


def _sieved() -> list[tuple[str, Sieved]]:
    """Every pattern in use, with its place."""
    found: list[tuple[str, Sieved]] = []

    def look(place: str, value: Any) -> None:
        if isinstance(value, Sieved):
            found.append((place, value))
        elif isinstance(value, tuple | list):
            for n, one in enumerate(value):
                look(f"{place}[{n}]", one)
        elif isinstance(value, dict):
            for key, one in value.items():
                look(f"{place}[{key}]", one)

    for module in (
        decisions,
        prose,
        taxonomy,
        topics,
        *(import_module(f"pipeline.checks.{n}") for n in CHECKS),
    ):
        for name, value in vars(module).items():
            look(f"{module.__name__}.{name}", value)
    for topic in load_topics():
        look(topic.id, [topic.strong, topic.either])
    for entry in (*load_misstatements(), *load_decisions().do_not_cite):
        look(entry.id, entry.patterns)
    for category in load_taxonomy().categories:
        look(category.id, category._pattern)
    look("formats", load_decisions().formats)
    return found


SIEVED = _sieved()
# Every literal of the patterns themselves, in rows: texts that are rich in what they look for.
WORDS = sorted({piece for _, sieved in SIEVED for piece in sieved.pieces})
NAMES = (
    "GDPR",
    "CNIL",
    "Mistral",
    "OpenAI",
    "France",
    "California",
    "Art. 6(1)(f)",
    "30 days",
    "EUR 15",
    "we",
    "I",
)


def test_most_patterns_have_pieces() -> None:
    assert len(SIEVED) > 250
    without = [place for place, sieved in SIEVED if not sieved.pieces]
    assert len(without) < len(SIEVED) / 20, without


@settings(max_examples=40)
@given(st.lists(st.sampled_from((*WORDS, *NAMES, "not", "İ", "ſ", "ı", "K", "é", "—", "\n")), max_size=25))
@example(POLICY.split())
def test_no_match_is_lost(words: list[str]) -> None:
    text = " ".join(words)
    for form in (text, text.upper(), text.title()):
        for place, sieved in SIEVED:
            if not sieved.may_match(form):
                assert sieved.regex.search(form) is None, place


@settings(max_examples=40)
@given(st.lists(st.sampled_from((*WORDS, *NAMES)), max_size=25))
def test_one_look_for_all_statements_loses_none(words: list[str]) -> None:
    sentence = " ".join(words)
    assert wrong_statements(sentence) == tuple(e for e in load_misstatements() if e.is_made_by(sentence))
    assert forbidden_statements(sentence) == tuple(
        e for e in load_decisions().do_not_cite if e.is_made_by(sentence)
    )


def test_pieces_of_rows_are_those_of_the_rarest_pattern_of_each() -> None:
    rows = ((Sieved("no"), Sieved("consent")), (Sieved("lead authority"), Sieved("cookie")))
    assert pieces_of_any(rows) == ("consent", "lead authority")
    assert pieces_of_any((*rows, (Sieved(r"\d"),))) == ()
