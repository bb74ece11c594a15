"""Who could do a piece of work, on what terms: the candidates of a service with their own prices and durations."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings import queries
from app.bookings.availability import Terms
from app.extensions import business, db
from app.kit.intervals import to_seconds, to_seconds_up
from app.models import Service


@dataclass(frozen=True, slots=True)
class Candidate:
    """A staff member who performs the service, with what applies when it is this one."""

    staff_id: int
    name: str
    timezone: str
    active: bool
    price: int
    duration_minutes: int


def candidates_for(service: Service) -> list[Candidate]:
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


def venue_timezone(candidates: list[Candidate]) -> str:
    """Return the zone in which days are meant: the active candidates' common one, else the business's."""
    zones = {candidate.timezone for candidate in candidates if candidate.active}
    return zones.pop() if len(zones) == 1 else business.timezone
