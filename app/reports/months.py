"""Months of a zone's calendar, as instants. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.diary.openings import wall_seconds
from app.kit.intervals import Span

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of `timezone`, or the part of it that is asked for: its name, and its seconds."""

    name: str
    timezone: str
    span: Span


def months(first: date, last: date, timezone: str) -> list[Month]:
    """Return the months from `first` to `last`, both included, cut at these."""
    return [
        Month(f"{begin:%Y-%m}", timezone, (wall_seconds(begin, 0, timezone), wall_seconds(end, 0, timezone)))
        for begin, end in _pieces(first, last + ONE_DAY)
    ]


def _pieces(begin: date, end: date) -> Iterator[tuple[date, date]]:
    while begin < end:
        following = (begin.replace(day=1) + 31 * ONE_DAY).replace(day=1)
        yield begin, min(following, end)
        begin = following
