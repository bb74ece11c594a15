"""What opening hours and slots must be, found by watching the clocks minute by minute in UTC.

Slow, obvious, and ignorant of the application: it only ever asks what the clocks of a zone show at an instant, never
at which instant they show something. Instants are whole minutes since 1970-01-01T00:00Z.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY

Hours = tuple[int, int]
"""Opens and closes, in minutes of the wall clock; closing at or before opening means on the next day."""


@dataclass(frozen=True)
class Change:
    """The first minute at which the clocks of a zone are no longer what they were, and by how much they jump."""

    timezone: str
    at: int
    jump: int

    @property
    def gap(self) -> tuple[int, int]:
        """The times on the wall that are left out, or shown twice: from the first one to the first that is not."""
        after = reading(self.at, ZoneInfo(self.timezone))
        return (after - self.jump, after) if self.jump > 0 else (after, after - self.jump)


@dataclass(frozen=True)
class Week:
    """Hours by weekday (0 is Monday), and those of dates that have their own."""

    weekly: Mapping[int, Sequence[Hours]] = field(default_factory=dict)
    dated: Mapping[date, Sequence[Hours]] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """What is to be done, in minutes; it may start from `earliest` to `latest`, both included."""

    duration: int
    before: int
    after: int
    grid: int
    earliest: int
    latest: int


class Watch:
    """The clocks of one zone, looked at once a minute from `begin` to `end`."""

    def __init__(self, timezone: str, begin: int, end: int) -> None:
        zone = ZoneInfo(timezone)
        self.timezone, self.begin, self.end = timezone, begin, end
        self.first = reading(begin, zone)
        self.shown: dict[int, int] = {}
        last = self.first - 1
        for minute in range(begin, end):
            now = reading(minute, zone)
            self.shown.setdefault(now, minute)
            for left_out in range(last + 1, now):  # the jump leads from `last + 1` to `now`, and each of them as far
                self.shown[left_out] = minute + left_out - (last + 1)
            last = now

    def minute_of(self, wall: int) -> int:
        """Return when the clocks first show a time; the watch's own begin or end for what it has not seen."""
        return self.shown.get(wall, self.begin if wall < self.first else self.end)

    def dates(self) -> list[date]:
        """Return the dates seen, and two before them, whose hours may reach into the watch."""
        return [date.fromordinal(number) for number in range(self.first // DAY - 2, max(self.shown) // DAY + 1)]

    def openings(self, week: Week) -> list[range]:
        """Return the minutes of each opening."""
        return [
            opening
            for day in self.dates()
            for hours in week.dated.get(day, week.weekly.get(day.weekday(), []))
            if (opening := self._minutes_open(day, *hours))
        ]

    def _minutes_open(self, day: date, opens: int, closes: int) -> range:
        midnight = day.toordinal() * DAY
        if closes <= opens:
            closes += DAY
        return range(self.minute_of(midnight + opens), self.minute_of(midnight + closes))


class Oracle:
    """Knows of each minute whether the doors are open and whether the time is taken."""

    def __init__(self, openings: Sequence[range], taken: Iterable[range]) -> None:
        self.openings = openings
        self.open = {minute for opening in openings for minute in opening}
        self.taken = {minute for interval in taken for minute in interval}

    def grid(self, step: int) -> list[range]:
        """Return the starts of each opening: every `step` minutes from its first."""
        return [opening[::step] for opening in self.openings]

    def reason_against(self, work: Work, start: int) -> str | None:
        """Return the code of the first reason why work cannot start at a minute; None if it can."""
        if start < work.earliest:
            return "notice_too_short"
        if start > work.latest:
            return "beyond_horizon"
        if not self.open.issuperset(range(start, start + work.duration)):
            return "outside_opening_hours"
        if not any(start in starts for starts in self.grid(work.grid)):
            return "not_on_grid"
        if not self.taken.isdisjoint(range(start - work.before, start + work.duration + work.after)):
            return "slot_taken"
        return None


def reading(minute: int, zone: ZoneInfo) -> int:
    """Return what the clocks show at an instant, date and time, as one number that goes up by one a minute."""
    local = datetime.fromtimestamp(minute * 60, zone)
    return local.toordinal() * DAY + local.hour * 60 + local.minute


def changes_of(timezone: str, first: int = 2024, last: int = 2037) -> list[Change]:
    """Return every change of a zone's clocks from the year `first` to the year `last`, both included."""
    zone = ZoneInfo(timezone)
    begin, end = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) // 60 for year in (first, last + 1))
    looks = [(minute, ahead(minute, zone)) for minute in range(begin, end + WEEK, WEEK)]  # none changes twice in a week
    return [
        Change(timezone, _first_changed(minute, zone), (later - earlier) // timedelta(minutes=1))
        for (minute, earlier), (_, later) in pairwise(looks)
        if earlier != later
    ]


def _first_changed(minute: int, zone: ZoneInfo) -> int:
    """Return the first minute after `minute`, within a week, at which the zone's clocks are ahead by another amount."""
    before, low, high = ahead(minute, zone), minute, minute + WEEK
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if ahead(middle, zone) == before else (low, middle)
    return high


def ahead(minute: int, zone: ZoneInfo) -> timedelta:
    """Return how far a zone's clocks are ahead of UTC's."""
    offset = datetime.fromtimestamp(minute * 60, zone).utcoffset()
    assert offset is not None
    return offset
