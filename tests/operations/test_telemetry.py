"""Errors sent to Sentry and traces by OpenTelemetry: by settings, and without anybody's data."""

import gzip
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import orjson
import pytest
import sentry_sdk
from flask import Flask, request
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.extensions import db
from app.operations import traces
from app.security.guards import public
from app.settings import operations
from config import SettingsError, load_settings
from tests.api import Api
from tests.conftest import make_application
from tests.databases import PROJECT
from tests.factories import make_user, token_for
from tests.processes import free_port
from tests.settings import environment

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def received() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes whatever is sent: its address, and the bodies."""
    bodies: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", free_port()), Taking) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_port}", bodies
        server.shutdown()
        thread.join()


def failing(app: Flask) -> Api:
    """Return the application with a view that fails on what somebody sent."""

    @public
    def fail(token: str) -> str:
        said = request.headers["User-Agent"]
        raise ValueError(f"odd\nDETAIL:  Key (email)=({token}, {said}) already exists.")

    app.add_url_rule("/fail/<token:token>", view_func=fail)
    return Api(app.test_client())


@pytest.mark.databases("sqlite")
def test_an_error_is_sent(database_url: str, received: tuple[str, list[bytes]]) -> None:
    """The trace, the route and the request's id; neither what was asked, nor local variables, nor quoted rows."""
    address, bodies = received
    app = make_application(database_url, SENTRY_DSN=f"http://key@{address}/1")
    try:
        api = failing(app)
        answer = api.get(
            "/fail/topsecret?q=lovelace",
            headers={"X-Request-ID": "abc", "Cookie": "x=topsecret", "User-Agent": "lovelace"},
        )
        assert answer.status_code == 500
        assert api.get("/api/nothing").status_code == 404
        sentry_sdk.flush(5)
    finally:
        sentry_sdk.init(default_integrations=False)  # sends nothing any more, and adds to no other test's requests
    (body,) = bodies
    event = orjson.loads(body.splitlines()[2])
    assert event["tags"] == {"request_id": "abc"}
    assert event["transaction"] == "/fail/<token:token>"
    assert event["exception"]["values"][-1]["value"] == "odd\nDETAIL: (hidden)"
    assert b"lovelace" not in body
    assert b"topsecret" not in body


def test_what_ends_a_program_is_sent(received: tuple[str, list[bytes]]) -> None:
    """It waits until Sentry has it."""
    address, bodies = received
    program = f"from app.operations import errors_sent as e; e.install('http://key@{address}/1', 'test'); 1 / 0"
    ended = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=False)
    (body,) = bodies
    assert orjson.loads(body.splitlines()[2])["exception"]["values"][-1]["type"] == "ZeroDivisionError"
    assert "Sentry" not in ended.stderr


def test_a_request_is_traced(app: Flask, api: Api) -> None:
    """A span below the caller's own, with its statements below it; by templates, without values."""
    user = make_user(email="lovelace@example.test")
    token, kept = token_for(user), InMemorySpanExporter()
    traced = make_application(app.config["SQLALCHEMY_DATABASE_URI"])
    with traced.app_context():
        engine = db.engine
    traces.watch(traced, engine, kept)
    client = Api(traced.test_client())
    assert client.get("/api/users/me?q=lovelace", token=token, headers={"traceparent": PARENT}).status_code == 200
    assert client.get("/nowhere/lovelace").status_code == 404
    assert traced.extensions["traces"].force_flush()
    *statements, asked, nowhere = kept.get_finished_spans()
    assert asked.parent
    assert asked.attributes
    assert (asked.name, asked.attributes["http.response.status_code"]) == ("GET /api/users/me", 200)
    assert f"{asked.context.trace_id:032x}" == PARENT.split("-")[1]
    assert f"{asked.parent.span_id:016x}" == PARENT.split("-")[2]
    assert {one.name for one in statements} - {"BEGIN"} == {"SELECT"}
    assert {one.parent.span_id for one in statements if one.parent} == {asked.context.span_id}
    assert all(one.parent for one in statements)
    assert nowhere.name == "GET"
    said = "".join(span.to_json() for span in kept.get_finished_spans())
    assert "FROM users" in said
    assert "lovelace" not in said
    traced.extensions["traces"].shutdown()
    engine.dispose()


@pytest.mark.databases("sqlite")
def test_traces_are_sent(database_url: str, received: tuple[str, list[bytes]]) -> None:
    """OTEL_EXPORTER_OTLP_ENDPOINT, by OTLP over HTTP."""
    address, bodies = received
    app = make_application(database_url, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://{address}/")
    assert Api(app.test_client()).get("/api/services").status_code == 200
    assert app.extensions["traces"].force_flush()
    app.extensions["traces"].shutdown()
    assert any(b"GET /api/services" in body for body in bodies)
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("name", ["SENTRY_DSN", "OTEL_EXPORTER_OTLP_ENDPOINT"])
def test_a_package_that_is_not_there(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The start stops with a line that says what to install."""
    missing: Callable[[str], None] = lambda _name: None  # noqa: E731  # shorter than its name
    monkeypatch.setattr(operations, "find_spec", missing)
    with pytest.raises(
        SettingsError, match=f"^{name} needs more packages: pip install -r requirements-telemetry.txt.$"
    ):
        load_settings(environment("sqlite://") | {name: "http://key@127.0.0.1/1"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("METRICS_TOKEN", "short"),
        ("METRICS_TOKEN", "with a space in the middle"),
        ("SENTRY_DSN", "key"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1"),
        ("SLOW_QUERY_MS", "-1"),
        ("READY_QUEUE_SECONDS", "0"),
    ],
)
def test_wrong_settings(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: "):
        load_settings(environment("sqlite://") | {name: value})


def test_neither_is_loaded_unless_it_is_wanted() -> None:
    look = "print({'sentry_sdk', 'app.operations.traces'} & set(sys.modules))"
    program = f"import sys; from app import create_app; create_app(); {look}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={"PATH": "", "PYTHONPATH": str(PROJECT)} | environment("sqlite://"),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "set()\n"
