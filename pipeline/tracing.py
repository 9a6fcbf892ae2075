"""OpenTelemetry spans of requests to the model, by the names of its conventions for generative AI (``gen_ai.*``).

There are spans when an exporter is set in the environment (``OTEL_TRACES_EXPORTER``, ``OTEL_EXPORTER_OTLP_ENDPOINT``), or when the program
around Clausewise has set up a tracer. Prompts are left out unless ``OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT`` is ``true``;
answers always are.
"""

import json
import os
from typing import Any
from urllib.parse import urlsplit

from pipeline.errors import UsageError
from pipeline.exchange import Asking, Gate, Heard, Permit
from pipeline.settings import Settings

_EXPORTERS = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_CONTENT = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"


def tracing_gate(settings: Settings) -> Gate | None:
    """A gate that makes a span of every request, or None when nobody wants spans.

    Raises UsageError when an exporter is set and the packages that it needs are not installed.
    """
    wanted = os.environ.get("OTEL_TRACES_EXPORTER") != "none" and any(map(os.environ.get, _EXPORTERS))
    try:
        from opentelemetry import trace
    except ImportError as error:
        if wanted:
            raise _not_installed(error) from error
        return None
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        if not wanted:
            return None
        _set_up(trace)
    return TracingGate(
        trace.get_tracer("clausewise"), settings, os.environ.get(_CONTENT, "").lower() == "true"
    )


def _set_up(trace: Any) -> None:
    try:
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

        exporter: Any
        if os.environ.get("OTEL_TRACES_EXPORTER") == "console":
            import sys

            exporter = ConsoleSpanExporter(out=sys.stderr)
        else:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

            exporter = OTLPSpanExporter()
    except ImportError as error:
        raise _not_installed(error) from error
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def _not_installed(error: ImportError) -> UsageError:
    return UsageError(
        f"An exporter of traces is set and {error.name} is not installed; install opentelemetry-sdk and "
        "opentelemetry-exporter-otlp-proto-http, or unset OTEL_TRACES_EXPORTER and OTEL_EXPORTER_OTLP_ENDPOINT."
    )


class TracingGate:
    """A gate that holds nothing back and makes a span of each request. ``prompts`` is whether they are told too."""

    def __init__(self, tracer: Any, settings: Settings, prompts: bool) -> None:
        self._tracer = tracer
        self._prompts = prompts
        parts = urlsplit(settings.base_url)
        self._server = {"server.address": parts.hostname or "", "server.port": parts.port or 443}

    async def enter(self, asking: Asking) -> Permit:
        """Begin the span."""
        from opentelemetry.trace import SpanKind

        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",
            "gen_ai.output.type": "json",
            "gen_ai.request.model": asking.model,
            "gen_ai.request.max_tokens": asking.most_completion_tokens,
            "clausewise.prompt": asking.kind,
            **self._server,
        }
        if self._prompts:
            attributes["gen_ai.input.messages"] = json.dumps(asking.messages, ensure_ascii=False, default=str)
        span = self._tracer.start_span(f"chat {asking.model}", kind=SpanKind.CLIENT, attributes=attributes)
        return _Span(span)


class _Span:
    def __init__(self, span: Any) -> None:
        self._span = span

    async def heard(self, heard: Heard) -> None:
        """End the span with what became of the request."""
        told = {
            "gen_ai.response.model": heard.model,
            "gen_ai.usage.input_tokens": heard.usage.prompt_tokens,
            "gen_ai.usage.output_tokens": heard.usage.completion_tokens,
            "error.type": None if heard.outcome == "answered" else heard.reason or heard.outcome,
        }
        self._span.set_attributes({name: value for name, value in told.items() if value is not None})
        if heard.outcome != "answered":
            from opentelemetry.trace import StatusCode

            self._span.set_status(StatusCode.ERROR)
        self._span.end()
