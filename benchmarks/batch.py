"""How fast, how lean and how thrifty batches are: each figure beside its floor in the same run, or beside its aim.

The endpoint is that of the tests, a process of its own. A missed aim is printed and fails nothing, for the machine has its part in it.

    python -m benchmarks.batch                    # about seven minutes
    python -m benchmarks.batch --full             # an hour: 5,000 documents of 50 kB, minutes of rate limits
    python -m benchmarks.batch --only memory      # one of calls, rate, limits, memory, rerun, start, prefix
"""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from benchmarks.calls import measure_calls
from benchmarks.endpoint import STAGES, ask_bare, ask_instructor, busy_share, scripted_stages
from benchmarks.growth import Point, draw_growth
from benchmarks.ingest import processor, read
from benchmarks.processes import COMMAND, run_batch_process, run_process
from eval.bundled import policy_path, recorded_settings, recording_path
from eval.replay import replay
from pipeline.draft import write_draft
from pipeline.exchange import Asking, OpenGate, Permit
from pipeline.llm import Door
from pipeline.store.sqlite import IN_MEMORY, SqliteStore
from tests.fleet import Fleet, write_fleet

PLOT = Path(__file__).with_name("growth.svg")
_SIZE = 50_000  # characters of a document where memory is measured
_AIMED_AT = 1_000  # documents for which the aim is named
_TYPER = "import typer\napp = typer.Typer()\n@app.command()\ndef main(name: str) -> None:\n    print(name)\napp()\n"


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure. ``reached`` is None where there is no aim."""

    name: str
    measured: str
    aim: str = ""
    reached: bool | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured: documents of each part, and whether limits are those of the aim or so many times them."""

    calls: int
    slow: int
    quick: int
    limited: int
    times: int
    memory: tuple[int, ...]
    rerun: int


DEFAULT = Plan(calls=20, slow=1_000, quick=150, limited=110, times=20, memory=(20, 60), rerun=1_000)
FULL = Plan(
    calls=100, slow=1_000, quick=600, limited=80, times=1, memory=(100, 300, 1_000, 5_000), rerun=1_000
)


def main() -> int:
    """Print every figure as a row of a table."""
    options = _options()
    plan = FULL if options.full else DEFAULT
    if options.documents:
        plan = replace(plan, memory=tuple(options.documents))
    print(f"{processor()}, Python {platform.python_version()}, {_versions()}\n")
    print("| figure | measured | aim | |\n| --- | --- | --- | --- |")
    for name, measure in MEASURES.items():
        if options.only in (None, name):
            with tempfile.TemporaryDirectory() as folder:
                began = time.monotonic()
                for figure in measure(Path(folder), plan):
                    sign = {True: "reached", False: "missed", None: ""}[figure.reached]
                    print(f"| {figure.name} | {figure.measured} | {figure.aim} | {sign} |", flush=True)
                print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return 0


def measure_cpu(folder: Path, plan: Plan) -> list[Figure]:
    """Processor time of a call, beside a bare instructor call and the bare client.

    The aim speaks of evidence checks; it is held against them alone, and against all checks, which is more than it asks.
    """
    costs = measure_calls(folder / "calls", plan.calls)

    def told(cost: float) -> str:
        return (
            f"{cost:.1f} ms, {cost / costs.openai:.1f} x openai, {cost / costs.instructor:.2f} x instructor"
        )

    return [
        Figure("a call of the bare openai client", f"{costs.openai:.1f} ms"),
        Figure("a bare instructor call", told(costs.instructor)),
        Figure("our door alone: asked and read", told(costs.door)),
        Figure("a stage billed and committed, unchecked", told(costs.unchecked)),
        *(
            Figure(
                f"a stage with {checks}, billed and committed",
                told(cost),
                "1.15 x instructor",
                cost <= 1.15 * costs.instructor,
            )
            for checks, cost in (("its evidence checks alone", costs.evidence), ("all checks", costs.stage))
        ),
        Figure("the same, all documents answered in the same words", told(costs.repeated)),
    ]


def measure_rate(folder: Path, plan: Plan) -> Iterator[Figure]:
    """The share of the places at the endpoint that are kept busy, by the floor, by bare instructor calls and by a batch.

    In brackets the same without the start, in which a batch holds back until the first answer has told the limits: from the moment at
    which as many answers have come as there are places.
    """
    for latency, in_flight, documents, aim in (
        (2.0, 128, plan.slow, 0.97),
        (0.2, 64, plan.quick, 0.95),
    ):
        part = folder / f"{in_flight}"
        sources = write_fleet(part / "sources", documents)
        stages = asyncio.run(scripted_stages())
        shares, later = {}, {}
        for who, ask in (("floor", ask_bare), ("instructor", ask_instructor), ("batch", None)):
            (part / who).mkdir()
            with Fleet(part / who, latency=latency, spread=0.5) as endpoint:
                if ask is not None:
                    asyncio.run(ask(endpoint, stages, documents=documents, in_flight=in_flight))
                else:
                    run_batch_process(part, sources, endpoint.environment(), concurrency=in_flight)
                drawn = {"latency": latency, "spread": 0.5, "in_flight": in_flight}
                shares[who] = busy_share(endpoint.log(), **drawn)
                later[who] = busy_share(endpoint.log(), **drawn, from_answer=in_flight)
        of_floor = shares["batch"] / shares["floor"]
        name = f"{latency:g} s median latency, {in_flight} in flight"
        for who in ("floor", "instructor"):
            yield Figure(f"{name}: {who}", f"{shares[who]:.1%} of the ideal rate ({later[who]:.1%})")
        told = f"{shares['batch']:.1%} of the ideal rate ({later['batch']:.1%}); {of_floor:.1%} of the floor, {shares['batch'] / shares['instructor']:.1%} of instructor"
        what, reached = ("ideal", shares["batch"] >= aim) if latency >= 1 else ("floor", of_floor >= aim)
        yield Figure(f"{name}: a batch", told, f"{aim:.0%} of the {what}", reached)


def measure_limits(folder: Path, plan: Plan) -> list[Figure]:
    """How much of the endpoint's limits a batch uses, and how often it is told to wait."""
    requests, tokens = 500 * plan.times, 200_000 * plan.times
    sources = write_fleet(folder / "sources", plan.limited)
    with Fleet(folder, rpm=requests, tpm=tokens, latency=0.5, spread=0.5) as endpoint:
        run_batch_process(
            folder,
            sources,
            endpoint.environment(),
            "--requests-per-minute",
            str(requests),
            "--tokens-per-minute",
            str(tokens),
            concurrency=64,
        )
        log = sorted(endpoint.log(), key=lambda line: line.at)
    answered = [line for line in log if line.outcome == "answered"]
    # The last documents have nothing beside them: the rate is that of the first nine tenths.
    counted = answered[: len(answered) * 9 // 10]
    minutes = (counted[-1].at - counted[0].at) / 60
    used_requests = (len(counted) - 1) / minutes / requests
    used_tokens = sum(line.prompt_tokens + line.completion_tokens for line in counted[1:]) / minutes / tokens
    limited = sum(line.outcome == "limited" for line in log) / len(log)
    used = max(used_requests, used_tokens)
    label = f"{requests:,} requests and {tokens:,} tokens a minute"
    return [
        Figure(
            f"{label}: used",
            f"{used_tokens:.1%} of the tokens, {used_requests:.1%} of the requests, in {minutes * 60:.0f} s",
            "95 % of one",
            used >= 0.95,
        ),
        Figure(f"{label}: answered 429", f"{limited:.2%} of {len(log):,}", "1 %", limited <= 0.01),
    ]


def measure_memory(folder: Path, plan: Plan) -> Iterator[Figure]:
    """The most memory of batches of documents of 50 kB, and how it grows with their number; draws the plot."""
    points: list[Point] = []
    for count in plan.memory:
        part = folder / str(count)
        sources = write_fleet(part / "sources", count, chars=_SIZE)
        with Fleet(part) as endpoint:
            process = run_batch_process(part, sources, endpoint.environment())
        points.append(Point(count, count / process.seconds, process.peak_mb))
        draw_growth(points, PLOT)
        name = f"{count:,} documents of 50 kB"
        told = f"{process.peak_mb:.0f} MB at most, {points[-1].per_second:.2f} documents a second"
        if count >= _AIMED_AT:
            yield Figure(name, told, "250 MB", process.peak_mb <= 250)
        else:
            yield Figure(name, told)
    if len(points) > 1:
        growth = points[-1].peak_mb / points[-2].peak_mb - 1
        counts = f"from {points[-2].documents:,} to {points[-1].documents:,} documents"
        yield Figure(f"memory {counts}", f"{growth:+.1%}", "within 10 %", abs(growth) <= 0.1)


def measure_rerun(folder: Path, plan: Plan) -> list[Figure]:
    """A batch that is finished, run again."""
    sources = write_fleet(folder / "sources", plan.rerun)
    with Fleet(folder) as endpoint:
        first = run_batch_process(folder, sources, endpoint.environment())
        paid = len(endpoint.log())
        again = run_batch_process(folder, sources, endpoint.environment())
        calls = len(endpoint.log()) - paid
    return [
        Figure(
            f"{plan.rerun:,} small documents, first run",
            f"{first.seconds:.0f} s, {first.processor / plan.rerun / STAGES * 1000:.1f} ms of processor a call",
        ),
        Figure(
            "the same finished batch again",
            f"{again.seconds:.1f} s, {calls} calls, {again.peak_mb:.0f} MB",
            "3 s, no call",
            again.seconds < 3 and not calls,
        ),
    ]


def measure_start(folder: Path, plan: Plan) -> list[Figure]:
    """``clausewise --help`` beside a typer program that does nothing, both compiled before; the least of ten in turn."""
    program = folder / "program.py"
    program.write_text(_TYPER)
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    times = [
        (
            run_process((sys.executable, program, "--help"), environment).seconds,
            run_process((COMMAND, "--help"), environment).seconds,
        )
        for _ in range(10)
    ]
    bare, ours = (min(column) for column in zip(*times, strict=True))
    told = f"{ours * 1000:.0f} ms, {ours / bare:.2f} x a bare typer program ({bare * 1000:.0f} ms)"
    return [Figure("cold start of --help", told, "1.5 x", ours < 1.5 * bare)]


def measure_prefix(folder: Path, plan: Plan) -> list[Figure]:
    """How much of the prompts of stages two and three repeats that of stage one to the byte, on the bundled policy.

    The share of bytes stands for that of tokens. The answers are the recorded ones.
    """
    prompts = asyncio.run(_bundled_prompts())
    shares = [_common(prompts[0], prompt) / len(prompt) for prompt in prompts[1:]]
    both = sum(_common(prompts[0], prompt) for prompt in prompts[1:]) / sum(map(len, prompts[1:]))
    told = f"{both:.1%} ({', '.join(f'{share:.1%}' for share in shares)})"
    return [
        Figure("prompt bytes of stages two and three that repeat stage one's", told, "85 %", both >= 0.85)
    ]


async def _bundled_prompts() -> list[bytes]:
    """The first prompt of each stage of the bundled policy, as the recorded draft asked them."""
    heard = _Prompts()
    settings = recorded_settings()
    with SqliteStore(IN_MEMORY) as store, replay(recording_path()):
        async with Door(settings, gate=heard) as door:
            await write_draft(read(policy_path()), settings, store=store, door=door)
    return list(heard.by_kind.values())


class _Prompts(OpenGate):
    """A gate that notes what is asked first of each kind."""

    def __init__(self) -> None:
        self.by_kind: dict[str, bytes] = {}

    async def enter(self, asking: Asking) -> Permit:
        prompt = "".join(message["content"] for message in asking.messages).encode()
        self.by_kind.setdefault(asking.kind, prompt)
        return self


def _common(one: bytes, other: bytes) -> int:
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _versions() -> str:
    names = ("openai", "instructor", "pydantic", "typer")
    return ", ".join(f"{name} {version(name)}" for name in names)


MEASURES: dict[str, Callable[[Path, Plan], Iterable[Figure]]] = {
    "start": measure_start,
    "prefix": measure_prefix,
    "calls": measure_cpu,
    "rate": measure_rate,
    "limits": measure_limits,
    "rerun": measure_rerun,
    "memory": measure_memory,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Benchmarks of batches.")
    parser.add_argument(
        "--full", action="store_true", help="as many documents as the aims name; takes an hour"
    )
    parser.add_argument(
        "--documents", type=int, nargs="+", help="how many documents of 50 kB, where memory is measured"
    )
    parser.add_argument("--only", choices=list(MEASURES), help="one part alone")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
