"""How well and how fast documents are read: our reading of real pages against an archive's own extraction of them.

For each page that stands beside its Markdown twin in ``../shared/policies``: the share of the twin's sentences, items and cells that
our document has, and the share of our document that the twin does not have. Letters and digits alone are compared, because the
twin has lost spaces that the page shows. What differs is printed for people to judge, since a twin can be wrong too: words of a
twin that stand nowhere in the page's own text are counted apart.

    python -m benchmarks.ingest
"""

import hashlib
import platform
import re
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path

from markdown_it import MarkdownIt
from selectolax.lexbor import LexborHTMLParser

from pipeline.document.reader import read_document
from pipeline.source.fetched import Fetched
from schemas.document import Document, MediaType, Source

ROOT = Path(__file__).parents[1]
POLICIES = ROOT.parent / "shared" / "policies"
BUNDLED = ROOT / "eval" / "policies" / "mistral-2026-04-08.html"
SECONDS = 3.0
SIZE = 50_000
AIM_FOUND, AIM_EXTRA, AIM_PER_SECOND = 0.99, 0.01, 20.0

_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-z])")
_WORDS = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
# Words of ours count as the twin's when they stand in a run of this many that it has too.
_RUN = 3


@dataclass(frozen=True, slots=True)
class Comparison:
    """One page beside its twin.

    ``pieces`` is how many sentences, items and cells the twin has; ``not_in_page`` those that the page itself does not hold, ``missing`` the
    others that our document lacks. ``words`` is how many words our document has, ``extra`` the runs of them that the twin lacks.
    """

    name: str
    pieces: int
    not_in_page: tuple[str, ...]
    missing: tuple[str, ...]
    words: int
    extra: tuple[str, ...]

    @property
    def found_share(self) -> float:
        """The share that we have of what both the twin and the page hold."""
        return 1 - len(self.missing) / (self.pieces - len(self.not_in_page))

    @property
    def extra_share(self) -> float:
        """The share of our words that the twin does not have."""
        return sum(len(text.split()) for text in self.extra) / self.words


def main() -> int:
    """Print all figures; 1 when a page is not read as well as is aimed at. Speed is the machine's too, and fails nothing."""
    pages = sorted((POLICIES / "html").glob("*.html")) if POLICIES.is_dir() else []
    if not pages:
        print(
            "../shared/policies is not there: no real pages are compared, and speed is measured on the bundled policy alone."
        )
    missed = 0
    for page in pages:
        twin = POLICIES / f"{page.stem}.md"
        if twin.is_file():
            missed += _print_comparison(compare(page, twin))
        else:
            print(f"{page.stem}: has no Markdown twin and is not compared")
    print()
    twins = [path for path in (POLICIES / f"{page.stem}.md" for page in pages) if path.is_file()]
    for label, paths in (
        ("bundled policy, HTML", [BUNDLED]),
        ("real pages, HTML", pages),
        ("real pages, Markdown", twins),
    ):
        if paths:
            per_second = _speed(paths)
            remark = "" if per_second >= AIM_PER_SECOND else f", below the aim of {AIM_PER_SECOND:g}"
            print(f"{label}: {per_second:.1f} policies of 50 kB a second on one core{remark}")
    versions = ", ".join(f"{name} {version(name)}" for name in ("selectolax", "markdown-it-py", "sentencex"))
    print(f"\n{processor()}, Python {platform.python_version()}, {versions}")
    if missed:
        print(f"{missed} figures of reading miss their aim.")
    return int(missed > 0)


def compare(page: Path, twin: Path) -> Comparison:
    """Our document of ``page`` beside the archive's extraction ``twin``."""
    document = read(page)
    shown = fold(document.text)
    whole_page = fold(_page_text(page.read_text(encoding="utf-8")))
    markdown = twin.read_text(encoding="utf-8")
    # A number or letter alone, as before a heading, is found in any text.
    pieces = [piece for piece in dict.fromkeys(twin_pieces(markdown)) if len(fold(piece)) > 2]
    lacking = [piece for piece in pieces if fold(piece) not in shown]
    not_in_page = tuple(piece for piece in lacking if fold(piece) not in whole_page)
    return Comparison(
        name=page.stem,
        pieces=len(pieces),
        not_in_page=not_in_page,
        missing=tuple(piece for piece in lacking if piece not in not_in_page),
        words=len(_WORDS.findall(document.text)),
        extra=tuple(_extra(document, " ".join(twin_pieces(markdown)))),
    )


def read(path: Path) -> Document:
    """The document of a file, read as the command reads it."""
    data = path.read_bytes()
    media_type: MediaType = "text/html" if path.suffix == ".html" else "text/markdown"
    source = Source(
        name=path.name, media_type=media_type, sha256=hashlib.sha256(data).hexdigest(), size=len(data)
    )
    return read_document(Fetched(source, data))


def twin_pieces(markdown: str) -> Iterator[str]:
    """Sentences, items and cells of a twin; the parser is the one we use, the reading of what it yields is not."""
    parser = MarkdownIt("commonmark").enable("table").disable("code")
    for token in parser.parse(re.sub(r"(?m)^[ \t]+$", "", markdown)):
        if token.type != "inline":
            continue
        text = "".join(
            "\n" if child.type in ("softbreak", "hardbreak") else child.content
            for child in token.children or ()
        )
        # A table whose header is narrower than its rows is none to the parser: its lines come as one text.
        lines = text.split("\n") if text.lstrip().startswith("|") else [text.replace("\n", " ")]
        for line in lines:
            for cell in re.split(r"\s\|\s|^\|\s|\s\|$", line):
                for part in _BREAK.split(cell):
                    for sentence in _END_OF_SENTENCE.split(part):
                        if fold(sentence):
                            yield sentence.strip()


def fold(text: str) -> str:
    """The letters and digits of ``text``."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _page_text(html: str) -> str:
    parser = LexborHTMLParser(html)
    parser.strip_tags(["script", "style", "template", "noscript"])
    return parser.root.text() if parser.root else ""


def _extra(document: Document, twin: str) -> Iterator[str]:
    """The runs of words in one cell or line of our document that the twin does not have."""
    theirs = _WORDS.findall(twin.casefold())
    known = {tuple(theirs[at : at + _RUN]) for at in range(len(theirs))}
    whole = fold(twin)
    for line in document.text.split("\n"):
        # A row's header stands before each of its cells here, and once in the twin.
        for piece in (piece for cell in line.split(" | ") for piece in cell.split(": ", 1)):
            words = [word.casefold() for word in _WORDS.findall(piece)]
            covered = [False] * len(words)
            for at in range(len(words) - _RUN + 1):
                if tuple(words[at : at + _RUN]) in known:
                    covered[at : at + _RUN] = [True] * _RUN
            # Short cells, and words that the twin has run together, are no runs of three.
            runs = groupby(zip(words, covered, strict=True), key=lambda pair: pair[1])
            for is_known, run in runs:
                text = " ".join(word for word, _ in run)
                if not is_known and fold(text) not in whole:
                    yield text


def _print_comparison(comparison: Comparison) -> int:
    held = comparison.pieces - len(comparison.not_in_page)
    print(
        f"{comparison.name}: {comparison.found_share:.2%} of {held} sentences and cells found; "
        f"{comparison.extra_share:.2%} of our {comparison.words} words are not in the twin"
    )
    if comparison.not_in_page:
        print(
            f"    {len(comparison.not_in_page)} of the twin's {comparison.pieces} pieces are not in the page at all"
        )
    for sign, texts in (("missing", comparison.missing), ("extra", comparison.extra)):
        for text in dict.fromkeys(texts):
            print(f"    {sign}: {text[:90]}")
    return (comparison.found_share < AIM_FOUND) + (comparison.extra_share > AIM_EXTRA)


def _speed(paths: list[Path]) -> float:
    """Policies of 50 kB that are read in a second of processor time.

    A page of 400 kB that is mostly script counts as one policy; a larger text counts for what it is.
    """
    size = sum(max(min(path.stat().st_size, SIZE), len(read(path).text.encode())) for path in paths)
    start = time.process_time()
    rounds = 0
    while (spent := time.process_time() - start) < SECONDS:
        for path in paths:
            read(path)
        rounds += 1
    return rounds * size / SIZE / spent


def processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
