"""The dates of a series: the same time by the venue's wall clock, whatever the clocks do between. Pure.

A time that a clock change leaves out moves forward by the gap, one that it repeats means the first (product.md §2).
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from app.bookings.series.request import MOST_DATES, MOST_WEEKS, Repeat
from app.diary.openings import wall_seconds
from app.kit.errors import Invalid
from app.kit.intervals import to_instant

FURTHEST = datetime(9990, 1, 1, tzinfo=UTC) - timedelta(weeks=MOST_WEEKS * MOST_DATES)
"""From here on a series might leave the calendar."""

FEWEST_DATES = 2


def starts_of(first: datetime, repeat: Repeat, timezone: str) -> list[datetime]:
    """Return the starts, `first` as it is and the others by the wall clock of `timezone`.

    Raises `Invalid` where `until` allows for only one date, or for more than 52.
    """
    if first > FURTHEST:
        raise Invalid.field("starts_at", "Too far ahead to be repeated.")
    step, wall = timedelta(weeks=repeat.every_weeks), wall_time(first, timezone)
    count = repeat.count or _count_until(wall, repeat, step)
    return [first, *(instant_of(wall + n * step, timezone) for n in range(1, count))]


def wall_time(at: datetime, timezone: str) -> datetime:
    """Return what the clocks of `timezone` show at an instant, as a naive datetime."""
    return at.astimezone(ZoneInfo(timezone)).replace(tzinfo=None, fold=0)


def instant_of(wall: datetime, timezone: str) -> datetime:
    """Return the instant at which the clocks of `timezone` show `wall`."""
    minute = wall.replace(second=0, microsecond=0)
    return to_instant(wall_seconds(wall.date(), wall.hour * 60 + wall.minute, timezone)) + (wall - minute)


def shifted(at: datetime, shift: timedelta, timezone: str) -> datetime:
    """Return the instant that is `shift` away by the wall clock. Raises `Invalid` outside the calendar."""
    if not shift:
        return at
    try:
        return instant_of(wall_time(at, timezone) + shift, timezone)
    except OverflowError as error:
        raise Invalid.field("starts_at", "Too far away.") from error


def _count_until(wall: datetime, repeat: Repeat, step: timedelta) -> int:
    assert repeat.until is not None  # noqa: S101  # the shape of a repetition has one of the two
    count = (repeat.until - wall.date()) // step + 1
    if count < FEWEST_DATES:
        raise Invalid.field("repeat.until", "Must allow for a second date.")
    if count > MOST_DATES:
        raise Invalid.field("repeat.until", f"At most {MOST_DATES} dates.")
    return count
