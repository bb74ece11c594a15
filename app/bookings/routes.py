"""`/api/bookings`: what can be had, and what was agreed."""

from typing import Any

from app.bookings import service
from app.bookings.errors import PRECEDENCE, BookingStarted, ClientLimit, InvalidTransition, NotStarted, TooManyHolds
from app.bookings.request import Asked, Request
from app.bookings.schemas import (
    BookingChangesIn,
    BookingIn,
    BookingOut,
    BookingsQuery,
    ChangeOut,
    HistoryQuery,
    HoldIn,
    HoldOut,
    QuoteOut,
    StepIn,
)
from app.bookings.search_schemas import AvailabilityOut, AvailabilityQuery, CheckOut, CheckQuery
from app.bookings.service import Change, Days
from app.bookings.service.filters import Filters
from app.kit.errors import NotFound, StaleVersion
from app.models import Booking, BookingHistory, BookingStatus, Role
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, optional_actor, public, roles, signed_in
from app.security.idempotency import idempotent
from app.security.limits import limited_bookings
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.pagination import Order, paginate
from app.web.parts import paginate_with_parts
from app.web.preconditions import seen_version, versioned
from app.web.rehearsal import rehearsable
from app.web.schemas import list_of

blueprint = Blueprint("bookings", __name__, url_prefix="/api/bookings")

DECIDERS = (Role.STAFF, Role.OWNER, Role.ADMIN)
SORTS = {"starts_at": Booking.starts_at, "created_at": Booking.created_at}


@blueprint.get("/availability")
@public
@blueprint.arguments(AvailabilityQuery, location="query")
@blueprint.response(200, AvailabilityOut)
@blueprint.refuses(NotFound, *BAD_TOKEN)
def availability(query: dict[str, Any]) -> Any:
    """List the slots of one or more services, or the open times of a space, day by day.

    Every slot listed, and every lawful interval inside an open time, is accepted by `POST /api/bookings` while nothing
    changes. Days are days of `timezone`; left out, of the venue's. `from` and `to` are both included, at most 62 days.
    """
    days = Days(query["first"], query["last"], query["timezone"])
    own = service.own_of(optional_actor(), query["reschedule_of"])
    if query["space_id"] is not None:
        return service.list_open_times(query["space_id"], days, own)
    return service.write_slots([Asked(one, query["staff_id"]) for one in query["service_id"]], days, own)


@blueprint.get("/check-availability")
@public
@blueprint.arguments(CheckQuery, location="query")
@blueprint.response(200, CheckOut)
@blueprint.refuses(NotFound)
def check_availability(query: dict[str, Any]) -> Any:
    """Say whether a service can start, or a space be had, at an instant; if not, why, and what is near."""
    parts = () if query["service_id"] is None else (Asked(query["service_id"], query.pop("staff_id")),)
    asked = {name: query[name] for name in ("starts_at", "ends_at", "space_id", "party_size")}
    return service.check_start(Request(parts=parts, **asked))


@blueprint.post("/holds")
@signed_in
@limited_bookings
@blueprint.arguments(HoldIn)
@transactional
@idempotent
@blueprint.response(201, HoldOut)
@blueprint.refuses(NotFound, TooManyHolds, ClientLimit, *PRECEDENCE)
def hold(asked: Request) -> Any:
    """Keep the time of a booking for some minutes, for nobody else; at most three at a time."""
    held = service.create_hold(actor=current_actor(), request=asked)
    return created(held.shown(), "/api/bookings/holds")


@blueprint.delete("/holds/<id:hold_id>")
@signed_in
@transactional
@blueprint.response(204)
def release(hold_id: int) -> None:
    """Give the time of a hold back before it ends by itself."""
    service.release_hold(current_actor(), hold_id)


@blueprint.post("")
@signed_in
@limited_bookings
@blueprint.arguments(BookingIn)
@transactional
@idempotent
@rehearsable
@blueprint.response(201, BookingOut)
@blueprint.refuses(NotFound, ClientLimit, *PRECEDENCE)
def create(asked: Request) -> Any:
    """Book a service, several services one after the other, or a space.

    Without `staff_id` a service is done by the qualified, free staff member with the fewest booked minutes that day.
    Admins, and staff of services, name the client by `client_id`, or send `"for_self": true`.
    """
    booking = service.create_booking(actor=current_actor(), request=asked)
    return created(booking, f"/api/bookings/{booking.id}")


@blueprint.get("")
@signed_in
@blueprint.arguments(BookingsQuery, location="query")
@blueprint.response(200, list_of(BookingOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the bookings that you may see."""
    actor, filters = current_actor(), Filters(**{name: query[name] for name in Filters.__slots__})
    rows = service.list_rows(actor, filters)
    within = service.common_column(actor, filters)
    order = Order(query["sort"], SORTS[query["sort"].removeprefix("-")], Booking.id, within)
    page = paginate_with_parts(rows, order, query, {"actor_id": actor.id}, service.join_parts)
    return page | {"items": service.show(page["items"])}


@blueprint.get("/<id:booking_id>")
@signed_in
@blueprint.response(200, BookingOut)
def read(booking_id: int) -> Any:
    """Read one booking."""
    return service.read_booking(current_actor(), booking_id)


@blueprint.patch("/<id:booking_id>")
@signed_in
@versioned
@blueprint.arguments(BookingChangesIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, BookingStarted, NotStarted, StaleVersion, *PRECEDENCE)
def change(fields: dict[str, Any], booking_id: int) -> Any:
    """Move a booking, change its notes, or take the step that leads to a `status`.

    It stays the same booking at the price agreed, unless another staff member does it or a space is let for longer or
    shorter. Clients keep to the notice and the horizon, and may move it until it starts.
    """
    if "status" in fields:
        target = BookingStatus(fields["status"])
        return service.take_step_to(current_actor(), booking_id, target, seen=seen_version())
    return service.reschedule(current_actor(), booking_id, Change(**fields), seen=seen_version())


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
@versioned
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition)
def approve(fields: dict[str, Any], booking_id: int) -> Any:
    """Accept a booking that waits for approval."""
    return service.approve(current_actor(), booking_id, reason=fields["reason"], seen=seen_version())


@blueprint.post("/<id:booking_id>/decline")
@roles(*DECIDERS)
@versioned
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition)
def decline(fields: dict[str, Any], booking_id: int) -> Any:
    """Refuse a pending booking; its time is free again."""
    return service.decline(current_actor(), booking_id, reason=fields["reason"], seen=seen_version())


@blueprint.post("/<id:booking_id>/cancel")
@signed_in
@versioned
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, BookingStarted)
def cancel(fields: dict[str, Any], booking_id: int) -> Any:
    """Cancel a booking by its frozen policy. Cancelling what is cancelled succeeds and changes nothing."""
    return service.cancel(current_actor(), booking_id, **fields, seen=seen_version())


@blueprint.delete("/<id:booking_id>")
@signed_in
@versioned
@transactional
@blueprint.response(204)
@blueprint.refuses(InvalidTransition, BookingStarted)
def delete(booking_id: int) -> None:
    """Cancel your own booking before its start; admins any, at any time.

    Staff and owners use its cancel action.
    """
    service.withdraw(current_actor(), booking_id, seen=seen_version())


@blueprint.post("/<id:booking_id>/complete")
@roles(*DECIDERS)
@versioned
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, NotStarted)
def complete(fields: dict[str, Any], booking_id: int) -> Any:
    """Say that what was agreed has been done. Only after the start."""
    return service.complete(current_actor(), booking_id, reason=fields["reason"], seen=seen_version())


@blueprint.post("/<id:booking_id>/no-show")
@roles(*DECIDERS)
@versioned
@blueprint.arguments(StepIn)
@transactional
@blueprint.response(200, BookingOut)
@blueprint.refuses(InvalidTransition, NotStarted)
def no_show(fields: dict[str, Any], booking_id: int) -> Any:
    """Say that the client did not come. Only after the start.

    The fee that was agreed for it is owed then, unless it is waived.
    """
    return service.mark_no_show(current_actor(), booking_id, **fields, seen=seen_version())
