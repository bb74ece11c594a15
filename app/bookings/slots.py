"""Slots: starts that are offered, by whom, at what price."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from operator import itemgetter
from typing import Any

from app.bookings.one_part import Teams
from app.diary.openings import wall_seconds
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
        """Return the slot as `SlotOut` shows it: `staff_ids` can do all of it, `items` says who can do which part."""
        alone = self.teams[0] if len(self.teams) == 1 else self.alone
        price = {"amount": self.price.amount, "currency": self.price.currency}
        slot = {"starts_at": self.starts_at, "ends_at": self.ends_at, "staff_ids": sorted(alone), "price": price}
        if len(self.teams) < 2:  # noqa: PLR2004  # several
            return slot
        parts = zip(self.service_ids, self.teams, strict=True)
        return {**slot, "items": [{"service_id": service, "staff_ids": sorted(team)} for service, team in parts]}


@dataclass(frozen=True, slots=True)
class Stretch:
    """Slots a `step` apart that differ in nothing but their time: a month has thousands of slots, and few of these."""

    first: Slot
    count: int
    step: timedelta

    @property
    def instants(self) -> Iterator[tuple[datetime, datetime]]:
        """The start and the end of each, in order."""
        length = self.first.ends_at - self.first.starts_at
        starts_at = self.first.starts_at
        for _ in range(self.count):
            yield starts_at, starts_at + length
            starts_at += self.step

    @property
    def slots(self) -> Iterator[Slot]:
        """Each of them, in order."""
        return (replace(self.first, starts_at=start, ends_at=end) for start, end in self.instants)

    @property
    def shown(self) -> Iterator[Shown]:
        """Each of them as `SlotOut` shows it, in order."""
        shown = self.first.shown()
        return ({**shown, "starts_at": start, "ends_at": end} for start, end in self.instants)


Day = dict[str, Any]
"""A local date with its `slots`, or with the `open` times of a space, as they are shown."""


def by_day(stretches: Iterable[Stretch], first: date, last: date, timezone: str) -> list[Day]:
    """Return one entry for each local date from `first` to `last`, empty ones included.

    The stretches come by length, then price: so the slots of each are by start, then end, then price.
    """
    slots = sorted(chain.from_iterable(stretch.shown for stretch in stretches), key=STARTS_AT)
    days: list[Day] = []
    at = 0
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        dusk = to_instant(wall_seconds(day + timedelta(days=1), 0, timezone))
        until = bisect_left(slots, dusk, at, key=STARTS_AT)
        days.append({"date": day, "slots": slots[at:until]})
        at = until
    return days


def open_by_day(free: Sequence[Span], first: date, last: date, timezone: str) -> list[Day]:
    """Return one entry for each local date from `first` to `last`; a time over midnight is in both, cut there."""
    days: list[Day] = []
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        dawn, dusk = wall_seconds(day, 0, timezone), wall_seconds(day + timedelta(days=1), 0, timezone)
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
