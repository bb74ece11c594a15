"""Whoever changes the catalogue is answered when all leases are over. Nobody else waits, and nothing is held."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update
from sqlalchemy.pool import QueuePool

from app import catalogue
from app.catalogue import is_change
from app.extensions import BULK, db
from app.kit import clock as kit_clock
from app.kit.inserts import row_of
from app.leases import MARGIN_SECONDS, Lease
from app.models import Category, Role, Service
from app.transactions import insert_rows, rehearsing, transaction
from tests.api import Api
from tests.catalogue.conftest import LEASE_MS, Clock
from tests.factories import (
    make_category,
    make_product,
    make_service,
    make_staff,
    make_user,
    make_visit,
    make_working_staff,
    token_for,
)

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
MONDAY_TEN = "2030-01-07T10:00:00Z"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("INSERT INTO services (name) VALUES (1)", True),
        ("UPDATE services SET name = 1", True),
        ('UPDATE "services" SET name = 1', True),
        ("UPDATE ONLY service_categories SET name = 1", True),
        ("DELETE FROM service_categories WHERE id = 1", True),
        ("TRUNCATE TABLE services", True),
        ("WITH row_0 AS (INSERT INTO services (name) VALUES (1) RETURNING id) SELECT id FROM row_0", True),
        ("SELECT * FROM services FOR NO KEY UPDATE OF services", False),
        ("INSERT INTO service_consumables (service_id) SELECT id FROM services", False),
        ("DELETE FROM assignments WHERE service_id IN (SELECT id FROM services)", False),
        ("UPDATE review_subjects SET rating = 1 FROM services", False),
    ],
)
def test_what_changes_the_catalogue(statement: str, expected: bool) -> None:
    assert is_change(statement) is expected


def test_rows_that_are_written_together_change_it(app: Flask, lease: Lease, clock: Clock) -> None:
    """Those of a category among others, in one statement."""
    with app.test_request_context(method="POST"), transaction():
        insert_rows([row_of(Category, {"name": "Feet"})])
    assert len(clock.slept) == 1


Step = tuple[str, str, int, dict[str, Any]]


def _step(path: str, method: str = "POST", status: int = 200, **body: Any) -> Step:
    return method, path, status, body


SERVICE: dict[str, Any] = {"name": "Fringe", "category": "Hair", "duration_minutes": 15, "price": {"amount": 100}}

WAITING: list[Step] = [
    _step("/api/services", status=201, **SERVICE),
    _step("/api/services", status=201, **SERVICE | {"category": "Fringes"}),
    _step("/api/services/{service}", "PATCH", price={"amount": 7}),
    _step("/api/services/{service}", "PATCH", category="Beards"),
    _step("/api/services/categories", status=201, name="Feet"),
    _step("/api/services/categories/{category}", "PATCH", position=7),
    _step("/api/services/categories/{empty}", "DELETE", 204),
    _step("/api/services/{service}/consumables", "PUT", items=[{"sku": "{sku}", "quantity": 1}]),
    _step("/api/reviews/{review}", "PATCH", rating=1),
    _step("/api/reviews/{review}/hide", reason="Rude."),
    _step("/api/reviews/{review}/publish"),
    _step("/api/reviews/{review}", "DELETE", 204),
    _step("/api/services/{service}", "DELETE", 204),
]
"""What is answered only when the leases are over, in an order in which each can be done."""

NOT_WAITING: list[Step] = [
    _step("/api/services", status=422, **SERVICE | {"name": ""}),
    _step("/api/services/categories", status=409, name="Hair"),
    _step("/api/services/categories/{category}", "DELETE", 409),
    _step("/api/services/assignments", status=201, staff_id="{newcomer}", service_id="{service}"),
    _step("/api/bookings?dry_run=true", service_id="{service}", starts_at=MONDAY_TEN, client_id="{client}"),
    _step("/api/bookings", status=201, service_id="{service}", starts_at=MONDAY_TEN, client_id="{client}"),
    _step("/api/orders", status=201, items=[{"sku": "{sku}", "quantity": 1}]),
    _step("/api/reviews/{review}/reply", text="Hm."),
]
"""What is refused, or writes elsewhere."""


@pytest.fixture
def house(api: Api) -> dict[str, Any]:
    """A bit of everything; the client has reviewed a visit."""
    service, client = make_service(), make_user()
    staff = make_working_staff(service)
    visit = make_visit(client, service, staff=staff)
    review = api.post("/api/reviews", {"booking_id": visit.id, "rating": 5}, token=token_for(client))
    assert review.status_code == 201
    return {
        "service": service.id,
        "category": service.category_id,
        "empty": make_category("Empty").id,
        "newcomer": make_staff().id,
        "client": client.id,
        "review": review.json["id"],
        "sku": make_product(10).sku,
    }


def filled(body: Any, ids: dict[str, Any]) -> Any:
    """Return a body with its `{names}` replaced by what they stand for."""
    if isinstance(body, dict):
        return {name: filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, ids) for value in body]
    return ids[body[1:-1]] if isinstance(body, str) and body.startswith("{") else body


@pytest.mark.parametrize(("steps", "waits"), [(WAITING, True), (NOT_WAITING, False)], ids=["changes", "others"])
def test_who_waits(app: Flask, api: Api, house: dict[str, Any], clock: Clock, steps: list[Step], waits: bool) -> None:
    """Whoever has changed the state, once, and nobody else."""
    with kit_clock.frozen(NOW):
        admin = token_for(make_user(Role.ADMIN))
        for method, path, status, body in steps:
            before, waited = catalogue._ask(app, db.engine), len(clock.slept)
            answer = api.call(method, path.format(**house), json=filled(body, house) or None, token=admin)
            assert answer.status_code == status, (method, path, answer.text)
            changed = catalogue._ask(app, db.engine) != before
            assert (changed, len(clock.slept) - waited) == (waits, int(waits)), (method, path)


def test_a_review_waits(house: dict[str, Any], clock: Clock) -> None:
    """It is counted at its service."""
    assert clock.slept == [LEASE_MS / 1000 + MARGIN_SECONDS]


def test_nothing_is_held_meanwhile(app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits has given its locks and its connection back, and what it wrote is there."""
    service, seen = make_service(), []

    def look(_lease: Lease) -> None:
        row = text("SELECT price_amount FROM services WHERE id = :id FOR UPDATE NOWAIT")
        assert isinstance(db.engine.pool, QueuePool)
        with db.engine.connect() as connection:
            seen.append((connection.scalar(row, {"id": service.id}), db.engine.pool.checkedout()))

    admin = token_for(make_user(Role.ADMIN))
    db.session.remove()
    monkeypatch.setattr(Lease, "outlast", look)
    answer = api.patch(f"/api/services/{service.id}", {"price": {"amount": 7}}, token=admin)
    assert (answer.status_code, seen) == (200, [(7, 1)])


def test_a_rehearsed_change_waits_for_nobody(app: Flask, clock: Clock) -> None:
    """It is taken back, and its promise with it."""
    make_service()
    with app.test_request_context(method="POST"), transaction(), rehearsing():
        db.session.execute(update(Service).values(price_amount=1), execution_options=BULK)
    assert clock.slept == []


def test_commands_and_workers_wait_for_nobody(app: Flask, clock: Clock) -> None:
    """They answer nobody."""
    make_service()
    assert clock.slept == []
