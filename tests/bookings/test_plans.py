"""How the databases find the bookings of a list: by an index, and not by reading everybody's whole past."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, event, insert, update

from app.extensions import db
from app.models import Booking, BookingItem, BookingKind, BookingStatus, Role, Service, Space, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_service, make_space, make_staff, make_user, token_for

FIRST = datetime(2028, 1, 1, 12, tzinfo=UTC)
DAYS = 800
A_DAY = 5
"""Bookings of a day."""


@pytest.fixture
def house(app: Flask) -> dict[str, Any]:
    """Years of a small house's bookings: clients, staff and spaces take turns; nearly all is completed."""
    service, space = make_service(), make_space()
    staff, clients = [make_staff() for _ in range(20)], [make_user() for _ in range(100)]
    rows = [_row(n, clients[n % 100], space) for n in range(DAYS * A_DAY)]
    with transaction():
        ids = list(db.session.scalars(insert(Booking).returning(Booking.id, sort_by_parameter_order=True), rows))
        items = [
            _item(row, booking_id, service, staff[n % 20])
            for n, (row, booking_id) in enumerate(zip(rows, ids, strict=True))
        ]
        db.session.execute(insert(BookingItem), items)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return {"staff_id": staff[7].id, "service_id": service.id, "client": clients[7], "owner_id": space.owner_id}


def _row(n: int, client: User, space: Space) -> dict[str, Any]:
    let = n % 400 == 0
    starts_at = FIRST + timedelta(days=n // A_DAY, hours=n % A_DAY)
    return {
        "reference": f"BK-P{n:05}",
        "kind": BookingKind.SPACE if let else BookingKind.SERVICE,
        "status": BookingStatus.CONFIRMED if n % 300 == 0 else BookingStatus.COMPLETED,
        "space_id": space.id if let else None,
        "client_id": client.id,
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=1),
        "timezone": "UTC",
        "currency": "KES",
        "total_amount": 4500,
        "cancel_free_until": starts_at,
    }


def _item(row: dict[str, Any], booking_id: int, service: Service, staff: Staff) -> dict[str, Any]:
    names = {"service_id": service.id, "service_name": "Cut", "staff_id": staff.id, "staff_name": "Jane"}
    same = {name: row[name] for name in ("starts_at", "ends_at", "currency")}
    return same | names | {"booking_id": booking_id, "price_amount": 4500}


Asked = tuple[str, Any]
"""A statement and its parameters."""


@contextmanager
def watching(part: str) -> Iterator[list[Asked]]:
    """List the statements of pages, with `part` in them, that are sent inside."""
    asked: list[Asked] = []

    def see(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if part in statement.replace("\n", " ") and "LIMIT" in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", see)
    try:
        yield asked
    finally:
        event.remove(db.engine, "before_cursor_execute", see)


def plan_of(asked: Asked) -> str:
    """Return how the database finds the rows of a statement."""
    with db.engine.connect() as connection:
        return _plan(connection, *asked)


def _plan(connection: Connection, statement: str, parameters: Any) -> str:
    """Return the plan; on PostgreSQL, as if the table were too large to be read."""
    if connection.dialect.name == "sqlite":
        explain = "EXPLAIN QUERY PLAN"
    else:
        explain = "EXPLAIN"
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return "\n".join(str(row[-1]) for row in connection.exec_driver_sql(f"{explain} {statement}", parameters))


LATE = "2030-03-01"
LISTS: dict[str, tuple[str, dict[str, Any], str]] = {
    # what is asked: by whom, how, and a part of the index that serves it
    "from": ("admin", {"from": LATE}, "ix_bookings_starts_at"),
    "from, soonest first": ("admin", {"from": LATE, "sort": "starts_at"}, "ix_bookings_starts_at"),
    "some days": ("admin", {"from": "2029-02-01", "to": "2029-02-02", "sort": "starts_at"}, "ix_bookings_starts_at"),
    "one status": ("admin", {"status": "confirmed", "sort": "starts_at"}, "ix_bookings_status"),
    "a status that nothing has": ("admin", {"status": "declined"}, "ix_bookings_status"),
    "what lapsed": ("admin", {"status": "expired"}, "ix_bookings_status"),
    "spaces": ("admin", {"kind": "space"}, "ix_bookings_kind"),
    "somebody's work": ("admin", {"staff_id": "{staff_id}"}, "ix_booking_items_staff_id"),
    "a client": ("admin", {"client_id": "{client_id}"}, "ix_bookings_client_id"),
    "one's own": ("client", {}, "ix_bookings_client_id"),
    "one's own ahead": ("client", {"from": LATE, "sort": "starts_at"}, "ix_bookings_client_id"),
    "an owner's": ("owner", {}, "ix_bookings_space_id"),
}


SEARCHES = {"sqlite": r"SEARCH \w+ USING (COVERING )?INDEX {}", "postgresql": r"{}\S*( on \S+)? .*\n\s+Index Cond:"}
"""How each database says that it reads a part of an index."""


def test_lists_are_served_by_indexes(api: Api, house: dict[str, Any]) -> None:
    """None reads the table from end to end, nor walks through an index unbounded."""
    ids = {"staff_id": house["staff_id"], "client_id": house["client"].id}
    owner = db.session.get_one(User, house["owner_id"])
    tokens = {
        "admin": token_for(make_user(Role.ADMIN)),
        "client": token_for(house["client"]),
        "owner": token_for(owner),
    }
    for name, (who, query, index) in LISTS.items():
        wanted = {key: str(value).format(**ids) for key, value in query.items()}
        with watching(" FROM bookings") as asked:
            answer = api.get("/api/bookings", query=wanted, token=tokens[who])
        assert answer.status_code == 200, answer.json
        (page,) = asked
        plan = plan_of(page)
        assert re.search(SEARCHES[db.engine.dialect.name].format(index), plan), f"{name}\n{plan}"


def test_a_client_of_many_who_has_been_away_is_found_by_the_clients_index(api: Api, house: dict[str, Any]) -> None:
    """Walking through what others have booked since then would take the longer the longer it is."""
    client = house["client"]
    with transaction():
        its = Booking.starts_at < FIRST + timedelta(days=DAYS // 2), Booking.id % 5 == 0
        db.session.execute(update(Booking).where(*its).values(client_id=client.id))
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    admin, own = token_for(make_user(Role.ADMIN)), token_for(client)
    for token, query in ((own, {}), (own, {"sort": "created_at"}), (admin, {"client_id": client.id})):
        with watching(" FROM bookings") as asked:
            first = api.get("/api/bookings", query=query, token=token).json
            api.get("/api/bookings", query=query | {"cursor": first["next_cursor"]}, token=token)
        for page in asked:
            plan = plan_of(page)
            assert re.search(SEARCHES[db.engine.dialect.name].format("ix_bookings_client_id"), plan), f"{query}\n{plan}"
        assert len(asked) == 2
