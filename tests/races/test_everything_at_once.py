"""Clients book and cancel while admins change terms and let staff go, to each other: nobody waits for a deadlock."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingItem, Role
from tests.api import Api
from tests.factories import assign, make_service, make_user, make_working_staff, token_for
from tests.races.audit import double_bookings, overlaps

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
DAYS = 12
PRICES = {4500, 9900}

Ask = Callable[[Api], Any]


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


def test_everything_at_once(app: Flask) -> None:
    """No 412, no 5xx, no overlap; what is booked is booked at one of the prices there were."""
    service = make_service()
    staff = [make_working_staff(service) for _ in range(2)]
    own = assign(make_working_staff(), service)
    admin, clients = token_for(make_user(Role.ADMIN)), [token_for(make_user()) for _ in range(4)]

    def book_and_cancel(day: int) -> list[Any]:
        api, token = Api(app.test_client()), clients[day % 4]
        body: dict[str, Any] = {"service_id": service.id, "starts_at": f"2030-02-{day + 1:02}T10:00:00Z"}
        body |= {"staff_id": staff[day % 2].id} if day % 3 else {}
        booked = [api.post("/api/bookings", body, token=token) for _ in range(2)]
        made = [answer.json["id"] for answer in booked if answer.status_code == 201]
        return booked + [api.post(f"/api/bookings/{one}/cancel", {}, token=token) for one in made[: day % 2]]

    def administer(nth: int) -> list[Any]:
        api, (one, other) = Api(app.test_client()), staff[:: 1 if nth % 2 else -1]
        leave = {"reassign_to": other.id}
        return [
            api.patch(f"/api/services/{service.id}", {"price": {"amount": 9900 if nth % 2 else 4500}}, token=admin),
            api.delete(f"/api/staff/{one.id}", query=leave, token=admin),
            api.patch(f"/api/staff/{one.id}", {"active": True, "bio": str(nth)}, token=admin),
            api.patch(f"/api/services/assignments/{own.id}", {"duration_minutes": 30 + nth}, token=admin),
        ]

    with ThreadPoolExecutor(12) as pool:
        asked = [*pool.map(lambda n: administer(n // 2) if n % 2 else book_and_cancel(n // 2), range(2 * DAYS))]
    answers = list(chain.from_iterable(asked))
    assert {answer.status_code for answer in answers} <= {200, 201, 204, 409}
    assert (double_bookings(), overlaps()) == (0, 0)
    assert set(db.session.scalars(select(BookingItem.price_amount))) <= PRICES
    assert db.session.query(Booking).count() == sum(answer.status_code == 201 for answer in answers)
    db.session.rollback()
