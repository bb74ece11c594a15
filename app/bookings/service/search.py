"""What can be had: the same engine that decides when something is booked."""

from dataclasses import dataclass
from datetime import date, datetime

from app.bookings.conflicts import judge
from app.bookings.slots import DaySlots, Slot, alternatives_to, by_day, slots_in
from app.bookings.work import Candidate, candidates_for, venue_timezone
from app.diary.openings import wall_seconds
from app.kit.clock import utcnow
from app.kit.errors import Invalid
from app.models import Service
from app.services.service import get_named_service
from app.staff.service import get_staff

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
    service, asked = _service_and_candidates(service_id, staff_id)
    zone = timezone or venue_timezone(asked)
    window = wall_seconds(first, 0, zone), wall_seconds(last, 24 * 60, zone)
    slots = slots_in(service, asked, window, utcnow()) if service.active else []
    return Availability(zone, by_day(slots, first, last, zone))


def check_start(*, service_id: int, staff_id: int | None, starts_at: datetime) -> Answer:
    """Say whether a service can start at an instant, with every reason against it and up to five alternatives."""
    service = get_named_service(service_id)
    wished = None if staff_id is None else get_staff(staff_id, field="staff_id")
    candidates, now = candidates_for(service), utcnow()
    verdict = judge(service, candidates, starts_at, wished, now)
    if verdict.chosen:
        return Answer(True, [], [])
    return Answer(
        False,
        [reason.code for reason in verdict.reasons],
        alternatives_to(service, candidates, starts_at, staff_id, now),
    )


def check_days(first: date, last: date) -> None:
    """Refuse a range that is backwards or longer than 62 days. Raises `Invalid`."""
    if last < first:
        raise Invalid.field("to", "Must not be before from.")
    if (last - first).days >= MOST_DAYS:
        raise Invalid.field("to", f"At most {MOST_DAYS} days at a time.")


def _service_and_candidates(service_id: int, staff_id: int | None) -> tuple[Service, list[Candidate]]:
    service = get_named_service(service_id)
    candidates = candidates_for(service)
    asked = [c for c in candidates if staff_id in (None, c.staff_id)]
    if staff_id is not None and not asked:
        get_staff(staff_id, field="staff_id")
    return service, asked
