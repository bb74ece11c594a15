"""The control: the application as rivals build it. Each request says which guard it goes without.

Everything else is the real application; the database's own rule is dropped by the tests. Whoever goes without a guard
looks first, lets go of what is locked, lingers as long as others take to look too, and then acts on what it saw.
"""

import importlib
import time
from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from datetime import datetime
from itertools import chain
from types import ModuleType
from typing import Any

from flask import Response, request
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm.attributes import set_committed_value

from app import create_app
from app.bookings import service
from app.bookings.plan import Plan
from app.bookings.request import Request
from app.bookings.series import service as series
from app.bookings.series.agenda import Agenda, Decision
from app.bookings.series.request import SeriesRequest
from app.bookings.service import create, holds, steps
from app.bookings.service.locking import resources_of
from app.bookings.wishes import NOTHING, Own, Visit, read_wish
from app.diary.allocations import lock_resources
from app.diary.cause import Cause
from app.extensions import BULK, db
from app.integrations.payments import Incoming
from app.invoices import issuing
from app.kit.clock import utcnow
from app.kit.rating import STARS
from app.models import (
    Booking,
    Hold,
    IdempotencyKey,
    Invoice,
    InvoiceKind,
    Order,
    Payment,
    Product,
    ProviderEvent,
    Review,
    User,
    VoiceSession,
)
from app.orders.service import create as placing
from app.orders.service import get_order, paid
from app.orders.service import steps as order_steps
from app.payments.bills import of_order
from app.payments.service import beginning, evidence, inbox, returning
from app.products import stock
from app.products.low_stock import Change, Counters
from app.reviews import counters
from app.reviews import service as reviews
from app.reviews.errors import AlreadyReviewed
from app.security import idempotency
from app.security.actor import Actor
from app.security.guards import current_actor
from app.transactions import reading
from app.voice import sessions
from tests.races.callers import WITHOUT

LINGER = 0.1
"""Seconds between looking and acting."""

reschedule = importlib.import_module("app.bookings.service.reschedule")  # its verb has the same name
claim_key = idempotency.claim

decide_dates = series._decide

COUNTS = [f"rating_{stars}" for stars in STARS]

_seen: ContextVar[Plan | None] = ContextVar("seen")
_interval: ContextVar[tuple[datetime, datetime]] = ContextVar("interval")
_shelf: ContextVar[dict[int, Counters]] = ContextVar("shelf")
_dates: ContextVar[list[Decision]] = ContextVar("dates")

Function = Callable[..., Any]


def instead_of(module: ModuleType, name: str, *guards: str) -> Callable[[Function], Function]:
    """Let a function stand for another, which it is given first, in requests that go without one of `guards`."""
    real: Function = getattr(module, name)

    def decorate(function: Function) -> Function:
        def chosen(*args: Any, **kwargs: Any) -> Any:
            unguarded = request.headers.get(WITHOUT) in guards
            return function(real, *args, **kwargs) if unguarded else real(*args, **kwargs)

        setattr(module, name, chosen)
        return function

    return decorate


def look(asked: Request, own: Own = NOTHING) -> None:
    """See what would be booked, and let go."""
    db.session.commit()
    with reading():
        found = read_wish(asked).plan(asked.starts_at, utcnow(), own)
    _seen.set(found if isinstance(found, Plan) else None)
    time.sleep(LINGER)


@instead_of(service, "create_booking", "check")
@instead_of(service, "create_hold", "check")
def take_on_sight(real: Function, *, actor: Actor, request: Request) -> Any:
    """Look whether the time is free, let go, and take it."""
    look(request)
    return real(actor=actor, request=request)


@instead_of(series, "create_series", "check")
def repeat_on_sight(real: Function, *, actor: Actor, asked: SeriesRequest) -> Any:
    """Look whether all dates are free, let go, and take them."""
    db.session.commit()
    with reading():
        agenda = Agenda(utcnow())
        decide_dates(agenda, read_wish(asked.booking), asked, None)
    _dates.set(agenda.decisions)
    time.sleep(LINGER)
    return real(actor=actor, asked=asked)


@instead_of(series, "_decide", "check")
def decide_dates_as_seen(_real: Function, agenda: Agenda, *_asked: Any) -> None:
    """Believe what was seen."""
    agenda.decisions = _dates.get()


@instead_of(service, "reschedule", "check")
def move_on_sight(real: Function, actor: Actor, booking_id: int, change: Any, **options: Any) -> Any:
    """Look whether the time is free, let go, and move there."""
    booking = service.get_booking(actor, booking_id)
    look(reschedule.wished(booking, change), Own(Cause(booking_id=booking_id)))
    return real(actor, booking_id, change, **options)


@instead_of(service, "create_booking", "hold")
def trust_the_hold(real: Function, *, actor: Actor, request: Request) -> Any:
    """Look whether the hold lives, let go, and book its time; without a hold, book as one should."""
    _seen.set(None)
    if request.hold_id is not None and db.session.get_one(Hold, request.hold_id).expires_at > utcnow():
        look(request, Own(Cause(hold_id=request.hold_id)))
    return real(actor=actor, request=request)


@instead_of(create, "decide", "check", "hold")
@instead_of(holds, "decide", "check")
@instead_of(reschedule, "decide", "check")
def decide_as_seen(real: Function, *args: Any) -> Any:
    """Believe what was seen."""
    return _seen.get() or real(*args)


@instead_of(steps, "lock_booking", "status")
def lock_late(_real: Function, booking: Booking, _seen: Any = None) -> Booking:
    """Go on with the booking as it was read, whatever has become of it; the version counter does not notice."""
    db.session.commit()
    time.sleep(LINGER)
    version = select(Booking.version).where(Booking.id == booking.id).with_for_update()
    set_committed_value(booking, "version", db.session.scalars(version).one())
    return booking


@instead_of(reschedule, "lock_bookings", "order")
def lock_what_it_has_first(real: Function, bookings: Sequence[Booking], also: Iterable[int] = ()) -> Any:
    """Lock the diaries that a booking is in, and then those it wants."""
    for one in [*chain.from_iterable(map(resources_of, bookings)), *also]:
        lock_resources([one])
        time.sleep(LINGER)
    return real(bookings, also)


@instead_of(service, "reschedule", "row")
def move_late(real: Function, actor: Actor, booking_id: int, change: Any, **options: Any) -> Any:
    """Look when the booking is, and let go."""
    booking = service.get_booking(actor, booking_id)
    _interval.set((booking.starts_at, booking.ends_at))
    db.session.commit()
    time.sleep(LINGER)
    return real(actor, booking_id, change, **options)


@instead_of(reschedule, "lock_bookings", "row")
def lock_as_seen(real: Function, *args: Any, **options: Any) -> Any:
    """Lock the booking, and believe that it is when it was."""
    (booking,) = real(*args, **options)
    for name, at in zip(("starts_at", "ends_at"), _interval.get(), strict=True):
        set_committed_value(booking, name, at)
    return [booking]


@instead_of(create, "lock_wish", "order")
def lock_as_they_come(_real: Function, asked: Request, also: Iterable[int] = ()) -> Any:
    """Lock one diary after the other, in the order in which they are named."""
    for one in [*also, *(part.staff_id for part in asked.parts)]:
        lock_resources([one] if one is not None else [])
        time.sleep(LINGER)
    wish = read_wish(asked)
    assert isinstance(wish, Visit)
    return wish


@instead_of(create, "check_limit", "limit")
def count_early(real: Function, *asked: Any) -> None:
    """Count the client's bookings, and let go of the client."""
    _count_and_let_go(real, *asked)


@instead_of(holds, "_check_number", "limit")
def count_holds_early(real: Function, client: User) -> None:
    """Count the client's holds, and let go of the client."""
    _count_and_let_go(real, client)


def _count_and_let_go(count: Function, *args: Any) -> None:
    db.session.commit()
    with reading():
        count(*args)
    time.sleep(LINGER)


@instead_of(idempotency, "claim", "key")
def look_for_the_key(_real: Function, key: str) -> int | None:
    """Look whether the key was used, and let go."""
    user_id = current_actor().id
    db.session.commit()
    with reading():
        used = db.session.query(IdempotencyKey).filter_by(user_id=user_id, key=key).one_or_none()
    time.sleep(LINGER)
    return 0 if used is None else None


@instead_of(idempotency, "store", "key")
def keep_the_key(real: Function, _row_id: int, answer: Response) -> None:
    """Write down that the key is used, unless somebody else has."""
    row_id = claim_key(str(idempotency.present_key()))
    if row_id is not None:
        real(row_id, answer)


@instead_of(reviews, "create_review", "one review")
def review_on_sight(real: Function, actor: Actor, fields: dict[str, Any]) -> Any:
    """Look whether there is a review, let go, and write one."""
    db.session.commit()
    with reading():
        if db.session.query(Review).filter_by(booking_id=fields["booking_id"]).first():
            raise AlreadyReviewed
    time.sleep(LINGER)
    return real(actor, fields)


@instead_of(counters, "_step", "count")
def count_in_python(_real: Function, rated: Any, ids: tuple[int, ...], steps: list[tuple[int, int]]) -> None:
    """Read the counts, let go of what is locked, and write back what they should be."""
    db.session.commit()
    with reading():
        found = [db.session.get_one(rated, one, populate_existing=True) for one in ids]
        seen = {one.id: {name: getattr(one, name) for name in COUNTS} for one in found}
    time.sleep(LINGER)
    for stars, by in steps:
        for counts in seen.values():
            counts[f"rating_{stars}"] += by
    for thing_id, counts in seen.items():
        db.session.execute(update(rated).where(rated.id == thing_id).values(counts), execution_options=BULK)


@instead_of(order_steps, "lock_order", "order status")
def lock_order_late(_real: Function, actor: Actor, order_id: int, _seen: Any = None) -> Order:
    """Go on with the order as it was read, whatever has become of it; the version counter does not notice."""
    order = get_order(actor, order_id)
    db.session.commit()
    time.sleep(LINGER)
    version = select(Order.version).where(Order.id == order_id).with_for_update()
    set_committed_value(order, "version", db.session.scalars(version).one())
    return order


@instead_of(placing, "read_basket", "stock")
def look_at_the_shelf(real: Function, items: Any) -> Any:
    """Look how much there is, and let go."""
    db.session.commit()
    with reading():
        basket = real(items)
    _shelf.set({part.product.id: Counters(part.product.on_hand, part.product.reserved, 0) for part in basket})
    time.sleep(LINGER)
    return basket


@instead_of(stock, "_change_counters", "stock")
def count_stock_in_python(_real: Function, changes: dict[int, Change]) -> dict[int, Counters]:
    """Believe what was seen, and write back what should be left."""
    after = {}
    for product_id, change in sorted(changes.items()):
        seen = _shelf.get()[product_id]
        counted = {"on_hand": seen.on_hand + change.on_hand, "reserved": seen.reserved + change.reserved}
        if counted["reserved"] <= counted["on_hand"]:
            db.session.execute(update(Product).where(Product.id == product_id).values(counted), execution_options=BULK)
            after[product_id] = Counters(**counted, reorder_level=0)
    return after


@instead_of(beginning, "lock_visible", "bill")
def look_at_the_bill(_real: Function, actor: Actor, *, booking_id: int | None, order_id: int | None) -> Any:
    """Look what is owed, and let go."""
    db.session.commit()
    with reading():
        bill = None if order_id is None else of_order(get_order(actor, order_id))
    time.sleep(LINGER)
    return bill


@instead_of(paid, "lock_any_order", "bill")
def count_what_was_seen(_real: Function, order_id: int) -> Order:
    """Go on with the order as it was read; the version counter does not notice."""
    order = db.session.get_one(Order, order_id)
    version = select(Order.version).where(Order.id == order_id).with_for_update()
    set_committed_value(order, "version", db.session.scalars(version).one())
    return order


@instead_of(returning, "lock_payment", "payment")
def look_at_the_payment(_real: Function, payment_id: int) -> Any:
    """Look how much is left of it, and let go."""
    db.session.commit()
    with reading():
        payment = db.session.get_one(Payment, payment_id)
    time.sleep(LINGER)
    return None, payment


@instead_of(inbox, "keep", "message")
def look_for_the_message(_real: Function, incoming: Incoming, payment_id: int | None = None) -> int | None:
    """Look whether the message is there, let go, and keep it under the name it has."""
    db.session.commit()
    with reading():
        there = db.session.query(ProviderEvent).filter_by(event_id=incoming.event_id).first()
    time.sleep(LINGER)
    if there is None:
        row = evidence.row_of(incoming) | {"payment_id": payment_id, "received_at": utcnow(), "detail": ""}
        db.session.execute(insert(ProviderEvent).values(row))
    return None


@instead_of(issuing, "next_number", "numbers")
def take_the_next_number(_real: Function, kind: InvoiceKind, year: int) -> int:
    """Look for the highest number, let go, and take the one behind it."""
    db.session.commit()
    with reading():
        highest = db.session.scalar(
            select(func.max(Invoice.sequence)).where(Invoice.kind == kind, Invoice.year == year)
        )
    time.sleep(LINGER)
    return (highest or 0) + 1


@instead_of(stock, "lock", "shelf order")
def look_at_products(_real: Function, product_ids: Iterable[int]) -> stock.Standings:
    """Look at the products, and lock none."""
    db.session.expire_all()
    found = db.session.scalars(select(Product).where(Product.id.in_(product_ids)))
    return {
        one.id: stock.Standing(one.sku, one.active, one.price_amount, one.tracked, one.on_hand - one.reserved)
        for one in found
    }


@instead_of(sessions, "of_token", "proposal")
def look_at_the_proposal(real: Function, actor: Actor, confirm_token: str) -> Any:
    """Look what is proposed, let go, and go on with what was seen; the session is no more asked what became of it."""
    session = real(actor, confirm_token)
    db.session.commit()
    with reading():
        seen = db.session.get_one(VoiceSession, session.id).booking_id
    time.sleep(LINGER)
    set_committed_value(session, "booking_id", seen)
    return session


app = create_app()
