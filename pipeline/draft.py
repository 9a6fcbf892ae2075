"""From a document to a draft: the stages in order, then every check over what they left."""

from contextlib import nullcontext
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from pipeline.aside import aside
from pipeline.checks.whole import check_all
from pipeline.errors import ModelError
from pipeline.llm import Asker, Door
from pipeline.registry.digest import registry_sha256
from pipeline.settings import Settings
from pipeline.stages.consumer import draft_consumer
from pipeline.stages.legal import draft_legal
from pipeline.stages.opening import passages_sha256, write_opening
from pipeline.stages.parts import Selection, select_passages
from pipeline.stages.risk import draft_risk
from pipeline.stages.stage import Bench, Silence, Watcher
from pipeline.store.store import StageStore
from schemas.document import Document
from schemas.draft import Draft, Provenance, StageRecord

_PACKAGES = (
    "clausewise",
    "openai",
    "instructor",
    "pydantic",
    "selectolax",
    "sentencex",
    "rapidfuzz",
    "genai-prices",
)


async def write_draft(
    document: Document,
    settings: Settings,
    *,
    store: StageStore,
    watcher: Watcher | None = None,
    fresh: bool = False,
    door: Asker | None = None,
) -> Draft:
    """The three artefacts of a document, with every finding and the place of every quote.

    ``fresh`` asks the model again even for stages that the store holds; ``door`` is one that is open already, for
    many documents. Raises ModelError, naming the document, when the endpoint
    gives no usable answer; stages finished before that stay in the store.
    """
    try:
        async with nullcontext(door) if door else Door(settings, replies=store) as asked:
            bench = Bench(document, "", asked, settings, store, watcher or Silence(), fresh)
            selection = await select_passages(bench)
            bench = Bench(
                document,
                write_opening(document, selection.shown, parts=selection.parts),
                asked,
                settings,
                store,
                bench.watcher,
                fresh,
            )
            consumer, first = await draft_consumer(bench)
            legal, second = await draft_legal(bench, consumer)
            risk, third = await draft_risk(bench, consumer, legal)
    except ModelError as error:
        error.add_note(f"document: {document.source.name}")
        raise
    citations, findings = await aside(check_all, document, consumer, legal, risk, bench.checked)
    return Draft(
        document=document,
        consumer=consumer,
        legal=legal,
        risk=risk,
        citations=citations,
        findings=(*document.findings, *selection.findings, *findings),
        provenance=_provenance(document, settings, selection, (first, second, third)),
    )


def _provenance(
    document: Document, settings: Settings, selection: Selection, records: tuple[StageRecord, ...]
) -> Provenance:
    return Provenance(
        source_sha256=document.source.sha256,
        passages_sha256=passages_sha256(document),
        registry_sha256=registry_sha256(),
        stages=(*selection.records, *records),
        versions={name: _version(name) for name in _PACKAGES},
        endpoint=settings.endpoint,
    )


@lru_cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
