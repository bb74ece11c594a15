"""What stands on a connection after a request: the next one, which nothing may swallow. On the real server."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection

import pytest

from tests.servers import HOST, Server, serving

pytestmark = pytest.mark.databases("sqlite")  # none of it concerns the database

NEXT = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
UPLOAD = b"POST /api/staff/1/images HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=x\r\n"
NOWHERE = b"POST /api/nowhere HTTP/1.1\r\nHost: x\r\n"
LOGIN = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"
AT_ONCE = 2.5
"""Seconds: less than what gunicorn waits for the next request on a connection."""


@pytest.fixture(scope="module")
def server(new_database: object) -> Iterator[Server]:
    """A server with a single thread: whoever holds it up holds up everybody."""
    assert callable(new_database)
    with serving(new_database("sqlite").url, workers=1, threads=1) as running:
        yield running


def connected(server: Server) -> socket.socket:
    return socket.create_connection((server.host, server.port), timeout=30)


def all_of(caller: socket.socket) -> bytes:
    """Return everything that is said until the server hangs up."""
    return b"".join(iter(lambda: caller.recv(65536), b""))


def statuses(said: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", said)]


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (UPLOAD + b"Content-Length: 5\r\n\r\n", b"xxxxx", 401),
        (UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n", b"5\r\nxxxxx\r\n0\r\n\r\n", 401),
        (NOWHERE + b"Content-Length: 5\r\n\r\n", b"xxxxx", 404),
    ],
    ids=["401", "chunked", "404"],
)
def test_an_answer_that_awaits_no_body_ends_the_connection(
    server: Server, head: bytes, body: bytes, status: int
) -> None:
    """And says so: what a caller sends after it, it knows to be unanswered at once, in place of five seconds later."""
    with connected(server) as caller:
        caller.sendall(head)
        time.sleep(0.3)
        began = time.monotonic()
        caller.sendall(body + NEXT)
        said = all_of(caller)
    assert statuses(said) == [status]
    assert b"\r\nConnection: close\r\n" in said
    assert time.monotonic() - began < AT_ONCE


def test_a_large_body_that_is_refused_does_not_cost_the_answer(server: Server) -> None:
    """Whoever sends all of it before reading is answered all the same: the connection is not reset meanwhile."""
    body = b"x" * 10_000_000
    with connected(server) as caller:
        caller.sendall(UPLOAD + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        time.sleep(0.3)
        assert statuses(all_of(caller)) == [401]


def test_an_endless_body_that_is_refused_holds_up_nobody(server: Server) -> None:
    """It is taken in for a moment, however long it says it is."""
    with connected(server) as caller:
        caller.sendall(UPLOAD + b"Content-Length: 1000000000000\r\n\r\n")
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 10:
                caller.sendall(b"x")
                time.sleep(0.05)
    assert time.monotonic() - began < AT_ONCE


def test_requests_that_come_together_are_all_answered(server: Server) -> None:
    """The second has arrived with the first: waiting for it on the connection would be in vain."""
    with connected(server) as caller:
        began = time.monotonic()
        caller.sendall(LOGIN + b"{}" + NEXT + NEXT.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        said = all_of(caller)
    assert statuses(said) == [422, 200, 200]
    assert time.monotonic() - began < AT_ONCE


def test_a_body_that_was_read_leaves_the_connection_open(server: Server) -> None:
    """As does a request without one, whatever the answer is."""
    connection = HTTPConnection(HOST, server.port, timeout=30)
    for method, path, body in (
        ("POST", "/api/auth/login", "{}"),
        ("GET", "/api/nowhere", None),
        ("GET", "/healthz", None),
    ):
        connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
        answer = connection.getresponse()
        answer.read()
        assert answer.getheader("Connection") == "keep-alive"
    connection.close()
