"""Recorded exchanges: real HTTP, kept as readable YAML, replayed to the byte or not at all.

A request matches a recording when method, path and body are equal, so a changed prompt, schema or parameter is a miss. A miss says
which message differs. A recording that is not played to its end is an error too, unless whoever plays it says that a part will do: it
holds answers nobody asked for any more.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import vcr
import yaml
from vcr.cassette import Cassette
from vcr.errors import CannotOverwriteExistingCassetteException
from vcr.request import Request

from pipeline.errors import ClausewiseError, ReplayMissError

_REQUEST_HEADERS = {"content-type"}
_RESPONSE_HEADERS = {"content-type", "retry-after"}


class StaleRecordingError(ClausewiseError):
    """A recording holds exchanges that nothing asked for."""

    exit_code = 3


@contextmanager
def replay(path: Path, *, partly: bool = False, anew: str | None = None) -> Iterator[None]:
    """Answer every request from the recording at ``path``; nothing reaches a network.

    ``partly``: not all that was recorded has to be asked for. ``anew`` is the command that records it, by default that of a policy's draft.
    Raises ReplayMissError, saying which part of the request differs, when a request is not in the recording, and StaleRecordingError
    when a part of the recording was not played; both name the command.
    """
    anew = anew or f"make record POLICY={path.stem}"
    with _vcr().use_cassette(str(path), record_mode="none") as cassette:
        try:
            yield
        except ReplayMissError as error:
            raise ReplayMissError(_explain(error, path, anew)) from error
    left = len(cassette) - cassette.play_count
    if left and not partly:
        raise StaleRecordingError(
            f"{left} recorded exchanges of {path.name} were not asked for; record it anew ({anew})."
        )


@contextmanager
def record(path: Path) -> Iterator[None]:
    """Send every request to the endpoint and keep the answers at ``path``, in place of an older recording.

    When anything fails on the way the older recording stays, and what was answered until then is kept beside it: recording
    again takes those answers from there and asks for the rest. Faults of the endpoint are not recorded.
    """
    unfinished = path.with_suffix(".unfinished.yaml")
    with _vcr(keep=_clean_answer).use_cassette(
        str(unfinished), record_mode="new_episodes", drop_unused_requests=True
    ):
        yield
    unfinished.replace(path)


class ReadableJson:
    """A cassette as YAML in which JSON bodies are laid out, and come back as the same bytes."""

    @staticmethod
    def serialize(cassette: dict[str, Any]) -> str:
        """The cassette as text. A body that would not come back byte for byte stays a plain string."""
        for interaction in cassette["interactions"]:
            _open(interaction["request"], "body")
            _open(interaction["response"]["body"], "string")
        return yaml.dump(cassette, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)

    @staticmethod
    def deserialize(text: str) -> dict[str, Any]:
        """The cassette from text."""
        cassette: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for interaction in cassette["interactions"]:
            _close(interaction["request"], "body")
            _close(interaction["response"]["body"], "string")
        return cassette


class _Dumper(yaml.SafeDumper):
    pass


def _write_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _write_text)


def _clean_response(response: dict[str, Any]) -> dict[str, Any]:
    headers = {k: v for k, v in response["headers"].items() if k.lower() in _RESPONSE_HEADERS}
    return {**response, "headers": headers}


def _clean_answer(response: dict[str, Any]) -> dict[str, Any] | None:
    return _clean_response(response) if response["status"]["code"] < 400 else None


def _vcr(keep: Callable[[dict[str, Any]], dict[str, Any] | None] = _clean_response) -> vcr.VCR:
    tape = vcr.VCR(
        match_on=("method", "path", "same_body"),
        serializer="readable_json",
        decode_compressed_response=True,
        before_record_request=_clean_request,
        before_record_response=keep,
    )
    tape.register_serializer("readable_json", ReadableJson)
    tape.register_matcher("same_body", lambda a, b: a.body == b.body)
    return tape


def _clean_request(request: Request) -> Request:
    request.headers = {k: v for k, v in request.headers.items() if k.lower() in _REQUEST_HEADERS}
    return request


def _open(holder: dict[str, Any], key: str) -> None:
    raw = holder[key]
    text = raw.decode("utf-8") if isinstance(raw, bytes) else raw
    holder[key] = text
    if not isinstance(text, str):
        return
    try:
        parsed = json.loads(text)
    except ValueError:
        return
    for name, separators in (("json_compact", (",", ":")), ("json_spaced", (", ", ": "))):
        if json.dumps(parsed, ensure_ascii=False, separators=separators) == text:
            del holder[key]
            holder[name] = parsed
            return


def _close(holder: dict[str, Any], key: str) -> None:
    for name, separators in (("json_compact", (",", ":")), ("json_spaced", (", ", ": "))):
        if name in holder:
            holder[key] = json.dumps(holder.pop(name), ensure_ascii=False, separators=separators)
            return


def _explain(error: BaseException, path: Path, anew: str) -> str:
    miss = _find_miss(error)
    if miss is None:
        return str(error)
    asked = miss.failed_request
    recorded = [r for r in _requests(miss.cassette) if r.path == asked.path]
    if not recorded:
        return f"The recording {path.name} holds no request to {asked.path}; record it anew ({anew})."
    differences = [_difference(_body(r), _body(asked)) for r in recorded]
    nearest = min(differences, key=lambda d: d[0])
    return (
        f"The recording {path.name} holds no such request: {nearest[1]}. A prompt, a schema, a parameter or the document has "
        f"changed since it was recorded; record it anew ({anew})."
    )


def _requests(cassette: Cassette) -> list[Request]:
    return list(cassette.requests)


def _find_miss(error: BaseException | None) -> CannotOverwriteExistingCassetteException | None:
    while error is not None:
        if isinstance(error, CannotOverwriteExistingCassetteException):
            return error
        error = error.__cause__ or error.__context__
    return None


def _body(request: Request) -> dict[str, Any]:
    raw = request.body
    try:
        parsed = json.loads(raw) if raw else {}
    except ValueError:
        return {"body": str(raw)}
    return parsed if isinstance(parsed, dict) else {"body": parsed}


def _difference(recorded: dict[str, Any], asked: dict[str, Any]) -> tuple[int, str]:
    """How many parts differ, and a sentence about the first that does."""
    count, told = 0, "the bodies differ only in their order of keys"
    for key in sorted(recorded.keys() | asked.keys()):
        if recorded.get(key) == asked.get(key):
            continue
        count += 1
        if count > 1:
            continue
        if key == "messages":
            extra, told = _message_difference(recorded.get(key) or [], asked.get(key) or [])
            count += extra
        else:
            told = f"its {key} differs"
    return count, told


def _message_difference(recorded: list[dict[str, Any]], asked: list[dict[str, Any]]) -> tuple[int, str]:
    changed = [
        (n, a, b)
        for n, (a, b) in enumerate(zip(recorded, asked, strict=False))
        if a.get("content") != b.get("content")
    ]
    if not changed:
        return abs(
            len(recorded) - len(asked)
        ), f"it has {len(asked)} messages and the recorded one {len(recorded)}"
    number, old, new = changed[0]
    before, after = str(old.get("content")).split("\n"), str(new.get("content")).split("\n")
    message = f"message {number + 1} ({new.get('role')}) differs"
    for tag, i, i_end, j, j_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            lines = [line for line in (*after[j:j_end], *before[i:i_end]) if line.strip()] or [""]
            return len(changed), f"{message} at line {j + 1}: «{lines[0][:100]}»"
    return len(changed), message
