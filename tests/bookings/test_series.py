"""`/api/bookings/series`: what repeats, what is refused, and that a preview and a refusal change nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.bookings.series.recurrence import starts_of
from app.bookings.series.request import Repeat
from app.bookings.service.clients import hand_over
from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.kit import clock
from app.models import (
    Allocation,
    Booking,
    BookingHistory,
    BookingSeries,
    DayHours,
    OutboxEvent,
    Role,
    Service,
    Staff,
    User,
)
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.databases import refused_by_shape
from tests.factories import (
    assign,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_working_staff,
    set_hours,
    token_for,
)

TEN = "2030-01-07T10:00:00Z"
FIVE = [f"2030-{day}T10:00:00Z" for day in ("01-07", "01-14", "01-21", "01-28", "02-04")]
SERIES = "/api/bookings/series"

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def desk(app: Flask) -> User:
    """Somebody at the desk: of the staff, and not bound by a client's limits."""
    return make_user(Role.STAFF)


@pytest.fixture
def jane(service: Service) -> Staff:
    """Who performs it, 09:00 to 17:00 in UTC."""
    return make_working_staff(service)


def rows() -> list[int]:
    """Count everything that a series writes."""
    tables = (Allocation, Booking, BookingHistory, BookingSeries, OutboxEvent)
    counts = [db.session.scalar(select(func.count()).select_from(t)) or 0 for t in tables]
    db.session.commit()
    return counts


def asked(service: Service, starts_at: str = TEN, *, every: int = 1, count: int = 5, **fields: Any) -> dict[str, Any]:
    """Return the body of a series of a service."""
    repeat = {"every_weeks": every, "count": count}
    return {"service_id": service.id, "starts_at": starts_at, "repeat": repeat} | fields


def book(api: Api, who: User, body: dict[str, Any], **query: Any) -> Any:
    """Ask for a series."""
    return api.post(SERIES, body, token=token_for(who), query=query)


def booked(api: Api, who: User, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for a series that is made; return it as GET shows it."""
    answer = book(api, who, body)
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = api.get(answer.headers["Location"], token=token_for(who)).json
    return found


def take(api: Api, who: User, service: Service, starts_at: str, staff: Staff | None = None) -> dict[str, Any]:
    """Book one time alone."""
    body = {"service_id": service.id, "starts_at": starts_at, "for_self": True}
    answer = api.post("/api/bookings", body | ({"staff_id": staff.id} if staff else {}), token=token_for(who))
    assert answer.status_code == 201, answer.json
    found: dict[str, Any] = answer.json
    return found


def starts(series: dict[str, Any]) -> list[str]:
    """Return when the bookings of a series begin."""
    return [booking["starts_at"] for booking in series["bookings"]]


def test_every_date_is_a_booking(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """201: each is a booking like any other, and says which series it is of."""
    answer = book(api, ada, asked(service, notes="Window seat"))
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert answer.headers["Location"] == f"{SERIES}/{made['id']}"
    assert (made["mode"], [item["starts_at"] for item in made["items"]]) == ("all_or_nothing", FIVE)
    for item in made["items"]:
        assert (item["verdict"], item["alternatives"]) == ("booked", [])
        assert item["booking"] == api.get(f"/api/bookings/{item['booking']['id']}", token=token_for(ada)).json
        assert item["booking"]["series_id"] == made["id"]
        assert (item["booking"]["status"], item["booking"]["notes"]) == ("confirmed", "Window seat")
    assert rows() == [5, 5, 5, 1, 5]
    series = api.get(answer.headers["Location"], token=token_for(ada)).json
    assert series == {
        "id": made["id"],
        "client_id": ada.id,
        "every_weeks": 1,
        "timezone": "UTC",
        "created_at": "2030-01-07T06:00:00Z",
        "bookings": [item["booking"] for item in made["items"]],
    }


@pytest.mark.parametrize(
    ("repeat", "expected"),
    [
        ({"every_weeks": 2, "count": 2}, ["2030-01-07", "2030-01-21"]),
        ({"every_weeks": 2, "until": "2030-02-04"}, ["2030-01-07", "2030-01-21", "2030-02-04"]),
        ({"every_weeks": 2, "until": "2030-02-03"}, ["2030-01-07", "2030-01-21"]),
    ],
    ids=str,
)
def test_how_it_ends(
    api: Api, ada: User, service: Service, jane: Staff, repeat: dict[str, Any], expected: list[str]
) -> None:
    """After so many dates, or with the last one not after a day."""
    assert [start[:10] for start in starts(booked(api, ada, asked(service) | {"repeat": repeat}))] == expected


@refused_by_shape
@each_case(
    ("repeat", "field"),
    [
        (None, "repeat"),
        ({}, "repeat.every_weeks"),
        ({"every_weeks": 1}, "repeat.count"),
        ({"every_weeks": 1, "count": 3, "until": "2030-03-01"}, "repeat.count"),
        ({"every_weeks": 0, "count": 3}, "repeat.every_weeks"),
        ({"every_weeks": 53, "count": 3}, "repeat.every_weeks"),
        ({"every_weeks": 1, "count": 1}, "repeat.count"),
        ({"every_weeks": 1, "count": 53}, "repeat.count"),
        ({"every_weeks": 1, "until": "2030-01-13"}, "repeat.until"),
        ({"every_weeks": 1, "until": "2031-01-06"}, "repeat.until"),
        ({"every_weeks": 1, "until": "soon"}, "repeat.until"),
    ],
)
@each_case("dry_run", ["true", "false"])
def test_what_is_no_repetition(
    api: Api, ada: User, service: Service, jane: Staff, repeat: Any, field: str, dry_run: str
) -> None:
    """422 that names the field; 52 dates are the most."""
    answer = book(api, ada, asked(service) | {"repeat": repeat}, dry_run=dry_run)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), answer.json
    assert rows() == [0, 0, 0, 0, 0]


@each_case(
    "fields",
    [{"mode": "some"}, {"hold_id": 1}, {"space_id": 1}, {"starts_at": "9999-01-01T10:00:00Z"}],
)
def test_other_shapes(api: Api, ada: User, service: Service, jane: Staff, fields: dict[str, Any]) -> None:
    """422: no other mode; a hold is for one booking; one kind of thing; within the calendar."""
    answer = book(api, ada, asked(service) | fields)
    assert (answer.status_code, list(answer.json["errors"])) == (422, list(fields)), answer.json


def test_fifty_two_dates(api: Api, desk: User, service: Service, jane: Staff) -> None:
    """A year of Mondays: within the horizon of 365 days, by a number of statements that the dates alone decide."""
    assert len(booked(api, desk, asked(service, count=52, for_self=True))["bookings"]) == 52


def test_what_it_costs(api: Api, desk: User, service: Service, jane: Staff, count_statements: CountStatements) -> None:
    """The diaries are read once: per date only what is written, and nothing at all of a preview."""

    def cost(count: int, starts_at: str, **query: str) -> int:
        body, token = asked(service, starts_at, count=count, for_self=True, staff_id=jane.id), token_for(desk)
        with count_statements() as statements:
            assert api.post(SERIES, body, token=token, query=query).status_code == (200 if query else 201)
        return len(statements)

    assert cost(20, TEN) - cost(10, "2030-01-07T11:00:00Z") <= 10 * 5
    assert cost(20, "2030-01-07T12:00:00Z", dry_run="true") == cost(10, "2030-01-07T12:00:00Z", dry_run="true") <= 10


NEW_YORK = "America/New_York"


@pytest.mark.parametrize(
    ("wall", "now", "expected"),
    [
        ("10:00", "2030-02-25", ["2030-03-03T15:00", "2030-03-10T14:00", "2030-03-17T14:00"]),
        ("10:00", "2030-10-20", ["2030-10-27T14:00", "2030-11-03T15:00", "2030-11-10T15:00"]),
        ("02:30", "2030-02-25", ["2030-03-03T07:30", "2030-03-10T07:30", "2030-03-17T06:30"]),
        ("01:30", "2030-10-20", ["2030-10-27T05:30", "2030-11-03T05:30", "2030-11-10T06:30"]),
    ],
    ids=["spring", "autumn", "a time that is left out", "a time that comes twice"],
)
def test_the_clocks_change(api: Api, ada: User, service: Service, wall: str, now: str, expected: list[str]) -> None:
    """The same by the venue's clock; what is left out moves by the gap, of two the first."""
    staff = make_staff(timezone=NEW_YORK)
    set_hours(staff, "00:00", "24:00")
    assign(staff, service)
    with clock.frozen(datetime.fromisoformat(now).replace(tzinfo=UTC)):
        series = booked(api, ada, asked(service, f"{expected[0]}:00Z", count=3))
    assert (series["timezone"], wall) == (NEW_YORK, wall)
    assert starts(series) == [f"{start}:00Z" for start in expected]


def test_a_space_is_let_again_and_again(api: Api, ada: User) -> None:
    """As long each time, for the same price."""
    space = make_space(timezone="Europe/London")
    set_hours(space)
    body = {"space_id": space.id, "starts_at": TEN, "ends_at": "2030-01-07T12:00:00Z", "party_size": 3}
    series = booked(api, ada, body | {"repeat": {"every_weeks": 4, "until": "2030-04-30"}})
    assert starts(series)[-3:] == ["2030-03-04T10:00:00Z", "2030-04-01T09:00:00Z", "2030-04-29T09:00:00Z"]
    for one in series["bookings"]:
        assert (one["total"]["amount"], one["party_size"], one["space_id"]) == (200_000, 3, space.id)


def test_lettings_that_would_overlap_themselves(api: Api, ada: User) -> None:
    """409: ten days, every week; the second finds the first one's time taken. Every other week is no matter."""
    space = make_space(max_minutes=20 * 1440)
    set_hours(space, "00:00", "24:00")
    body = {"space_id": space.id, "starts_at": TEN, "ends_at": "2030-01-17T10:00:00Z"}
    answer = book(api, ada, body | {"repeat": {"every_weeks": 1, "count": 3}})
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken"), answer.json
    assert [date["verdict"] for date in answer.json["dates"]] == ["available", "slot_taken", "available"]
    assert len(booked(api, ada, body | {"repeat": {"every_weeks": 2, "count": 3}})["bookings"]) == 3


def test_one_date_that_is_taken_refuses_all(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """409 with the reason, what is near, and a verdict and an alternative for each date; nothing is written."""
    take(api, make_user(), service, FIVE[2])
    before = rows()
    answer = book(api, ada, asked(service))
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken")
    assert rows() == before
    dates = answer.json["dates"]
    assert [date["starts_at"] for date in dates] == FIVE
    assert [date["verdict"] for date in dates] == ["available", "available", "slot_taken", "available", "available"]
    assert [len(date["alternatives"]) for date in dates] == [1] * 5
    assert dates[2]["alternatives"][0]["starts_at"] == "2030-01-21T09:00:00Z"
    assert [near["starts_at"] for near in answer.json["alternatives"]][:2] == [
        "2030-01-21T09:00:00Z",
        "2030-01-21T11:00:00Z",
    ]


def test_conflicts_are_skipped(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """201: what is left out says why and what could be had in its place, which is bookable."""
    take(api, make_user(), service, FIVE[2])
    answer = book(api, ada, asked(service, mode="skip_conflicts"))
    assert answer.status_code == 201, answer.json
    items = answer.json["items"]
    assert [item["verdict"] for item in items] == ["booked", "booked", "slot_taken", "booked", "booked"]
    assert (items[2]["booking"], len(items[2]["alternatives"])) == (None, 5)
    for near in items[2]["alternatives"]:
        assert near["starts_at"] not in FIVE
    take(api, ada, service, items[2]["alternatives"][0]["starts_at"])
    assert len(api.get(answer.headers["Location"], token=token_for(ada)).json["bookings"]) == 4


def test_no_date_can_be_had(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """409 in either mode: a series of nothing is none."""
    before = rows()
    for mode in ("skip_conflicts", "all_or_nothing"):
        answer = book(api, ada, asked(service, "2030-01-07T20:00:00Z", mode=mode))
        assert (answer.status_code, answer.json["code"]) == (409, "outside_opening_hours")
    assert rows() == before


def test_each_date_has_its_own_reason(api: Api, ada: User) -> None:
    """The notice, and the horizon, are those of each date; the first date's reason is the answer's code."""
    service = make_service(min_notice_minutes=600, max_advance_days=20)
    make_working_staff(service)
    answer = book(api, ada, asked(service))
    verdicts = ["notice_too_short", "available", "available", "beyond_horizon", "beyond_horizon"]
    assert [date["verdict"] for date in answer.json["dates"]] == verdicts
    assert answer.json["code"] == "notice_too_short"
    skipping = book(api, ada, asked(service, mode="skip_conflicts"))
    assert [item["verdict"] == "booked" for item in skipping.json["items"]] == [False, True, True, False, False]


@pytest.mark.parametrize("mode", ["all_or_nothing", "skip_conflicts"])
def test_a_preview_writes_nothing(api: Api, ada: User, service: Service, jane: Staff, mode: str) -> None:
    """200 in either mode: a verdict and an alternative for each date."""
    take(api, make_user(), service, FIVE[1])
    before = rows()
    answer = book(api, ada, asked(service, mode=mode), dry_run="true")
    assert answer.status_code == 200, answer.json
    assert rows() == before
    assert (answer.json["id"], answer.json["mode"]) == (None, mode)
    assert [item["starts_at"] for item in answer.json["items"]] == FIVE
    verdicts = ["available", "slot_taken", "available", "available", "available"]
    assert [item["verdict"] for item in answer.json["items"]] == verdicts
    for item in answer.json["items"]:
        assert (item["booking"], len(item["alternatives"])) == (None, 1)
        assert item["alternatives"][0]["starts_at"] != item["starts_at"]


def test_a_preview_locks_no_resource(
    api: Api, ada: User, service: Service, jane: Staff, count_statements: CountStatements
) -> None:
    """It may be asked as often as wished while others book."""
    token = token_for(ada)
    with count_statements() as statements:
        assert api.post(SERIES, asked(service), token=token, query={"dry_run": "true"}).status_code == 200
    written = [s for s in statements if not s.lstrip().startswith(("SELECT", "WITH"))]
    locking = [s for s in statements if "resources" in s and "FOR " in s]
    assert (written, locking) == ([], [])


def test_the_clients_limit_counts_every_date(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Ten ahead: eleven dates are refused, or all but the last are booked; then there is no room for one more."""
    eleven = asked(service, count=11)
    answer = book(api, ada, eleven)
    assert (answer.status_code, answer.json["code"], answer.json["alternatives"]) == (409, "client_limit", [])
    assert [date["verdict"] for date in answer.json["dates"]] == ["available"] * 10 + ["client_limit"]
    answer = book(api, ada, eleven | {"mode": "skip_conflicts"})
    assert [item["verdict"] for item in answer.json["items"]] == ["booked"] * 10 + ["client_limit"]
    answer = book(api, ada, asked(service, "2030-01-07T12:00:00Z", count=2, mode="skip_conflicts"))
    assert (answer.status_code, answer.json["code"]) == (409, "client_limit")


def test_the_desk_is_not_bound(api: Api, desk: User, ada: User, service: Service, jane: Staff) -> None:
    """Staff book for a client as many as they like; they say for whom."""
    series = booked(api, desk, asked(service, count=12, client_id=ada.id))
    assert {booking["client_id"] for booking in series["bookings"]} == {ada.id}
    assert book(api, desk, asked(service)).status_code == 422


def test_a_blocked_client(api: Api, service: Service, jane: Staff) -> None:
    """409 and no alternatives, in a preview too."""
    blocked = make_user(is_blocked=True)
    for query in ({}, {"dry_run": "true"}):
        answer = book(api, blocked, asked(service), **query)
        assert (answer.status_code, answer.json["code"], answer.json["alternatives"]) == (409, "client_blocked", [])


def test_the_same_person_throughout(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Who does it first comes first on all dates, however much there is to do that day; another only where it must."""
    zoe = make_working_staff(service)
    take(api, make_user(), service, "2030-01-14T15:00:00Z", jane)  # fairness alone would choose Zoe on that day
    take(api, make_user(), service, FIVE[2], jane)
    series = booked(api, ada, asked(service))
    people = [booking["items"][0]["staff_id"] for booking in series["bookings"]]
    assert people == [jane.id, jane.id, zoe.id, jane.id, jane.id]


def test_a_visit_of_several_services(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Each date is the whole visit."""
    other = make_service(duration_minutes=30)
    assign(jane, other)
    body = asked(service, count=3) | {"items": [{"service_id": service.id}, {"service_id": other.id}]}
    series = booked(api, ada, {name: value for name, value in body.items() if name != "service_id"})
    assert [len(booking["items"]) for booking in series["bookings"]] == [2, 2, 2]


def test_the_same_key_is_the_same_series(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Idempotency-Key: done once; a preview under it uses nothing up."""
    token, sent = token_for(ada), {"Idempotency-Key": "monday"}
    body = asked(service)
    assert api.post(SERIES, body, token=token, headers=sent, query={"dry_run": "true"}).status_code == 200
    first, second = (api.post(SERIES, body, token=token, headers=sent) for _ in range(2))
    assert (first.status_code, second.status_code, first.json) == (201, 201, second.json)
    assert second.headers["Idempotent-Replayed"] == "true"
    assert rows()[1] == 5


def test_a_cancelled_series_blocks_nobody(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """BK-30: the identical series again; while the first one lives, it is in the way."""
    first = booked(api, ada, asked(service))
    assert book(api, ada, asked(service)).status_code == 409
    assert cancel(api, ada, first, scope="all").status_code == 200
    second = booked(api, ada, asked(service))
    assert (second["id"] != first["id"], starts(second)) == (True, FIVE)


def test_what_lapsed_is_no_conflict(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """A hold past its time frees the date, also before the sweeper comes."""
    held = {"service_id": service.id, "starts_at": FIVE[1]}
    assert api.post("/api/bookings/holds", held, token=token_for(make_user())).status_code == 201
    assert book(api, ada, asked(service)).status_code == 409
    with clock.frozen(NOW + timedelta(minutes=11)):
        assert len(booked(api, ada, asked(service))["bookings"]) == 5


def test_a_verdict_is_what_a_single_booking_is_told(api: Api, desk: User, service: Service, jane: Staff) -> None:
    """By diaries read once for the year, or for each date alone: the same, whatever lies in them."""
    zoe = make_working_staff(service)
    with transaction():
        db.session.add(DayHours(resource_id=jane.id, date=date(2030, 1, 21), opens=None, closes=None))
        db.session.add(DayHours(resource_id=zoe.id, date=date(2030, 1, 21), opens=900, closes=1000))
        absence = Absence(NOW + timedelta(days=20), NOW + timedelta(days=23))
        add_closure(resource_id=jane.id, absence=absence, force=False, actor_id=None)
    for n, staff in ((1, jane), (1, zoe), (4, jane), (5, zoe)):
        take(api, desk, service, f"{NOW + timedelta(weeks=n, hours=4, minutes=15 * (n % 3)):%Y-%m-%dT%H:%M:%SZ}", staff)
    for staff_id in (None, jane.id, zoe.id):
        for hour in ("09:45", "10:00", "10:10", "15:00", "16:30"):
            body = asked(service, f"2030-01-07T{hour}:00Z", count=8, staff_id=staff_id, for_self=True)
            for item in book(api, desk, body, dry_run="true").json["items"]:
                named = {} if staff_id is None else {"staff_id": staff_id}
                query = {"service_id": service.id, "starts_at": item["starts_at"]} | named
                alone = api.get("/api/bookings/check-availability", query=query).json
                assert item["verdict"] == next(iter(alone["reasons"]), "available"), (staff_id, item)


def test_the_first_date_is_the_instant_that_was_asked_for() -> None:
    """Also where it is the second of an hour that comes twice."""
    second = datetime(2030, 11, 3, 6, 30, tzinfo=UTC)
    assert starts_of(second, Repeat(1, count=2), NEW_YORK) == [second, datetime(2030, 11, 10, 6, 30, tzinfo=UTC)]


# Cancelling


def cancel(api: Api, who: User, series: dict[str, Any], **body: Any) -> Any:
    """Cancel bookings of a series."""
    return api.post(f"{SERIES}/{series['id']}/cancel", body, token=token_for(who))


@pytest.mark.parametrize(("scope", "left"), [("this", [0, 1, 3, 4]), ("following", [0, 1]), ("all", [])])
def test_what_is_cancelled(api: Api, ada: User, service: Service, jane: Staff, scope: str, left: list[int]) -> None:
    """One, it and the later ones, or all; each with its history, and its time free again."""
    series = booked(api, ada, asked(service))
    answer = cancel(api, ada, series, scope=scope, booking_id=series["bookings"][2]["id"], reason="Moving away")
    assert answer.status_code == 200, answer.json
    living = [n for n, booking in enumerate(answer.json["bookings"]) if booking["status"] == "confirmed"]
    assert (living, rows()[0]) == (left, len(left))
    gone = answer.json["bookings"][2]
    assert (gone["cancelled"]["reason"], gone["cancelled"]["by"]) == ("Moving away", ada.id)
    history = api.get(f"/api/bookings/{gone['id']}/history", token=token_for(ada)).json["items"]
    assert [change["step"] for change in history] == ["create", "cancel"]
    again = cancel(api, ada, series, scope=scope, booking_id=gone["id"])
    assert (again.status_code, again.json) == (200, answer.json)


def test_what_has_begun_is_left_alone(api: Api, ada: User, desk: User, service: Service, jane: Staff) -> None:
    """Of all: past and final ones stay. Of one alone: refused to the client, as its own cancelling is."""
    series = booked(api, ada, asked(service))
    first, second = (booking["id"] for booking in series["bookings"][:2])
    with clock.frozen(NOW + timedelta(hours=6)):
        assert api.post(f"/api/bookings/{first}/complete", {}, token=token_for(desk)).status_code == 200
    with clock.frozen(NOW + timedelta(days=7, hours=4, minutes=1)):
        for booking_id, code in ((first, "invalid_transition"), (second, "booking_started")):
            answer = cancel(api, ada, series, scope="this", booking_id=booking_id)
            assert (answer.status_code, answer.json["code"]) == (409, code)
        answer = cancel(api, ada, series, scope="all")
    statuses = ["completed", "confirmed", "cancelled", "cancelled", "cancelled"]
    assert [booking["status"] for booking in answer.json["bookings"]] == statuses


def test_each_has_its_own_fee(api: Api, ada: User, desk: User, jane: Staff) -> None:
    """The first is late and the others are not; staff may waive it, a client may not."""
    service = make_service(deposit_type="fixed", deposit_value=1000)
    assign(jane, service)
    body = asked(service, count=3, starts_at="2030-01-07T12:00:00Z")
    series = booked(api, ada, body)
    ids = [booking["id"] for booking in series["bookings"]]
    with transaction():
        db.session.query(Booking).update({"status": "confirmed", "pending_reason": None, "expires_at": None})
    assert cancel(api, ada, series, scope="all", waive_fee=True).status_code == 403
    waived = cancel(api, desk, series, scope="this", booking_id=ids[2], waive_fee=True)
    assert waived.json["bookings"][2]["cancelled"]["fee"]["amount"] == 0
    fees = [booking["cancelled"]["fee"]["amount"] for booking in cancel(api, ada, series, scope="all").json["bookings"]]
    assert fees == [1000, 0, 0]


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 422, "scope"),
        ({"scope": "some"}, 422, "scope"),
        ({"scope": "this"}, 422, "booking_id"),
        ({"scope": "following"}, 422, "booking_id"),
        ({"scope": "this", "booking_id": 2**40}, 404, "booking_id"),
        ({"scope": "all", "booking_id": 2**40}, 404, "booking_id"),
    ],
    ids=str,
)
def test_which_one(
    api: Api, ada: User, service: Service, jane: Staff, body: dict[str, Any], status: int, field: str
) -> None:
    """A scope, and a booking of the series."""
    series = booked(api, ada, asked(service))
    answer = cancel(api, ada, series, **body)
    assert (answer.status_code, field in answer.json["errors"]) == (status, True), answer.json


def test_a_booking_of_another_series(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """404 naming it, to its own client too."""
    one = booked(api, ada, asked(service))
    other = booked(api, ada, asked(service, "2030-01-07T12:00:00Z", count=2))
    theirs = other["bookings"][0]["id"]
    assert cancel(api, ada, one, scope="this", booking_id=theirs).status_code == 404
    assert move(api, ada, one, scope="this", booking_id=theirs, starts_at=FIVE[0]).status_code == 404


# Moving


def move(api: Api, who: User, series: dict[str, Any], **body: Any) -> Any:
    """Move bookings of a series."""
    return api.patch(f"{SERIES}/{series['id']}", body, token=token_for(who))


@pytest.mark.parametrize(("scope", "moved"), [("this", [2]), ("following", [2, 3, 4]), ("all", [0, 1, 2, 3, 4])])
def test_what_is_moved(api: Api, ada: User, service: Service, jane: Staff, scope: str, moved: list[int]) -> None:
    """By a day and an hour each, with one row of history; the same bookings at the same price."""
    series = booked(api, ada, asked(service))
    target = series["bookings"][2]
    answer = move(api, ada, series, scope=scope, booking_id=target["id"], starts_at="2030-01-22T11:00:00Z")
    assert answer.status_code == 200, answer.json
    for n, (before, after) in enumerate(zip(series["bookings"], answer.json["bookings"], strict=True)):
        shift = timedelta(days=1, hours=1) if n in moved else timedelta(0)
        assert (after["id"], after["total"]) == (before["id"], before["total"])
        assert datetime.fromisoformat(after["starts_at"]) - datetime.fromisoformat(before["starts_at"]) == shift
        steps = api.get(f"/api/bookings/{after['id']}/history", token=token_for(ada)).json["items"]
        assert [step["step"] for step in steps] == ["create", *["reschedule"] * (n in moved)]
    assert rows()[0] == 5


def test_each_goes_where_the_next_one_was(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Moved by a week: none stands in another's way, as that goes too."""
    series = booked(api, ada, asked(service))
    for starts_at, expected in ((FIVE[1], [*FIVE[1:], "2030-02-11T10:00:00Z"]), (FIVE[0], FIVE)):
        answer = move(api, ada, series, scope="all", booking_id=series["bookings"][0]["id"], starts_at=starts_at)
        assert (answer.status_code, starts(answer.json)) == (200, expected), answer.json


def test_one_that_cannot_go_keeps_all(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """409 with a verdict on each date; nothing is otherwise."""
    series = booked(api, ada, asked(service))
    take(api, make_user(), service, "2030-01-28T12:00:00Z")
    before = rows()
    anchor = series["bookings"][1]["id"]
    answer = move(api, ada, series, scope="following", booking_id=anchor, starts_at="2030-01-14T12:00:00Z")
    assert (answer.status_code, answer.json["code"]) == (409, "slot_taken"), answer.json
    assert [date["verdict"] for date in answer.json["dates"]] == ["available", "available", "slot_taken", "available"]
    assert answer.json["alternatives"]
    assert rows() == before
    assert api.get(f"{SERIES}/{series['id']}", token=token_for(ada)).json == series


def test_the_shift_is_one_of_the_wall_clock(api: Api, ada: User, service: Service) -> None:
    """From ten to eleven, before the clocks change and after."""
    staff = make_working_staff(service, timezone=NEW_YORK)
    with clock.frozen(datetime(2030, 2, 25, tzinfo=UTC)):
        series = booked(api, ada, asked(service, "2030-03-03T15:00:00Z", count=3, staff_id=staff.id))
        anchor = series["bookings"][0]["id"]
        answer = move(api, ada, series, scope="all", booking_id=anchor, starts_at="2030-03-08T16:00:00Z")
    assert starts(answer.json) == ["2030-03-08T16:00:00Z", "2030-03-15T15:00:00Z", "2030-03-22T15:00:00Z"]


def test_to_somebody_else(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Staff change as in a single move: the time stays, the price is theirs."""
    zoe = make_staff()
    set_hours(zoe)
    assign(zoe, service, price_amount=5000)
    series = booked(api, ada, asked(service, staff_id=jane.id))
    anchor = series["bookings"][3]["id"]
    answer = move(api, ada, series, scope="following", booking_id=anchor, staff_id=zoe.id)
    assert [booking["items"][0]["staff_id"] for booking in answer.json["bookings"]] == [jane.id] * 3 + [zoe.id] * 2
    assert [booking["total"]["amount"] for booking in answer.json["bookings"]] == [4500] * 3 + [5000] * 2
    assert starts(answer.json) == FIVE
    again = move(api, ada, series, scope="following", booking_id=anchor, staff_id=zoe.id)
    assert (again.status_code, again.json) == (200, answer.json)


def test_past_and_final_ones_do_not_move(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """Of several they are left alone, the one that tells the shift too; alone, it is refused."""
    series = booked(api, ada, asked(service))
    first, _, third = (booking["id"] for booking in series["bookings"][:3])
    assert cancel(api, ada, series, scope="this", booking_id=third).status_code == 200
    alone = move(api, ada, series, scope="this", booking_id=third, starts_at="2030-01-21T12:00:00Z")
    assert (alone.status_code, alone.json["code"]) == (409, "invalid_transition")
    assert not {"alternatives", "dates"} & set(alone.json)  # the time is not what is wrong
    with clock.frozen(NOW + timedelta(days=1)):
        alone = move(api, ada, series, scope="this", booking_id=first, starts_at="2030-01-21T12:00:00Z")
        assert (alone.status_code, alone.json["code"]) == (409, "booking_started")
        assert not {"alternatives", "dates"} & set(alone.json)
        answer = move(api, ada, series, scope="all", booking_id=first, starts_at="2030-01-07T12:00:00Z")
    assert answer.status_code == 200, answer.json
    assert [start[11:13] for start in starts(answer.json)] == ["10", "12", "10", "12", "12"]


def test_a_client_keeps_to_notice_and_horizon(api: Api, ada: User, desk: User) -> None:
    """Staff need not."""
    service = make_service(max_advance_days=30)
    make_working_staff(service)
    series = booked(api, ada, asked(service))
    body = {"scope": "all", "booking_id": series["bookings"][0]["id"], "starts_at": FIVE[1]}
    answer = move(api, ada, series, **body)
    assert (answer.status_code, answer.json["code"]) == (409, "beyond_horizon")
    assert move(api, desk, series, **body).status_code == 200


def test_a_let_space_moves(api: Api, ada: User) -> None:
    """For as long as before; it has no staff to change, and its owner leaves the time to the client."""
    owner = make_user(Role.OWNER)
    space = make_space(owner)
    set_hours(space)
    body = {"space_id": space.id, "starts_at": TEN, "ends_at": "2030-01-07T12:00:00Z"}
    series = booked(api, ada, body | {"repeat": {"every_weeks": 1, "count": 3}})
    asked_for = {"scope": "all", "booking_id": series["bookings"][0]["id"]}
    assert move(api, ada, series, **asked_for, staff_id=1).status_code == 422
    assert move(api, owner, series, **asked_for, starts_at="2030-01-07T13:00:00Z").status_code == 403
    answer = move(api, ada, series, **asked_for, starts_at="2030-01-07T13:00:00Z")
    assert [booking["ends_at"][11:16] for booking in answer.json["bookings"]] == ["15:00"] * 3


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scope": "all", "starts_at": TEN}, "booking_id"),
        ({"scope": "all", "booking_id": 1}, "starts_at"),
        ({"booking_id": 1, "starts_at": TEN}, "scope"),
        ({"scope": "this", "booking_id": 1, "notes": "x"}, "notes"),
    ],
    ids=str,
)
def test_what_is_no_move(api: Api, ada: User, service: Service, jane: Staff, body: dict[str, Any], field: str) -> None:
    """422 that names the field."""
    answer = move(api, ada, booked(api, ada, asked(service)), **body)
    assert (answer.status_code, field in answer.json["errors"]) == (422, True), answer.json


@pytest.mark.parametrize("starts_at", ["0002-01-03T00:00:00Z", "9999-12-30T23:00:00Z"])
def test_to_the_ends_of_time(api: Api, ada: User, service: Service, jane: Staff, starts_at: str) -> None:
    """Refused, whatever the calendar cannot say any more."""
    series = booked(api, ada, asked(service))
    for n in (0, -1):
        answer = move(api, ada, series, scope="all", booking_id=series["bookings"][n]["id"], starts_at=starts_at)
        assert answer.status_code in {409, 422}, answer.json


def test_a_walk_in_that_registers_has_its_series(api: Api, ada: User, service: Service, jane: Staff) -> None:
    """What the desk booked for somebody without a login goes to the account, series and all."""
    series = booked(api, ada, asked(service))
    bob = make_user()
    with transaction():
        hand_over(ada.id, bob.id)
    found = api.get(f"{SERIES}/{series['id']}", token=token_for(bob)).json
    assert (found["client_id"], found["bookings"][0]["client_id"]) == (bob.id, bob.id)
    assert api.get(f"{SERIES}/{series['id']}", token=token_for(ada)).status_code == 404
