"""Load over HTTP: some callers, each on a connection of its own, one request after the other."""

import http.client
import json
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

PROCESSES = 4
"""Callers are spread over these, so that they do not wait for one interpreter."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request."""

    method: str
    path: str
    body: object = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: answers by status, milliseconds of each, and how long all took."""

    statuses: Counter[int]
    times: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.times) / self.seconds

    def percentile(self, share: float) -> float:
        """Return the milliseconds that `share` of all answers stayed within."""
        return sorted(self.times)[max(0, int(len(self.times) * share) - 1)]


def drive(host: str, port: int, callers: Sequence[Sequence[Call]]) -> Load:
    """Let every caller make its calls, all callers at once."""
    with multiprocessing.get_context("fork").Pool(PROCESSES) as pool:
        shares = [(host, port, callers[n::PROCESSES]) for n in range(PROCESSES)]
        began = time.perf_counter()
        found = pool.starmap(_share, shares)
        seconds = time.perf_counter() - began
    statuses = sum((one for one, _ in found), Counter[int]())
    return Load(statuses, [taken for _, times in found for taken in times], seconds)


def _share(host: str, port: int, callers: Sequence[Sequence[Call]]) -> tuple[Counter[int], list[float]]:
    statuses: Counter[int] = Counter()
    times: list[float] = []
    threads = [threading.Thread(target=_call_all, args=(host, port, calls, statuses, times)) for calls in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses, times


def _call_all(host: str, port: int, calls: Sequence[Call], statuses: Counter[int], times: list[float]) -> None:
    connection = http.client.HTTPConnection(host, port, timeout=60)
    for status, taken in _answers(connection, calls):
        statuses[status] += 1
        times.append(taken)
    connection.close()


def _answers(connection: http.client.HTTPConnection, calls: Sequence[Call]) -> Iterator[tuple[int, float]]:
    for call in calls:
        headers = {"Content-Type": "application/json"} if call.body is not None else {}
        if call.token:
            headers["Authorization"] = f"Bearer {call.token}"
        body = None if call.body is None else json.dumps(call.body)
        began = time.perf_counter()
        connection.request(call.method, call.path, body, headers)
        answer = connection.getresponse()
        answer.read()
        yield answer.status, (time.perf_counter() - began) * 1000
