"""Somebody who asks on and on for what is in the database: how long nobody answers, how soon somebody does again."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from tests.faults.proxy import HOST
from tests.faults.writes import Breaches

PATH = "/api/services?limit=1"
PAUSE_SECONDS = 0.05
IN_A_ROW = 10
"""Good answers, each on a new connection, after which a service counts as back: any of its processes may give them."""

PATIENCE_SECONDS = 120


@dataclass
class Watch:
    """What was seen so far."""

    port: int
    breaches: Breaches
    longest_outage: float = 0.0

    def watch_until(self, stopping: threading.Event) -> None:
        """Ask, and note the longest time from one good answer to the next."""
        last = time.monotonic()
        while not stopping.wait(PAUSE_SECONDS):
            if self._is_served():
                self.longest_outage = max(self.longest_outage, time.monotonic() - last)
                last = time.monotonic()

    def seconds_until_back(self) -> float:
        """Return how long it takes from now until only good answers come. Raises `TimeoutError` where that is never."""
        began, good, back = time.monotonic(), 0, 0.0
        while good < IN_A_ROW:
            if time.monotonic() - began > PATIENCE_SECONDS:
                raise TimeoutError("The service does not come back.")
            good = good + 1 if self._is_served() else 0
            back = time.monotonic() - began if good <= 1 else back
        return back

    def _is_served(self) -> bool:
        with suppress(OSError, HTTPException):
            return self._asked() == 200
        return False

    def _asked(self) -> int:
        connection = HTTPConnection(HOST, self.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", PATH, headers={"Connection": "close"})
            answer = connection.getresponse()
            self.breaches.look(answer.status, dict(answer.getheaders()), json.loads(answer.read()))
            return answer.status
        finally:
            connection.close()


@contextmanager
def watching(port: int, breaches: Breaches) -> Iterator[Watch]:
    """Have somebody ask at a port until the block ends."""
    watch, stopping = Watch(port, breaches), threading.Event()
    thread = threading.Thread(target=watch.watch_until, args=(stopping,))
    thread.start()
    try:
        yield watch
    finally:
        stopping.set()
        thread.join()
