"""The verbs of the waitlist: join, leave, decline what is offered; and looking at it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select

from app.bookings.errors import RANK
from app.bookings.request import Asked, Request
from app.bookings.service.for_whom import client_of
from app.bookings.service.holds import give_up_hold
from app.bookings.service.search import check_days
from app.bookings.waitlist import queries
from app.bookings.waitlist.errors import AlreadyWaiting, NoOffer, WaitlistFull
from app.bookings.waitlist.matching import Window, bits_of, text_of, times_of, weekdays_of
from app.bookings.waitlist.status import WaitStatus, status_at, with_status
from app.bookings.wishes import read_visit
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Invalid, NotFound, Unavailable
from app.kit.intervals import to_instant
from app.models import Service, Staff, User, WaitlistEntry, WaitlistOffer, WaitState
from app.security.actor import Actor
from app.transactions import refusing
from app.users.service import lock_client


@dataclass(frozen=True, slots=True)
class Offered:
    """An offer, to whom it was made for which entry, and of what."""

    offer: WaitlistOffer
    entry: WaitlistEntry
    service: Service
    staff: Staff
    client: User


MOST_ENTRIES = 5
"""What one client may wait for at a time."""

FURTHEST = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A service, by whom, in which window, and for whom. The window's zone is set when it is known."""

    asked: Asked
    window: Window
    client_id: int | None = None
    for_self: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """Which entries are wanted; no status and no service mean all."""

    status: Collection[WaitStatus] = ()
    service_id: int | None = None


def join(actor: Actor, wanted: Wanted) -> WaitlistEntry:
    """Put a client on the list.

    Raises `NotFound` naming what is not there, `ClientUnspecified`, `ClientBlocked`, `ResourceInactive`,
    `StaffNotAssigned`, `Invalid`, `WaitlistFull`, `AlreadyWaiting`.
    """
    request = Request(utcnow(), (wanted.asked,), client_id=wanted.client_id, for_self=wanted.for_self)
    client = client_of(actor, request)
    entry = _new_entry(client.id, wanted.asked, _in_zone(wanted))
    if len(db.session.scalars(queries.living_of(client.id, utcnow())).all()) >= MOST_ENTRIES:
        raise WaitlistFull
    with refusing("unique", AlreadyWaiting):
        db.session.add(entry)
    return entry


def get_entry(actor: Actor, entry_id: int) -> tuple[WaitlistEntry, WaitlistOffer | None]:
    """Return one entry and its living offer. Raises `NotFound` where there is none, or it is not the actor's to see."""
    found = queries.entries(utcnow()).where(WaitlistEntry.id == entry_id, queries.visible_to(actor))
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    return row[0], row[1]


def list_entries(actor: Actor, filters: Filters) -> Select[*tuple[Any, ...]]:
    """Return the select of (entry, its living offer) that the actor may see and that match."""
    now = utcnow()
    found = queries.entries(now).where(queries.visible_to(actor))
    if filters.status:
        found = found.where(with_status(filters.status, now))
    return found if filters.service_id is None else found.where(WaitlistEntry.service_id == filters.service_id)


def leave(actor: Actor, entry_id: int) -> None:
    """Take an entry off the list, and decline its offer; of one that has ended, nothing changes. Raises `NotFound`."""
    entry, offer = _locked_entry(actor, entry_id)
    if entry.state is not WaitState.WAITING:
        return
    entry.state = WaitState.WITHDRAWN
    db.session.flush()
    if offer is not None:
        give_up_hold(offer.hold_id)


def decline(actor: Actor, entry_id: int, hold_id: int | None = None) -> WaitlistEntry:
    """Decline the present offer, so that the next in line gets it. Raises `NotFound`, `NoOffer`.

    With `hold_id`, only if the offer is that one: so that a request sent twice never declines the offer after it.
    """
    entry, offer = _locked_entry(actor, entry_id)
    if offer is None or hold_id not in {None, offer.hold_id}:
        raise NoOffer
    give_up_hold(offer.hold_id)
    return entry


def shown(entry: WaitlistEntry, offer: WaitlistOffer | None) -> dict[str, Any]:
    """Return what `EntryOut` shows."""
    names = (
        "id",
        "client_id",
        "service_id",
        "staff_id",
        "first_day",
        "last_day",
        "timezone",
        "booking_id",
        "created_at",
    )
    return {name: getattr(entry, name) for name in names} | {
        "days": weekdays_of(entry.days),
        "times": [{"opens": opens, "closes": closes} for opens, closes in times_of(entry.times)],
        "status": status_at(entry, offer, utcnow()),
        "offer": offer,
    }


def _in_zone(wanted: Wanted) -> Window:
    """Return the window in the zone of whoever is asked for. Raises the first reason why it could never be."""
    visit = read_visit([wanted.asked])
    nobody = [reason for part in visit.parts for reason in part.nobody]
    if nobody:
        raise min(nobody, key=RANK.__getitem__)
    given = wanted.window
    window = Window(given.first, given.last, given.days, given.times, visit.timezone)
    _check(window)
    return window


def _check(window: Window) -> None:
    now, (start, end) = utcnow(), window.span
    check_days(window.first, window.last)
    if to_instant(end) <= now:
        raise Invalid.field("to", "Must not be past.")
    if to_instant(start) > now + FURTHEST:
        raise Invalid.field("from", "Must lie within the next ten years.")


def _new_entry(client_id: int, asked: Asked, window: Window) -> WaitlistEntry:
    starts_at, ends_at = (to_instant(seconds) for seconds in window.span)
    return WaitlistEntry(
        client_id=client_id,
        service_id=asked.service_id,
        staff_id=asked.staff_id,
        first_day=window.first,
        last_day=window.last,
        days=bits_of(window.days),
        times=text_of(window.times),
        timezone=window.timezone,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def _locked_entry(actor: Actor, entry_id: int) -> tuple[WaitlistEntry, WaitlistOffer | None]:
    """Return an entry and its living offer as they are now, its client locked. Raises `NotFound`, `Unavailable`."""
    client_id = get_entry(actor, entry_id)[0].client_id
    lock_client(client_id)
    entry, offer = get_entry(actor, entry_id)
    if entry.client_id != client_id:
        raise Unavailable("The client is being claimed by an account at this moment.")
    return entry, offer


def find_offer(offer_id: int) -> Offered | None:
    """Return an offer with all that is told of it, for the system itself; one statement."""
    found = db.session.execute(queries.offer_in_full(offer_id)).one_or_none()
    return None if found is None else Offered(*found)
