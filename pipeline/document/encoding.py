"""From bytes to text, and from that text without the characters that parsers cannot stand.

The order is: byte order mark, what was declared, UTF-8, then detection. A declaration of a single-byte
charset is weak evidence, because such a charset decodes anything: bytes that are valid UTF-8 and not ASCII
are read as UTF-8 then.
"""

import codecs
import re

from charset_normalizer import from_bytes

from pipeline.errors import SourceError
from schemas.document import MediaType

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Labels mean their superset on the web: WHATWG Encoding Standard, "Names and labels".
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "utf-16": "utf-16-le",
}
_DETECTABLE = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859_2"),
    *("koi8_r", "mac_roman", "gb18030", "big5", "cp932", "euc_jp", "cp949", "iso2022_jp"),
]
_SAMPLE = 100_000

_META_CHARSET = re.compile(
    rb"<meta\b[^>]{0,300}?\bcharset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]{1,40})", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"\s*<\?xml\b[^>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")

# C0 controls but tab and line ends, DEL, C1, surrogates, and the noncharacters of every plane.
_NONCHARACTERS = "".join(chr(plane * 0x10000 + low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")
# What holds all of those and is found fifteen times as fast: a set of few ranges, most of the text outside.
_SUSPECT = re.compile("[^\t\n -~\xa0-\ud7ff\ue000-\ufdcf]+")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def decode(data: bytes, declared: str | None, media_type: MediaType) -> tuple[str, str]:
    """The text of ``data`` and the name of the encoding it was read in.

    ``declared`` is the charset of the HTTP header. Line ends come back as ``\\n``; control characters and
    noncharacters are gone, and so are the numeric references to them in HTML and Markdown. Raises SourceError
    when nothing decodes.
    """
    text, encoding = _decode(data, declared, media_type)
    text = _strip_controls(text.removeprefix("\ufeff"))
    return (text if media_type == "text/plain" else _strip_references(text)), encoding


def _decode(data: bytes, declared: str | None, media_type: MediaType) -> tuple[str, str]:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data[len(bom) :].decode(encoding, "replace"), encoding
    for label in (declared, _declared_inside(data) if media_type == "text/html" else None):
        if label and (decoded := _decode_as(data, label)) is not None:
            return decoded
    if wide := _wide_encoding(data):
        return data.decode(wide, "replace"), wide
    for encoding in ("iso2022_jp", "utf-8") if b"\x1b$" in data else ("utf-8",):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    if (text := _almost_utf8(data)) is not None:
        return text, "utf-8"
    return _detect(data)


def _decode_as(data: bytes, label: str) -> tuple[str, str] | None:
    try:
        name = codecs.lookup(label).name
        encoding = _SUPERSETS.get(name, name)
        # codecs also knows rot13, zip and base64, which are no charsets.
        text = data.decode(encoding)
    except (LookupError, UnicodeError, ValueError):
        return None
    if _is_single_byte(encoding) and not data.isascii():
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    return text, encoding


def _is_single_byte(encoding: str) -> bool:
    try:
        return len(bytes(range(0xC0, 0xE0)).decode(encoding, "replace")) == 32 and encoding != "utf-8"
    except (UnicodeError, LookupError):
        return False


def _declared_inside(data: bytes) -> str | None:
    head = data[:4096]
    found = _XML_ENCODING.match(head) or _META_CHARSET.search(head)
    label = found[1].decode("ascii") if found else None
    # The declaration was readable as ASCII, so it cannot be telling the truth when it says UTF-16.
    return "utf-8" if label and label.lower().startswith(("utf-16", "utf-32")) else label


def _wide_encoding(data: bytes) -> str | None:
    head = data[:65_536]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if len(head) < 4 or max(even, odd) < len(head) / 4 or min(even, odd) > len(head) / 40:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _almost_utf8(data: bytes) -> str | None:
    """UTF-8 with a few broken places, as a capture cut in a character has; each shows as U+FFFD, so nothing
    is lost unseen.
    """
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = sum(1 for char in text if char > "\x7f") - broken
    return text if broken * 3 <= sound else None


def _detect(data: bytes) -> tuple[str, str]:
    # Detection tries every charset on what it is given; a sample that ends at a line is enough to choose.
    cut = data.rfind(b"\n", 0, _SAMPLE) + 1 if len(data) > _SAMPLE else len(data)
    matches = from_bytes(data[: cut or _SAMPLE], cp_isolation=_DETECTABLE)
    for match in matches:
        try:
            return data.decode(match.encoding), match.encoding
        except UnicodeDecodeError:
            continue
    raise SourceError("The characters cannot be made out in any known encoding; save the document as UTF-8.")


def _strip_controls(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SUSPECT.sub(
        lambda run: _FORBIDDEN.sub(lambda match: _instead_of(match[0]), run[0]),
        text,
    )


def _instead_of(char: str) -> str:
    """What a forbidden character stood for: a break, a Windows-1252 character that kept its number, or
    nothing.
    """
    if char in "\x0b\x0c\x85":
        return "\n"
    if "\x1c" <= char <= "\x1f":
        return " "
    if "\x80" <= char <= "\x9f":
        return bytes([ord(char)]).decode("cp1252", "ignore")
    return ""


def _strip_references(text: str) -> str:
    # Taking one out can put another together (``&&#0;#0;``); a space in its place, the second time, cannot.
    text = _REFERENCE.sub(lambda match: "" if _is_forbidden(match) else match[0], text)
    return _REFERENCE.sub(lambda match: " " if _is_forbidden(match) else match[0], text)


def _is_forbidden(reference: re.Match[str]) -> bool:
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    digits = digits.lstrip("0")
    if len(digits) > 8:
        return True
    code = int(digits or "0", base)
    # HTML gives &#128; to &#159; the Windows-1252 characters that their authors meant.
    return code > 0x10FFFF or (not 0x80 <= code <= 0x9F and bool(_FORBIDDEN.match(chr(code))))
