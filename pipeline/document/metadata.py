"""What a document says of itself: title, company, language, dates; and when it was captured.

Each is taken only from where documents state it. What is not stated, or could be read two ways, is left out: a wrong company
or date would stand in every summary. The date of the last change is never taken for the effective date, nor is the capture.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pipeline.document.blocks import Block, Heading, Paragraph, Row
from pipeline.document.company import find_company
from pipeline.document.dates import PrintedDate, find_dates, find_months
from pipeline.document.language import find_language
from pipeline.document.passages import one_line, write_row
from schemas.document import DateKind
from schemas.finding import Finding, FindingSeverity

# The top of a document, where a date or a title may stand without more words: this many blocks.
_TOP = 12
_LONGEST_TITLE = 150
# Longest line that is a line about a date; words between "effective" and its date.
_LONGEST_DATE_LINE = 160
_CUE_TO_DATE = 60
_LONGEST_DATE = 30

_KINDS_OF_DOCUMENT = re.compile(
    r"\b(?:privacy|polic(?:y|ies)|terms|conditions|notice|agreement|statement|guidelines|addendum|cookies?|"
    r"confidentialité|protection des données|mentions légales|cgu|cgv|datenschutz\w*|nutzungsbedingungen|agb|"
    r"geschäftsbedingungen|privacidad|términos|condiciones|aviso legal|informativa|riservatezza|termini|condizioni|"
    r"privacidade|termos|condições|privacy\w*|voorwaarden|prywatności|regulamin|warunki)\b"
    r"|隐私|隱私|协议|協議|条款|條款|政策|プライバシー|規約|ポリシー|個人情報|개인정보|약관",
    re.IGNORECASE,
)
_TITLE_JOINTS = re.compile(r"\s+[|·•»]\s+|\s+[-–—]\s+|\s*::\s*|\s*｜\s*|\s*_\s+")

_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBERED = re.compile(r"\(?(?:\d+|[IVXivx]+|[A-Za-z])[.)]\s|\d")
# Sentences and lead-ins end so, and titles do not.
_ENDS = (".", ":", ";", "?", "。", "：")

# "This is when it takes effect" before "this is when it was changed".
_EFFECTIVE = re.compile(
    r"\beffective\b|\b(?:takes?|comes?|came|entered) (?:effect|into (?:force|effect))|\bin (?:force|effect) (?:since|from|as of)\b|\bvalid from\b"
    r"|entrée? en vigueur|\ben vigueur\b|date d['’]effet|applicable (?:à compter|depuis|à partir)"
    r"|\bgültig (?:ab|seit)\b|in kraft|\bgilt ab\b|wirksam (?:ab|seit)"
    r"|\bvigente\b|\bvigencia\b|entra(?:da|rá)? en vigor|\bin vigore\b|\bvalid[ao] dal|\bvigência\b|entra(?:da)? em vigor|\bem vigor\b"
    r"|ingangsdatum|geldig (?:vanaf|sinds|per)|van kracht|obowiązuj\w+ od|生效|施行|発効|적용|시행",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"\b(?:last |most recently |date of (?:last )?|latest )?(?:updated?|modified|revised|revision|amended|reviewed|changed)\b|\bversion\b|\bdated?\b|\bas of\b"
    r"|mis(?:e)? à jour|modifiée?|version du|dernière (?:révision|modification)"
    r"|\bstand\b|aktualisiert|\bletzte (?:aktualisierung|änderung)|zuletzt geändert|fassung vom"
    r"|actualizad[ao]|última (?:actualización|modificación|revisión)|fecha de|ultim[oa] (?:aggiornamento|modifica|revisione)|aggiornat[ao]"
    r"|atualizad[ao]|última (?:atualização|modificação|revisão)|bijgewerkt|laatst(?:e)? (?:gewijzigd|wijziging|update|versie)|gewijzigd"
    r"|aktualizac\w+|zaktualizowan\w+|更新|修订|修訂|改訂|改定|制定|版本|발효|개정",
    re.IGNORECASE,
)
# In running text further down, the sentence must be about the document itself.
_ABOUT_ITSELF = re.compile(
    r"\b(?:this|these|our|the present) (?:\w+ ){0,3}?(?:policy|notice|terms|agreement|statement|document|conditions|addendum)\b"
    r"|\b(?:cette|la présente|ces|les présentes) (?:\w+ ){0,3}?(?:politique|charte|conditions|notice|déclaration)"
    r"|\bdiese[rs]? (?:\w+ ){0,3}?(?:datenschutz\w*|erklärung|bedingungen|richtlinie|hinweise)"
    r"|\b(?:esta|estos|la presente|questa|questi|la presente|esta|estes|dit|deze) (?:\w+ ){0,3}?"
    r"(?:política|términos|condiciones|informativa|termini|condizioni|termos|condições|beleid|verklaring|voorwaarden|privacy\w*)"
    r"|本(?:政策|协议|協議|条款|條款|规约|規約|ポリシー|声明)",
    re.IGNORECASE,
)
_NOT_NOW = re.compile(
    r"\b(?:previous|prior|former|earlier|archived|old(?:er)?|until|expires?|no longer|replac\w+|supersed\w+)\b|précédente?|vorherige|frühere|bis zum|anterior|precedente|vorige|旧|之前",
    re.IGNORECASE,
)

# The kinds of date in the order in which they count, and what one of each is called.
_NAMES: dict[DateKind, str] = {
    "effective": "its effective date",
    "updated": "the date of its last update",
    "bare": "its date",
}


@dataclass(frozen=True, slots=True)
class Metadata:
    """What was found, and the findings about what was not. ``language`` is a BCP 47 primary tag, ``und`` when unknown.

    ``dates`` holds a ``bare`` date only where no date says what it is.
    """

    title: str | None
    company: str | None
    language: str
    dates: Mapping[DateKind, date]
    captured_at: datetime | None
    findings: tuple[Finding, ...]


def find_metadata(
    blocks: Sequence[Block], meta: Mapping[str, str], *, captured_at: datetime | None = None
) -> Metadata:
    """Metadata of the blocks. ``meta`` is what the format says about itself, ``captured_at`` what the source says."""
    lines = [(block, _line(block)) for block in blocks]
    texts = [line for _, line in lines]
    language = find_language(texts, meta.get("language"))
    title = find_title(blocks, meta)
    dates, findings = find_own_dates(texts, language)
    return Metadata(
        title=title,
        company=find_company(
            texts, title=title, page_title=meta.get("title"), site_name=meta.get("site_name")
        ),
        language=language,
        dates=dates,
        captured_at=captured_at or _moment(meta.get("captured")),
        findings=tuple(findings),
    )


def find_title(blocks: Sequence[Block], meta: Mapping[str, str]) -> str | None:
    """The heading that names the document, or what the format gives as title, or None."""
    headings = [(block.level, one_line(block.text)) for block in blocks[:_TOP] if isinstance(block, Heading)]
    top = [text for level, text in headings if level == 1][:2]
    parts = [part.strip() for part in _TITLE_JOINTS.split(one_line(meta.get("title", "")))]
    lines = [
        one_line(block.text)
        for block in blocks[:_TOP]
        if isinstance(block, Paragraph) and len(block.text) <= 80 and not block.text.rstrip().endswith(_ENDS)
    ]
    others = [text for level, text in headings if level > 1 and not _NUMBERED.match(text)][:1]
    for title in (*top, *parts, *others, *lines):
        if _is_title(title) and _KINDS_OF_DOCUMENT.search(title) and not _dated(title):
            return title
    return next((title for title in (*top, *parts, *others) if _is_title(title)), None)


def _is_title(text: str) -> bool:
    return 2 < len(text) <= _LONGEST_TITLE


def find_own_dates(lines: Sequence[str], language: str) -> tuple[dict[DateKind, date], list[Finding]]:
    """The date from which the document says that it applies and that of its last change, else a bare one; and findings.

    A date counts where a line says what it is, or where it stands alone near the top.
    """
    # Plain text may still carry the marks of emphasis.
    lines = [line.strip("_* ") for line in lines]
    found = list(_stated_dates(lines, language))
    dates: dict[DateKind, date] = {}
    findings: list[Finding] = []
    for kind, name in _NAMES.items():
        first = next((printed for each, printed in found if each == kind), None)
        if first is None or (kind == "bare" and (dates or findings)):
            continue
        if first.value:
            dates[kind] = first.value
        elif not dates:
            told = f"The document prints {first.words}, which can be read as two dates; it was not taken as {name}."
            findings.append(_finding("document.ambiguous_date", "warning", told))
    others = {p.value for kind, p in found if kind != "bare" and p.value} - set(dates.values())
    if dates and others:
        taken = " and ".join(f"{value.isoformat()} as {_NAMES[kind]}" for kind, value in dates.items())
        left = ", ".join(sorted(value.isoformat() for value in others))
        told = f"The document prints several dates: {taken} was taken, and {left} was not."
        findings.append(_finding("document.several_dates", "info", told))
    if not dates and not findings:
        months = [m for line in lines[:_TOP] if len(line) <= _LONGEST_DATE_LINE for m in find_months(line)]
        told = (
            f"it prints {months[0]} without a day." if months else "it prints none where documents state it."
        )
        findings.append(_finding("document.no_date", "info", f"The document has no date of its own: {told}"))
    return dates, findings


def _stated_dates(lines: Sequence[str], language: str) -> Iterator[tuple[DateKind, PrintedDate]]:
    """Dates with what each one is said to be; a ``bare`` one stands alone near the top."""
    for number, line in enumerate(lines):
        if not _YEAR.search(line[:2_000]):
            continue
        short = len(line) <= _LONGEST_DATE_LINE
        near_top = number < _TOP
        if not short and not near_top and not _ABOUT_ITSELF.search(line[:2_000]):
            continue
        for sentence in _around_dates(line if short else line[:2_000]):
            for printed in find_dates(sentence, language)[:3]:
                before = sentence[max(0, printed.start - _CUE_TO_DATE) : printed.start]
                after = sentence[printed.end : printed.end + 30]
                # A line of its own begins with what it is about; a sentence further down speaks of the document.
                opens = len(sentence) - len(printed.words) <= 60 and sentence[: printed.start].count(" ") <= 6
                if _NOT_NOW.search(before) or not (near_top or opens or _ABOUT_ITSELF.search(sentence)):
                    continue
                if not (opens or _ABOUT_ITSELF.search(sentence)) and len(sentence) > _LONGEST_DATE_LINE:
                    continue
                if _EFFECTIVE.search(before) or _EFFECTIVE.match(after.lstrip(" ,;:()（")):
                    yield "effective", printed
                elif _UPDATED.search(before) or _UPDATED.match(after.lstrip(" ,;:()（")):
                    yield "updated", printed
                elif near_top and len(sentence) - len(printed.words) <= 4:
                    yield "bare", printed


def _around_dates(line: str) -> Iterator[str]:
    """Pieces of a line that can be about one date: its sentences, cut roughly, so that abbreviations do not matter."""
    before = ""
    for cell in line.split(" | "):
        for piece in re.split(r"(?<=[^\W\d_]{5}[.!?])\s+|(?<=[。；;])", cell):
            if _YEAR.search(piece):
                # A cell that holds no more than a date is what the short cell before it says.
                yield f"{before} {piece}" if len(piece) <= _LONGEST_DATE and _is_cue(before) else piece
        before = cell


def _is_cue(cell: str) -> bool:
    return len(cell) <= _CUE_TO_DATE and bool(_EFFECTIVE.search(cell) or _UPDATED.search(cell))


def _line(block: Block) -> str:
    return write_row(block) if isinstance(block, Row) else one_line(block.text)


def _dated(title: str) -> bool:
    return bool(find_dates(title, "en")) and len(title) < 40


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _finding(code: str, severity: FindingSeverity, message: str) -> Finding:
    return Finding(code=code, severity=severity, path="", message=message)
