"""From bytes to text: marks, declarations, detection, and what is taken out."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.document.encoding import decode
from pipeline.errors import SourceError
from schemas.document import MediaType

GERMAN = "Wir löschen Ihre Daten. Für Rückfragen wählen Sie größere Schrift – „gern“ geschehen. " * 5
FRENCH = "Nous traitons vos données à caractère personnel. Où ? Ça dépend, évidemment. " * 5
POLISH = "Przetwarzamy Państwa dane osobowe zgodnie z prawem. Żądanie usunięcia można złożyć później. " * 5
RUSSIAN = "Мы собираем ваши персональные данные и храним их в течение одного года. " * 5
JAPANESE = "当社は、お客様の個人情報を適切に取り扱います。第三者への提供は行いません。" * 5
CHINESE = "我们收集您的个人信息，并在必要的期限内保存。您有权删除您的数据。" * 5
KOREAN = "우리는 귀하의 개인정보를 수집하고 보관합니다. 언제든지 삭제를 요청할 수 있습니다. " * 5


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_byte_order_mark_outranks_the_declaration(bom: bytes, encoding: str) -> None:
    assert decode(bom + FRENCH.encode(encoding), "iso-8859-1", "text/html") == (FRENCH, encoding)


@pytest.mark.parametrize(
    ("text", "charset", "read_as"),
    [
        (FRENCH, "iso-8859-1", "cp1252"),
        (GERMAN, "windows-1252", "cp1252"),
        (POLISH, "windows-1250", "cp1250"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (JAPANESE, "shift_jis", "cp932"),
        (JAPANESE, "iso-2022-jp", "iso2022_jp"),
        (CHINESE, "gb2312", "gb18030"),
        (CHINESE, "big5hkscs", "big5hkscs"),
        (KOREAN, "euc-kr", "cp949"),
    ],
)
def test_declared_charset_is_used(text: str, charset: str, read_as: str) -> None:
    if charset == "big5hkscs":
        text = "我們"
    data = text.encode(charset)
    assert decode(data, charset, "text/plain") == (text, read_as)
    page = f'<html><head><meta charset="{charset}"></head>'.encode() + data
    assert decode(page, None, "text/html")[0].endswith(text)
    old = f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'.encode() + data
    assert decode(old, None, "text/html")[0].endswith(text)


def test_xml_declaration_is_used() -> None:
    page = f'<?xml version="1.0" encoding="windows-1250"?>{POLISH}'
    assert decode(page.encode("cp1250"), None, "text/html")[0] == page


@pytest.mark.parametrize(
    "declared", ["iso-8859-1", "us-ascii", "windows-1251", "no-such-charset", "base64", "utf-16"]
)
def test_wrong_declaration_does_not_garble_utf8(declared: str) -> None:
    assert decode(FRENCH.encode(), declared if declared != "utf-16" else None, "text/html") == (
        FRENCH,
        "utf-8",
    )
    page = f'<meta charset="{declared}">{FRENCH}'
    assert decode(page.encode(), None, "text/html")[0] == page


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_seen(encoding: str) -> None:
    assert decode(GERMAN.encode(encoding), None, "text/plain") == (GERMAN, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (FRENCH, "cp1252"),
        (POLISH, "cp1250"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (CHINESE, "gb18030"),
        (KOREAN, "cp949"),
    ],
)
def test_undeclared_charset_is_detected(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding), None, "text/plain")[0] == text


def test_one_broken_place_in_utf8_shows_and_costs_nothing_else() -> None:
    data = FRENCH.encode()
    broken = data[:200] + b"\xc3" + data[200:]
    text, encoding = decode(broken, None, "text/plain")
    assert encoding == "utf-8"
    assert text.count("\ufffd") == 1
    assert text.replace("\ufffd", "") == FRENCH


def test_what_no_charset_fits_is_an_error() -> None:
    noise = bytes((i * 7919 + i * i * 31) % 256 for i in range(4_000))
    with pytest.raises(SourceError, match="UTF-8"):
        decode(noise, None, "text/plain")


def test_line_ends_become_one() -> None:
    assert decode(b"a\r\nb\rc\nd", None, "text/plain")[0] == "a\nb\nc\nd"


def test_control_characters_go_and_words_stay() -> None:
    assert decode("pri\0vacy\x08 po\ufffflicy\x7f\ufdd0".encode(), None, "text/plain")[0] == "privacy policy"
    assert decode(b"one\x0ctwo\x0bthree\x1ffour", None, "text/plain")[0] == "one\ntwo\nthree four"


def test_windows_characters_under_a_wrong_number_are_kept() -> None:
    assert decode("don\x92t \x93sell\x94".encode(), None, "text/html")[0] == "don’t “sell”"


@pytest.mark.parametrize(
    "reference", ["&#0;", "&#x1F;", "&#x1f", "&#31;", "&#xFFFE;", "&#xD800;", "&#1114112;", "&#x00000B;"]
)
def test_references_to_forbidden_characters_go(reference: str) -> None:
    for kind in ("text/html", "text/markdown"):
        assert decode(f"<p>We{reference} share</p>".encode(), None, kind)[0] == "<p>We share</p>"
    assert reference in decode(f"We{reference} share".encode(), None, "text/plain")[0]


@pytest.mark.parametrize(
    "reference", ["&#9;", "&#10;", "&#65;", "&#x2019;", "&#146;", "&#x1F600;", "&amp;", "&#x;", "&#;"]
)
def test_other_references_stay(reference: str) -> None:
    assert decode(f"We{reference} share".encode(), None, "text/html")[0] == f"We{reference} share"


def test_reference_with_thousands_of_digits_is_no_burden() -> None:
    assert decode(b"a&#" + b"9" * 50_000 + b";b", None, "text/html")[0] == "ab"


REFERENCES = st.sampled_from(
    ["&", "#", "x", "0", "1", "F", ";", "&#0;", "&#x1F;", "\0", "\x1f", "words", "\ufffe"]
)


@given(st.lists(REFERENCES).map("".join))
def test_nothing_forbidden_is_left_however_it_is_put_together(text: str) -> None:
    for kind in ("text/html", "text/plain"):
        once, _ = decode(text.encode(), "utf-8", kind)
        assert decode(once.encode(), "utf-8", kind)[0] == once


@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn"), exclude_characters="&\ufeff")))
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    kind: MediaType = "text/html"
    assert decode(text.encode(), "utf-8", kind) == (text, "utf-8")
