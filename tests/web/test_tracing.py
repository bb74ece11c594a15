"""Request ids, the log, and headers of every answer."""

import logging

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import logs
from tests.cases import each_case


@pytest.fixture
def _log_as_json() -> None:
    logs.configure("INFO", as_json=True)


@pytest.mark.parametrize("sent", ["a", "A-1_b.c", "x" * 128])
def test_a_decent_request_id_is_echoed(sent: str, client: FlaskClient) -> None:
    assert client.get("/api/things", headers={"X-Request-ID": sent}).headers["X-Request-ID"] == sent


@each_case("sent", [None, "", "a b", "x" * 129, "ä", "a;b", "<script>"])
def test_any_other_is_replaced(sent: str | None, client: FlaskClient) -> None:
    headers = {} if sent is None else {"X-Request-ID": sent}
    made = client.get("/nowhere", headers=headers)
    assert made.headers["X-Request-ID"] != sent
    assert made.json is not None
    assert made.json["request_id"] == made.headers["X-Request-ID"]


@pytest.mark.usefixtures("_log_as_json")
def test_one_line_per_request_without_the_query(app: Flask, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    app.test_client().get("/api/things?q=secret", headers={"X-Request-ID": "abc"})
    (line,) = [orjson.loads(line) for line in capsys.readouterr().out.splitlines() if '"request"' in line]
    assert line["request_id"] == "abc"
    assert (line["method"], line["path"], line["status"], line["level"]) == (
        "GET",
        "/api/things",
        200,
        "info",
    )
    assert line["duration_ms"] >= 0
    assert line["at"].endswith("Z")
    assert "secret" not in str(line)


def test_a_row_quoted_by_the_database_stays_out_of_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("INFO", as_json=True)
    error = ValueError("duplicate key\nDETAIL:  Key (email)=(x\n\na@b.c) already exists.")
    logging.getLogger("test").error("failed", exc_info=error)
    out = capsys.readouterr().out
    assert "duplicate key" in out
    assert "a@b.c" not in out


def test_answers_stay_out_of_caches(client: FlaskClient) -> None:
    answer = client.get("/api/things/1")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
