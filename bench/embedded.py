"""`python -m bench.embedded`: everything on one machine with SQLite, as `make run` serves it: gunicorn and a worker.

A file of its own with BOOKINGS (10,000). Prints bookings and availability of a day a second, medians of ROUNDS (5) of
SECONDS (2) with CALLERS (8) connections; then sends REQUESTS (100,000) of all kinds, and counts what failed and how
often the log says that the database was locked.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.filling import fill
from bench.house import House, move_in
from bench.load import Load, drive
from bench.mix import mixed
from bench.rows import ROWS, Calls
from bench.servers import SETTINGS
from bench.table import require_fine
from tests.processes import free_port, outlived_by_us, wait_for
from tests.servers import HOST, PROJECT
from tests.settings import process_environment

BOOKINGS = int(os.environ.get("BOOKINGS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "2"))
CALLERS = int(os.environ.get("CALLERS", "8"))
REQUESTS = int(os.environ.get("REQUESTS", "100000"))

BOOKING, DAY = "POST /api/bookings, idempotent", "GET availability, one staff member, one day"
FAILURES = 500
LOCKED = "database is locked"


@dataclass(frozen=True, slots=True)
class Embedded:
    """Both processes, and what they have said."""

    port: int
    log: Path


def main() -> None:
    """Print a line for each."""
    with tempfile.TemporaryDirectory(prefix="parlour-bench-") as folder:
        url = f"sqlite:///{folder}/parlour.db"
        fill(url, BOOKINGS)
        _, house = move_in(url)
        with embedded(url, Path(folder)) as server:
            print(f"SQLite, {BOOKINGS:,} bookings, {CALLERS} connections, medians of {ROUNDS} rounds")
            for row in (row for row in ROWS if row.name in {BOOKING, DAY}):
                rounds = [_loaded(server, house, row.ours) for _ in range(ROUNDS + 1)][1:]
                rate, p95 = (
                    _median(rounds, value) for value in (lambda one: one.rate, lambda one: one.percentile(0.95))
                )
                print(f"- {row.name}: {rate:,.0f}/s, p95 {p95:.0f} ms", flush=True)
            report_many(server, house)


def report_many(server: Embedded, house: House) -> None:
    """Print what many requests of all kinds come to."""
    each = -(-REQUESTS // CALLERS)
    load = drive(HOST, server.port, [mixed(house, caller, each) for caller in range(CALLERS)])
    failed = sum(times for status, times in load.statuses.items() if status >= FAILURES)
    locked = sum(LOCKED in line for line in server.log.read_text(errors="replace").splitlines())
    print(
        f"- {len(load.times):,} requests of all rows by turns, {load.rate:,.0f}/s: {failed} failed, the log says"
        f" {locked} times that the {LOCKED}; p99 {load.percentile(0.99):.0f} ms, the slowest {max(load.times):.0f} ms;"
        f" answers by status {dict(sorted(load.statuses.items()))}"
    )


@contextmanager
def embedded(url: str, folder: Path) -> Iterator[Embedded]:
    """Run what `make run` runs."""
    port, log = free_port(), folder / "log"
    environment = process_environment(url, **SETTINGS | {"FLASK_ENV": "development"}, HOST=HOST, PORT=str(port))
    command = [*outlived_by_us("TERM"), sys.executable, "-m", "scripts.embedded"]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=said, stderr=said, start_new_session=True
        )
        try:
            wait_for(port, 60)
            yield Embedded(port, log)
        finally:
            process.terminate()
            process.wait()


def _loaded(server: Embedded, house: House, calls: Calls) -> Load:
    load = drive(HOST, server.port, [calls(house, caller) for caller in range(CALLERS)], SECONDS)
    require_fine(load.statuses)
    return load


def _median(loads: list[Load], value: Callable[[Load], float]) -> float:
    return statistics.median(map(value, loads))


if __name__ == "__main__":
    main()
