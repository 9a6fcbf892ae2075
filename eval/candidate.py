"""Candidate: what a system hands in for scoring.

It is made from a draft, from raw JSON that may be broken (each artefact is validated on its own), or from plain sentences, as simple
baselines write them. Of an artefact that its schema refuses, every entry that is valid by itself is kept and scored, and the state and the
problems say what was wrong; so an answer that is broken in one place is not scored as if it had said nothing.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from pydantic import ValidationError

from pipeline.checks.claims import walk_claims
from pipeline.registry.decisions import load_decisions
from schemas.base import Answer
from schemas.draft import Draft, Usage
from schemas.finding import Finding
from schemas.risk import (
    DueDiligenceAction,
    Exposure,
    LeftOut,
    MaterialRisk,
    Precedent,
    Provision,
    RiskAssessment,
)
from schemas.summaries import Claim, ConsumerSentence, ConsumerSummary, LegalSentence, LegalSummary

A = TypeVar("A", ConsumerSummary, LegalSummary, RiskAssessment)

# valid: as its schema wants it. invalid: refused by the schema, and scored by what of it can be read. plain: sentences alone, of a system
# that makes no artefacts. missing: nothing that can be read, of a system that should have made it. not_offered: the system makes none.
State = Literal["valid", "invalid", "plain", "missing", "not_offered"]
ArtefactName = Literal["consumer", "legal", "risk"]

_MOST_PROBLEMS = 20
_NOT_KNOWN = Usage()
_SENTENCES: dict[str, type[Answer]] = {"consumer": ConsumerSentence, "legal": LegalSentence}
_RISK_LISTS: dict[str, type[Answer]] = {
    "provisions": Provision,
    "regulatory_exposure": Exposure,
    "material_risks": MaterialRisk,
    "vendor_due_diligence": DueDiligenceAction,
    "enforcement_precedents": Precedent,
    "left_out": LeftOut,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an artefact. ``path`` as in findings; ``claim`` and ``role`` are None for a plain sentence."""

    path: str
    text: str
    claim: Claim | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Part(Generic[A]):
    """One artefact of a candidate.

    ``artefact`` is what could be read of it: whole when ``valid``, in part when ``invalid`` (it may then be shorter than its schema allows,
    and paths count the entries that are left), else None. ``sentences`` are its claims in order, with a risk assessment's questions to the
    vendor and what it says of decisions (each named) after them, or the plain sentences. ``problems`` say why it is not valid.
    """

    name: ArtefactName
    state: State
    artefact: A | None = None
    sentences: tuple[Sentence, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether there is anything to be scored, an empty artefact included."""
        return self.state in ("valid", "invalid", "plain")

    @property
    def texts(self) -> tuple[str, ...]:
        """The sentences' texts."""
        return tuple(sentence.text for sentence in self.sentences)

    @property
    def why_not(self) -> str:
        """Why there is nothing to be scored, in one sentence."""
        if self.state == "not_offered":
            return f"The system makes no {self.name} artefact."
        return f"The {self.name} artefact is missing: {self.problems[0] if self.problems else 'nothing was handed in.'}"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One system's work on one document. ``usage`` and ``cost_usd`` are None where they are not known, which is not zero."""

    system: str
    consumer: Part[ConsumerSummary]
    legal: Part[LegalSummary]
    risk: Part[RiskAssessment]
    findings: tuple[Finding, ...] = ()
    usage: Usage = _NOT_KNOWN
    cost_usd: float | None = None


def candidate_from_draft(system: str, draft: Draft) -> Candidate:
    """A finished draft, whose artefacts are valid by their type."""
    stages = draft.provenance.stages
    costs = [stage.cost_usd for stage in stages]
    attempts = [attempt.usage for stage in stages for attempt in stage.attempts]
    return Candidate(
        system=system,
        consumer=_valid("consumer", draft.consumer),
        legal=_valid("legal", draft.legal),
        risk=_valid("risk", draft.risk),
        findings=draft.findings,
        usage=Usage(
            prompt_tokens=_sum(usage.prompt_tokens for usage in attempts),
            cached_tokens=_sum(usage.cached_tokens for usage in attempts),
            completion_tokens=_sum(usage.completion_tokens for usage in attempts),
        ),
        cost_usd=_sum(costs),
    )


def candidate_from_raw(system: str, artefacts: Mapping[str, object]) -> Candidate:
    """Artefacts as JSON text or as parsed data, by their names; one that is absent or None is missing."""
    return Candidate(
        system=system,
        consumer=_read("consumer", ConsumerSummary, artefacts.get("consumer")),
        legal=_read("legal", LegalSummary, artefacts.get("legal")),
        risk=_read("risk", RiskAssessment, artefacts.get("risk")),
    )


def candidate_from_sentences(
    system: str, consumer: Sequence[str] | None = None, legal: Sequence[str] | None = None
) -> Candidate:
    """Plain sentences for either summary; None for a summary that the system does not write, no sentences for an empty one."""
    return Candidate(
        system=system,
        consumer=_plain("consumer", consumer),
        legal=_plain("legal", legal),
        risk=Part("risk", "not_offered"),
    )


def _sum(values: Iterable[Any]) -> Any:
    """The sum, or None as soon as one part is not known."""
    known = list(values)
    return sum(known) if known and None not in known else None


def _valid(name: ArtefactName, artefact: A) -> Part[A]:
    return Part(name, "valid", artefact, _sentences(name, artefact))


def _sentences(name: str, artefact: ConsumerSummary | LegalSummary | RiskAssessment) -> tuple[Sentence, ...]:
    claims = tuple(
        Sentence(path, claim.text, claim, getattr(claim, "role", None))
        for path, claim in walk_claims(artefact, name)
    )
    if not isinstance(artefact, RiskAssessment):
        return claims
    actions = [step.action for step in artefact.vendor_due_diligence]
    cases = [f"In the case {_name(cited)}: {cited.relevance}" for cited in artefact.enforcement_precedents]
    return (
        *claims,
        *(Sentence(f"{name}.vendor_due_diligence[{n}].action", text) for n, text in enumerate(actions)),
        *(Sentence(f"{name}.enforcement_precedents[{n}].relevance", text) for n, text in enumerate(cases)),
    )


def _name(precedent: Precedent) -> str:
    """By what a decision is known; what is said of it names it by its id alone, which a reader does not see."""
    decision = load_decisions().get(precedent.decision_id)
    return decision.names[0] if decision and decision.names else precedent.decision_id


def _plain(name: ArtefactName, texts: Sequence[str] | None) -> Part[Any]:
    if texts is None:
        return Part(name, "not_offered")
    sentences = tuple(Sentence(f"{name}.sentences[{n}]", text) for n, text in enumerate(texts))
    return Part(name, "plain", None, sentences)


def _read(name: ArtefactName, schema: type[A], raw: object) -> Part[A]:
    if raw is None:
        return Part(name, "missing", problems=("nothing was handed in.",))
    problems: list[str] = []
    if isinstance(raw, (str, bytes)):
        try:
            raw = json.loads(raw, object_pairs_hook=_tell_duplicates(problems), parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            return Part(name, "missing", problems=(f"it is not JSON ({error}).",))
    if not isinstance(raw, dict):
        return Part(name, "missing", problems=("it is no JSON object.",))
    try:
        artefact = schema.model_validate(raw)
    except ValidationError as error:
        problems += _problems(error)
        artefact = _salvage(name, schema, raw)
    state: State = "invalid" if problems else "valid"
    return Part(name, state, artefact, _sentences(name, artefact), tuple(problems[:_MOST_PROBLEMS]))


def _salvage(name: str, schema: type[A], raw: dict[str, Any]) -> A:
    """The artefact with every entry of its lists that is valid by itself; the schema's rules on the whole are not asked."""
    entries: dict[str, type[Answer]] = _RISK_LISTS if name == "risk" else {"sentences": _SENTENCES[name]}
    kept: dict[str, Any] = {}
    for key, kind in entries.items():
        kept[key] = list(_each(raw.get(key), kind))
    return schema.model_construct(None, **kept)


def _each(values: object, kind: type[Answer]) -> Iterator[Answer]:
    for value in values if isinstance(values, list) else ():
        try:
            yield kind.model_validate(value)
        except ValidationError:
            continue  # told among the problems of the whole artefact


def _problems(error: ValidationError) -> list[str]:
    return [
        f"{'.'.join(map(str, fault['loc'])) or 'the artefact'}: {fault['msg']}"
        for fault in error.errors(include_url=False, include_input=False, include_context=False)
    ]


def _tell_duplicates(problems: list[str]) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    def read(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                problems.append(f"the key {key[:80]!r} stands twice in one object.")
            found[key] = value
        return found

    return read


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON number")
