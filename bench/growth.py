"""`python -m bench.growth 10000 1000000`: what each row costs us as the diary fills, and the ratio.

Each size is a database on a PostgreSQL of our own; in place of a size there may be the URL of a database that is there
and has a large diary, which is written to. All are asked by turns in one run, over CONNECTIONS (4): milliseconds of a
request, medians of ROUNDS (9) of SECONDS (1). `--chart docs/growth.svg` draws it.
"""

import argparse
import os
import statistics
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from app.extensions import db
from app.models import Booking
from bench.chart import Line, chart
from bench.filling import another, fill
from bench.house import House, move_in
from bench.load import drive
from bench.rows import ROWS, Row
from bench.servers import Measured, database, ours
from bench.table import markdown, require_fine
from tests.servers import HOST

CONNECTIONS = int(os.environ.get("CONNECTIONS", "4"))
ROUNDS = int(os.environ.get("ROUNDS", "9"))
SECONDS = float(os.environ.get("SECONDS", "1"))


@dataclass(frozen=True, slots=True)
class Grown:
    """A server of ours on a database with so many bookings."""

    bookings: int
    house: House
    server: Measured


def main() -> None:
    """Print a table, and draw it where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("databases", nargs="+", metavar="SIZE_OR_URL", help="the smallest first")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="where to draw it, as SVG")
    wanted = parser.parse_args()
    with databases(wanted.databases) as urls, ExitStack() as until_the_end:
        sizes = [until_the_end.enter_context(grown(url)) for url in urls]
        costs = measure(sizes)
    lines = [Line(row.name, tuple(costs[row.name])) for row in ROWS]
    head = ["work", *(f"{size.bookings:,}" for size in sizes), *(f"ratio at {size.bookings:,}" for size in sizes[1:])]
    print(markdown(head, map(_cells, lines)))
    if wanted.chart:
        wanted.chart.write_text(chart([size.bookings for size in sizes], lines))


@contextmanager
def databases(wanted: Sequence[str]) -> Iterator[list[str]]:
    """Yield the URLs of filled databases: those named, and new ones of the sizes."""
    with ExitStack() as until_the_end:
        sizes = [int(one) for one in wanted if one.isdecimal()]
        server = until_the_end.enter_context(database()) if sizes else ""
        made = {str(size): another(server, f"bookings_{size}") for size in sizes}
        for size in sizes:
            fill(made[str(size)], size)
        for url in set(wanted) - made.keys():
            fill(url, 1)
        yield [made.get(one, one) for one in wanted]


@contextmanager
def grown(url: str) -> Iterator[Grown]:
    """Serve the application on a database."""
    app, house = move_in(url)
    with app.app_context():
        bookings = db.session.scalar(select(func.count()).select_from(Booking)) or 0
        db.session.remove()
    with ours(url) as server:
        yield Grown(bookings, house, server)


def measure(sizes: Sequence[Grown]) -> dict[str, list[float]]:
    """Return the milliseconds of each row for each size; the first round does not count."""
    found: dict[tuple[str, int], list[float]] = {}
    for turn in range(ROUNDS + 1):
        print(f"round {turn} of {ROUNDS}" if turn else "warming up", flush=True)
        for row in ROWS:
            for size in sizes:
                milliseconds = _cost(row, size)
                if turn:
                    found.setdefault((row.name, size.bookings), []).append(milliseconds)
    return {row.name: [statistics.median(found[row.name, size.bookings]) for size in sizes] for row in ROWS}


def _cost(row: Row, size: Grown) -> float:
    callers = [row.ours(size.house, caller) for caller in range(CONNECTIONS)]
    load = drive(HOST, size.server.port, callers, SECONDS)
    require_fine(load.statuses)
    return load.percentile(0.5)


def _cells(line: Line) -> list[str]:
    ratios = [f"{cost / line.costs[0]:.2f}" for cost in line.costs[1:]]
    return [line.name, *(f"{cost:.2f} ms" for cost in line.costs), *ratios]


if __name__ == "__main__":
    main()
