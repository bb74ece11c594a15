"""Several services one after the other: all or nothing, at one price, under one reference."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import DepositType, Role, Service, Staff, User
from tests.api import Api
from tests.bookings.desk import (
    BOOKINGS,
    MONDAY,
    NOW,
    SLOTS,
    ask,
    at,
    everything,
    made,
    one,
    refused,
    shown,
    taken,
    visit,
)
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import assign, make_service, make_staff, make_user, make_working_staff, set_hours, token_for


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user()


@pytest.fixture
def colour(app: Flask) -> Service:
    """An hour, with a quarter of an hour before and half an hour after."""
    return make_service(name="Colour", price_amount=9000, buffer_before_minutes=15, buffer_after_minutes=30)


@pytest.fixture
def cut(app: Flask) -> Service:
    """Half an hour, with ten minutes before and twenty after."""
    return make_service(
        name="Cut", duration_minutes=30, price_amount=3500, buffer_before_minutes=10, buffer_after_minutes=20
    )


@pytest.fixture
def ann(colour: Service, cut: Service) -> Staff:
    """Performs both."""
    return make_working_staff(colour, cut, name="Ann")


@pytest.fixture
def ben(colour: Service, cut: Service) -> Staff:
    """Performs both as well."""
    return make_working_staff(colour, cut, name="Ben")


def who(booking: dict[str, Any]) -> list[int]:
    """Return who does the parts of a booking."""
    return [item["staff_id"] for item in booking["items"]]


def test_one_price_one_reference(api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff) -> None:
    """The parts follow each other, each with its own price; the whole is one booking."""
    found = made(api, ada, visit("10:00", (colour, ann), (cut, ben), notes="Both"))
    parts = [
        (i["service_name"], i["staff_name"], i["starts_at"], i["ends_at"], i["price"]["amount"]) for i in found["items"]
    ]
    assert parts == [
        ("Colour", "Ann", at("10:00"), at("11:00"), 9000),
        ("Cut", "Ben", at("11:00"), at("11:30"), 3500),
    ]
    assert (found["starts_at"], found["ends_at"]) == (at("10:00"), at("11:30"))
    assert (found["total"]["amount"], found["balance_due"]["amount"]) == (12500, 12500)
    assert (found["kind"], found["status"], found["reference"][:3]) == ("service", "confirmed", "BK-")
    assert api.get(f"{BOOKINGS}/{found['id']}", token=token_for(ada)).json == found
    assert {name: len(rows) for name, rows in everything().items() if rows} == {
        "allocations": 2,
        "bookings": 1,
        "booking_items": 2,
        "booking_history": 1,
        "outbox_events": 1,
    }


def test_each_has_the_buffers_of_the_own_part(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff
) -> None:
    """Two staff are two runs, each with both of its buffers."""
    made(api, ada, visit("10:00", (colour, ann), (cut, ben)))
    assert taken() == [(ann.id, "09:45", "11:30"), (ben.id, "10:50", "11:50")]


def test_buffers_at_the_ends_of_a_run_only(api: Api, ada: User, colour: Service, cut: Service, ann: Staff) -> None:
    """One staff member: the first part's buffer before, the last one's after, one allocation, no gap."""
    found = made(api, ada, visit("10:00", (colour, ann), (cut, ann)))
    assert found["ends_at"] == at("11:30")
    assert taken() == [(ann.id, "09:45", "11:50")]


def test_there_and_back_again(api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff) -> None:
    """Ann, Ben, Ann: where her own buffers meet, what she has taken is one; nobody else gets in between."""
    made(api, ada, visit("10:00", (colour, ann), (cut, ben), (cut, ann)))
    assert taken() == [(ann.id, "09:45", "12:20"), (ben.id, "10:50", "11:50")]
    plain = make_service(duration_minutes=15)
    assign(ann, plain)
    assert refused(api, ada, one(plain, "11:00", staff_id=ann.id))["code"] == "slot_taken"


def test_there_and_back_again_with_time_between(api: Api, ada: User, ann: Staff, ben: Staff) -> None:
    """Without buffers Ann is free while Ben works: somebody else can have her."""
    plain, quarter = make_service(), make_service(duration_minutes=15)
    for staff in (ann, ben):
        assign(staff, plain)
        assign(staff, quarter)
    made(api, ada, visit("10:00", (quarter, ann), (plain, ben), (quarter, ann)))
    assert taken(ann.id) == [(ann.id, "10:00", "10:15"), (ann.id, "11:15", "11:30")]
    made(api, make_user(), one(plain, "10:15", staff_id=ann.id))


def test_all_or_nothing(api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff) -> None:
    """Where only the last part fails, nothing is written at all."""
    made(api, make_user(), one(cut, "11:30", staff_id=ben.id))
    problem = refused(api, ada, visit("10:00", (colour, ann), (cut, ben)))
    assert (problem["code"], len(problem["alternatives"])) == ("slot_taken", 5)
    assert refused(api, ada, visit("16:00", (colour, ann), (cut, ann)))["code"] == "outside_opening_hours"


@pytest.mark.parametrize(
    ("start", "code"),
    [("05:00", "notice_too_short"), ("08:00", "outside_opening_hours"), ("10:07", "not_on_grid")],
)
def test_why_a_visit_is_refused(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, start: str, code: str
) -> None:
    """The reasons are those of the visit's start; the grid is not asked of the second part."""
    assert refused(api, ada, visit(start, colour, cut))["code"] == code
    odd = make_service(duration_minutes=20)
    assign(ann, odd)
    assert made(api, ada, visit("10:00", odd, cut))["items"][1]["starts_at"] == at("10:20")


def test_notice_and_horizon_of_every_part(api: Api, ada: User, cut: Service, ann: Staff) -> None:
    """The longest notice and the nearest horizon of the parts are the visit's."""
    early = make_service(min_notice_minutes=6 * 60)
    near = make_service(max_advance_days=2)
    for service in (early, near):
        assign(ann, service)
    assert refused(api, ada, visit("11:45", cut, early))["code"] == "notice_too_short"
    assert made(api, ada, visit("12:00", cut, early))["starts_at"] == at("12:00")
    far = visit("10:00", cut, near) | {"starts_at": at("09:00", "2030-01-10")}
    assert refused(api, ada, far)["code"] == "beyond_horizon"


def test_anybody_is_chosen_fairly_part_by_part(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff
) -> None:
    """Who has least to do that day does it; ties by id."""
    assert who(made(api, ada, visit("09:30", colour, cut))) == [ann.id, ann.id]
    assert who(made(api, ada, visit("12:00", colour, cut))) == [ben.id, ben.id]
    made(api, ada, one(colour, "14:00", staff_id=ann.id))
    assert who(made(api, ada, visit("15:30", (colour, None), (cut, ann)))) == [ben.id, ann.id]


def test_anybody_who_leaves_somebody_for_the_rest(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff
) -> None:
    """Cid has done nothing yet, but takes so long that nobody is there for the cut: Ann it is."""
    slow = make_staff()
    set_hours(slow)
    assign(slow, colour, duration_minutes=120)
    made(api, ada, one(colour, "09:15", staff_id=ann.id))
    found = made(api, ada, visit("15:30", colour, cut))
    assert (who(found), found["ends_at"]) == ([ann.id, ann.id], at("17:00"))


def test_named_and_anybody(api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff) -> None:
    """The one who is named has it; the other part is anybody's who is free then."""
    made(api, ada, one(cut, "10:30", staff_id=ann.id))
    assert who(made(api, ada, visit("09:15", (colour, ben), (cut, None)))) == [ben.id, ben.id]


def test_own_prices_and_lengths_add_up(api: Api, ada: User, colour: Service, cut: Service, ann: Staff) -> None:
    """What an assignment says comes before the service."""
    eve = make_staff()
    set_hours(eve)
    assign(eve, cut, price_amount=7777, duration_minutes=45)
    found = made(api, ada, visit("10:00", (colour, ann), (cut, eve)))
    assert (found["total"]["amount"], found["ends_at"]) == (16777, at("11:45"))


def test_deposit_approval_and_window_of_the_whole(api: Api, ada: User, ann: Staff) -> None:
    """Deposits add up, one part's approval is the visit's, and so is the longest cancellation window."""
    half = make_service(
        price_amount=999, deposit_type=DepositType.PERCENT, deposit_value=50, cancellation_window_minutes=60
    )
    fixed = make_service(
        price_amount=4000, deposit_type=DepositType.FIXED, deposit_value=1000, cancellation_window_minutes=120
    )
    asked = make_service(requires_approval=True, cancellation_window_minutes=0)
    for service in (half, fixed, asked):
        assign(ann, service)
    found = made(api, ada, visit("10:00", half, fixed))
    assert (found["deposit_due"]["amount"], found["pending_reason"]) == (1500, "deposit")
    assert found["policy"]["cancel_free_until"] == at("08:00")
    assert found["policy"]["late_cancel_fee"]["amount"] == 1500
    found = made(api, ada, visit("13:00", fixed, asked))
    assert (found["pending_reason"], found["deposit_due"]["amount"]) == ("approval", 1000)


def slots(api: Api, *services: Service, **query: Any) -> list[dict[str, Any]]:
    """Return Monday's slots of several services."""
    asked = {"service_id": [service.id for service in services], "from": MONDAY, "to": MONDAY} | query
    answer = api.get(SLOTS, query=asked)
    assert answer.status_code == 200, answer.json
    (day,) = answer.json["days"]
    listed: list[dict[str, Any]] = day["slots"]
    return listed


def test_slots_say_who_does_which_part(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff
) -> None:
    """`items` per slot, in the order asked for; `staff_ids` are those who can do all of it."""
    made(api, ada, one(cut, "11:30", staff_id=ben.id))  # he is taken from 11:20 to 12:20
    listed = {slot["starts_at"][11:16]: slot for slot in slots(api, colour, cut)}
    ten = listed["10:00"]
    assert (ten["ends_at"], ten["price"]["amount"]) == (at("11:30"), 12500)
    assert ten["staff_ids"] == [ann.id]
    # Ben's colour would need his after-buffer until 11:30; only Ann has the time for both parts
    assert ten["items"] == [
        {"service_id": colour.id, "staff_ids": [ann.id]},
        {"service_id": cut.id, "staff_ids": [ann.id]},
    ]
    nine = listed["09:00"]
    assert nine["items"] == [
        {"service_id": colour.id, "staff_ids": [ann.id, ben.id]},
        {"service_id": cut.id, "staff_ids": [ann.id, ben.id]},
    ]
    assert listed["15:30"]["ends_at"] == at("17:00")
    assert "15:45" not in listed


def test_the_same_service_twice(api: Api, ada: User, cut: Service, ann: Staff) -> None:
    """Mother and child: asked for twice is done twice."""
    listed = slots(api, cut, cut)
    assert [len(slot["items"]) for slot in listed[:1]] == [2]
    assert listed[0]["ends_at"] == at("10:00")
    assert made(api, ada, visit("09:00", cut, cut))["total"]["amount"] == 7000


def test_too_many_prices_to_list(api: Api, ada: User, cut: Service) -> None:
    """Four with prices of their own, three times over: of each start is listed what comes of it if nobody is named."""
    stylists = [make_staff() for _ in range(4)]
    for n, staff in enumerate(stylists):
        set_hours(staff)
        assign(staff, cut, price_amount=1000 * 10**n)
    cheap, *_, last = stylists
    listed = slots(api, cut, cut)
    assert len({slot["starts_at"] for slot in listed}) < len(listed)  # ten prices of two cuts are all told
    made(api, ada, one(cut, "10:00", staff_id=cheap.id))
    listed = slots(api, cut, cut, cut)
    assert len({slot["starts_at"] for slot in listed}) == len(listed) > 20
    for slot in listed:
        body = visit("00:00", cut, cut, cut) | {"starts_at": slot["starts_at"]}
        found = ask(api, ada, body, f"{BOOKINGS}?dry_run=true").json
        assert [[staff_id] for staff_id in who(found)] == [part["staff_ids"] for part in slot["items"]]
        assert (found["ends_at"], found["total"]) == (slot["ends_at"], slot["price"])
        assert cheap.id not in who(found)  # has done more than the others
    (named,) = {slot["price"]["amount"] for slot in slots(api, cut, cut, cut, staff_id=last.id)}
    assert named == 3_000_000
    for slot in refused(api, ada, visit("10:00", (cut, cheap), cut, cut))["alternatives"]:
        staff_ids = [staff_id for part in slot["items"] for staff_id in part["staff_ids"]]
        assert (staff_ids[0] == cheap.id) is (slot["starts_at"] != at("10:00"))
        body = {"items": [{"service_id": cut.id, "staff_id": staff_id} for staff_id in staff_ids]}
        found = ask(api, ada, body | {"starts_at": slot["starts_at"]}, f"{BOOKINGS}?dry_run=true").json
        assert found["total"] == slot["price"]


def test_every_listed_slot_can_be_booked(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff
) -> None:
    """And no other start on the grid: BK-35 for visits, by rehearsal."""
    admin = make_user(Role.ADMIN)
    made(api, ada, one(cut, "11:30", staff_id=ben.id))
    made(api, ada, one(colour, "13:15", staff_id=ann.id))
    made(api, ada, one(cut, "15:00", staff_id=ann.id))
    listed = {slot["starts_at"]: slot for slot in slots(api, colour, cut)}
    assert 0 < len(listed) < 30
    token = token_for(admin)
    for quarter in range(8 * 4, 18 * 4):
        start = at(f"{quarter // 4:02}:{quarter % 4 * 15:02}")
        body = visit("00:00", colour, cut, client_id=ada.id) | {"starts_at": start}
        answer = api.post(BOOKINGS, body, token=token, query={"dry_run": "true"})
        assert answer.status_code == (200 if start in listed else 409), (start, answer.json)
        if start in listed:
            parts = zip(listed[start]["items"], answer.json["items"], strict=True)
            assert all(done["staff_id"] in offered["staff_ids"] for offered, done in parts)
            assert answer.json["total"] == listed[start]["price"]


def test_each_offered_staff_member_can_be_had(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff
) -> None:
    """Whoever `items` names for a part has colleagues for the others."""
    made(api, ada, one(cut, "11:30", staff_id=ben.id))
    token = token_for(ada)
    for slot in slots(api, colour, cut)[:8]:
        for position, part in enumerate(slot["items"]):
            for staff_id in part["staff_ids"]:
                body = visit("00:00", colour, cut) | {"starts_at": slot["starts_at"]}
                body["items"][position]["staff_id"] = staff_id
                answer = api.post(BOOKINGS, body, token=token, query={"dry_run": "true"})
                assert answer.status_code == 200, (slot, staff_id, answer.json)


def test_alternatives_of_a_visit(api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff) -> None:
    """The same staff at other times, others at the same time; each of them can be booked as it is shown."""
    made(api, ada, visit("10:00", (colour, ann), (cut, ann)))
    problem = refused(api, ada, visit("10:00", (colour, ann), (cut, ann)))
    assert problem["code"] == "slot_taken"
    assert shown(problem)[0] == ("10:00", [ben.id])
    token = token_for(ada)
    for slot in problem["alternatives"]:
        body = visit("00:00", colour, cut) | {"starts_at": slot["starts_at"]}
        for asked, offered in zip(body["items"], slot["items"], strict=True):
            asked["staff_id"] = offered["staff_ids"][0]
        assert api.post(BOOKINGS, body, token=token, query={"dry_run": "true"}).status_code == 200, slot


@each_case(("field", "position"), [("service_id", 1), ("service_id", 0), ("staff_id", 1)])
def test_ids_that_name_nothing(
    api: Api, ada: User, colour: Service, cut: Service, ann: Staff, field: str, position: int
) -> None:
    """404 with the path of the field, in one kind of body and in the other."""
    body = visit("10:00", colour, cut)
    body["items"][position][field] = 2**62
    problem = refused(api, ada, body, status=404)
    assert (problem["code"], list(problem["errors"])) == ("not_found", [f"items.{position}.{field}"])
    alone = visit("10:00", colour)
    alone["items"][0][field] = 2**62
    assert list(refused(api, ada, alone, status=404)["errors"]) == [f"items.0.{field}"]


def test_a_search_names_its_parameter(api: Api, colour: Service, cut: Service, ann: Staff) -> None:
    """Not a path that nobody sent."""
    days = {"from": MONDAY, "to": MONDAY}
    for query, field in (
        ({"service_id": [cut.id, 2**62]}, "service_id"),
        ({"service_id": [cut.id, colour.id], "staff_id": 2**62}, "staff_id"),
    ):
        answer = api.get(SLOTS, query=days | query)
        assert (answer.status_code, list(answer.json["errors"])) == (404, [field])


def test_who_cannot_do_a_part(api: Api, ada: User, colour: Service, cut: Service, ann: Staff) -> None:
    """Not assigned, gone, retired: of any part."""
    stranger = make_working_staff()
    gone = make_working_staff(cut, active=False)
    retired = make_service(active=False)
    assign(ann, retired)
    assert refused(api, ada, visit("10:00", colour, (cut, stranger)))["code"] == "staff_not_assigned"
    assert refused(api, ada, visit("10:00", colour, (cut, gone)))["code"] == "resource_inactive"
    problem = refused(api, ada, visit("10:00", (cut, stranger), retired))
    assert (problem["code"], problem["alternatives"]) == ("resource_inactive", [])


@refused_by_shape
@each_case(
    ("change", "field"),
    [
        ({"items": []}, "items"),
        ({"items": None}, "items"),
        ({"items": {}}, "items"),
        ({"items": [5]}, "items.0"),
        ({"items": [{}]}, "items.0.service_id"),
        ({"items": [{"service_id": "1"}]}, "items.0.service_id"),
        ({"items": [{"service_id": 1, "price": 1}]}, "items.0.price"),
        ({"items": [{"service_id": 1, "starts_at": at("10:00")}]}, "items.0.starts_at"),
        ({"items": [{"service_id": 1}] * 11}, "items"),
        ({"service_id": 1}, "items"),
        ({"space_id": 1}, "space_id"),
        ({"staff_id": 1}, "staff_id"),
        ({"ends_at": at("12:00")}, "ends_at"),
        ({"starts_at": None}, "starts_at"),
    ],
)
def test_wrong_shapes(api: Api, ada: User, cut: Service, ann: Staff, change: dict[str, Any], field: str) -> None:
    """422 with the field named, and nothing written."""
    problem = refused(api, ada, visit("10:00", cut) | change, status=422)
    assert field in problem["errors"], problem["errors"]


def test_ten_parts_are_the_most(api: Api, ada: User, ann: Staff) -> None:
    """In a booking and in a search."""
    quick = make_service(duration_minutes=10, price_amount=100)
    assign(ann, quick)
    found = made(api, ada, visit("10:00", *[quick] * 10))
    assert (len(found["items"]), found["total"]["amount"], found["ends_at"]) == (10, 1000, at("11:40"))
    query = {"from": MONDAY, "to": MONDAY, "service_id": [quick.id] * 11}
    answer = api.get(SLOTS, query=query)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["service_id"])
    assert len(slots(api, *[quick] * 10)[0]["items"]) == 10


def test_a_blocked_client_books_no_visit(api: Api, colour: Service, cut: Service, ann: Staff) -> None:
    """As with one service: first of all reasons, and nothing else is offered."""
    blocked = make_user(is_blocked=True)
    problem = refused(api, blocked, visit("03:07", colour, cut))
    assert (problem["code"], problem["alternatives"]) == ("client_blocked", [])


def test_cancelling_frees_all_of_it(api: Api, ada: User, colour: Service, cut: Service, ann: Staff, ben: Staff) -> None:
    """The time of everybody."""
    found = made(api, ada, visit("10:00", (colour, ann), (cut, ben), (cut, ann)))
    assert ask(api, ada, {}, f"{BOOKINGS}/{found['id']}/cancel").json["status"] == "cancelled"
    assert taken() == []


def test_staff_of_different_zones(api: Api, ada: User, cut: Service) -> None:
    """Each one's hours are of the own zone: Tokyo's and Paris's meet nowhere, UTC's and Paris's do."""
    paris = make_working_staff(cut, timezone="Europe/Paris")
    tokyo = make_working_staff(cut, timezone="Asia/Tokyo")
    both = make_service(duration_minutes=30)
    assign(make_working_staff(timezone="UTC"), both)
    assert refused(api, ada, visit("10:00", (cut, tokyo), (cut, paris)))["code"] == "outside_opening_hours"
    found = made(api, ada, visit("15:00", (cut, paris), both))
    assert (found["timezone"], found["ends_at"]) == ("Europe/Paris", at("16:00"))


def test_two_who_can_only_take_turns(api: Api, ada: User) -> None:
    """In two hours each may do one part, and the other one the other: nobody is said, or offered, to do both."""
    knot = make_service()
    slow, quick = make_staff(), make_staff()
    for staff, minutes in ((slow, 75), (quick, 30)):
        set_hours(staff, "09:00", "10:45")
        assign(staff, knot, duration_minutes=minutes)
    both = [slow.id, quick.id]
    turns = [slot for slot in slots(api, knot, knot) if slot["ends_at"] == at("10:45")]
    assert [([part["staff_ids"] for part in slot["items"]], slot["staff_ids"]) for slot in turns] == [
        ([both, both], []),
        ([[quick.id], [quick.id]], [quick.id]),
    ]
    assert refused(api, ada, visit("10:30", (knot, slow), (knot, slow)))["alternatives"] == []


def test_the_reason_of_the_team_that_came_furthest(api: Api, ada: User) -> None:
    """Who could begin at four is done when Zoe has left; against Ben, who is quicker, speaks the grid alone."""
    wash, knot = make_service(), make_service(duration_minutes=30)
    zoe, ben = make_working_staff(knot), make_staff()
    make_working_staff(wash)
    set_hours(ben, "09:05", "17:05")
    assign(ben, wash, duration_minutes=30)
    assert refused(api, ada, visit("16:00", wash, (knot, zoe)))["code"] == "not_on_grid"
