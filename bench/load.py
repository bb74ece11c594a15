"""Load over HTTP: some callers, each on a connection of its own, one request after the other.

Our own generator, over several processes: each waits for all its callers at once (epoll), and of an answer it reads no
more than the status and the end.
"""

import json
import multiprocessing
import os
import select
import socket
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection

CALLERS = 32
"""As many as the servers answer at once."""

PROCESSES = 4
"""Callers are spread over these, so that they do not wait for one interpreter."""

SILENT_SECONDS = 60
HEAD_ENDS = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: object = None
    token: str | None = None
    headers: tuple[tuple[str, str], ...] = ()

    def raw(self, host: str) -> bytes:
        """Return its bytes, HTTP/1.1."""
        body = b"" if self.body is None else json.dumps(self.body).encode()
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}", *(f"{n}: {v}" for n, v in self.headers)]
        if self.token:
            lines.append(f"Authorization: Bearer {self.token}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(slots=True)
class Load:
    """What came of it: answers by status, milliseconds of each, how long all took, and what asking cost of a CPU."""

    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)
    seconds: float = 0
    cpu: float = 0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the milliseconds that `share` of all answers stayed within."""
        return sorted(self.times)[max(0, int(len(self.times) * share) - 1)]


def drive(host: str, port: int, callers: Sequence[Iterable[Call]], seconds: float = float("inf")) -> Load:
    """Let every caller make its calls, all callers at once, for so long or until it has no more."""
    fork = multiprocessing.get_context("fork")
    began, found = time.perf_counter(), Load()
    ends = []
    for n in range(PROCESSES):
        ours, theirs = fork.Pipe(duplex=False)
        fork.Process(target=_share, args=(theirs, host, port, callers[n::PROCESSES], seconds), daemon=True).start()
        theirs.close()
        ends.append(ours)
    for end in ends:
        part: Load = end.recv()
        found.statuses += part.statuses
        found.times += part.times
        found.cpu += part.cpu
    found.seconds = time.perf_counter() - began
    return found


def _share(end: Connection, host: str, port: int, callers: Sequence[Iterable[Call]], seconds: float) -> None:
    found, until = Load(), time.perf_counter() + seconds
    poll, waiting = select.epoll(), {}
    for calls in callers:
        one = _Caller(host, port, iter(calls))
        if one.ask():
            waiting[one.socket.fileno()] = one
            poll.register(one.socket, select.EPOLLIN)
    while waiting:
        ready = poll.poll(SILENT_SECONDS)
        if not ready:
            raise TimeoutError("The server says nothing.")
        for number, _ in ready:
            status = waiting[number].hear(found)
            if status and (time.perf_counter() > until or not waiting[number].ask()):
                waiting.pop(number).socket.close()
    found.cpu = sum(os.times()[:2])
    end.send(found)


class _Caller:
    """One connection, and what it asks."""

    def __init__(self, host: str, port: int, calls: Iterator[Call]) -> None:
        self.host, self.calls, self.heard, self.began = host, calls, b"", 0.0
        self.socket = socket.create_connection((host, port), timeout=SILENT_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> bool:
        """Send the next request; say whether there was one."""
        for call in islice(self.calls, 1):
            raw = call.raw(self.host)
            self.heard, self.began = b"", time.perf_counter()
            self.socket.sendall(raw)
            return True
        return False

    def hear(self, found: Load) -> int | None:
        """Read what has come; return the status once the answer is whole, and note it."""
        came = self.socket.recv(1 << 20)
        if not came:
            raise ConnectionResetError(self.heard or "The server hung up.")
        self.heard += came
        head, ended, body = self.heard.partition(HEAD_ENDS)
        if not ended or len(body) < _length(head):
            return None
        status = int(head[9:12])
        found.statuses[status] += 1
        found.times.append((time.perf_counter() - self.began) * 1000)
        return status


def _length(head: bytes) -> int:
    _, found, rest = head.lower().partition(LENGTH)
    return int(rest.split(b"\r", 1)[0]) if found else 0
