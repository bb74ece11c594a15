"""Free between two instants: what is listed is what a booking is accepted for, and nothing else is left out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.kit import clock
from app.models import Allocation, Booking, BookingStatus, Closure, DayHours, OpeningRule, Role, Space
from app.transactions import transaction
from app.web import pagination
from app.web.instants import FIRST_DATE
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_space, make_space_booking, make_user, set_hours, token_for
from tests.spaces.desk import SPACES, names

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TUESDAY = datetime(2030, 1, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


def at(clock_time: str, day: datetime = TUESDAY) -> datetime:
    """Return a time of Tuesday, UTC."""
    hours, minutes = clock_time.split(":")
    return day + timedelta(hours=int(hours), minutes=int(minutes))


def between(starts_at: datetime, ends_at: datetime, **more: Any) -> dict[str, Any]:
    """Return the query for an interval."""
    return {"available_from": starts_at.isoformat(), "available_to": ends_at.isoformat()} | more


def free(api: Api, begin: str = "14:00", end: str = "16:00") -> list[str]:
    """Return the names of what is free on Tuesday."""
    return names(api, **between(at(begin), at(end)))


def hall(name: str = "Hall", opens: str = "09:00", closes: str = "17:00", **fields: Any) -> Space:
    """Return a space that is open every day."""
    space = make_space(name=name, **fields)
    set_hours(space, opens, closes)
    return space


def take(space: Space, begin: str, end: str, **fields: Any) -> Booking:
    """Book a space on Tuesday, with its allocation."""
    booking = make_space_booking(make_user(), space, at(begin), **fields)
    with transaction():
        db.session.add(
            Allocation(
                resource_id=space.id,
                starts_at=at(begin),
                ends_at=at(end),
                booking_id=booking.id,
                expires_at=booking.expires_at,
            )
        )
    return booking


@pytest.mark.parametrize(
    ("fields", "begin", "end", "is_free"),
    [
        ({}, "14:00", "16:00", True),
        ({}, "09:00", "17:00", True),
        ({}, "08:45", "10:00", False),  # not open yet
        ({}, "16:00", "17:15", False),  # not open any more
        ({}, "14:05", "16:05", False),  # between the grid
        ({}, "14:00", "15:05", False),  # its end alone
        ({}, "14:00", "14:45", False),  # too short
        ({"min_minutes": 45}, "14:00", "14:45", True),
        ({"max_minutes": 90}, "14:00", "15:45", False),  # too long
        ({"min_notice_minutes": 32 * 60}, "14:00", "16:00", True),
        ({"min_notice_minutes": 32 * 60 + 1}, "14:00", "16:00", False),
        ({"max_advance_days": 2}, "14:00", "16:00", True),
        ({"max_advance_days": 1}, "14:00", "16:00", False),
        ({"active": False}, "14:00", "16:00", False),
        ({"timezone": "Africa/Nairobi"}, "13:00", "14:00", True),
        ({"timezone": "Africa/Nairobi"}, "14:00", "15:00", False),  # five there
        ({"timezone": "Pacific/Kiritimati"}, "19:00", "20:00", True),  # nine the next morning
        ({"timezone": "Asia/Kathmandu"}, "03:15", "04:15", True),  # at nine by a clock of its own
        ({"timezone": "Asia/Kathmandu"}, "03:00", "04:15", False),
    ],
)
def test_rules_of_a_space(api: Api, fields: dict[str, Any], begin: str, end: str, is_free: bool) -> None:
    """Each of them, with the instant on either side; and a booking is told the same."""
    space = hall(**fields)
    assert free(api, begin, end) == ["Hall"] * is_free
    wanted = {"space_id": space.id, "starts_at": at(begin).isoformat(), "ends_at": at(end).isoformat()}
    booked = api.post("/api/bookings", wanted, token=token_for(make_user()))
    assert booked.status_code == (201 if is_free else 409), booked.json
    assert free(api, begin, end) == []


@pytest.mark.parametrize(
    ("begin", "end", "is_free"),
    [
        ("12:00", "14:00", True),
        ("16:00", "17:00", True),
        ("10:00", "12:00", True),
        ("13:00", "14:15", False),
        ("15:45", "17:00", False),
        ("14:30", "15:30", False),
        ("10:00", "17:00", False),
    ],
)
def test_what_is_taken(api: Api, begin: str, end: str, is_free: bool) -> None:
    """Touching is not overlapping; years of other bookings change nothing."""
    space = hall(max_minutes=600)
    take(space, "14:00", "16:00")
    take(space, "09:00", "09:30")
    assert free(api, begin, end) == ["Hall"] * is_free


@pytest.mark.parametrize(("until", "is_free"), [(NOW, True), (NOW + timedelta(seconds=1), False)])
def test_what_has_lapsed_does_not_block(api: Api, until: datetime, is_free: bool) -> None:
    """A pending booking blocks as long as it is pending, and an instant later not: before anybody has swept it up."""
    space = hall()
    pending = {"status": BookingStatus.PENDING, "pending_reason": "approval", "expires_at": until}
    take(space, "14:00", "16:00", **pending)
    assert free(api) == ["Hall"] * is_free


def test_closures(api: Api) -> None:
    """Of the space; of the whole business; and one that lies over a booking that has lapsed."""
    closed, lapsed = hall("Closed"), hall("Lapsed")
    hall("Open")
    pending = {"status": BookingStatus.PENDING, "pending_reason": "approval", "expires_at": NOW + timedelta(hours=1)}
    take(lapsed, "14:00", "16:00", **pending)
    with transaction():
        for space in (closed, lapsed):
            absence = Absence(at("13:00"), at("15:00"))
            add_closure(resource_id=space.id, absence=absence, force=True, actor_id=None)
    with clock.frozen(NOW + timedelta(hours=2)):
        assert free(api) == ["Open"]
        assert free(api, "15:00", "16:00") == ["Closed", "Lapsed", "Open"]
        with transaction():
            db.session.add(Closure(resource_id=None, starts_at=at("15:30"), ends_at=at("15:45")))
        assert free(api, "15:00", "16:00") == []


def test_hours_of_a_date(api: Api) -> None:
    """They replace the weekday's: a day may be closed, or open at another time."""
    for name, hours in (("Closed", (None, None)), ("Late", (18 * 60, 20 * 60)), ("Usual", None)):
        space = hall(name)
        if hours:
            with transaction():
                db.session.add(DayHours(resource_id=space.id, date=date(2030, 1, 8), opens=hours[0], closes=hours[1]))
    assert free(api) == ["Usual"]
    assert free(api, "18:00", "20:00") == ["Late"]


def test_over_midnight(api: Api) -> None:
    """Hours that run past it, from Sunday into Monday too, and that meet at it."""
    hall("Bar", "20:00", "04:00")
    space = make_space(name="Always")
    set_hours(space, "00:00", "24:00")
    assert free(api, "22:00", "26:00") == ["Always", "Bar"]
    sunday = TUESDAY + timedelta(days=5)
    assert names(api, **between(at("25:00", sunday), at("27:00", sunday))) == ["Always", "Bar"]
    assert free(api, "02:00", "04:00") == ["Always", "Bar"]
    assert free(api, "03:00", "05:00") == ["Always"]


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Nairobi"])
def test_clock_changes(api: Api, zone: str) -> None:
    """On the days of a change the list agrees with the engine at every quarter of an hour."""
    space = make_space(name="Hall", timezone=zone, max_advance_days=3000, min_minutes=15)
    set_hours(space, "01:30", "02:30")
    ever = False
    for day in (datetime(2030, 3, 10, tzinfo=UTC), datetime(2030, 10, 27, tzinfo=UTC)):
        for quarter in range(0, 96, 3):
            begin = day + timedelta(minutes=15 * quarter)
            end = begin + timedelta(minutes=30)
            asked = {"space_id": space.id, "starts_at": begin.isoformat(), "ends_at": end.isoformat()}
            told = api.get("/api/bookings/check-availability", query=asked).json["available"]
            assert names(api, **between(begin, end)) == ["Hall"] * told, begin
            ever |= told
    assert ever


def test_the_list_and_the_engine_agree(api: Api) -> None:
    """Product promise 3, for forty houses that chance has made: listed if and only if it can be booked."""
    chance = Random(5)  # noqa: S311  # the same each time
    spaces, ever = [_by_chance(chance) for _ in range(40)], set[int]()
    for _ in range(10):
        begin = TUESDAY + timedelta(minutes=chance.choice([15, 15, 15, 5]) * chance.randrange(4 * 48))
        end = begin + timedelta(minutes=15 * chance.randrange(1, 20))
        found = {space["id"] for space in api.get(SPACES, query=between(begin, end, limit=100)).json["items"]}
        told = set()
        for space in spaces:
            asked = {"space_id": space.id, "starts_at": begin.isoformat(), "ends_at": end.isoformat()}
            if api.get("/api/bookings/check-availability", query=asked).json["available"]:
                told.add(space.id)
        assert found == told
        ever |= told
    assert len(ever) > 10


def _by_chance(chance: Random) -> Space:
    zones = ["UTC", "Africa/Nairobi", "America/St_Johns", "Asia/Tokyo", "Pacific/Auckland"]
    space = make_space(
        timezone=chance.choice(zones),
        min_minutes=chance.choice([15, 60, 120]),
        max_minutes=chance.choice([120, 240, 1440]),
        min_notice_minutes=chance.choice([0, 0, 2000]),
        active=chance.random() < 0.9,
    )
    with transaction():
        for weekday in range(7):
            for _ in range(chance.choice([0, 1, 1, 2])):
                opens, closes = (15 * chance.randrange(96), 15 * chance.randrange(97))
                db.session.add(OpeningRule(resource_id=space.id, weekday=weekday, opens=opens, closes=closes))
    for hour in chance.sample(range(0, 40, 2), 6):
        take(space, f"{hour}:00", f"{hour + 1}:30")
    return space


def test_pages_of_what_is_free(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every one once; a page that has used up its batches is short and goes on."""
    monkeypatch.setattr(pagination, "LEAST_BATCH", 2)
    for n in range(20):
        space = hall(f"Hall {n:02}")
        if n % 3:
            with transaction():  # only the engine sees it: hours of a date
                db.session.add(DayHours(resource_id=space.id, date=date(2030, 1, 8), opens=None, closes=None))
    seen, pages = [], 0
    query = between(at("14:00"), at("16:00"), limit=1)
    while True:
        page = api.get(SPACES, query=query).json
        assert len(page["items"]) <= 1
        seen += [space["name"] for space in page["items"]]
        pages += 1
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [f"Hall {n:02}" for n in range(0, 20, 3)]
    assert pages <= 10


def test_with_everything_else(api: Api) -> None:
    """In the same query: words, place, price, order."""
    hall("Blue loft", latitude=1.0, longitude=1.0, price_per_hour_amount=10)
    hall("Red loft", latitude=1.1, longitude=1.1, price_per_hour_amount=20)
    taken = hall("Green loft", latitude=1.0, longitude=1.0)
    take(taken, "14:00", "16:00")
    query = between(at("14:00"), at("16:00"), q="loft", near="1,1", radius_km=50, price_max=100)
    assert names(api, **query, sort="-price") == ["Red loft", "Blue loft"]
    assert names(api, **query, sort="distance", owner_id=taken.owner_id) == []
    assert names(api, **query, sort="distance") == ["Blue loft", "Red loft"]


@each_case(
    ("begin", "end"),
    [
        (NOW - timedelta(days=1), NOW - timedelta(hours=20)),
        (at("14:00"), at("14:00") + timedelta(days=367)),
        (at("14:00") + timedelta(seconds=1), at("16:00")),
        (at("14:00"), at("16:00") + timedelta(microseconds=1)),
        (datetime(9998, 1, 1, tzinfo=UTC), datetime(9998, 1, 2, tzinfo=UTC)),
        (datetime(9999, 12, 31, 22, tzinfo=UTC), datetime(9999, 12, 31, 23, tzinfo=UTC)),
        (datetime(9989, 12, 31, 22, tzinfo=UTC), datetime(9989, 12, 31, 23, tzinfo=UTC)),
        (datetime.combine(FIRST_DATE, time(), UTC), datetime.combine(FIRST_DATE, time(1), UTC)),
    ],
)
@each_case("zone", ["Pacific/Kiritimati", "America/New_York"])
def test_what_nobody_lets(api: Api, begin: datetime, end: datetime, zone: str) -> None:
    """The past, more than a year, between minutes, both ends of the calendar: an empty list."""
    space = make_space(max_minutes=366 * 1440, max_advance_days=3660, timezone=zone)
    set_hours(space, "00:00", "24:00")
    assert names(api, **between(begin, end)) == []


def test_no_cache_keeps_what_is_free(api: Api) -> None:
    """It is availability; the plain list may be asked for again by its `ETag`."""
    hall("Hall")
    free_now = api.get(SPACES, query=between(at("14:00"), at("16:00")))
    assert (free_now.headers["Cache-Control"], "ETag" in free_now.headers) == ("no-store", False)
    assert api.get(SPACES).headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize("size", [1, 40])
def test_statements(api: Api, count_statements: CountStatements, size: int) -> None:
    """The list and its pictures; with a time one more for the zones and one for the diaries, however many there are."""
    for n in range(size):
        hall(f"Hall {n}", latitude=1.0, longitude=1.0)
    owner = token_for(make_user(Role.OWNER))
    everything = {"q": "hall", "near": "1,1", "city": "Nairobi", "amenity": [], "limit": 100}
    for query, expected in (({}, 2), (everything, 2), (everything | between(at("14:00"), at("16:00")), 4)):
        with count_statements() as statements:
            answer = api.get(SPACES, query=query)
        assert (answer.status_code, len(statements)) == (200, expected), "\n\n".join(statements)
    with count_statements() as statements:
        assert api.get(SPACES, token=owner).status_code == 200
    assert len(statements) == 3
