"""What whoever opens up in the morning looks at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, case, func, select

from app.bookings import queries as bookings
from app.diary.openings import local_date
from app.extensions import business, db
from app.jobs.state import queue_state
from app.kit.clock import utcnow
from app.kit.intervals import to_seconds
from app.models import (
    Booking,
    BookingStatus,
    DeliveryStatus,
    NoticeStatus,
    Notification,
    Order,
    OrderStatus,
    PaymentStatus,
    PendingReason,
    Webhook,
    WebhookDelivery,
)
from app.orders import queries as orders
from app.products import queries as products
from app.reports.months import span_of
from app.reports.revenue import Revenue, lately
from app.reports.summary import Counts, counted

FAILURES_SHOWN: Final = timedelta(days=7)
UNPAID_SHOWN: Final = timedelta(days=30)

UNPAID: Final = (PaymentStatus.UNPAID, PaymentStatus.PARTIALLY_PAID)
OWING: Final = (BookingStatus.COMPLETED, BookingStatus.CANCELLED, BookingStatus.NO_SHOW)
"""Bookings that are over, and may still have to be paid."""


@dataclass(frozen=True, slots=True)
class Failures:
    """What did not arrive in the last seven days; of tasks, what was given up and nobody has seen to."""

    notifications: int
    webhook_deliveries: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """How it stands at one instant; `today` is that of `timezone`."""

    today: date
    timezone: str
    bookings_today: Counts
    pending_approvals: int
    unpaid_bookings: int
    unpaid_orders: int
    low_stock: int
    revenue: Mapping[str, Sequence[Revenue]]
    failed: Failures


def dashboard() -> Dashboard:
    """Return how it stands now, in ten statements."""
    now = utcnow()
    today = local_date(to_seconds(now), business.timezone)
    return Dashboard(
        today,
        business.timezone,
        counted(span_of(today, today, business.timezone)),
        pending_approvals=_count(_approvals()),
        unpaid_bookings=_count(_owing_bookings(now)),
        unpaid_orders=_count(_owing_orders()),
        low_stock=_count(products.stock(None, low_stock=True)),
        revenue=lately(today),
        failed=Failures(
            _count(_failed_notices(now - FAILURES_SHOWN)),
            _count(_failed_deliveries(now - FAILURES_SHOWN)),
            queue_state().dead,
        ),
    )


def _count(rows: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _approvals() -> Select[int]:
    return select(Booking.id).where(
        bookings.with_status([BookingStatus.PENDING]), Booking.pending_reason == PendingReason.APPROVAL
    )


def _owing_bookings(now: datetime) -> Select[int]:
    missed = func.coalesce(Booking.cancel_fee_amount, Booking.no_show_fee_amount)
    owed = case(
        (Booking.status == BookingStatus.COMPLETED, Booking.total_amount - Booking.credited_amount),
        (Booking.status == BookingStatus.NO_SHOW, missed),
        else_=func.coalesce(Booking.cancel_fee_amount, 0),
    )
    lately = and_(Booking.starts_at > now - UNPAID_SHOWN, Booking.starts_at <= now)
    return select(Booking.id).where(lately, Booking.status.in_(OWING), owed > Booking.paid_amount)


def _owing_orders() -> Select[int]:
    return select(Order.id).where(orders.with_status([OrderStatus.OPEN]), Order.payment_status.in_(UNPAID))


def _failed_notices(since: datetime) -> Select[int]:
    return select(Notification.id).where(Notification.status == NoticeStatus.FAILED, Notification.created_at > since)


def _failed_deliveries(since: datetime) -> Select[int]:
    """Select by the index of each endpoint, of which there are few."""
    of_any = WebhookDelivery.webhook_id.in_(select(Webhook.id))
    failed = WebhookDelivery.status == DeliveryStatus.FAILED
    return select(WebhookDelivery.id).where(of_any, failed, WebhookDelivery.created_at > since)
