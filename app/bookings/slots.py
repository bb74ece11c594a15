"""Slots: starts that are offered, by whom, at what price."""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

from app.bookings.one_part import Teams
from app.diary.openings import ONE_DAY, wall_seconds
from app.kit.dates import dates_between
from app.kit.intervals import Span, meeting, to_instant, to_seconds
from app.kit.money import Money

MOST_ALTERNATIVES = 5
AROUND = 7 * 86_400, 14 * 86_400
"""How far before the wished start, and after it, alternatives are looked for, in seconds."""

FIRST_LOOK = 86_400
"""Seconds to either side of a wish in which there mostly is enough to offer."""

LAST_SECOND = to_seconds(datetime(9990, 1, 1, tzinfo=UTC))
"""From here on no day is reckoned with, so that none overflows the calendar."""


Shown = dict[str, Any]
"""A slot as `SlotOut` shows it."""

STARTS_AT = itemgetter("starts_at")

Kind = TypeVar("Kind")
"""What the slots of a run are like."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An interval that can be had at one price; `teams` are, part by part, the staff who can do it.

    A space has no teams. For several parts, any of a part's staff has colleagues for the others with whom it comes to
    just that; `alone` can do all.
    """

    starts_at: datetime
    ends_at: datetime
    price: Money
    service_ids: tuple[int, ...] = ()
    teams: Teams = ()
    alone: Collection[int] = ()

    @property
    def outcome(self) -> tuple[datetime, datetime, int]:
        """What it comes to, whoever does it."""
        return self.starts_at, self.ends_at, self.price.amount

    def shown(self) -> Shown:
        """Return the slot as `SlotOut` shows it."""
        return {"starts_at": self.starts_at, "ends_at": self.ends_at, **self.shown_terms()}

    def shown_terms(self) -> Shown:
        """Return what `SlotOut` shows beside the time: `staff_ids` can do all of it, `items` says who can do which."""
        alone = self.teams[0] if len(self.teams) == 1 else self.alone
        price = {"amount": self.price.amount, "currency": self.price.currency}
        terms = {"staff_ids": sorted(alone), "price": price}
        if len(self.teams) < 2:  # noqa: PLR2004  # several
            return terms
        parts = zip(self.service_ids, self.teams, strict=True)
        return {**terms, "items": [{"service_id": service, "staff_ids": sorted(team)} for service, team in parts]}


@dataclass(frozen=True, slots=True)
class Alike:
    """Slots that differ in nothing but their time: a month has thousands of slots, and few kinds of them.

    They are like `pattern`, take so many seconds each, and begin at the seconds of `runs`, of which none is empty.
    """

    pattern: Slot
    length: int
    runs: list[range]

    @property
    def slots(self) -> Iterator[Slot]:
        """Each of them, run by run."""
        return map(self.at, chain.from_iterable(self.runs))

    def at(self, start: int) -> Slot:
        """Return the one that begins at the second `start`."""
        return replace(self.pattern, starts_at=to_instant(start), ends_at=to_instant(start + self.length))

    def shown(self, starts: Iterable[int]) -> Iterator[Shown]:
        """Return those of them that begin at `starts` as `SlotOut` shows them."""
        terms = self.pattern.shown_terms()
        return (
            {"starts_at": to_instant(start), "ends_at": to_instant(start + self.length), **terms} for start in starts
        )


Day = dict[str, Any]
"""A local date with its `slots`, or with the `open` times of a space, as they are shown."""


def by_day(kinds: Iterable[Alike], first: date, last: date, timezone: str) -> list[Day]:
    """Return one entry for each local date from `first` to `last`, empty ones included.

    The kinds come by length, then price: so the slots of each date are by start, then end, then price.
    """
    runs = ((run, kind) for kind in kinds for run in kind.runs)
    return [
        {"date": day, "slots": sorted(chain.from_iterable(kind.shown(run) for run, kind in some), key=STARTS_AT)}
        for day, some in cut_by_day(runs, first, last, timezone)
    ]


def cut_by_day(
    runs: Iterable[tuple[range, Kind]], first: date, last: date, timezone: str
) -> Iterable[tuple[date, list[tuple[range, Kind]]]]:
    """Return each local date from `first` to `last` with what of the runs is on it, in their order.

    Nothing is after the last one; what is before the first is of the first.
    """
    dates = list(dates_between(first, last))
    dusks = [wall_seconds(day, 0, timezone) for day in dates_between(first + ONE_DAY, last + ONE_DAY)]
    days: list[list[tuple[range, Kind]]] = [[] for _ in dates]
    for run, kind in runs:
        rest = run
        while rest:
            n = bisect_right(dusks, rest.start)
            until = -(-(dusks[n] - rest.start) // rest.step)
            days[n].append((rest[:until], kind))
            rest = rest[until:]
    return zip(dates, days, strict=True)


def open_by_day(free: Sequence[Span], first: date, last: date, timezone: str) -> list[Day]:
    """Return one entry for each local date from `first` to `last`; a time over midnight is in both, cut there."""
    days: list[Day] = []
    for day in dates_between(first, last):
        dawn, dusk = wall_seconds(day, 0, timezone), wall_seconds(day + ONE_DAY, 0, timezone)
        cut = [(max(start, dawn), min(end, dusk)) for start, end in meeting(free, (dawn, dusk))]
        open_times = [{"starts_at": to_instant(start), "ends_at": to_instant(end)} for start, end in cut]
        days.append({"date": day, "open": open_times})
    return days


def nearest(slots: Iterable[Slot], starts_at: datetime) -> list[Slot]:
    """Return up to five of `slots`, nearest to the wished start first."""
    wished = to_seconds(starts_at)
    return sorted(slots, key=lambda slot: (abs(to_seconds(slot.starts_at) - wished), slot.starts_at))[
        :MOST_ALTERNATIVES
    ]


def window_around(starts_at: datetime, bounds: Span) -> Span:
    """Return where alternatives are looked for: around the wish, moved into the time in which bookings are taken."""
    wished = max(bounds[0], min(bounds[1], to_seconds(starts_at)))
    return wished - AROUND[0], wished + AROUND[1]


def nearby_first(window: Span, listed: Callable[[Span], list[Slot]]) -> list[Slot]:
    """Return what is listed a day to either side of the wish that a window is around; of all of it if that is little.

    What is farther is none of the nearest.
    """
    wished = window[0] + AROUND[0]
    found = listed((wished - FIRST_LOOK, wished + FIRST_LOOK))
    return found if len(found) >= MOST_ALTERNATIVES else listed(window)


def within_calendar(span: Span) -> Span:
    """Return the span; one in the last years of the calendar, where nothing is open, a little earlier."""
    start = min(span[0], LAST_SECOND)
    return start, start + span[1] - span[0]
