"""Who makes the calls: several at a time, each on a connection of its own."""

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from itertools import islice

from tests.fuzz.calls import Call
from tests.fuzz.verdict import Answer
from tests.servers import Server

PATIENCE = 60
"""Seconds after which an answer is held not to come."""

AHEAD = 4
"""Calls that wait for each caller."""

Outcome = tuple[Call, Answer | None]


def ask_all(server: Server, calls: Iterable[Call], callers: int) -> Iterator[Outcome]:
    """Make all calls, so many at a time, and yield the answers in the order of the calls; None where none came."""
    waiting, rest = [], iter(calls)
    with ThreadPoolExecutor(callers) as pool:

        def begin(how_many: int) -> list[tuple[Call, Future[Answer | None]]]:
            return [(call, pool.submit(ask, server, call)) for call in islice(rest, how_many)]

        waiting = begin(callers * AHEAD)
        while waiting:
            call, future = waiting.pop(0)
            yield call, future.result()
            waiting += begin(1)


def ask(server: Server, call: Call) -> Answer | None:
    """Make one call."""
    began = time.perf_counter()
    with (
        closing(HTTPConnection(server.host, server.port, timeout=PATIENCE)) as connection,
        suppress(OSError, HTTPException),
    ):
        _send(connection, call)
        answer = connection.getresponse()
        body = answer.read()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, headers, body, time.perf_counter() - began)
    return None


def _send(connection: HTTPConnection, call: Call) -> None:
    connection.putrequest(call.operation.method, call.path, skip_accept_encoding=True)
    for name, value in call.headers.items():
        if value or name != "Content-Type":
            connection.putheader(name, value.encode("latin-1"))
    if call.body:
        connection.putheader("Content-Length", str(len(call.body)))
    # Who is refused unread may find the door shut while it still speaks; the answer is there all the same.
    with suppress(ConnectionError):
        connection.endheaders(call.body)
