"""`make bench`: our server, as production runs it, beside floors that do the same SQL and nothing else.

Starts a PostgreSQL of its own and all servers, drives them in one run by turns, and prints a table of medians, and
beside it what does not fit in a table. BOOKINGS (10,000) in the diary, ROUNDS (5), SECONDS (1) for each server and row
in a round; with MEMORY_REQUESTS, so many for one worker whose memory is watched. DATABASE_URL may name a database that
has a diary already; it is written to. Spaces are searched in a database beside it, with as many bookings.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from sqlalchemy.engine import make_url

from bench.beside import report_growth, report_largest, report_month, report_slot
from bench.filling import SPACES, another, fill
from bench.house import move_in
from bench.rows import ROWS
from bench.searching import report_searches
from bench.servers import database, side_by_side
from bench.table import HEAD, Pace, counted, markdown, measure, medians
from tests.servers import PROJECT

BOOKINGS = int(os.environ.get("BOOKINGS", "10000"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS", "1"))
MEMORY_REQUESTS = int(os.environ.get("MEMORY_REQUESTS", "0"))
FIRST_ANSWER = "from run import app; assert app.test_client().get('/api/services').status_code == 200"


def main() -> None:
    """Print the table, and what does not fit in it."""
    with filled() as (url, spaces):
        (app, house), pace = move_in(url), Pace(url, ROUNDS, SECONDS)
        with side_by_side(url) as servers:
            before = servers["ours"].memory
            found = measure(ROWS, house, servers, pace)
            for row, rounds in zip(ROWS, found, strict=True):
                rounds.statements = counted(app, next(row.ours(house, 0)))
            print("\n" + markdown(HEAD, (rounds.line(row) for row, rounds in zip(ROWS, found, strict=True))) + "\n")
            report_month(house, servers["ours"])
            report_slot(house, servers["ours"], ROUNDS)
            report_largest(servers["ours"], before, sum(rounds.answers for rounds in found))
        report_searches(spaces, pace)
        if MEMORY_REQUESTS:
            report_growth(house, url, MEMORY_REQUESTS)
        print(f"- `import` and first answer: {medians(ROUNDS, first_answer):.2f} s")


@contextmanager
def filled() -> Iterator[tuple[str, str]]:
    """Yield the URLs of two filled databases, of a diary and of spaces; at DATABASE_URL, or on a server of our own."""
    with nullcontext(os.environ["DATABASE_URL"]) if "DATABASE_URL" in os.environ else database() as url:
        spaces = another(url, f"{make_url(url).database}_spaces")
        fill(url, BOOKINGS)
        fill(spaces, BOOKINGS, SPACES)
        yield url, spaces


def first_answer() -> float:
    """Return the seconds that a new process takes to its first answer."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", FIRST_ANSWER], cwd=PROJECT, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
