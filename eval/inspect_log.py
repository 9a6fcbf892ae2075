"""Results in the log format of Inspect AI, so that drafts and their scores can be read in its viewer: one log for each system.

The format is JSON and is written as it stands (version 2, which ``inspect_ai.log.read_eval_log`` of 0.3 reads): the package itself would
bring some eighty others along, which scoring drafts has no use for.
"""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.results import CaseRecord, Results, RunRecord, SystemRecord
from pipeline.files import write_files
from schemas.draft import Usage

_VERSION = 2
_TASK = "clausewise"


def write_inspect_logs(results: Results, folder: Path) -> tuple[Path, ...]:
    """Write a log for each system, under the name by which Inspect knows logs; returns the paths. Raises UsageError when it cannot be."""
    stamp = results.made_at.isoformat().replace(":", "-")
    texts = {}
    for system in results.systems:
        log = inspect_log(results, system)
        name = f"{stamp}_{_TASK}-{system.name}_{log['eval']['task_id']}.json"
        texts[name] = json.dumps(log, ensure_ascii=False, indent=1) + "\n"
    return write_files(folder, texts)


def inspect_log(results: Results, system: SystemRecord) -> dict[str, Any]:
    """One system's runs as an Inspect log. A sample is a case, an epoch a repetition; what was not scored is told in the metadata and is no
    number.
    """
    runs = results.runs_of(system.name)
    cases = {case.name: case for case in results.cases}
    model = _model(system, runs)
    made_at = results.made_at.isoformat()
    log_id = hashlib.sha256(f"{system.name}\0{made_at}".encode()).hexdigest()[:22]
    return {
        "version": _VERSION,
        "status": "success",
        "eval": {
            "eval_id": log_id,
            "run_id": log_id,
            "task_id": log_id,
            "created": made_at,
            "task": _TASK,
            "model": model,
            "dataset": {"name": "gold", "samples": len(cases), "sample_ids": list(cases), "shuffled": False},
            "config": {"epochs": system.repetitions},
            "packages": results.versions,
            "metadata": {
                "system": system.name,
                "about": system.about,
                "judge": results.judge.name,
                "judge_version": results.judge.version,
                "scorers_sha256": results.scorers_sha256,
                "registry_sha256": results.registry_sha256,
                "gold_sha256": {case.name: case.gold_sha256 for case in results.cases},
            },
        },
        "plan": {"name": "system", "steps": [{"solver": system.name, "params": {}}]},
        "results": _results(results, system, runs),
        "stats": {"started_at": made_at, "completed_at": made_at},
        "samples": [_sample(run, cases[run.case], model) for run in runs],
    }


def _model(system: SystemRecord, runs: Sequence[RunRecord]) -> str:
    """The models that answered, or the system's own name where none was asked."""
    answered = [
        m for run in runs if run.made_by for stage in run.made_by.stages for m in stage.models_answered
    ]
    return f"{_TASK}/{'+'.join(dict.fromkeys(answered)) or system.name}"


def _results(results: Results, system: SystemRecord, runs: Sequence[RunRecord]) -> dict[str, Any]:
    scores = []
    for name in results.score_names():
        mean = results.mean(system.name, name)
        if mean.value is not None:
            counts = {"scored_samples": mean.scored, "unscored_samples": mean.unscored + mean.failed}
            metrics = {"mean": {"name": "mean", "value": mean.value}}
            scores.append({"name": name, "scorer": name, **counts, "metrics": metrics})
    done = sum(run.status == "scored" for run in runs)
    return {"total_samples": len(runs), "completed_samples": done, "scores": scores}


def _sample(run: RunRecord, case: CaseRecord, model: str) -> dict[str, Any]:
    told = "\n".join(sentence.text for sentence in run.sentences)
    musts = [f"{entry.id}: {entry.statement}" for entry in case.entries if entry.importance == "must"]
    sample: dict[str, Any] = {
        "id": run.case,
        "epoch": run.repetition,
        "input": "\n".join(f"[{passage.id}] {passage.text}" for passage in case.passages),
        "target": musts,
        "output": {
            "model": model,
            "choices": [{"message": {"role": "assistant", "content": told}, "stop_reason": "stop"}],
            **_usage(run.usage),
        },
        "scores": {
            score.name: {
                "value": score.value,
                "explanation": score.reason,
                "metadata": {"items": [item.model_dump() for item in score.items], **score.figures},
            }
            for score in run.scores
            if score.value is not None
        },
        "metadata": {
            "status": run.status,
            "findings": run.findings,
            "cost_usd": run.cost_usd,
            "not_scored": {s.name: f"{s.status}: {s.reason}" for s in run.scores if s.value is None},
        },
        "total_time": run.seconds,
    }
    if run.status in ("failed", "unavailable"):
        sample["error"] = {"message": f"{run.status}: {run.reason}", "traceback": "", "traceback_ansi": ""}
    return sample


def _usage(usage: Usage) -> dict[str, Any]:
    """Tokens, where all are known: Inspect counts what is missing as none."""
    if usage.prompt_tokens is None or usage.completion_tokens is None:
        return {}
    tokens = {
        "input_tokens": usage.prompt_tokens,
        "output_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "input_tokens_cache_read": usage.cached_tokens,
    }
    return {"usage": tokens}
