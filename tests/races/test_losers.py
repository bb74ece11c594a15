"""Who comes too late for a time: told so by a look, without standing in line for a diary in which nothing is left."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.bookings.request import Asked, Request
from app.bookings.service import create_booking
from app.kit import clock
from app.models import Role, Service, Staff
from app.security.actor import Actor
from tests.conftest import CountStatements
from tests.factories import make_service, make_user, make_working_staff, token_for
from tests.races.standing import overtaken

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TEN, ELEVEN = "2030-01-07T10:00:00Z", "2030-01-07T11:00:00Z"

pytestmark = pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour."""
    return make_service()


@pytest.fixture
def jane(service: Service) -> Staff:
    """Who performs it."""
    return make_working_staff(service)


@pytest.mark.parametrize(
    ("wanted", "status", "locks"), [(TEN, 409, ["SHARE"]), (ELEVEN, 201, ["SHARE", "NO KEY UPDATE"])]
)
def test_a_look_before_the_lock(
    app: Flask,
    count_statements: CountStatements,
    service: Service,
    jane: Staff,
    wanted: str,
    status: int,
    locks: list[str],
) -> None:
    """While another booking is written, one waits for its end, and locks the diary if there is still time in it."""
    first = Request(datetime.fromisoformat(TEN), (Asked(service.id, jane.id),))
    ada, token = Actor(make_user().id, Role.CLIENT), token_for(make_user())
    body = {"service_id": service.id, "staff_id": jane.id, "starts_at": wanted}
    with count_statements() as statements:
        answer = overtaken(
            app,
            lambda: create_booking(actor=ada, request=first),
            lambda api: api.post("/api/bookings", body, token=token),
        )
    assert answer.status_code == status, answer.json
    assert answer.json.get("code") == (None if status == 201 else "slot_taken")
    ends = [one.rpartition("FOR ")[2] for one in statements if one.startswith("SELECT resources.id")]
    assert ends == ["NO KEY UPDATE SKIP LOCKED"] * 2 + locks
