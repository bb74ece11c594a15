"""What the diary will use of the stock, beside what is there of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, select

from app.bookings.queries import not_lapsed
from app.diary.openings import local_date
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.intervals import to_seconds
from app.models import LIVING, Booking, BookingItem, BookingKind, Product, ServiceConsumable
from app.models.booking import LONGEST_SERVICE_BOOKING


@dataclass(frozen=True, slots=True)
class Need:
    """What is needed of one product; `runs_out_on` is the day, in the business's zone, of the first that goes short."""

    product_id: int
    sku: str
    name: str
    available: int
    needed: int
    runs_out_on: date | None

    @property
    def shortage(self) -> int:
        """What is missing in the end."""
        return max(0, self.needed - self.available)


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is needed from one instant to another, the first to run out first."""

    since: datetime
    until: datetime
    timezone: str
    items: list[Need]


def forecast(days: int) -> Forecast:
    """Return what pending and confirmed bookings that are not over use in so many days from now; one statement."""
    now = utcnow()
    until = now + timedelta(days=days)
    needs = [
        Need(product_id, sku, name, available, int(needed), _day(runs_out_at, now))
        for product_id, sku, name, available, needed, runs_out_at in db.session.execute(_needs(now, until))
    ]
    needs.sort(key=lambda need: (need.runs_out_on or date.max, need.sku))
    return Forecast(now, until, business.timezone, needs)


def _day(runs_out_at: datetime | None, now: datetime) -> date | None:
    """Return the day on which it runs out; today, where that is used by what has begun before."""
    return None if runs_out_at is None else local_date(to_seconds(max(runs_out_at, now)), business.timezone)


def _needs(now: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Select (product id, SKU, name, available, needed, when it runs out) of what is used, of which stock is kept."""
    used = _used_so_far(now, until).subquery()
    available = Product.on_hand - Product.reserved
    runs_out_at = func.min(case((used.c.so_far > available, used.c.starts_at)))
    return (
        select(Product.id, Product.sku, Product.name, available, func.max(used.c.so_far), runs_out_at)
        .join(used, used.c.product_id == Product.id)
        .where(Product.tracked)
        .group_by(Product.id)
    )


def _used_so_far(now: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    """Select (product id, when, units used until then and by it) of each part of a booking that uses something."""
    in_turn = (BookingItem.starts_at, BookingItem.id)
    so_far = func.sum(ServiceConsumable.quantity).over(
        partition_by=ServiceConsumable.product_id, order_by=in_turn, rows=(None, 0)
    )
    return (
        select(ServiceConsumable.product_id, BookingItem.starts_at, so_far.label("so_far"))
        .join(BookingItem, BookingItem.service_id == ServiceConsumable.service_id)
        .join(Booking, Booking.id == BookingItem.booking_id)
        .where(
            Booking.kind == BookingKind.SERVICE,
            Booking.status.in_(LIVING),
            not_lapsed(now),
            Booking.ends_at > now,
            BookingItem.starts_at > now - LONGEST_SERVICE_BOOKING,
            BookingItem.starts_at < until,
        )
    )
