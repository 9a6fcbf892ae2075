"""Publication: what is published of a draft, its files, and publishing and withdrawing it."""

import re
from typing import get_args

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pipeline.review.forms import back_to, desk_of, field, id_of, number
from pipeline.review.pages import render
from pipeline.review.people import require
from pipeline.review.publishing import file_of, publish, withdraw
from pipeline.store.review_records import PublicationRow
from schemas.edition import Audience

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "md": "text/markdown; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_LABELS = {"html": "Page (HTML)", "json": "JSON", "md": "Markdown", "pdf": "PDF", "xlsx": "Workbook (XLSX)"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,200}")


def show_publication(request: Request) -> Response:
    """What is published of a draft, and the forms to publish and to withdraw."""
    desk = desk_of(request)
    reviewed = desk.open(id_of(request))
    publications = desk.store.publications(reviewed.row.id)
    return render(
        request,
        "publication.html.j2",
        row=reviewed.row,
        approval=desk.approval(reviewed),
        audiences=get_args(Audience),
        standing={a: _standing(publications, a) for a in get_args(Audience)},
        replaced={a: _replaced(publications, a) for a in get_args(Audience)},
        publications=publications,
        label_of=_label,
        out=request.app.state.site.out,
    )


def publish_review(request: Request) -> Response:
    """Publish an approved draft for the audiences that the form names."""
    person = require(request, "publisher")
    audiences = _audiences(request)
    if not audiences:
        raise HTTPException(400, "Say for whom it is published.")
    expected: int | None = number(request, "expected")
    for audience in audiences:
        publish(
            desk_of(request),
            id_of(request),
            person.name,
            audience,
            request.app.state.site.out,
            expected=expected,
        )
        # The first publication is a decision too, and our own.
        expected = None
    return back_to(request, f"/reviews/{id_of(request)}/publication")


def withdraw_review(request: Request) -> Response:
    """Withdraw what is published of a draft, for the audience that the form names or for all."""
    person = require(request, "publisher")
    audiences = _audiences(request)
    withdraw(
        desk_of(request),
        id_of(request),
        person.name,
        field(request, "reason"),
        audiences[0] if len(audiences) == 1 else None,
        request.app.state.site.out,
    )
    return back_to(request, f"/reviews/{id_of(request)}/publication")


def show_file(request: Request) -> Response:
    """A file as it was published. Raises HTTPException (404) for one that is not."""
    desk, name = desk_of(request), str(request.path_params["name"])
    row = desk.open(id_of(request)).row
    found = _standing(desk.store.publications(row.id), request.path_params["audience"])
    ending = name.rpartition(".")[2]
    if found is None or name not in found.files or not _NAME.fullmatch(name) or ending not in _KINDS:
        raise HTTPException(404)
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(file_of(desk, found, name), media_type=_KINDS[ending], headers=headers)


def _standing(publications: list[PublicationRow], audience: str) -> PublicationRow | None:
    return next((p for p in publications if p.audience == audience and p.stands), None)


def _replaced(publications: list[PublicationRow], audience: str) -> PublicationRow | None:
    """The last publication for an audience, when that of another draft took its place."""
    last = next((p for p in publications if p.audience == audience and p.withdrawn_at is None), None)
    return last if last is not None and last.replaced_by not in (None, last.review_id) else None


def _label(name: str, audience: Audience) -> str:
    stem, _, ending = name.rpartition(".")
    return _LABELS.get(ending) or f"CSV: {stem.rpartition(f'-{audience}-')[2].replace('-', ' ')}"


def _audiences(request: Request) -> list[Audience]:
    return [a for a in get_args(Audience) if a in request.state.form.getlist("audience")]


ROUTES = [
    Route("/reviews/{id}/publication", show_publication),
    Route("/reviews/{id}/publish", publish_review, methods=["POST"]),
    Route("/reviews/{id}/withdraw", withdraw_review, methods=["POST"]),
    Route("/reviews/{id}/files/{audience}/{name}", show_file),
]
