"""Uploads over slow lines, to the real server: a form takes as long as it takes, and keeps nobody else waiting."""

import socket
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import make_url, text

from app.extensions import db
from app.models import Role
from config import SILENT_SECONDS
from tests.conftest import make_application
from tests.factories import make_service, make_user, token_for
from tests.images.conftest import GOOD
from tests.servers import HOST, Server, raw_request, release_together, serving

BODY = b'--xyz\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n' + GOOD + b"\r\n--xyz--\r\n"


@pytest.fixture
def prepared(database_url: str) -> Iterator[tuple[str, str]]:
    """An album's path and an admin's token, in the database of the server."""
    application = make_application(database_url)
    with application.app_context():
        yield f"/api/services/{make_service().id}/images", token_for(make_user(Role.ADMIN))
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def server(database_url: str) -> Iterator[Server]:
    with serving(database_url, workers=1, threads=4) as running:
        yield running


def head(path: str, token: str, length: int) -> bytes:
    """Return the head of an upload."""
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {HOST}",
        f"Authorization: Bearer {token}",
        "Content-Type: multipart/form-data; boundary=xyz",
        f"Content-Length: {length}",
        "Connection: close",
    )
    return "\r\n".join((*lines, "", "")).encode()


def read(caller: socket.socket) -> bytes:
    """Return all that the server says until it hangs up."""
    return b"".join(iter(lambda: caller.recv(65536), b""))


def open_transactions(database_url: str) -> int:
    """Return how many connections of the server to its database are in a transaction; none on SQLite."""
    if not database_url.startswith("postgresql"):
        return 0
    name = make_url(database_url).database
    asked = text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND state LIKE 'idle in transaction%'")
    found: int = db.session.execute(asked, {"name": name}).scalar_one()
    db.session.rollback()
    return found


def test_a_slow_sender_holds_nothing(prepared: tuple[str, str], server: Server, database_url: str) -> None:
    """While one drips, others write, on SQLite too; no connection waits in a transaction; and it gets its picture."""
    path, token = prepared
    with closing(socket.create_connection((HOST, server.port), timeout=30)) as caller:
        caller.sendall(head(path, token, len(BODY)) + BODY[:100])
        time.sleep(0.5)
        assert open_transactions(database_url) == 0
        request = raw_request("POST", "/api/services/categories", json={"name": "Nails"}, token=token)
        (other,) = release_together(HOST, server.port, [request])
        assert (other.status, other.seconds < 2) == (201, True)
        for begin in range(100, len(BODY), 500):
            caller.sendall(BODY[begin : begin + 500])
            time.sleep(0.05)
        assert read(caller).startswith(b"HTTP/1.1 201 ")


@pytest.mark.databases("sqlite")
def test_a_sender_that_falls_silent(prepared: tuple[str, str], server: Server) -> None:
    """FU-12: as with any body, after five seconds; nothing is stored."""
    path, token = prepared
    with closing(socket.create_connection((HOST, server.port), timeout=30)) as caller:
        caller.sendall(head(path, token, len(BODY)) + BODY[:-20])
        began = time.monotonic()
        assert read(caller).startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < SILENT_SECONDS + 3
    (album,) = release_together(HOST, server.port, [raw_request("GET", path)])
    assert album.json["items"] == []


@pytest.mark.databases("sqlite")
def test_who_may_not_is_told_before_the_file_is_sent(prepared: tuple[str, str], server: Server) -> None:
    """Without a token, with another type, and with a file that says it is too large: at once."""
    path, token = prepared
    large, typed = (
        head(path, token, 11 * 1024 * 1024),
        head(path, token, 10**6).replace(b"multipart/form-data", b"text/plain"),
    )
    for sent, status in ((head(path, "x", 10**6), 401), (large, 413), (typed, 415)):
        with closing(socket.create_connection((HOST, server.port), timeout=30)) as caller:
            caller.sendall(sent + BODY[:100])
            assert caller.recv(12) == f"HTTP/1.1 {status}".encode()
