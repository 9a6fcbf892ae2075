"""Systems hand in what they say they do, and bad ones come out below a good one on every score that they should."""

import asyncio
from pathlib import Path

import pytest
import yaml

from eval.candidate import candidate_from_draft, candidate_from_sentences
from eval.cases import Case, gold_folder, load_case
from eval.judges.rules import RulesJudge
from eval.replay import StaleRecordingError
from eval.results import Results
from eval.retelling import load_retelling, retellings_folder
from eval.run import run_eval
from eval.systems import Made, NotMade, System, find_systems, live, recorded
from pipeline.errors import ModelUnreachableError, ReplayMissError, UsageError
from tests.endpoint import USAGE, Endpoint, fault
from tests.eval_case import record_tidewater
from tests.gold_candidate import perfect, tidewater_case
from tests.tidewater import answers_for, tidewater

SNIPPETS = Path(__file__).parents[2] / "shared" / "reference" / "mistral-gold.yaml"


def made_by(name: str, case: Case) -> Made:
    (system,) = find_systems([name])
    made = system.make(case)
    assert isinstance(made, Made)
    return made


@pytest.fixture(scope="module")
def bundled() -> Case:
    return load_case(gold_folder() / "mistral-2026-04-08.yaml")


def test_lead_is_the_first_sentences_of_the_policy() -> None:
    case = tidewater_case()
    candidate = made_by("lead", case).candidate
    sentences = [case.document.text_of(p) for p in case.document.passages if p.kind == "sentence"]
    assert list(candidate.consumer.texts) == sentences[:3]
    assert list(candidate.legal.texts) == sentences[:9]
    assert candidate.risk.state == "not_offered"


def test_empty_says_nothing_in_any_artefact() -> None:
    candidate = made_by("empty", tidewater_case()).candidate
    assert [part.sentences for part in (candidate.consumer, candidate.legal, candidate.risk)] == [(), (), ()]
    assert candidate.risk.artefact is not None
    assert candidate.risk.artefact.provisions == []


def test_everything_has_every_passage_and_every_category() -> None:
    case = tidewater_case()
    candidate = made_by("everything", case).candidate
    passages = [case.document.text_of(p) for p in case.document.passages]
    assert list(candidate.consumer.texts) == passages
    assert list(candidate.legal.texts) == passages
    assert candidate.risk.state == "valid"
    assert candidate.risk.artefact is not None
    ids = {p.id for p in case.document.passages}
    for provision in candidate.risk.artefact.provisions:
        assert {evidence.passage_id for evidence in provision.what_it_is.evidence} == ids


def test_published_says_each_annotated_error_and_nothing_of_the_wording(bundled: Case) -> None:
    retelling = load_retelling(bundled)
    assert retelling is not None
    assert made_by("published", bundled).candidate.legal.texts == tuple(told.text for told in retelling.legal)
    if not SNIPPETS.exists():
        pytest.skip("the annotations of the published wording are not here")
    errors = yaml.safe_load(SNIPPETS.read_text(encoding="utf-8"))["reference_errors"]
    text = " ".join(told.text for told in (*retelling.consumer, *retelling.legal)).casefold()
    long = [error["snippet"] for error in errors if len((error["snippet"] or "").split()) > 3]
    assert long
    assert not [snippet for snippet in long if snippet.casefold() in text]


def test_nothing_is_retold_where_nothing_was_published() -> None:
    (system,) = find_systems(["published"])
    assert system.make(tidewater_case()) == NotMade("No summary of this document was published.")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("errors: [RE-01]", "errors: []", "RE-01 stands too often or not at all"),
        ("errors: [RE-01]", "errors: [RE-01, RE-02]", "RE-02 stands too often or not at all"),
        ("errors: [RE-01]", "errors: [RE-99]", "RE-01, RE-99 stands"),
        ("unsaid:", "said_by_nobody:", "said_by_nobody: Extra inputs are not permitted"),
        ("consumer:", "consumer: [", "this is not YAML"),
    ],
)
def test_a_retelling_that_lost_or_gained_an_error_is_refused(
    tmp_path: Path, bundled: Case, old: str, new: str, told: str
) -> None:
    text = (retellings_folder() / f"{bundled.name}.yaml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / f"{bundled.name}.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UsageError, match=told):
        load_retelling(bundled, tmp_path)


async def test_recorded_and_the_endpoint_it_was_recorded_from_draft_the_same(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    await record_tidewater(tmp_path, endpoint.settings())
    replayed = await _in_thread(recorded(tmp_path, endpoint.settings()), tidewater_case())
    assert len(endpoint.requests) == 3
    answered = await _in_thread(live(endpoint.settings()), tidewater_case())
    assert len(endpoint.requests) == 6
    assert isinstance(replayed, Made)
    assert isinstance(answered, Made)
    assert replayed.candidate.consumer == answered.candidate.consumer
    assert replayed.candidate.risk == answered.candidate.risk
    assert answered.candidate.usage.prompt_tokens == 3 * int(str(USAGE["prompt_tokens"]))


async def test_live_asks_anew_each_time_and_keeps_nothing(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.script_with(answers_for(tidewater()))
    system = live(endpoint.settings(store=tmp_path / "store.db"))
    assert system.varies
    for _ in range(2):
        await _in_thread(system, tidewater_case())
    assert len(endpoint.requests) == 6
    assert not (tmp_path / "store.db").exists()


async def test_a_recording_that_does_not_fit_is_an_error_and_no_candidate(
    tmp_path: Path, endpoint: Endpoint
) -> None:
    endpoint.script_with(answers_for(tidewater()))
    await record_tidewater(tmp_path, endpoint.settings())
    with pytest.raises(ReplayMissError, match="its model differs"):
        await _in_thread(recorded(tmp_path, endpoint.settings(model="another")), tidewater_case())
    path = tmp_path / "tidewater.yaml"
    tape = yaml.safe_load(path.read_text(encoding="utf-8"))
    tape["interactions"].append(tape["interactions"][0])
    path.write_text(yaml.safe_dump(tape, allow_unicode=True, sort_keys=False), encoding="utf-8")
    with pytest.raises(StaleRecordingError, match="1 recorded exchanges"):
        await _in_thread(recorded(tmp_path, endpoint.settings()), tidewater_case())


def test_no_recording_is_a_reason_and_no_error(tmp_path: Path) -> None:
    made = recorded(tmp_path).make(tidewater_case())
    assert isinstance(made, NotMade)
    assert "There is no recording tidewater.yaml" in made.reason


async def test_an_endpoint_that_is_away_is_an_error(endpoint: Endpoint) -> None:
    endpoint.script_with(lambda request: fault(503))
    with pytest.raises(ModelUnreachableError):
        await _in_thread(live(endpoint.settings(transport_tries=1)), tidewater_case())


def test_an_unknown_system_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        UsageError, match=r"no system 'best'.*recorded, lead, published, empty, everything, live"
    ):
        find_systems(["best"])


def test_no_name_means_every_system_that_needs_no_network_and_a_name_twice_is_one() -> None:
    assert [s.name for s in find_systems([])] == ["recorded", "lead", "published", "empty", "everything"]
    assert [s.name for s in find_systems(["lead", "empty", "lead"])] == ["lead", "empty"]


# A good draft has to be above the bad system on each of these; on others a bad system may be as good (nothing is easier to keep short than
# the first three sentences) or have no value (what tells nothing contradicts nothing).
BELOW = {
    "lead": ("consumer.fact_recall", "legal.fact_recall", "legal.bases_told", "legal.carve_outs", "legal.authorities"),
    "empty": (
        *("consumer.fact_recall", "consumer.roles", "consumer.length"),
        *("legal.fact_recall", "legal.bases_told", "legal.carve_outs", "legal.authorities", "legal.roles", "legal.length"),
        *("risk.provisions_recall", "risk.provisions_f1", "risk.statutes_f1", "risk.material_risks", "risk.due_diligence"),
    ),
    "everything": (
        *("consumer.length", "legal.length"),
        *("risk.provisions_precision", "risk.provisions_f1", "risk.evidence"),
        *("risk.statutes_f1", "risk.decisions"),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def scoreboard() -> Results:
    """A draft that says what the gold says, among the systems that are there to be beaten."""
    good = System(
        "good", "what the gold says", lambda case: Made(candidate_from_draft("good", perfect(case)))
    )
    return run_eval([tidewater_case()], [good, *find_systems([*BELOW])], RulesJudge())


@pytest.mark.parametrize(
    ("bad", "score"), [(bad, score) for bad, scores in BELOW.items() for score in scores]
)
def test_a_bad_system_comes_out_below_a_good_one(scoreboard: Results, bad: str, score: str) -> None:
    better, worse = scoreboard.mean("good", score).value, scoreboard.mean(bad, score).value
    assert better is not None
    assert worse is not None
    assert better > worse


def test_no_system_that_hands_in_nothing_has_a_score_above_zero(scoreboard: Results) -> None:
    (run,) = scoreboard.runs_of("empty")
    assert {score.value for score in run.scores} <= {0.0, None}


def test_the_published_errors_cost_what_they_are_errors_of(bundled: Case) -> None:
    right = System("right", "the facts that must be told", _facts_that_must_be_told)
    results = run_eval([bundled], [right, *find_systems(["published"])], RulesJudge())
    for score in ("legal.fact_recall", "legal.contradictions", "legal.supported", "legal.conclusions"):
        better, worse = results.mean("right", score).value, results.mean("published", score).value
        assert better is not None
        assert worse is not None
        assert better > worse, score


def _facts_that_must_be_told(case: Case) -> Made:
    consumer = [fact.statement for fact in case.gold.consumer_facts if fact.importance == "must"]
    legal = [fact.statement for fact in case.gold.legal_facts if fact.importance == "must"]
    return Made(candidate_from_sentences("right", consumer, legal))


async def _in_thread(system: System, case: Case) -> Made | NotMade:
    """Systems run a loop of their own, so never in one that is running."""
    return await asyncio.to_thread(system.make, case)
