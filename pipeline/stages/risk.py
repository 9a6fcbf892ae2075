"""The third stage: the risk assessment."""

from pipeline.checks.artefacts import problems
from pipeline.stages.stage import Bench, run_stage, tell
from schemas.draft import StageRecord
from schemas.risk import RiskAssessment
from schemas.summaries import ConsumerSummary, LegalSummary


async def draft_risk(
    bench: Bench, consumer: ConsumerSummary, legal: LegalSummary
) -> tuple[RiskAssessment, StageRecord]:
    """Provisions, exposure by statute, material risks, due diligence and precedents."""

    def check(answer: RiskAssessment) -> list[str]:
        return problems(bench.checked.of(answer)[1])

    return await run_stage(bench, "risk", RiskAssessment, check, consumer=tell(consumer), legal=tell(legal))
