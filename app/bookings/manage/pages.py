"""What a browser shows of a booking by its mailed link, and the button by which its client cancels it there.

The button says in its address what its reader has seen: nobody cancels for a fee that was not shown.
"""

from flask import Response, request

from app.bookings.manage import service
from app.bookings.manage.service import Managed
from app.kit.clock import utcnow
from app.kit.money import Money
from app.security.link_pages import button_of
from app.web.pages import page


def show(managed: Managed, token: str) -> Response:
    """Return the page of a booking."""
    booking, now = managed.booking, utcnow()
    return page(
        "booking_by_link.html",
        zone=booking.timezone,
        booking=booking,
        state=booking.status_at(now).value.replace("_", " ").capitalize(),
        total=Money(booking.total_amount, booking.currency),
        due=booking.deposit_due if service.waits_for_deposit(booking) else None,
        fee=Money(booking.cancel_fee_amount or 0, booking.currency),
        cancellation=managed.cancellation,
        is_free_until=now < booking.cancel_free_until,
        path=f"/bookings/manage/{token}",
    )


def cancel(token: str) -> None:
    """Cancel it for no more than was shown."""
    seen = service.Shown(request.args.get("version", ""), request.args.get("fee", 0, type=int))
    service.cancel_as_shown(token, seen)


pages = button_of("bookings", cancel, __name__)
