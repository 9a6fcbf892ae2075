"""PDF and DOCX are parsed in a child process that can be killed, with limits on time and memory.

The child gets the bytes on standard input and answers with JSON on standard output: the blocks, or one
sentence of error. It is given no environment but what starts it, so that no key is in reach of a parser that
a document has talked over.
"""

import contextlib
import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass
from typing import Any, Literal

from pipeline.document.blocks import Block, Blocks, Heading, Item, Paragraph, Row
from pipeline.errors import SourceError

Format = Literal["pdf", "docx"]


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """``seconds`` of wall clock and of processor, ``memory`` in bytes of address space, ``chars`` of text
    handed over.

    ``pages`` is of a PDF; ``members`` and ``unpacked`` (bytes) are of a DOCX, which is a ZIP file.
    """

    seconds: float = 20.0
    memory: int = 1 << 30
    chars: int = 5_000_000
    pages: int = 500
    members: int = 2_000
    unpacked: int = 100_000_000


CHILD_LIMITS = ChildLimits()

_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pipeline.document.child import main; main()"
)
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


def parse_in_child(kind: Format, data: bytes, limits: ChildLimits = CHILD_LIMITS) -> Blocks:
    """The blocks of a PDF or DOCX. Raises SourceError when it cannot be parsed within the limits."""
    name = kind.upper()
    # Isolated, and without the current folder on the path: a json.py beside the document must not be
    # imported.
    path = json.dumps([entry for entry in sys.path if entry])
    command = [sys.executable, "-I", "-c", _START, path, kind, json.dumps(asdict(limits))]
    environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
    try:
        done = subprocess.run(  # kills the child when the time is up
            command, input=data, capture_output=True, timeout=limits.seconds, env=environment, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise SourceError(
            f"The {name} took more than {limits.seconds:g} seconds to read; save it anew or as text."
        ) from error
    if done.returncode:
        raise SourceError(
            f"The {name} is damaged, or needs more time or memory than is allowed; save it anew or as text."
        )
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise SourceError(answer["error"])
    return _unpack(answer)


def main() -> None:
    """The child: kind and limits from the arguments, data from standard input, JSON to standard output."""
    kind, limits = sys.argv[2], ChildLimits(**json.loads(sys.argv[3]))
    # Whatever a parser prints must not get between the two processes.
    out = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)
    data = sys.stdin.buffer.read()
    _set_limits(limits)
    json.dump(_answer(kind, data, limits), out)
    out.flush()
    # Without the interpreter's clean-up: what a damaged file has left behind in a parser can crash there.
    os._exit(0)


def _answer(kind: str, data: bytes, limits: ChildLimits) -> dict[str, Any]:
    name = kind.upper()
    try:
        if kind == "pdf":
            from pipeline.document.pdf import parse_pdf

            blocks = parse_pdf(data, limits)
        else:
            from pipeline.document.docx import parse_docx

            blocks = parse_docx(data, limits)
    except SourceError as error:
        return {"error": str(error)}
    except MemoryError:
        return {"error": f"The {name} needs more memory than is allowed; save it anew or as text."}
    except Exception:  # a parser of a hostile format may raise anything
        return {"error": f"The {name} is damaged and cannot be read; save it anew or as text."}
    if sum(len(text) for text in _texts(blocks)) > limits.chars:
        return {"error": f"The {name} holds more than {limits.chars} characters; give the policy alone."}
    return _pack(blocks)


def _set_limits(limits: ChildLimits) -> None:
    try:
        import resource
    except ImportError:  # no such limits on Windows; the clock still holds
        return
    seconds = int(limits.seconds) + 1
    for what, value in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # A system that knows no such limit says so here; the parent's clock is the one that must hold.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(what, (value, value))


def _texts(blocks: Blocks) -> list[str]:
    texts = [text for text, _ in blocks.hidden]
    for block in blocks.blocks:
        texts += [cell for pair in block.cells for cell in pair] if isinstance(block, Row) else [block.text]
    return texts


def _pack(blocks: Blocks) -> dict[str, Any]:
    return {
        "blocks": [[type(block).__name__, asdict(block)] for block in blocks.blocks],
        "hidden": blocks.hidden,
        "meta": blocks.meta,
        "source_chars": blocks.source_chars,
    }


def _unpack(answer: dict[str, Any]) -> Blocks:
    made: list[Block] = []
    for name, values in answer["blocks"]:
        match name:
            case "Heading":
                made.append(Heading(**values))
            case "Paragraph":
                made.append(Paragraph(**values))
            case "Item":
                made.append(Item(**values))
            case _:
                made.append(Row(tuple((header, cell) for header, cell in values["cells"])))
    hidden = [(text, reason) for text, reason in answer["hidden"]]
    return Blocks(made, hidden, answer["meta"], answer["source_chars"])
