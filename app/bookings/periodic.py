"""What is done again and again about bookings: what their own tasks may have missed, and what nobody said."""

from datetime import timedelta
from typing import Any, Final

from flask import current_app

from app.bookings import overdue
from app.bookings.service.holds import FREE_HOLD
from app.bookings.service.record import EXPIRE_BOOKING
from app.bookings.service.steps import complete_finished
from app.jobs.outbox import enqueue_for_each, handles
from app.jobs.schedule import every
from app.kit.clock import utcnow

COMPLETE: Final = "booking.complete_finished"
"""The outbox topic of confirmed bookings that ended a while ago."""

OFTEN: Final = timedelta(minutes=5)
OVERDUE: Final = timedelta(minutes=2)
"""Each deadline has a task of its own; past it by so much, that task was lost or is late."""

BATCH: Final = 500


def connect() -> None:
    """Have it done; called once by `create_app`."""
    handles(COMPLETE, _complete)
    every(OFTEN, "bookings.expire", expire_overdue)
    every(OFTEN, "holds.free", free_lapsed)
    every(OFTEN, "bookings.complete", complete_long_finished)


def expire_overdue() -> bool:
    """Leave a task for each pending booking whose deadline has passed unnoticed; say whether there may be more."""
    return enqueue_for_each(overdue.overdue_bookings(utcnow() - OVERDUE, BATCH), EXPIRE_BOOKING, "booking") == BATCH


def free_lapsed() -> bool:
    """Leave a task for each hold that has lapsed and still has its time; say whether there may be more."""
    return enqueue_for_each(overdue.lapsed_holds(utcnow() - OVERDUE, BATCH), FREE_HOLD, "hold") == BATCH


def complete_long_finished() -> bool:
    """Leave a task for each confirmed booking that ended AUTO_COMPLETE_HOURS ago; say whether there may be more.

    Without the setting, for none.
    """
    hours = _auto_complete_hours()
    if hours is None:
        return False
    finished = overdue.finished_bookings(utcnow() - timedelta(hours=hours), BATCH)
    return enqueue_for_each(finished, COMPLETE, "booking") == BATCH


def _complete(payload: dict[str, Any]) -> None:
    hours = _auto_complete_hours()
    if hours is not None:
        complete_finished(payload["booking_id"], utcnow() - timedelta(hours=hours))


def _auto_complete_hours() -> int | None:
    hours: int | None = current_app.extensions["settings"].jobs.auto_complete_hours
    return hours
