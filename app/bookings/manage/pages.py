"""What a browser shows of a booking by its mailed link, and the button by which its client cancels it there.

The button says in its address what its reader has seen: nobody cancels for a fee that was not shown.
"""

from flask import Blueprint, Response, redirect, request

from app.bookings.manage import service
from app.bookings.manage.service import Managed
from app.kit.clock import utcnow
from app.kit.money import Money
from app.security.guards import public
from app.security.limits import limited_links
from app.transactions import transactional
from app.web.json_gate import ignoring_body
from app.web.pages import answering_people, page

PATH = "/bookings/manage"
"""Where the button posts to: no part of the API, and of no use to programs."""

SHOWN = f"/api{PATH}"

pages = Blueprint("booking_pages", __name__, template_folder="templates")


def show(managed: Managed, token: str) -> Response:
    """Return the page of a booking."""
    booking, now = managed.booking, utcnow()
    return page(
        "booking_by_link.html",
        zone=booking.timezone,
        booking=booking,
        state=booking.status_at(now).value.replace("_", " ").capitalize(),
        total=Money(booking.total_amount, booking.currency),
        cancellation=managed.cancellation,
        is_free_until=now < booking.cancel_free_until,
        path=f"{PATH}/{token}",
    )


@pages.post(f"{PATH}/<token:token>")
@public
@limited_links
@ignoring_body
@answering_people
@transactional
def cancel(token: str) -> Response:
    """Cancel it for no more than was shown, and show it again."""
    seen = service.Shown(request.args.get("version", ""), request.args.get("fee", 0, type=int))
    service.cancel_as_shown(token, seen)
    return redirect(f"{SHOWN}/{token}", 303)  # type: ignore[return-value]  # a response of ours
