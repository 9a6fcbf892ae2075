"""The draft's page: what it shows, and what is decided on it claim by claim.

A decision that htmx sends is answered with what it changed on the page; one that a browser without scripts sends leads back to the claim.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from pipeline.errors import ConflictError, UsageError
from pipeline.publish.places import FINDING_SHAPES
from pipeline.publish.shown import shown
from pipeline.review import undoing
from pipeline.review.desk import Reviewed
from pipeline.review.draft_forms import (
    FormView,
    make_form,
    read_news,
    read_value,
    unit_at,
    view_versions,
)
from pipeline.review.draft_view import (
    LIST_WORDS,
    card_path,
    changed_cards,
    done_view,
    name_units,
    unit_anchor,
    view_page,
)
from pipeline.review.exposure_statutes import tell_other_part
from pipeline.review.finding_words import tell_finding
from pipeline.review.fold import Folded, fold, unit_path
from pipeline.review.forms import desk_of, id_of
from pipeline.review.pages import environment, render, wants_part
from pipeline.review.people import Person, require
from pipeline.review.registry_choices import find_choices
from pipeline.review.resent import is_resent
from pipeline.review.units import list_of
from pipeline.store.review_records import ReviewRow
from schemas.review import Approval, Decision, NewDecision

_EDITABLE = ("drafted", "in_review")
_MOST_QUOTED = 20
_LONGEST_QUOTED = 5_000
# What comes twice at the same moment is done once: one of the two waits, and then sees that it was done.
_TURNS = tuple(Lock() for _ in range(64))


@dataclass(frozen=True, slots=True)
class At:
    """Where and for whom something is shown.

    ``undoes`` is the decision that a press on Undo takes back, 0 for none; ``redoes`` whether Redo has anything to bring back; ``earlier``
    the approved draft of the same policy before this one, and ``carried`` whether its decisions were carried over. ``slots`` are open
    forms by the path that they are about.
    """

    here: str
    row: ReviewRow
    person: Person
    language: str
    may: bool
    undoes: int
    redoes: bool
    approval: Approval | None
    earlier: ReviewRow | None
    carried: bool
    slots: Mapping[str, Markup] = field(default_factory=dict)


def show_page(request: Request) -> Response:
    """The page. ``open`` in the address opens a form in it, as a browser without scripts asks for one."""
    reviewed = _open(request)
    at = _at(request, reviewed)
    wanted = request.query_params.get("open", "")
    if wanted and at.may:
        form = _asked_form(request, reviewed, wanted)
        at = replace(at, slots={form.path: _markup(at, form)})
    return _page(request, reviewed, at)


def show_unit(request: Request) -> Response:
    """The card of one unit as it stands."""
    reviewed = _open(request)
    at = _at(request, reviewed)
    path = unit_at(reviewed.folded, request.query_params.get("path", "")).path
    card = view_page(reviewed.folded).card(path)
    return render(request, "draft_card.html.j2", c=card, at=at, **_WORDS)


def show_form(request: Request) -> Response:
    """A form alone, to be put into its place on the page: ``open`` is its kind, its path and for a finding its key."""
    require(request, "editor")
    reviewed = _open(request)
    form = _asked_form(request, reviewed, request.query_params.get("open", ""))
    return HTMLResponse(_markup(_at(request, reviewed), form))


def decide(request: Request) -> Response:
    """Make the decisions of a form or a button."""
    person = require(request, "editor")
    desk, form = desk_of(request), request.state.form
    reviewed = _open(request)
    id_ = reviewed.row.id
    news: tuple[NewDecision, ...] = ()
    try:
        with _TURNS[hash(id_) % len(_TURNS)]:
            reviewed = desk.open(id_)
            seen = _number(form.get("seen"), _number(form.get("shown"), reviewed.row.last_number))
            news = read_news(form, reviewed.folded)
            if is_resent(news, reviewed.decisions, reviewed.folded.undone, by=person.name, seen=seen):
                return _answer(request, reviewed, reviewed, news, "This was done already.")
            after = desk.decide(id_, person.name, news, _seen(reviewed.folded, seen))
    except ConflictError as error:
        return _conflict(request, desk.open(id_), error, news)
    except UsageError as error:
        if "do" in form or not wants_part(request):
            raise
        return _refused(request, reviewed, str(error))
    also = tell_other_part(reviewed.folded, after.folded, news)
    return _answer(
        request, reviewed, after, news, " ".join(filter(None, (_told(reviewed, after, news), also)))
    )


def undo(request: Request) -> Response:
    """Take back one's own last act, or that of the decision named."""
    person = require(request, "editor")
    return _step(request, person, back=True)


def redo(request: Request) -> Response:
    """Bring back what one took back last."""
    person = require(request, "editor")
    return _step(request, person, back=False)


def note_presence(request: Request) -> Response:
    """Somebody is at work on this draft: a minute that counts."""
    person = require(request, "editor")
    desk = desk_of(request)
    now = request.app.state.clock().replace(second=0, microsecond=0)
    desk.store.note_presence(_open(request).row.id, person.name, now)
    return Response(status_code=204)


def search_registry(request: Request) -> Response:
    """What the registry has for a field while somebody types into it, as the options of its list."""
    found = find_choices(request.path_params["kind"], request.query_params.get("q", ""))
    return HTMLResponse(
        Markup("").join(Markup('<option value="{}">{}</option>').format(*choice) for choice in found)
    )


_WORDS: Mapping[str, Any] = {"finding_shapes": FINDING_SHAPES}


def _page(request: Request, reviewed: Reviewed, at: At, *, status: int = 200, told: str = "") -> Response:
    return render(
        request,
        "draft_page.html.j2",
        status=status,
        page=view_page(reviewed.folded),
        at=at,
        told=told,
        **_WORDS,
    )


def _step(request: Request, person: Person, *, back: bool) -> Response:
    desk, form = desk_of(request), request.state.form
    id_ = _open(request).row.id
    with _TURNS[hash(id_) % len(_TURNS)]:
        reviewed = desk.open(id_)
        shown = _number(form.get("shown"), reviewed.row.last_number)
        number = _number(form.get("number"), 0) or None
        # The same form sent again must not take back one act more.
        if any(d.number > shown and d.by == person.name and d.kind == "undo" for d in reviewed.decisions):
            return _answer(request, reviewed, reviewed, (), "This was done already.")
        after = desk.undo(id_, person.name, number) if back else desk.redo(id_, person.name)
    acts = [d for d in after.decisions if d.number > reviewed.row.last_number]
    told = f"{'Taken back' if back else 'Brought back'}: {_name_act(acts, after)}."
    return _answer(request, reviewed, after, (), told, about=acts[-1].undoes if acts else None)


_ACTS = {
    "accept": "acceptance",
    "edit": "edit",
    "reject": "rejection",
    "add": "addition",
    "comment": "comment",
    "dismiss": "setting aside a finding",
}


def _name_act(undoings: Sequence[Decision], after: Reviewed) -> str:
    """What was taken back or brought back: the act, and the claim that it was about or how many."""
    by_number = {d.number: d for d in after.decisions}
    about = []
    for decision in undoings:
        while decision.kind == "undo" and decision.undoes is not None:
            decision = by_number[decision.undoes]
        about.append(decision)
    if not about:
        return "nothing"
    kinds = {decision.kind for decision in about}
    what = f"the {_ACTS[about[0].kind]}" if len(kinds) == 1 else "the decisions"
    if len(about) > 1:
        return f"{what} of {_count(len(about), 'claim')}"
    # An addition that was taken back stands nowhere and has no name.
    name = (
        name_units(after.folded).get(unit_path(about[0]))
        or LIST_WORDS.get(about[0].path, ("the draft", ""))[0]
    )
    return f"{what} {'to' if about[0].kind == 'add' else 'of' if about[0].kind in ('accept', 'reject', 'edit') else 'at'} {name}"


def _answer(
    request: Request,
    before: Reviewed,
    after: Reviewed,
    news: Sequence[NewDecision],
    told: str,
    *,
    about: int | None = None,
    status: int = 200,
    at: At | None = None,
    also: str = "",
) -> Response:
    """What changed since what the page showed."""
    anchor = _anchor(before, after, news, about)
    if not wants_part(request):
        return RedirectResponse(f"/reviews/{after.row.id}" + (f"#{anchor}" if anchor else ""), 303)
    at = at or _at(request, after)
    page = view_page(after.folded)
    shown = _number(request.state.form.get("shown"), before.row.last_number)
    cards, lists = changed_cards(_as_shown(before, shown), after.folded)
    if also:
        cards = cards | {also}
    return render(
        request,
        "draft_answer.html.j2",
        status=status,
        headers={"HX-Trigger": json.dumps({"desk:decided": {"anchor": anchor, "status": status}})},
        page=page,
        at=at,
        told=told,
        changed_lists=[entry for entry in page.lists if entry.path in lists],
        changed_cards=[
            c for entry in page.lists if entry.path not in lists for c in entry.cards if c.path in cards
        ],
        **_WORDS,
    )


def _as_shown(reviewed: Reviewed, shown: int) -> Folded:
    """The draft as a page shows it that was loaded after the decision numbered ``shown``."""
    if shown >= reviewed.row.last_number:
        return reviewed.folded
    return fold(reviewed.draft, [d for d in reviewed.decisions if d.number <= shown])


def _anchor(before: Reviewed, after: Reviewed, news: Sequence[NewDecision], about: int | None) -> str:
    """The id of what a decision was about, where the page goes back to."""
    path = ""
    if about is not None:
        decision = next(d for d in after.decisions if d.number == about)
        path = f"{decision.path}[+{about}]" if decision.kind == "add" else decision.path
    elif news and news[0].kind == "add":
        made = [d.number for d in after.decisions if d.kind == "add" and d.path == news[0].path]
        path = f"{news[0].path}[+{made[-1]}]" if made else news[0].path
    elif news and len({card_path(new.path) for new in news if new.path}) == 1:
        path = news[0].path
    return unit_anchor(path) if path in after.folded.units else ""


def _told(before: Reviewed, after: Reviewed, news: Sequence[NewDecision]) -> str:
    """One sentence for who made a decision, read out by a screen reader."""
    stand = f"{after.folded.decided} of {len(after.folded.units)} decided"
    if after.folded.blocking:
        stand += f", {_count(len(after.folded.blocking), 'finding')} to settle"
    if not news:
        return f"Nothing was left to do; {stand}."
    what = {
        "accept": "Accepted",
        "edit": "Saved",
        "reject": "Rejected",
        "add": "Added",
        "comment": "Comment kept",
        "dismiss": "Finding set aside" if len(news) == 1 else "Set aside",
    }[news[0].kind]
    names = name_units(after.folded)
    together = "finding" if news[0].kind == "dismiss" else "claim"
    name = names.get(news[0].path, "") if len(news) == 1 else _count(len(news), together)
    return f"{what}{': ' if name else ''}{name}; {stand}.{_new_findings(before.folded, after.folded, names)}"


def _new_findings(before: Folded, after: Folded, names: Mapping[str, str]) -> str:
    """The first finding that a decision brought, in its words, and how many more."""
    known = {finding.key for finding in before.findings}
    new = [f for f in after.findings if f.key not in known and f.finding.severity != "info"]
    if not new:
        return ""
    place = names.get(new[0].path, "")
    more = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
    return f" New{f' at {place}' if place else ''}: {shown(tell_finding(new[0].finding))}{more}"


def _conflict(
    request: Request, reviewed: Reviewed, error: ConflictError, news: Sequence[NewDecision]
) -> Response:
    """Somebody else was first: theirs beside what was to be done, in the claim's place, with nothing lost."""
    form = request.state.form
    kind = str(form.get("kind", ""))
    if "do" in form or kind not in ("edit", "reject", "dismiss") or error.path not in reviewed.folded.units:
        if not wants_part(request):
            raise error
        told = f"{_named(reviewed, str(error), error.path)} Look at it and decide again."
        return _answer(request, reviewed, reviewed, news, told, status=409, also=card_path(error.path))
    unit = reviewed.folded.units[error.path]
    mine: dict[str, Any] | None = None
    view = _form_again(request, reviewed, seen=reviewed.row.last_number)
    if kind == "edit":
        mine = read_value(unit.place.answer, form, reviewed.draft.document)
    view = replace(
        view,
        theirs=done_view(error.theirs, reviewed.folded) if error.theirs else None,
        versions=view_versions(unit.place.answer, unit.value, mine) if mine else (),
        submit="Save mine over it" if kind == "edit" else view.submit,
    )
    at = _at(request, reviewed)
    at = replace(at, slots={error.path: _markup(at, view)})
    told = "Somebody else decided about this meanwhile. Both versions are shown; nothing of yours is lost."
    if not wants_part(request):
        return _page(request, reviewed, at, status=409, told=told)
    return _answer(request, reviewed, reviewed, news, told, status=409, at=at, also=card_path(error.path))


def _refused(request: Request, reviewed: Reviewed, told: str) -> Response:
    """The form again with what is wrong in it."""
    seen = _number(request.state.form.get("seen"), reviewed.row.last_number)
    view = _form_again(request, reviewed, seen=seen)
    view = replace(view, wrong=_named(reviewed, told, view.path))
    return HTMLResponse(_markup(_at(request, reviewed), view), 422)


def _named(reviewed: Reviewed, told: str, path: str) -> str:
    """A sentence of the desk with the unit's name for its path."""
    name = name_units(reviewed.folded).get(path)
    return told.replace(path, name) if name else told


def _form_again(request: Request, reviewed: Reviewed, *, seen: int) -> FormView:
    """The form that was sent, with all that was written in it."""
    form = request.state.form
    kind, path = str(form.get("kind", "")), str(form.get("path", ""))
    value = None
    if kind == "edit":
        answer = unit_at(reviewed.folded, path).place.answer
        value = read_value(answer, form, reviewed.draft.document, strict=False)
    elif kind == "add" and (listed := list_of(path)) is not None:
        value = read_value(listed, form, reviewed.draft.document, whole=True, strict=False)
    view = make_form(kind, path, reviewed.folded, seen, finding=str(form.get("finding", "")), value=value)
    return replace(view, reason=str(form.get("reason", "")))


def _asked_form(request: Request, reviewed: Reviewed, wanted: str) -> FormView:
    kind, _, rest = wanted.partition(" ")
    path, _, finding = rest.partition(" ")
    passages = request.query_params.getlist("passage")[:_MOST_QUOTED]
    quotes = request.query_params.getlist("quote")[:_MOST_QUOTED]
    quoted = [(p, q[:_LONGEST_QUOTED]) for p, q in zip(passages, quotes, strict=False)]
    return make_form(kind, path, reviewed.folded, reviewed.row.last_number, finding=finding, quoted=quoted)


def _markup(at: At, form: FormView) -> Markup:
    # Escaped where it is made, in its own template.
    return Markup(environment().get_template("draft_form.html.j2").render(at=at, form=form))


def _at(request: Request, reviewed: Reviewed) -> At:
    person: Person = request.state.person
    own = [
        d.number
        for d in reviewed.decisions
        if d.by == person.name and d.kind in _OWN and d.number not in reviewed.folded.undone
    ]
    may = person.may("editor") and reviewed.row.state in _EDITABLE
    return At(
        here=f"/reviews/{reviewed.row.id}",
        row=reviewed.row,
        person=person,
        language=reviewed.draft.document.language,
        may=may,
        undoes=own[-1] if own else 0,
        redoes=may and _can_redo(request, reviewed, person),
        approval=desk_of(request).approval(reviewed),
        earlier=desk_of(request).store.approved_of(reviewed.row.policy, besides=reviewed.row)
        if may
        else None,
        carried=any(d.carried_from for d in reviewed.decisions),
    )


def _can_redo(request: Request, reviewed: Reviewed, person: Person) -> bool:
    try:
        return bool(undoing.redo(reviewed.folded, reviewed.decisions, person.name, request.app.state.clock()))
    except UsageError:
        return False
    except ConflictError:
        return True  # a press says who decided since


_OWN = ("accept", "edit", "reject", "add", "comment", "dismiss")


def _seen(folded: Folded, seen: int) -> dict[str, int]:
    """What a page that was loaded after the decision numbered ``seen`` has shown of each unit."""
    return {path: min(unit.last, seen) for path, unit in folded.units.items()}


def _open(request: Request) -> Reviewed:
    return desk_of(request).open(id_of(request))


def _number(told: object, otherwise: int) -> int:
    if told is None or told == "":
        return otherwise
    if not (isinstance(told, str) and told.isascii() and told.isdigit() and len(told) < 10):
        raise HTTPException(400, "The form is not one of this page; load the page again.")
    return int(told)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


ROUTES: list[Route] = [
    Route("/reviews/{id}", show_page),
    Route("/reviews/{id}/unit", show_unit),
    Route("/reviews/{id}/form", show_form),
    Route("/reviews/{id}/decide", decide, methods=["POST"]),
    Route("/reviews/{id}/undo", undo, methods=["POST"]),
    Route("/reviews/{id}/redo", redo, methods=["POST"]),
    Route("/reviews/{id}/here", note_presence, methods=["POST"]),
    Route("/registry/{kind}", search_registry),
]
