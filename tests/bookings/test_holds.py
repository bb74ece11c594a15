"""Holds: time kept for a client for some minutes, taken over by the booking that names it, and then gone."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Allocation, Hold, OutboxEvent, Role, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import (
    BOOKINGS,
    HOLDS,
    MONDAY,
    NOW,
    SLOTS,
    ask,
    at,
    everything,
    made,
    one,
    refused,
    taken,
    visit,
)
from tests.factories import assign, make_service, make_space, make_user, make_working_staff, set_hours, token_for

TEN_MINUTES = timedelta(minutes=10)
MOMENT = timedelta(microseconds=1)

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def service(app: Flask) -> Service:
    """An hour, with a quarter of an hour after it."""
    return make_service(buffer_after_minutes=15)


def released(api: Api, who: User, hold_id: int) -> Any:
    """Ask to give a hold back."""
    return api.delete(f"{HOLDS}/{hold_id}", token=token_for(who))


def causes() -> list[tuple[str, str]]:
    """Return what is taken, in order: when, and by what kind of cause."""
    rows = list(db.session.scalars(select(Allocation).order_by(Allocation.starts_at)))
    kinds = ("booking", "hold", "closure")
    found = [(f"{a.starts_at:%H:%M}", next(k for k in kinds if getattr(a, f"{k}_id") is not None)) for a in rows]
    db.session.commit()
    return found


def test_a_hold_says_what_it_keeps(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The plan of the booking, its price, and until when; ten minutes."""
    answer = ask(api, ada, one(service, "10:00"), HOLDS)
    assert answer.status_code == 201, answer.json
    money = {"amount": 4500, "currency": "KES"}
    assert answer.json | {"id": 0} == {
        "id": 0,
        "expires_at": at("06:10"),
        "client_id": ada.id,
        "kind": "service",
        "starts_at": at("10:00"),
        "ends_at": at("11:00"),
        "timezone": "UTC",
        "items": [
            {
                "service_id": service.id,
                "service_name": service.name,
                "staff_id": staff.id,
                "staff_name": staff.name,
                "starts_at": at("10:00"),
                "ends_at": at("11:00"),
                "price": money,
            }
        ],
        "space_id": None,
        "total": money,
    }
    assert taken() == [(staff.id, "10:00", "11:15")]
    assert {name: len(rows) for name, rows in everything().items() if rows} == {
        "allocations": 1,
        "holds": 1,
        "outbox_events": 1,
    }


def test_it_blocks_everybody_else_and_the_holder_too(
    api: Api, ada: User, eve: User, service: Service, staff: Staff
) -> None:
    """Without the hold's id its owner is like others; time off over it is taken around it."""
    made(api, ada, one(service, "10:00"), HOLDS)
    for who in (ada, eve):
        for path in (BOOKINGS, HOLDS):
            assert refused(api, who, one(service, "10:30"), path)["code"] == "slot_taken"
    listed = api.get(SLOTS, query={"service_id": service.id, "from": MONDAY, "to": MONDAY}).json["days"][0]["slots"]
    assert at("11:15") in {slot["starts_at"] for slot in listed}
    assert at("11:00") not in {slot["starts_at"] for slot in listed}


def test_a_booking_takes_its_hold_over(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """In one step: the hold is spent, its time the booking's, and its task finds nothing to do."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    found = made(api, ada, one(service, "10:00", hold_id=hold["id"]))
    assert (found["status"], found["total"]) == ("confirmed", hold["total"])
    assert causes() == [("10:00", "booking")]
    with clock.frozen(NOW + TEN_MINUTES):
        work_once()
    assert causes() == [("10:00", "booking")]


def test_anybody_is_the_one_who_is_held(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Although a colleague has less to do by now."""
    made(api, make_user(), one(service, "15:00", staff_id=staff.id))
    hold = made(api, ada, one(service, "10:00", staff_id=staff.id), HOLDS)
    make_working_staff(service)
    assert made(api, ada, one(service, "10:00", hold_id=hold["id"]))["items"][0]["staff_id"] == staff.id


def test_a_hold_of_something_else(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """It is spent all the same: what it had is free, what is booked is taken."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    made(api, ada, one(service, "14:00", hold_id=hold["id"]))
    assert taken() == [(staff.id, "14:00", "15:15")]
    assert refused(api, ada, one(service, "10:00", hold_id=hold["id"]))["code"] == "hold_expired"


def test_a_refused_booking_leaves_its_hold(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """Whatever the reason: its time is still kept, and can be booked after all."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    made(api, eve, one(service, "13:00"))
    for start, code in (("10:07", "not_on_grid"), ("13:00", "slot_taken"), ("16:30", "outside_opening_hours")):
        assert refused(api, ada, one(service, start, hold_id=hold["id"]))["code"] == code
    assert causes() == [("10:00", "hold"), ("13:00", "booking")]
    made(api, ada, one(service, "10:00", hold_id=hold["id"]))


def test_twice(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """What is spent is over: 409 hold_expired, also where the time would be free."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    made(api, ada, one(service, "10:00", hold_id=hold["id"]))
    assert refused(api, ada, one(service, "10:00", hold_id=hold["id"]))["code"] == "hold_expired"
    assert refused(api, ada, one(service, "14:00", hold_id=hold["id"]))["code"] == "hold_expired"


def test_until_the_very_moment(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """BK-25: up to it the holder's, from it on anybody's; never both."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    with clock.frozen(NOW + TEN_MINUTES - MOMENT):
        assert refused(api, eve, one(service, "10:00"))["code"] == "slot_taken"
    with clock.frozen(NOW + TEN_MINUTES):
        problem = refused(api, ada, one(service, "10:00", hold_id=hold["id"]))
        assert (problem["code"], len(problem["alternatives"])) == ("hold_expired", 5)
        made(api, eve, one(service, "10:00"))
        assert refused(api, ada, one(service, "10:00", hold_id=hold["id"]))["code"] == "hold_expired"
    assert causes() == [("10:00", "booking")]


def test_at_the_last_moment(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The holder is in time."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    with clock.frozen(NOW + TEN_MINUTES - MOMENT):
        made(api, ada, one(service, "10:00", hold_id=hold["id"]))


@pytest.mark.parametrize(
    ("start", "code"),
    [
        ("05:00", "notice_too_short"),
        ("08:00", "outside_opening_hours"),
        ("10:07", "not_on_grid"),
        ("13:00", "hold_expired"),
        ("14:00", "hold_expired"),
    ],
)
def test_where_a_lapsed_hold_stands_among_the_reasons(
    api: Api, ada: User, eve: User, service: Service, staff: Staff, start: str, code: str
) -> None:
    """Behind all that is wrong with the start, before that it is taken (product.md §5)."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    made(api, eve, one(service, "13:00"))
    with clock.frozen(NOW + TEN_MINUTES):
        assert refused(api, ada, one(service, start, hold_id=hold["id"]))["code"] == code


def test_the_worker_frees_what_has_lapsed(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """At its time and not before; the row says that it is over."""
    made(api, ada, one(service, "10:00"), HOLDS)
    with clock.frozen(NOW + TEN_MINUTES - MOMENT):
        assert work_once() == 0
    with clock.frozen(NOW + TEN_MINUTES):
        assert work_once() == 1
    assert taken() == []
    assert db.session.scalar(select(OutboxEvent.done_at)) is not None


def test_released(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """Its time is free at once; again is 204 as well; its id is good for nothing more."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    assert [released(api, ada, hold["id"]).status_code for _ in (1, 2)] == [204, 204]
    assert taken() == []
    assert refused(api, ada, one(service, "10:00", hold_id=hold["id"]))["code"] == "hold_expired"
    made(api, eve, one(service, "10:00"))


def test_a_released_hold_of_a_booking_leaves_the_booking(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The hold was spent: there is nothing of it to give back."""
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    made(api, ada, one(service, "10:00", hold_id=hold["id"]))
    before = everything()
    assert released(api, ada, hold["id"]).status_code == 204
    assert everything() == before


@pytest.mark.parametrize("role", [Role.CLIENT, Role.OWNER])
def test_holds_of_others(api: Api, ada: User, service: Service, staff: Staff, role: Role) -> None:
    """BK-26: 404 for booking with it and for releasing it, and it is intact; unknown ones are answered alike."""
    hold, stranger = made(api, ada, one(service, "10:00"), HOLDS), make_user(role)
    before = everything()
    for hold_id in (hold["id"], 2**62):
        problem = refused(api, stranger, one(service, "10:00", hold_id=hold_id), status=404)
        assert (problem["code"], list(problem["errors"])) == ("not_found", ["hold_id"])
        answer = released(api, stranger, hold_id)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert everything() == before
    made(api, ada, one(service, "10:00", hold_id=hold["id"]))


def test_staff_hold_for_a_client(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """Named as with a booking; the hold is the client's: it is not spent for another one."""
    clerk = make_user(Role.STAFF)
    assert list(refused(api, clerk, one(service, "10:00"), HOLDS, status=422)["errors"]) == ["client_id"]
    hold = made(api, clerk, one(service, "10:00", client_id=ada.id), HOLDS)
    assert hold["client_id"] == ada.id
    wrong = refused(api, clerk, one(service, "10:00", client_id=eve.id, hold_id=hold["id"]), status=404)
    assert list(wrong["errors"]) == ["hold_id"]
    made(api, ada, one(service, "10:00", hold_id=hold["id"]))
    other = made(api, ada, one(service, "13:00"), HOLDS)
    assert released(api, clerk, other["id"]).status_code == 204


def test_three_at_a_time(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """BK-27: the fourth is 429 with the seconds until the first one ends; what has lapsed does not count."""
    first = made(api, ada, one(service, "09:00"), HOLDS)
    with clock.frozen(NOW + timedelta(minutes=4)):
        made(api, ada, one(service, "11:00"), HOLDS)
        made(api, ada, one(service, "13:00"), HOLDS)
        answer = ask(api, ada, one(service, "15:00"), HOLDS)
        assert (answer.status_code, answer.json["code"]) == (429, "too_many_holds")
        assert 360 <= int(answer.headers["Retry-After"]) <= 361
        refused(api, ada, one(service, "15:00"), HOLDS, status=429)
        made(api, make_user(), one(service, "15:00"), HOLDS)
    with clock.frozen(NOW + TEN_MINUTES):
        made(api, ada, one(service, "09:00"), HOLDS)
        assert refused(api, ada, one(service, "10:15"), HOLDS, status=429)["code"] == "too_many_holds"
    assert first["expires_at"] == at("06:10")


@pytest.mark.parametrize("spend", ["release", "book"])
def test_what_is_over_does_not_count(api: Api, ada: User, service: Service, staff: Staff, spend: str) -> None:
    """A released one and a booked one make room for another."""
    holds = [made(api, ada, one(service, start), HOLDS) for start in ("09:00", "11:00", "13:00")]
    if spend == "release":
        released(api, ada, holds[0]["id"])
    else:
        made(api, ada, one(service, "09:00", hold_id=holds[0]["id"]))
    made(api, ada, one(service, "15:00"), HOLDS)


def test_a_rehearsal_spends_no_hold(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The would-be booking is shown; the hold is as it was."""
    hold, token = made(api, ada, one(service, "10:00"), HOLDS), token_for(ada)
    before = everything()
    answer = api.post(BOOKINGS, one(service, "10:00", hold_id=hold["id"]), token=token, query={"dry_run": "true"})
    assert (answer.status_code, answer.json["id"], answer.json["starts_at"]) == (200, None, at("10:00"))
    assert everything() == before


def test_of_a_visit(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Of everybody in it; taken over whole, by whom it is held."""
    other = make_service(duration_minutes=30, price_amount=1000)
    colleague = make_working_staff(other)
    assign(staff, other)
    hold = made(api, ada, visit("10:00", service, (other, colleague)), HOLDS)
    assert [item["staff_id"] for item in hold["items"]] == [staff.id, colleague.id]
    assert (hold["total"]["amount"], hold["ends_at"]) == (5500, at("11:30"))
    held = taken()
    assert held == [(staff.id, "10:00", "11:15"), (colleague.id, "11:00", "11:30")]
    found = made(api, ada, visit("10:00", service, other, hold_id=hold["id"]))
    assert [item["staff_id"] for item in found["items"]] == [staff.id, colleague.id]
    assert taken() == held


def test_of_a_space(api: Api, ada: User) -> None:
    """By time; nobody's `staff_ids`."""
    space = make_space()
    set_hours(space)
    asked = {"space_id": space.id, "starts_at": at("10:00"), "ends_at": at("12:00")}
    hold = made(api, ada, asked, HOLDS)
    assert (hold["kind"], hold["space_id"], hold["total"]["amount"]) == ("space", space.id, 200_000)
    assert refused(api, make_user(), asked)["code"] == "slot_taken"
    assert made(api, ada, asked | {"hold_id": hold["id"]})["total"] == hold["total"]
    assert taken() == [(space.id, "10:00", "12:00")]


def test_a_hold_names_no_hold(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """422: it is no field of it."""
    assert list(refused(api, ada, one(service, "10:00", hold_id=1), HOLDS, status=422)["errors"]) == ["hold_id"]


def test_time_off_over_a_hold(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """It takes the rest around it; and what the hold gives back: released, lapsed, or of another time."""
    admin, path = token_for(make_user(Role.ADMIN)), f"/api/staff/{staff.id}/time-off"
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    lapsing = made(api, ada, one(service, "13:00"), HOLDS)
    away = {"starts_at": at("09:00"), "ends_at": at("16:00")}
    assert api.post(path, away, token=admin).status_code == 201
    assert causes() == [
        ("09:00", "closure"),
        ("10:00", "hold"),
        ("11:15", "closure"),
        ("13:00", "hold"),
        ("14:15", "closure"),
    ]
    assert released(api, ada, hold["id"]).status_code == 204
    assert ("10:00", "closure") in causes()
    with clock.frozen(NOW + TEN_MINUTES):
        work_once()
    assert [cause for _, cause in causes()] == ["closure"] * 5
    assert db.session.scalar(select(Hold.id).where(Hold.id == lapsing["id"])) == lapsing["id"]


def test_a_closed_time_cannot_be_held(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """As it cannot be booked."""
    with transaction():
        away = Absence(NOW + timedelta(hours=4), NOW + timedelta(hours=5))
        add_closure(resource_id=staff.id, absence=away, force=False, actor_id=None)
    assert refused(api, ada, one(service, "10:30"), HOLDS)["code"] == "slot_taken"


MINUTE = timedelta(minutes=1)


@pytest.fixture
def early(app: Flask) -> Service:
    """An hour that wants three hours' notice, with a quarter of an hour after it."""
    return make_service(buffer_after_minutes=15, min_notice_minutes=180)


def test_in_time_is_in_time(api: Api, ada: User, early: Service) -> None:
    """Held with just the notice asked for, it is booked minutes later; the rehearsal says so too."""
    jane = make_working_staff(early)
    hold = made(api, ada, one(early, "09:00"), HOLDS)
    asked = one(early, "09:00", hold_id=hold["id"])
    with clock.frozen(NOW + TEN_MINUTES - MOMENT):
        assert refused(api, ada, one(early, "09:00"))["code"] == "notice_too_short"
        rehearsed = api.post(BOOKINGS, asked, token=token_for(ada), query={"dry_run": "true"})
        assert rehearsed.status_code == 200, rehearsed.json
        made(api, ada, asked)
    assert taken() == [(jane.id, "09:00", "10:15")]


def test_in_time_for_what_is_held_alone(api: Api, ada: User, early: Service) -> None:
    """Another time needs its notice, though it overlaps what is held; and so does more than is held."""
    longer = make_service(duration_minutes=90, min_notice_minutes=180)
    assign(make_working_staff(early), longer)
    with clock.frozen(NOW - timedelta(minutes=5)):
        hold = made(api, ada, one(early, "09:00"), HOLDS)
    with clock.frozen(NOW + timedelta(minutes=4)):
        for asked in (one(early, "09:00"), one(longer, "09:00", hold_id=hold["id"])):
            assert refused(api, ada, asked)["code"] == "notice_too_short"
        made(api, ada, one(early, "09:15", hold_id=hold["id"]))


def test_with_another_than_who_is_held(api: Api, ada: User, early: Service) -> None:
    """What a colleague would do is nothing that is held."""
    jane, zoe = make_working_staff(early), make_working_staff(early)
    hold = made(api, ada, one(early, "09:00", staff_id=jane.id), HOLDS)
    with clock.frozen(NOW + MINUTE):
        named = one(early, "09:00", staff_id=zoe.id, hold_id=hold["id"])
        assert refused(api, ada, named)["code"] == "notice_too_short"
        found = made(api, ada, one(early, "09:00", hold_id=hold["id"]))
    assert found["items"][0]["staff_id"] == jane.id


def test_too_late_with_a_hold(api: Api, ada: User, early: Service) -> None:
    """One that has lapsed is none; and the past is past."""
    make_working_staff(early)
    hold = made(api, ada, one(early, "09:00"), HOLDS)
    with clock.frozen(NOW + TEN_MINUTES):
        assert refused(api, ada, one(early, "09:00", hold_id=hold["id"]))["code"] == "notice_too_short"
    soon = make_service()
    set_hours(make_working_staff(soon), "06:00", "17:00")
    with clock.frozen(NOW - MINUTE):
        hold = made(api, ada, one(soon, "06:00"), HOLDS)
    with clock.frozen(NOW + MOMENT):
        assert refused(api, ada, one(soon, "06:00", hold_id=hold["id"]))["code"] == "notice_too_short"


def test_in_time_for_a_space(api: Api, ada: User) -> None:
    """All of what is held, or a part of it."""
    space = make_space(min_notice_minutes=240, max_minutes=240)
    set_hours(space)
    asked = {"space_id": space.id, "starts_at": at("10:00"), "ends_at": at("13:00")}
    hold = made(api, ada, asked, HOLDS)
    with clock.frozen(NOW + MINUTE):
        longer = asked | {"ends_at": at("13:15"), "hold_id": hold["id"]}
        assert refused(api, ada, longer)["code"] == "notice_too_short"
        assert made(api, ada, asked | {"ends_at": at("12:00"), "hold_id": hold["id"]})["ends_at"] == at("12:00")
    assert taken() == [(space.id, "10:00", "12:00")]
