"""The verbs of the booking room."""

from app.bookings.service.alternatives import alternatives_for
from app.bookings.service.create import create_booking
from app.bookings.service.holds import create_hold, release_hold
from app.bookings.service.listing import common_column, join_parts, list_rows, read_booking, show
from app.bookings.service.locking import lock_any_booking, lock_booking
from app.bookings.service.read import booking_history, get_booking, list_bookings
from app.bookings.service.reschedule import Change, reschedule
from app.bookings.service.search import Days, check_start, list_open_times, list_slots, own_of, write_slots
from app.bookings.service.settling import Settlement, record_payment, record_refund
from app.bookings.service.steps import (
    approve,
    cancel,
    complete,
    decline,
    mark_no_show,
    quote_cancellation,
    take_step_to,
    withdraw,
)

__all__ = [
    "Change",
    "Days",
    "Settlement",
    "alternatives_for",
    "approve",
    "booking_history",
    "cancel",
    "check_start",
    "common_column",
    "complete",
    "create_booking",
    "create_hold",
    "decline",
    "get_booking",
    "join_parts",
    "list_bookings",
    "list_open_times",
    "list_rows",
    "list_slots",
    "lock_any_booking",
    "lock_booking",
    "mark_no_show",
    "own_of",
    "quote_cancellation",
    "read_booking",
    "record_payment",
    "record_refund",
    "release_hold",
    "reschedule",
    "show",
    "take_step_to",
    "withdraw",
    "write_slots",
]
