"""The verbs of the booking room."""

from app.bookings.service.create import Request, create_booking
from app.bookings.service.read import booking_history, get_booking, list_bookings
from app.bookings.service.search import check_start, list_slots
from app.bookings.service.steps import approve, cancel, complete, decline, mark_no_show, quote_cancellation, withdraw

__all__ = [
    "Request",
    "approve",
    "booking_history",
    "cancel",
    "check_start",
    "complete",
    "create_booking",
    "decline",
    "get_booking",
    "list_bookings",
    "list_slots",
    "mark_no_show",
    "quote_cancellation",
    "withdraw",
]
