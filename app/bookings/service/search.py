"""What can be had: the same engine that decides when something is booked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from app.bookings.lettings import free_times
from app.bookings.request import Asked, Request
from app.bookings.service.read import get_booking
from app.bookings.service.reschedule import moving
from app.bookings.slots import Alike, Day, by_day, nearest, open_by_day
from app.bookings.wishes import NOTHING, Letting, Own, Visit, as_agreed, named_space, read_visit, read_wish
from app.bookings.wishes.letting import diary_of
from app.bookings.written_slots import written_by_day
from app.diary.openings import wall_seconds
from app.kit.clock import utcnow
from app.kit.errors import Invalid, NotFound
from app.kit.intervals import Span
from app.models.diary import DAY_MINUTES
from app.security.actor import Actor

MOST_DAYS = 62


@dataclass(frozen=True, slots=True)
class Days:
    """Which days are asked about, both ends included; of `timezone`, or of the venue's zone."""

    first: date
    last: date
    timezone: str | None = None

    def window(self, timezone: str) -> Span:
        """Return the seconds of these days in a zone."""
        return wall_seconds(self.first, 0, timezone), wall_seconds(self.last, DAY_MINUTES, timezone)


@dataclass(frozen=True, slots=True)
class Availability:
    """The slots, or open times, of some days, which are days of `timezone`."""

    timezone: str
    days: list[Day]


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether one start can be had; if not, why, and what is near."""

    available: bool
    reasons: list[str]
    alternatives: list[dict[str, object]]


def own_of(actor: Actor | None, booking_id: int | None) -> Own:
    """Return what a visible booking has itself, for asking where it could move to. Raises `NotFound`."""
    if booking_id is None:
        return NOTHING
    if actor is None:
        raise NotFound
    return moving(actor, get_booking(actor, booking_id))


def list_slots(parts: Sequence[Asked], days: Days, own: Own = NOTHING) -> Availability:
    """Return the slots of a visit, in a fixed number of statements. Raises `NotFound`, `Invalid`."""
    zone, kinds = _kinds(parts, days, own)
    return Availability(zone, by_day(kinds, days.first, days.last, zone))


def write_slots(parts: Sequence[Asked], days: Days, own: Own = NOTHING) -> Availability:
    """Return what `list_slots` does, with the slots written as JSON already. Raises `NotFound`, `Invalid`."""
    zone, kinds = _kinds(parts, days, own)
    return Availability(zone, written_by_day(kinds, days.first, days.last, zone))


def _kinds(parts: Sequence[Asked], days: Days, own: Own) -> tuple[str, list[Alike]]:
    """Return the zone in which the days are meant, and what there is on them."""
    check_days(days.first, days.last)
    visit = as_agreed(read_visit(_as_it_is_done(parts, own)), own)
    zone = days.timezone or visit.timezone
    return zone, visit.kinds(days.window(zone), utcnow(), own)


def list_open_times(space_id: int, days: Days, own: Own = NOTHING) -> Availability:
    """Return the times in which a space can be had, in a fixed number of statements. Raises `NotFound`, `Invalid`."""
    check_days(days.first, days.last)
    space, now = named_space(space_id), utcnow()
    letting = as_agreed(Letting(space, timedelta()), own)
    zone = days.timezone or space.timezone
    window, house = days.window(zone), letting.house(now)
    around = window[0] - house.margin, window[1] + house.margin
    free = free_times(diary_of(space, around, now, own), house, window) if space.active else []
    return Availability(zone, open_by_day(free, days.first, days.last, zone))


def check_start(request: Request) -> Answer:
    """Say whether something can be had at an instant, with every reason against it and up to five alternatives.

    `ends_at` narrows a service down to who would be done by then. Raises `NotFound`; and `Invalid` where that is
    nobody of those asked for.
    """
    wish, now = read_wish(request), utcnow()
    if isinstance(wish, Visit) and request.ends_at is not None:
        wish = _done_in(wish, request.ends_at - request.starts_at)
    found = wish.plan(request.starts_at, now, NOTHING)
    if not isinstance(found, list):
        return Answer(True, [], [])
    near = nearest(wish.near(request.starts_at, now, NOTHING), request.starts_at)
    return Answer(False, [reason.code for reason in found], [slot.shown() for slot in near])


def _as_it_is_done(parts: Sequence[Asked], own: Own) -> Sequence[Asked]:
    """Return the parts; of several that are those of the booking that moves, each by who does it now, as it moves."""
    items = [] if own.moving is None else own.moving.items
    if len(parts) == 1 or [asked.service_id for asked in parts] != [item.service_id for item in items]:
        return parts
    pairs = zip(parts, items, strict=True)
    return [replace(asked, staff_id=asked.staff_id or item.staff_id) for asked, item in pairs]


def check_days(first: date, last: date) -> None:
    """Refuse a range that is backwards or longer than 62 days. Raises `Invalid`."""
    if last < first:
        raise Invalid.field("to", "Must not be before from.")
    if (last - first).days >= MOST_DAYS:
        raise Invalid.field("to", f"At most {MOST_DAYS} days at a time.")


def _done_in(visit: Visit, length: timedelta) -> Visit:
    (part,) = visit.parts
    lengths = {one.staff_id: timedelta(minutes=one.duration_minutes) for one in part.asked}
    if lengths and length not in lengths.values():
        minutes = sorted({one.duration_minutes for one in part.asked})
        raise Invalid.field("ends_at", f"It takes {' or '.join(map(str, minutes))} minutes.")
    return replace(visit, parts=(part.among([one for one, taken in lengths.items() if taken == length]),))
