"""Opening hours that a change of the clocks is hard on; each pattern says what they are around one change."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from tests.bookings.oracle import DAY, HOUR, Change, Hours, Week

USUAL = 8 * HOUR, 18 * HOUR


def weekly(*hours: Hours) -> Week:
    """Return the same hours every day."""
    return Week(weekly=dict.fromkeys(range(7), hours))


def dated(*intervals: tuple[int, int]) -> Week:
    """Return usual hours, but on dates of which intervals are given, from one time on the wall to another, those."""
    own: defaultdict[date, list[Hours]] = defaultdict(list)
    for begin, end in intervals:
        day, opens = divmod(begin, DAY)
        closes = end - day * DAY
        own[date.fromordinal(day)].append((opens, closes if closes <= DAY else closes - DAY))
    return Week(weekly(USUAL).weekly, own)


def own_hours(change: Change) -> Week:
    """Return hours that the day of the change has of its own, into a day on which it is closed."""
    day = date.fromordinal(change.gap[0] // DAY)
    return Week(
        weekly(USUAL).weekly,
        {day: [(10 * HOUR + 20, 13 * HOUR + 50), (23 * HOUR, 2 * HOUR)], day + timedelta(days=1): []},
    )


def some_time_within(change: Change) -> int:
    """Return a time on the wall that is left out, or shown twice."""
    return change.gap[0] + 25


PATTERNS: dict[str, Callable[[Change], Week]] = {
    "a usual day": lambda _: weekly(USUAL),
    "a night": lambda _: weekly((20 * HOUR, 6 * HOUR)),
    "from 00:00 to 24:00": lambda _: weekly((0, DAY)),
    "24 hours from noon": lambda _: weekly((12 * HOUR, 12 * HOUR)),
    "four intervals, two of which meet at 24:00": lambda _: weekly(
        (0, 3 * HOUR), (7 * HOUR, 11 * HOUR + 30), (12 * HOUR + 15, 15 * HOUR + 7), (22 * HOUR, DAY)
    ),
    "a date's own hours": own_hours,
    "opens within": lambda change: dated((some_time_within(change), change.gap[1] + 5 * HOUR)),
    "closes within": lambda change: dated((change.gap[0] - 4 * HOUR, some_time_within(change))),
    "opens and closes within": lambda change: dated((change.gap[0] + 5, change.gap[1] - 5)),
    "opens within, closes at its end": lambda change: dated((change.gap[0] + 10, change.gap[1])),
    "opens at its end": lambda change: dated((change.gap[1], change.gap[1] + 2 * HOUR)),
    "closes at its beginning": lambda change: dated((change.gap[0] - 2 * HOUR, change.gap[0])),
    "meet within": lambda change: dated(
        (change.gap[0] - 3 * HOUR, some_time_within(change)), (some_time_within(change), change.gap[1] + 3 * HOUR)
    ),
    "closes within, after the next opens": lambda change: dated(
        (change.gap[0] - HOUR, some_time_within(change)), (change.gap[1], change.gap[1] + 2 * HOUR)
    ),
    "24 hours that close within": lambda change: dated((some_time_within(change) - DAY, some_time_within(change))),
}
