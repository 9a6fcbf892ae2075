"""Running: every system on every case, scored by one judge.

Whatever happens to one run, the others go on and all are in the results: nothing is lost because an endpoint was away. What was not
there is ``unavailable`` and never a low score.
"""

import hashlib
import platform
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from eval.candidate import Candidate, Part
from eval.cases import Case, gold_folder, list_gold, load_case
from eval.judges.model import ModelJudge
from eval.judges.verdict import Judge
from eval.judges.version import version_of
from eval.references import list_entries
from eval.replay import StaleRecordingError
from eval.results import (
    CaseRecord,
    DraftMade,
    EntryRecord,
    JudgeRecord,
    PassageRecord,
    Quote,
    Results,
    RunRecord,
    SentenceRecord,
    StageMade,
    SystemRecord,
)
from eval.scorers.every import score_candidate
from eval.systems import Made, NotMade, System
from pipeline.errors import (
    AnswerInvalidError,
    ContextOverflowError,
    ModelError,
    ModelRefusedError,
    ModelTruncatedError,
    UsageError,
)
from pipeline.prompts import CURRENT, load_prompt
from pipeline.registry.digest import registry_sha256
from pipeline.stages.opening import passages_sha256
from schemas.draft import Draft, Usage
from schemas.score import Score

# The field in which an entry of the gold says what it is about.
_SAYING = ("statement", "purpose", "title", "action", "why", "relevance")

# Where no model was asked the cost is known.
_NOTHING_ASKED = Usage(prompt_tokens=0, cached_tokens=0, completion_tokens=0)

Scorer = Callable[[Candidate, Case, Judge], tuple[Score, ...]]

# The endpoint answered, and no draft came of it: the system's fault. Any other ModelError says that nobody was there to answer.
_OF_THE_MODEL = (AnswerInvalidError, ContextOverflowError, ModelRefusedError, ModelTruncatedError)
_UNAVAILABLE = (ModelError, StaleRecordingError)
# Whose versions may move a score without a line of ours changing.
_PACKAGES = ("clausewise", "pydantic", "pyphen", "rapidfuzz", "selectolax", "sentencex", "vcrpy")
# What decides how a candidate is measured, beside the judge.
_MEASURES = ("scorers", "agreement.py", "candidate.py", "keys.py", "matching.py")


def find_cases(names: Sequence[str], folder: Path | None = None) -> tuple[Case, ...]:
    """The cases of these names, all of the folder (by default this package's) when none is named. Raises UsageError for one that is none."""
    gold = {path.stem: path for path in list_gold(folder or gold_folder())}
    for name in names:
        if name not in gold:
            raise UsageError(f"There is no case {name[:60]!r}; name one of {', '.join(gold)}.")
    return tuple(load_case(gold[name]) for name in dict.fromkeys(names or gold))


def run_eval(
    cases: Sequence[Case],
    systems: Sequence[System],
    judge: Judge,
    *,
    repeat: int = 1,
    score: Scorer = score_candidate,
    told: Callable[[RunRecord], None] = lambda run: None,
) -> Results:
    """Every system on every case. A system that varies is run ``repeat`` times, the others once: they would only say the same again.

    ``told`` hears of each run when it is done. Not to be called within a running event loop.
    """
    began = time.monotonic()
    runs = []
    for case in cases:
        for system in systems:
            for repetition in range(1, _repetitions(system, repeat) + 1):
                run = _run(case, system, judge, repetition, score)
                told(run)
                runs.append(run)
    return Results(
        schema_version="1.0",
        made_at=datetime.now(UTC).replace(microsecond=0),
        seconds=round(time.monotonic() - began, 3),
        judge=record_judge(judge),
        scorers_sha256=_sha256(*_MEASURES),
        registry_sha256=registry_sha256(),
        prompts={prompt.name: prompt.sha256 for prompt in map(load_prompt, CURRENT)},
        versions={"python": platform.python_version()} | {name: version(name) for name in _PACKAGES},
        cases=tuple(_record_case(case) for case in cases),
        systems=tuple(
            SystemRecord(name=s.name, about=s.about, drafts=s.drafts, repetitions=_repetitions(s, repeat))
            for s in systems
        ),
        runs=tuple(runs),
    )


def record_judge(judge: Judge) -> JudgeRecord:
    """A judge by its name and version, as results tell it."""
    return JudgeRecord(name=judge.name, version=version_of(judge), model=getattr(judge, "model", None))


def _repetitions(system: System, repeat: int) -> int:
    return repeat if system.varies else 1


def _run(case: Case, system: System, judge: Judge, repetition: int, score: Scorer) -> RunRecord:
    began = time.monotonic()
    ended: dict[str, Any]
    run = RunRecord(system=system.name, case=case.name, repetition=repetition, status="scored")
    try:
        made = system.make(case)
        if isinstance(made, NotMade):
            return run.model_copy(update={"status": "unscored", "reason": made.reason})
        run = _with_candidate(run, made)
        if isinstance(judge, ModelJudge):
            judge.prepare(made.candidate, case)
        scores = score(made.candidate, case, judge)
    except UsageError:
        raise
    except _UNAVAILABLE as error:
        failed = isinstance(error, _OF_THE_MODEL)
        ended = {"status": "failed" if failed else "unavailable", "reason": str(error)}
    except Exception as error:
        # One broken run must not take the others with it; where it broke stands in the results.
        ended = {"status": "failed", "reason": f"{type(error).__name__} in {_where(error)}: {error}"}
    else:
        ended = {"scores": scores}
    return run.model_copy(update={**ended, "seconds": round(time.monotonic() - began, 3)})


def _where(error: Exception) -> str:
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(last.filename).name} line {last.lineno}"


def _with_candidate(run: RunRecord, made: Made) -> RunRecord:
    candidate = made.candidate
    counts: dict[str, int] = {}
    for finding in candidate.findings:
        counts[finding.severity] = counts.get(finding.severity, 0) + 1
    parts: tuple[Part[Any], ...] = (candidate.consumer, candidate.legal, candidate.risk)
    return run.model_copy(
        update={
            "sentences": tuple(sentence for part in parts for sentence in _sentences(part)),
            "findings": counts,
            "made_by": _made_by(made.draft) if made.draft else None,
            "usage": candidate.usage if made.draft else _NOTHING_ASKED,
            "cost_usd": candidate.cost_usd if made.draft else 0.0,
        }
    )


def _sentences(part: Part[Any]) -> tuple[SentenceRecord, ...]:
    return tuple(
        SentenceRecord(
            path=sentence.path,
            text=sentence.text,
            role=sentence.role,
            quotes=tuple(
                Quote(passage_id=e.passage_id, words=e.quote)
                for e in (sentence.claim.evidence if sentence.claim else ())
            ),
        )
        for sentence in part.sentences
    )


def _made_by(draft: Draft) -> DraftMade:
    provenance = draft.provenance
    return DraftMade(
        endpoint=provenance.endpoint,
        versions=provenance.versions,
        stages=tuple(
            StageMade(
                stage=stage.stage,
                model_asked=stage.model_asked,
                models_answered=stage.models_answered,
                prompts=stage.prompts,
                parameters=stage.parameters,
                requests=len(stage.attempts),
            )
            for stage in provenance.stages
        ),
    )


def _record_case(case: Case) -> CaseRecord:
    document, gold = case.document, case.gold
    entries = []
    for place, entry in list_entries(gold):
        texts = (getattr(entry, key, None) for key in _SAYING)
        entries.append(
            EntryRecord(
                id=entry.id,
                kind=str(place[-2]),
                statement=next(text for text in texts if text),
                importance=getattr(entry, "importance", None),
                passages=case.passage_ids(getattr(entry, "anchors", ())),
            )
        )
    return CaseRecord(
        name=case.name,
        title=document.title,
        company=document.company,
        language=document.language,
        gold_sha256=hashlib.sha256(gold.model_dump_json().encode()).hexdigest(),
        source_sha256=document.source.sha256,
        passages_sha256=passages_sha256(document),
        entries=tuple(entries),
        passages=tuple(PassageRecord(id=p.id, text=document.text_of(p)) for p in document.passages),
    )


def _sha256(*names: str) -> str:
    """One digest of these modules and packages of eval, whatever the machine."""
    digest = hashlib.sha256()
    root = Path(str(files("eval")))
    for name in names:
        path = root / name
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
            digest.update(file.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()
