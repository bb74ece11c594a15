"""All rows by turns, as one caller asks them who does everything."""

from collections.abc import Iterator, Sequence
from itertools import cycle, islice

from bench.house import House
from bench.load import Call
from bench.rows import ROWS, Calls, Row


def mixed(house: House, caller: int, count: int, rows: Sequence[Row] = ROWS) -> Iterator[Call]:
    """Yield so many calls, of each row the next by turns."""
    return islice((next(calls) for calls in cycle([_endless(row.ours, house, caller) for row in rows])), count)


def _endless(calls: Calls, house: House, caller: int) -> Iterator[Call]:
    while True:
        yield from calls(house, caller)
