"""A large diary to measure on: 200 staff with 8 bookings a day each; more bookings reach further back.

Rows are written in bulk, past the verbs but not past the database's constraints.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, text

from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.columns import Base
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
from demo.bulk import write_rows

STAFF_COUNT, SERVICE_COUNT, CLIENT_COUNT = 200, 10, 2000
HOURS = range(8, 16)
"""Each staff member's booked hours of every day, UTC; they are open for two more."""

DAYS_AHEAD = 5
PRICE = 200_000
CATEGORY = "Large diary"
DAYS_A_BATCH = 5

Visit = dict[str, Any]


def add_large_diary(count: int) -> int:
    """Write at least `count` bookings, whole days of 1,600, unless there is a large diary; return how many."""
    if db.session.scalar(select(Category.id).where(Category.name == CATEGORY)):
        db.session.rollback()
        return 0
    with transaction():
        _unlimited()
        staff, clients = _people()
    days = -(-count // (STAFF_COUNT * len(HOURS)))
    today = utcnow().replace(hour=0, minute=0, second=0, microsecond=0)
    newest = today + timedelta(days=DAYS_AHEAD)
    for first in shown(range(0, days, DAYS_A_BATCH), "Bookings"):
        with transaction():
            _unlimited()
            _write_days(
                [newest - timedelta(days=n) for n in range(first, min(first + DAYS_A_BATCH, days))],
                staff,
                clients,
            )
    with transaction():
        _follow_ids()
    return days * STAFF_COUNT * len(HOURS)


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


def _write_days(days: list[datetime], staff: list[tuple[int, int]], clients: list[int]) -> None:
    first_id = (db.session.scalar(select(func.max(Booking.id))) or 0) + 1
    visits = list(_visits(days, staff, clients))
    tables: dict[type[Base], Callable[[int, Visit], Visit]] = {
        Booking: lambda n, visit: _booking(first_id + n, visit),
        BookingItem: lambda n, visit: _item(first_id + n, visit),
        Allocation: lambda n, visit: _interval(visit) | {"booking_id": first_id + n, "resource_id": visit["staff_id"]},
        BookingHistory: lambda n, visit: _history(first_id + n, visit),
    }
    for table, row in tables.items():
        write_rows(table, [row(n, visit) for n, visit in enumerate(visits)])


def _visits(days: list[datetime], staff: list[tuple[int, int]], clients: list[int]) -> Iterator[Visit]:
    for day in days:
        for nth, (staff_id, service_id) in enumerate(staff):
            for hour in HOURS:
                yield {
                    "staff_id": staff_id,
                    "service_id": service_id,
                    "client_id": clients[(day.toordinal() * 1600 + nth * 8 + hour) % len(clients)],
                    "starts_at": day + timedelta(hours=hour),
                    "ends_at": day + timedelta(hours=hour + 1),
                }


def _interval(visit: Visit) -> Visit:
    return {"starts_at": visit["starts_at"], "ends_at": visit["ends_at"]}


def _booking(booking_id: int, visit: Visit) -> Visit:
    past = visit["ends_at"] < utcnow()
    return _interval(visit) | {
        "id": booking_id,
        "reference": f"BK-D{booking_id:08}",
        "kind": BookingKind.SERVICE,
        "status": BookingStatus.COMPLETED if past else BookingStatus.CONFIRMED,
        "client_id": visit["client_id"],
        "timezone": "UTC",
        "currency": business.currency,
        "total_amount": PRICE,
        "cancel_free_until": visit["starts_at"] - timedelta(days=1),
        "created_at": visit["starts_at"] - timedelta(days=7),
    }


def _item(booking_id: int, visit: Visit) -> Visit:
    return _interval(visit) | {
        "booking_id": booking_id,
        "service_id": visit["service_id"],
        "service_name": "Treatment",
        "staff_id": visit["staff_id"],
        "staff_name": "Therapist",
        "price_amount": PRICE,
        "currency": business.currency,
    }


def _history(booking_id: int, visit: Visit) -> Visit:
    return {
        "booking_id": booking_id,
        "step": Step.CREATE,
        "to_status": BookingStatus.CONFIRMED,
        "actor_id": visit["client_id"],
        "at": visit["starts_at"] - timedelta(days=7),
    }


def _unlimited() -> None:
    """Let bulk writing take longer than a web request may."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SET LOCAL statement_timeout = 0"))


def _follow_ids() -> None:
    """Let PostgreSQL's sequence go on after the ids written here; SQLite does so by itself."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT setval('bookings_id_seq', (SELECT max(id) FROM bookings))"))
        db.session.execute(text("ANALYZE"))
