"""What gunicorn itself says, in the log of the house."""

import socket
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.servers import Server, serving

pytestmark = pytest.mark.databases("sqlite")  # none is asked

STRONG = "7f3k9q2m8x5v1c6b4n0z-7f3k9q2m8x5v1c6b4n0z"

NONE_AT_ALL = (
    b"GET /unsubscribe/17?token=lovelace\r\n\r\n",
    b"ADA@LOVELACE / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nlovelace says\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Ada Lovelace: 1\r\n\r\n",
)
"""Requests that are none."""

FAILING = """
import run
def app(environ, start_response):
    if environ["PATH_INFO"] == "/failing":
        raise ValueError("past the application")
    return run.app(environ, start_response)
"""


def sent(server: Server, request: bytes) -> bytes:
    """Return the head of what is answered to some bytes."""
    with socket.create_connection((server.host, server.port), timeout=10) as caller:
        caller.sendall(request)
        return caller.recv(4096).partition(b"\r\n\r\n")[0]


def request_id(head: bytes) -> str:
    """Return the id that an answer names."""
    (found,) = (line for line in head.split(b"\r\n") if line.startswith(b"X-Request-ID: "))
    return found.removeprefix(b"X-Request-ID: ").decode()


def said(log: Path) -> list[dict[str, Any]]:
    """Return all lines; each is one object."""
    return [orjson.loads(line) for line in log.read_text().splitlines()]


def test_json_and_nothing_of_what_callers_write(database_url: str, tmp_path: Path) -> None:
    """In production: from the first line to the last, without the words and the address of whoever sends nonsense."""
    (tmp_path / "failing.py").write_text(FAILING)
    with serving(
        database_url,
        application="failing:app",
        FLASK_ENV="production",
        SECRET_KEY=STRONG,
        LOG_LEVEL="INFO",
        PYTHONPATH=str(tmp_path),
    ) as server:
        refused = [sent(server, request) for request in NONE_AT_ALL]
        failed = sent(server, b"GET /failing?token=lovelace HTTP/1.1\r\nHost: x\r\n\r\n")
        lines = said(server.log)
    assert {head.split(b"\r\n")[0] for head in refused} == {b"HTTP/1.1 400 Bad Request"}
    assert failed.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert {"event", "level", "at"} <= set.intersection(*(set(line) for line in lines))
    events = [line["event"] for line in lines]
    assert any(event.startswith("Listening at: ") for event in events)
    assert sorted(event for event in events if event.startswith("Invalid request")) == [
        "Invalid request: InvalidHeader",
        "Invalid request: InvalidHeaderName",
        "Invalid request: InvalidRequestLine",
        "Invalid request: InvalidRequestMethod",
    ]
    about = [line for line in lines if line["event"].startswith(("Invalid request", "Error handling"))]
    assert sorted(line["request_id"] for line in about) == sorted(request_id(head) for head in (*refused, failed))
    (failure,) = (line for line in lines if line["event"] == "Error handling request")
    assert "past the application" in failure["exception"]
    text = orjson.dumps(lines).decode().lower()
    assert [word for word in ("lovelace", "token", "127.0.0.1:5", "ip=") if word in text] == []
