"""`GET /api/reports/spaces`: what came of an owner's spaces, by month."""

import zoneinfo
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.kit import clock
from app.models import BookingStatus, Closure, DayHours, Role, Space, User
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_space, make_space_booking, make_user, set_hours, token_for

REPORT = "/api/reports/spaces"
JANUARY = {"from": "2030-01-01", "to": "2030-01-31"}
ENDED = {"status": BookingStatus.COMPLETED}


@pytest.fixture
def owner(app: Flask) -> User:
    """Whose the spaces are."""
    return make_user(Role.OWNER)


def report(api: Api, user: User, **query: Any) -> list[dict[str, Any]]:
    """Return the items of a user's report."""
    answer = api.get(REPORT, query=JANUARY | query, token=token_for(user))
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def at(text: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def let(space: Space, starts_at: str, hours: float = 1, total: int = 1000, **fields: Any) -> None:
    """Write a booking of a client."""
    begin = at(starts_at)
    booking = make_space_booking(make_user(), space, begin, total_amount=total, **(ENDED | fields))
    with transaction():
        found = db.session.get_one(type(booking), booking.id)
        found.ends_at = begin + timedelta(hours=hours)


def test_a_month(api: Api, owner: User) -> None:
    """Bookings that took their time, minutes, what was earned; open time without closures; their share."""
    space = make_space(owner, name="Loft")
    set_hours(space, "09:00", "17:00", weekdays=[0])  # four Mondays: 32 hours
    let(space, "2030-01-07T09:00", 2.5, 2500)
    let(space, "2030-01-14T09:00", 1, 1000, status=BookingStatus.NO_SHOW)
    let(space, "2030-01-21T09:00", 1, 1000, status=BookingStatus.CONFIRMED)
    let(space, "2030-01-21T11:00", 5, 9000, status=BookingStatus.CANCELLED, cancelled_at=at("2030-01-20T00:00"))
    let(space, "2030-01-21T16:00", 5, 9000, status=BookingStatus.DECLINED)
    let(space, "2030-02-04T09:00", 1)
    with clock.frozen(at("2030-01-01T00:00")), transaction():
        gone = Absence(at("2030-01-28T09:00"), at("2030-01-28T11:00"))
        add_closure(resource_id=space.id, absence=gone, force=False, actor_id=None)
        db.session.add(Closure(resource_id=None, starts_at=at("2030-01-28T10:00"), ends_at=at("2030-01-28T12:00")))
        db.session.add(DayHours(resource_id=space.id, date=date(2030, 1, 14), opens=540, closes=600))
    month = {
        "month": "2030-01",
        "bookings": 3,
        "booked_minutes": 270,
        "open_minutes": (32 - 7 - 3) * 60,
        "occupancy": 0.205,
        "revenue": {"amount": 2500, "currency": "KES"},
    }
    shown = {"space_id": space.id, "space_name": "Loft", "timezone": "UTC", "months": [month]}
    assert report(api, owner) == [shown]
    months = report(api, owner, to="2030-02-28")[0]["months"]
    assert [(one["month"], one["bookings"]) for one in months] == [("2030-01", 3), ("2030-02", 1)]


def test_months_are_those_of_the_spaces_zone(api: Api, owner: User) -> None:
    """TZ-22: the same instant is in January in one place and in February in another."""
    for zone in ("America/New_York", "Africa/Nairobi"):
        let(make_space(owner, name=zone, timezone=zone), "2030-01-31T22:00")
    found = {one["space_name"]: one["months"] for one in report(api, owner, to="2030-02-28")}
    counts = {name: [month["bookings"] for month in months] for name, months in found.items()}
    assert counts == {"Africa/Nairobi": [0, 1], "America/New_York": [1, 0]}


def test_a_part_of_a_month(api: Api, owner: User) -> None:
    """Only the days asked for, both included; a year with a leap day is the longest."""
    space = make_space(owner)
    set_hours(space, "00:00", "24:00")
    for day in ("09", "10", "11", "12"):
        let(space, f"2030-01-{day}T23:00")
    (month,) = report(api, owner, **{"from": "2030-01-10", "to": "2030-01-11"})[0]["months"]
    assert (month["bookings"], month["open_minutes"]) == (2, 2 * 1440)
    assert len(report(api, owner, **{"from": "2028-01-01", "to": "2028-12-31"})[0]["months"]) == 12


def test_a_letting_over_the_end_of_a_month(api: Api, owner: User) -> None:
    """Its minutes are of the days on which they pass; it counts and earns where it begins."""
    space = make_space(owner, timezone="UTC")
    set_hours(space, "00:00", "24:00")
    let(space, "2029-11-30T00:00:00+00:00", hours=72, total=9000, status=BookingStatus.COMPLETED)
    (whole,) = report(api, owner, **{"from": "2029-11-30", "to": "2029-12-31"})
    assert [(one["bookings"], one["booked_minutes"], one["revenue"]["amount"]) for one in whole["months"]] == [
        (1, 1440, 9000),
        (0, 2880, 0),
    ]
    (day,) = report(api, owner, **{"from": "2029-11-30", "to": "2029-11-30"})
    assert (day["months"][0]["booked_minutes"], day["months"][0]["occupancy"]) == (1440, 1.0)


def test_closed_over_a_letting(api: Api, owner: User) -> None:
    """What was let was open, whatever came over it: the share is never more than all, nor unknown."""
    space = make_space(owner)
    set_hours(space, "09:00", "17:00", weekdays=[0])
    let(space, "2030-01-07T09:00", 2)
    with clock.frozen(at("2030-01-01T00:00")), transaction():
        absence = Absence(at("2030-01-01T00:00"), at("2030-02-01T00:00"))
        add_closure(resource_id=space.id, absence=absence, force=True, actor_id=None)
    (month,) = report(api, owner)[0]["months"]
    assert (month["booked_minutes"], month["open_minutes"], month["occupancy"]) == (120, 120, 1.0)


def test_many_zones(api: Api, owner: User) -> None:
    """Sixty, each with thirteen months: more than SQLite joins by UNION."""
    for zone in sorted(zoneinfo.available_timezones())[:60]:
        make_space(owner, timezone=zone)
    found = report(api, owner, **{"from": "2030-01-15", "to": "2031-01-14", "limit": "100"})
    assert [len(one["months"]) for one in found] == [13] * 60


def test_whose_figures(api: Api, owner: User) -> None:
    """Owners their own, retired ones too; admins all; a space without hours or bookings has zeros and no share."""
    retired = make_space(owner, name="A", active=False, retired_at=at("2030-01-01T00:00"))
    other = make_space(make_user(Role.OWNER), name="B")
    assert [one["space_id"] for one in report(api, owner)] == [retired.id]
    assert [one["space_id"] for one in report(api, make_user(Role.ADMIN))] == [retired.id, other.id]
    assert report(api, make_user(Role.OWNER)) == []
    (month,) = report(api, owner)[0]["months"]
    assert (month["bookings"], month["open_minutes"], month["occupancy"]) == (0, 0, None)
    assert month["revenue"] == {"amount": 0, "currency": "KES"}


@each_case(
    ("query", "named"),
    [
        ({"from": "2030-01-02", "to": "2030-01-01"}, "to"),
        ({"from": "2030-01-01", "to": "2031-01-02"}, "to"),
        ({"from": "January", "to": "2030-01-01"}, "from"),
        ({"to": "2030-01-01"}, "from"),
        ({"from": "2030-01-01"}, "to"),
    ],
)
def test_which_days_cannot_be(api: Api, owner: User, query: dict[str, str], named: str) -> None:
    """Backwards, more than 366, no dates, halves."""
    answer = api.get(REPORT, query=query, token=token_for(owner))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [named])


@pytest.mark.parametrize("size", [1, 30])
def test_statements(api: Api, owner: User, count_statements: CountStatements, size: int) -> None:
    """Five and the token's, however many spaces, zones, months and bookings."""
    for n in range(size):
        space = make_space(owner, timezone=("UTC", "Asia/Tokyo", "America/New_York")[n % 3])
        set_hours(space)
        let(space, "2030-01-07T09:00")
    token = token_for(owner)
    with count_statements() as statements:
        answer = api.get(REPORT, query={"from": "2030-01-01", "to": "2030-12-31", "limit": 100}, token=token)
    assert (answer.status_code, len(answer.json["items"])) == (200, size)
    assert len(statements) == 5, "\n\n".join(statements)
