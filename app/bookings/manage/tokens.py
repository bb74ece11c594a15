"""Signed links to a booking, for its client. They work until some days after its end, wherever that is moved to."""

from datetime import datetime, timedelta

from app.bookings.service.read import load_booking_with_client
from app.models import Booking
from app.security.client_links import ClientLinks

VALID_AFTER_END = timedelta(days=7)


def good_until(booking: Booking) -> datetime:
    """Return until when the links to a booking work."""
    return booking.ends_at + VALID_AFTER_END


BOOKING_LINKS = ClientLinks("bookings", "BOOKING_LINK_KEYS", load_booking_with_client, good_until)
