"""`GET /api/bookings/check-availability`: whether one start can be had; if not, why, and what is near."""

from typing import Any

import pytest

from app.models import Service
from tests.api import Api
from tests.bookings.desk import CHECK, MONDAY
from tests.cases import each_case
from tests.factories import assign, make_service, make_staff, make_user, make_working_staff, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")


def book(api: Api, service: Service, starts_at: str, **fields: Any) -> Any:
    """Ask for a booking as a new client."""
    body = {"service_id": service.id, "starts_at": starts_at} | fields
    return api.post("/api/bookings", json=body, token=token_for(make_user()))


def check(api: Api, service: Service, starts_at: str, **query: Any) -> Any:
    """Ask about one start."""
    answer = api.get(CHECK, query={"service_id": service.id, "starts_at": starts_at} | query)
    assert answer.status_code == 200, answer.json
    return answer.json


def test_what_can_be_had(api: Api, hourly: None) -> None:
    """Nothing against it, nothing beside it; with an offset as well."""
    service = make_service()
    staff = make_working_staff(service)
    expected = {"available": True, "reasons": [], "alternatives": []}
    assert check(api, service, f"{MONDAY}T10:00:00Z") == expected
    assert check(api, service, f"{MONDAY}T13:00:00+03:00", staff_id=staff.id) == expected


def test_what_cannot_be_had(api: Api, hourly: None) -> None:
    """Every reason, by precedence, and what is near: the same staff nearby, others at the same time."""
    service = make_service()
    staff, colleague = make_working_staff(service), make_working_staff(service)
    book(api, service, f"{MONDAY}T10:00:00Z", staff_id=staff.id)
    found = check(api, service, f"{MONDAY}T10:00:00Z", staff_id=staff.id)
    assert (found["available"], found["reasons"]) == (False, ["slot_taken"])
    near = [(slot["starts_at"][11:16], slot["staff_ids"]) for slot in found["alternatives"]]
    both = [staff.id, colleague.id]
    assert near == [("10:00", [colleague.id]), ("09:00", both), ("11:00", both), ("12:00", both), ("13:00", both)]
    for starts_at, reasons in (
        (f"{MONDAY}T10:30:00Z", ["not_on_grid", "slot_taken"]),
        (f"{MONDAY}T10:00:00.5Z", ["not_on_grid", "slot_taken"]),
        (f"{MONDAY}T16:30:00Z", ["outside_opening_hours", "not_on_grid"]),
        (f"{MONDAY}T03:00:00Z", ["notice_too_short", "outside_opening_hours", "not_on_grid"]),
        ("2999-01-01T10:00:00Z", ["beyond_horizon"]),
    ):
        answer = check(api, service, starts_at, staff_id=staff.id)
        assert answer["reasons"][: len(reasons)] == reasons, starts_at
        assert len(answer["alternatives"]) == 5


def test_reasons_of_staff_and_services(api: Api) -> None:
    """Nobody assigned, somebody else assigned, somebody gone, a retired service."""
    service, retired = make_service(), make_service(active=False)
    make_working_staff(retired)
    idle = make_staff()
    assert check(api, service, f"{MONDAY}T10:00:00Z")["reasons"] == ["staff_not_assigned"]
    assert check(api, retired, f"{MONDAY}T10:00:00Z") == {
        "available": False,
        "reasons": ["resource_inactive"],
        "alternatives": [],
    }
    make_working_staff(service)
    assert check(api, service, f"{MONDAY}T10:00:00Z", staff_id=idle.id)["reasons"] == ["staff_not_assigned"]
    gone = make_working_staff(service, active=False)
    assert check(api, service, f"{MONDAY}T10:00:00Z", staff_id=gone.id)["reasons"] == ["resource_inactive"]


def test_the_end_that_is_asked_about(api: Api, hourly: None) -> None:
    """Only who would be done by then counts; an end that nobody comes to is named, with what it takes."""
    service = make_service()
    usual, slow = make_working_staff(service), make_working_staff()
    assign(slow, service, duration_minutes=90)
    at = {minutes: f"{MONDAY}T{10 + minutes // 60}:{minutes % 60:02}:00Z" for minutes in (30, 60, 90)}
    free = {"available": True, "reasons": [], "alternatives": []}
    ten = f"{MONDAY}T10:00:00Z"
    assert check(api, service, ten, ends_at=at[60]) == check(api, service, ten, ends_at=at[90]) == free
    assert check(api, service, ten, ends_at=at[90], staff_id=slow.id) == free
    for minutes, staff, told in ((30, None, "60 or 90"), (90, usual, "60"), (60, slow, "90")):
        query = {"service_id": service.id, "starts_at": ten, "ends_at": at[minutes]}
        answer = api.get(CHECK, query=query | ({"staff_id": staff.id} if staff else {}))
        assert (answer.status_code, answer.json["errors"]) == (422, {"ends_at": [f"It takes {told} minutes."]})
    book(api, service, ten, staff_id=usual.id)
    assert check(api, service, ten, ends_at=at[60])["reasons"] == ["slot_taken"]
    assert check(api, service, ten, ends_at=at[90]) == check(api, service, ten) == free
    assert check(api, make_service(), ten, ends_at=at[30])["reasons"] == ["staff_not_assigned"]


@each_case(
    ("wrong", "field"),
    [
        ({"starts_at": "2030-01-07T10:00:00"}, "starts_at"),
        ({"starts_at": "2030-01-07"}, "starts_at"),
        ({"ends_at": "2030-01-07T11:00:00"}, "ends_at"),
        ({"ends_at": "2030-01-07T10:00:00Z"}, "ends_at"),
        ({"ends_at": "2030-01-07T11:00:00.5Z"}, "ends_at"),
        ({"service_id": ""}, "service_id"),
    ],
)
def test_wrong_checks(api: Api, wrong: dict[str, Any], field: str) -> None:
    """422 naming the parameter."""
    service = make_service()
    make_working_staff(service)
    query = {"service_id": service.id, "starts_at": "2030-01-07T10:00:00Z"} | wrong
    answer = api.get(CHECK, query=query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_who_has_left_comes_before_who_never_did_it(api: Api, hourly: None) -> None:
    """Somebody inactive who is not assigned either: resource_inactive first, when asking and when booking."""
    service = make_service()
    make_working_staff(service)
    gone, other = make_staff(active=False), make_staff()
    for staff, reasons in ((gone, ["resource_inactive", "staff_not_assigned"]), (other, ["staff_not_assigned"])):
        assert check(api, service, f"{MONDAY}T10:00:00Z", staff_id=staff.id)["reasons"] == reasons
        answer = book(api, service, f"{MONDAY}T10:00:00Z", staff_id=staff.id)
        assert (answer.status_code, answer.json["code"]) == (409, reasons[0])
    retired = make_service(active=False)
    assert check(api, retired, f"{MONDAY}T10:00:00Z")["reasons"] == ["resource_inactive", "staff_not_assigned"]
