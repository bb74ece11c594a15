"""What requests ask often is prepared on PostgreSQL: which statements that are, and that callers see nothing of it."""

from typing import Any

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.kit.prepared import USES
from app.transactions import expect_writing
from tests.api import Api
from tests.test_statements import House, book, build, monday_morning, read

__all__ = ["monday_morning"]

pytestmark = pytest.mark.databases("postgresql")

SLOTS = {"service_id": "{service}", "staff_id": "{staff}", "from": "2030-01-07", "to": "2030-01-07"}
ASKED = {
    "the bearer": ("/api/users/me", "client", {}, 1),
    "services": ("/api/services", "anonymous", {}, 1),
    "a service": ("/api/services/{service}", "anonymous", {}, 1),
    "bookings": ("/api/bookings", "client", {}, 2),
    "a booking": ("/api/bookings/{booking}", "client", {}, 2),
    "availability": ("/api/bookings/availability", "anonymous", SLOTS, 2),
}
"""What is asked, by whom, and how many statements of it are prepared."""


def known() -> list[str]:
    """Return what is prepared on the one connection."""
    expect_writing(False)
    with db.engine.connect() as connection:
        return list(connection.scalars(text("SELECT statement FROM pg_prepared_statements")))


@pytest.fixture
def house(app: Flask) -> House:
    """A house, and a process that has prepared nothing yet."""
    db.session.remove()
    db.engine.dispose()
    made = build(2)
    db.session.remove()
    db.engine.dispose()
    return made


def ask(api: Api, house: House, what: str) -> Any:
    """Ask once; return the answer."""
    path, who, query, _ = ASKED[what]
    return read(path, who, **query)(api, house)


@pytest.mark.parametrize("what", sorted(ASKED))
def test_what_is_asked_often_is_prepared(api: Api, house: House, what: str) -> None:
    answers = [ask(api, house, what) for _ in range(USES - 1)]
    assert known() == []
    answers += [ask(api, house, what) for _ in range(2)]
    assert len(known()) == ASKED[what][3]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1


def test_what_everybody_has_booked_is_not(api: Api, house: House) -> None:
    """One plan for pages of any length would read whole tables for those who see everybody's bookings."""
    for _ in range(USES + 1):
        assert read("/api/bookings", "admin")(api, house).status_code == 200
    assert not [one for one in known() if "FROM bookings" in one]


def test_what_is_looked_for_is_not(api: Api, house: House) -> None:
    """Of a filter it matters what is looked for: each has a plan of its own."""
    for _ in range(USES + 1):
        assert read("/api/services", "anonymous", q="s")(api, house).status_code == 200
        assert read("/api/bookings", "client", status="confirmed")(api, house).status_code == 200
    assert not [one for one in known() if "FROM services" in one or "FROM bookings" in one]


def test_bookings_and_orders_are_prepared(api: Api, house: House) -> None:
    """All that they ask is fit to be, and what they write is what it was."""
    product = api.get("/api/products", token=house.tokens["client"]).json["items"][0]
    with structlog.testing.capture_logs() as logs:
        for hour in range(9, 9 + USES + 1):
            key = {"Idempotency-Key": f"order {hour}"}
            made = book(f"2030-01-07T{hour:02}:00:00Z", staff="this one")(api, house)
            assert (made.status_code, made.json["starts_at"]) == (201, f"2030-01-07T{hour:02}:00:00Z")
            items = {"items": [{"product_id": product["id"], "quantity": 1}]}
            order = api.post("/api/orders", items, token=house.tokens["newcomer"], headers=key)
            assert (order.status_code, order.json["items"][0]["quantity"]) == (201, 1)
    assert [line for line in logs if line["event"] == "statement_not_prepared"] == []
    written = [one for one in known() if "INSERT" in one or "UPDATE" in one or "DELETE" in one]
    assert len(written) == 11
    assert api.get(f"/api/products/{product['id']}").json["available"] == 1000 - 4 - USES - 1


def test_a_migration_beside_requests(api: Api, house: House) -> None:
    """A column gets another type, as it is read and as it is written: reading goes on, and so does writing."""
    starts = iter(f"2030-01-{day:02}T{hour:02}:00:00Z" for day in (7, 14) for hour in range(9, 14))

    def reserve() -> int:
        return int(book(next(starts), staff="this one")(api, house).status_code)

    assert [reserve() for _ in range(USES)] == [201] * USES
    assert {ask(api, house, what).status_code for what in ASKED for _ in range(USES)} == {200}
    for table, kept, other in (("services", 200, 300), ("users", 100, 300)):
        column = {"services": "name", "users": "first_name"}[table]
        with db.engine.begin() as migration:
            migration.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({other})"))
        assert {ask(api, house, what).status_code for what in ASKED for _ in range(USES + 1)} == {200}
        assert reserve() == 201
        with db.engine.begin() as migration:
            migration.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE varchar({kept})"))
        refused = [reserve() for _ in range(2)]
        assert refused in ([201, 201], [503, 201])  # an outage at most, and the next attempt has it
