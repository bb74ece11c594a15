"""A staff member leaves: bookings ahead stand in the way, or go to a colleague, all or none."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import Allocation, Booking, BookingHistory, BookingItem, Closure, PendingReason, Role, Service, Staff
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW
from tests.factories import assign, make_service, make_staff, make_user, make_working_staff, set_hours, token_for

TEN, ELEVEN = "2030-01-07T10:00:00Z", "2030-01-07T11:00:00Z"

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour, with buffers."""
    return make_service(buffer_before_minutes=5, buffer_after_minutes=10)


@pytest.fixture
def jane(service: Service) -> Staff:
    """Who leaves."""
    return make_working_staff(service, name="Jane")


@pytest.fixture
def zoe(service: Service) -> Staff:
    """Who takes over, at a price of her own."""
    zoe = make_working_staff(name="Zoe")
    assign(zoe, service, price_amount=9000, duration_minutes=90)
    return zoe


def book(api: Api, service: Service, staff: Staff, starts_at: str = TEN) -> dict[str, Any]:
    """Book as a new client."""
    body = {"service_id": service.id, "staff_id": staff.id, "starts_at": starts_at}
    answer = api.post("/api/bookings", json=body, token=token_for(make_user()))
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def everything() -> list[tuple[Any, ...]]:
    """Return all that a leaving may change, row by row."""
    rows: list[tuple[Any, ...]] = []
    for table in (Staff, Allocation, Booking, BookingItem, BookingHistory):
        mapped = table.__table__
        rows += [tuple(row) for row in db.session.execute(select(mapped).order_by(mapped.c.id))]
    db.session.commit()
    return rows


def leave(api: Api, admin: str, staff: Staff, **query: Any) -> Any:
    """Ask for the deactivation."""
    return api.delete(f"/api/staff/{staff.id}", query=query, token=admin)


def test_bookings_ahead_stand_in_the_way(api: Api, admin: str, service: Service, jane: Staff) -> None:
    """409 with their list, by DELETE and by PATCH; nothing changes."""
    found = [book(api, service, jane, at) for at in (TEN, "2030-01-08T10:00:00Z")]
    before = everything()
    path = f"/api/staff/{jane.id}"
    for answer in (leave(api, admin, jane), api.patch(path, json={"active": False, "name": "X"}, token=admin)):
        assert (answer.status_code, answer.json["code"]) == (409, "future_bookings")
        assert answer.json["bookings"] == [
            {
                "booking_id": booking["id"],
                "reference": booking["reference"],
                "starts_at": booking["starts_at"],
                "ends_at": booking["ends_at"],
            }
            for booking in found
        ]
        assert everything() == before


def test_what_is_over_does_not(api: Api, admin: str, service: Service, jane: Staff) -> None:
    """Past, cancelled and lapsed bookings let her go; one that is still going on does not."""
    gone = book(api, service, jane, "2030-01-07T12:30:00Z")
    api.post(f"/api/bookings/{gone['id']}/cancel", json={}, token=admin)
    approved = make_service(requires_approval=True)
    assign(jane, approved)
    book(api, approved, jane, "2030-01-07T14:00:00Z")
    book(api, service, jane)
    with clock.frozen(NOW + timedelta(hours=4, minutes=59)):
        admin = token_for(make_user(Role.ADMIN))
        assert [one["starts_at"] for one in leave(api, admin, jane).json["bookings"]] == [TEN, "2030-01-07T14:00:00Z"]
    with clock.frozen(NOW + timedelta(hours=8)):
        admin = token_for(make_user(Role.ADMIN))
        assert leave(api, admin, jane).status_code == 204


def test_a_colleague_takes_over(api: Api, admin: str, service: Service, jane: Staff, zoe: Staff) -> None:
    """The same booking, time, price and buffers, with her name; Jane's time is free and she is gone."""
    booking = book(api, service, jane)
    assert leave(api, admin, jane, reassign_to=zoe.id).status_code == 204
    path = f"/api/bookings/{booking['id']}"
    after = api.get(path, token=admin).json
    (item,) = booking["items"]
    assert after == booking | {
        "items": [item | {"staff_id": zoe.id, "staff_name": "Zoe"}],
        "version": after["version"],
        "updated_at": after["updated_at"],
    }
    (taken,) = db.session.scalars(select(Allocation))
    assert (taken.resource_id, taken.booking_id) == (zoe.id, booking["id"])
    assert (taken.starts_at, taken.ends_at) == (NOW.replace(hour=9, minute=55), NOW.replace(hour=11, minute=10))
    db.session.commit()
    steps = [one["step"] for one in api.get(f"{path}/history", token=admin).json["items"]]
    assert steps == ["create", "reassign"]
    assert api.get(f"/api/staff/{jane.id}", token=admin).json["active"] is False


def test_a_pending_booking_stays_pending(api: Api, admin: str, jane: Staff, zoe: Staff) -> None:
    """With its deadline, on the booking and on the time it takes."""
    approved = make_service(requires_approval=True)
    for staff in (jane, zoe):
        assign(staff, approved)
    booking = book(api, approved, jane)
    assert leave(api, admin, jane, reassign_to=zoe.id).status_code == 204
    after = api.get(f"/api/bookings/{booking['id']}", token=admin).json
    assert (after["status"], after["pending_reason"]) == ("pending", PendingReason.APPROVAL)
    assert after["expires_at"] == booking["expires_at"]
    (expires_at,) = db.session.scalars(select(Allocation.expires_at))
    db.session.commit()
    assert expires_at == datetime.fromisoformat(booking["expires_at"])


@pytest.mark.parametrize("why", ["taken", "not assigned", "inactive", "herself", "nobody", "away"])
def test_all_or_none(api: Api, admin: str, service: Service, jane: Staff, zoe: Staff, why: str) -> None:
    """One of two bookings cannot be taken over: neither is, and Jane stays."""
    other = make_service()
    assign(jane, other)
    book(api, service, jane)
    book(api, other if why == "not assigned" else service, jane, "2030-01-07T13:00:00Z")
    to, status, code = zoe.id, 409, "slot_taken"
    if why == "taken":
        book(api, service, zoe, "2030-01-07T13:00:00Z")
    elif why == "away":
        body = {"starts_at": "2030-01-07T14:00:00Z", "ends_at": "2030-01-07T15:00:00Z"}
        api.post(f"/api/staff/{zoe.id}/time-off", json=body, token=admin)
    elif why == "not assigned":
        code = "staff_not_assigned"
    elif why == "inactive":
        leave(api, admin, zoe)
        code = "resource_inactive"
    elif why == "herself":
        to, status, code = jane.id, 422, "validation_failed"
    else:
        to, status, code = 999_999_999, 404, "not_found"
    before = everything()
    answer = leave(api, admin, jane, reassign_to=to)
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert status == 409 or list(answer.json["errors"]) == ["reassign_to"]
    assert why in {"herself", "nobody", "inactive"} or answer.json["detail"].startswith("BK-")
    assert everything() == before


CLOSED_BY_THEN = [{"weekday": day, "opens": "09:00", "closes": "13:59"} for day in range(7)]


@pytest.mark.parametrize(
    ("path", "hours", "code"),
    [
        ("/hours", CLOSED_BY_THEN, "outside_opening_hours"),
        ("/hours/2030-01-07", [], "outside_opening_hours"),
        (None, [], "slot_taken"),
    ],
)
def test_a_colleague_who_is_not_open(
    api: Api, admin: str, service: Service, jane: Staff, zoe: Staff, path: str | None, hours: list[Any], code: str
) -> None:
    """By weekly hours, those of the date, a closure of the business: nobody gets what nobody could book with them."""
    book(api, service, jane)
    late = book(api, service, jane, "2030-01-07T13:00:00Z")
    if path is None:
        with transaction():
            db.session.add(Closure(starts_at=NOW + timedelta(hours=7), ends_at=NOW + timedelta(hours=8), reason=""))
    else:
        api.put(f"/api/staff/{zoe.id}{path}", json={"hours": hours}, token=admin)
    before = everything()
    answer = leave(api, admin, jane, reassign_to=zoe.id)
    assert (answer.status_code, answer.json["code"]) == (409, code)
    named = late if path in {"/hours", None} else {"reference": "BK-"}
    assert answer.json["detail"].startswith(named["reference"])
    assert everything() == before


def test_what_was_asked_of_the_start_is_not_asked_again(api: Api, admin: str, jane: Staff) -> None:
    """Notice, horizon and the colleague's grid: the time was agreed, and she is open and free."""
    strict = make_service(min_notice_minutes=24 * 60, max_advance_days=2)
    early, late = make_staff(), make_staff()
    for staff, opens in ((early, "09:00"), (late, "09:10")):
        assign(staff, strict)
        set_hours(staff, opens)
    booking = book(api, strict, late, "2030-01-08T10:10:00Z")
    with transaction():
        db.session.get_one(Service, strict.id, populate_existing=True).max_advance_days = 1
    with clock.frozen(NOW + timedelta(hours=27)):
        admin = token_for(make_user(Role.ADMIN))
        assert leave(api, admin, late, reassign_to=early.id).status_code == 204
        after = api.get(f"/api/bookings/{booking['id']}", token=admin).json
    assert (after["starts_at"], after["items"][0]["staff_id"]) == ("2030-01-08T10:10:00Z", early.id)


def test_a_retired_service_is_still_done(api: Api, admin: str, service: Service, jane: Staff, zoe: Staff) -> None:
    """Nobody books it any more; what is booked is handed over."""
    booking = book(api, service, jane)
    api.delete(f"/api/services/{service.id}", token=admin)
    assert leave(api, admin, jane, reassign_to=zoe.id).status_code == 204
    assert api.get(f"/api/bookings/{booking['id']}", token=admin).json["items"][0]["staff_id"] == zoe.id


@pytest.mark.parametrize("opens", ["09:55", "10:00"])
def test_buffers_spill_out_of_the_colleagues_hours_too(
    api: Api, admin: str, service: Service, jane: Staff, opens: str
) -> None:
    """As everywhere: the work lies in the hours, its buffers need not."""
    late = make_staff()
    assign(late, service)
    set_hours(late, opens, "11:00")
    book(api, service, jane)
    assert leave(api, admin, jane, reassign_to=late.id).status_code == 204


def test_a_lapsed_booking_of_the_colleague_is_in_nobodys_way(
    api: Api, admin: str, service: Service, jane: Staff, zoe: Staff
) -> None:
    """Its time is free, although nobody has swept it away yet."""
    deposit = make_service(deposit_type="fixed", deposit_value=100)
    assign(zoe, deposit)
    lapsed = book(api, deposit, zoe)
    book(api, service, jane)
    with clock.frozen(NOW + timedelta(minutes=31)):
        admin = token_for(make_user(Role.ADMIN))
        assert leave(api, admin, jane, reassign_to=zoe.id).status_code == 204
        assert api.get(f"/api/bookings/{lapsed['id']}", token=admin).json["status"] == "expired"


def test_nothing_to_hand_over(api: Api, admin: str, jane: Staff, zoe: Staff) -> None:
    """`reassign_to` without bookings is no more than leaving; twice as well."""
    for _ in range(2):
        assert leave(api, admin, jane, reassign_to=zoe.id).status_code == 204
    assert api.get(f"/api/staff/{jane.id}", token=admin).json["active"] is False


@pytest.mark.parametrize("nth", range(3))
def test_leaving_while_twenty_book(app: Flask, admin: str, service: Service, jane: Staff, nth: int) -> None:
    """LC-03: either she stays, with bookings; or she is gone, and there is none and will be none."""
    starts = [f"2030-02-{1 + n:02}T10:00:00Z" for n in range(20)]
    tokens = [token_for(make_user()) for _ in range(21)]
    gate = threading.Barrier(21)

    def ask(n: int) -> tuple[int, str]:
        api = Api(app.test_client())
        gate.wait()
        if n == 20:
            answer = leave(api, admin, jane)
        else:
            body = {"service_id": service.id, "staff_id": jane.id, "starts_at": starts[n]}
            answer = api.post("/api/bookings", json=body, token=tokens[n])
        return answer.status_code, answer.json["code"] if answer.status_code >= 400 else ""

    with ThreadPoolExecutor(21) as pool:
        *booked, left = pool.map(ask, range(21))
    made = booked.count((201, ""))
    assert db.session.query(Booking).count() == db.session.query(Allocation).count() == made
    active = db.session.scalar(select(Staff.active).where(Staff.id == jane.id))
    db.session.commit()
    assert left in ([(409, "future_bookings")] if made else [(204, "")])
    assert active is (made > 0)
    assert set(booked) <= {(201, ""), (409, "resource_inactive")}
    assert make_staff().active
