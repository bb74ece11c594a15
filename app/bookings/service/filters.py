"""How a list of bookings is narrowed."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement

from app.bookings import queries
from app.diary.openings import wall_seconds
from app.extensions import business
from app.kit.intervals import to_instant
from app.models import Booking, BookingKind, BookingStatus
from app.models.diary import DAY_MINUTES


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted; None means all. Dates are days of the business's zone, both included."""

    status: list[BookingStatus] = field(default_factory=list)
    first: date | None = None
    last: date | None = None
    kind: BookingKind | None = None
    service_id: int | None = None
    staff_id: int | None = None
    space_id: int | None = None
    client_id: int | None = None


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Return the conditions that `filters` stand for; a booking over midnight belongs to both days."""
    found: list[ColumnElement[bool]] = []
    if filters.status:
        found.append(queries.with_status(filters.status))
    if filters.first is not None:
        found.append(queries.not_over_at(to_instant(wall_seconds(filters.first, 0, business.timezone))))
    if filters.last is not None:
        found.append(Booking.starts_at < to_instant(wall_seconds(filters.last, DAY_MINUTES, business.timezone)))
    if filters.service_id is not None:
        found.append(queries.of_service(filters.service_id))
    if filters.staff_id is not None:
        found.append(queries.with_staff(filters.staff_id))
    if filters.client_id is not None:
        found.append(queries.of_client(filters.client_id))
    plain = ((Booking.kind, filters.kind), (Booking.space_id, filters.space_id))
    return found + [column == wanted for column, wanted in plain if wanted is not None]
