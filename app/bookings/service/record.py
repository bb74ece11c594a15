"""What every change of a booking leaves behind: a row of history, and a task where a deadline follows from it."""

from app.extensions import db
from app.jobs.outbox import enqueue
from app.models import Booking, BookingHistory, BookingStatus, Step

EXPIRE_BOOKING = "booking.expire"
"""The outbox topic under which a pending booking's deadline waits."""


def record_step(
    booking: Booking,
    step: Step,
    *,
    before: BookingStatus | None,
    actor_id: int | None,
    reason: str = "",
) -> BookingHistory:
    """Write who did what, from which status to which, and why; return it. `actor_id` None is the system."""
    change = BookingHistory(
        booking_id=booking.id,
        actor_id=actor_id,
        step=step,
        from_status=before,
        to_status=booking.status,
        reason=reason,
    )
    db.session.add(change)
    db.session.flush()
    return change


def schedule_expiry(booking: Booking) -> None:
    """Leave a task for the moment at which a pending booking lapses."""
    if booking.expires_at is not None:
        enqueue(EXPIRE_BOOKING, {"booking_id": booking.id}, due_at=booking.expires_at)
