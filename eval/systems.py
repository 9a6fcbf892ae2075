"""Systems: what can hand in a candidate for a case.

One is what Clausewise drafts, replayed or live. The others are there to be beaten: the first sentences of the policy, what a published
summary says, nothing, everything. A score on which one of them comes out above a good draft measures something else than it says.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any, Literal, get_args

from eval.bundled import recorded_settings, recording_path
from eval.candidate import Candidate, candidate_from_draft, candidate_from_raw, candidate_from_sentences
from eval.cases import Case
from eval.replay import replay
from eval.retelling import load_retelling
from pipeline.draft import write_draft
from pipeline.errors import UsageError
from pipeline.registry.decisions import load_decisions
from pipeline.registry.statutes import load_statutes
from pipeline.registry.taxonomy import load_taxonomy
from pipeline.settings import Settings
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from schemas.draft import Draft
from schemas.summaries import ConsumerRole, LegalRole

SystemName = Literal["recorded", "lead", "published", "empty", "everything", "live"]
OFFLINE: tuple[SystemName, ...] = ("recorded", "lead", "published", "empty", "everything")

# As many sentences as a summary may have.
_LEAD_CONSUMER, _LEAD_LEGAL = 3, 9
_WORDS_QUOTED = 3


@dataclass(frozen=True, slots=True)
class Made:
    """What a system hands in for one case, with the draft it comes from where there is one."""

    candidate: Candidate
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class NotMade:
    """A system has nothing to hand in for a case, and why: no fault of anybody."""

    reason: str


@dataclass(frozen=True, slots=True)
class System:
    """A system by its name. ``drafts`` says that it makes drafts, which are what the eval is about; the others are there to be beaten, and
    what is wrong with them is no news. ``varies`` says that the same case may give another candidate the next time, so that repeating
    tells something.

    ``make`` raises ModelError when no draft came about, and a ClausewiseError of exit code 3 when a recording does not fit.
    """

    name: str
    about: str
    make: Callable[[Case], Made | NotMade]
    drafts: bool = False
    varies: bool = False


def find_systems(names: Sequence[str], settings: Settings | None = None) -> tuple[System, ...]:
    """The systems of these names, each once; all that need no network when none is named. ``settings`` are the live one's.

    Raises UsageError for a name that is none.
    """
    known: dict[str, Callable[[], System]] = {
        "recorded": recorded,
        "lead": lambda: System("lead", "the first sentences of the policy", _lead),
        "published": lambda: System(
            "published", "what a published summary says, in our words, with its errors", _published
        ),
        "empty": lambda: System("empty", "nothing", _empty),
        "everything": lambda: System(
            "everything", "every passage, category, statute and decision", _everything
        ),
        "live": lambda: live(settings or Settings()),
    }
    for name in names:
        if name not in known:
            raise UsageError(f"There is no system {name[:60]!r}; name one of {', '.join(known)}.")
    return tuple(known[name]() for name in dict.fromkeys(names or OFFLINE))


def recorded(folder: Path | None = None, settings: Settings | None = None) -> System:
    """The recorded drafts: every exchange replayed from ``<case>.yaml`` in the folder, nothing asked of a model."""
    recordings, given = folder or recording_path().parent, settings or recorded_settings()

    def make(case: Case) -> Made | NotMade:
        recording = recordings / f"{case.name}.yaml"
        if not recording.is_file():
            return NotMade(
                f"There is no recording {recording.name}; make record POLICY={recording.stem} makes one."
            )
        with replay(recording):
            return _drafted("recorded", case, given)

    return System("recorded", "the recorded draft, replayed", make, drafts=True)


def live(settings: Settings) -> System:
    """What the model behind an endpoint drafts now; nothing is taken from or kept in a store, so that each repetition asks anew."""
    forgetful = settings.model_copy(update={"store": IN_MEMORY})
    return System(
        "live",
        f"{settings.model} at {settings.endpoint}",
        lambda case: _drafted("live", case, forgetful),
        drafts=True,
        varies=True,
    )


def _drafted(name: str, case: Case, settings: Settings) -> Made:
    async def work() -> Draft:
        with SqliteStore(IN_MEMORY) as store:
            return await write_draft(case.document, settings, store=store)

    draft = asyncio.run(work())
    return Made(candidate_from_draft(name, draft), draft)


def _lead(case: Case) -> Made:
    document = case.document
    first = [document.text_of(p) for p in document.passages if p.kind == "sentence"]
    return Made(candidate_from_sentences("lead", first[:_LEAD_CONSUMER], first[:_LEAD_LEGAL]))


def _published(case: Case) -> Made | NotMade:
    retelling = load_retelling(case)
    if retelling is None:
        return NotMade("No summary of this document was published.")
    consumer, legal = ([told.text for told in part] for part in (retelling.consumer, retelling.legal))
    return Made(candidate_from_sentences("published", consumer, legal))


def _empty(case: Case) -> Made:
    nothing = {"consumer": {"sentences": []}, "legal": {"sentences": []}, "risk": _RISK_OF_NOTHING}
    return Made(candidate_from_raw("empty", nothing))


_RISK_OF_NOTHING: dict[str, list[Any]] = {
    "provisions": [],
    "regulatory_exposure": [],
    "material_risks": [],
    "vendor_due_diligence": [],
    "enforcement_precedents": [],
    "left_out": [],
}


def _everything(case: Case) -> Made:
    document = case.document
    texts = [(p.id, document.text_of(p)) for p in document.passages]
    artefacts = {
        "consumer": {"sentences": _each_passage(texts, get_args(ConsumerRole))},
        "legal": {"sentences": _each_passage(texts, get_args(LegalRole))},
        "risk": _all_risks([_quote(*text) for text in texts]),
    }
    return Made(candidate_from_raw("everything", artefacts))


def _quote(passage_id: str, text: str) -> dict[str, str]:
    """The passage by its first words; all of them again for each category would fill the results."""
    return {"passage_id": passage_id, "quote": " ".join(text.split(" ")[:_WORDS_QUOTED])}


def _each_passage(texts: list[tuple[str, str]], roles: Sequence[str]) -> list[dict[str, Any]]:
    return [
        _claim(text, [_quote(passage_id, text)]) | {"role": role}
        for (passage_id, text), role in zip(texts, cycle(roles), strict=False)
    ]


def _claim(text: str, quotes: list[dict[str, str]]) -> dict[str, Any]:
    return {"text": text, "basis": "stated", "evidence": quotes, "absent_terms": [], "statutes": []}


def _all_risks(quotes: list[dict[str, str]]) -> dict[str, Any]:
    taxonomy, first = load_taxonomy(), quotes[:1]
    rule = next(rule for rule in taxonomy.severity_rules if rule.level == "high")
    worst = {"severity": "high", "likelihood": "high"}
    return {
        "provisions": [
            {
                "category": category.id,
                "title": category.title,
                "severity": rule.level,
                "severity_rule": rule.id,
                "confidence": "high",
                "what_it_is": _claim(category.question, quotes),
                "why_it_matters": _claim(category.question, first),
                "who_is_affected": "Everybody.",
                "what_you_can_do": [],
            }
            for category in taxonomy.categories
        ],
        "regulatory_exposure": [
            {
                "statute": instrument.id,
                "articles": [],
                "rationale": _claim(instrument.name, first),
                "enforcers": list(instrument.enforcers),
                **worst,
            }
            for instrument in load_statutes().instruments
        ],
        "material_risks": [
            {
                "title": category.title,
                "category": category.id,
                "rationale": _claim(category.question, first),
                "mitigations": [category.question],
                **worst,
            }
            for category in taxonomy.categories
        ],
        "vendor_due_diligence": [
            {
                "priority": "high",
                "action": category.question,
                "evidence_to_request": [category.title],
                "owner": "everybody",
                "category": category.id,
            }
            for category in taxonomy.categories
        ],
        "enforcement_precedents": [
            {"decision_id": decision.id, "relevance": decision.outcome, "evidence": first}
            for decision in load_decisions().decisions
        ],
        "left_out": [],
    }
