"""Traces by OpenTelemetry: a span for each request, below the caller's own, and one for each statement below that.

Statements stand in them as they are prepared, without values; paths, as their route has them.
"""

from typing import Any, Final

from flask import Flask, Response, g, has_app_context, request
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from sqlalchemy import Engine, event

LONGEST_STATEMENT: Final = 2000
FIRST_FAILURE: Final = 500
EXPORT_SECONDS: Final = 2
"""How long a collector may be silent: a program that ends waits so long, and then its last spans are lost."""


def install(app: Flask, engine: Engine, endpoint: str) -> None:
    """Send the traces of `app` and `engine` to the collector at `endpoint`."""
    watch(app, engine, OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS))


def watch(app: Flask, engine: Engine, exporter: SpanExporter) -> None:
    """Hand the traces of `app` and `engine` to `exporter`, a batch at a time."""
    provider = TracerProvider(resource=Resource.create({"service.name": "parlour"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    app.extensions["traces"] = provider
    tracer = provider.get_tracer("parlour")
    _watch_requests(app, tracer)
    _watch_statements(engine, tracer)


def _watch_requests(app: Flask, tracer: Tracer) -> None:
    def begin() -> None:
        route = request.url_rule.rule if request.url_rule else None
        known = {"http.request.method": request.method} | ({"http.route": route} if route else {})
        g.span = tracer.start_span(
            f"{request.method} {route}" if route else request.method,
            context=propagate.extract(request.headers),
            kind=SpanKind.SERVER,
            attributes=known | {"parlour.request_id": g.request_id},
        )

    def end(response: Response) -> Response:
        span = g.pop("span", None)
        if span is not None:
            span.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= FIRST_FAILURE:
                span.set_status(StatusCode.ERROR)
            span.end()
        return response

    app.before_request(begin)
    app.after_request(end)


def _watch_statements(engine: Engine, tracer: Tracer) -> None:
    def begin(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
        parent = g.get("span") if has_app_context() else None
        if parent is not None:
            context.span = tracer.start_span(
                statement.split(maxsplit=1)[0],
                context=trace.set_span_in_context(parent),
                kind=SpanKind.CLIENT,
                attributes={"db.system.name": engine.dialect.name, "db.query.text": statement[:LONGEST_STATEMENT]},
            )

    def end(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: Any) -> None:
        if hasattr(context, "span"):
            context.span.end()

    def fail(failed: Any) -> None:
        if hasattr(failed.execution_context, "span"):
            failed.execution_context.span.set_status(StatusCode.ERROR)
            failed.execution_context.span.end()

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)
