"""The lines of the log: who, where, how long, and nothing that is secret or somebody's."""

import logging
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import orjson
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from structlog.stdlib import ProcessorFormatter

from app.extensions import db
from app.models import Role
from app.web import logs
from tests.api import Api
from tests.conftest import make_application
from tests.factories import make_service, make_user, make_working_staff, token_for

Lines = Callable[[], list[dict[str, Any]]]

PRIVATE = ("ada@", "lovelace", "horse", "712345678", "allergic", "wanjiku", "secret", "bearer", "eyj")
"""What the requests below say, in small letters."""


@pytest.fixture
def lines(app: Flask) -> Iterator[Lines]:
    """Log as production does; return what was logged since the last look."""
    level = logging.getLogger().level
    logs.configure("DEBUG", as_json=True)
    written = StringIO()
    (handler,) = (one for one in logging.getLogger().handlers if isinstance(one.formatter, ProcessorFormatter))
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)

    def read() -> list[dict[str, Any]]:
        text = written.getvalue()
        written.seek(0)
        written.truncate()
        return [orjson.loads(line) for line in text.splitlines()]

    yield read
    logs.configure(logging.getLevelName(level), as_json=False)


def test_a_request(api: Api, lines: Lines) -> None:
    """Its id, whose it is, the route's template, and how long it took."""
    user, service = make_user(), make_service()
    lines()
    api.get(f"/api/services/{service.id}", headers={"X-Request-ID": "abc"})
    api.get("/api/users/me", token=token_for(user))
    api.get("/me", token=token_for(user))
    first, second, third = (line for line in lines() if line["event"] == "request")
    assert (first["request_id"], first["route"], first["path"]) == (
        "abc",
        "/api/services/<id:service_id>",
        f"/api/services/{service.id}",
    )
    assert "user_id" not in first
    assert (second["user_id"], second["route"], "earlier_path" in second) == (user.id, "/api/users/me", False)
    assert (third["user_id"], third["route"], third["earlier_path"]) == (user.id, "/api/users/me", True)
    assert {"at", "level", "method", "status", "duration_ms", "request_id"} <= third.keys()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/api/bookings/manage/17-abcdef", "/api/bookings/manage/TOKEN"),
        ("/unsubscribe/17-abcdef", "/unsubscribe/TOKEN"),
        ("/api/inventory/SKU%2D1", "/api/inventory/SKU"),
        ("/api/staff/7/hours/2030-01-07", "/api/staff/7/hours/2030-01-07"),
        ("/api/users/ada@example.test/7", "/api/users/*/*"),
        ("/nowhere/eyJhbGciOi.x", "/nowhere/*"),
        ("/a%0Ab", "/*"),
        ("/", "/"),
    ],
)
@pytest.mark.databases("sqlite")
def test_paths(api: Api, lines: Lines, path: str, shown: str) -> None:
    """Ids and dates stay; tokens and all other parameters are named; of no path, only plain words."""
    api.get(path)
    (line,) = (line for line in lines() if line["event"] == "request")
    assert line["path"] == shown


@pytest.mark.databases("sqlite")
def test_who_else_listens_hears_of_requests_too(api: Api, lines: Lines) -> None:
    """A handler beside the log's own, as a tool that watches programs adds one."""
    heard: list[logging.LogRecord] = []
    other = logging.Handler()
    other.emit = heard.append  # type: ignore[method-assign,assignment]  # as short as it can be
    logging.getLogger().addHandler(other)
    try:
        api.get("/healthz", headers={"X-Request-ID": "abc"})
    finally:
        logging.getLogger().removeHandler(other)
    api.get("/healthz")
    (record,) = heard
    assert isinstance(record.msg, dict)
    assert (record.levelname, record.msg["path"], record.msg["request_id"]) == ("INFO", "/healthz", "abc")
    assert [line["path"] for line in lines()] == ["/healthz", "/healthz"]


@pytest.fixture
def alone(lines: Lines, monkeypatch: pytest.MonkeyPatch) -> Callable[[], logs.Output]:
    """Call it in the test: then nobody but the log listens, pytest included; returns what writes it."""

    def alone() -> logs.Output:
        (output,) = (one for one in logging.getLogger().handlers if isinstance(one, logs.Output))
        monkeypatch.setattr(logging.getLogger(), "handlers", [output])
        return output

    return alone


@pytest.mark.databases("sqlite")
def test_the_short_way_says_the_same(api: Api, lines: Lines, alone: Callable[[], logs.Output]) -> None:
    """Whether somebody else listens makes no difference to the line."""
    api.get("/healthz", headers={"X-Request-ID": "abc"})
    alone()
    api.get("/healthz", headers={"X-Request-ID": "abc"})
    long, short = (list((line | {"at": "", "duration_ms": 0}).items()) for line in lines())
    assert long == short


@pytest.mark.databases("sqlite")
def test_a_log_that_is_gone_fails_no_request(
    api: Api, alone: Callable[[], logs.Output], capsys: pytest.CaptureFixture[str]
) -> None:
    """Standard error says what is wrong with it."""
    closed = StringIO()
    closed.close()
    alone().setStream(closed)
    assert api.get("/healthz").status_code == 200
    assert "I/O operation on closed file" in capsys.readouterr().err


@pytest.mark.databases("sqlite")
def test_the_level_of_the_log(api: Api, lines: Lines) -> None:
    """Whoever wants warnings only has no line of a request."""
    logging.getLogger().setLevel("WARNING")
    api.get("/healthz")
    assert lines() == []


def test_nothing_secret_and_nothing_of_people(app: Flask, api: Api, lines: Lines) -> None:
    """Whatever is asked, and however it goes wrong: registering, signing in, booking, searching, failing."""
    admin, service = token_for(make_user(Role.ADMIN)), make_service()
    make_working_staff(service)
    ada = {"email": "ada@example.test", "password": "correct horse battery"}
    made = api.post("/api/auth/register", json=ada | {"name": "Ada Lovelace", "phone": "+254712345678"}).json
    token = made["access_token"]
    api.post("/api/auth/register", json=ada | {"name": "Ada Lovelace"})
    api.post("/api/auth/login", json=ada)
    api.post("/api/auth/login", json=ada | {"password": "secret"})
    api.post("/api/auth/refresh", json={"refresh_token": made["refresh_token"]})
    api.get("/api/users", query={"q": "Lovelace"}, token=admin)
    api.get("/api/services", query={"q": "wanjiku", "cursor": "secret"})
    api.post("/api/bookings", json={"service_id": service.id, "notes": "allergic", "starts_at": "secret"}, token=token)
    api.post("/api/clients", json={"first_name": "Wanjiku", "phone": "+254712345678"}, token=admin)
    api.get("/api/nothing/ada@example.test", headers={"Authorization": "Bearer secret", "User-Agent": "lovelace"})
    api.get(f"/api/users/{made['user']['id']}/calendar.ics", query={"token": "secret"})
    api.post("/api/auth/password/reset", json={"token": "secret", "password": "correct horse battery"})
    text = orjson.dumps(lines()).decode().lower()
    assert text.count('"request"') == 12
    assert [word for word in PRIVATE if word in text] == []


@pytest.mark.databases("postgresql")
def test_what_the_database_quotes_stays_out(app: Flask, lines: Lines) -> None:
    """Of a refused row, line ends in it and all: only what is wrong is told."""
    make_user(first_name="x\nLovelace", last_name="DETAIL: 0712345678")
    with pytest.raises(IntegrityError) as refused:
        db.session.execute(text("UPDATE users SET role = NULL"))
    db.session.rollback()
    logging.getLogger("test").error("failed", exc_info=refused.value)
    (line,) = lines()
    assert '"role"' in line["exception"]
    assert [word for word in PRIVATE if word in line["exception"].lower()] == []


@pytest.mark.databases("sqlite")
def test_libraries_are_no_chatterers(app: Flask, api: Api, lines: Lines) -> None:
    """A request has one line, whatever it makes."""
    logging.getLogger("fontTools.subset").info("glyf pruned")
    logging.getLogger("alembic.runtime.plugins").info("setup plugin")
    assert lines() == []


def test_slow_statements(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """SLOW_QUERY_MS: the statement as it is prepared, its time, whose request it was of; no values."""
    app = make_application(database_url, SLOW_QUERY_MS="0")
    logs.configure("WARNING", as_json=True)
    Api(app.test_client()).get("/api/services", query={"q": "wanjiku"}, headers={"X-Request-ID": "abc"})
    text = capsys.readouterr().out
    slow = [line for line in map(orjson.loads, text.splitlines()) if line["event"] == "slow_query"]
    assert any("FROM services" in line["statement"] for line in slow)
    assert all(line["request_id"] == "abc" and line["duration_ms"] >= 0 and line["level"] == "warning" for line in slow)
    assert "wanjiku" not in text
    quick = make_application(database_url, SLOW_QUERY_MS="60000")
    logs.configure("WARNING", as_json=True)
    Api(quick.test_client()).get("/api/services")
    assert "slow_query" not in capsys.readouterr().out
    for one in (app, quick):
        with one.app_context():
            db.engine.dispose()


@pytest.mark.databases("postgresql")
def test_a_statement_that_is_ended(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The slowest are those that never finish: they are logged as well, with the time they had."""
    app = make_application(database_url, SLOW_QUERY_MS="50")
    logs.configure("WARNING", as_json=True)
    with app.app_context():
        db.session.execute(text("SET LOCAL statement_timeout = 100"))
        with pytest.raises(OperationalError):
            db.session.execute(text("SELECT pg_sleep(:seconds)"), {"seconds": 4711})
        db.session.rollback()
        db.engine.dispose()
    (line,) = map(orjson.loads, capsys.readouterr().out.splitlines())
    assert (line["event"], line["level"]) == ("slow_query", "warning")
    assert line["statement"] == "SELECT pg_sleep(%(seconds)s)"
    assert line["duration_ms"] >= 100
