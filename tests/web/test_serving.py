"""How requests find a thread, and answers their way out, on the real server."""

import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from gunicorn.config import Config  # type: ignore[import-untyped]  # no types in what it ships

from app.web.headers import USUAL
from app.web.serving.answers import SMALL, Answer
from app.web.serving.waiting import Waiting
from tests.servers import HOST, Server, serving

pytestmark = pytest.mark.databases("sqlite")  # none of it concerns the database

THREADS = 2

APPLICATION = """
import sys
import time
import run

def app(environ, start_response):
    if environ["PATH_INFO"] == "/leaving":
        sys.exit("leaving")
    if environ["PATH_INFO"] == "/slow":
        time.sleep(0.1)
    if environ["PATH_INFO"] == "/half":
        start_response("200 OK", [("Content-Length", "10")])
        return halves()
    return run.app(environ, start_response)

def halves():
    yield b"half "
    raise ValueError
"""


@pytest.fixture(scope="module")
def server(new_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One process of two threads; some of its paths fail past the application."""
    folder: Path = tmp_path_factory.mktemp("application")
    (folder / "failing.py").write_text(APPLICATION)
    with serving(
        new_database("sqlite").url, workers=1, threads=THREADS, application="failing:app", PYTHONPATH=str(folder)
    ) as running:
        yield running


def ask(server: Server, path: str = "/healthz") -> tuple[float, bytes]:
    """Return how long an answer takes, and its body, on a connection of its own."""
    began = time.monotonic()
    with closing(HTTPConnection(HOST, server.port, timeout=30)) as connection:
        connection.request("GET", path)
        body = connection.getresponse().read()
    return time.monotonic() - began, body


def test_connections_on_which_nothing_is_asked_hold_no_thread(server: Server) -> None:
    """As browsers open them in advance: whoever asks is answered at once."""
    with ExitStack() as stack:
        for _ in range(THREADS + 3):
            stack.enter_context(socket.create_connection((HOST, server.port), timeout=30))
        time.sleep(0.3)
        assert ask(server)[0] < 2


def test_a_connection_on_which_nothing_is_asked_is_closed(server: Server) -> None:
    with socket.create_connection((HOST, server.port), timeout=30) as silent:
        began = time.monotonic()
        assert silent.recv(1) == b""
    assert 3 < time.monotonic() - began < 9


def test_a_view_that_leaves_the_program_takes_no_thread_with_it(server: Server) -> None:
    """Its caller finds the connection closed, and everybody else is answered."""
    for _ in range(THREADS + 1):
        with socket.create_connection((HOST, server.port), timeout=30) as caller:
            caller.sendall(b"GET /leaving HTTP/1.1\r\nHost: x\r\n\r\n")
            assert caller.recv(100) == b""
    assert ask(server)[1] == b'{"status":"ok"}'


def test_half_an_answer_is_no_whole_one(server: Server) -> None:
    """Where it fails in the middle, the connection ends there, although it was to be kept."""
    with socket.create_connection((HOST, server.port), timeout=30) as caller:
        began = time.monotonic()
        caller.sendall(b"GET /half HTTP/1.1\r\nHost: x\r\n\r\n")
        said = b"".join(iter(lambda: caller.recv(65536), b""))
    assert time.monotonic() - began < 2.5  # not only when it has idled for five seconds
    assert said.endswith(b"\r\n\r\nhalf ")
    assert ask(server)[1] == b'{"status":"ok"}'


def test_who_hangs_up_is_no_error(server: Server) -> None:
    """Browsers do it whenever somebody goes on to another page."""
    known = server.log.read_text()
    for _ in range(5):
        with socket.create_connection((HOST, server.port), timeout=30) as caller:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # hang up by a reset
            caller.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
            time.sleep(0.03)
    time.sleep(0.5)
    assert ask(server)[1] == b'{"status":"ok"}'
    said = server.log.read_text().removeprefix(known)
    assert "Error handling" not in said
    assert "Traceback" not in said


def test_an_answer_comes_in_one_piece(server: Server) -> None:
    with socket.create_connection((HOST, server.port), timeout=30) as caller:
        for _ in range(20):
            caller.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert caller.recv(65536).endswith(b'\r\n\r\n{"status":"ok"}')


class Pieces:
    """A connection that notes what is sent."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.sent: list[bytes] = []

    def sendall(self, piece: bytes) -> None:
        """Note it."""
        self.sent.append(bytes(piece))


def sent(*parts: bytes, headers: dict[str, str], method: str = "GET", version: tuple[int, int] = (1, 1)) -> list[bytes]:
    """Return the pieces in which an answer goes out."""
    request, pieces = SimpleNamespace(method=method, version=version, should_close=lambda: False), Pieces()
    answer = Answer(request, pieces, Config())
    answer.start_response("200 OK", list(headers.items()))
    for part in parts:
        answer.write(part)
    answer.close()
    return pieces.sent


def test_pieces() -> None:
    """The head and the first part are one; large parts, and what is chunked, go as they come."""
    large = b"x" * (SMALL + 1)
    (small,) = sent(b"ab", headers={"Content-Length": "2"})
    assert small.endswith(b"\r\nContent-Length: 2\r\n\r\nab")
    assert [len(piece) for piece in sent(large, headers={"Content-Length": str(len(large))})][1:] == [len(large)]
    assert sent(b"ab", b"c", headers={"Content-Length": "3"})[1:] == [b"c"]
    assert b"".join(sent(b"ab", b"c", headers={})[1:]) == b"2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    assert b"\r\nTransfer-Encoding: chunked\r\n" in sent(b"ab", headers={})[0]
    (without,) = sent(headers={"Content-Length": "2"}, method="HEAD")
    assert without.endswith(b"\r\nContent-Length: 2\r\n\r\n")
    (older,) = sent(b"ab", headers={}, version=(1, 0))
    assert older.startswith(b"HTTP/1.0 200 OK\r\n")
    assert b"\r\nConnection: close\r\n" in older


def test_nobody_is_sent_more_than_was_promised() -> None:
    (whole,) = sent(b"abc", b"d", headers={"Content-Length": "2"})
    assert whole.endswith(b"\r\n\r\nab")


def test_all_headers_go_out_in_their_order() -> None:
    (whole,) = sent(b"", headers={"X-One": "1", **USUAL, "Content-Length": "0"})
    lines = whole.decode().split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert [line.partition(": ")[0] for line in lines[1:4]] == ["Server", "Date", "Connection"]
    assert lines[4:] == [
        "X-One: 1",
        *(f"{name}: {value}" for name, value in USUAL.items()),
        "Content-Length: 0",
        "",
        "",
    ]


@pytest.mark.parametrize("value", ["a\r\nb", "a\x00"])
def test_headers_that_are_none_are_refused(value: str) -> None:
    """No view can split an answer in two, whatever it takes over from its caller."""
    with pytest.raises(Exception, match=r"a"):
        sent(b"", headers={"X-One": value})


class Line:
    """A connection as gunicorn has them, of which nobody but the test says how long it may wait."""

    def __init__(self, waits: float) -> None:
        """Open it, with the caller's end."""
        self.sock, self.caller = socket.socketpair()
        self.waits = waits

    def set_timeout(self) -> None:
        """Say until when it may wait."""
        self.timeout = self.waits


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    """Three, which may wait until 1, 2 and 3."""
    made = [Line(1), Line(2), Line(3)]
    yield made
    for line in made:
        line.sock.close()
        line.caller.close()


def test_who_waits_is_told_once(lines: list[Line]) -> None:
    """To one thread, until the connection is put back; then anew."""
    waiting, line = Waiting(), lines[0]
    waiting.add(line, is_new=True)
    assert waiting.take(0) is None
    line.caller.sendall(b"x")
    assert waiting.take(1) is line
    assert waiting.take(0) is None
    assert len(waiting) == 0
    waiting.add(line, is_new=False)
    assert waiting.take(1) is line


def test_who_has_waited_for_too_long_is_taken_out(lines: list[Line]) -> None:
    waiting = Waiting()
    for line in lines:
        waiting.add(line, is_new=True)
    assert waiting.take_overdue(0.5) == []
    assert waiting.take_overdue(2) == lines[:2]
    assert len(waiting) == 1
    lines[0].caller.sendall(b"x")
    assert waiting.take(0) is None
    lines[2].caller.sendall(b"x")
    assert waiting.take(1) is lines[2]


def test_who_waits_for_a_thread_is_not_taken_out(lines: list[Line]) -> None:
    """However long all threads are busy: what has been asked is going to be answered."""
    waiting = Waiting()
    for line in lines:
        waiting.add(line, is_new=True)
    lines[1].caller.sendall(b"x")
    assert waiting.take_overdue(5) == [lines[0], lines[2]]
    assert waiting.take(1) is lines[1]


def test_all_who_wait_look_up_when_it_ends() -> None:
    """Each of them, at once, and whoever comes later: a process that ends keeps nobody waiting for its successor."""
    waiting = Waiting()
    with ThreadPoolExecutor(3) as threads:
        takers = [threads.submit(waiting.take, 30) for _ in range(3)]
        waiting.wake()
        assert [taker.result(timeout=10) for taker in takers] == [None] * 3
    assert waiting.take(30) is None
