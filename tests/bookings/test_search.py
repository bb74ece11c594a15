"""`GET /api/bookings/availability`: the slots of a service, day by day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.bookings.request import Asked
from app.bookings.wishes import NOTHING, read_visit
from app.diary.cause import Cause
from app.diary.closures import Absence, add_closure
from app.diary.diaries import Diary, Zones, load_diaries
from app.extensions import db
from app.kit import clock
from app.kit.intervals import Span, to_seconds
from app.models import Closure, DayHours, Role, Service
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import CHECK, MONDAY, NOW
from tests.cases import each_case
from tests.factories import assign, make_service, make_staff, make_user, make_working_staff, set_hours, token_for

PATH = "/api/bookings/availability"

pytestmark = pytest.mark.usefixtures("monday_morning")


def search(api: Api, service: Service, first: str = MONDAY, last: str | None = None, **query: Any) -> Any:
    """Ask for the slots of some days."""
    answer = api.get(PATH, query={"service_id": service.id, "from": first, "to": last or first} | query)
    assert answer.status_code == 200, answer.json
    return answer.json


def starts(found: dict[str, Any]) -> list[str]:
    """Return the starts of all days, without date and seconds."""
    return [slot["starts_at"][11:16] for day in found["days"] for slot in day["slots"]]


def book(api: Api, service: Service, starts_at: str, **fields: Any) -> Any:
    """Ask for a booking as a new client."""
    body = {"service_id": service.id, "starts_at": starts_at} | fields
    return api.post("/api/bookings", json=body, token=token_for(make_user()))


def test_the_slots_of_a_day(api: Api, hourly: None) -> None:
    """Every slot with its end, its staff and its price; nothing of it may be stored."""
    service = make_service()
    one, two = make_working_staff(service), make_staff()
    set_hours(two, "10:00", "12:00")
    assign(two, service)
    answer = api.get(PATH, query={"service_id": service.id, "from": MONDAY, "to": MONDAY})
    expected = [
        {
            "starts_at": f"{MONDAY}T{hour:02}:00:00Z",
            "ends_at": f"{MONDAY}T{hour + 1:02}:00:00Z",
            "staff_ids": [one.id, two.id] if hour in {10, 11} else [one.id],
            "price": {"amount": 4500, "currency": "KES"},
        }
        for hour in range(9, 17)
    ]
    assert answer.json == {"timezone": "UTC", "days": [{"date": MONDAY, "slots": expected}]}
    assert answer.headers["Cache-Control"] == "no-store"
    assert starts(search(api, service, staff_id=two.id)) == ["10:00", "11:00"]


def test_what_is_booked_is_gone_and_comes_back(api: Api, hourly: None) -> None:
    """By a booking and its cancellation."""
    service = make_service()
    make_working_staff(service)
    admin, whole = token_for(make_user(Role.ADMIN)), starts(search(api, service))
    booking = book(api, service, f"{MONDAY}T10:00:00Z").json
    assert starts(search(api, service)) == [start for start in whole if start != "10:00"]
    api.post(f"/api/bookings/{booking['id']}/cancel", json={}, token=admin)
    assert starts(search(api, service)) == whole


def test_own_prices_and_durations_are_slots_of_their_own(api: Api, hourly: None) -> None:
    """Two at one start, by end, then price."""
    service = make_service()
    usual, dear, slow = (make_staff() for _ in range(3))
    for staff, terms in ((usual, {}), (dear, {"price_amount": 9000}), (slow, {"duration_minutes": 90})):
        set_hours(staff, "09:00", "10:30")
        assign(staff, service, **terms)
    (day,) = search(api, service)["days"]
    shown = [(s["starts_at"][11:16], s["ends_at"][11:16], s["price"]["amount"], s["staff_ids"]) for s in day["slots"]]
    assert shown == [
        ("09:00", "10:00", 4500, [usual.id]),
        ("09:00", "10:00", 9000, [dear.id]),
        ("09:00", "10:30", 4500, [slow.id]),
    ]


def test_no_more_of_a_diary_is_read_than_can_be_booked() -> None:
    """Of two months around today, from now to the horizon, and how far the work reaches with its buffers."""
    service = make_service(max_advance_days=3, buffer_before_minutes=10, buffer_after_minutes=5)
    make_working_staff(service)
    read: list[Span] = []

    def reader(zones: Zones, span: Span, now: datetime, own: Cause) -> dict[int, Diary]:
        read.append(span)
        return load_diaries(zones, span, now, own)

    visit = replace(read_visit([Asked(service.id)]), read=reader)
    month = timedelta(days=30)
    found = visit.slots((to_seconds(NOW - month), to_seconds(NOW + month)), NOW, NOTHING)
    last = NOW + timedelta(days=3)
    assert (found[0].starts_at, found[-1].starts_at) == (NOW.replace(hour=9), last.replace(day=9, hour=16))
    assert read == [(to_seconds(NOW) - 600, to_seconds(last) + 1 + 4200)]
    assert visit.slots((to_seconds(NOW - month), to_seconds(NOW)), NOW, NOTHING) == []
    assert len(read) == 1


def test_every_day_is_listed(api: Api, hourly: None) -> None:
    """62 of them, empty ones included."""
    service = make_service()
    staff = make_staff()
    assign(staff, service)
    set_hours(staff, weekdays=[0])
    days = search(api, service, MONDAY, "2030-03-09")["days"]
    assert [day["date"] for day in days] == [(date(2030, 1, 7) + timedelta(days=n)).isoformat() for n in range(62)]
    assert [len(day["slots"]) for day in days[:8]] == [8, 0, 0, 0, 0, 0, 0, 8]


@each_case(
    ("wrong", "field"),
    [
        ({"to": "2030-03-10"}, "to"),
        ({"to": "2030-01-06"}, "to"),
        ({"to": "9998-12-31"}, "to"),
        ({"from": "2030-01-07T00:00:00Z"}, "from"),
        ({"from": "2030-02-30"}, "from"),
        ({"to": ""}, "to"),
        ({"timezone": "Nairobi"}, "timezone"),
        ({"service_id": "x"}, "service_id"),
        ({"service_id": 0}, "service_id"),
        ({"staff_id": 2**63}, "staff_id"),
        ({"page": 1}, "cursor"),
    ],
)
def test_wrong_queries(api: Api, wrong: dict[str, Any], field: str) -> None:
    """422 naming the parameter."""
    query = {"service_id": make_service().id, "from": MONDAY, "to": MONDAY} | wrong
    answer = api.get(PATH, query=query)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_what_is_left_out_is_named(api: Api) -> None:
    """The days, and what is asked about: a service or a space."""
    assert sorted(api.get(PATH).json["errors"]) == ["from", "to"]
    assert list(api.get(PATH, query={"from": MONDAY, "to": MONDAY}).json["errors"]) == ["service_id"]


def test_ids_that_name_nothing(api: Api) -> None:
    """404 naming the parameter, in both."""
    service = make_service()
    for query, field in (({"service_id": 999_999}, "service_id"), ({"staff_id": 999_999}, "staff_id")):
        days = {"service_id": service.id, "from": MONDAY, "to": MONDAY}
        start = {"service_id": service.id, "starts_at": f"{MONDAY}T10:00:00Z"}
        for answer in (api.get(PATH, query=days | query), api.get(CHECK, query=start | query)):
            assert (answer.status_code, list(answer.json["errors"])) == (404, [field])


def test_nobody_is_left(api: Api, hourly: None) -> None:
    """Inactive staff, a retired service, somebody who does not perform it, nobody at all: days without slots."""
    service, retired, orphan = make_service(), make_service(active=False), make_service()
    make_working_staff(retired)
    make_working_staff(service, active=False)
    other = make_working_staff(retired)
    for found in (
        search(api, service),
        search(api, retired),
        search(api, orphan),
        search(api, service, staff_id=other.id),
    ):
        assert [(day["date"], day["slots"]) for day in found["days"]] == [(MONDAY, [])]


def test_starts_gone_by(api: Api, hourly: None) -> None:
    """Of today what is still ahead, of yesterday nothing; a start at this very second is offered."""
    service = make_service()
    make_working_staff(service)
    with clock.frozen(NOW.replace(hour=14)):
        assert starts(search(api, service)) == ["14:00", "15:00", "16:00"]
        assert starts(search(api, service, "2030-01-06")) == []
    with clock.frozen(NOW.replace(hour=14, microsecond=1)):
        assert starts(search(api, service)) == ["15:00", "16:00"]


def test_notice_and_horizon(api: Api, hourly: None) -> None:
    """To the second, at both ends."""
    service = make_service(min_notice_minutes=5 * 60, max_advance_days=1)
    make_working_staff(service)
    assert starts(search(api, service)) == [f"{hour}:00" for hour in range(11, 17)]
    assert starts(search(api, service, "2030-01-08")) == []
    with clock.frozen(NOW + timedelta(hours=4)):
        assert starts(search(api, service, "2030-01-08")) == ["09:00", "10:00"]


def test_closed(api: Api, hourly: None) -> None:
    """Time off, a closure of the whole business, a date's own hours, a closed date."""
    service = make_service()
    staff = make_working_staff(service)
    at = NOW.replace
    with transaction():
        away = Absence(at(hour=9), at(hour=11))
        add_closure(resource_id=staff.id, absence=away, force=False, actor_id=None)
        db.session.add(Closure(resource_id=None, starts_at=at(hour=12, minute=30), ends_at=at(hour=14)))
        db.session.add(DayHours(resource_id=staff.id, date=date(2030, 1, 8), opens=20 * 60, closes=22 * 60))
        db.session.add(DayHours(resource_id=staff.id, date=date(2030, 1, 9), opens=None, closes=None))
    assert starts(search(api, service)) == ["11:00", "14:00", "15:00", "16:00"]
    assert starts(search(api, service, "2030-01-08", "2030-01-09")) == ["20:00", "21:00"]


def open_all_day(timezone: str) -> Service:
    """Return a service of an hour by one who never closes."""
    service = make_service()
    staff = make_staff(timezone=timezone)
    set_hours(staff, "00:00", "24:00")
    assign(staff, service)
    return service


@pytest.mark.parametrize(
    ("timezone", "day", "hours", "first"),
    [
        ("America/New_York", "2030-03-10", 23, "2030-03-10T05:00:00Z"),
        ("America/New_York", "2030-11-03", 25, "2030-11-03T04:00:00Z"),
        ("America/New_York", "2030-07-01", 24, "2030-07-01T04:00:00Z"),
        ("Asia/Kathmandu", "2030-07-01", 24, "2030-06-30T18:15:00Z"),
        ("Pacific/Kiritimati", "2030-07-01", 24, "2030-06-30T10:00:00Z"),
        ("Pacific/Pago_Pago", "2030-07-01", 24, "2030-07-01T11:00:00Z"),
        ("America/Santiago", "2030-09-08", 23, "2030-09-08T04:00:00Z"),
    ],
)
def test_days_are_the_venues(api: Api, hourly: None, timezone: str, day: str, hours: int, first: str) -> None:
    """TZ-06, TZ-09: each start of a local day once, on short and long days, wherever the caller is."""
    found = search(api, open_all_day(timezone), day)
    assert (found["timezone"], [one["date"] for one in found["days"]]) == (timezone, [day])
    slots = [slot["starts_at"] for slot in found["days"][0]["slots"]]
    start = datetime.fromisoformat(first)
    assert slots == [f"{start + timedelta(hours=n):%Y-%m-%dT%H:%M:%SZ}" for n in range(hours)]


def test_half_an_hour_of_change(api: Api, hourly: None) -> None:
    """TZ-08: Lord Howe's long day has 24 and a half hours; work and grid go on through it, and can be booked."""
    service = open_all_day("Australia/Lord_Howe")
    (day,) = search(api, service, "2030-04-07")["days"]  # clocks go back from 02:00 to 01:30
    slots = [slot["starts_at"] for slot in day["slots"]]
    midnight, next_midnight = datetime(2030, 4, 6, 13, tzinfo=UTC), datetime(2030, 4, 7, 13, 30, tzinfo=UTC)
    going_on = [midnight + timedelta(hours=n) for n in range(25)]
    assert slots == [f"{at:%Y-%m-%dT%H:%M:%SZ}" for at in going_on if at < next_midnight]
    made = book(api, service, slots[1]).json
    assert (made["starts_at"], made["ends_at"]) == ("2030-04-06T14:00:00Z", "2030-04-06T15:00:00Z")
    (short,) = search(api, service, "2030-10-06")["days"]  # clocks go forward from 02:00 to 02:30
    assert (len(short["slots"]), short["slots"][0]["starts_at"]) == (24, "2030-10-05T13:30:00Z")


def test_days_of_another_zone(api: Api, hourly: None) -> None:
    """`timezone` cuts the days elsewhere; the slots are the same instants."""
    service = make_service()
    make_working_staff(service)
    found = search(api, service, "2030-01-08", timezone="Pacific/Kiritimati")
    assert found["timezone"] == "Pacific/Kiritimati"
    assert [slot["starts_at"] for slot in found["days"][0]["slots"]] == [
        *(f"2030-01-07T{hour}:00:00Z" for hour in range(10, 17)),
        "2030-01-08T09:00:00Z",
    ]


def test_the_venues_zone(api: Api, hourly: None) -> None:
    """The common zone of those asked for; where they differ, the business's; who has left does not count."""
    service = make_service()
    tokyo = make_working_staff(service, timezone="Asia/Tokyo")
    make_working_staff(service, timezone="Europe/Paris", active=False)
    assert search(api, service)["timezone"] == "Asia/Tokyo"
    make_working_staff(service, timezone="America/Lima")
    assert search(api, service)["timezone"] == "Africa/Nairobi"
    assert search(api, service, staff_id=tokyo.id)["timezone"] == "Asia/Tokyo"
    assert search(api, make_service())["timezone"] == "Africa/Nairobi"
