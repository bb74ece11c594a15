"""What becomes of what somebody waits for when they become somebody else, or nobody."""

from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.orm import aliased

from app.bookings.waitlist import queries
from app.bookings.waitlist.schemas import EntryOut
from app.bookings.waitlist.service import shown
from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.models import WaitlistEntry, WaitlistOffer, WaitState

WISH = ("service_id", "first_day", "last_day", "days", "times")

other = aliased(WaitlistEntry, name="other")


def shown_entries_of(client_id: int) -> list[dict[str, Any]]:
    """Return all that a client waits or has waited for, the oldest first, ready for JSON; one statement."""
    own = queries.entries(utcnow()).where(WaitlistEntry.client_id == client_id)
    rows = db.session.execute(own.order_by(WaitlistEntry.created_at, WaitlistEntry.id)).all()
    found: list[dict[str, Any]] = EntryOut().dump([shown(entry, offer) for entry, offer in rows], many=True)
    return found


def hand_entries_over(client_id: int, account_id: int) -> None:
    """Give what a client waits for to an account. What both wait for stays once, where it is further in front."""
    both = (client_id, account_id)
    twice = select(other.id).where(other.client_id.in_(both), other.id < WaitlistEntry.id, _same_wish()).exists()
    again = (WaitlistEntry.client_id.in_(both), WaitlistEntry.state == WaitState.WAITING, twice)
    db.session.execute(update(WaitlistEntry).where(*again).values(state=WaitState.WITHDRAWN), execution_options=BULK)
    given = update(WaitlistEntry).where(WaitlistEntry.client_id == client_id)
    db.session.execute(given.values(client_id=account_id), execution_options=BULK)


def forget_entries(client_id: int) -> None:
    """Remove what a client waits or has waited for. What is held for an offer becomes free in its time."""
    own = select(WaitlistEntry.id).where(WaitlistEntry.client_id == client_id)
    db.session.execute(delete(WaitlistOffer).where(WaitlistOffer.entry_id.in_(own)), execution_options=BULK)
    db.session.execute(delete(WaitlistEntry).where(WaitlistEntry.client_id == client_id), execution_options=BULK)


def _same_wish() -> ColumnElement[bool]:
    same = (getattr(other, name) == getattr(WaitlistEntry, name) for name in WISH)
    same_staff = func.coalesce(other.staff_id, 0) == func.coalesce(WaitlistEntry.staff_id, 0)
    return and_(other.state == WaitState.WAITING, same_staff, *same)
