"""`make bench`: our server, as production runs it, beside floors that do the same SQL and nothing else.

Starts a PostgreSQL of its own and all servers, drives them in one run by turns, and prints a table of medians.
BOOKINGS (10,000) in the diary, ROUNDS (5), SECONDS (1) for each server and row in a round. DATABASE_URL may name a
database that has a diary already; it is written to.
"""

import logging
import os
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta

from app import create_app
from app.extensions import db
from bench.house import CALLERS, House
from bench.load import Call, drive
from bench.month import busiest_service
from bench.rows import MONTH_DAYS, ROWS
from bench.servers import SETTINGS, Measured, database, side_by_side
from bench.table import HEAD, Pace, Rounds, counted, markdown, measure, medians
from tests.servers import HOST, PROJECT, raw_request, release_together
from tests.settings import process_environment

BOOKINGS = int(os.environ.get("BOOKINGS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "1"))
RIVALS = 50
FIRST_ANSWER = "from run import app; assert app.test_client().get('/api/services').status_code == 200"


def main() -> None:
    """Print the table, and what does not fit in it."""
    with filled() as url:
        app = create_app()
        logging.disable(logging.INFO)  # of the requests that are only counted
        with app.app_context():
            house, busiest = House(), busiest_service()[0]
            db.session.remove()
        with side_by_side(url) as servers:
            house.etag = app.test_client().get("/api/services").headers["ETag"]
            before = servers["ours"].memory
            found = measure(ROWS, house, servers, Pace(url, ROUNDS, SECONDS))
            for row, rounds in zip(ROWS, found, strict=True):
                rounds.statements = counted(app, next(row.ours(house, 0)))
            print("\n" + markdown(HEAD, (rounds.line(row) for row, rounds in zip(ROWS, found, strict=True))) + "\n")
            report_beside(house, servers["ours"], busiest)
            report_memory(servers["ours"], before, found)
        print(f"- `import` and first answer: {medians(ROUNDS, first_answer):.2f} s")


@contextmanager
def filled() -> Iterator[str]:
    """Yield the URL of a database with a large diary: one of our own, or the one that DATABASE_URL names."""
    with nullcontext(os.environ["DATABASE_URL"]) if "DATABASE_URL" in os.environ else database() as url:
        os.environ |= process_environment(url, **SETTINGS)
        print(f"filling a database with {BOOKINGS:,} bookings, unless they are there", flush=True)
        for command in (["-m", "flask", "--app", "run", "db", "upgrade"], ["seed.py", f"--bookings={BOOKINGS}"]):
            subprocess.run([sys.executable, *command], cwd=PROJECT, check=True, capture_output=True)
        yield url


def report_beside(house: House, ours: Measured, busiest: int) -> None:
    """Print a month of the service with most staff, and many callers for one slot."""
    days = f"from={house.first:%F}&to={house.first + timedelta(days=MONTH_DAYS):%F}"
    call = Call("GET", f"/api/bookings/availability?service_id={busiest}&{days}")
    for callers in (8, CALLERS):
        load = drive(HOST, ours.port, [[call] * 30] * callers)
        print(f"- 20 staff, 31 days, {callers} connections: p95 {load.percentile(0.95):.0f} ms, {load.rate:.0f}/s")
    slowest, winners = [], Counter[int]()
    for caller in range(ROUNDS):
        statuses, milliseconds = _one_slot(house, ours, caller)
        winners[statuses[201]] += 1
        slowest.append(milliseconds)
    print(f"- {RIVALS} callers on one slot: {dict(winners)} (winners: rounds), p99 {statistics.median(slowest):.0f} ms")


def _one_slot(house: House, ours: Measured, caller: int) -> tuple[Counter[int], float]:
    start = next(house.starts(caller))
    body = {"service_id": house.service, "staff_id": house.staff[caller], "starts_at": start.isoformat()}
    requests = [raw_request("POST", "/api/bookings", json=body, token=one.token) for one in house.clients[:RIVALS]]
    answers = release_together(HOST, ours.port, requests)
    return Counter(one.status for one in answers), max(one.seconds for one in answers) * 1000


def report_memory(ours: Measured, before: float, found: list[Rounds]) -> None:
    """Print what the largest worker has."""
    answers = sum(rounds.answers for rounds in found)
    print(f"- memory of a worker: {before:.0f} MB at the start, {ours.memory:.0f} MB after {answers:,} answers of all")


def first_answer() -> float:
    """Return the seconds that a new process takes to its first answer."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST_ANSWER], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
