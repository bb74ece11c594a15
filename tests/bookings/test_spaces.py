"""Spaces let by time: what they cost, when they can be had, who decides."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.diary.closures import Absence, add_closure
from app.kit import clock
from app.models import DepositType, Role, Space, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, CHECK, HOLDS, MONDAY, NOW, SLOTS, ask, at, everything, made, refused, taken
from tests.cases import each_case
from tests.factories import make_space, make_space_booking, make_user, set_hours, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")


def house(owner: User | None = None, opens: str = "09:00", closes: str = "17:00", **fields: Any) -> Space:
    """Return a space at 1,000.00 an hour for one hour to four, open every day."""
    space = make_space(owner, **({"max_minutes": 240} | fields))
    set_hours(space, opens, closes)
    return space


def let(space: Space, start: str, end: str, **fields: Any) -> dict[str, Any]:
    """Return the request for a space on Monday."""
    return {"space_id": space.id, "starts_at": at(start), "ends_at": at(end)} | fields


def test_a_letting_is_everything_the_contract_says(api: Api, ada: User) -> None:
    """One item without staff, the space by name, and its time taken."""
    space = house()
    found = made(api, ada, let(space, "10:00", "12:30", party_size=4, notes="Yoga"))
    item = dict.fromkeys(("service_id", "service_name", "staff_id", "staff_name"))
    cost = {"amount": 250_000, "currency": "KES"}
    assert found["items"] == [item | {"starts_at": at("10:00"), "ends_at": at("12:30"), "price": cost}]
    assert (found["kind"], found["space_id"], found["space_name"]) == ("space", space.id, space.name)
    assert (found["status"], found["party_size"], found["notes"]) == ("confirmed", 4, "Yoga")
    assert (found["total"], found["balance_due"], found["timezone"]) == (cost, cost, "UTC")
    assert taken() == [(space.id, "10:00", "12:30")]
    assert refused(api, ada, let(space, "12:15", "13:15"))["code"] == "slot_taken"
    made(api, ada, let(space, "12:30", "13:30"))


@pytest.mark.parametrize(
    ("hourly", "end", "total"),
    [
        (100_000, "11:00", 100_000),
        (100_000, "11:15", 125_000),
        (99_999, "11:15", 124_999),  # 124,998.75
        (99_998, "11:15", 124_998),  # 124,997.5: half up
        (99_997, "11:15", 124_996),  # 124,996.25
        (1, "11:15", 1),
        (1, "11:30", 2),  # 1.5
        (0, "14:00", 0),
    ],
)
def test_the_price_is_per_minute_rounded_once(api: Api, ada: User, hourly: int, end: str, total: int) -> None:
    """Half up, at the end."""
    space = house(price_per_hour_amount=hourly)
    assert made(api, ada, let(space, "10:00", end))["total"]["amount"] == total


@each_case(
    ("start", "end", "people", "code"),
    [
        ("10:00", "10:45", 1, "duration_out_of_range"),
        ("10:00", "14:15", 1, "duration_out_of_range"),
        ("03:07", "03:08", 99, "duration_out_of_range"),
        ("10:00", "11:00", 11, "party_too_large"),
        ("03:00", "04:00", 11, "party_too_large"),
        ("05:00", "06:30", 1, "notice_too_short"),
        ("07:00", "08:00", 1, "outside_opening_hours"),
        ("08:45", "09:45", 1, "outside_opening_hours"),
        ("16:15", "17:15", 1, "outside_opening_hours"),
        ("10:05", "11:05", 1, "not_on_grid"),
        ("10:00", "11:05", 1, "not_on_grid"),
        ("10:05", "11:15", 1, "not_on_grid"),
        ("11:30", "12:30", 1, "slot_taken"),
        ("13:30", "14:30", 1, "slot_taken"),
        ("11:00", "15:00", 1, "slot_taken"),
    ],
)
def test_why_a_space_cannot_be_had(api: Api, ada: User, start: str, end: str, people: int, code: str) -> None:
    """The first reason by precedence; nothing written; what is near can be had, of a lawful length."""
    space = house()
    made(api, make_user(), let(space, "12:00", "14:00"))
    problem = refused(api, ada, let(space, start, end, party_size=people))
    assert problem["code"] == code
    token = token_for(ada)
    for slot in problem["alternatives"]:
        assert slot["staff_ids"] == []
        body = {"space_id": space.id} | {name: slot[name] for name in ("starts_at", "ends_at")}
        answer = api.post(BOOKINGS, body, token=token, query={"dry_run": "true"})
        assert (answer.status_code, answer.json["total"]) == (200, slot["price"])
    assert bool(problem["alternatives"]) is (people <= 10)


@each_case(
    ("start", "end"),
    [
        ("2030-01-07T10:00:00.5Z", "2030-01-07T11:00:00.5Z"),
        ("2030-01-07T10:00:00.5Z", "2030-01-07T12:00:00Z"),
        ("2030-01-07T10:00:00Z", "2030-01-07T11:59:59.5Z"),
        ("2030-01-07T10:00:30Z", "2030-01-07T11:00:30Z"),
        ("2030-01-07T10:00:00Z", "2030-01-07T11:00:30Z"),
    ],
)
def test_between_two_points_of_the_grid(api: Api, ada: User, start: str, end: str) -> None:
    """BF-13: half a second beside it is beside it, at either end."""
    body = {"space_id": house().id, "starts_at": start, "ends_at": end}
    assert refused(api, ada, body)["code"] == "not_on_grid"


def test_the_grid_begins_at_the_opening(api: Api, ada: User) -> None:
    """Open from 09:10 to 16:50: quarters of an hour from ten past nine on."""
    space = house(opens="09:10", closes="16:50")
    assert refused(api, ada, let(space, "10:00", "11:00"))["code"] == "not_on_grid"
    assert made(api, ada, let(space, "09:10", "10:25"))["total"]["amount"] == 125_000
    assert made(api, ada, let(space, "14:40", "16:40"))["ends_at"] == at("16:40")


def test_of_all_lengths_from_the_shortest_to_the_longest(api: Api, ada: User) -> None:
    """Both ends included."""
    space = house(min_minutes=30, max_minutes=60)
    for start, end in (("09:00", "09:30"), ("10:00", "11:00")):
        made(api, ada, let(space, start, end))


@each_case(
    ("change", "field"),
    [
        ({"starts_at": at("10:30"), "ends_at": at("10:30")}, "ends_at"),
        ({"ends_at": at("09:00")}, "ends_at"),
        ({"ends_at": None}, "ends_at"),
        ({"ends_at": "infinity"}, "ends_at"),
        ({"ends_at": "2030-01-07T11:00:00"}, "ends_at"),
        ({"starts_at": "-infinity"}, "starts_at"),
        ({"party_size": 0}, "party_size"),
        ({"party_size": 1001}, "party_size"),
        ({"staff_id": 1}, "staff_id"),
        ({"service_id": 1}, "space_id"),
        ({"items": [{"service_id": 1}]}, "space_id"),
        ({"space_id": "1"}, "space_id"),
        ({"price": 1}, "price"),
    ],
)
def test_wrong_shapes(api: Api, ada: User, change: dict[str, Any], field: str) -> None:
    """BK-20, BK-21: 422 with the field named, no row; an empty interval above all, which no constraint would meet."""
    space = house()
    made(api, make_user(), let(space, "10:00", "11:00"))
    for path in (BOOKINGS, HOLDS):
        problem = refused(api, ada, let(space, "10:00", "11:00") | change, path, status=422)
        assert field in problem["errors"], problem["errors"]


def test_an_end_is_needed(api: Api, ada: User) -> None:
    """Of a space it is not known otherwise."""
    space = house()
    problem = refused(api, ada, {"space_id": space.id, "starts_at": at("10:00")}, status=422)
    assert list(problem["errors"]) == ["ends_at"]
    answer = api.get(CHECK, query={"space_id": space.id, "starts_at": at("10:00")})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["ends_at"])


@pytest.mark.parametrize("minutes", [1441, 100 * 1440])
def test_more_than_a_day(api: Api, ada: User, minutes: int) -> None:
    """BK-21: longer than the space is let for: 409 `duration_out_of_range`, here as in the contract."""
    space = house(opens="00:00", closes="24:00", max_minutes=1440)
    start = datetime(2030, 1, 8, tzinfo=UTC)
    end = datetime.fromtimestamp(start.timestamp() + minutes * 60, UTC)
    body = {"space_id": space.id, "starts_at": start.isoformat(), "ends_at": end.isoformat()}
    assert refused(api, ada, body)["code"] == "duration_out_of_range"
    whole = body | {"ends_at": "2030-01-09T00:00:00Z"}
    assert made(api, ada, whole)["total"]["amount"] == 2_400_000


@pytest.mark.parametrize("end", ["2999-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_for_thousands_of_years(api: Api, ada: User, end: str) -> None:
    """Refused like any other that is too long, and not by reading every day until then."""
    space = house()
    body = {"space_id": space.id, "starts_at": at("10:00"), "ends_at": end}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.diary.diaries.openings", of_some_days)
        assert refused(api, ada, body)["code"] == "duration_out_of_range"
        answer = api.get(CHECK, query=body)
    assert (answer.status_code, answer.json["available"]) == (200, False)
    assert answer.json["reasons"][0] == "duration_out_of_range"


def of_some_days(days: list[Any], *rest: Any) -> Any:
    """Refuse to look at more days than any search does."""
    from app.diary.openings import openings  # noqa: PLC0415  # the name is replaced where it is used

    assert len(days) < 400
    return openings(days, *rest)


def test_who_waits_for_the_owner(api: Api, ada: User, owner: User) -> None:
    """Without instant booking the owner accepts; meanwhile the time is taken; strangers see nothing of it."""
    space = house(owner, instant_booking=False)
    found = made(api, ada, let(space, "10:00", "11:00"))
    assert (found["status"], found["pending_reason"], found["expires_at"]) == ("pending", "approval", at("10:00"))
    assert refused(api, make_user(), let(space, "10:00", "11:00"))["code"] == "slot_taken"
    approve = f"{BOOKINGS}/{found['id']}/approve"
    for role, status in ((Role.CLIENT, 403), (Role.STAFF, 404), (Role.OWNER, 404)):
        refused(api, make_user(role), {}, approve, status=403 if role is Role.CLIENT else status)
    refused(api, ada, {}, approve, status=403)
    confirmed = ask(api, owner, {}, approve)
    assert (confirmed.status_code, confirmed.json["status"]) == (200, "confirmed")
    assert refused(api, owner, {}, approve)["code"] == "invalid_transition"
    steps = api.get(f"{BOOKINGS}/{found['id']}/history", token=token_for(owner)).json["items"]
    assert [(s["step"], s["actor_id"], s["to"]) for s in steps] == [
        ("create", ada.id, "pending"),
        ("approve", owner.id, "confirmed"),
    ]


def test_what_the_owner_declines_is_free(api: Api, ada: User, owner: User) -> None:
    """For anybody at once."""
    space = house(owner, instant_booking=False)
    found = made(api, ada, let(space, "10:00", "11:00"))
    declined = ask(api, owner, {"reason": "Repairs"}, f"{BOOKINGS}/{found['id']}/decline")
    assert (declined.json["status"], taken()) == ("declined", [])
    made(api, ada, let(space, "10:00", "11:00"))


def test_an_owner_books_what_is_the_own(api: Api, owner: User) -> None:
    """By the same rules as everybody."""
    space = house(owner, instant_booking=False)
    assert made(api, owner, let(space, "10:00", "11:00"))["status"] == "pending"


SPACE_PATHS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (BOOKINGS, {}, {}),
    (BOOKINGS, {}, {"dry_run": "true"}),
    (HOLDS, {}, {}),
    (f"{BOOKINGS}/series", {"repeat": {"every_weeks": 1, "count": 2}}, {}),
    (f"{BOOKINGS}/series", {"repeat": {"every_weeks": 1, "count": 2}}, {"dry_run": "true"}),
]


@pytest.mark.parametrize(("path", "more", "query"), SPACE_PATHS)
def test_of_a_space_staff_are_clients(
    api: Api, ada: User, clerk: User, path: str, more: dict[str, Any], query: dict[str, str]
) -> None:
    """They book for themselves and for nobody else, whom they may see all the same (product.md §8)."""
    space, token = house(), token_for(clerk)
    before = everything()
    for client_id, status in ((ada.id, 403), (2**62, 404)):
        body = let(space, "10:00", "11:00", client_id=client_id) | more
        assert api.post(path, body, token=token, query=query).status_code == status
    assert everything() == before
    own = api.post(path, let(space, "10:00", "11:00") | more, token=token, query=query)
    assert own.status_code == (200 if query else 201), own.json
    assert own.json.get("client_id", clerk.id) == clerk.id
    named = api.post(path, let(space, "13:00", "14:00", client_id=clerk.id) | more, token=token, query=query)
    assert named.status_code == own.status_code, named.json


def test_of_a_space_staff_have_a_clients_limit(api: Api, clerk: User) -> None:
    """An admin has none, and books for anybody."""
    space, admin = house(), make_user(Role.ADMIN)
    for n in range(10):
        make_space_booking(clerk, space, NOW + timedelta(days=1 + n, hours=4))
    repeat = {"repeat": {"every_weeks": 1, "count": 2}}
    asked: dict[str, dict[str, Any]] = {BOOKINGS: {}, HOLDS: {}, f"{BOOKINGS}/series": repeat}
    for path, more in asked.items():
        assert refused(api, clerk, let(space, "13:00", "14:00") | more, path)["code"] == "client_limit"
    assert list(refused(api, admin, let(space, "13:00", "14:00"), status=422)["errors"]) == ["client_id"]
    made(api, admin, let(space, "13:00", "14:00", client_id=clerk.id))


def test_staff_give_no_hold_of_a_space_back(api: Api, ada: User, clerk: User) -> None:
    """But their own; admins anybody's."""
    space, admin = house(), make_user(Role.ADMIN)
    own = made(api, clerk, let(space, "10:00", "11:00"), HOLDS)
    hers = made(api, ada, let(space, "13:00", "14:00"), HOLDS)
    assert api.delete(f"{HOLDS}/{hers['id']}", token=token_for(clerk)).status_code == 404
    assert len(taken()) == 2
    assert api.delete(f"{HOLDS}/{own['id']}", token=token_for(clerk)).status_code == 204
    assert api.delete(f"{HOLDS}/{hers['id']}", token=token_for(admin)).status_code == 204
    assert taken() == []


def test_deposits(api: Api, ada: User, owner: User) -> None:
    """A percentage of what this letting costs; after approval where both are asked for."""
    space = house(owner, deposit_type=DepositType.PERCENT, deposit_value=15)
    found = made(api, ada, let(space, "10:00", "11:15"))
    assert (found["pending_reason"], found["deposit_due"]["amount"]) == ("deposit", 18_750)
    assert (found["expires_at"], found["policy"]["late_cancel_fee"]["amount"]) == (at("06:30"), 18_750)
    both = house(owner, instant_booking=False, deposit_type=DepositType.FIXED, deposit_value=5000)
    found = made(api, ada, let(both, "10:00", "11:00"))
    assert (found["pending_reason"], found["deposit_due"]["amount"]) == ("approval", 5000)
    approved = ask(api, owner, {}, f"{BOOKINGS}/{found['id']}/approve").json
    assert (approved["status"], approved["pending_reason"], approved["expires_at"]) == (
        "pending",
        "deposit",
        at("10:00"),
    )


def test_a_deposit_is_never_more_than_the_price(api: Api, ada: User) -> None:
    """A fixed one above it is the price."""
    space = house(deposit_type=DepositType.FIXED, deposit_value=10**9)
    found = made(api, ada, let(space, "10:00", "11:00"))
    assert found["deposit_due"]["amount"] == found["total"]["amount"] == 100_000


def test_notice_and_horizon(api: Api, ada: User) -> None:
    """Of the start; the end may lie behind the horizon."""
    space = house(opens="00:00", closes="24:00", min_notice_minutes=120, max_advance_days=1)
    assert refused(api, ada, let(space, "07:45", "09:00"))["code"] == "notice_too_short"
    made(api, ada, let(space, "08:00", "09:00"))
    day = "2030-01-08"
    late = {"space_id": space.id, "starts_at": at("06:15", day), "ends_at": at("07:15", day)}
    assert refused(api, ada, late)["code"] == "beyond_horizon"
    assert made(api, ada, late | {"starts_at": at("06:00", day)})["ends_at"] == at("07:15", day)


def test_what_is_let_no_more(api: Api, ada: User) -> None:
    """First of its reasons; listed as days without open times; unknown ones are named."""
    space = house(active=False)
    problem = refused(api, ada, let(space, "03:07", "23:00", party_size=99))
    assert (problem["code"], problem["alternatives"]) == ("resource_inactive", [])
    assert open_times(api, space) == {MONDAY: []}
    unknown = refused(api, ada, let(space, "10:00", "11:00") | {"space_id": 2**62}, status=404)
    assert list(unknown["errors"]) == ["space_id"]
    assert api.get(SLOTS, query={"space_id": 2**62, "from": MONDAY, "to": MONDAY}).status_code == 404


def open_times(api: Api, space: Space, first: str = MONDAY, last: str | None = None, **query: Any) -> dict[str, Any]:
    """Return the open times of a space by day, from and to on the clock in UTC."""
    answer = api.get(SLOTS, query={"space_id": space.id, "from": first, "to": last or first} | query)
    assert answer.status_code == 200, answer.json
    assert all("slots" not in day for day in answer.json["days"])
    return {
        day["date"]: [(o["starts_at"][5:16], o["ends_at"][5:16]) for o in day["open"]] for day in answer.json["days"]
    }


def test_open_times_of_a_day(api: Api, ada: User) -> None:
    """Between what is taken and closed; too short a rest is left out; nothing of it may be stored."""
    space = house()
    made(api, ada, let(space, "10:00", "12:00"))
    made(api, ada, let(space, "12:45", "13:45"))
    with transaction():
        away = Absence(datetime(2030, 1, 7, 15, 5, tzinfo=UTC), datetime(2030, 1, 7, 15, 40, tzinfo=UTC))
        add_closure(resource_id=space.id, absence=away, force=False, actor_id=None)
    assert open_times(api, space) == {
        MONDAY: [("01-07T09:00", "01-07T10:00"), ("01-07T13:45", "01-07T15:00"), ("01-07T15:45", "01-07T17:00")]
    }
    answer = api.get(SLOTS, query={"space_id": space.id, "from": MONDAY, "to": MONDAY})
    assert (answer.headers["Cache-Control"], answer.json["timezone"]) == ("no-store", "UTC")


def test_over_midnight(api: Api) -> None:
    """A time over midnight is in both days, cut there, and the same whichever days are asked for."""
    space = house(opens="22:00", closes="01:00")
    week = open_times(api, space, MONDAY, "2030-01-09")
    assert week == {
        "2030-01-07": [("01-07T22:00", "01-08T00:00")],
        "2030-01-08": [("01-08T00:00", "01-08T01:00"), ("01-08T22:00", "01-09T00:00")],
        "2030-01-09": [("01-09T00:00", "01-09T01:00"), ("01-09T22:00", "01-10T00:00")],
    }
    for day, times in week.items():
        assert open_times(api, space, day) == {day: times}


def test_a_short_part_of_a_day_belongs_to_a_longer_time(api: Api, ada: User) -> None:
    """Open 23:30 to 00:30: an hour can be had, which each day shows half of."""
    space = house(opens="23:30", closes="00:30")
    week = open_times(api, space, MONDAY, "2030-01-08")
    assert week[MONDAY] == [("01-07T23:30", "01-08T00:00")]
    assert week["2030-01-08"] == [("01-08T00:00", "01-08T00:30"), ("01-08T23:30", "01-09T00:00")]
    for day, times in week.items():
        assert open_times(api, space, day) == {day: times}
    made(api, ada, let(space, "23:30", "00:30") | {"ends_at": at("00:30", "2030-01-08")})


def test_days_of_the_venue_and_of_another_zone(api: Api) -> None:
    """Nairobi is three hours ahead; `timezone` cuts the same time elsewhere."""
    space = house(timezone="Africa/Nairobi", opens="00:00", closes="06:00")
    assert open_times(api, space, "2030-01-08") == {"2030-01-08": [("01-07T21:00", "01-08T03:00")]}
    assert open_times(api, space, "2030-01-08", timezone="UTC") == {
        "2030-01-08": [("01-08T00:00", "01-08T03:00"), ("01-08T21:00", "01-09T00:00")]
    }


@pytest.mark.parametrize(
    ("day", "opening", "hours"),
    [
        ("2030-03-10", ("03-10T05:00", "03-11T04:00"), 23),
        ("2030-11-03", ("11-03T04:00", "11-04T05:00"), 25),
    ],
)
def test_days_of_a_clock_change(api: Api, ada: User, day: str, opening: tuple[str, str], hours: int) -> None:
    """23 and 25 hours, and each of them is paid."""
    space = house(timezone="America/New_York", opens="00:00", closes="24:00", max_minutes=2000)
    assert open_times(api, space, day) == {day: [opening]}
    body = {"space_id": space.id} | dict(
        zip(("starts_at", "ends_at"), (f"2030-{at}:00Z" for at in opening), strict=True)
    )
    assert made(api, ada, body)["total"]["amount"] == hours * 100_000
    assert open_times(api, space, day) == {day: []}


def test_from_now_on(api: Api) -> None:
    """What has gone by is not listed; the next point of the grid is."""
    space = house()
    with clock.frozen(datetime(2030, 1, 7, 12, 20, 1, tzinfo=UTC)):
        assert open_times(api, space) == {MONDAY: [("01-07T12:30", "01-07T17:00")]}
        assert open_times(api, space, "2030-01-06") == {"2030-01-06": []}


def test_every_interval_of_an_open_time_can_be_had_and_no_other(api: Api, ada: User) -> None:
    """BK-35 for spaces, by rehearsal: starts and ends on the grid, lengths from the shortest to the longest."""
    space = house(opens="09:10", closes="13:00", max_minutes=90)
    made(api, ada, let(space, "10:25", "11:40"))
    listed = [(start[6:], end[6:]) for start, end in open_times(api, space)[MONDAY]]
    assert listed == [("09:10", "10:25"), ("11:40", "12:55")]
    token = token_for(ada)
    for minutes in (45, 60, 75):
        for start in range(8 * 60 + 40, 13 * 60, 15):
            begin, end = (f"{m // 60:02}:{m % 60:02}" for m in (start, start + minutes))
            answer = api.post(BOOKINGS, let(space, begin, end), token=token, query={"dry_run": "true"})
            inside = minutes >= 60 and any(begin >= a and end <= b for a, b in listed)
            assert answer.status_code == (200 if inside else 409), (begin, end, answer.json)


def test_what_is_near_has_a_lawful_length(api: Api, ada: User) -> None:
    """Of the length asked for; where that cannot be had at any time, of the nearest that can."""
    space = house()

    def near(start: str, end: str) -> tuple[str, str]:
        first = api.get(CHECK, query=let(space, start, end)).json["alternatives"][0]
        return first["starts_at"][11:16], first["ends_at"][11:16]

    assert near("08:45", "10:45") == ("09:00", "11:00")
    assert near("10:00", "11:05") == ("10:00", "11:15")
    assert near("10:00", "10:05") == ("10:00", "11:00")
    assert near("10:00", "16:00") == ("10:00", "14:00")
    assert near("10:00", "13:55") == ("10:00", "14:00")


def test_check(api: Api, ada: User) -> None:
    """Every reason by precedence; nothing where it can be had."""
    space = house()
    made(api, ada, let(space, "12:00", "14:00"))
    free = api.get(CHECK, query=let(space, "10:00", "12:00", party_size=10))
    assert free.json == {"available": True, "reasons": [], "alternatives": []}
    found = api.get(CHECK, query=let(space, "11:05", "15:20", party_size=11)).json
    assert (found["available"], found["alternatives"]) == (False, [])
    assert found["reasons"] == ["duration_out_of_range", "party_too_large", "not_on_grid", "slot_taken"]
    near = api.get(CHECK, query=let(space, "12:00", "13:00")).json
    assert near["reasons"] == ["slot_taken"]
    hour = {"staff_ids": [], "price": {"amount": 100_000, "currency": "KES"}}
    assert near["alternatives"][:3] == [
        hour | {"starts_at": at("11:00"), "ends_at": at("12:00")},
        hour | {"starts_at": at("10:45"), "ends_at": at("11:45")},
        hour | {"starts_at": at("10:30"), "ends_at": at("11:30")},
    ]
    for wrong, field in (
        (let(space, "12:00", "12:00"), "ends_at"),
        (let(space, "12:00", "13:00", party_size=0), "party_size"),
        (let(space, "12:00", "13:00", service_id=1), "space_id"),
    ):
        answer = api.get(CHECK, query=wrong)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_refusals_leave_nothing_behind(api: Api, ada: User) -> None:
    """A blocked client is told first, and offered nothing."""
    space, blocked = house(), make_user(is_blocked=True)
    problem = refused(api, blocked, let(space, "03:00", "23:00", party_size=99))
    assert (problem["code"], problem["alternatives"]) == ("client_blocked", [])
    assert all(not rows for rows in everything().values())
