"""Where somebody who waits stands, as readers see it."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_

from app.bookings.waitlist import queries
from app.models import WaitlistEntry, WaitlistOffer, WaitState


class WaitStatus(StrEnum):
    """What has become of a wish. One whose window is past without a booking is `over`."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    WITHDRAWN = "withdrawn"
    OVER = "over"


def status_at(entry: WaitlistEntry, offer: WaitlistOffer | None, now: datetime) -> WaitStatus:
    """Return the status of an entry with its living offer, if it has one."""
    if entry.state is not WaitState.WAITING:
        return WaitStatus(entry.state.value)
    if offer is not None:
        return WaitStatus.OFFERED
    return WaitStatus.WAITING if entry.ends_at > now else WaitStatus.OVER


def with_status(statuses: Iterable[WaitStatus], now: datetime) -> ColumnElement[bool]:
    """Select entries by their status at `now`."""
    waiting, is_offered = WaitlistEntry.state == WaitState.WAITING, queries.has_offer(now)
    conditions: dict[WaitStatus, ColumnElement[bool]] = {
        WaitStatus.WAITING: and_(waiting, ~is_offered, WaitlistEntry.ends_at > now),
        WaitStatus.OFFERED: and_(waiting, is_offered),
        WaitStatus.OVER: and_(waiting, ~is_offered, WaitlistEntry.ends_at <= now),
        WaitStatus.BOOKED: WaitlistEntry.state == WaitState.BOOKED,
        WaitStatus.WITHDRAWN: WaitlistEntry.state == WaitState.WITHDRAWN,
    }
    return or_(false(), *(conditions[status] for status in statuses))
