"""English is told by its own words, without the model of languages; whatever is in doubt is left to that."""

import sys
from pathlib import Path

import pytest

from pipeline.document.language import find_language
from tests.tidewater import POLICY

BUNDLED = Path(__file__).parents[1] / "eval" / "policies"
DUTCH = "Wij verwerken je gegevens om de dienst te leveren of te verbeteren, en we delen ze met onze partners in Nederland. "
GERMAN = "Wir verarbeiten Ihre Daten, um den Dienst zu erbringen, und geben sie an unsere Partner in Deutschland weiter. "
DANISH = "Vi vil gerne have dine data, for at vi kan levere tjenesten, og vi deler dem med vores partnere i Danmark. "
ENGLISH = "We use your data to run the service that you have asked for, and we share it with our partners in this country. "


def without_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make its import fail."""
    monkeypatch.setitem(sys.modules, "py3langid", None)


def test_english_is_told_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    without_model(monkeypatch)
    assert find_language(POLICY.splitlines(), None) == "en"
    assert find_language([ENGLISH * 5], "de") == "en"
    assert find_language([ENGLISH.upper() * 5], None) == "en"


@pytest.mark.parametrize("text", [DUTCH, GERMAN, DANISH])
def test_another_language_is_left_to_the_model(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    without_model(monkeypatch)
    with pytest.raises(ImportError):
        find_language([text * 5], None)


@pytest.mark.parametrize(("text", "expected"), [(DUTCH, "nl"), (GERMAN, "de"), (DANISH, "da")])
def test_english_words_in_another_language_do_not_make_it_english(text: str, expected: str) -> None:
    assert find_language([text * 5 + ENGLISH], None) == expected


def test_a_few_english_words_are_no_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    without_model(monkeypatch)
    with pytest.raises(ImportError):
        find_language(["The name and the number of your account, our terms and this policy."], None)


@pytest.mark.parametrize("path", sorted(BUNDLED.glob("*")), ids=lambda path: path.stem)
def test_model_agrees_on_the_bundled_policies(path: Path) -> None:
    import py3langid

    text = path.read_text(encoding="utf-8")
    assert find_language(text.splitlines(), None) == py3langid.classify(text)[0] == "en"
