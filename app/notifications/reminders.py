"""Reminders: found by looking at what is booked, minute by minute, and never planned ahead.

So none is left behind by what was moved or cancelled. One row for each start, kind and way says that it was seen to:
the database has the last word where several schedulers look at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.extensions import db
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.models import NoticeChannel
from app.notifications import queries
from app.notifications.bookings import BOOKING, REMINDERS
from app.notifications.catalogue import NOTICES
from app.notifications.quiet import is_quiet, longest_night, moment_of
from app.notifications.record import Planned, queue

INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Ahead:
    """A confirmed booking that lies ahead: of whom, since when it has been agreed on, and on which clocks."""

    booking_id: int
    starts_at: datetime
    agreed_at: datetime | None
    client_id: int
    timezone: str


def connect() -> None:
    """Look every minute; called once by `create_app`."""
    every(INTERVAL, "notifications.remind", remind)


def remind() -> None:
    """Write the reminders that are due, and their tasks; a fixed number of statements, however many there are."""
    now = utcnow()
    due = [one for kind in REMINDERS for channel in NOTICES[kind].channels for one in _due(kind, channel, now)]
    if due:
        queue(due)


def _due(kind: str, channel: NoticeChannel, now: datetime) -> Iterator[Planned]:
    until = now + REMINDERS[kind] + longest_night()
    for row in db.session.execute(queries.to_remind_of(kind, channel, now, until)):
        zone = row.client_zone or row.timezone
        booking = Ahead(row.id, row.starts_at, row.agreed_at, row.client_id, zone)
        if is_due(booking, kind, channel, now):
            yield Planned(kind, channel, booking.client_id, BOOKING, booking.booking_id, booking.starts_at)


def is_due(booking: Ahead, kind: str, channel: NoticeChannel, now: datetime) -> bool:
    """Say whether to remind now. Not by night, and not of what was agreed on when it was too late to remind of it.

    Where nobody worked for a while the reminder of the day before is left out once that of the last hours is due.
    """
    wanted = booking.starts_at - REMINDERS[kind]
    moment = moment_of(wanted, booking.starts_at, booking.timezone, may_be_early=channel is NoticeChannel.EMAIL)
    if moment is None or not moment <= now < _latest(booking, kind) or is_quiet(now, booking.timezone):
        return False
    return booking.agreed_at is None or booking.agreed_at <= min(moment, wanted)


def _latest(booking: Ahead, kind: str) -> datetime:
    later = [lead for lead in REMINDERS.values() if lead < REMINDERS[kind]]
    return booking.starts_at - max(later, default=timedelta(0))
