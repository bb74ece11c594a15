"""Making a booking."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from app.bookings import policy
from app.bookings.conflicts import fairest, judge, lock_wish
from app.bookings.errors import ClientBlocked, ClientUnspecified
from app.bookings.permissions import may_book_for_others
from app.bookings.service.expiry import expire_overdue
from app.bookings.service.record import record_step, schedule_expiry
from app.bookings.slots import Slot, alternatives_to
from app.bookings.work import Candidate, Wish
from app.diary.allocations import claim
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.errors import Conflict, NotFound
from app.kit.references import new_reference
from app.models import Allocation, Booking, BookingItem, BookingKind, BookingStatus, Service, Step, User
from app.security.actor import Actor
from app.users.service import find_visible_client


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for: a service at an instant, from one staff member or any."""

    service_id: int
    starts_at: datetime
    staff_id: int | None = None
    client_id: int | None = None
    for_self: bool = False
    party_size: int = 1
    notes: str = ""


def create_booking(*, actor: Actor, request: Request) -> Booking:
    """Book, or raise the first reason against it with up to five alternatives; a blocked client is offered none.

    Going back to the savepoint gives the locks back before alternatives are looked for, so that losers do not keep
    others waiting.
    """
    client = _client_of(actor, request)
    if client.is_blocked:
        raise ClientBlocked(extra={"alternatives": []})
    savepoint = db.session.begin_nested()
    wish = lock_wish(request.service_id, request.staff_id)
    try:
        booking = _new_booking(actor, request, client, wish.service, _choose(wish, request))
        _take(booking)
    except Conflict as refusal:
        savepoint.rollback()
        found = alternatives_to(wish, request.starts_at, utcnow())
        refusal.extra["alternatives"] = [slot_as_json(slot) for slot in found]
        raise
    savepoint.commit()
    return booking


def slot_as_json(slot: Slot) -> dict[str, object]:
    """Return a slot as problems show it."""
    return {
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "staff_ids": slot.staff_ids,
        "price": {"amount": slot.price.amount, "currency": slot.price.currency},
    }


def _client_of(actor: Actor, request: Request) -> User:
    if request.client_id is None:
        if may_book_for_others(actor) and not request.for_self:
            raise ClientUnspecified(errors={"client_id": [ClientUnspecified.title]})
        return find_visible_client(actor, actor.id)
    if request.client_id != actor.id and not may_book_for_others(actor):
        raise NotFound.naming("client_id")
    return find_visible_client(actor, request.client_id)


def _choose(wish: Wish, request: Request) -> Candidate:
    """Return who will do it, of those asked for, who are locked; or raise the first reason against it."""
    now = utcnow()
    expire_overdue([candidate.staff_id for candidate in wish.asked], now)
    verdict = judge(wish, request.starts_at, now)
    if not verdict.free:
        raise verdict.reasons[0]
    return verdict.free[0] if request.staff_id else fairest(verdict.free, request.starts_at)


def _new_booking(actor: Actor, request: Request, client: User, service: Service, staff: Candidate) -> Booking:
    now, ends_at = utcnow(), request.starts_at + timedelta(minutes=staff.duration_minutes)
    deposit = policy.deposit_for(service, staff.price, business)
    booking = Booking(
        reference=new_reference("BK"),
        kind=BookingKind.SERVICE,
        client_id=client.id,
        created_by=actor.id,
        space=None,
        starts_at=request.starts_at,
        ends_at=ends_at,
        timezone=staff.timezone,
        party_size=request.party_size,
        notes=request.notes,
        currency=business.currency,
        total_amount=staff.price,
        deposit_amount=deposit,
        cancel_free_until=request.starts_at - timedelta(minutes=service.cancellation_window_minutes),
        late_cancel_fee_amount=deposit,
        no_show_fee_amount=deposit,
        items=[_item(service, staff, request.starts_at, ends_at)],
    )
    wait = policy.first_wait(
        needs_approval=service.requires_approval, deposit=deposit, now=now, starts_at=request.starts_at
    )
    if wait:
        booking.wait_for(wait.reason, wait.until, now)
    else:
        booking.move_to(BookingStatus.CONFIRMED, now)
    return booking


def _item(service: Service, staff: Candidate, starts_at: datetime, ends_at: datetime) -> BookingItem:
    return BookingItem(
        position=0,
        service_id=service.id,
        service_name=service.name,
        staff_id=staff.staff_id,
        staff_name=staff.name,
        starts_at=starts_at,
        ends_at=ends_at,
        buffer_before_minutes=service.buffer_before_minutes,
        buffer_after_minutes=service.buffer_after_minutes,
        price_amount=staff.price,
        currency=business.currency,
    )


def _take(booking: Booking) -> None:
    _insert(booking)
    claim(allocations_of(booking))
    record_step(booking, Step.CREATE, before=None, actor_id=booking.created_by)
    schedule_expiry(booking)


def _insert(booking: Booking) -> None:
    """Write the booking under a reference that nobody else has: among a million, one in a thousand is met twice."""
    while True:
        try:
            with db.session.begin_nested():
                db.session.add(booking)
                db.session.flush()
        except IntegrityError as error:
            if "reference" not in str(error.orig):
                raise
            booking.reference = new_reference("BK")
        else:
            return


def allocations_of(booking: Booking) -> list[Allocation]:
    """Return the allocations that a service booking needs: each item's work with its buffers."""
    return [
        Allocation(
            resource_id=item.staff_id,
            starts_at=item.occupied[0],
            ends_at=item.occupied[1],
            booking_id=booking.id,
            expires_at=booking.expires_at,
        )
        for item in booking.items
    ]
