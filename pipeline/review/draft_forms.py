"""Forms about a draft: the fields that a unit has, made from its schema, and what comes back as decisions.

A field is called ``f.text``, a row of a list ``f.evidence.0.quote``. Rows and lines that are left empty are dropped, so that a form works
without a script: there is always one empty row more.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from pipeline.checks.shape import LONGEST_CONSUMER_SENTENCE, LONGEST_LEGAL_SENTENCE
from pipeline.errors import UsageError
from pipeline.publish.shown import shown
from pipeline.publish.view import ACTIONS, ROLES
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.review.draft_view import (
    ALL_OF,
    FIELD_WORDS,
    LIST_WORDS,
    DoneView,
    card_path,
    clear_units,
    list_anchor,
    name_units,
    noted_units,
    unit_anchor,
    words_of,
)
from pipeline.review.finding_words import tell_finding
from pipeline.review.fold import Folded, OpenFinding, Unit
from pipeline.review.quote_places import find_passage
from pipeline.review.registry_choices import tell_choice
from pipeline.review.units import INNER, list_of
from pipeline.review.word_diff import Run, diff_words
from schemas.document import Document
from schemas.review import NewDecision
from schemas.risk import Action, Provision
from schemas.summaries import ConsumerSentence, Evidence, LegalSentence, StatuteCitation

FieldKind = Literal["line", "lines", "text", "choice", "rows", "entries", "group"]

# Fields of one word or title; every other text is written in a box that grows.
_SHORT = ("title", "owner", "passage_id", "ref", "statute", "decision_id")
# Where the registry can be searched for what goes into a field.
_SEARCHED = {"ref": "statutes", "statute": "instruments", "decision_id": "decisions"}
# What stands in such a field while it is empty: what can be typed into it.
_SEARCH_BY = {
    "statutes": "number, law or matter",
    "instruments": "law or country",
    "decisions": "authority, company or file number",
}
_HINTS = {
    "absent_terms": "One a line. For a claim that the policy is silent: words it would have to use, and does not.",
    "articles": "One pinpoint a line, such as 6(1)(f).",
    "enforcers": "One a line.",
    "mitigations": "One a line.",
    "evidence_to_request": "One a line.",
    "basis": "Stated: the policy says all of it. Inferred: a part of it comes from law or context.",
    "ref": "Such as GDPR:6(1)(f). Type a number, a law or what it is about to search the registry.",
    "statute": "Type the name of the law or of its country to search the registry.",
    "decision_id": "Type words to search the registry: an authority, a company, a file number.",
    "quote": "The words of the policy that carry it, as they stand there.",
    "passage_id": "May be left empty: the desk finds the passage that holds the words.",
    "what_you_can_do": "One a part; what is left empty is left out. More can be added at the card later.",
}
_CHOICE_WORDS = {**ROLES, **{kind: f"{kind}: {words}" for kind, words in ACTIONS.items()}}
# Entries within a new entry, each with evidence of its own: a new provision has room for so many.
_ENTRIES = (Action,)
_WRITTEN = ("text", "evidence", "statutes", "absent_terms")
_MOST_ENTRIES = 3
# The most words that the checks let stand, which a page counts while somebody writes.
_WORDS_MAX = {
    (ConsumerSentence, "text"): LONGEST_CONSUMER_SENTENCE,
    (LegalSentence, "text"): LONGEST_LEGAL_SENTENCE,
}
# A list of more rows than this is folded: why and the button to save are then not a page below.
_MOST_OPEN_ROWS = {"statutes": 3, "evidence": 5}
_MOST_ROWS = 200
# What an empty row begins with: a provision that an editor cites is our mapping until the policy is found to name it.
_BLANK: dict[type[BaseModel], dict[str, str]] = {
    StatuteCitation: {"basis": "inferred"},
    Action: {"basis": "stated"},
}
_DO = re.compile(r"(accept|card|spare|clear)(?: (\S+))?")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. ``value`` is what stands in it; ``rows`` are the fields of each row, ``fields`` those of a group.

    ``search`` is the part of the registry to look in and ``search_by`` what for; ``told`` is what the registry calls the value. ``words_max``
    is how many words the checks let stand, 0 for any number. ``count`` is how many rows are filled, and ``folded`` tells that they are shown
    when they are asked for.
    """

    name: str
    label: str
    kind: FieldKind
    value: str = ""
    hint: str = ""
    search: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple["Field", ...], ...] = ()
    fields: tuple["Field", ...] = ()
    search_by: str = ""
    told: str = ""
    words_max: int = 0
    count: int = 0
    folded: bool = False


def fields_of(
    answer: type[BaseModel],
    value: Mapping[str, Any],
    *,
    whole: bool = False,
    unfolded: Collection[str] = (),
) -> tuple[Field, ...]:
    """The fields of a unit's own value; with ``whole`` those of the claims inside an entry too, as a new entry needs them.

    Lists of many rows are folded, but for those named in ``unfolded``.
    """
    left_out = () if whole else INNER.get(answer, ())
    return tuple(
        _field(answer, name, f"f.{name}", info.annotation, value.get(name), unfolded)
        for name, info in answer.model_fields.items()
        if name not in left_out
    )


def _field(
    answer: type[BaseModel], name: str, key: str, annotation: Any, value: Any, unfolded: Collection[str]
) -> Field:
    label, hint = FIELD_WORDS.get(name, name.replace("_", " ").capitalize()), _HINTS.get(name, "")
    choices = _choices(name, annotation)
    if choices:
        given = str(value or "")
        if given and given not in dict(choices):
            choices = (*choices, (given, f"{shown(given)} (not known)"))
        return Field(key, label, "choice", given, hint, choices=choices)
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return _field_of_rows(name, key, inner, list(value or ()), unfolded)
        return Field(key, label, "lines", "\n".join(value or ()), hint)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Field(key, label, "group", fields=_row(annotation, key, value or {}, unfolded))
    search = _SEARCHED.get(name, "")
    return Field(
        key,
        label,
        "line" if name in _SHORT else "text",
        str(value or ""),
        hint,
        search=search,
        search_by=_SEARCH_BY.get(search, ""),
        told=tell_choice(search, str(value), brief=True) if search and value else "",
        words_max=_WORDS_MAX.get((answer, name), 0),
    )


def _field_of_rows(
    name: str, key: str, inner: type[BaseModel], given: list[Any], unfolded: Collection[str]
) -> Field:
    blank = _BLANK.get(inner, {})
    rows = [*given, blank]
    if inner in _ENTRIES:
        rows += [blank] * (_MOST_ENTRIES - len(rows))
    return Field(
        key,
        FIELD_WORDS[name],
        "entries" if inner in _ENTRIES else "rows",
        hint=_HINTS.get(name, ""),
        rows=tuple(_row(inner, f"{key}.{n}", row, unfolded) for n, row in enumerate(rows)),
        count=len(given),
        folded=len(given) > _MOST_OPEN_ROWS.get(name, _MOST_ROWS) and name not in unfolded,
    )


def _row(
    answer: type[BaseModel], key: str, value: Mapping[str, Any], unfolded: Collection[str] = ()
) -> tuple[Field, ...]:
    fields = tuple(
        _field(answer, name, f"{key}.{name}", info.annotation, value.get(name), unfolded)
        for name, info in answer.model_fields.items()
    )
    # The words are what an editor has; where they stand is found from them.
    return fields[::-1] if answer is Evidence else fields


def _choices(name: str, annotation: Any) -> tuple[tuple[str, str], ...]:
    if name == "category":
        return _categories()
    if name == "severity_rule":
        return tuple(
            (rule.id, f"{rule.id} ({rule.level}): {rule.rule}") for rule in load_taxonomy().severity_rules
        )
    if get_origin(annotation) is Literal:
        return tuple((choice, _CHOICE_WORDS.get(choice, choice)) for choice in get_args(annotation))
    return ()


@lru_cache
def _categories() -> tuple[tuple[str, str], ...]:
    return tuple((category.id, category.title) for category in load_taxonomy().categories)


def read_value(
    answer: type[BaseModel],
    form: FormData,
    document: Document,
    *,
    whole: bool = False,
    strict: bool = True,
) -> dict[str, Any]:
    """What a form says of a unit, in the shape of its schema; whether it fits is ``read_unit``'s to tell.

    Raises UsageError when a quote names no passage of the document, or none and not exactly one holds it, unless it is not ``strict``.
    """
    known = document if strict else None
    left_out = () if whole else INNER.get(answer, ())
    return {
        name: _read(name, f"f.{name}", info.annotation, form, known)
        for name, info in answer.model_fields.items()
        if name not in left_out
    }


def _read(name: str, key: str, annotation: Any, form: FormData, document: Document | None) -> Any:
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return _read_rows(key, inner, form, document)
        return [line for line in map(str.strip, _given(form, key).splitlines()) if line]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {
            part: _read(part, f"{key}.{part}", info.annotation, form, document)
            for part, info in annotation.model_fields.items()
        }
    given = _given(form, key)
    # A sentence stands on one line; what a browser sends holds the line breaks of the box it was written in.
    return (
        " ".join(given.split()) if name in _SHORT or get_origin(annotation) is not None else _one_line(given)
    )


def _one_line(text: str) -> str:
    return re.sub(r"[ \t]*[\r\n]+[ \t]*", " ", text).strip()


def _read_rows(
    key: str, inner: type[BaseModel], form: FormData, document: Document | None
) -> list[dict[str, Any]]:
    numbers = sorted(
        {
            int(match[1])
            for name in form
            if (match := re.fullmatch(rf"{re.escape(key)}\.(\d{{1,4}})\..+", name))
        }
    )
    if inner in _ENTRIES:
        entries = [_read("", f"{key}.{number}", inner, form, document) for number in numbers[:_MOST_ROWS]]
        return [entry for entry in entries if any(entry[part] for part in _WRITTEN if part in entry)]
    rows = []
    for number in numbers[:_MOST_ROWS]:
        row = {part: _given(form, f"{key}.{number}.{part}").strip() for part in inner.model_fields}
        written = [
            part for part, info in inner.model_fields.items() if get_origin(info.annotation) is not Literal
        ]
        if any(row[part] for part in written):
            rows.append(as_it_stands(document, row) if document and inner is Evidence else row)
    return rows


def as_it_stands(document: Document, evidence: Mapping[str, str]) -> dict[str, str]:
    """Evidence with the quote as the document has it: a page shows every unusual space as a plain one.

    Where no passage is named, it is the one that holds the quote. What is not in its passage stays as it is, for the checks to tell. Raises
    UsageError when there is no such passage.
    """
    named = evidence["passage_id"] or find_passage(document, evidence["quote"])
    passage = document.find(named)
    if passage is None:
        raise UsageError(
            f"The policy has no passage {shown(named)}; leave the passage empty to have it found, or select the words again."
        )
    text, quote = document.text_of(passage), evidence["quote"]
    if quote not in text:
        begin = shown(text).find(shown(quote))
        quote = text[begin : begin + len(quote)] if begin >= 0 else quote
    return {"passage_id": passage.id, "quote": quote}


def read_news(form: FormData, folded: Folded) -> tuple[NewDecision, ...]:
    """The decisions that a form asks for. Raises UsageError in one sentence for one that cannot be.

    ``do`` of a button is ``accept <path>``, ``card <path>`` (an entry with all that is undecided inside), ``spare <path>`` (the same but
    what has an open finding) or ``clear`` (all that is undecided and without a finding, as many as ``count`` says; what carries a note is
    among it only with ``noted``, which says how many those are); else ``kind`` and ``path`` name one decision, or the findings of one kind
    that are set aside together.
    """
    done = _DO.fullmatch(_given(form, "do"))
    if done is not None:
        return _read_button(done[1], done[2] or "", form, folded)
    kind, path, reason = _given(form, "kind"), _given(form, "path"), _given(form, "reason").strip()
    after: dict[str, Any] | None = None
    if kind == "edit":
        unit = unit_at(folded, path)
        after = read_value(unit.place.answer, form, folded.draft.document)
    elif kind == "add":
        answer = list_of(path)
        if answer is None:
            raise UsageError("Choose where the new claim belongs.")
        after = read_value(answer, form, folded.draft.document, whole=True)
    elif kind == "dismiss" and _given(form, "finding").startswith(ALL_OF):
        alike = _alike(folded, _given(form, "finding"), _given(form, "seen"), reason)
        return tuple(_new(kind=kind, path=f.path, after={"finding": f.key}, reason=reason) for f in alike)
    elif kind == "dismiss":
        after = {"finding": _given(form, "finding")}
    elif kind == "reject":
        unit_at(folded, path)
    return (_new(kind=kind, path=path, after=after, reason=reason),)


def _read_button(what: str, path: str, form: FormData, folded: Folded) -> tuple[NewDecision, ...]:
    if what == "accept":
        return (_new(kind="accept", path=unit_at(folded, path).path),)
    if what in ("card", "spare"):
        entry = card_path(unit_at(folded, path).path)
        clear = set(clear_units(folded)) if what == "spare" else None
        paths = [
            p
            for p, u in folded.units.items()
            if u.status == "open"
            and (p == entry or u.place.parent == entry)
            and (clear is None or p in clear)
        ]
    else:
        paths = _clear_paths(form, folded)
    return tuple(_new(kind="accept", path=p) for p in paths)


def _clear_paths(form: FormData, folded: Folded) -> list[str]:
    """All that is undecided and that no finding asks anything of, with what carries a note only where the form says so."""
    noted = noted_units(folded)
    plain = [path for path in clear_units(folded) if path not in noted]
    if _given(form, "count") != str(len(plain)) or _given(form, "noted") not in ("", str(len(noted))):
        raise UsageError(
            f"The draft changed meanwhile: {len(plain)} claims are undecided and without a finding now, {len(noted)} more carry notes. "
            "Look again and confirm."
        )
    if _given(form, "noted"):
        return list(clear_units(folded))
    if noted and not plain:
        raise UsageError(
            "All that is left carries notes. Tick that they are accepted as well, or decide one by one."
        )
    return plain


def _alike(folded: Folded, finding: str, seen: str = "", reason: str = "") -> list[OpenFinding]:
    """The findings of one code that nobody set aside and that stand against no approval. Raises UsageError when there is none.

    Those that were set aside for the same reason since the decision numbered ``seen`` count as well: the same form may have been sent before.
    """
    code = finding.removeprefix(ALL_OF)
    since = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None

    def stands(f: OpenFinding) -> bool:
        done = f.dismissed
        return done is None or (since is not None and done.number > since and done.reason == reason)

    found = [
        f for f in folded.findings if f.finding.code == code and f.finding.severity != "error" and stands(f)
    ]
    if not found:
        raise UsageError("There is no finding of this kind any more that can be set aside. Reload the page.")
    return found


def unit_at(folded: Folded, path: str) -> Unit:
    """The unit at a path. Raises UsageError when the draft has none."""
    unit = folded.units.get(path)
    if unit is None:
        raise UsageError("The draft has no such claim any more; somebody took it back. Reload the page.")
    return unit


def _new(**given: Any) -> NewDecision:
    try:
        return NewDecision(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        told = str(first["msg"]).removeprefix("Value error, ")
        raise UsageError(f"{told[:1].upper()}{told[1:].rstrip('.')}.") from None


def _given(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def with_evidence(value: Mapping[str, Any], quoted: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A unit's value with more evidence, each a passage id and its words; what it quotes already is not added twice."""
    more = [{"passage_id": passage_id, "quote": quote} for passage_id, quote in quoted]
    have = list(value.get("evidence", ()))
    return {**value, "evidence": have + [entry for entry in more if entry not in have]}


@dataclass(frozen=True, slots=True)
class VersionView:
    """A field as it stands now, and how one who saves over it would change it."""

    label: str
    theirs: str
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class FormView:
    """A form about a unit, a finding or a list. ``seen`` is the number of the last decision that whoever opened it has seen.

    ``keep`` names what is written in it while it is not saved. ``theirs`` is what somebody else decided meanwhile. ``about`` are the words of
    the findings that it sets aside together, ``places`` what they are about.
    """

    id: str
    kind: str
    path: str
    seen: int
    title: str
    reason_label: str
    submit: str
    back: str
    keep: str
    needs_reason: bool = False
    reason: str = ""
    fields: tuple[Field, ...] = ()
    finding: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    wrong: str = ""
    theirs: DoneView | None = None
    versions: tuple[VersionView, ...] = ()
    about: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def make_form(
    kind: str,
    path: str,
    folded: Folded,
    seen: int,
    *,
    finding: str = "",
    quoted: Sequence[tuple[str, str]] = (),
    value: Mapping[str, Any] | None = None,
) -> FormView:
    """The form to decide so about a unit, or about a list to add to. ``quoted`` is evidence to begin with, ``value`` what was written before.

    Raises UsageError for a kind or a path that has no form.
    """
    if kind == "add":
        return _form_to_add(path, folded, seen, quoted, value)
    if kind == "dismiss" and finding.startswith(ALL_OF):
        return _form_for_alike(folded, seen, finding)
    if kind == "dismiss":
        found = next((f for f in folded.findings if f.key == finding and f.path == path), None)
        if found is None:
            raise UsageError(
                "The finding is not there any more; what it was about has changed. Reload the page."
            )
        return FormView(
            id=f"form-{unit_anchor(path) if path else 'whole'}",
            kind=kind,
            path=path,
            seen=seen,
            title=f"Set aside: {shown(tell_finding(found.finding))}",
            reason_label="Why it does not apply",
            needs_reason=True,
            submit="Set aside",
            back=unit_anchor(path) if path else "findings",
            keep=f"dismiss {finding}",
            finding=finding,
        )
    unit = unit_at(folded, path)
    name = name_units(folded)[path]
    words = {
        "edit": (f"Edit {name}", "Why (may be left empty)", "Save"),
        "reject": (f"Reject {name}", "Why it is rejected", "Reject"),
        "comment": (f"Comment on {name}", "Comment", "Save the comment"),
    }
    if kind not in words:
        raise UsageError("The desk has no such form.")
    title, reason_label, submit = words[kind]
    fields: tuple[Field, ...] = ()
    if kind == "edit":
        given = with_evidence(value or unit.value, quoted)
        # What is wrong, or was just put in, must be in view.
        unfolded = _lists_with_findings(folded, unit) | ({"evidence"} if quoted else set())
        if value:
            unfolded |= {"evidence", "statutes"}
        fields = fields_of(unit.place.answer, given, unfolded=unfolded)
    return FormView(
        id=f"form-{unit_anchor(path)}",
        kind=kind,
        path=path,
        seen=seen,
        title=title,
        reason_label=reason_label,
        needs_reason=kind != "edit",
        submit=submit,
        back=unit_anchor(path),
        keep=f"{kind} {path}",
        fields=fields,
    )


def _lists_with_findings(folded: Folded, unit: Unit) -> set[str]:
    """The lists of a unit about whose rows a finding stands."""
    return {
        found[1]
        for f in folded.findings_at(unit.path)
        if f.dismissed is None
        and unit.now
        and (found := re.match(r"\.?(\w+)\[", f.finding.path.removeprefix(unit.now)))
    }


def _form_for_alike(folded: Folded, seen: int, finding: str) -> FormView:
    alike = _alike(folded, finding)
    names = name_units(folded)
    places = list(dict.fromkeys(names.get(f.path, f.finding.path) for f in alike))
    return FormView(
        id="form-alike",
        kind="dismiss",
        path="",
        seen=seen,
        title=f"Set aside all {len(alike)} findings of this kind, as one act",
        about=tuple(dict.fromkeys(shown(tell_finding(f.finding)) for f in alike)),
        places=tuple(map(shown, places)),
        reason_label="Why none of them applies",
        needs_reason=True,
        submit=f"Set aside all {len(alike)}",
        back="findings",
        keep=f"dismiss {finding}",
        finding=finding,
    )


def _form_to_add(
    path: str, folded: Folded, seen: int, quoted: Sequence[tuple[str, str]], value: Mapping[str, Any] | None
) -> FormView:
    answer = list_of(path)
    places = places_to_add(folded)
    if answer is None or path not in dict(places):
        raise UsageError("Choose where the new claim belongs.")
    given = dict(value or {"basis": "stated"})
    if "evidence" in answer.model_fields:
        given = with_evidence(given, quoted)
    elif carrying := next(iter(INNER.get(answer, ())), None):
        given[carrying] = with_evidence(given.get(carrying, {"basis": "stated"}), quoted)
    fields = fields_of(answer, given, whole=True, unfolded=("evidence", "statutes"))
    return FormView(
        id=f"form-add-{list_anchor(path)}",
        kind="add",
        path=path,
        seen=seen,
        title=f"Add: {dict(places)[path]}",
        reason_label="Why (may be left empty)",
        submit="Add",
        back=add_anchor(path),
        keep="add",
        fields=fields,
        choices=places,
    )


def places_to_add(folded: Folded) -> tuple[tuple[str, str], ...]:
    """The lists that can grow: those of the draft, and the actions of each provision that stands."""
    names = name_units(folded)
    lists = [(path, one) for path, (_, one) in LIST_WORDS.items()]
    actions = [
        (f"{path}.what_you_can_do", f"action of {names[path]}: {shown(unit.value['title'])}")
        for path, unit in folded.units.items()
        if unit.place.answer is Provision and unit.status != "rejected"
    ]
    return tuple((path, words[:1].upper() + words[1:]) for path, words in [*lists, *actions])


def add_anchor(path: str) -> str:
    """The HTML id of what a list that can grow stands in: its section, or the card of the provision that has it."""
    return list_anchor(path) if path in LIST_WORDS else f"card-{unit_anchor(path.rpartition('.')[0])}"


def view_versions(
    answer: type[BaseModel], theirs: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[VersionView, ...]:
    """The fields in which what somebody else made of a unit differs from what was to be made of it."""
    told = []
    for name in answer.model_fields:
        if name in theirs and name in mine and theirs[name] != mine[name]:
            now = words_of(name, theirs[name])
            told.append(VersionView(FIELD_WORDS[name], now, diff_words(now, words_of(name, mine[name]))))
    return tuple(told)
