"""From fetched bytes to a Document: decode, read by format, leave out what repeats, find what the document says of itself.

Whatever is left out on the way is a finding of the document; whatever cannot be read is one SourceError.
"""

from collections.abc import Callable, Sequence

from pipeline.document.blocks import Block, Blocks, Row
from pipeline.document.encoding import decode
from pipeline.document.hidden import find_hidden_text
from pipeline.document.metadata import find_metadata
from pipeline.document.nested import lead_in
from pipeline.document.passages import assemble, one_line, write_row
from pipeline.document.repeats import drop_repeats
from pipeline.document.suitability import unsuitable_reason
from pipeline.document.unseen import strip_unseen
from pipeline.errors import SourceError
from pipeline.source.fetched import Fetched
from schemas.document import Document, HiddenText, MediaType, Source
from schemas.finding import Finding

# A policy of a million words does not exist; beyond it somebody has given a data file.
_MOST_CHARS = 10_000_000
_MOST_PASSAGES = 200_000


def read_document(fetched: Fetched, *, force: bool = False) -> Document:
    """The document that ``fetched`` holds. The same bytes give the same document.

    ``force`` takes what does not read as a policy or terms document, with a finding. Raises SourceError in one
    sentence when there is nothing to read, too much, or something that stands in a document's place.
    """
    blocks, source = _read_blocks(fetched)
    blocks = strip_unseen(blocks)
    kept, findings = drop_repeats(lead_in(blocks.blocks))
    _check_length(kept, source.name)
    forced = _check_suitability(blocks, force=force)
    metadata = find_metadata(kept, blocks.meta, captured_at=fetched.captured_at)
    assembled = assemble(kept, metadata.language)
    if not assembled.passages:
        raise SourceError(
            f"No text could be found in {source.name}; save it from a browser, or give another format."
        )
    if len(assembled.passages) > _MOST_PASSAGES:
        raise SourceError(
            f"{source.name} holds more than {_MOST_PASSAGES} sentences, items and rows; give the policy alone."
        )
    return Document(
        title=metadata.title,
        company=metadata.company,
        language=metadata.language,
        effective_date=metadata.dates.get("effective"),
        updated_date=metadata.dates.get("updated"),
        bare_date=metadata.dates.get("bare"),
        captured_at=metadata.captured_at,
        source=source,
        text=assembled.text,
        sections=assembled.sections,
        passages=assembled.passages,
        hidden=tuple(
            HiddenText(text=one_line(text), reason=reason) for text, reason in blocks.hidden if text.strip()
        ),
        findings=(
            *forced,
            *findings,
            *find_hidden_text(blocks.hidden, assembled.text),
            *metadata.findings,
            *_broken_characters(assembled.text),
        ),
    )


def _read_blocks(fetched: Fetched) -> tuple[Blocks, Source]:
    source = fetched.source
    if source.media_type == "application/pdf":
        from pipeline.document.pdf import read_pdf

        return read_pdf(fetched.data), source
    if source.media_type == "application/docx":
        from pipeline.document.docx import read_docx

        return read_docx(fetched.data), source
    text, encoding = decode(fetched.data, source.encoding, source.media_type)
    if not text.strip():
        raise SourceError(f"{source.name} holds nothing but blank space; check that it was saved whole.")
    return _text_reader(source.media_type)(text), source.model_copy(update={"encoding": encoding})


def _text_reader(media_type: MediaType) -> Callable[[str], Blocks]:
    # Each reader brings its parser; only the one needed is loaded.
    if media_type == "text/html":
        from pipeline.document.html import read_html

        return read_html
    if media_type == "text/markdown":
        from pipeline.document.markdown import read_markdown

        return read_markdown
    from pipeline.document.plain import read_plain

    return read_plain


def _check_length(blocks: Sequence[Block], name: str) -> None:
    length = sum(
        sum(len(part) for pair in block.cells for part in pair) if isinstance(block, Row) else len(block.text)
        for block in blocks
    )
    if length > _MOST_CHARS:
        raise SourceError(f"{name} holds more than {_MOST_CHARS} characters of text; give the policy alone.")


def _check_suitability(blocks: Blocks, *, force: bool) -> list[Finding]:
    # With its repetitions, because the characters of the source are counted with them too.
    lines = (write_row(block) if isinstance(block, Row) else one_line(block.text) for block in blocks.blocks)
    text = "\n".join(lines)
    reason = unsuitable_reason(
        text, title=blocks.meta.get("title"), source_chars=blocks.source_chars, buttons=blocks.buttons
    )
    if reason is None:
        return []
    if not (force and reason.can_force):
        raise SourceError(reason.message)
    return [
        Finding(
            code="document.forced",
            severity="warning",
            path="",
            message="This does not read as a privacy policy or terms document; it was read because of --force.",
        )
    ]


def _broken_characters(text: str) -> list[Finding]:
    broken = text.count("\ufffd")
    if not broken:
        return []
    return [
        Finding(
            code="document.broken_characters",
            severity="warning",
            path="",
            message=f"{broken} characters of the source could not be decoded and show as \ufffd.",
        )
    ]
