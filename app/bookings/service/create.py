"""Making a booking."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from app.bookings import policy
from app.bookings.plan import Plan
from app.bookings.request import Request
from app.bookings.service.alternatives import offering_alternatives
from app.bookings.service.deciding import decide, look_at
from app.bookings.service.for_whom import check_limit, client_of
from app.bookings.service.holds import held_by, spend_hold
from app.bookings.service.locking import give_back
from app.bookings.service.record import rows_of_creation
from app.bookings.waitlist.answers import answer_offer
from app.bookings.wishes import Letting, Own, Visit, lock_wish
from app.diary.allocations import Taken, claim_with
from app.diary.cause import Cause
from app.extensions import business
from app.kit.clock import utcnow
from app.kit.inserts import Row, row_for
from app.kit.references import new_reference
from app.models import Booking, BookingStatus
from app.security.actor import Actor
from app.transactions import adopt, insert_unless_taken
from app.users.service import Client


def create_booking(*, actor: Actor, request: Request) -> Booking:
    """Book, or raise the first reason against it with up to five alternatives; a blocked client is offered none.

    Raises also what `client_of` does, and `ClientLimit`.
    """
    client = client_of(actor, request)
    check_limit(actor, client, request.kind)
    held = set() if request.hold_id is None else held_by(client, request.hold_id)
    with offering_alternatives(request):
        look = partial(look_at, starts_at=request.starts_at) if request.hold_id is None else None
        wish = lock_wish(request, also=held, look=look)
        freed = [] if request.hold_id is None else spend_hold(request.hold_id)
        own = Own(staff_ids=held, held=freed, has_lapsed=request.hold_id is not None and not freed)
        booking = write_booking(actor, client, request, _decide(wish, request.starts_at, own))
        if request.hold_id is not None:
            answer_offer(request.hold_id, booking)
        give_back(freed)
        return booking


def write_booking(actor: Actor, client: Client, request: Request, plan: Plan, series_id: int | None = None) -> Booking:
    """Write what was planned, and claim its time: its resources are locked. Raises `SlotTaken`."""
    booking = _new_booking(plan, utcnow())
    booking.client_id, booking.created_by, booking.series_id = client.id, actor.id, series_id
    booking.party_size, booking.notes = request.party_size, request.notes
    row = _insert(booking)
    items = [row_for(item, booking_id=booking.id) for item in booking.items]
    rows = [*items, *rows_of_creation(booking)]
    ids = claim_with(rows, plan.taken, Cause(booking_id=booking.id), booking.expires_at)
    adopt((booking, row, booking.id), *zip(booking.items, items, ids, strict=False))
    return booking


def _decide(wish: Visit | Letting, starts_at: datetime, own: Own) -> Plan:
    """Return what is booked. What a living hold keeps was in time when it was held: notice is not asked again."""
    kept = replace(wish, any_time=True).plan(starts_at, utcnow(), own) if own.held else []
    if isinstance(kept, Plan) and _lies_within(kept.taken, own.held):
        return kept
    return decide(wish, starts_at, own)


def _lies_within(taken: Sequence[Taken], held: Sequence[Taken]) -> bool:
    return all(
        any(resource_id == whose and begin <= starts_at and ends_at <= end for whose, begin, end in held)
        for resource_id, starts_at, ends_at in taken
    )


def _new_booking(plan: Plan, now: datetime) -> Booking:
    """Return the booking that was planned, its policy frozen as it is now."""
    deposit = policy.deposit_for(plan.deposit, plan.total, business)
    booking = Booking(
        kind=plan.kind,
        space=plan.space,
        space_id=None if plan.space is None else plan.space.id,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        timezone=plan.timezone,
        currency=business.currency,
        total_amount=plan.total,
        deposit_amount=deposit,
        cancel_free_until=plan.starts_at - plan.cancellation_window,
        late_cancel_fee_amount=deposit,
        no_show_fee_amount=deposit,
        items=plan.items,
    )
    wait = policy.first_wait(needs_approval=plan.needs_approval, deposit=deposit, now=now, starts_at=plan.starts_at)
    if wait:
        booking.wait_for(wait.reason, wait.until, now)
    else:
        booking.move_to(BookingStatus.CONFIRMED, now)
    return booking


def _insert(booking: Booking) -> Row:
    """Write the booking under a reference that nobody else has: among a million, one in a thousand is met twice."""
    while True:
        booking.reference = new_reference("BK")
        row = row_for(booking)
        row_id = insert_unless_taken(row, "reference")
        if row_id is not None:
            booking.id = row_id
            return row
