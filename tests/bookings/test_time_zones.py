"""Short days, long days and staff in several zones, as the API's callers see them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Booking, Role, Service
from tests.api import Api
from tests.cases import each_case
from tests.factories import assign, make_service, make_staff, make_user, make_working_staff, set_hours, token_for

NEW_YORK, DUBLIN, CHATHAM = "America/New_York", "Europe/Dublin", "Pacific/Chatham"
SHORT, LONG = "2030-03-10", "2030-11-03"  # New York's days of 23 and 25 hours, Sundays

PATH = "/api/bookings/availability"

pytestmark = pytest.mark.usefixtures("hourly")


@pytest.fixture(autouse=True)
def new_year(app: Flask) -> Iterator[None]:
    """Make it the first morning of the year, from which every day of it can be booked."""
    with clock.frozen(datetime(2030, 1, 1, 6, tzinfo=UTC)):
        yield


def an_hours_work(**fields: Any) -> Service:
    """Return a service of an hour that can be booked a year ahead."""
    return make_service(max_advance_days=365, **fields)


def days(api: Api, service: Service, first: str, last: str | None = None, **query: Any) -> dict[str, Any]:
    """Ask for slots; return those of each date."""
    answer = api.get(PATH, query={"service_id": service.id, "from": first, "to": last or first} | query)
    assert answer.status_code == 200, answer.json
    return {day["date"]: day["slots"] for day in answer.json["days"]}


def starts(slots: list[dict[str, Any]]) -> list[str]:
    """Return when slots start, as day of the month and hour in UTC."""
    assert all(slot["starts_at"].endswith(":00:00Z") for slot in slots)
    return [slot["starts_at"][8:13] for slot in slots]


def hours(first: str, count: int) -> list[str]:
    """Return so many hours from one on, as `starts` does."""
    begin = datetime.fromisoformat(f"{first}:00Z")
    return [f"{begin + timedelta(hours=n):%dT%H}" for n in range(count)]


def book(api: Api, service: Service, starts_at: str, **fields: Any) -> Any:
    """Ask for a booking as a new client."""
    body = {"service_id": service.id, "starts_at": starts_at} | fields
    return api.post("/api/bookings", json=body, token=token_for(make_user()))


@pytest.mark.parametrize(
    ("zone", "day", "begin", "length"),
    [
        (NEW_YORK, SHORT, "2030-03-10T05", 23),
        (NEW_YORK, LONG, "2030-11-03T04", 25),
        (DUBLIN, "2030-03-31", "2030-03-31T00", 23),
        (DUBLIN, "2030-10-27", "2030-10-26T23", 25),
    ],
)
def test_staff_of_several_zones_on_days_of_23_and_25_hours(
    api: Api, zone: str, day: str, begin: str, length: int
) -> None:
    """TZ-06: of a day of the zone asked for, every hour once, each with who is open then by their own clocks."""
    service = an_hours_work()
    always = make_staff(timezone=zone)
    set_hours(always, "00:00", "24:00")
    assign(always, service)
    nairobi = make_working_staff(service, timezone="Africa/Nairobi")  # 06:00Z to 14:00Z
    found = days(api, service, day, timezone=zone)
    assert list(found) == [day]
    assert starts(found[day]) == hours(begin, length)
    both = [slot for slot in found[day] if slot["staff_ids"] == [always.id, nairobi.id]]
    assert starts(both) == hours(f"{day}T06", 8)
    assert all(slot["staff_ids"] == [always.id] for slot in found[day] if slot not in both)


def test_the_zone_asked_for_only_cuts_the_days(api: Api) -> None:
    """The same slots, whoever looks from wherever; those of a zone's short day are fewer."""
    service = an_hours_work()
    for zone in (NEW_YORK, DUBLIN, CHATHAM):
        staff = make_staff(timezone=zone)
        set_hours(staff, "22:00", "05:00")
        assign(staff, service)
    listed = []
    for zone in (NEW_YORK, DUBLIN, CHATHAM, "Pacific/Pago_Pago"):
        found = days(api, service, "2030-03-07", "2030-03-13", timezone=zone)
        for day, slots in found.items():
            begun = {datetime.fromisoformat(slot["starts_at"]).astimezone(ZoneInfo(zone)).date() for slot in slots}
            assert begun == {date.fromisoformat(day)}
        slots = [slot for day in found.values() for slot in day]
        listed.append([slot for slot in slots if "2030-03-09" < slot["starts_at"] < "2030-03-12"])
    assert listed == listed[:1] * 4
    assert len(listed[0]) == 55  # 21 of Dublin's and 21 of Chatham's, 20 of New York's, 7 of them at the same time


@pytest.mark.parametrize(
    ("saturday", "late", "early"),
    [
        # 20:00 EST to 03:00 EDT is six hours: 00:00 and 01:00 are followed by 03:00
        ("2030-03-09", ["10T01", "10T02", "10T03", "10T04"], ["10T05", "10T06"]),
        # 20:00 EDT to 03:00 EST is eight: 01:00 comes twice
        ("2030-11-02", ["03T00", "03T01", "03T02", "03T03"], ["03T04", "03T05", "03T06", "03T07"]),
        ("2030-06-01", ["02T00", "02T01", "02T02", "02T03"], ["02T04", "02T05", "02T06"]),
    ],
)
def test_slots_past_midnight_are_listed_under_the_date_they_start_on(
    api: Api, saturday: str, late: list[str], early: list[str]
) -> None:
    """Saturday's hours go on into Sunday, which has none of its own."""
    service = an_hours_work()
    staff = make_staff(timezone=NEW_YORK)
    set_hours(staff, "20:00", "03:00", weekdays=[5])
    assign(staff, service)
    sunday = f"{datetime.fromisoformat(saturday) + timedelta(days=1):%Y-%m-%d}"
    expected = {saturday: late, sunday: early}
    found = days(api, service, saturday, sunday)
    assert {day: starts(slots) for day, slots in found.items()} == expected
    assert starts(days(api, service, sunday)[sunday]) == early  # asked for alone as well


def test_what_opens_at_a_time_that_does_not_exist_opens_later(api: Api) -> None:
    """02:30 on New York's short Sunday is 03:30; on the long one 01:30 is the first of two."""
    service = an_hours_work()
    staff = make_staff(timezone=NEW_YORK)
    assign(staff, service)
    admin = token_for(make_user(Role.ADMIN))
    for day, opens, expected in (
        (SHORT, "02:30", ["2030-03-10T07:30:00Z", "2030-03-10T08:30:00Z"]),
        (LONG, "01:30", [f"2030-11-03T{hour:02}:30:00Z" for hour in range(5, 10)]),
    ):
        own = {"hours": [{"opens": opens, "closes": "05:30"}]}
        assert api.put(f"/api/staff/{staff.id}/hours/{day}", json=own, token=admin).status_code == 200
        assert [slot["starts_at"] for slot in days(api, service, day)[day]] == expected


def open_around_the_clock(**fields: Any) -> Service:
    """Return a service by somebody in New York who never closes."""
    service = an_hours_work(**fields)
    staff = make_staff(timezone=NEW_YORK)
    set_hours(staff, "00:00", "24:00")
    assign(staff, service)
    return service


def test_work_over_the_gap_takes_its_real_time(api: Api) -> None:
    """TZ-05: 90 minutes from 01:00 before the gap end at 03:30, of which nobody else gets a minute."""
    service = open_around_the_clock(duration_minutes=90)
    made = book(api, service, f"{SHORT}T01:00:00-05:00")
    assert made.status_code == 201, made.json
    assert (made.json["starts_at"], made.json["ends_at"]) == ("2030-03-10T06:00:00Z", "2030-03-10T07:30:00Z")
    assert starts(days(api, service, SHORT)[SHORT])[:1] == ["10T08"]


def test_both_occurrences_of_an_hour_can_be_booked(api: Api) -> None:
    """01:00 comes twice on the long day: two bookings, an hour apart, and no third."""
    service = open_around_the_clock()
    assert [book(api, service, f"{LONG}T01:00:00-0{offset}:00").status_code for offset in (4, 5, 4, 5)] == [
        201,
        201,
        409,
        409,
    ]
    assert starts(days(api, service, LONG)[LONG]) == ["03T04", *hours(f"{LONG}T07", 22)]


@each_case("local", [f"{SHORT}T02:30", f"{SHORT}T02:30:00", f"{LONG}T01:30:00", "2030-07-01T10:00:00"])
def test_a_time_without_its_offset_is_refused(api: Api, local: str) -> None:
    """TZ-01, TZ-13: no wall time is guessed at, existing or not; times are instants."""
    service = open_around_the_clock()
    answer = book(api, service, local)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["starts_at"])
    assert db.session.query(Booking).count() == 0


def test_an_instant_is_what_counts(api: Api) -> None:
    """TZ-14: with an offset that is not New York's in July; the answer says in whose zone to show it."""
    service = open_around_the_clock()
    made = book(api, service, "2030-07-01T10:00:00-05:00").json
    assert (made["starts_at"], made["timezone"]) == ("2030-07-01T15:00:00Z", NEW_YORK)


@pytest.mark.parametrize(
    ("now", "day", "first", "count"),
    [("2030-03-03T05:20", SHORT, "2030-03-10T06", 22), ("2030-10-27T05:40", LONG, "2030-11-03T06", 23)],
)
def test_notice_that_ends_on_the_day_of_a_change(api: Api, now: str, day: str, first: str, count: int) -> None:
    """TZ-04: seven times 24 hours later, on the grid that the day has anyway."""
    service = open_around_the_clock(min_notice_minutes=7 * 24 * 60)
    with clock.frozen(datetime.fromisoformat(f"{now}Z")):
        assert starts(days(api, service, day)[day]) == hours(first, count)


def test_bookings_keep_their_instants_when_staff_move(api: Api) -> None:
    """TZ-15: opening hours mean the new zone's clocks from then on; what was agreed stays."""
    service = an_hours_work()
    staff = make_working_staff(service, timezone=NEW_YORK)
    admin = token_for(make_user(Role.ADMIN))
    made = book(api, service, "2030-07-01T10:00:00-04:00").json
    assert api.patch(f"/api/staff/{staff.id}", json={"timezone": DUBLIN}, token=admin).status_code == 200
    kept = api.get(f"/api/bookings/{made['id']}", token=admin).json
    assert (kept["starts_at"], kept["timezone"]) == ("2030-07-01T14:00:00Z", NEW_YORK)
    assert starts(days(api, service, "2030-07-01")["2030-07-01"]) == [
        f"01T{hour:02}" for hour in range(8, 16) if hour != 14
    ]


def test_every_instant_in_every_answer_is_utc(api: Api) -> None:
    """TZ-17: RFC 3339 with `Z`, in whatever zone the staff work."""
    service = open_around_the_clock()
    admin = token_for(make_user(Role.ADMIN))
    made = book(api, service, f"{LONG}T01:00:00-04:00").json
    (staff_id,) = {item["staff_id"] for item in made["items"]}
    away = {"starts_at": f"{LONG}T12:00:00-05:00", "ends_at": f"{LONG}T13:00:00-05:00"}
    assert api.post(f"/api/staff/{staff_id}/time-off", json=away, token=admin).status_code == 201
    span = f"from={LONG}&to={LONG}"
    paths = [
        f"{PATH}?service_id={service.id}&{span}",
        f"/api/bookings/check-availability?service_id={service.id}&starts_at={LONG}T05:00:00Z",
        "/api/bookings",
        f"/api/bookings/{made['id']}/history",
        f"/api/bookings/{made['id']}/cancellation-quote",
        f"/api/staff/{staff_id}",
        f"/api/staff/{staff_id}/time-off",
        f"/api/staff/{staff_id}/calendar?{span}",
        f"/api/staff/schedule?{span}",
        "/api/users",
    ]
    for path in paths:
        found = list(instants(api.get(path, token=admin).json))
        assert found, path
        assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z", text) for text in found), (path, found)


def instants(answer: Any) -> Iterator[str]:
    """Yield every text that is a date with a time, and every text under a name that promises an instant."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            if isinstance(value, str) and (name.endswith(("_at", "_until")) or re.match(r"\d{4}-\d\d-\d\dT", value)):
                yield value
            else:
                yield from instants(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from instants(value)
