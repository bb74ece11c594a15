"""The selects of the waitlist; `visible_to` first of all."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true

from app.bookings.queries import count_ahead_of_client
from app.bookings.waitlist.freed import Freed
from app.extensions import business
from app.models import (
    Assignment,
    OfferState,
    Role,
    Service,
    Staff,
    User,
    WaitlistEntry,
    WaitlistOffer,
    WaitState,
)
from app.security.actor import Actor

REACH = timedelta(days=2)
"""Longer than the longest work with its buffers: how far before what was freed a visit that needs it may start."""

WORKING_HERE = (Role.STAFF, Role.ADMIN)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which entries the actor may see: everybody's own, staff and admins all."""
    own = WaitlistEntry.client_id == actor.id
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: true(),
        Role.OWNER: own,
        Role.CLIENT: own,
    }
    return visible.get(actor.role, false())


def living_offer(now: datetime) -> ColumnElement[bool]:
    """Return which of its offers an entry has at `now`: at most one, and none where it waits no more."""
    return and_(
        WaitlistEntry.state == WaitState.WAITING,
        WaitlistOffer.entry_id == WaitlistEntry.id,
        WaitlistOffer.state == OfferState.OPEN,
        WaitlistOffer.expires_at > now,
    )


def has_offer(now: datetime) -> ColumnElement[bool]:
    """Return which entries have an offer at `now`."""
    return select(WaitlistOffer.id).where(living_offer(now)).correlate(WaitlistEntry).exists()


def entries(now: datetime) -> Select[*tuple[Any, ...]]:
    """Select (entry, its living offer or None), as they are now."""
    found = select(WaitlistEntry, WaitlistOffer).outerjoin(WaitlistOffer, living_offer(now))
    return found.execution_options(populate_existing=True)


def living_of(client_id: int, now: datetime) -> Select[int]:
    """Select the ids of what a client still waits for."""
    waiting = WaitlistEntry.state == WaitState.WAITING
    return select(WaitlistEntry.id).where(WaitlistEntry.client_id == client_id, waiting, WaitlistEntry.ends_at > now)


def touched_by(freed: Freed, now: datetime) -> Select[int]:
    """Select the ids of entries that what was freed might suit, seen from afar."""
    return (
        select(WaitlistEntry.id)
        .join(Assignment, Assignment.service_id == WaitlistEntry.service_id)
        .where(Assignment.staff_id == freed.staff_id, *_in_reach(freed, now))
    )


def candidates(freed: Freed, now: datetime) -> Select[WaitlistEntry]:
    """Select whom an offer of what was freed could be made, first come, first served.

    Not who is blocked, deactivated, has an offer already, or has so many bookings that one more would be refused.
    """
    ahead = count_ahead_of_client(WaitlistEntry.client_id, now).scalar_subquery()
    may_book = or_(User.role.in_(WORKING_HERE), ahead < business.booking_limit)
    performed = select(Assignment.service_id).where(Assignment.staff_id == freed.staff_id)
    return (
        select(WaitlistEntry)
        .join(User, User.id == WaitlistEntry.client_id)
        .where(WaitlistEntry.service_id.in_(performed), *_in_reach(freed, now))
        .where(User.is_active, ~User.is_blocked, ~has_offer(now), may_book)
        .order_by(WaitlistEntry.created_at, WaitlistEntry.id)
        .execution_options(populate_existing=True)
    )


def offers_meeting(freed: Freed) -> Select[*tuple[Any, ...]]:
    """Select (entry id, starts_at, ends_at) of all offers of the staff member's time that may meet what was freed."""
    return select(WaitlistOffer.entry_id, WaitlistOffer.starts_at, WaitlistOffer.ends_at).where(
        WaitlistOffer.staff_id == freed.staff_id,
        WaitlistOffer.starts_at.between(freed.starts_at - 2 * REACH, freed.ends_at + REACH),
    )


def offer_in_full(offer_id: int) -> Select[*tuple[Any, ...]]:
    """Select (offer, entry, service, staff member, client), as they are now."""
    return (
        select(WaitlistOffer, WaitlistEntry, Service, Staff, User)
        .join(WaitlistEntry, WaitlistEntry.id == WaitlistOffer.entry_id)
        .join(User, User.id == WaitlistEntry.client_id)
        .join(Service, Service.id == WaitlistEntry.service_id)
        .join(Staff, Staff.id == WaitlistOffer.staff_id)
        .where(WaitlistOffer.id == offer_id)
        .execution_options(populate_existing=True)
    )


def _in_reach(freed: Freed, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        WaitlistEntry.state == WaitState.WAITING,
        or_(WaitlistEntry.staff_id.is_(None), WaitlistEntry.staff_id == freed.staff_id),
        WaitlistEntry.ends_at > max(now, freed.starts_at - REACH),
        WaitlistEntry.starts_at < freed.ends_at + REACH,
    )
