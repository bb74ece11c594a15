"""What tests of the booking desk share: the whole of what is written, what is taken, and how things are asked for."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import (
    Allocation,
    Booking,
    BookingHistory,
    BookingItem,
    Closure,
    Hold,
    IdempotencyKey,
    OutboxEvent,
    Service,
    User,
)
from tests.api import Api
from tests.factories import token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
"""Six in the morning of a Monday."""

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = "2030-01-07", "2030-01-08", "2030-01-09", "2030-01-10"
BOOKINGS = "/api/bookings"
HOLDS = "/api/bookings/holds"
SLOTS = "/api/bookings/availability"
CHECK = "/api/bookings/check-availability"

WRITTEN = (Allocation, Booking, BookingHistory, BookingItem, Closure, Hold, IdempotencyKey, OutboxEvent)


def at(clock: str, day: str = MONDAY) -> str:
    """Return an instant as the API writes it."""
    return f"{day}T{clock}:00Z"


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that the booking room writes, by table: what a refusal must leave as it was."""
    db.session.commit()
    found = {
        model.__tablename__: sorted(map(tuple, db.session.execute(select(*model.__table__.columns))), key=repr)
        for model in WRITTEN
    }
    db.session.commit()
    return found


def taken(resource_id: int | None = None) -> list[tuple[int, str, str]]:
    """Return what is taken, in order: whose, from when to when on the clock."""
    rows = select(Allocation.resource_id, Allocation.starts_at, Allocation.ends_at)
    found = db.session.execute(rows.order_by(Allocation.resource_id, Allocation.starts_at)).all()
    db.session.commit()
    return [(who, f"{a:%H:%M}", f"{b:%H:%M}") for who, a, b in found if resource_id in {None, who}]


def ask(api: Api, who: User, body: dict[str, Any], path: str = BOOKINGS, **options: Any) -> Any:
    """POST what somebody asks for."""
    return api.post(path, body, token=token_for(who), **options)


def made(api: Api, who: User, body: dict[str, Any], path: str = BOOKINGS) -> dict[str, Any]:
    """Return what came of a request that must succeed."""
    answer = ask(api, who, body, path)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def refused(api: Api, who: User, body: dict[str, Any], path: str = BOOKINGS, *, status: int = 409) -> dict[str, Any]:
    """Return the problem of a request that must be refused, and must have changed nothing."""
    token, before = token_for(who), everything()
    answer = api.post(path, body, token=token)
    assert answer.status_code == status, answer.json
    assert everything() == before
    problem: dict[str, Any] = answer.json
    return problem


def one(service: Service, clock: str, **fields: Any) -> dict[str, Any]:
    """Return the request for one service on Monday."""
    return {"service_id": service.id, "starts_at": at(clock)} | fields


def visit(clock: str, *parts: Any, **fields: Any) -> dict[str, Any]:
    """Return the request for several services on Monday; each part a service, or one with its staff member."""
    pairs = [part if isinstance(part, tuple) else (part, None) for part in parts]
    items = [{"service_id": s.id} | ({"staff_id": w.id} if w else {}) for s, w in pairs]
    return {"items": items, "starts_at": at(clock)} | fields


def shown(problem: dict[str, Any]) -> list[tuple[str, list[int]]]:
    """Return the alternatives of a problem: when, and by whom."""
    return [(slot["starts_at"][11:16], slot["staff_ids"]) for slot in problem["alternatives"]]
