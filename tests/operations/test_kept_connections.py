"""Callers that keep their connection while processes are replaced: what was promised to be kept, is."""

import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.operations.test_processes import within
from tests.servers import Server, serving

SLOW = "tests.operations.slow:app"
CALLERS = 6

pytestmark = pytest.mark.databases("sqlite")  # none of it concerns the database


def ask_until(ended: threading.Event, server: Server, answered: set[str]) -> None:
    """Ask again and again on a connection that is kept until the server says that it ends; note who answers."""
    with closing(HTTPConnection(server.host, server.port, timeout=30)) as connection:
        while not ended.is_set():
            connection.request("GET", "/who")  # raises where the connection was closed without a word
            answer = connection.getresponse()
            assert answer.status == 200
            answered.add(answer.read().decode())


def ask(connection: HTTPConnection, path: str) -> str:
    """Return what the answer says of its connection."""
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.headers["Connection"]


def test_recycling_closes_no_connection_that_it_promised_to_keep(database_url: str) -> None:
    """A process has served enough while it is busy with a slow request: that one's caller may ask once more."""
    third_is_the_last = "--max-requests=3 --max-requests-jitter=0"
    with (
        serving(database_url, application=SLOW, workers=1, GUNICORN_CMD_ARGS=third_is_the_last) as server,
        closing(HTTPConnection(server.host, server.port, timeout=30)) as slow,
        closing(HTTPConnection(server.host, server.port, timeout=30)) as last,
    ):
        slow.request("GET", "/slow")
        time.sleep(0.5)
        assert ask(last, "/who") == "close"
        answer = slow.getresponse()
        answer.read()
        assert answer.headers["Connection"] == "keep-alive"
        time.sleep(0.5)
        assert ask(slow, "/who") == "close"


def test_a_reload_closes_no_connection_that_it_promised_to_keep(database_url: str) -> None:
    """Callers that ask as fast as they can go over from one generation to the next."""
    with serving(database_url, application=SLOW) as server, ThreadPoolExecutor(CALLERS) as callers:
        ended, answered = threading.Event(), set[str]()
        asked = [callers.submit(ask_until, ended, server, answered) for _ in range(CALLERS)]
        time.sleep(1)
        before = len(answered)
        server.process.send_signal(signal.SIGHUP)
        replaced = within(40, lambda: len(answered) > before)
        time.sleep(2)
        ended.set()
        for one in asked:
            one.result()
        assert replaced


def test_a_connection_that_idles_does_not_keep_a_process_from_ending(database_url: str) -> None:
    """It is closed in its time; 30 seconds are for requests."""
    with serving(database_url, application=SLOW, workers=1) as server:
        with socket.create_connection((server.host, server.port), timeout=30) as idle:
            idle.sendall(b"GET /who HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(15) == b"HTTP/1.1 200 OK"
            began = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(40) == 0
        assert time.monotonic() - began < 20
