"""From freed time to an offer: announced in the transaction that frees it, made by a task in one of its own.

One offer at a time: a task that has made one leaves another for the rest of what was freed. When an offer is declined
or its hold lapses, that frees its time, and the next in line gets it by the same door.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from app.bookings.plan import Plan
from app.bookings.request import Asked, Request
from app.bookings.service.deciding import decide
from app.bookings.service.holds import keep
from app.bookings.waitlist import queries
from app.bookings.waitlist.errors import NoOffer
from app.bookings.waitlist.freed import Freed
from app.bookings.waitlist.matching import best_first, first_match
from app.bookings.wishes import NOTHING, lock_wish, read_visit
from app.bookings.work import terms_for
from app.extensions import BULK, db
from app.jobs import events
from app.jobs.outbox import enqueue, enqueue_where
from app.kit.clock import utcnow
from app.kit.errors import Conflict, Unavailable
from app.kit.intervals import Span, to_instant, to_span
from app.models import OfferState, WaitlistEntry, WaitlistOffer
from app.users.service import lock_client

OFFER_FREED = "waitlist.offer"
"""The outbox topic under which freed time waits to be offered; the payload is a `Freed`."""

LIFETIME = timedelta(minutes=15)
"""How long an offer stands; what starts so soon that it could not be booked to the end of it is not offered."""

ATTEMPTS = 5
"""How often the list is read again where others are faster."""


@dataclass(frozen=True, slots=True)
class Match:
    """Who is to be offered what, of whose time."""

    entry_id: int
    client_id: int
    service_id: int
    visit: Span


def announce(freed: Freed) -> None:
    """Leave a task where somebody waits whom the freed time might suit; one statement, however many wait."""
    now = utcnow()
    if freed.ends_at > now:
        touched = queries.touched_by(freed, now)
        enqueue_where(touched, OFFER_FREED, freed.as_payload(), due_at=now)


def offer_freed(freed: Freed) -> None:
    """Offer what was freed to the first in line whom it suits, if it is still free. Raises `Unavailable`."""
    for _ in range(ATTEMPTS):
        match = find_match(freed, utcnow())
        if match is None:
            return
        if make_offer(freed, match):
            enqueue(OFFER_FREED, freed.as_payload(), due_at=utcnow())
            return
    raise Unavailable("Others took what was about to be offered.")


def find_match(freed: Freed, now: datetime) -> Match | None:
    """Return the first in line whom some of what was freed suits, as it looks without a lock."""
    waiting = db.session.scalars(queries.candidates(freed, now)).all()
    services = {entry.service_id for entry in waiting}
    visits = {service_id: _visits(freed, service_id, now) for service_id in sorted(services)}
    offered: dict[int, list[Span]] = defaultdict(list)
    for entry_id, starts_at, ends_at in (
        db.session.execute(queries.offers_meeting(freed)) if any(visits.values()) else ()
    ):
        offered[entry_id].append(to_span(starts_at, ends_at))
    found = first_match(waiting, visits, offered)
    return found and Match(found[0].id, found[0].client_id, found[0].service_id, found[1])


def make_offer(freed: Freed, match: Match) -> bool:
    """Hold the time and offer it, all or nothing; say whether it could be done. Locks in the global order."""
    try:
        with db.session.begin_nested():
            entry = _lock_entry(freed, match)
            starts_at = to_instant(match.visit[0])
            wished = Request(starts_at=starts_at, parts=(Asked(match.service_id, freed.staff_id),))
            _write(entry, freed.staff_id, decide(lock_wish(wished), starts_at))
    except Conflict:
        return False
    return True


def _visits(freed: Freed, service_id: int, now: datetime) -> list[Span]:
    """Return the visits that need some of what was freed and can be booked to the end of their offer, best first."""
    visit = read_visit([Asked(service_id, freed.staff_id)])
    (part,) = visit.parts
    terms, (start, end) = terms_for(part.service, now + LIFETIME), freed.span
    longest = max((one.duration_minutes * 60 for one in part.asked), default=0)
    window = max(terms.earliest, start - longest - terms.after + 1), end + terms.before
    if window[0] >= window[1]:
        return []
    return best_first((to_span(slot.starts_at, slot.ends_at) for slot in visit.slots(window, now, NOTHING)), freed.span)


def _lock_entry(freed: Freed, match: Match) -> WaitlistEntry:
    """Lock the client, and return the entry if it may still be offered something. Raises `NoOffer`."""
    lock_client(match.client_id)
    mine = WaitlistEntry.id == match.entry_id, WaitlistEntry.client_id == match.client_id
    entry = db.session.scalars(queries.candidates(freed, utcnow()).where(*mine)).one_or_none()
    if entry is None:
        raise NoOffer
    return entry


def _write(entry: WaitlistEntry, staff_id: int, plan: Plan) -> None:
    now = utcnow()
    lapsed = update(WaitlistOffer).where(WaitlistOffer.entry_id == entry.id, WaitlistOffer.state == OfferState.OPEN)
    db.session.execute(lapsed.values(state=OfferState.LAPSED), execution_options=BULK)
    hold = keep(entry.client_id, plan, now + LIFETIME)
    offer = WaitlistOffer(
        entry_id=entry.id,
        hold_id=hold.id,
        staff_id=staff_id,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        expires_at=hold.expires_at,
    )
    db.session.add(offer)
    db.session.flush()
    events.announce("waitlist.offered", waitlist_id=entry.id, offer_id=offer.id)
