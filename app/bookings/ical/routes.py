"""`/api/…/calendar.ics`: bookings for calendar programs, one as a file, and private feeds to subscribe to."""

from typing import Any

from flask import Response, current_app

from app.bookings.ical import feeds, tokens
from app.bookings.ical.entries import of_booking
from app.bookings.ical.entry import Sender
from app.bookings.ical.feeds import Feed
from app.bookings.ical.schemas import ICALENDAR, MEDIA_TYPE, FeedOut, FeedQuery
from app.bookings.ical.tokens import Issued
from app.bookings.service import get_booking
from app.extensions import business
from app.integrations.mail.message import sender_address
from app.kit.clock import utcnow
from app.models import Role
from app.security.guards import current_actor, public, roles, signed_in
from app.transactions import reading, transactional
from app.web.blueprint import Blueprint, Created, created
from app.web.caching import leave_out_if_known
from app.web.error_docs import Decorator

bookings = Blueprint("booking_files", __name__, url_prefix="/api/bookings")
of_staff = Blueprint("staff_feeds", __name__, url_prefix="/api/staff")
of_users = Blueprint("user_feeds", __name__, url_prefix="/api/users")
"""Under the paths of rooms below, which know nothing of bookings."""

FEED_SECONDS = 300
ETAG = {"ETag": {"description": "Send it as `If-None-Match` next time.", "schema": {"type": "string"}}}
may_be_known: Decorator = of_users.alt_response(304, description="It is as your `If-None-Match` knows it.")


@bookings.get("/<id:booking_id>/calendar.ics")
@signed_in
@bookings.response(200, ICALENDAR, content_type=MEDIA_TYPE)
def booking_file(booking_id: int) -> Response:
    """Read a booking as a calendar file.

    Opened again after a change it replaces what it was; once the booking is cancelled, it takes itself away.
    """
    from app.bookings.ical.document import as_file  # noqa: PLC0415  # loaded where it is used

    with reading():
        booking, now = get_booking(current_actor(), booking_id), utcnow()
        entry, name = of_booking(booking, business.name, now), booking.reference
    address = sender_address(current_app.extensions["settings"].mail.sender)
    return _calendar(as_file(entry, Sender(business.name, address), now), name)


@of_staff.post("/<id:staff_id>/calendar-token")
@roles(Role.STAFF, Role.ADMIN)
@transactional
@of_staff.response(201, FeedOut)
def open_staff_feed(staff_id: int) -> Created:
    """Make the private address of a staff member's calendar; staff of their own.

    It is shown this once. One that was made before stops working.
    """
    return _opened(f"/api/staff/{staff_id}", tokens.issue_to_staff(current_actor(), staff_id))


@of_staff.delete("/<id:staff_id>/calendar-token")
@roles(Role.STAFF, Role.ADMIN)
@transactional
@of_staff.response(204)
def close_staff_feed(staff_id: int) -> None:
    """Let the private address of a staff member's calendar open nothing any more."""
    tokens.revoke_of_staff(current_actor(), staff_id)


@of_staff.get("/<id:staff_id>/calendar.ics")
@public
@of_staff.arguments(FeedQuery, location="query")
@of_staff.response(200, ICALENDAR, content_type=MEDIA_TYPE, headers=ETAG)
@may_be_known
def staff_feed(query: dict[str, Any], staff_id: int) -> Response:
    """Subscribe to a staff member's calendar, by its private address.

    Visits with the client's name, and time off without its reason, from 30 days ago to 365 days ahead.
    """
    with reading():  # ended before the answer is made, as for all calendars
        feed = feeds.staff_feed(staff_id, query["token"])
    return _feed(feed)


@of_users.post("/me/calendar-token")
@signed_in
@transactional
@of_users.response(201, FeedOut)
def open_own_feed() -> Created:
    """Make the private address of a calendar of what you have booked.

    It is shown this once. One that was made before stops working.
    """
    actor = current_actor()
    return _opened(f"/api/users/{actor.id}", tokens.issue_to_client(actor))


@of_users.delete("/me/calendar-token")
@signed_in
@transactional
@of_users.response(204)
def close_own_feed() -> None:
    """Let the private address of your calendar open nothing any more."""
    tokens.revoke_of_client(current_actor())


@of_users.get("/<id:user_id>/calendar.ics")
@public
@of_users.arguments(FeedQuery, location="query")
@of_users.response(200, ICALENDAR, content_type=MEDIA_TYPE, headers=ETAG)
@may_be_known
def client_feed(query: dict[str, Any], user_id: int) -> Response:
    """Subscribe to what somebody has booked, by its private address.

    From 30 days ago to 365 days ahead; what was given up is in it as cancelled, so that programs remove it.
    """
    with reading():
        feed = feeds.client_feed(user_id, query["token"])
    return _feed(feed)


def _opened(thing: str, issued: Issued) -> Created:
    path = f"{thing}/calendar.ics"
    url = f"{current_app.extensions['settings'].public_base_url}{path}?token={issued.token}"
    return created({"url": url, "token": issued.token, "created_at": issued.created_at}, path)


def _feed(feed: Feed) -> Response:
    """Answer with the feed, or 304 where the program has it already."""
    from app.bookings.ical.document import as_feed  # noqa: PLC0415  # loaded where it is used

    answer = _calendar(as_feed(feed.name, feed.entries), "calendar")
    answer.cache_control.private, answer.cache_control.max_age = True, FEED_SECONDS
    answer.add_etag(weak=True)
    leave_out_if_known(answer)
    return answer


def _calendar(text: bytes, name: str) -> Response:
    answer = Response(text, mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer
