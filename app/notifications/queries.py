"""The selects of notifications."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from app.models import (
    Booking,
    BookingHistory,
    BookingStatus,
    MutedNotice,
    NoticeChannel,
    NoticeStatus,
    Notification,
    Step,
    User,
)

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
    """Select the confirmed bookings that start in time and that nobody has been reminded of by this way.

    As (id, starts_at, agreed_at, client_id, client_zone): one short range of the index on status and start. It was
    agreed on when it was made, moved, approved or paid for, whichever came last.
    """
    reminded = select(Notification.id).where(
        Notification.about_id == Booking.id,
        Notification.kind == kind,
        Notification.channel == channel,
        Notification.concerns_at == Booking.starts_at,
    )
    address = User.email if channel is NoticeChannel.EMAIL else User.phone
    return (
        select(
            Booking.id,
            Booking.starts_at,
            _agreed_at().label("agreed_at"),
            Booking.client_id,
            func.coalesce(User.timezone, Booking.timezone).label("client_zone"),
        )
        .join(User, User.id == Booking.client_id)
        .where(Booking.status == BookingStatus.CONFIRMED, Booking.starts_at > now, Booking.starts_at <= until)
        .where(User.is_active, address.is_not(None), ~reminded.exists())
        .order_by(Booking.starts_at, Booking.id)
    )


def _agreed_at() -> Any:
    anew = or_(
        BookingHistory.step == Step.RESCHEDULE,
        BookingHistory.from_status.is_(None),
        BookingHistory.from_status != BookingHistory.to_status,
    )
    agreed = select(func.max(BookingHistory.at)).where(BookingHistory.booking_id == Booking.id, anew)
    return agreed.scalar_subquery()
