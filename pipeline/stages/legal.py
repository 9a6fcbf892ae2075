"""The second stage: the legal summary."""

from pipeline.checks.artefacts import problems
from pipeline.stages.stage import Bench, run_stage, tell
from schemas.draft import StageRecord
from schemas.summaries import ConsumerSummary, LegalSummary


async def draft_legal(bench: Bench, consumer: ConsumerSummary) -> tuple[LegalSummary, StageRecord]:
    """Five to nine sentences for lawyers."""

    def check(answer: LegalSummary) -> list[str]:
        return problems(bench.checked.of(answer)[1])

    return await run_stage(bench, "legal", LegalSummary, check, consumer=tell(consumer))
