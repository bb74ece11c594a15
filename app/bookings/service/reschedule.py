"""Moving a booking: the same booking, number and money, at another time or with another staff member."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings.errors import BookingStarted, InvalidTransition
from app.bookings.permissions import may_decide, may_reschedule
from app.bookings.plan import Plan
from app.bookings.request import Asked, Request
from app.bookings.service.deciding import decide, offering_alternatives
from app.bookings.service.locking import claim_time, follow, give_back
from app.bookings.service.read import get_booking, owner_of
from app.bookings.service.record import record_step, schedule_expiry
from app.bookings.wishes import Letting, Own, Visit, lock_wish
from app.diary.allocations import release
from app.diary.cause import Cause
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, Invalid
from app.kit.versions import Seen, require_version
from app.models import LIVING, Booking, BookingItem, BookingKind, Step
from app.security.actor import Actor

COPIED = (
    "staff_id",
    "staff_name",
    "starts_at",
    "ends_at",
    "buffer_before_minutes",
    "buffer_after_minutes",
    "price_amount",
)
"""What of an item a move may change."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be otherwise; None is as it was."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None
    staff_id: int | None = None
    notes: str | None = None


def reschedule(actor: Actor, booking_id: int, change: Change, *, seen: Seen = None) -> Booking:
    """Move a booking, or change its notes; where nothing would be otherwise, nothing happens.

    Its own old time does not stand in its way. What is done by the same staff member keeps its price and length; what
    goes to another has theirs. A client keeps to notice and horizon, and may do so until the start; staff need not.
    Raises `NotFound`, `Forbidden`, `Invalid`, `StaleVersion`, `InvalidTransition`, `BookingStarted`, or the first
    reason against the new time, with alternatives.
    """
    booking = get_booking(actor, booking_id)
    if not may_reschedule(actor, booking):
        raise Forbidden
    check_shape(booking, change)
    request, own = wished(booking, change), moving(actor, booking)
    with offering_alternatives(request, own):
        booking, wish = _lock(booking, change)
        require_version(booking.version, seen)
        check_movable(actor, booking)
        _move(actor, booking, change, wish, own)
        _annotate(actor, booking, change)
    return booking


def moving(actor: Actor, booking: Booking) -> Own:
    """Return what a booking that moves has, and on what terms: notice is waived for those who decide about it."""
    waived = may_decide(actor, booking, owner_of(booking))
    return Own(Cause(booking_id=booking.id), moving=booking, any_time=waived)


def wished(booking: Booking, change: Change) -> Request:
    """Return what the booking would be asked for as, if it were made anew."""
    starts_at = change.starts_at or booking.starts_at
    length = booking.ends_at - booking.starts_at
    return Request(
        starts_at=starts_at,
        ends_at=change.ends_at or _end(starts_at, length) if booking.kind is BookingKind.SPACE else None,
        space_id=booking.space_id,
        parts=tuple(
            Asked(item.service_id, change.staff_id or item.staff_id)
            for item in booking.items
            if item.service_id is not None
        ),
        party_size=booking.party_size,
    )


def _end(starts_at: datetime, length: timedelta) -> datetime:
    try:
        return starts_at + length
    except OverflowError:
        raise Invalid.field("starts_at", "Its end is beyond the calendar.") from None


def check_shape(booking: Booking, change: Change) -> None:
    """Refuse a change that no booking of that kind can have. Raises `Invalid`."""
    if booking.kind is BookingKind.SPACE and change.staff_id is not None:
        raise Invalid.field("staff_id", "A space is let without staff.")
    if booking.kind is BookingKind.SERVICE and change.ends_at is not None:
        raise Invalid.field("ends_at", "How long a service takes is not asked.")
    request = wished(booking, change)
    if request.ends_at is not None and request.ends_at <= request.starts_at:
        raise Invalid.field("ends_at", "Must be after starts_at.")


def _lock(booking: Booking, change: Change) -> tuple[Booking, Visit | Letting]:
    """Lock the resources it has and those it wants, then the booking; follow it where it has moved meanwhile."""
    (locked,), wish = follow([booking], lambda seen, occupied: lock_wish(wished(seen[0], change), also=occupied))
    return locked, wish


def check_movable(actor: Actor, booking: Booking) -> None:
    """Refuse to move what is over, or begun. Raises `InvalidTransition`, `BookingStarted`."""
    now = utcnow()
    if booking.status_at(now) not in LIVING:
        raise InvalidTransition(f"A booking that is {booking.status_at(now)} cannot be moved.")
    if now >= booking.starts_at and not may_decide(actor, booking, owner_of(booking)):
        raise BookingStarted


def _move(actor: Actor, booking: Booking, change: Change, wish: Visit | Letting, own: Own) -> None:
    request = wished(booking, change)
    if is_as_before(booking, request):
        return
    freed = release(own.cause)
    write_move(actor, booking, decide(wish.moving(booking.items, any_time=own.any_time), request.starts_at))
    give_back(freed)


def write_move(actor: Actor, booking: Booking, plan: Plan) -> None:
    """Write the plan over a locked booking, whose own time is released. Raises `SlotTaken`."""
    before = _told(booking)
    _rewrite(booking, plan)
    claim_time(booking)
    change_made = record_step(booking, Step.RESCHEDULE, before=booking.status, actor_id=actor.id)
    change_made.details = {"from": before, "to": _told(booking)}


def is_as_before(booking: Booking, request: Request) -> bool:
    """Say whether what is asked for is what the booking is."""
    staff = [item.staff_id for item in booking.items if item.service_id is not None]
    same_end = request.ends_at is None or request.ends_at == booking.ends_at
    return request.starts_at == booking.starts_at and same_end and [a.staff_id for a in request.parts] == staff


def _rewrite(booking: Booking, plan: Plan) -> None:
    """Write the plan over the booking. The deposit and the fees stay, but for what the new total does not reach."""
    now, window = utcnow(), booking.starts_at - booking.cancel_free_until
    for item, planned in zip(booking.items, plan.items, strict=True):
        _copy(planned, item)
    if now < booking.cancel_free_until:
        booking.cancel_free_until = plan.starts_at - window
    booking.starts_at, booking.ends_at, booking.timezone = plan.starts_at, plan.ends_at, plan.timezone
    booking.total_amount = plan.total
    for name in ("deposit_amount", "late_cancel_fee_amount", "no_show_fee_amount"):
        setattr(booking, name, min(getattr(booking, name), plan.total))
    if booking.expires_at is not None and booking.expires_at > booking.starts_at:
        booking.expires_at = booking.starts_at
        schedule_expiry(booking)
    db.session.flush()


def _copy(planned: BookingItem, item: BookingItem) -> None:
    for name in COPIED:
        setattr(item, name, getattr(planned, name))


def _annotate(actor: Actor, booking: Booking, change: Change) -> None:
    if change.notes is None or change.notes == booking.notes:
        return
    booking.notes = change.notes
    record_step(booking, Step.CHANGE, before=booking.status, actor_id=actor.id).details = {"fields": ["notes"]}


def _told(booking: Booking) -> dict[str, object]:
    """Return what the history keeps of a booking's time, staff and price."""
    return {
        "starts_at": booking.starts_at.isoformat().replace("+00:00", "Z"),
        "ends_at": booking.ends_at.isoformat().replace("+00:00", "Z"),
        "staff_ids": [item.staff_id for item in booking.items if item.staff_id is not None],
        "total": booking.total_amount,
    }
