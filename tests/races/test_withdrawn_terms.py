"""Terms that change while a booking waits for the diary it wants: what was committed first is honoured."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from app.bookings.plan import Plan
from app.bookings.request import Request
from app.bookings.service.deciding import decide
from app.bookings.wishes import Visit, read_wish
from app.diary.allocations import lock_resources
from app.extensions import db
from app.kit import clock
from app.models import Assignment, Booking, Resource, Role, Service, Staff
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_service, make_user, make_working_staff, token_for
from tests.races.standing import PAUSE, overtaken

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TEN = "2030-01-07T10:00:00Z"


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour at 45.00."""
    return make_service()


@pytest.fixture
def jane(service: Service) -> Staff:
    """Who performs it."""
    return make_working_staff(service)


ACCEPTED: dict[str, tuple[type[Any], dict[str, Any], dict[str, Any]]] = {
    # what becomes different: in which table, how, and what the booking says of it
    "the price": (Service, {"price_amount": 9900}, {"total": {"amount": 9900, "currency": "KES"}}),
    "the own price": (Assignment, {"price_amount": 9900}, {"total": {"amount": 9900, "currency": "KES"}}),
    "the duration": (Service, {"duration_minutes": 90}, {"ends_at": "2030-01-07T11:30:00Z"}),
    "the own duration": (Assignment, {"duration_minutes": 90}, {"ends_at": "2030-01-07T11:30:00Z"}),
    "approval": (Service, {"requires_approval": True}, {"status": "pending", "pending_reason": "approval"}),
    "the zone": (Resource, {"timezone": "Africa/Nairobi"}, {"timezone": "Africa/Nairobi"}),
}

REFUSED: dict[str, tuple[type[Any], dict[str, Any], str]] = {
    "the service is retired": (Service, {"active": False}, "resource_inactive"),
    "the staff member is gone": (Resource, {"active": False}, "resource_inactive"),
    "it is unassigned": (Assignment, {}, "staff_not_assigned"),
    "there is more notice": (Service, {"min_notice_minutes": 600}, "notice_too_short"),
}


def book(service: Service, staff: Staff, who: str) -> Callable[[Api], Any]:
    """Return a request for ten o'clock with the staff member, or with anybody."""
    token = token_for(make_user())
    body = {"service_id": service.id, "starts_at": TEN} | ({"staff_id": staff.id} if who == "jane" else {})
    return lambda api: api.post("/api/bookings", body, token=token)


def hold_and_change(staff: Staff, table: type[Any], values: dict[str, Any]) -> Callable[[], None]:
    """Return what holds the diary of the staff member and changes the terms."""

    def act() -> None:
        lock_resources([staff.id])
        mine = table.id == staff.id if table is Resource else table.id > 0
        statement = update(table).where(mine).values(values) if values else delete(table)
        db.session.execute(statement, execution_options={"synchronize_session": False})

    return act


@pytest.mark.parametrize("who", ["jane", "anybody"])
@pytest.mark.parametrize("what", ACCEPTED)
def test_new_terms_apply(app: Flask, service: Service, jane: Staff, what: str, who: str) -> None:
    """The booking is made as the terms are when its turn comes."""
    table, values, expected = ACCEPTED[what]
    answer = overtaken(app, hold_and_change(jane, table, values), book(service, jane, who))
    assert answer.status_code == 201, answer.json
    assert {name: answer.json[name] for name in expected} == expected


@pytest.mark.parametrize("who", ["jane", "anybody"])
@pytest.mark.parametrize("what", REFUSED)
def test_what_is_withdrawn_is_refused(app: Flask, service: Service, jane: Staff, what: str, who: str) -> None:
    """409 with the reason, and nothing is booked."""
    table, values, code = REFUSED[what]
    answer = overtaken(app, hold_and_change(jane, table, values), book(service, jane, who))
    assert (answer.status_code, answer.json["code"]) == (409, code)
    assert isinstance(answer.json["alternatives"], list)
    assert list(db.session.scalars(select(Booking))) == []


@pytest.mark.parametrize("change", [{"active": False}, {"price": {"amount": 9900}}])
def test_what_is_withdrawn_later_comes_later(
    app: Flask, service: Service, jane: Staff, change: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change while the booking is being written is made, and the booking keeps the terms it was made on."""
    admin, patched = token_for(make_user(Role.ADMIN)), []

    def patch() -> None:
        patched.append(Api(app.test_client()).patch(f"/api/services/{service.id}", change, token=admin).status_code)

    late = threading.Thread(target=patch)

    def decide_and_stand(*args: Any) -> Plan:
        plan = decide(*args)
        late.start()
        late.join(PAUSE)
        return plan

    monkeypatch.setattr("app.bookings.service.create.decide", decide_and_stand)
    booked = book(service, jane, "jane")(Api(app.test_client()))
    late.join()
    assert (booked.status_code, patched) == (201, [200])
    assert (booked.json["status"], booked.json["total"]["amount"]) == ("confirmed", 4500)


@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start
def test_read_before_the_lock_the_race_is_seen(
    app: Flask, service: Service, jane: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: who reads the terms, and then waits, books on terms that are withdrawn."""

    def read_then_lock(request: Request, **_also: Any) -> Visit:
        wish = read_wish(request)
        assert isinstance(wish, Visit)
        lock_resources([jane.id])
        return wish

    monkeypatch.setattr("app.bookings.service.create.lock_wish", read_then_lock)
    answer = overtaken(app, hold_and_change(jane, Service, {"active": False}), book(service, jane, "jane"))
    with transaction():
        assert db.session.get_one(Service, service.id, populate_existing=True).active is False
    assert (answer.status_code, answer.json["status"]) == (201, "confirmed")
