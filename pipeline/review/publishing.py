"""Publishing: the files of an approved draft go to the folder of its policy, and the store notes which they were.

A policy has one folder and in it one for each audience, which holds what was published last, with a list. The files are on the disk before
the store notes them and get their names after it, so that nothing is found in the folder that was not approved and noted.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.files import ready_files
from pipeline.publish.edition import FORMATS, make_edition, write_edition
from pipeline.review.desk import Desk, Reviewed
from pipeline.review.draft_view import name_units
from pipeline.review.fold import fold
from pipeline.review.standing import approval_of, refuse_unapproved
from pipeline.store.review_records import PublicationRow, ReviewRow
from schemas.edition import Audience, Edition

LIST = "published.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*")


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: where, and the files' names."""

    folder: Path
    files: tuple[str, ...]


def publish(
    desk: Desk,
    review_id: str,
    by: str,
    audience: Audience,
    out: Path,
    *,
    formats: Sequence[str] = FORMATS,
    expected: int | None = None,
) -> Published:
    """Publish an approved draft for an audience. Raises UsageError when it is not approved, or ``out`` cannot be written to.

    ``expected`` is the number of the last decision that ``by`` has seen; ConflictError when there is a later one.
    """
    reviewed = desk.open(review_id)
    refuse_unapproved(reviewed.row)
    files = write_edition(_edition_at(reviewed, audience, reviewed.row.last_number), formats)
    folder = out / folder_of(reviewed.row) / audience
    digests = {name: _sha256(content) for name, content in files.items()}
    listed = {"schema_version": "1.0", "review": reviewed.row.id, "audience": audience, "files": digests}
    with ready_files(folder, files | {LIST: (json.dumps(listed, indent=1) + "\n").encode()}) as name_them:
        seen = reviewed.row.last_number if expected is None else min(expected, reviewed.row.last_number)
        desk.publish(reviewed.row.id, by, audience, digests, expected=seen)
        earlier = _listed(folder)
        name_them()
        _take_away(folder, earlier - files.keys())
    return Published(folder, tuple(files))


def withdraw(desk: Desk, review_id: str, by: str, reason: str, audience: Audience | None, out: Path) -> None:
    """Withdraw what is published of a draft, for one audience or all, and take its files out of the folder."""
    row = desk.withdraw(review_id, by, reason, audience).row
    for each in _AUDIENCES if audience is None else (audience,):
        folder = out / folder_of(row) / each
        if _review_in(folder) == row.id:
            _take_away(folder, {*_listed(folder), LIST})
            with suppress(OSError):
                folder.rmdir()
                folder.parent.rmdir()


def file_of(desk: Desk, publication: PublicationRow, name: str) -> bytes:
    """A file as it was published, made again from the draft and its decisions of then. Raises UsageError when it comes out otherwise."""
    ending = name.rpartition(".")[2]
    edition = published_edition(desk, publication)
    content = write_edition(edition, [ending]).get(name)
    if content is None or _sha256(content) != publication.files.get(name):
        raise UsageError(
            f"This version of Clausewise no longer makes {name} as it was published; publish the draft again."
        )
    return content


def published_edition(desk: Desk, publication: PublicationRow) -> Edition:
    """What was published, of the draft as it stood then."""
    return _edition_at(desk.open(publication.review_id), publication.audience, publication.last_number)


def published_editions(desk: Desk, audiences: Sequence[Audience]) -> list[tuple[str, Edition]]:
    """All that is published for these audiences, with a folder's name for each."""
    return [
        (f"{folder_of(desk.open(p.review_id).row)}-{p.audience}", published_edition(desk, p))
        for p in desk.store.publications()
        if p.stands and p.audience in audiences
    ]


def folder_of(row: ReviewRow) -> str:
    """The name of a policy's folder, the same for all its drafts: letters and digits of what names the policy, and the start of its digest."""
    words = re.sub(r"[^a-z0-9]+", "-", row.policy.lower())[:60].strip("-") or "policy"
    return f"{words}-{_sha256(row.policy.encode('utf-8', 'replace'))[:8]}"


_AUDIENCES: tuple[Audience, ...] = ("public", "professional")


def _edition_at(reviewed: Reviewed, audience: Audience, last_number: int) -> Edition:
    decisions = tuple(d for d in reviewed.decisions if d.number <= last_number)
    folded = reviewed.folded if len(decisions) == len(reviewed.decisions) else fold(reviewed.draft, decisions)
    approval = approval_of(folded, decisions)
    if approval is None:
        raise UsageError(f"The draft {reviewed.row.id} is not approved; only an approved draft is published.")
    names = name_units(folded)
    return make_edition(
        folded.draft,
        approval,
        audience,
        blocking=[f.finding for f in folded.blocking],
        set_aside=[(f.finding, f.dismissed) for f in folded.findings if f.dismissed],
        desk_names={unit.now: names[path] for path, unit in folded.units.items() if unit.now},
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _listed(folder: Path) -> set[str]:
    """The files that a folder's list names; none of them leads out of it."""
    files = _list_in(folder).get("files")
    return {name for name in files if _NAME.fullmatch(name)} if isinstance(files, dict) else set()


def _review_in(folder: Path) -> str:
    return str(_list_in(folder).get("review", ""))


def _list_in(folder: Path) -> dict[str, object]:
    try:
        told = json.loads((folder / LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _take_away(folder: Path, names: Iterable[str]) -> None:
    for name in sorted(names):
        (folder / name).unlink(missing_ok=True)
