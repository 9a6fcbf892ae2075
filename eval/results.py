"""Results: what an eval run found, as it is stored.

They hold all that a report shows, so that one can be written of results whose gold, policy or judge has changed since, and the digests of
those three, so that a comparison can say whether two results measure the same thing.
"""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, FiniteFloat, ValidationError

from eval.gated import Verdict
from eval.judges.measured import JudgeReport
from pipeline.errors import UsageError
from schemas.base import Value
from schemas.draft import StageName, Usage
from schemas.gold import Importance
from schemas.score import Mean, Score, ScoreItem

SCHEMA_VERSION = "1.0"

# scored: it was measured. unscored: the system has nothing to hand in for this case. failed: no draft came about, or measuring it broke.
# unavailable: an endpoint or a recording was not there; that says nothing about quality.
RunStatus = Literal["scored", "unscored", "failed", "unavailable"]


class Quote(Value):
    """Words that a sentence quotes, and the passage they are said to stand in."""

    passage_id: str
    words: str


class SentenceRecord(Value):
    """One sentence of a candidate. ``path`` as in findings."""

    path: str
    text: str
    role: str | None
    quotes: tuple[Quote, ...]


class StageMade(Value):
    """What made one stage of a draft. ``prompts`` are names with version -> sha256."""

    stage: StageName
    model_asked: str
    models_answered: tuple[str, ...]
    prompts: dict[str, str]
    parameters: dict[str, str | int | float | bool | None]
    requests: int = Field(ge=0)


class DraftMade(Value):
    """What made a draft."""

    endpoint: str
    versions: dict[str, str]
    stages: tuple[StageMade, ...]


class RunRecord(Value):
    """One system on one case, once. ``repetition`` counts from 1; ``seconds`` are those of making and scoring.

    ``reason`` says why there are no scores. ``cost_usd`` and tokens are None where they are not known, which is not zero.
    """

    system: str
    case: str
    repetition: int = Field(ge=1)
    status: RunStatus
    reason: str | None = None
    scores: tuple[Score, ...] = ()
    sentences: tuple[SentenceRecord, ...] = ()
    findings: dict[str, int] = Field(
        default_factory=dict, description="Severity -> number of findings of the draft's checks."
    )
    made_by: DraftMade | None = None
    usage: Usage = Usage()
    cost_usd: FiniteFloat | None = None
    seconds: FiniteFloat = Field(default=0, ge=0)

    def score(self, name: str) -> Score | None:
        """The score of this name."""
        return next((score for score in self.scores if score.name == name), None)


class EntryRecord(Value):
    """An entry of the gold: its list (``consumer_facts``), what it says, how much it matters, and the ids of its passages."""

    id: str
    kind: str
    statement: str
    importance: Importance | None
    passages: tuple[str, ...]


class PassageRecord(Value):
    """A passage of the document."""

    id: str
    text: str


class CaseRecord(Value):
    """A case as it was measured."""

    name: str
    title: str | None
    company: str | None
    language: str
    gold_sha256: str
    source_sha256: str
    passages_sha256: str
    entries: tuple[EntryRecord, ...]
    passages: tuple[PassageRecord, ...]


class SystemRecord(Value):
    """A system that was run, and how often on each case. ``drafts`` as in ``eval.systems.System``."""

    name: str
    about: str
    drafts: bool
    repetitions: int = Field(ge=1)


class JudgeRecord(Value):
    """The judge that gave the scores. ``version`` as ``eval.judges.version`` has it; ``model`` is the model that a model judge asks."""

    name: str
    version: str
    model: str | None = None

    @property
    def title(self) -> str:
        """Its name, with the model that it asks and the beginning of its version, for people."""
        return f"{self.name} ({', '.join(filter(None, (self.model, self.version[:8])))})"


class Results(Value):
    """Everything one eval run found, and what it was made with."""

    schema_version: Literal["1.0"]
    made_at: datetime
    seconds: FiniteFloat = Field(ge=0)
    judge: JudgeRecord
    judge_reports: tuple[JudgeReport, ...] = Field(
        default=(), description="What is known of the model judge on the cases that have recorded verdicts."
    )
    gate: Verdict | None = Field(default=None, description="What the gate said; null when it was not asked.")
    scorers_sha256: str
    registry_sha256: str
    prompts: dict[str, str] = Field(description="Prompts in use, by name with version -> sha256.")
    versions: dict[str, str] = Field(description="Package -> version.")
    cases: tuple[CaseRecord, ...]
    systems: tuple[SystemRecord, ...]
    runs: tuple[RunRecord, ...]

    def runs_of(self, system: str, case: str | None = None) -> tuple[RunRecord, ...]:
        """The runs of a system, on one case or on all, in order."""
        return tuple(r for r in self.runs if r.system == system and case in (None, r.case))

    def drafts(self, run: RunRecord) -> bool:
        """Whether a run is of a system that makes drafts."""
        return any(system.drafts for system in self.systems if system.name == run.system)

    def score_names(self) -> tuple[str, ...]:
        """The names of all scores, each once, in the scorers' order."""
        return tuple(dict.fromkeys(score.name for run in self.runs for score in run.scores))

    def items(self, system: str, name: str, case: str) -> dict[str, list[ScoreItem]]:
        """The items of one score of a system on a case by their ids, each with all its repetitions."""
        found: dict[str, list[ScoreItem]] = {}
        for run in self.runs_of(system, case):
            score = run.score(name)
            for item in score.items if score else ():
                found.setdefault(item.id, []).append(item)
        return found

    def mean(self, system: str, name: str, case: str | None = None) -> Mean:
        """The mean of one score of a system: over its repetitions within a case, then over cases, so that each case counts once.

        The counts are of runs; one that failed or had nothing to hand in counts as that for every score, and one that was unavailable as
        unscored. None of them is a number.
        """
        by_case: dict[str, list[float]] = {}
        scored = unscored = failed = 0
        for run in self.runs_of(system, case):
            score = run.score(name)
            status = score.status if score is not None else run.status
            if score is not None and score.value is not None:
                by_case.setdefault(run.case, []).append(score.value)
                scored += 1
            elif status == "failed":
                failed += 1
            else:
                unscored += 1
        means = [sum(values) / len(values) for values in by_case.values()]
        return Mean(
            value=sum(means) / len(means) if means else None, scored=scored, unscored=unscored, failed=failed
        )


def write_results(results: Results) -> str:
    """Results as JSON text."""
    return results.model_dump_json() + "\n"


def read_results(path: Path) -> Results:
    """Results from a file, or from the ``results.json`` of a folder. Raises UsageError when there are none, or of another version."""
    file = path / "results.json" if path.is_dir() else path
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(
            f"The results {file} cannot be read ({why}); give a results.json of clausewise eval run."
        ) from None
    try:
        return Results.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise UsageError(
            f"{file} holds no results of version {SCHEMA_VERSION} ({place}: {first['msg']}); run clausewise eval run again."
        ) from None
