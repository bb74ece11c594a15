"""What is wanted, who could do it, on what terms: the candidates of a service with their own prices and durations."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings import queries
from app.bookings.availability import Terms
from app.extensions import business, db
from app.kit.intervals import to_seconds, to_seconds_up, to_span
from app.models import BookingItem, Service, Staff
from app.services.service import get_named_service
from app.staff.service import get_staff


@dataclass(frozen=True, slots=True)
class Candidate:
    """A staff member who performs the service, with what applies when it is this one."""

    staff_id: int
    name: str
    timezone: str
    active: bool
    price: int
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A service, all who perform it, and who of them are asked for: one, or with nobody named all.

    `stranger` is who is named and does not perform it.
    """

    service: Service
    candidates: list[Candidate]
    asked: list[Candidate]
    stranger: Staff | None


def wish_for(service_id: int, staff_id: int | None) -> Wish:
    """Return what a request for a service means, by a staff member or anybody. Raises `NotFound` naming the field."""
    service = get_named_service(service_id)
    candidates = _candidates(service)
    asked = [candidate for candidate in candidates if staff_id in (None, candidate.staff_id)]
    stranger = None if staff_id is None or asked else get_staff(staff_id, field="staff_id")
    return Wish(service, candidates, asked, stranger)


def _candidates(service: Service) -> list[Candidate]:
    """Return all staff assigned to the service, inactive ones too, by id."""
    return [
        Candidate(
            staff_id,
            name,
            timezone,
            active,
            service.price_amount if own_price is None else own_price,
            own_duration or service.duration_minutes,
        )
        for staff_id, name, timezone, active, own_price, own_duration in db.session.execute(
            queries.candidates(service.id)
        )
    ]


def terms_for(service: Service, candidate: Candidate, now: datetime) -> Terms:
    """Return what the service, done by the candidate, demands of a diary at the present instant `now`."""
    return Terms(
        duration=candidate.duration_minutes * 60,
        before=service.buffer_before_minutes * 60,
        after=service.buffer_after_minutes * 60,
        grid=business.slot_minutes * 60,
        earliest=to_seconds_up(now + timedelta(minutes=service.min_notice_minutes)),
        latest=to_seconds(now + timedelta(days=service.max_advance_days)),
    )


def agreed_terms(item: BookingItem) -> Terms:
    """Return what agreed work demands of another diary: to be open and free. When it starts is no question any more."""
    start, end = to_span(item.starts_at, item.ends_at)
    return Terms(
        duration=end - start,
        before=item.buffer_before_minutes * 60,
        after=item.buffer_after_minutes * 60,
        grid=1,
        earliest=start,
        latest=start,
    )


def venue_timezone(candidates: list[Candidate]) -> str:
    """Return the zone in which days are meant: the active candidates' common one, else the business's."""
    zones = {candidate.timezone for candidate in candidates if candidate.active}
    return zones.pop() if len(zones) == 1 else business.timezone
