"""Holds: short exclusive claims on time while a client checks out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update

from app.bookings import queries
from app.bookings.errors import TooManyHolds
from app.bookings.permissions import may_book_for_others
from app.bookings.plan import Plan
from app.bookings.request import Request
from app.bookings.service.alternatives import offering_alternatives
from app.bookings.service.deciding import decide
from app.bookings.service.for_whom import check_limit, client_of
from app.bookings.service.locking import give_back
from app.bookings.waitlist.answers import decline_offer
from app.bookings.wishes import lock_wish
from app.diary.allocations import Taken, claim, lock_resources, release
from app.diary.cause import Cause
from app.extensions import BULK, business, db
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.kit.money import Money
from app.models import BookingKind, Hold
from app.security.actor import Actor
from app.users.service import Client

MOST_HOLDS = 3
"""Living holds that one client may have."""

FREE_HOLD = "hold.free"
"""The outbox topic under which a hold's end waits."""


@dataclass(frozen=True, slots=True)
class Held:
    """A hold, and the booking that it keeps the time for."""

    hold: Hold
    plan: Plan

    def shown(self) -> dict[str, object]:
        """Return what `HoldOut` shows."""
        plan = self.plan
        return {
            "id": self.hold.id,
            "expires_at": self.hold.expires_at,
            "client_id": self.hold.client_id,
            "kind": plan.kind,
            "starts_at": plan.starts_at,
            "ends_at": plan.ends_at,
            "timezone": plan.timezone,
            "items": plan.items,
            "space_id": None if plan.space is None else plan.space.id,
            "total": Money(plan.total, business.currency),
        }


def create_hold(*, actor: Actor, request: Request) -> Held:
    """Keep the time of what would be booked, for a few minutes.

    Raises what booking it would, the client's limit too, and `TooManyHolds`.
    """
    client = client_of(actor, request)
    check_limit(actor, client, request.kind)
    _check_number(client)
    with offering_alternatives(request):
        plan = decide(lock_wish(request), request.starts_at)
        until = utcnow() + timedelta(minutes=business.hold_minutes)
        return Held(keep(client.id, plan, until), plan)


def release_hold(actor: Actor, hold_id: int) -> None:
    """Give a hold's time back, which declines an offer. Raises `NotFound` where there is none, or not the actor's."""
    hold = db.session.get(Hold, hold_id)
    if hold is None or not (hold.client_id == actor.id or may_book_for_others(actor, _kind_of(hold_id))):
        raise NotFound
    give_up_hold(hold_id)


def give_up_hold(hold_id: int) -> None:
    """Give the time of a hold back, if it still has any; and if it was offered, decline."""
    lock_resources(held_resources(hold_id))
    freed = spend_hold(hold_id)
    decline_offer(hold_id)
    give_back(freed)


def free_hold(hold_id: int) -> None:
    """Give back the time of a hold that has lapsed; its row stays a while, to say so."""
    lock_resources(held_resources(hold_id))
    hold = db.session.get(Hold, hold_id, populate_existing=True)
    if hold is not None and hold.expires_at <= utcnow():
        give_back(release(Cause(hold_id=hold_id)))


def held_by(client: Client, hold_id: int) -> set[int]:
    """Return the ids of the resources that a client's hold has time of. Raises `NotFound` naming the hold."""
    hold = db.session.get(Hold, hold_id, populate_existing=True)
    if hold is None or hold.client_id != client.id:
        raise NotFound.naming("hold_id")
    return held_resources(hold_id)


def spend_hold(hold_id: int) -> list[Taken]:
    """End a hold, whose resources are locked, and return the time that it had; nothing where it has lapsed."""
    now = utcnow()
    ended = update(Hold).where(Hold.id == hold_id, Hold.expires_at > now).values(expires_at=now).returning(Hold.id)
    living = db.session.scalars(ended, execution_options=BULK).all()
    return release(Cause(hold_id=hold_id)) if living else []


def held_resources(hold_id: int) -> set[int]:
    """Return the ids of the resources that a hold has time of."""
    return set(db.session.scalars(queries.held_by(hold_id)))


def _kind_of(hold_id: int) -> BookingKind:
    """Return what a hold keeps time of; one that has none any more is like one of a service."""
    space_id = db.session.scalars(queries.spaces_held_by(hold_id)).first()
    return BookingKind.SERVICE if space_id is None else BookingKind.SPACE


def _check_number(client: Client) -> None:
    now = utcnow()
    living = db.session.scalars(queries.holds_of(client.id, now)).all()
    if len(living) >= MOST_HOLDS:
        wait = living[0].expires_at - now
        raise TooManyHolds(headers={"Retry-After": str(1 + int(wait.total_seconds()))})


def keep(client_id: int, plan: Plan, until: datetime) -> Hold:
    """Claim the time of what was planned for a client, its resources being locked. Raises `SlotTaken`."""
    hold = Hold(client_id=client_id, expires_at=until)
    db.session.add(hold)
    db.session.flush()
    claim(plan.taken, Cause(hold_id=hold.id), until)
    enqueue(FREE_HOLD, {"hold_id": hold.id}, due_at=until)
    return hold
