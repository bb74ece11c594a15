"""Which freed time suits whom. Pure; instants are whole seconds since the epoch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from app.diary.openings import local_date, wall_seconds
from app.kit.intervals import Span, merged
from app.models import WaitlistEntry
from app.models.diary import DAY_MINUTES

Times = Sequence[tuple[int, int]]
"""Parts of the day, from and to, in minutes of the wall clock; to may be 1440, which is 24:00."""


@dataclass(frozen=True, slots=True)
class Window:
    """When a visit suits somebody: days of `timezone`, `days` being weekdays from 0 for Monday; no times mean any."""

    first: date
    last: date
    days: frozenset[int]
    times: Times
    timezone: str

    @classmethod
    def of(cls, entry: WaitlistEntry) -> Self:
        """Return the window of somebody who waits."""
        days, times = weekdays_of(entry.days), times_of(entry.times)
        return cls(entry.first_day, entry.last_day, frozenset(days), times, entry.timezone)

    @property
    def span(self) -> Span:
        """From the beginning of the first day to the end of the last."""
        return wall_seconds(self.first, 0, self.timezone), wall_seconds(self.last, DAY_MINUTES, self.timezone)

    def suits(self, visit: Span) -> bool:
        """Say whether a visit starts on one of the days and, where there are times, lies wholly in one of them."""
        day = local_date(visit[0], self.timezone)
        if not self.first <= day <= self.last or day.weekday() not in self.days:
            return False
        return not self.times or any(self._holds(day, times, visit) for times in self.times)

    def _holds(self, day: date, times: tuple[int, int], visit: Span) -> bool:
        opens, closes = (wall_seconds(day, minutes, self.timezone) for minutes in times)
        return opens <= visit[0] and visit[1] <= closes


def first_match(
    waiting: Iterable[WaitlistEntry], visits: Mapping[int, Sequence[Span]], offered: Mapping[int, Sequence[Span]]
) -> tuple[WaitlistEntry, Span] | None:
    """Return the first of those who wait whom a visit suits, and the first visit that does.

    `visits` are what can be had, by service; `offered` what they were offered before, by entry: with no part of that
    are they bothered again.
    """
    for entry in waiting:
        window = Window.of(entry)
        for visit in visits[entry.service_id]:
            if window.suits(visit) and not any(_meet(visit, before) for before in offered.get(entry.id, ())):
                return entry, visit
    return None


def best_first(visits: Iterable[Span], freed: Span) -> list[Span]:
    """Return visits in the order in which they are offered: what lies in the freed time first, and the earliest."""
    return sorted(visits, key=lambda visit: (visit[0] < freed[0] or visit[1] > freed[1], visit))


def bits_of(weekdays: Iterable[int]) -> int:
    """Return weekdays as the table keeps them."""
    return sum(1 << day for day in set(weekdays))


def weekdays_of(bits: int) -> list[int]:
    """Return the weekdays in order, 0 for Monday."""
    return [day for day in range(7) if bits >> day & 1]


def text_of(times: Times) -> str:
    """Return times as the table keeps them: the same text for what means the same."""
    return ",".join(f"{clock(opens)}-{clock(closes)}" for opens, closes in merged(times))


def times_of(text: str) -> list[tuple[int, int]]:
    """Return the times that a text of the table stands for."""
    pairs = (part.split("-") for part in text.split(",") if part)
    return [(_minutes(opens), _minutes(closes)) for opens, closes in pairs]


def clock(minutes: int) -> str:
    """Return minutes of the day as the clock shows them."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _minutes(shown: str) -> int:
    hours, minutes = shown.split(":")
    return int(hours) * 60 + int(minutes)


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
