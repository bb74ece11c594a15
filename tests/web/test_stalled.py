"""Callers that fall silent in the middle of their request: they lose their turn, everybody else goes on."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

import pytest

from config import SILENT_SECONDS
from tests.databases import PROJECT
from tests.processes import free_port, outlived_by_us
from tests.servers import HOST, serving
from tests.settings import process_environment

THREADS = 6
HEAD = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\n"
BODY = HEAD + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
CHUNK = HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"

IMPATIENT = "import config, runpy; config.SILENT_SECONDS = 1; runpy.run_path('run.py', run_name='__main__')"
"""`python run.py`, whose callers may be silent for a second."""


@contextmanager
def silent(port: int, *beginnings: bytes) -> Iterator[list[socket.socket]]:
    """Begin these requests, and end none."""
    with ExitStack() as stack:
        callers = [stack.enter_context(socket.create_connection((HOST, port), timeout=30)) for _ in beginnings]
        for caller, beginning in zip(callers, beginnings, strict=True):
            caller.sendall(beginning)
        time.sleep(0.2)  # until each has its thread
        yield callers


def ask(port: int, kept: HTTPConnection | None = None) -> float:
    """Return how long somebody else waits for an answer, on a connection that is then `kept` or closed."""
    began = time.monotonic()
    connection = kept or HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    assert answer.status == 200
    answer.read()
    if not kept:
        connection.close()
    return time.monotonic() - began


@pytest.mark.databases("sqlite")
def test_silent_callers_hold_the_server_up_for_seconds(database_url: str) -> None:
    """As many as there are threads; without a limit nobody would ever be answered again."""
    said = {BODY: b"HTTP/1.1 408 ", CHUNK: b"HTTP/1.1 408 ", HEAD: b""}
    beginnings = [*said] * (THREADS // len(said))
    with serving(database_url, workers=1, threads=THREADS) as server, silent(server.port, *beginnings) as callers:
        assert 1 < ask(server.port) < SILENT_SECONDS + 2
        for caller, beginning in zip(callers, beginnings, strict=True):
            assert caller.recv(13) == said[beginning]


@pytest.mark.databases("sqlite")
def test_connections_that_are_kept_alive_hold_up_nobody(database_url: str) -> None:
    """As a browser's or a proxy's: each is answered once, and stays; the next caller does not wait until one ends."""
    with serving(database_url, workers=1, threads=THREADS) as server, ExitStack() as stack:
        for _ in range(20):
            idle = HTTPConnection(HOST, server.port, timeout=30)
            stack.callback(idle.close)
            assert ask(server.port, idle) < 2.5
        assert ask(server.port) < 2.5


@pytest.mark.databases("sqlite")
def test_the_development_server_is_not_held_up_at_all(database_url: str) -> None:
    """It has a thread for every connection, and ends those that are silent."""
    port = free_port()
    environment = process_environment(database_url, HOST=HOST, PORT=str(port))
    command = [*outlived_by_us("TERM"), sys.executable, "-c", IMPATIENT]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # where it is; it listens a moment later
            time.sleep(1)
            with silent(port, BODY, BODY, BODY) as callers:
                assert ask(port) < 2
                assert callers[0].recv(13) == b"HTTP/1.1 408 "
        finally:
            process.terminate()
