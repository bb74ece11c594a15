"""Slots: starts that are offered, by whom, at what price."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.bookings.availability import Terms, offered_starts
from app.bookings.work import Candidate, Wish, terms_for
from app.diary.diaries import Diary, load_diaries
from app.diary.openings import wall_seconds
from app.extensions import business
from app.kit.intervals import Span, to_instant, to_seconds
from app.kit.money import Money
from app.models import Service

MOST_ALTERNATIVES = 5
DAYS_BEFORE, DAYS_AFTER = timedelta(days=7), timedelta(days=14)
"""How far around the wished start alternatives are looked for."""

DAY_SECONDS = 86_400
BUFFER_REACH = 2 * DAY_SECONDS
"""Longer than the longest work with its buffers may reach out of the day it starts in."""


@dataclass(frozen=True, slots=True)
class Slot:
    """An interval that can be had, from any of `staff_ids`, at one price."""

    starts_at: datetime
    ends_at: datetime
    price: Money
    staff_ids: list[int]


@dataclass(frozen=True, slots=True)
class DaySlots:
    """The slots that start on one local date."""

    date: date
    slots: list[Slot] = field(default_factory=list)


def diaries_over(candidates: Sequence[Candidate], window: Span, now: datetime) -> dict[int, Diary]:
    """Return the diaries that decide about starts in `window`, in four statements."""
    reach = window[0] - BUFFER_REACH, window[1] + BUFFER_REACH
    return load_diaries({candidate.staff_id: candidate.timezone for candidate in candidates}, reach, now)


def slots_in(service: Service, candidates: Sequence[Candidate], window: Span, now: datetime) -> list[Slot]:
    """Return what the active candidates offer for starts in `window`, by start, then end, then price."""
    active = [candidate for candidate in candidates if candidate.active]
    if not active:
        return []
    diaries = diaries_over(active, window, now)
    staff_at: dict[tuple[int, int, int], list[int]] = {}
    for candidate in active:
        terms = terms_for(service, candidate, now)
        for start in offered_starts(diaries[candidate.staff_id], terms, window):
            key = (start, start + terms.duration, candidate.price)
            staff_at.setdefault(key, []).append(candidate.staff_id)
    currency = business.currency
    return [
        Slot(to_instant(start), to_instant(end), Money(price, currency), staff_at[start, end, price])
        for start, end, price in sorted(staff_at)
    ]


def by_day(slots: Sequence[Slot], first: date, last: date, timezone: str) -> list[DaySlots]:
    """Return one entry for each local date from `first` to `last`, empty ones included."""
    days = [DaySlots(first + timedelta(days=n)) for n in range((last - first).days + 1)]
    ends = [to_instant(wall_seconds(day.date + timedelta(days=1), 0, timezone)) for day in days]
    at = 0
    for slot in slots:
        while slot.starts_at >= ends[at]:
            at += 1
        days[at].slots.append(slot)
    return days


def alternatives_to(wish: Wish, starts_at: datetime, now: datetime) -> list[Slot]:
    """Return up to five slots nearest to the wished start: the wished staff at other times, others at the same."""
    terms = {c.staff_id: terms_for(wish.service, c, now) for c in wish.candidates}
    if not terms or not wish.service.active:
        return []
    wished = _clamped(starts_at, terms)
    window = wished - int(DAYS_BEFORE.total_seconds()), wished + int(DAYS_AFTER.total_seconds())
    asked = {candidate.staff_id for candidate in wish.asked}
    wanted = [
        slot
        for slot in slots_in(wish.service, wish.candidates, window, now)
        if slot.starts_at == starts_at or not asked.isdisjoint(slot.staff_ids)
    ]
    wanted.sort(key=lambda slot: (abs(to_seconds(slot.starts_at) - wished), slot.starts_at))
    return wanted[:MOST_ALTERNATIVES]


def _clamped(starts_at: datetime, terms: Mapping[int, Terms]) -> int:
    """Return the wished second, moved into the time in which bookings are taken at all."""
    earliest = min(one.earliest for one in terms.values())
    latest = max(one.latest for one in terms.values())
    return max(earliest, min(latest, to_seconds(starts_at)))
