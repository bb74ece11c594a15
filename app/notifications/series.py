"""What one notice of a series tells of: the dates of which the series' making brought about the very same."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, func, select

from app.bookings.series.service import visible_bookings
from app.extensions import db
from app.jobs.events import Event
from app.models import Booking, BookingHistory, BookingStatus, Role, Step
from app.security.actor import Actor

BEGUN: Final = {
    "booking_confirmed": BookingStatus.CONFIRMED,
    "booking_requested": BookingStatus.PENDING,
    "booking_deposit_due": BookingStatus.PENDING,
    "approval_asked": BookingStatus.PENDING,
}
"""What may be told of several dates at once, and in which status those were made. All of a series wait for the same."""

IS_MADE: Final = BookingHistory.step == Step.CREATE


def speaks_for_itself(event: Event) -> bool:
    """Say whether a booking is told of: one of a series that is just made leaves that to the first that is like it."""
    series_id, booking_id = event.about.get("series_id"), event.about["booking_id"]
    if series_id is None or event.about["step"] != Step.CREATE:
        return True
    made = _makings().where(Booking.series_id == series_id)
    own = select(BookingHistory.to_status).where(IS_MADE, BookingHistory.booking_id == booking_id)
    alike = made.where(BookingHistory.to_status == own.scalar_subquery())
    return db.session.scalar(alike.with_only_columns(func.min(Booking.id))) == booking_id


def told_at_once(booking: Booking, kind: str) -> Sequence[Booking]:
    """Return the bookings that one notice tells of, by start: several if the making of their series is told."""
    if booking.series_id is None or kind not in BEGUN:
        return [booking]
    rows = db.session.execute(_makings().where(Booking.series_id == booking.series_id)).all()
    alike = {booking_id for booking_id, status in rows if status is BEGUN[kind]}
    if booking.id not in alike or (kind == "booking_deposit_due" and _is_approved(booking)):
        return [booking]
    dates = visible_bookings(Actor(booking.client_id, Role.CLIENT), booking.series_id)
    return [one for one in dates if one.id in alike]


def _makings() -> Select[int, BookingStatus]:
    return select(Booking.id, BookingHistory.to_status).join_from(Booking, BookingHistory).where(IS_MADE)


def _is_approved(booking: Booking) -> bool:
    steps = select(BookingHistory.id).where(BookingHistory.booking_id == booking.id)
    return db.session.scalar(steps.where(BookingHistory.step == Step.APPROVE).limit(1)) is not None
