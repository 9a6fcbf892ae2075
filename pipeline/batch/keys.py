"""What a draft depends on, as digests: by them a rerun knows what need not be done again."""

import hashlib
import json
from importlib.metadata import version

from pipeline.prompts import load_prompt
from pipeline.registry.digest import registry_sha256
from pipeline.settings import Settings
from pipeline.stages.opening import passages_sha256
from pipeline.store.records import Item
from schemas.document import Document
from schemas.reading import Reading
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary

_PROMPTS = ("system", "document", "read", "consumer", "legal", "risk")
_ANSWERS = (Reading, ConsumerSummary, LegalSummary, RiskAssessment)


def settings_sha256(settings: Settings, *, force: bool) -> str:
    """Digest of all that determines a draft beside its document: model, parameters, prompts, schemas, registry, version."""
    return _digest(
        {
            "model": settings.model,
            "endpoint": settings.endpoint,
            "mode": settings.mode,
            "temperature": settings.temperature,
            "seed": settings.seed,
            "max_output_tokens": settings.max_output_tokens,
            "answer_tries": settings.answer_tries,
            "context_window": settings.context_window,
            "prompts": {name: load_prompt(name).sha256 for name in _PROMPTS},
            "schemas": [answer.model_json_schema() for answer in _ANSWERS],
            "registry": registry_sha256(),
            "version": version("clausewise"),
            "force": force,
        }
    )


def source_key(settings_key: str, item: Item, sha256: str, name: str) -> str:
    """Key of an item's bytes and of all else that its draft depends on; ``name`` is the file's, whose ending counts.

    It begins with the start of ``settings_key``, so that it can be told whether an item was drafted with the same settings.
    """
    own = _digest([sha256, name.rpartition("/")[2], item.title, item.company])
    return f"{settings_key[:16]}-{own}"


def with_same_settings(settings_key: str, key: str | None) -> bool:
    """Whether a source's key was made with these settings."""
    return key is not None and key.startswith(settings_key[:16] + "-")


def document_key(settings_key: str, item: Item, document: Document) -> str:
    """Key of a document by its passages, and by the title and company that a manifest gives it."""
    return _digest([settings_key, passages_sha256(document), item.title, item.company])


def run_id(command: object) -> str:
    """A short name for a run, by what its command says."""
    return _digest(command)[:12]


def _digest(value: object) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
