"""`/api/bookings/manage/{token}`: looking after a booking by its mailed link, without signing in.

A GET never changes anything: programs that look at mail follow links.
"""

from typing import Any

from app.bookings.errors import PRECEDENCE, BookingStarted, InvalidTransition
from app.bookings.manage import pages, service
from app.bookings.manage.schemas import CancelByLinkIn, ManagedOut, MoveIn
from app.bookings.service import Change
from app.kit.errors import StaleVersion
from app.security.errors import LinkUnknown
from app.security.guards import public
from app.security.limits import limited_links
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.pages import also_as_page
from app.web.preconditions import seen_version, versioned

blueprint = Blueprint("booking_links", __name__, url_prefix="/api/bookings")


@blueprint.get("/manage/<token:token>")
@public
@limited_links
@blueprint.response(200, ManagedOut)
@blueprint.refuses(LinkUnknown)
@also_as_page(pages.show)
def read(token: str) -> Any:
    """Read the booking that a mailed link is for, what can be done to it, and what cancelling would cost.

    The link works until seven days after the booking has ended, for as long as its client has the same email address.
    A browser is shown a page.
    """
    return service.read_managed(token)


@blueprint.post("/manage/<token:token>/cancel")
@public
@limited_links
@versioned
@blueprint.arguments(CancelByLinkIn)
@transactional
@blueprint.response(200, ManagedOut)
@blueprint.refuses(LinkUnknown, InvalidTransition, BookingStarted, StaleVersion)
def cancel(fields: dict[str, Any], token: str) -> Any:
    """Cancel the booking by its frozen policy. Cancelling what is cancelled succeeds and changes nothing."""
    return service.cancel_managed(token, fields["reason"], seen=seen_version())


@blueprint.post("/manage/<token:token>/move")
@public
@limited_links
@versioned
@blueprint.arguments(MoveIn)
@transactional
@blueprint.response(200, ManagedOut)
@blueprint.refuses(LinkUnknown, InvalidTransition, BookingStarted, StaleVersion, *PRECEDENCE)
def move(fields: dict[str, Any], token: str) -> Any:
    """Move the booking, on the terms of its client. A refusal names what can be had nearby."""
    return service.move_managed(token, Change(**fields), seen=seen_version())
