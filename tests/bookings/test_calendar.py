"""`/api/staff/{id}/calendar` and `/api/staff/schedule`: hours, time off and bookings of some days."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.bookings.calendar_schemas import CalendarOut, ScheduleOut
from app.extensions import db
from app.models import BookingStatus, Closure, DayHours, PendingReason, Role, Service, Staff
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW
from tests.cases import each_case
from tests.factories import make_booking, make_service, make_staff, make_user, set_hours, token_for

TEN = datetime(2030, 1, 7, 10, tzinfo=UTC)
MONDAY = {"from": "2030-01-07", "to": "2030-01-07"}
NAIROBI = "Africa/Nairobi"  # the business's zone, three hours ahead

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour."""
    return make_service(name="Cut")


@pytest.fixture
def jane(app: Flask) -> Staff:
    """Somebody in Nairobi, open 09:00 to 17:00 every day."""
    jane = make_staff(name="Jane", timezone=NAIROBI)
    set_hours(jane)
    return jane


def calendar(api: Api, staff: Staff, token: str, **days: str) -> Any:
    """Read a calendar; of Monday unless told."""
    answer = api.get(f"/api/staff/{staff.id}/calendar", query=days or MONDAY, token=token)
    assert answer.status_code == 200, answer.json
    return answer.json


def close(staff: Staff | None, starts_at: datetime, ends_at: datetime, reason: str) -> int:
    """Write a closure, of everybody without `staff`."""
    closure = Closure(resource_id=staff and staff.id, starts_at=starts_at, ends_at=ends_at, reason=reason)
    with transaction():
        db.session.add(closure)
    return closure.id


def test_everything_of_a_day(api: Api, admin: str, service: Service, jane: Staff) -> None:
    """Hours of that day alone, her time off and everybody's, and who comes."""
    client = make_user()
    booking = make_booking(client, service, jane, TEN)
    own = close(jane, TEN + timedelta(hours=2), TEN + timedelta(hours=3), "Dentist")
    everybodys = close(None, TEN + timedelta(hours=1), TEN + timedelta(hours=2), "Power cut")
    other = make_staff()
    close(other, TEN, TEN + timedelta(hours=1), "Another's")
    make_booking(client, service, other, TEN)
    assert calendar(api, jane, admin) == {
        "staff_id": jane.id,
        "staff_name": "Jane",
        "timezone": NAIROBI,
        "hours": [{"starts_at": "2030-01-07T06:00:00Z", "ends_at": "2030-01-07T14:00:00Z"}],
        "time_off": [
            {
                "id": everybodys,
                "starts_at": "2030-01-07T11:00:00Z",
                "ends_at": "2030-01-07T12:00:00Z",
                "reason": "Power cut",
            },
            {
                "id": own,
                "starts_at": "2030-01-07T12:00:00Z",
                "ends_at": "2030-01-07T13:00:00Z",
                "reason": "Dentist",
            },
        ],
        "bookings": [
            {
                "service_id": service.id,
                "service_name": "Cut",
                "staff_id": jane.id,
                "staff_name": "Jane",
                "starts_at": "2030-01-07T10:00:00Z",
                "ends_at": "2030-01-07T11:00:00Z",
                "price": {"amount": 4500, "currency": "KES"},
                "booking_id": booking.id,
                "reference": booking.reference,
                "status": "confirmed",
                "client_id": client.id,
            }
        ],
    }


def test_hours_are_those_of_the_days_asked_for(api: Api, admin: str, jane: Staff) -> None:
    """Dated hours, a closed date, and what reaches in from the night before or out past midnight, whole."""
    with transaction():
        db.session.add(DayHours(resource_id=jane.id, date=date(2030, 1, 6), opens=22 * 60, closes=2 * 60))
        db.session.add(DayHours(resource_id=jane.id, date=date(2030, 1, 8), opens=None, closes=None))
        db.session.add(DayHours(resource_id=jane.id, date=date(2030, 1, 9), opens=20 * 60, closes=60))
    night = ("2030-01-06T19:00:00Z", "2030-01-06T23:00:00Z")
    monday = ("2030-01-07T06:00:00Z", "2030-01-07T14:00:00Z")
    wednesday = ("2030-01-09T17:00:00Z", "2030-01-09T22:00:00Z")
    for first, last, hours in (
        ("2030-01-06", "2030-01-06", [night]),
        ("2030-01-07", "2030-01-07", [night, monday]),
        ("2030-01-08", "2030-01-08", []),
        ("2030-01-08", "2030-01-09", [wednesday]),
        ("2030-01-07", "2030-01-09", [night, monday, wednesday]),
    ):
        found = calendar(api, jane, admin, **{"from": first, "to": last})["hours"]
        assert [(one["starts_at"], one["ends_at"]) for one in found] == hours, first


def test_what_is_given_up_is_not_shown(api: Api, admin: str, service: Service, jane: Staff) -> None:
    """Living ones, done ones and missed ones are; a pending one past its time is not."""
    client = make_user()
    waiting: dict[str, Any] = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL}
    rows: tuple[dict[str, Any], ...] = (
        {},
        waiting | {"expires_at": NOW + timedelta(hours=1)},
        {"status": BookingStatus.COMPLETED},
        {"status": BookingStatus.NO_SHOW},
        waiting | {"expires_at": NOW},
        {"status": BookingStatus.CANCELLED, "cancelled_at": NOW},
        {"status": BookingStatus.DECLINED},
        {"status": BookingStatus.EXPIRED},
    )
    for hour, fields in enumerate(rows):
        make_booking(client, service, jane, NOW + timedelta(hours=hour), **fields)
    shown = [one["status"] for one in calendar(api, jane, admin)["bookings"]]
    assert shown == ["confirmed", "pending", "completed", "no_show"]


def test_over_midnight(api: Api, admin: str, service: Service, jane: Staff) -> None:
    """A booking over midnight of the business's zone is in both days; one that ends there in the first."""
    client = make_user()
    for minutes in (-60, -30):  # 23:00 to 24:00, 23:30 to 00:30
        make_booking(client, service, jane, datetime(2030, 1, 7, 21, tzinfo=UTC) + timedelta(minutes=minutes))
    counts = [
        len(calendar(api, jane, admin, **{"from": day, "to": day})["bookings"]) for day in ("2030-01-07", "2030-01-08")
    ]
    assert counts == [2, 1]


def test_own_calendars(api: Api, admin: str, jane: Staff) -> None:
    """Staff see their own; a colleague's answers 403, others' roles too, nobody 401, nothing 404."""
    account = make_user(Role.STAFF)
    own = make_staff(user_id=account.id)
    token = token_for(account)
    assert calendar(api, own, token)["staff_id"] == own.id
    path = f"/api/staff/{jane.id}/calendar"
    assert api.get(path, query=MONDAY, token=token).status_code == 403
    assert api.get(path, query=MONDAY, token=token_for(make_user())).status_code == 403
    assert api.get(path, query=MONDAY).status_code == 401
    assert api.get("/api/staff/999999/calendar", query=MONDAY, token=admin).status_code == 404
    assert api.get("/api/staff/schedule", query=MONDAY, token=token).status_code == 403


def test_the_schedule_is_everybodys_calendar(api: Api, admin: str, service: Service, jane: Staff) -> None:
    """Active staff by id, each as in their own calendar."""
    zoe = make_staff(name="Zoe", timezone="Asia/Tokyo")
    set_hours(zoe, weekdays=[0])
    make_staff(name="Gone", active=False)
    client = make_user()
    for staff in (zoe, jane):
        make_booking(client, service, staff, TEN)
    close(None, TEN, TEN + timedelta(hours=1), "Power cut")
    close(zoe, TEN, TEN + timedelta(hours=1), "Away")
    answer = api.get("/api/staff/schedule", query=MONDAY, token=admin)
    assert answer.json == {"staff": [calendar(api, staff, admin) for staff in (jane, zoe)]}
    assert [len(one["time_off"]) for one in answer.json["staff"]] == [1, 2]


def test_the_connection_is_free_while_the_answer_is_made(
    api: Api, admin: str, jane: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long answer takes longer to write than PostgreSQL lets a transaction sit idle."""
    reading: list[bool] = []

    def dump(_schema: object, calendars: Any, **_options: Any) -> Any:
        reading.append(db.session().in_transaction())
        return {}

    monkeypatch.setattr(ScheduleOut, "dump", dump)
    monkeypatch.setattr(CalendarOut, "dump", dump)
    for path in (f"/api/staff/{jane.id}/calendar", "/api/staff/schedule"):
        assert api.get(path, query=MONDAY, token=admin).status_code == 200
    assert reading == [False, False]


def test_nobody_works_here(api: Api, admin: str) -> None:
    """An empty schedule is an answer."""
    assert api.get("/api/staff/schedule", query=MONDAY, token=admin).json == {"staff": []}


@each_case(
    ("days", "field"),
    [
        ({"from": "2030-01-07"}, "to"),
        ({"to": "2030-01-07"}, "from"),
        ({"from": "2030-01-08", "to": "2030-01-07"}, "to"),
        ({"from": "2030-01-01", "to": "2030-03-04"}, "to"),
        ({"from": "2030-01-07T00:00:00Z", "to": "2030-01-08"}, "from"),
    ],
)
def test_wrong_days(api: Api, admin: str, jane: Staff, days: dict[str, str], field: str) -> None:
    """422 naming the parameter, in both."""
    for path in (f"/api/staff/{jane.id}/calendar", "/api/staff/schedule"):
        answer = api.get(path, query=days, token=admin)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
