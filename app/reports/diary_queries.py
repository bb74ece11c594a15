"""The selects of reports on what was booked. A booking counts where it begins."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.bookings.queries import with_status
from app.kit.intervals import Span, to_instant
from app.models import Booking, BookingItem, BookingKind, BookingStatus, Staff
from app.models.booking import LONGEST_SERVICE_BOOKING
from app.reports.months import Month
from app.reports.queries import COUNTED, MinutesBetween, periods


def status_seen() -> ColumnElement[Any]:
    """Return the status as readers see it: what is pending past its time has expired."""
    return case((with_status([BookingStatus.EXPIRED]), BookingStatus.EXPIRED), else_=Booking.status)


def begins_in(span: Span) -> ColumnElement[bool]:
    """Say whether a booking begins in a span."""
    since, until = map(to_instant, span)
    return and_(Booking.starts_at >= since, Booking.starts_at < until)


def by_status(span: Span) -> Select[*tuple[Any, ...]]:
    """Select (status, bookings)."""
    status = status_seen()
    return select(status, func.count()).where(begins_in(span)).group_by(status)


def by_day(days: Iterable[Month]) -> Select[*tuple[Any, ...]]:
    """Select (day, status, bookings)."""
    day, status = periods(days), status_seen()
    begins = and_(Booking.starts_at >= day.c.since, Booking.starts_at < day.c.until)
    return select(day.c.month, status, func.count()).join(Booking, begins).group_by(day.c.month, status)


def clients(span: Span) -> Select[*tuple[Any, ...]]:
    """Select (clients that were here, those of them that had been here before)."""
    came = (begins_in(span), Booking.status.in_(COUNTED))
    here = select(Booking.client_id.label("id")).where(*came).distinct().subquery()
    earlier = aliased(Booking)
    before = exists().where(
        earlier.client_id == here.c.id, earlier.status.in_(COUNTED), earlier.starts_at < to_instant(span[0])
    )
    return select(func.count(), func.coalesce(func.sum(case((before, 1), else_=0)), 0)).select_from(here)


def minutes_of_staff(span: Span) -> Select[*tuple[Any, ...]]:
    """Select (staff id, booked minutes): of services, without buffers, as far as they pass within the span."""
    since, until = map(to_instant, span)
    begin = case((BookingItem.starts_at < since, since), else_=BookingItem.starts_at)
    end = case((BookingItem.ends_at > until, until), else_=BookingItem.ends_at)
    return (
        select(BookingItem.staff_id, func.sum(MinutesBetween(begin, end)))
        .join(Booking, Booking.id == BookingItem.booking_id)
        .where(
            Booking.kind == BookingKind.SERVICE,
            Booking.status.in_(COUNTED),
            Booking.starts_at > since - LONGEST_SERVICE_BOOKING,
            Booking.starts_at < until,
            BookingItem.starts_at < until,
            BookingItem.ends_at > since,
        )
        .group_by(BookingItem.staff_id)
    )


def staff_reported(ids: Iterable[int]) -> Select[Staff]:
    """Select who works here, and who else of these ids did, by name."""
    return select(Staff).where(or_(Staff.active, Staff.id.in_(ids))).order_by(Staff.name, Staff.id)
