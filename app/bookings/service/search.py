"""What can be had: the same engine that decides when something is booked."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from app.bookings.conflicts import judge
from app.bookings.slots import DaySlots, Slot, alternatives_to, by_day, slots_in
from app.bookings.work import Wish, venue_timezone, wish_for
from app.diary.openings import wall_seconds
from app.kit.clock import utcnow
from app.kit.errors import Invalid

MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Availability:
    """The slots of some days, which are days of `timezone`."""

    timezone: str
    days: list[DaySlots]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one start can be had; if not, why, and what is near."""

    available: bool
    reasons: list[str]
    alternatives: list[Slot]


def list_slots(*, service_id: int, staff_id: int | None, first: date, last: date, timezone: str | None) -> Availability:
    """Return the slots of a service from `first` to `last`, both included, in a fixed number of statements."""
    check_days(first, last)
    wish = wish_for(service_id, staff_id)
    zone = timezone or venue_timezone(wish.asked)
    window = wall_seconds(first, 0, zone), wall_seconds(last, 24 * 60, zone)
    slots = slots_in(wish.service, wish.asked, window, utcnow()) if wish.service.active else []
    return Availability(zone, by_day(slots, first, last, zone))


def check_start(*, service_id: int, staff_id: int | None, starts_at: datetime, ends_at: datetime | None) -> Answer:
    """Say whether a service can start at an instant, with every reason against it and up to five alternatives.

    `ends_at` narrows it down to who would be done by then. Raises `Invalid` where that is none of those asked for.
    """
    wish, now = wish_for(service_id, staff_id), utcnow()
    if ends_at is not None:
        wish = _done_in(wish, ends_at - starts_at)
    verdict = judge(wish, starts_at, now)
    if verdict.free:
        return Answer(True, [], [])
    return Answer(False, [reason.code for reason in verdict.reasons], alternatives_to(wish, starts_at, now))


def check_days(first: date, last: date) -> None:
    """Refuse a range that is backwards or longer than 62 days. Raises `Invalid`."""
    if last < first:
        raise Invalid.field("to", "Must not be before from.")
    if (last - first).days >= MOST_DAYS:
        raise Invalid.field("to", f"At most {MOST_DAYS} days at a time.")


def _done_in(wish: Wish, length: timedelta) -> Wish:
    asked = [candidate for candidate in wish.asked if timedelta(minutes=candidate.duration_minutes) == length]
    if wish.asked and not asked:
        lengths = sorted({candidate.duration_minutes for candidate in wish.asked})
        raise Invalid.field("ends_at", f"It takes {' or '.join(map(str, lengths))} minutes.")
    return replace(wish, asked=asked)
