"""Months and days of a zone's calendar, as instants. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from app.diary.openings import wall_seconds
from app.kit.dates import dates_between
from app.kit.intervals import Span

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of `timezone`, or the part of it that is asked for, or a day: its name, and its seconds."""

    name: str
    timezone: str
    span: Span


def months(first: date, last: date, timezone: str) -> list[Month]:
    """Return the months from `first` to `last`, both included, cut at these."""
    return [
        Month(f"{begin:%Y-%m}", timezone, (wall_seconds(begin, 0, timezone), wall_seconds(end, 0, timezone)))
        for begin, end in _pieces(first, last + ONE_DAY)
    ]


def days(first: date, last: date, timezone: str) -> list[Month]:
    """Return the days from `first` to `last`, both included; where the clocks change, they have other than 24 hours."""
    return [Month(day.isoformat(), timezone, span_of(day, day, timezone)) for day in dates_between(first, last)]


def span_of(first: date, last: date, timezone: str) -> Span:
    """Return the seconds from the beginning of `first` to the end of `last`."""
    return wall_seconds(first, 0, timezone), wall_seconds(last + ONE_DAY, 0, timezone)


def _pieces(begin: date, end: date) -> Iterator[tuple[date, date]]:
    while begin < end:
        following = (begin.replace(day=1) + 31 * ONE_DAY).replace(day=1)
        yield begin, min(following, end)
        begin = following
