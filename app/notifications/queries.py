"""The selects of notifications."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.bookings.agreed import agreed_ahead
from app.models import Booking, MutedNotice, NoticeChannel, NoticeStatus, Notification, User

BOOKING, ORDER = "booking", "order"


@dataclass(frozen=True, slots=True)
class Filters:
    """Which notifications; None is all."""

    status: NoticeStatus | None = None
    user_id: int | None = None
    booking_id: int | None = None
    order_id: int | None = None


def notifications(filters: Filters) -> Select[Notification]:
    """Select what was sent, and what was not."""
    found = select(Notification)
    if filters.status is not None:
        found = found.where(Notification.status == filters.status)
    if filters.user_id is not None:
        found = found.where(Notification.user_id == filters.user_id)
    for about_type, about_id in ((BOOKING, filters.booking_id), (ORDER, filters.order_id)):
        if about_id is not None:
            found = found.where(Notification.about_id == about_id, Notification.about_type == about_type)
    return found


def muted_by(user_id: int) -> Select[*tuple[Any, ...]]:
    """Select (kind, channel) of what somebody does not want."""
    return select(MutedNotice.kind, MutedNotice.channel).where(MutedNotice.user_id == user_id)


def to_remind_of(kind: str, channel: NoticeChannel, now: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Select what has been agreed on, starts in time, and nobody has been reminded of by this way.

    As `agreed_ahead` has it, and the zone of whoever can be reached, or None, as `client_zone`.
    """
    reminded = select(Notification.id).where(
        Notification.about_id == Booking.id,
        Notification.kind == kind,
        Notification.channel == channel,
        Notification.concerns_at == Booking.starts_at,
    )
    address = User.email if channel is NoticeChannel.EMAIL else User.phone
    return (
        agreed_ahead(now, until)
        .add_columns(User.timezone.label("client_zone"))
        .join(User, User.id == Booking.client_id)
        .where(User.is_active, address.is_not(None), ~reminded.exists())
    )
