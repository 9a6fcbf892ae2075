"""The first stage: the consumer summary."""

from pipeline.checks.artefacts import problems
from pipeline.stages.stage import Bench, run_stage
from schemas.draft import StageRecord
from schemas.summaries import ConsumerSummary


async def draft_consumer(bench: Bench) -> tuple[ConsumerSummary, StageRecord]:
    """Three sentences for the people whose data it is."""

    def check(answer: ConsumerSummary) -> list[str]:
        return problems(bench.checked.of(answer)[1])

    return await run_stage(bench, "consumer", ConsumerSummary, check)
