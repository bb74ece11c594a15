"""`/api/staff/{id}/time-off`: who is away, and what becomes of the bookings in it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Allocation, Closure, Role, Service, Staff
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_service, make_staff, make_user, make_working_staff, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TEN, ELEVEN, NOON = (f"2030-01-07T{hour}:00:00Z" for hour in (10, 11, 12))
MORNING = {"starts_at": "2030-01-07T09:00:00Z", "ends_at": NOON}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour."""
    return make_service()


@pytest.fixture
def staff(service: Service) -> Staff:
    """Somebody who performs it, 09:00 to 17:00, in UTC."""
    return make_working_staff(service)


def counted() -> tuple[int, int]:
    """Count closures and allocations."""
    counts = db.session.query(Closure).count(), db.session.query(Allocation).count()
    db.session.commit()
    return counts


def book(api: Api, service: Service, starts_at: str = TEN) -> Any:
    """Ask for a booking as a new client."""
    body = {"service_id": service.id, "starts_at": starts_at}
    return api.post("/api/bookings", json=body, token=token_for(make_user()))


def test_away(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Taken, listed, not bookable; given back, bookable."""
    path = f"/api/staff/{staff.id}/time-off"
    answer = api.post(path, json=MORNING | {"reason": "Dentist"}, token=admin)
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert made == MORNING | {"id": made["id"], "reason": "Dentist", "clashes": []}
    listed = MORNING | {"id": made["id"], "reason": "Dentist"}
    assert api.get(answer.headers["Location"], token=admin).json == {"items": [listed], "next_cursor": None}
    assert (book(api, service).json["code"], counted()) == ("slot_taken", (1, 1))
    assert api.delete(f"{path}/{made['id']}", token=admin).status_code == 204
    assert (book(api, service).status_code, counted()) == (201, (0, 1))
    assert api.delete(f"{path}/{made['id']}", token=admin).status_code == 404


def test_over_bookings_only_by_force(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """409 with the list and nothing written; by force both stay, and the list is told."""
    path = f"/api/staff/{staff.id}/time-off"
    booking = book(api, service).json
    book(api, service, "2030-01-07T13:00:00Z")
    clash = {
        "booking_id": booking["id"],
        "reference": booking["reference"],
        "starts_at": TEN,
        "ends_at": ELEVEN,
    }
    refused = api.post(path, json=MORNING, token=admin)
    assert (refused.status_code, refused.json["code"]) == (409, "bookings_in_the_way")
    assert (refused.json["clashes"], counted()) == ([clash], (0, 2))
    forced = api.post(path, json=MORNING | {"force": True}, token=admin)
    assert (forced.status_code, forced.json["clashes"], counted()) == (201, [clash], (1, 4))
    assert api.get(f"/api/bookings/{booking['id']}", token=admin).json["status"] == "confirmed"
    assert api.post(f"/api/bookings/{booking['id']}/cancel", json={}, token=admin).status_code == 200
    assert book(api, service).json["code"] == "slot_taken"


def test_touching_is_not_meeting(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Half-open: time off may end as the booking starts."""
    book(api, service)
    for starts_at, ends_at in (("2030-01-07T09:00:00Z", TEN), (ELEVEN, NOON)):
        body = {"starts_at": starts_at, "ends_at": ends_at}
        assert api.post(f"/api/staff/{staff.id}/time-off", json=body, token=admin).status_code == 201


def test_two_over_one_another(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Removing one leaves the other's time taken, whichever was first."""
    path = f"/api/staff/{staff.id}/time-off"
    for first in (True, False):
        one = api.post(path, json=MORNING, token=admin).json["id"]
        two = api.post(path, json={"starts_at": TEN, "ends_at": "2030-01-07T14:00:00Z"}, token=admin).json["id"]
        removed, left = (one, two) if first else (two, one)
        assert api.delete(f"{path}/{removed}", token=admin).status_code == 204
        assert book(api, service, TEN).json["code"] == "slot_taken"
        api.delete(f"{path}/{left}", token=admin)
        assert counted() == (0, 0)


@refused_by_shape
@each_case(
    ("wrong", "field"),
    [
        ({"ends_at": MORNING["starts_at"]}, "ends_at"),
        ({"ends_at": "2030-01-07T08:00:00Z"}, "ends_at"),
        ({"ends_at": "2031-01-08T09:00:01Z"}, "ends_at"),
        ({"ends_at": "9999-12-31T23:59:59Z", "starts_at": "9999-12-30T00:00:00Z"}, "ends_at"),
        ({"starts_at": "2030-01-07T09:00:00"}, "starts_at"),
        ({"ends_at": "2030-01-07"}, "ends_at"),
        ({"starts_at": None}, "starts_at"),
        ({"reason": "x" * 501}, "reason"),
        ({"force": "yes"}, "force"),
        ({"resource_id": 1}, "resource_id"),
    ],
)
def test_wrong_shapes(api: Api, admin: str, staff: Staff, wrong: dict[str, Any], field: str) -> None:
    """422 naming the field; nothing is written."""
    answer = api.post(f"/api/staff/{staff.id}/time-off", json=MORNING | wrong, token=admin)
    assert (answer.status_code, list(answer.json["errors"]), counted()) == (422, [field], (0, 0))


def test_a_leap_year_at_most(api: Api, admin: str, staff: Staff) -> None:
    """366 days exactly are allowed."""
    body = {"starts_at": "2030-01-07T09:00:00Z", "ends_at": "2031-01-08T09:00:00Z"}
    assert api.post(f"/api/staff/{staff.id}/time-off", json=body, token=admin).status_code == 201


def test_days_of_the_zone(api: Api, admin: str) -> None:
    """`from` and `to` are days of the staff member's zone, both included; what ends at midnight is not in the next."""
    staff = make_staff(timezone="Pacific/Kiritimati")  # 14 hours ahead
    path = f"/api/staff/{staff.id}/time-off"
    for starts_at, ends_at in (
        ("2030-01-08T10:00:00Z", "2030-01-09T10:00:00Z"),  # the 9th there
        ("2030-01-09T10:00:00Z", "2030-01-11T10:00:00Z"),  # the 10th and 11th
    ):
        api.post(path, json={"starts_at": starts_at, "ends_at": ends_at}, token=admin)
    ninth, tenth = (one["id"] for one in api.get(path, token=admin).json["items"])
    for query, found in (
        ({"from": "2030-01-09", "to": "2030-01-09"}, [ninth]),
        ({"from": "2030-01-10", "to": "2030-01-10"}, [tenth]),
        ({"from": "2030-01-09", "to": "2030-01-10"}, [ninth, tenth]),
        ({"from": "2030-01-12"}, []),
        ({"to": "2030-01-08"}, []),
        ({"from": "2030-01-11"}, [tenth]),
        ({"to": "2030-01-09"}, [ninth]),
        ({"sort": "-starts_at"}, [tenth, ninth]),
    ):
        items = api.get(path, token=admin, query=query).json["items"]
        assert [item["id"] for item in items] == found, query
    page = api.get(path, token=admin, query={"limit": 1, "include_total": "true"}).json
    assert page["total"] == 2
    rest = api.get(path, token=admin, query={"cursor": page["next_cursor"]}).json
    assert [item["id"] for item in rest["items"]] == [tenth]


def test_two_logins_each_with_its_own_diary(api: Api, admin: str) -> None:
    """A colleague's time off: 403, and it stays; by one's own path it is not found."""
    accounts = [make_user(Role.STAFF) for _ in range(2)]
    own, other = (make_staff(user_id=account.id) for account in accounts)
    token = token_for(accounts[0])
    mine = api.post(f"/api/staff/{own.id}/time-off", json=MORNING, token=token)
    assert mine.status_code == 201
    theirs = api.post(f"/api/staff/{other.id}/time-off", json=MORNING, token=admin).json["id"]
    path = f"/api/staff/{other.id}/time-off"
    answers = (
        api.get(path, token=token),
        api.post(path, json=MORNING, token=token),
        api.delete(f"{path}/{theirs}", token=token),
    )
    assert [answer.status_code for answer in answers] == [403] * 3
    assert api.delete(f"/api/staff/{own.id}/time-off/{theirs}", token=token).status_code == 404
    assert counted() == (2, 2)
    assert api.delete(f"/api/staff/{own.id}/time-off/{mine.json['id']}", token=token).status_code == 204


def test_a_leap_year_is_the_most_to_the_second(api: Api, admin: str, staff: Staff) -> None:
    """What is taken are whole seconds: half of one more, at both ends, is refused and no error of ours."""
    path, before = f"/api/staff/{staff.id}/time-off", counted()
    year = {"starts_at": "2031-01-01T00:00:00.5Z", "ends_at": "2032-01-02T00:00:00.5Z"}
    answer = api.post(path, year, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["ends_at"])
    assert counted() == before
    year = {"starts_at": "2031-01-01T00:00:00Z", "ends_at": "2032-01-02T00:00:00Z"}
    assert api.post(path, year, token=admin).status_code == 201
