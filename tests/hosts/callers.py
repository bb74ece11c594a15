"""Callers: each asks again as soon as it is answered, by turns for something to read and something to keep."""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ssl import SSLError
from typing import Any
from uuid import uuid4

from tests.hosts.nginx import HOST, Nginx

CALLERS = 8
DONE = {200, 201}
SHOWN = 3
"""Failures that are told in full."""


@dataclass
class Caller:
    """Whoever calls: by nginx, from an address of its own; or straight to a port."""

    nginx: Nginx | None = None
    port: int = 0
    address: str = HOST
    token: str = ""
    connection: HTTPConnection | None = None

    def call(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        """Return the status and the JSON of the answer; the connection is kept."""
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.connection = self.connection or self._connected()
        self.connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def hang_up(self) -> None:
        """Close the connection; the next call makes a new one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _connected(self) -> HTTPConnection:
        if self.nginx is None:
            return HTTPConnection(HOST, self.port, timeout=60)
        source = (self.address, 0)
        return HTTPSConnection(HOST, self.nginx.port, timeout=60, source_address=source, context=self.nginx.trust)


@dataclass
class Tally:
    """What came of all calls."""

    answers: Counter[int] = field(default_factory=Counter)
    kept: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    repeated: int = 0
    slowest: float = 0.0
    seconds: float = 0.0

    @property
    def failed(self) -> int:
        """How many requests were not carried out: each should be."""
        return len(self.lost) + sum(count for status, count in self.answers.items() if status not in DONE)

    def is_kept_by(self, found: set[str]) -> bool:
        """Say whether `found` is what was acknowledged, and no more; nothing at all proves nothing."""
        return bool(self.kept) and found == self.kept

    def __str__(self) -> str:
        """Say it on one line."""
        total = sum(self.answers.values()) + len(self.lost)
        return (
            f"{total} requests in {self.seconds:.0f} s, {self.failed} failed, {len(self.kept)} products kept,"
            f" {self.repeated} asked again on a new connection, slowest {1000 * self.slowest:.0f} ms,"
            f" answers {dict(self.answers)}{''.join(f'; {one}' for one in self.lost[:SHOWN])}"
        )


@contextmanager
def calling(nginx: Nginx, token: str) -> Iterator[Tally]:
    """Have half of the callers keep their connection, and half make a new one each time, until the block ends."""
    tally, stopping, began = Tally(), threading.Event(), time.perf_counter()
    callers = [Caller(nginx, address=f"127.0.1.{number}", token=token) for number in range(1, CALLERS + 1)]
    threads = [
        threading.Thread(target=_call_until, args=(stopping, caller, tally, number % 2 == 0))
        for number, caller in enumerate(callers)
    ]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
        tally.seconds = time.perf_counter() - began


def _call_until(stopping: threading.Event, caller: Caller, tally: Tally, keeps_connection: bool) -> None:
    for number in itertools.count():
        if stopping.is_set():
            break
        _call_once(caller, f"{uuid4().hex[:20].upper()}" if number % 2 else None, tally)
        if not keeps_connection:
            caller.hang_up()
    caller.hang_up()


def _call_once(caller: Caller, sku: str | None, tally: Tally) -> None:
    began = time.perf_counter()
    try:
        _count(tally, _ask(caller, sku, tally), sku)
    except (OSError, HTTPException) as error:
        tally.lost.append(f"{'POST' if sku else 'GET'}: {error!r}")
        caller.hang_up()
    tally.slowest = max(tally.slowest, time.perf_counter() - began)


def _ask(caller: Caller, sku: str | None, tally: Tally) -> int:
    """Ask once; and again, as browsers do, where a connection that was kept is closed before any answer has come."""
    was_kept, key = caller.connection is not None, uuid4().hex
    try:
        return _once(caller, sku, key)
    except (ConnectionError, SSLError, HTTPException):
        caller.hang_up()
        if not was_kept:
            raise
        tally.repeated += 1
        return _once(caller, sku, key)


def _once(caller: Caller, sku: str | None, key: str) -> int:
    if sku is None:
        return caller.call("GET", "/api/products?limit=5")[0]
    fields = {"sku": sku, "name": "Argan shampoo", "price": {"amount": 120000}}
    return caller.call("POST", "/api/products", fields, **{"Idempotency-Key": key})[0]


def _count(tally: Tally, status: int, sku: str | None) -> None:
    tally.answers[status] += 1
    if sku is not None and status == 201:
        tally.kept.add(sku)
