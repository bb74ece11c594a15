"""Without a guard of diaries: whoever saw that the time is free takes it."""

import importlib
import time
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

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
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, Hold
from app.security.actor import Actor
from tests.races.unguarded.leaving_out import LINGER, Function, go_on_with, instead_of, looking

reschedule = importlib.import_module("app.bookings.service.reschedule")  # its verb has the same name
decide_dates = series._decide

_seen: ContextVar[Plan | None] = ContextVar("seen")
_interval: ContextVar[tuple[datetime, datetime]] = ContextVar("interval")
_dates: ContextVar[list[Decision]] = ContextVar("dates")


def look(asked: Request, own: Own = NOTHING) -> None:
    """See what would be booked, and let go."""
    with looking():
        found = read_wish(asked).plan(asked.starts_at, utcnow(), own)
    _seen.set(found if isinstance(found, Plan) else None)


@instead_of(service, "create_booking", "check")
@instead_of(service, "create_hold", "check")
def take_on_sight(real: Function, *, actor: Actor, request: Request) -> Any:
    """Look whether the time is free, let go, and take it."""
    look(request)
    return real(actor=actor, request=request)


@instead_of(series, "create_series", "check")
def repeat_on_sight(real: Function, *, actor: Actor, asked: SeriesRequest) -> Any:
    """Look whether all dates are free, let go, and take them."""
    with looking():
        agenda = Agenda(utcnow())
        decide_dates(agenda, read_wish(asked.booking), asked, None)
    _dates.set(agenda.decisions)
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
    """Look whether the hold lives, let go, and book its time; who has no hold books as one should, while it lingers."""
    _seen.set(None)
    if request.hold_id is None:
        time.sleep(LINGER / 2)
    elif db.session.get_one(Hold, request.hold_id).expires_at > utcnow():
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
    go_on_with(booking)
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
def lock_as_they_come(_real: Function, asked: Request, also: Iterable[int] = (), look: Any = None) -> Any:
    """Lock one diary after the other, in the order in which they are named, without a `look`."""
    for one in [*also, *(part.staff_id for part in asked.parts)]:
        lock_resources([one] if one is not None else [])
        time.sleep(LINGER)
    wish = read_wish(asked)
    assert isinstance(wish, Visit)
    return wish
