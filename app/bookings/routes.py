"""`/api/bookings`: what can be had, and what was agreed."""

from typing import Any

from app.bookings import service
from app.bookings.errors import PRECEDENCE, BookingStarted, InvalidTransition, NotStarted
from app.bookings.schemas import (
    AvailabilityOut,
    AvailabilityQuery,
    BookingIn,
    BookingOut,
    BookingsQuery,
    CancelIn,
    ChangeOut,
    CheckOut,
    CheckQuery,
    HistoryQuery,
    QuoteOut,
    StepIn,
)
from app.bookings.service.filters import Filters
from app.kit.errors import NotFound
from app.models import Booking, BookingHistory, Role
from app.security.guards import current_actor, public, roles, signed_in
from app.security.limits import limited_bookings
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("bookings", __name__, url_prefix="/api/bookings")

DECIDERS = (Role.STAFF, Role.OWNER, Role.ADMIN)
SORTS = {"starts_at": Booking.starts_at, "created_at": Booking.created_at}


@blueprint.get("/availability")
@public
@blueprint.arguments(AvailabilityQuery, location="query")
@blueprint.response(200, AvailabilityOut)
@blueprint.refuses(NotFound)
def availability(query: dict[str, Any]) -> Any:
    """List the slots of a service, day by day.

    Every slot listed is accepted by `POST /api/bookings` while nothing changes. Days are days of `timezone`; left
    out, of the venue's. `from` and `to` are both included, at most 62 days.
    """
    return service.list_slots(**query)


@blueprint.get("/check-availability")
@public
@blueprint.arguments(CheckQuery, location="query")
@blueprint.response(200, CheckOut)
@blueprint.refuses(NotFound)
def check_availability(query: dict[str, Any]) -> Any:
    """Say whether a service can start at an instant; if not, why, and what is near.

    `ends_at` may be left out; given, it must be the end of the work, and only who would be done by then counts.
    """
    return service.check_start(**query)


@blueprint.post("")
@signed_in
@limited_bookings
@blueprint.arguments(BookingIn)
@transactional
@blueprint.response(201, BookingOut)
@blueprint.refuses(NotFound, *PRECEDENCE)
def create(fields: dict[str, Any]) -> Any:
    """Book a service.

    Without `staff_id` it is done by the qualified, free staff member with the fewest booked minutes that day.
    Staff and admins name the client by `client_id`, or send `"for_self": true`.
    """
    booking = service.create_booking(actor=current_actor(), request=service.Request(**fields))
    return created(booking, f"/api/bookings/{booking.id}")


@blueprint.get("")
@signed_in
@blueprint.arguments(BookingsQuery, location="query")
@blueprint.response(200, list_of(BookingOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the bookings that you may see."""
    filters = Filters(**{name: query[name] for name in Filters.__slots__})
    return paginate(service.list_bookings(current_actor(), filters), SORTS, query)


@blueprint.get("/<id:booking_id>")
@signed_in
@blueprint.response(200, BookingOut)
def read(booking_id: int) -> Any:
    """Read one booking."""
    return service.get_booking(current_actor(), booking_id)


@blueprint.get("/<id:booking_id>/history")
@signed_in
@blueprint.arguments(HistoryQuery, location="query")
@blueprint.response(200, list_of(ChangeOut))
def history(query: dict[str, Any], booking_id: int) -> Any:
    """List what happened to a booking, oldest first."""
    return paginate(service.booking_history(current_actor(), booking_id), {"at": BookingHistory.at}, query)


@blueprint.get("/<id:booking_id>/cancellation-quote")
@signed_in
@blueprint.response(200, QuoteOut)
@blueprint.refuses(InvalidTransition, BookingStarted)
def cancellation_quote(booking_id: int) -> Any:
    """Say what cancelling would cost you at this moment; where it would be refused, so is this."""
    return service.quote_cancellation(current_actor(), booking_id)


@blueprint.post("/<id:booking_id>/approve")
@roles(*DECIDERS)
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition)
def approve(fields: dict[str, Any], booking_id: int) -> Any:
    """Accept a booking that waits for approval."""
    return service.approve(current_actor(), booking_id, **fields)


@blueprint.post("/<id:booking_id>/decline")
@roles(*DECIDERS)
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition)
def decline(fields: dict[str, Any], booking_id: int) -> Any:
    """Refuse a pending booking; its time is free again."""
    return service.decline(current_actor(), booking_id, **fields)


@blueprint.post("/<id:booking_id>/cancel")
@signed_in
@blueprint.arguments(CancelIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, BookingStarted)
def cancel(fields: dict[str, Any], booking_id: int) -> Any:
    """Cancel a booking by its frozen policy. Cancelling what is cancelled succeeds and changes nothing."""
    return service.cancel(current_actor(), booking_id, **fields)


@blueprint.delete("/<id:booking_id>")
@signed_in
@transactional
@blueprint.response(204)
@blueprint.refuses(InvalidTransition, BookingStarted)
def delete(booking_id: int) -> None:
    """Cancel your own booking before its start; admins any, at any time.

    Staff and owners use its cancel action.
    """
    service.withdraw(current_actor(), booking_id)


@blueprint.post("/<id:booking_id>/complete")
@roles(*DECIDERS)
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, NotStarted)
def complete(fields: dict[str, Any], booking_id: int) -> Any:
    """Say that what was agreed has been done. Only after the start."""
    return service.complete(current_actor(), booking_id, **fields)


@blueprint.post("/<id:booking_id>/no-show")
@roles(*DECIDERS)
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, NotStarted)
def no_show(fields: dict[str, Any], booking_id: int) -> Any:
    """Say that the client did not come. Only after the start."""
    return service.mark_no_show(current_actor(), booking_id, **fields)
