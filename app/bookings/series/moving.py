"""Moving bookings of a series together, all or none, by the same shift of the wall clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

from app.bookings.permissions import may_reschedule
from app.bookings.request import Request
from app.bookings.series.agenda import Agenda
from app.bookings.series.recurrence import shifted, wall_time
from app.bookings.series.request import Move, Scope
from app.bookings.series.service import is_ahead, visible_bookings, within
from app.bookings.service.locking import give_back, lock_bookings
from app.bookings.service.reschedule import Change, as_moving, check_movable, is_as_before, moving, wished, write_move
from app.bookings.wishes import read_wish
from app.diary.allocations import Taken, release
from app.diary.cause import Cause
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Forbidden
from app.kit.intervals import EPOCH
from app.models import Booking, BookingSeries
from app.security.actor import Actor

Moves = list[tuple[Booking, Request]]
"""What goes, and where to; the earliest first."""


def move_series(actor: Actor, series_id: int, move: Move) -> None:
    """Move one booking of a series, it and the later ones, or all; each by the rules of `reschedule`.

    Of several, those that have begun, or are over, are left alone; of one, it is refused. None stands in another's way
    where that goes too. Raises what `reschedule` does, the reasons against a time with a verdict on each date; and
    `NotFound` naming a booking that is none of the series.
    """
    chosen = within(visible_bookings(actor, series_id), move.scope, move.booking_id)
    for booking in chosen:
        if not may_reschedule(actor, booking):
            raise Forbidden
    agenda = Agenda(utcnow())
    with agenda.telling():
        moves = _moves(lock_bookings(chosen, _also(move)), move, db.session.get_one(BookingSeries, series_id).timezone)
        for booking, request in moves:
            check_movable(actor, booking, request)
        _carry_out(actor, agenda, [(b, request) for b, request in moves if not is_as_before(b, request)])


def _also(move: Move) -> list[int]:
    return [] if move.staff_id is None else [move.staff_id]


def _moves(locked: Sequence[Booking], move: Move, timezone: str) -> Moves:
    """Return where each goes, of those that go."""
    (anchor,) = (booking for booking in locked if booking.id == move.booking_id)
    shift = timedelta(0)
    if move.starts_at is not None:
        shift = wall_time(move.starts_at, timezone) - wall_time(anchor.starts_at, timezone)
    going = [booking for booking in locked if move.scope is Scope.THIS or is_ahead(booking)]
    moves = []
    for booking in going:
        start = move.starts_at if booking is anchor else shifted(booking.starts_at, shift, timezone)
        moves.append((booking, wished(booking, Change(starts_at=start, staff_id=move.staff_id))))
    return sorted(moves, key=lambda one: one[1].starts_at)


def _carry_out(actor: Actor, agenda: Agenda, moves: Moves) -> None:
    if not moves:
        return
    freed: list[Taken] = [taken for booking, _ in moves for taken in release(Cause(booking_id=booking.id))]
    wish_of = cache(read_wish)
    agenda.decide(
        [
            (as_moving(wish_of(_whenever(request)), moving(actor, booking)), request.starts_at)
            for booking, request in moves
        ]
    )
    agenda.require_all()
    agenda.free_overdue()
    for (booking, _), (_, plan) in zip(moves, agenda.planned, strict=True):
        write_move(actor, booking, plan)
    give_back(freed)


def _whenever(request: Request) -> Request:
    """Return the request at a time of no meaning: what is wished for at several times is read once."""
    length = None if request.ends_at is None else request.ends_at - request.starts_at
    return replace(request, starts_at=EPOCH, ends_at=None if length is None else EPOCH + length)
