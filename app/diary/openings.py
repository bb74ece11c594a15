"""From wall-clock hours to instants, on days of every length (product.md §2)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.kit.dates import dates_between
from app.kit.intervals import Span, to_seconds
from app.models.diary import DAY_MINUTES

WallHours = tuple[int, int]
"""Opens and closes, in minutes of the wall clock; `closes <= opens` means past midnight, 1440 is 24:00."""

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=1 << 16)
def wall_seconds(day: date, minutes: int, timezone: str) -> int:
    """Return the second at which the clocks of `timezone` show `minutes` past midnight of `day`.

    A time that a clock change leaves out moves forward by the gap, one that it repeats means the first (PEP 495,
    `fold=0`).
    """
    extra_days, minute = divmod(minutes, DAY_MINUTES)
    wall = datetime.combine(day + extra_days * ONE_DAY, time(minute // 60, minute % 60))
    return to_seconds(wall.replace(tzinfo=ZoneInfo(timezone)))


@lru_cache(maxsize=1 << 14)
def opening_of(day: date, hours: WallHours, timezone: str) -> Span | None:
    """Return one opening as a span; None where a clock change swallows it whole."""
    opens, closes = hours
    until = closes if closes > opens else closes + DAY_MINUTES
    span = wall_seconds(day, opens, timezone), wall_seconds(day, until, timezone)
    return span if span[0] < span[1] else None


def openings(
    days: Iterable[date],
    weekly: Mapping[int, Sequence[WallHours]],
    dated: Mapping[date, Sequence[WallHours]],
    timezone: str,
) -> list[Span]:
    """Return the openings of `days`, one span for each; a date in `dated` replaces its weekday's hours."""
    spans = (
        opening_of(day, hours, timezone)
        for day in days
        for hours in (dated[day] if day in dated else weekly.get(day.weekday(), ()))
    )
    return sorted(span for span in spans if span)


def local_date(seconds: int, timezone: str) -> date:
    """Return the date that the clocks of `timezone` show at an instant."""
    return datetime.fromtimestamp(seconds, ZoneInfo(timezone)).date()


def days_around(span: Span, timezone: str) -> list[date]:
    """Return every local date whose openings can reach into `span`.

    Two more at the front: hours may run past midnight, and where a change of the clocks leaves out the hour they end
    in, past the next one.
    """
    first, last = local_date(span[0], timezone) - 2 * ONE_DAY, local_date(span[1], timezone)
    return list(dates_between(first, last))
