"""What every answer says about itself."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NoReturn
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from flask import Flask

from app.security.guards import public
from tests.cases import each_case
from tests.conftest import make_application
from tests.processes import free_port, outlived_by_us
from tests.servers import HOST, PROJECT, Server, raw_request, release_together, serving
from tests.settings import process_environment

USUAL = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
HSTS = "max-age=31536000; includeSubDomains"


@pytest.fixture(scope="module")
def application() -> Flask:
    app = make_application("sqlite://")

    @public
    def fail() -> NoReturn:
        raise RuntimeError("the secret of the house")

    app.add_url_rule("/api/fail", view_func=fail)
    return app


@pytest.fixture(scope="module")
def production(new_database: object) -> Iterator[Server]:
    assert callable(new_database)
    url = new_database("sqlite").url
    with serving(url, workers=1, application="tests.web.broken:app", FLASK_ENV="production") as server:
        yield server


@each_case(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("HEAD", "/healthz", 200),
        ("OPTIONS", "/healthz", 200),
        ("OPTIONS", "/api/users/me", 200),
        ("GET", "/docs", 302),
        ("GET", "/api/users/me", 401),
        ("HEAD", "/api/users/me", 401),
        ("GET", "/nothing", 404),
        ("DELETE", "/healthz", 405),
        ("POST", "/api/auth/login", 422),
        ("GET", "/api/services?q=%ff", 422),
        ("GET", "/api/fail", 500),
        ("FOO", "/nothing", 501),
    ],
)
def test_every_answer_has_them(method: str, path: str, status: int, application: Flask) -> None:
    """SE-03: nosniff, no-store, a policy that lets nothing load, no framing; also on errors and empty answers."""
    answer = application.test_client().open(path, method=method)
    assert answer.status_code == status
    assert {name: answer.headers.getlist(name) for name in USUAL} == {name: [value] for name, value in USUAL.items()}
    assert "Server" not in answer.headers


@each_case(
    ("path", "expected"),
    [
        ("/healthz", "application/json; charset=utf-8"),
        ("/openapi.json", "application/json; charset=utf-8"),
        ("/api/users/me", "application/problem+json; charset=utf-8"),
        ("/api/fail", "application/problem+json; charset=utf-8"),
        ("/apidocs/", "text/html; charset=utf-8"),
        ("/redoc", "text/html; charset=utf-8"),
    ],
)
def test_the_type_names_its_charset(path: str, expected: str, application: Flask) -> None:
    """SE-03: Content-Type with charset."""
    assert application.test_client().get(path).headers.getlist("Content-Type") == [expected]


@pytest.mark.parametrize("path", ["/apidocs/", "/redoc"])
def test_a_page_keeps_its_own_policy_and_the_rest(path: str, application: Flask) -> None:
    answer = application.test_client().get(path)
    (policy,) = answer.headers.getlist("Content-Security-Policy")
    assert policy.startswith("default-src 'none'; script-src 'self'; ")
    assert "frame-ancestors 'none'" in policy
    others = {name: answer.headers[name] for name in USUAL if name != "Content-Security-Policy"}
    assert others == {name: value for name, value in USUAL.items() if name != "Content-Security-Policy"}


def test_files_of_the_pages_cannot_be_embedded_elsewhere(application: Flask) -> None:
    with application.test_client().get("/static/docs.css") as answer:
        assert answer.status_code == 200
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_browsers_are_told_to_come_by_https_where_there_is_https(application: Flask) -> None:
    """SE-03: HSTS, but not from a development server without a certificate."""
    client = application.test_client()
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    assert client.get("/healthz", base_url="https://localhost").headers["Strict-Transport-Security"] == HSTS


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "FOO"])
def test_a_method_that_nobody_speaks_is_refused(method: str, application: Flask) -> None:
    """SE-04: TRACE, CONNECT, FOO."""
    client = application.test_client()
    known = client.open("/healthz", method=method)
    assert (known.status_code, known.json and known.json["code"]) == (405, "method_not_allowed")
    assert "GET" in known.headers["Allow"]
    for path in ("/", "/api/nothing"):
        unknown = client.open(path, method=method)
        assert (unknown.status_code, unknown.json and unknown.json["code"]) == (501, "not_implemented")


@pytest.mark.parametrize(
    "line", ["TRACE /healthz", "FOO /healthz", "TRACE /", "FOO /", "CONNECT /healthz", "CONNECT evil.example:443"]
)
def test_the_server_refuses_such_methods_too(line: str, production: Server) -> None:
    """SE-04: on the real server."""
    method, path = line.split()
    (answer,) = release_together(production.host, production.port, [raw_request(method, path)])
    assert answer.status in {400, 405, 501}
    assert method == "CONNECT" or answer.status != 400
    assert b"evil.example" not in answer.body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console", 404),
        ("/?__debugger__=yes&cmd=resource&f=debugger.js", 404),
        ("/api/fail?__debugger__=yes&cmd=printpin&s=x", 500),
        ("/api/fail", 500),
    ],
)
def test_production_shows_nothing_of_its_insides(path: str, status: int, production: Server) -> None:
    """SE-05: no debugger, no console, no trace."""
    (answer,) = release_together(production.host, production.port, [raw_request("GET", path)])
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert answer.json["code"] == {404: "route_not_found", 500: "internal_error"}[status]
    assert not re.search(rb"Traceback|RuntimeError|secret of the house|\.py|Werkzeug", answer.body)


@pytest.mark.parametrize(
    ("request_head", "status", "code"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"x" * 16000 + b"\r\n\r\n", 431, "request_header_fields_too_large"),
        (b"GET <script> HTTP/9.9\r\nHost: x\r\n\r\n", 400, "bad_request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: nonsense\r\n\r\n", 501, "not_implemented"),
    ],
    ids=["line", "NUL", "header", "version", "encoding"],
)
def test_the_server_refuses_in_our_words(request_head: bytes, status: int, code: str, production: Server) -> None:
    """SE-03: what never reaches the application is a problem too, with all the headers, and quotes nothing."""
    (answer,) = release_together(production.host, production.port, [request_head])
    assert answer.status == status
    assert answer.headers["content-type"] == "application/problem+json; charset=utf-8"
    assert (answer.json["code"], answer.json["status"]) == (code, status)
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert {name: answer.headers[name.lower()] for name in USUAL} == USUAL
    assert (answer.headers["strict-transport-security"], answer.headers["connection"]) == (HSTS, "close")
    assert b"script" not in answer.body
    assert b"xxx" not in answer.body


def test_the_server_does_not_tell_its_version(production: Server) -> None:
    """SE-03: no version in Server; in production HSTS on every answer, though TLS ends before us."""
    for path in ("/healthz", "/nothing", "/api/fail"):
        (answer,) = release_together(production.host, production.port, [raw_request("GET", path)])
        assert answer.headers["server"] == "gunicorn"
        assert answer.headers["strict-transport-security"] == HSTS
        assert {name: answer.headers[name.lower()] for name in USUAL} == USUAL


@pytest.mark.databases("sqlite")
def test_the_development_server_does_not_either(database_url: str) -> None:
    port = free_port()
    environment = process_environment(database_url, HOST=HOST, PORT=str(port), FLASK_ENV="development")
    command = [*outlived_by_us("TERM"), sys.executable, "run.py"]
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            assert server_header(f"http://{HOST}:{port}/healthz") == ["Werkzeug"]
        finally:
            process.terminate()


def server_header(url: str) -> list[str]:
    """Return the Server headers of the answer, as soon as there is one."""
    give_up = time.monotonic() + 30
    while True:
        try:
            with urlopen(url) as answer:
                return list(answer.headers.get_all("Server"))
        except URLError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
