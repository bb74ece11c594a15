"""The verbs of a series: preview, make, read and cancel; `moving` has the one that is missing."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.bookings import queries
from app.bookings.series.agenda import Agenda
from app.bookings.series.recurrence import starts_of
from app.bookings.series.request import Mode, Scope, SeriesRequest
from app.bookings.service.create import write_booking
from app.bookings.service.for_whom import client_of, places_left
from app.bookings.service.locking import lock_bookings
from app.bookings.service.steps import cancel_locked, cancelling
from app.bookings.wishes import Letting, Visit, lock_wish, read_wish
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.models import LIVING, Booking, BookingSeries
from app.security.actor import Actor
from app.users.service import Client


@dataclass(frozen=True, slots=True)
class Cancellation:
    """Which bookings of a series are cancelled, and how; see `steps.cancel`."""

    scope: Scope
    booking_id: int | None = None
    reason: str = ""
    waive_fee: bool = False


def preview_series(*, actor: Actor, asked: SeriesRequest) -> dict[str, object]:
    """Return the verdict on each date with an alternative, as `SeriesMadeOut` shows it; nothing is written.

    The client is locked and no diary: others book meanwhile. Raises what `client_of` does, and `Invalid` for an
    unlawful repetition.
    """
    client = client_of(actor, asked.booking)
    agenda = Agenda(utcnow())
    _decide(agenda, read_wish(asked.booking), asked, places_left(actor, client, asked.booking.kind))
    return {"id": None, "mode": asked.mode, "items": agenda.preview()}


def create_series(*, actor: Actor, asked: SeriesRequest) -> dict[str, object]:
    """Book all dates, or those that can be had; return what `SeriesMadeOut` shows.

    Raises what `preview_series` does; and the first date's reason, with a verdict on each date, where one cannot be had
    and all are wanted, or where none can.
    """
    client = client_of(actor, asked.booking)
    left, agenda = places_left(actor, client, asked.booking.kind), Agenda(utcnow())
    with agenda.telling():
        wish = lock_wish(asked.booking)
        _decide(agenda, wish, asked, left)
        if asked.mode is Mode.ALL_OR_NOTHING or not agenda.planned:
            agenda.require_all()
        series = _new_series(actor, client, asked, wish.timezone)
        agenda.free_overdue()
        for decision, plan in agenda.planned:
            decision.booking = write_booking(actor, client, asked.booking, plan, series.id)
    return {"id": series.id, "mode": asked.mode, "items": agenda.outcome()}


def get_series(actor: Actor, series_id: int) -> dict[str, object]:
    """Return a series as `SeriesOut` shows it, with its bookings by start. Raises `NotFound`."""
    bookings = visible_bookings(actor, series_id)
    series = db.session.get_one(BookingSeries, series_id)
    about = {name: getattr(series, name) for name in ("id", "client_id", "every_weeks", "timezone", "created_at")}
    return about | {"bookings": bookings}


def cancel_series(actor: Actor, series_id: int, asked: Cancellation) -> None:
    """Cancel one booking of a series, it and the later ones, or all, each by its own policy.

    Of several, those that have begun, or are over, are left alone; of one, it is refused. Raises what `steps.cancel`
    does, and `NotFound` naming a booking that is none of the series.
    """
    chosen = within(visible_bookings(actor, series_id), asked.scope, asked.booking_id)
    terms = {
        booking.id: cancelling(actor, booking, reason=asked.reason, waive_fee=asked.waive_fee) for booking in chosen
    }
    for booking in lock_bookings(chosen):
        if asked.scope is Scope.THIS or is_ahead(booking):
            cancel_locked(booking, actor, terms[booking.id])


def visible_bookings(actor: Actor, series_id: int) -> list[Booking]:
    """Return those bookings of a series that the actor may see, by start. Raises `NotFound` where there is none."""
    found = queries.bookings(actor).where(queries.of_series(series_id)).order_by(Booking.starts_at, Booking.id)
    bookings = list(db.session.scalars(found))
    if not bookings:
        raise NotFound
    return bookings


def within(bookings: Sequence[Booking], scope: Scope, booking_id: int | None) -> list[Booking]:
    """Return those in the scope that begins at a booking. Raises `NotFound` naming it where it is none of them."""
    anchor = next((booking for booking in bookings if booking.id == booking_id), None)
    if anchor is None:
        if booking_id is not None:
            raise NotFound.naming("booking_id")
        return list(bookings)
    chosen = {
        Scope.THIS: [anchor],
        Scope.FOLLOWING: [booking for booking in bookings if booking.starts_at >= anchor.starts_at],
        Scope.ALL: list(bookings),
    }
    return chosen[scope]


def is_ahead(booking: Booking) -> bool:
    """Say whether a booking is living and has not begun."""
    now = utcnow()
    return booking.status_at(now) in LIVING and booking.starts_at > now


def _decide(agenda: Agenda, wish: Visit | Letting, asked: SeriesRequest, left: int | None) -> None:
    starts = starts_of(asked.booking.starts_at, asked.repeat, wish.timezone)
    agenda.decide([(wish, starts_at) for starts_at in starts], left)


def _new_series(actor: Actor, client: Client, asked: SeriesRequest, timezone: str) -> BookingSeries:
    series = BookingSeries(
        client_id=client.id, created_by=actor.id, every_weeks=asked.repeat.every_weeks, timezone=timezone
    )
    db.session.add(series)
    db.session.flush()
    return series
