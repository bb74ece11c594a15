"""A large diary to measure on: 200 staff with 8 bookings a day each; more bookings reach further back.

Rows are written in bulk, past the verbs but not past the database's constraints; the oldest day first, as diaries grow.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from sqlalchemy import func, select, text

from app.database import let_statements_take_long
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.progress import shown
from app.models import (
    Allocation,
    Assignment,
    Booking,
    BookingHistory,
    BookingItem,
    BookingKind,
    BookingStatus,
    Category,
    OpeningRule,
    Role,
    Service,
    Staff,
    Step,
    User,
)
from app.transactions import transaction
from demo.abreast import abreast
from demo.bulk import write_rows

STAFF_COUNT, SERVICE_COUNT, CLIENT_COUNT = 200, 10, 2000
HOURS = range(8, 16)
"""Each staff member's booked hours of every day, UTC; they are open for two more."""

A_DAY = STAFF_COUNT * len(HOURS)
DAYS_AHEAD = 31
"""A month that is full: what is over, nobody can book, and is not looked at."""

PRICE = 200_000
CATEGORY = "Large diary"
DAYS_A_BATCH = 10
"""What is written in one transaction: each connection has that much in memory."""

Visit = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Diary:
    """What the visits are made of: from `oldest` on, by clients, to (staff id, service id); the ids kept for them."""

    oldest: datetime
    now: datetime
    staff: list[tuple[int, int]]
    clients: list[int]
    first_id: int

    def visits(self, first: int, last: int) -> Iterator[Visit]:
        """Yield those of some days, counted from the oldest; each day has the ids that follow those of the one before.

        By staff member and time: what lies side by side in the indexes of the diary is written one after the other.
        """
        for (nth, (staff_id, service_id)), day in product(enumerate(self.staff), range(first, last)):
            midnight = self.oldest + timedelta(days=day)
            for place, hour in enumerate(HOURS, day * A_DAY + nth * len(HOURS)):
                yield {
                    "booking_id": self.first_id + place,
                    "staff_id": staff_id,
                    "service_id": service_id,
                    "client_id": self.clients[place % len(self.clients)],
                    "starts_at": midnight + timedelta(hours=hour),
                    "ends_at": midnight + timedelta(hours=hour + 1),
                }


def add_large_diary(count: int) -> int:
    """Write at least `count` bookings, whole days of 1,600, unless there is a large diary; return how many."""
    if db.session.scalar(select(Category.id).where(Category.name == CATEGORY)):
        db.session.rollback()
        return 0
    days = -(-count // A_DAY)
    now = utcnow()
    newest = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=DAYS_AHEAD)
    with transaction():
        diary = Diary(newest - timedelta(days=days - 1), now, *_people(), _keep_ids(days * A_DAY))
    batches = [(first, min(first + DAYS_A_BATCH, days)) for first in range(0, days, DAYS_A_BATCH)]
    for _ in shown(abreast(lambda some: _write(diary, *some), batches), "Bookings", len(batches)):
        pass
    if db.engine.dialect.name == "postgresql":
        with transaction():
            let_statements_take_long()
            db.session.execute(text("ANALYZE"))
    return days * A_DAY


def _people() -> tuple[list[tuple[int, int]], list[int]]:
    """Write services, staff with hours and assignments, and clients; return (staff id, service id) and client ids."""
    category = Category(name=CATEGORY)
    services = [
        Service(
            category=category,
            name=f"Treatment {n}",
            duration_minutes=60,
            price_amount=PRICE,
            currency=business.currency,
        )
        for n in range(SERVICE_COUNT)
    ]
    staff = [Staff(name=f"Therapist {n:03}", timezone="UTC") for n in range(STAFF_COUNT)]
    clients = [User(first_name="Guest", last_name=str(n), role=Role.CLIENT) for n in range(CLIENT_COUNT)]
    db.session.add_all([*services, *staff, *clients])
    db.session.flush()
    pairs = [(one.id, services[n % SERVICE_COUNT].id) for n, one in enumerate(staff)]
    for staff_id, service_id in pairs:
        db.session.add(Assignment(staff_id=staff_id, service_id=service_id, currency=business.currency))
        for weekday in range(7):
            closes = (HOURS.stop + 2) * 60
            db.session.add(OpeningRule(resource_id=staff_id, weekday=weekday, opens=HOURS.start * 60, closes=closes))
    return pairs, [client.id for client in clients]


def _keep_ids(count: int) -> int:
    """Return the first of so many ids that no booking has, nor will have of PostgreSQL's sequence."""
    if db.engine.dialect.name != "postgresql":
        return (db.session.scalar(select(func.max(Booking.id))) or 0) + 1
    kept = text("SELECT setval('bookings_id_seq', nextval('bookings_id_seq') + :others) - :others")
    return int(db.session.execute(kept, {"others": count - 1}).scalar_one())


def _write(diary: Diary, first: int, last: int) -> None:
    """Write some days, or nothing of them."""
    with transaction():
        let_statements_take_long()
        visits = list(diary.visits(first, last))
        write_rows(Booking, [_booking(visit, diary.now) for visit in visits], _booked())
        write_rows(BookingItem, [_item(visit) for visit in visits], _served())
        write_rows(Allocation, [_allocation(visit) for visit in visits])
        write_rows(
            BookingHistory,
            [_history(visit) for visit in visits],
            {"step": Step.CREATE, "to_status": BookingStatus.CONFIRMED},
        )


def _booking(visit: Visit, now: datetime) -> Visit:
    return {
        "id": visit["booking_id"],
        "reference": f"BK-D{visit['booking_id']:08}",
        "status": BookingStatus.COMPLETED if visit["ends_at"] < now else BookingStatus.CONFIRMED,
        "client_id": visit["client_id"],
        "starts_at": visit["starts_at"],
        "ends_at": visit["ends_at"],
        "cancel_free_until": visit["starts_at"] - timedelta(days=1),
        "created_at": visit["starts_at"] - timedelta(days=7),
    }


def _booked() -> Visit:
    """Return what all bookings have in common."""
    return {
        "kind": BookingKind.SERVICE,
        "timezone": "UTC",
        "currency": business.currency,
        "total_amount": PRICE,
    }


def _item(visit: Visit) -> Visit:
    names = ("booking_id", "service_id", "staff_id", "starts_at", "ends_at")
    return {name: visit[name] for name in names}


def _served() -> Visit:
    """Return what all items have in common."""
    return {
        "service_name": "Treatment",
        "staff_name": "Therapist",
        "price_amount": PRICE,
        "currency": business.currency,
    }


def _allocation(visit: Visit) -> Visit:
    return {name: visit[name] for name in ("booking_id", "starts_at", "ends_at")} | {"resource_id": visit["staff_id"]}


def _history(visit: Visit) -> Visit:
    return {
        "booking_id": visit["booking_id"],
        "actor_id": visit["client_id"],
        "at": visit["starts_at"] - timedelta(days=7),
    }
