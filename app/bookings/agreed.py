"""What has been agreed on and lies ahead, and since when it has been agreed on."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.models import Booking, BookingHistory, BookingStatus, Step


def agreed_ahead(now: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Select the confirmed bookings that start in time, by start: one short range of the index on status and start.

    As (id, starts_at, agreed_at, client_id, timezone). It was agreed on when it was made, moved, approved or paid for,
    whichever came last.
    """
    ahead = (Booking.status == BookingStatus.CONFIRMED, Booking.starts_at > now, Booking.starts_at <= until)
    columns = (Booking.id, Booking.starts_at, _agreed_at().label("agreed_at"), Booking.client_id, Booking.timezone)
    return select(*columns).where(*ahead).order_by(Booking.starts_at, Booking.id)


def _agreed_at() -> Any:
    anew = or_(
        BookingHistory.step == Step.RESCHEDULE,
        BookingHistory.from_status.is_(None),
        BookingHistory.from_status != BookingHistory.to_status,
    )
    agreed = select(func.max(BookingHistory.at)).where(BookingHistory.booking_id == Booking.id, anew)
    return agreed.scalar_subquery()
