"""Moving a booking: the same booking, number and money, at another time or with another staff member."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from app.bookings import policy
from app.bookings.errors import BookingStarted, InvalidTransition
from app.bookings.permissions import may_decide, may_reschedule
from app.bookings.plan import Plan
from app.bookings.request import Asked, Request
from app.bookings.service.deciding import decide, offering
from app.bookings.service.locking import claim_time, give_back, lock_bookings
from app.bookings.service.read import get_booking, owner_of
from app.bookings.service.record import record_step, schedule_expiry
from app.bookings.service.settling import confirm_if_paid_for
from app.bookings.wishes import Letting, Own, Visit, as_agreed, read_wish
from app.diary.allocations import release
from app.diary.cause import Cause
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, Invalid
from app.kit.versions import Seen, require_version
from app.models import LIVING, Booking, BookingItem, BookingKind, Step, User
from app.security.actor import Actor
from app.users.errors import ClientBlocked

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

    What is left out stays as it is when the booking is locked. Its own old time does not stand in its way. What is
    done by the same staff member keeps its price and length; what goes to another has theirs. A client keeps to notice
    and horizon, and may do so until the start; staff need not.
    Raises `NotFound`, `Forbidden`, `StaleVersion`, `Invalid`, `InvalidTransition`, `BookingStarted`, `ClientBlocked`,
    or the first reason against the new time, with alternatives.
    """
    booking = get_booking(actor, booking_id)
    if not may_reschedule(actor, booking):
        raise Forbidden
    with offering(lambda: _anew(actor, booking_id, change)):
        (booking,) = lock_bookings([booking], also=[] if change.staff_id is None else [change.staff_id])
        require_version(booking.version, seen)
        request = wished(booking, change)
        check_movable(actor, booking, request)
        _move(actor, booking, request)
        _annotate(actor, booking, change)
    return booking


def moving(actor: Actor, booking: Booking) -> Own:
    """Return what a booking that moves has, and on what terms: notice is waived for those who decide about it."""
    return Own(Cause(booking_id=booking.id), moving=booking, any_time=_decides(actor, booking))


def as_moving(wish: Visit | Letting, own: Own) -> Visit | Letting:
    """Return the wish on the terms of the booking that moves.

    A visit of several services is done by those asked for, at whatever time: they are who does it now, or who is named
    for all of it.
    """
    agreed = as_agreed(wish, own)
    if not isinstance(agreed, Visit) or len(agreed.parts) == 1:
        return agreed
    return replace(agreed, parts=tuple(replace(part, candidates=part.asked) for part in agreed.parts))


def _decides(actor: Actor, booking: Booking) -> bool:
    return may_decide(actor, booking, owner_of(booking))


def wished(booking: Booking, change: Change) -> Request:
    """Return what the booking would be asked for as, if it were made anew. Raises `Invalid`."""
    if booking.kind is BookingKind.SPACE:
        return _another_letting(booking, change)
    if change.ends_at is not None:
        raise Invalid.field("ends_at", "How long a service takes is not asked.")
    parts = [(item.service_id, item.staff_id) for item in booking.items]
    return Request(
        starts_at=change.starts_at or booking.starts_at,
        parts=tuple(Asked(service_id, change.staff_id or staff_id) for service_id, staff_id in parts if service_id),
        party_size=booking.party_size,
    )


def _another_letting(booking: Booking, change: Change) -> Request:
    if change.staff_id is not None:
        raise Invalid.field("staff_id", "A space is let without staff.")
    starts_at = change.starts_at or booking.starts_at
    ends_at = change.ends_at or _end(starts_at, booking.ends_at - booking.starts_at)
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", "Must be after starts_at.")
    return Request(starts_at=starts_at, ends_at=ends_at, space_id=booking.space_id, party_size=booking.party_size)


def _end(starts_at: datetime, length: timedelta) -> datetime:
    try:
        return starts_at + length
    except OverflowError:
        raise Invalid.field("starts_at", "Its end is beyond the calendar.") from None


def check_movable(actor: Actor, booking: Booking, request: Request) -> None:
    """Refuse to move what is over, or begun; and a blocked client another time or other staff.

    Raises `InvalidTransition`, `BookingStarted`, `ClientBlocked`.
    """
    now = utcnow()
    if booking.status_at(now) not in LIVING:
        raise InvalidTransition(f"A booking that is {booking.status_at(now)} cannot be moved.")
    if now >= booking.starts_at and not _decides(actor, booking):
        raise BookingStarted
    if actor.id == booking.client_id and not is_as_before(booking, request) and _is_blocked(actor):
        raise ClientBlocked(extra={"alternatives": []})


def _is_blocked(actor: Actor) -> bool:
    return db.session.get_one(User, actor.id, populate_existing=True).is_blocked


def _move(actor: Actor, booking: Booking, request: Request) -> None:
    if is_as_before(booking, request):
        return
    own = moving(actor, booking)
    wish = as_moving(read_wish(request), own)
    freed = release(own.cause)
    write_move(actor, booking, decide(wish, request.starts_at, own))
    give_back(freed)


def _anew(actor: Actor, booking_id: int, change: Change) -> tuple[Visit | Letting, datetime, Own]:
    """Return what is wished for, and what the booking has, after all that was done is taken back."""
    booking = get_booking(actor, booking_id)
    request, own = wished(booking, change), moving(actor, booking)
    return as_moving(read_wish(request), own), request.starts_at, own


def write_move(actor: Actor, booking: Booking, plan: Plan) -> None:
    """Write the plan over a locked booking, whose own time is released. Raises `SlotTaken`.

    What waited for a deposit that is covered by now is confirmed.
    """
    before, status = _told(booking), booking.status
    _rewrite(booking, plan, late=policy.is_late_move(booking, utcnow(), decides=_decides(actor, booking)))
    confirm_if_paid_for(booking)
    claim_time(booking)
    change_made = record_step(booking, Step.RESCHEDULE, before=status, actor_id=actor.id)
    change_made.details = {"from": before, "to": _told(booking)}


def is_as_before(booking: Booking, request: Request) -> bool:
    """Say whether what is asked for is what the booking is."""
    staff = [item.staff_id for item in booking.items if item.service_id is not None]
    same_end = request.ends_at is None or request.ends_at == booking.ends_at
    return request.starts_at == booking.starts_at and same_end and [a.staff_id for a in request.parts] == staff


def _rewrite(booking: Booking, plan: Plan, *, late: bool) -> None:
    """Write the plan over the booking, and what the move leaves of its policy."""
    frozen, deadline = policy.after_move(booking, plan.starts_at, plan.total, late=late), booking.expires_at
    for name, value in asdict(frozen).items():
        setattr(booking, name, value)
    for item, planned in zip(booking.items, plan.items, strict=True):
        _copy(planned, item)
    booking.starts_at, booking.ends_at, booking.timezone = plan.starts_at, plan.ends_at, plan.timezone
    booking.total_amount = plan.total
    if booking.expires_at != deadline:
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
