"""What is in the private feeds of clients and of staff."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings.ical import queries
from app.bookings.ical.entries import of_booking, of_closure, of_item
from app.bookings.ical.entry import Entry
from app.bookings.ical.tokens import client_behind, staff_behind
from app.diary.queries import closures_meeting
from app.extensions import business, db
from app.kit.clock import utcnow
from app.models import Staff

PAST = timedelta(days=30)
AHEAD = timedelta(days=365)
"""How far a feed reaches from now. What is cancelled stays in it that long, so that programs remove it."""


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar to subscribe to."""

    name: str
    entries: list[Entry]


def client_feed(user_id: int, token: str) -> Feed:
    """Return what the account has booked, in three statements. Raises `NotFound` where the token does not open it."""
    user, now = client_behind(user_id, token), utcnow()
    booked = db.session.scalars(queries.own_bookings(user.id, now - PAST, now + AHEAD))
    return Feed(business.name, [of_booking(booking, business.name, now) for booking in booked])


def staff_feed(staff_id: int, token: str) -> Feed:
    """Return what a staff member does, and when not, in three statements. Raises `NotFound` as above."""
    staff, now = staff_behind(staff_id, token), utcnow()
    entries = _items(staff, now) + _time_off(staff, now)
    return Feed(f"{staff.name} – {business.name}", sorted(entries, key=lambda entry: (entry.starts_at, entry.uid)))


def _items(staff: Staff, now: datetime) -> list[Entry]:
    found = db.session.execute(queries.all_items(staff.id, now - PAST, now + AHEAD))
    return [of_item(item, booking, client.name, now) for item, booking, client in found]


def _time_off(staff: Staff, now: datetime) -> list[Entry]:
    found = db.session.scalars(closures_meeting([staff.id], now - PAST, now + AHEAD))
    return [of_closure(closure, staff.timezone) for closure in found]
