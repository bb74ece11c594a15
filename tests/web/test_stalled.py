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

THREADS = 2
HEAD = b"POST /api/auth/login HTTP/1.1\r\nHost: x\r\n"
BODY = HEAD + b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
CHUNK = HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"


@contextmanager
def silent(port: int, beginning: bytes, count: int) -> Iterator[list[socket.socket]]:
    """Begin so many requests, and end none."""
    with ExitStack() as stack:
        callers = [stack.enter_context(socket.create_connection((HOST, port), timeout=30)) for _ in range(count)]
        for caller in callers:
            caller.sendall(beginning)
        time.sleep(0.2)  # until each has its thread
        yield callers


def ask(port: int) -> float:
    """Return how long somebody else waits for an answer."""
    began = time.monotonic()
    connection = HTTPConnection(HOST, port, timeout=30)
    connection.request("GET", "/healthz")
    assert connection.getresponse().status == 200
    connection.close()
    return time.monotonic() - began


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize(("beginning", "said"), [(BODY, b"HTTP/1.1 408 "), (CHUNK, b"HTTP/1.1 408 "), (HEAD, b"")])
def test_silent_callers_hold_the_server_up_for_seconds(database_url: str, beginning: bytes, said: bytes) -> None:
    """As many as there are threads; without a limit nobody would ever be answered again."""
    with (
        serving(database_url, workers=1, threads=THREADS) as server,
        silent(server.port, beginning, THREADS) as callers,
    ):
        assert ask(server.port) < SILENT_SECONDS + 2
        for caller in callers:
            assert caller.recv(13) == said


@pytest.mark.databases("sqlite")
def test_the_development_server_is_not_held_up_at_all(database_url: str) -> None:
    """It has a thread for every connection, and ends those that are silent."""
    port = free_port()
    environment = process_environment(database_url, HOST=HOST, PORT=str(port))
    command = [*outlived_by_us("TERM"), sys.executable, "run.py"]
    with subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # where it is; it listens a moment later
            time.sleep(1)
            with silent(port, BODY, 3) as callers:
                assert ask(port) < 2
                assert callers[0].recv(13) == b"HTTP/1.1 408 "
        finally:
            process.terminate()
