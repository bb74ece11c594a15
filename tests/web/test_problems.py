"""Every error is a problem (RFC 9457)."""

import logging
import sqlite3
from typing import Any

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.cases import each_case
from tests.web.small import make_app, public

MEMBERS = {"type", "title", "status", "detail", "instance", "code", "request_id"}


def sqlite_error(code: int) -> OperationalError:
    error = sqlite3.OperationalError("failed")
    error.sqlite_errorcode = code
    return OperationalError("SELECT secret", {}, error)


def postgres_error(code: str | None) -> OperationalError:
    kind: Any = type("Failed", (Exception,), {"pgcode": code})
    return OperationalError("SELECT secret", {}, kind("server said secret"))


@pytest.fixture(params=[{"TESTING": True}, {"DEBUG": True}, {}])
def failing(request: pytest.FixtureRequest) -> Flask:
    """An application, in each of Flask's modes, that raises what it is told."""
    app = make_app(**request.param)
    app.config["RAISES"] = RuntimeError("the secret is 1234")

    @app.get("/fail")
    @public
    def fail() -> str:
        raise app.config["RAISES"]

    return app


def test_an_unexpected_error_is_logged_with_its_trace_and_answered_without(
    failing: Flask, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = failing.test_client().get("/fail")
    assert answer.status_code == 500
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["code"] == "internal_error"
    assert "secret" not in answer.text
    assert "RuntimeError" in capsys.readouterr().out + caplog.text


@each_case(
    "error",
    [
        sqlite_error(sqlite3.SQLITE_BUSY),
        sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT),
        sqlite_error(sqlite3.SQLITE_LOCKED),
        postgres_error("55P03"),
        postgres_error("57014"),
        postgres_error("40P01"),
        postgres_error("57P01"),
        postgres_error("08006"),
        postgres_error(None),
        PoolTimeout("no connection left"),
        DataError("SELECT 1", {}, Exception("gone"), connection_invalidated=True),
    ],
)
def test_a_database_that_is_busy_or_gone_means_try_again(error: Exception, failing: Flask) -> None:
    failing.config["RAISES"] = error
    answer = failing.test_client().get("/fail")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert answer.json is not None
    assert answer.json["code"] == "unavailable"
    assert "secret" not in answer.text


@each_case(
    "error",
    [sqlite_error(sqlite3.SQLITE_ERROR), postgres_error("42P01"), IntegrityError("", {}, Exception("x"))],
)
def test_other_database_errors_are_ours(error: Exception, failing: Flask) -> None:
    failing.config["RAISES"] = error
    assert failing.test_client().get("/fail").status_code == 500


def test_an_unknown_path_and_an_unknown_thing_differ(client: FlaskClient) -> None:
    for path in (
        "/nowhere",
        "/static/nowhere.js",
        "/apidocs/static/x",
        "/static/../x",
        "/api/things/x",
        "/api/things/-1",
        "/api/things/\u0661",
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json and answer.json["code"]) == (404, "route_not_found")
    for path in ("/api/things/0", "/api/things/9223372036854775808", "/api/things/" + "9" * 100):
        answer = client.get(path)
        assert (answer.status_code, answer.json and answer.json["code"]) == (404, "not_found")


def test_a_wrong_method_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.put("/api/things", json={})
    assert answer.status_code == 405
    assert {"GET", "POST"} <= set(answer.headers["Allow"].split(", "))
    assert answer.json is not None
    assert answer.json["code"] == "method_not_allowed"


def test_a_refusal_says_all_of_itself(client: FlaskClient) -> None:
    answer = client.post("/api/things", json={"name": "taken"}, headers={"X-Request-ID": "abc-1"})
    assert answer.status_code == 409
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "type": "/problems/thing_taken",
        "title": "Somebody has it.",
        "status": 409,
        "detail": "Gone.",
        "instance": "/api/things",
        "code": "thing_taken",
        "request_id": "abc-1",
        "alternatives": [1, 2],
    }


def test_wrong_fields_are_named_by_dotted_path(client: FlaskClient) -> None:
    body = {"name": " ", "parts": [{"sku": "a"}, {"sku": 5}, 3], "price": {"amount": 1.0, "x": 1}, "y": 1}
    answer = client.post("/api/things", json=body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json.keys() == MEMBERS | {"errors"}
    assert answer.json["errors"].keys() == {"name", "parts.1.sku", "parts.2", "price.amount", "price.x", "y"}
    assert all(isinstance(texts, list) for texts in answer.json["errors"].values())


def test_a_problem_stays_small(client: FlaskClient) -> None:
    answer = client.post("/api/things", json={f"x{number}": 1 for number in range(10_000)})
    assert answer.status_code == 422
    assert len(answer.data) < 10_000


def test_a_problem_names_the_beginning_of_an_endless_path(client: FlaskClient) -> None:
    """As much of it as the document promises at most."""
    answer = client.get(f"/api/things/{'1' * 4000}")
    assert answer.json is not None
    assert answer.json["instance"] == f"/api/things/{'1' * 1988}"
    assert len(answer.json["instance"]) == 2000


@pytest.mark.parametrize(
    ("old", "told"), [("start_time", "starts_at"), ("stock", "/api/inventory"), ("image_url", "/images")]
)
def test_the_old_name_of_a_field_is_answered_with_the_new_one(old: str, told: str, client: FlaskClient) -> None:
    answer = client.post("/api/things", json={"name": "x", old: 1})
    assert answer.json is not None
    assert told in answer.json["errors"][old][0]


def test_errors_of_the_framework_keep_their_status_and_headers(failing: Flask) -> None:
    @failing.get("/many")
    def many() -> str:
        abort(429)

    answer = failing.test_client().get("/many")
    assert (answer.status_code, answer.json and answer.json["code"]) == (429, "too_many_requests")
