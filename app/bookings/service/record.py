"""What every change of a booking leaves behind: a row of history, an announcement to whoever listens, and a task where
a deadline follows from it."""

from typing import Any

from app.extensions import db
from app.jobs.events import announcement
from app.jobs.outbox import task_row
from app.kit.inserts import Row, row_of
from app.models import Booking, BookingHistory, BookingStatus, PendingReason, Step
from app.transactions import insert_rows

EXPIRE_BOOKING = "booking.expire"
"""The outbox topic under which a pending booking's deadline waits."""

MOVED = frozenset({Step.RESCHEDULE, Step.REASSIGN})
"""The steps that give a booking another time, or somebody else."""

EVENTS: dict[BookingStatus, str] = {
    BookingStatus.CONFIRMED: "booking.confirmed",
    BookingStatus.DECLINED: "booking.declined",
    BookingStatus.EXPIRED: "booking.expired",
    BookingStatus.CANCELLED: "booking.cancelled",
    BookingStatus.COMPLETED: "booking.completed",
    BookingStatus.NO_SHOW: "booking.no_show",
}
WAITS: dict[PendingReason, str] = {
    PendingReason.APPROVAL: "booking.requested",
    PendingReason.DEPOSIT: "booking.deposit_due",
}


def record_step(
    booking: Booking,
    step: Step,
    *,
    before: BookingStatus | None,
    actor_id: int | None,
    reason: str = "",
) -> BookingHistory:
    """Write who did what, from which status to which, and why; announce it; return what was written.

    `actor_id` None is the system.
    """
    change = BookingHistory(**_change(booking, step, before, actor_id), reason=reason)
    db.session.add(change)
    insert_rows(_announcements(booking, step, before))
    return change


def rows_of_creation(booking: Booking) -> list[Row]:
    """Return what is to be written of a booking that was made just now: the same, and the task of its deadline."""
    first = row_of(BookingHistory, _change(booking, Step.CREATE, None, booking.created_by))
    return [first, *_announcements(booking, Step.CREATE, None), *_expiry(booking)]


def _change(booking: Booking, step: Step, before: BookingStatus | None, actor_id: int | None) -> dict[str, Any]:
    status = {"from_status": before, "to_status": booking.status}
    return {"booking_id": booking.id, "actor_id": actor_id, "step": step, **status}


def _announcements(booking: Booking, step: Step, before: BookingStatus | None) -> list[Row]:
    about = {"booking_id": booking.id, "step": step.value, "series_id": booking.series_id}
    names = events_of(step, before, booking.status, booking.pending_reason)
    return [row for name in names for row in announcement(name, **about)]


def events_of(
    step: Step, before: BookingStatus | None, after: BookingStatus, waits_for: PendingReason | None
) -> list[str]:
    """Return the names of what a step has made happen: that the booking has moved, and what it has become by it."""
    moved = ["booking.moved"] if step in MOVED else []
    if waits_for is not None:
        return [WAITS[waits_for]] if step in {Step.CREATE, Step.APPROVE} else moved
    return moved if after is before else [*moved, EVENTS[after]]


def schedule_expiry(booking: Booking) -> None:
    """Leave a task for the moment at which a pending booking lapses."""
    insert_rows(_expiry(booking))


def _expiry(booking: Booking) -> list[Row]:
    if booking.expires_at is None:
        return []
    return [task_row(EXPIRE_BOOKING, {"booking_id": booking.id}, due_at=booking.expires_at)]
