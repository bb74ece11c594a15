"""The real server, as production runs it, and callers that ask it for the same thing at the same moment."""

import contextlib
import http.client
import json as jsonlib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tests.processes import free_port, outlived_by_us
from tests.settings import process_environment

HOST = "127.0.0.1"
START_SECONDS = 30
STOP_SECONDS = 10
PROJECT = Path(__file__).parent.parent


class ServerDied(RuntimeError):
    """gunicorn did not come up; says what it logged."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn."""

    host: str
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def url(self) -> str:
        """The server's address, without a slash at its end."""
        return f"http://{self.host}:{self.port}"


PRELOADED = {"GUNICORN_CMD_ARGS": "--preload"}
"""Setting by which gunicorn loads the application once and splits its processes off: races need no more, and start
sooner. Production does not, so that a reload takes up a new version."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one caller got; `seconds` from the release to its last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return jsonlib.loads(self.body)


@contextlib.contextmanager
def serving(
    database_url: str,
    *,
    workers: int = 2,
    threads: int = 4,
    application: str = "run:app",
    **settings: str,
) -> Iterator[Server]:
    """Run gunicorn on a migrated database until the block ends.

    `settings` are further variables, perhaps the PORT; PROJECT is the folder of another version of the program.
    """
    project = settings.pop("PROJECT", str(PROJECT))
    port = int(settings.pop("PORT", 0)) or free_port()
    scale = {"HOST": HOST, "PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    environment = process_environment(database_url, **scale, **settings)
    with tempfile.NamedTemporaryFile(prefix="parlour-gunicorn-", suffix=".log") as log:
        process = _start([f"--threads={threads}", application], environment, log, project)
        try:
            server = Server(HOST, port, process, Path(log.name))
            _wait_for(server)
            yield server
        finally:
            _stop(process)


def raw_request(
    method: str,
    path: str,
    *,
    json: object = None,
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return the bytes of one HTTP/1.1 request after which the server closes the connection."""
    body = b"" if json is None else jsonlib.dumps(json).encode()
    lines = {"Host": HOST, "Connection": "close", "Content-Length": str(len(body))}
    if json is not None:
        lines["Content-Type"] = "application/json"
    if token is not None:
        lines["Authorization"] = f"Bearer {token}"
    head = "".join(f"{name}: {value}\r\n" for name, value in (lines | dict(headers or {})).items())
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body


def release_together(host: str, port: int, requests: Sequence[bytes], *, seconds: float = 30) -> list[Answer]:
    """Send all of every request but its last byte, then all last bytes at once; return the answers in order.

    Raises `TimeoutError` where an answer takes longer than `seconds`.
    """
    with contextlib.ExitStack() as open_sockets, ThreadPoolExecutor(len(requests)) as readers:
        callers = [open_sockets.enter_context(_held_back(host, port, one, seconds)) for one in requests]
        released = time.perf_counter()
        for caller, request in zip(callers, requests, strict=True):
            caller.sendall(request[-1:])
        return list(readers.map(lambda caller: _answer(caller, released), callers))


def _held_back(host: str, port: int, request: bytes, seconds: float) -> socket.socket:
    caller = socket.create_connection((host, port), timeout=seconds)
    caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    caller.sendall(request[:-1])
    return caller


def _answer(caller: socket.socket, released: float) -> Answer:
    # Closed as soon as it is read, as clients do: gunicorn waits for that before it goes on.
    with caller, contextlib.closing(http.client.HTTPResponse(caller)) as response:
        response.begin()
        body = response.read()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body, time.perf_counter() - released)


def _start(arguments: list[str], environment: dict[str, str], log: IO[bytes], project: str) -> subprocess.Popen[bytes]:
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py"]
    command = [*outlived_by_us("TERM"), *gunicorn, *arguments]
    return subprocess.Popen(command, cwd=project, env=environment, stdout=log, stderr=log, start_new_session=True)


def _wait_for(server: Server) -> None:
    give_up = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < give_up:
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(server.host, server.port, timeout=START_SECONDS)
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            connection.close()
            return
        time.sleep(0.05)
    raise ServerDied(server.log.read_text(errors="replace"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
