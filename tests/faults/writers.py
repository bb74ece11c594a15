"""Writers: each books, orders and takes cash for its order, again and again, and keeps a record of every write."""

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.faults.writes import Breaches, Known, Write, ask

PAUSE_SECONDS = 0.2
"""How long a writer waits before it asks again."""

PATIENCE_SECONDS = 60
"""How long it asks again at the end, when everything is up."""

VISIT = timedelta(minutes=30)
PARTS = (101, 102)
"""What is paid for an order, in minor units: no two alike, so that each payment is known by its amount."""


@dataclass
class Writer:
    """A member of staff who writes for one client. An impatient one repeats what it does not know at once."""

    port: int
    token: str
    client_id: int
    service_id: int
    staff_id: int
    sku: str
    is_impatient: bool
    breaches: Breaches
    forgets_keys: bool = False
    """Whether it repeats under a new key: the control."""

    record: list[Write] = field(default_factory=list)

    def write_until(self, stopping: threading.Event) -> None:
        """Write."""
        for starts_at in _half_hours():
            if stopping.is_set():
                break
            self._book(starts_at, stopping)
            order = self._order(stopping)
            for amount in PARTS if order.known is Known.WRITTEN else ():
                self._pay(order.answer["id"], amount, stopping)

    def settle(self) -> None:
        """Repeat whatever is unknown, under its key, until it is known. Raises `TimeoutError`."""
        give_up = time.monotonic() + PATIENCE_SECONDS
        for write in self.unknown:
            while write.known is Known.NOTHING:
                if time.monotonic() > give_up:
                    raise TimeoutError(f"Not settled: {write}")
                self._ask(write)

    @property
    def unknown(self) -> list[Write]:
        """Return what is not known yet."""
        return [write for write in self.record if write.known is Known.NOTHING]

    def _book(self, starts_at: datetime, stopping: threading.Event) -> Write:
        for_whom = {"client_id": self.client_id, "service_id": self.service_id, "staff_id": self.staff_id}
        return self._write("booking", {**for_whom, "starts_at": starts_at.isoformat()}, stopping)

    def _order(self, stopping: threading.Event) -> Write:
        wanted = {"client_id": self.client_id, "items": [{"sku": self.sku, "quantity": 1}]}
        return self._write("order", wanted, stopping)

    def _pay(self, order_id: int, amount: int, stopping: threading.Event) -> None:
        body = {"order_id": order_id, "method": "cash", "amount": {"amount": amount}}
        self._do(Write("payment", "/api/payments", body, uuid4().hex, f"{order_id}:{amount}"), stopping)

    def _write(self, kind: str, body: dict[str, Any], stopping: threading.Event) -> Write:
        key = uuid4().hex
        return self._do(Write(kind, f"/api/{kind}s", {**body, "notes": key}, key, key), stopping)

    def _do(self, write: Write, stopping: threading.Event) -> Write:
        self.record.append(write)
        self._ask(write)
        while self.is_impatient and write.known is Known.NOTHING and not stopping.is_set():
            self._ask(write)
        return write

    def _ask(self, write: Write) -> None:
        write.key = uuid4().hex if self.forgets_keys else write.key
        ask(self.port, self.token, write, self.breaches)
        if write.known is Known.NOTHING:
            time.sleep(PAUSE_SECONDS)


@contextmanager
def writing(writers: list[Writer]) -> Iterator[None]:
    """Have them write until the block ends."""
    stopping = threading.Event()
    threads = [threading.Thread(target=writer.write_until, args=(stopping,)) for writer in writers]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def settle(writers: list[Writer]) -> None:
    """Have all of them settle what they do not know, at the same time. Raises `TimeoutError`."""
    with ThreadPoolExecutor(len(writers)) as pool:
        list(pool.map(Writer.settle, writers))


def _half_hours() -> Iterator[datetime]:
    """Yield the times that can be booked, from tomorrow on: writers of one diary meet at each."""
    first = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for day in itertools.count():
        for number in range(47):
            yield first + timedelta(days=day) + number * VISIT
