"""Citations of law: does such a provision exist, how is it written for people, and is it the one for the matter at hand."""

from typing import Literal, NamedTuple

from pipeline.registry.authorities import FoundAuthority, find_authorities
from pipeline.registry.pinpoints import Numbers, Ref, Verification, parse_ref
from pipeline.registry.prose import FoundCitation, find_citations
from pipeline.registry.statutes import Article, Instrument, load_statutes
from pipeline.registry.topics import wrong_statements, wrong_topic

__all__ = [
    "FoundAuthority",
    "FoundCitation",
    "RefProblem",
    "check_ref",
    "describe_ref",
    "find_authorities",
    "find_citations",
    "verification_of",
    "wrong_statements",
    "wrong_topic",
]


class RefProblem(NamedTuple):
    """What is wrong with a reference. ``error``: no such provision. ``warning``: the registry doubts it, or it was replaced."""

    code: str
    severity: Literal["error", "warning"]
    message: str


def check_ref(ref: str) -> tuple[RefProblem, ...]:
    """What is wrong with a reference such as ``GDPR:6(1)(f)``; nothing for a provision that exists as far as we know.

    A number or point that the registry does not have is an error where the entry was checked against the law's text, and a
    warning where it was not.
    """
    parsed = parse_ref(ref)
    if parsed is None:
        return (
            RefProblem(
                "ref.grammar",
                "error",
                f"{ref[:80]!r} is not a reference; write the registry's id and one provision, such as GDPR:6(1)(f).",
            ),
        )
    instrument = load_statutes().get(parsed.instrument_id)
    if instrument is None:
        return (
            RefProblem(
                "ref.unknown_instrument",
                "error",
                f"{parsed.instrument_id} is not in the registry of law; cite one of its ids.",
            ),
        )
    if not parsed.number:
        return ()
    article, run = instrument.article(parsed.number), instrument.numbers_with(parsed.number)
    if article is None and run is None:
        return (_no_such_number(instrument, parsed),)
    problems = []
    doubt = (article.superseded if article else None) or (run.warning if run else None)
    if doubt:
        problems.append(RefProblem("ref.superseded", "warning", f"{describe_ref(str(parsed))}: {doubt}"))
    if article is not None and article.paragraphs is not None:
        problems += _check_groups(instrument, article, parsed)
    return tuple(problems)


def cite_ref(ref: str) -> str:
    """A reference as lawyers cite it: ``Art. 6(1)(f) GDPR``. What the registry does not know stays as it is."""
    parsed = parse_ref(ref)
    instrument = load_statutes().get(parsed.instrument_id) if parsed else None
    if parsed is None or instrument is None:
        return ref
    if not parsed.number:
        return instrument.short
    run = instrument.numbers_with(parsed.number)
    return ((run.form if run else None) or instrument.form).replace("{}", _without_kind(parsed.pin))


def title_of(ref: str) -> str:
    """The title of the article that a reference cites (``Lawfulness of processing``); empty where the registry has none."""
    parsed = parse_ref(ref)
    instrument = load_statutes().get(parsed.instrument_id) if parsed else None
    article = instrument.article(parsed.number) if parsed is not None and instrument is not None else None
    return (article.title or "") if article is not None else ""


def join_ref(instrument_id: str, pinpoint: str) -> str:
    """The reference of a pinpoint in an instrument; one that already begins with the instrument's id stays as it is."""
    return pinpoint if pinpoint.startswith(f"{instrument_id}:") else f"{instrument_id}:{pinpoint}"


def describe_ref(ref: str) -> str:
    """A reference with its title: ``Art. 6(1)(f) GDPR, Lawfulness of processing``."""
    return ", ".join(filter(None, (cite_ref(ref), title_of(ref))))


def verification_of(ref: str) -> Verification | None:
    """How far the registry's entry for this provision was checked; None for an instrument or a form it does not know."""
    parsed = parse_ref(ref)
    instrument = load_statutes().get(parsed.instrument_id) if parsed else None
    if parsed is None or instrument is None:
        return None
    article, run = instrument.article(parsed.number), instrument.numbers_with(parsed.number)
    return (
        (article.verification if article else None)
        or (run.verification if run else None)
        or instrument.verification
    )


def _no_such_number(instrument: Instrument, ref: Ref) -> RefProblem:
    alike = [run for run in instrument.numbers if run.is_alike(ref.number)]
    told = "; ".join(run.told() for run in instrument.numbers)
    if not instrument.numbers:
        return RefProblem(
            "ref.unknown_number",
            "warning",
            f"the registry does not know the numbering of {instrument.short}; {ref} cannot be checked.",
        )
    checked = all(_verified(instrument, run) for run in alike) if alike else True
    if checked:
        return RefProblem(
            "ref.no_such_provision",
            "error",
            f"{instrument.short} has no {instrument.unit} {ref.number}; it has {told}. "
            f"Cite one provision, such as {instrument.cite_as}.",
        )
    return RefProblem(
        "ref.unverified_number",
        "warning",
        f"{instrument.short} is not known to have {instrument.unit} {ref.number} (known, without a check against the text: {told}).",
    )


def _check_groups(instrument: Instrument, article: Article, ref: Ref) -> list[RefProblem]:
    paragraphs = article.paragraphs
    if paragraphs is None or not ref.groups:
        return []
    verified = (article.verification or instrument.verification) == "text"
    severity: Literal["error", "warning"] = "error" if verified else "warning"
    where = f"{instrument.unit} {article.number} of {instrument.short}"
    has = "it is one paragraph" if article.structure == "single" else f"it has {article.structure}"
    paragraph, *rest = ref.groups
    if paragraph not in paragraphs:
        message = f"{where} has no paragraph ({paragraph}); {has}."
    elif rest and (len(rest) > 1 or rest[0] not in tuple(paragraphs[paragraph])):
        points = "".join(f"({group})" for group in rest)
        message = f"{where} has no point {points} in paragraph {paragraph}; {has}."
    else:
        return []
    return [RefProblem("ref.no_such_point", severity, message)]


def _verified(instrument: Instrument, run: Numbers) -> bool:
    return (run.verification or instrument.verification) == "text"


def _without_kind(pin: str) -> str:
    """A pinpoint without the word that tells recitals from articles: the form of such numbers says it."""
    return pin.removeprefix("recital ")
