"""Spans of requests: the names of the conventions, and no prompt unless it is asked for."""

import json
from typing import Any

import pytest

from pipeline.batch.runner import tracing_gate as used_by_runs
from pipeline.errors import UsageError
from pipeline.exchange import Gates
from pipeline.llm import Door, Sample
from pipeline.tracing import TracingGate, tracing_gate
from tests.endpoint import Endpoint, answer, fault

SAMPLE = {"word": "clausewise", "number": 7}
PROMPT = "We keep the minutes of the harbour committee."


def test_without_an_exporter_there_are_no_spans(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    assert tracing_gate(endpoint.settings()) is None
    assert used_by_runs is tracing_gate


def test_exporter_whose_packages_are_missing_is_one_clear_error(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "console")
    monkeypatch.setitem(__import__("sys").modules, "opentelemetry", None)
    with pytest.raises(UsageError, match=r"An exporter of traces is set and .* is not installed"):
        tracing_gate(endpoint.settings())


async def spans(endpoint: Endpoint, *, prompts: bool) -> list[Any]:
    pytest.importorskip("opentelemetry.sdk")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    endpoint.script(fault(503), answer(SAMPLE))
    settings = endpoint.settings()
    gate = TracingGate(provider.get_tracer("test"), settings, prompts)
    async with Door(settings, gate=Gates(gate)) as door:
        await door.ask(system="s", user=PROMPT, answer=Sample, check=lambda sample: [], kind="sample.v1")
    return list(exporter.get_finished_spans())


async def test_each_request_is_a_span_with_model_tokens_and_fault(endpoint: Endpoint) -> None:
    failed, good = await spans(endpoint, prompts=False)
    assert good.name == "chat scripted"
    told = dict(good.attributes)
    assert told["gen_ai.operation.name"] == "chat"
    assert told["gen_ai.request.model"] == "scripted"
    assert told["gen_ai.response.model"] == "scripted-1"
    assert (told["gen_ai.usage.input_tokens"], told["gen_ai.usage.output_tokens"]) == (100, 20)
    assert told["clausewise.prompt"] == "sample.v1"
    assert dict(failed.attributes)["error.type"] == "HTTP 503"
    assert PROMPT not in failed.to_json() + good.to_json()


async def test_prompts_are_told_when_they_are_asked_for(endpoint: Endpoint) -> None:
    _, good = await spans(endpoint, prompts=True)
    assert json.loads(dict(good.attributes)["gen_ai.input.messages"])[1]["content"] == PROMPT
