"""`PATCH /api/bookings/{id}`: the same booking, number and money, at another time or with somebody else."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import Assignment, DepositType, Role, Service, Space, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, WEDNESDAY, ask, at, everything, made, one, refused, shown, taken, visit
from tests.bookings.moving import act, let, moved, patch, read, stuck
from tests.factories import assign, make_service, make_user, make_working_staff, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def service(app: Flask) -> Service:
    """An hour, with a quarter of an hour after it."""
    return make_service(buffer_after_minutes=15)


def test_the_same_booking_at_another_time(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Its number and money stay; version, times and the free cancellation move; history and time follow."""
    old = made(api, ada, one(service, "10:00", staff_id=staff.id, notes="Hi"))
    with clock.frozen(NOW + timedelta(minutes=5)):
        new = moved(api, ada, old, starts_at=at("11:00", WEDNESDAY))
    item = old["items"][0] | {"starts_at": at("11:00", WEDNESDAY), "ends_at": at("12:00", WEDNESDAY)}
    assert new == old | {
        "starts_at": at("11:00", WEDNESDAY),
        "ends_at": at("12:00", WEDNESDAY),
        "items": [item],
        "version": 2,
        "updated_at": at("06:05"),
    }
    assert taken() == [(staff.id, "11:00", "12:15")]
    steps = api.get(f"{BOOKINGS}/{old['id']}/history", token=token_for(ada)).json["items"]
    assert [(s["step"], s["from"], s["to"], s["actor_id"]) for s in steps] == [
        ("create", None, "confirmed", ada.id),
        ("reschedule", "confirmed", "confirmed", ada.id),
    ]
    money = {"staff_ids": [staff.id], "total": 4500}
    assert steps[1]["details"] == {
        "from": {"starts_at": at("10:00"), "ends_at": at("11:00")} | money,
        "to": {"starts_at": at("11:00", WEDNESDAY), "ends_at": at("12:00", WEDNESDAY)} | money,
    }


def test_the_own_time_is_free(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """BK-11: a quarter of an hour later overlaps what it has itself."""
    old = made(api, ada, one(service, "10:00"))
    assert moved(api, ada, old, starts_at=at("10:15"))["ends_at"] == at("11:15")
    assert taken() == [(staff.id, "10:15", "11:30")]


@pytest.mark.parametrize(
    "body", [{}, {"starts_at": at("10:00")}, {"notes": "Hi"}, {"starts_at": "2030-01-07T13:00:00+03:00"}]
)
def test_nothing_new_changes_nothing(api: Api, ada: User, service: Service, staff: Staff, body: dict[str, Any]) -> None:
    """BK-12: 200, no row, no task, the same version; the same with its own staff member named."""
    old = made(api, ada, one(service, "10:00", notes="Hi"))
    for asked in (body, body | {"staff_id": staff.id}):
        token, before = token_for(ada), everything()
        answer = api.patch(f"{BOOKINGS}/{old['id']}", asked, token=token)
        assert (answer.status_code, answer.json) == (200, old)
        assert everything() == before


def test_notes(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Alone, or with a move; the history says that they changed, not what they were."""
    old = made(api, ada, one(service, "10:00"))
    noted = moved(api, ada, old, notes="By the window")
    assert noted | {"notes": "", "version": 1} == old
    assert noted["version"] == 2
    assert moved(api, ada, old, notes="", starts_at=at("14:00"))["notes"] == ""
    steps = api.get(f"{BOOKINGS}/{old['id']}/history", token=token_for(ada)).json["items"]
    assert [s["step"] for s in steps] == ["create", "change", "reschedule", "change"]
    assert steps[1]["details"] == {"fields": ["notes"]}


def test_what_is_taken(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """BK-17, one after the other: 409 with what is near, both keep what they have; the own time is offered."""
    mine, theirs = made(api, ada, one(service, "10:00")), made(api, eve, one(service, "11:15"))
    for who, booking, start in ((ada, mine, "11:15"), (eve, theirs, "10:00")):
        problem = stuck(api, who, booking, starts_at=at(start))
        assert (problem["code"], len(problem["alternatives"])) == ("slot_taken", 5)
    problem = stuck(api, ada, mine, starts_at=at("10:30"))
    assert shown(problem)[0] == ("10:00", [staff.id])
    assert moved(api, ada, mine, starts_at=at("09:45"))["starts_at"] == at("09:45")
    for slot in problem["alternatives"]:
        assert patch(api, ada, mine, {"starts_at": slot["starts_at"]}).status_code == 200


@pytest.mark.parametrize(
    ("start", "code"),
    [
        (at("05:45"), "notice_too_short"),
        ("2031-06-01T10:00:00Z", "beyond_horizon"),
        ("9999-12-31T23:00:00Z", "beyond_horizon"),
        (at("17:00"), "outside_opening_hours"),
        (at("10:07"), "not_on_grid"),
        ("2030-01-07T10:00:00.5Z", "not_on_grid"),
    ],
)
def test_where_it_cannot_go(api: Api, ada: User, service: Service, staff: Staff, start: str, code: str) -> None:
    """The same reasons as for a new one."""
    assert stuck(api, ada, made(api, ada, one(service, "14:00")), starts_at=start)["code"] == code


def test_what_is_over_does_not_move(
    api: Api, ada: User, eve: User, clerk: User, service: Service, staff: Staff
) -> None:
    """BK-10: nothing brings it back, whoever asks, and who has the time now is left alone."""
    gone = made(api, ada, one(service, "10:00"))
    act(api, ada, gone, "cancel")
    theirs = made(api, eve, one(service, "10:00"))
    for who in (ada, clerk, make_user(Role.ADMIN)):
        assert stuck(api, who, gone, starts_at=at("14:00"))["code"] == "invalid_transition"
        assert stuck(api, who, gone, starts_at=at("10:00"))["code"] == "invalid_transition"
        assert stuck(api, who, gone, notes="Back")["code"] == "invalid_transition"
    for who in (clerk, make_user(Role.ADMIN)):
        assert stuck(api, who, gone, status="confirmed")["code"] == "invalid_transition"
        refused(api, who, {}, f"{BOOKINGS}/{gone['id']}/approve")
    assert read(api, theirs) == theirs


def test_what_has_lapsed_does_not_move(api: Api, ada: User, staff: Staff) -> None:
    """Seen as expired at once, though nobody has written it down."""
    asked = make_service(deposit_type=DepositType.FIXED, deposit_value=100)
    assign(staff, asked)
    waiting = made(api, ada, one(asked, "10:00"))
    with clock.frozen(NOW + timedelta(minutes=30)):
        assert stuck(api, ada, waiting, starts_at=at("14:00"))["code"] == "invalid_transition"


def test_what_has_begun(api: Api, ada: User, clerk: User, service: Service, staff: Staff) -> None:
    """Its client may not move it any more, nor change its notes; staff may, to a time ahead."""
    mine = made(api, ada, one(service, "10:00"))
    with clock.frozen(NOW + timedelta(hours=4)):
        for body in ({"starts_at": at("14:00")}, {"notes": "Late"}):
            assert stuck(api, ada, mine, **body)["code"] == "booking_started"
        assert stuck(api, clerk, mine, starts_at=at("09:45"))["code"] == "notice_too_short"
        assert moved(api, clerk, mine, starts_at=at("14:00"))["starts_at"] == at("14:00")


def test_notice_is_for_clients(api: Api, ada: User, clerk: User, staff: Staff) -> None:
    """Staff and admins waive it, and the horizon; the past is past, and the grid the grid, for them too."""
    far = make_service(min_notice_minutes=24 * 60, max_advance_days=10)
    assign(staff, far)
    mine = made(api, ada, one(far, "10:00") | {"starts_at": at("10:00", WEDNESDAY)})
    assert stuck(api, ada, mine, starts_at=at("12:00"))["code"] == "notice_too_short"
    assert stuck(api, ada, mine, starts_at="2030-01-20T10:00:00Z")["code"] == "beyond_horizon"
    assert stuck(api, clerk, mine, starts_at=at("05:45"))["code"] == "notice_too_short"
    assert stuck(api, clerk, mine, starts_at=at("12:05"))["code"] == "not_on_grid"
    for start in (at("12:00"), "2030-01-20T10:00:00Z"):
        assert moved(api, clerk, mine, starts_at=start)["starts_at"] == start


def test_a_blocked_client_does_not_move(
    api: Api, ada: User, eve: User, clerk: User, service: Service, staff: Staff, space: Space
) -> None:
    """Nor is it offered anything; its notes it may change, and cancel; staff may move what it has."""
    mine, letting, theirs = (
        made(api, ada, one(service, "10:00")),
        let(api, ada, space),
        made(api, eve, one(service, "12:00")),
    )
    with transaction():
        db.session.get_one(User, ada.id, populate_existing=True).is_blocked = True
    colleague = make_working_staff(service)
    for booking, body in (
        (mine, {"starts_at": at("14:00")}),
        (mine, {"starts_at": at("10:07"), "notes": "Hi"}),
        (mine, {"staff_id": colleague.id}),
        (letting, {"starts_at": at("14:00")}),
        (letting, {"ends_at": at("13:00")}),
    ):
        problem = stuck(api, ada, booking, **body)
        assert (problem["code"], problem["alternatives"]) == ("client_blocked", []), body
    assert moved(api, ada, mine, starts_at=at("10:00"), notes="Hi")["notes"] == "Hi"
    assert moved(api, clerk, mine, starts_at=at("14:00"))["starts_at"] == at("14:00")
    assert moved(api, eve, theirs, starts_at=at("12:30"))["starts_at"] == at("12:30")
    assert moved(api, ada, mine, status="cancelled")["status"] == "cancelled"


def test_a_blocked_client_does_not_move_its_series(
    api: Api, ada: User, clerk: User, service: Service, staff: Staff
) -> None:
    """Neither one of it nor all; staff may."""
    repeated = one(service, "10:00") | {"repeat": {"every_weeks": 1, "count": 2}}
    path = ask(api, ada, repeated, f"{BOOKINGS}/series").headers["Location"]
    series = api.get(path, token=token_for(ada)).json
    with transaction():
        db.session.get_one(User, ada.id, populate_existing=True).is_blocked = True
    body, token = {"booking_id": series["bookings"][0]["id"], "starts_at": at("14:00"), "scope": "all"}, token_for(ada)
    for scope in ("this", "all"):
        body["scope"] = scope
        before, answer = everything(), api.patch(path, body, token=token)
        assert (answer.status_code, answer.json["code"], answer.json["alternatives"]) == (409, "client_blocked", [])
        assert everything() == before
        assert api.patch(path, body | {"starts_at": at("10:00")}, token=token).status_code == 200
    assert api.patch(path, body, token=token_for(clerk)).status_code == 200


def test_who_cannot_take_it(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """Busy, gone, never did it, not there at all."""
    busy = make_working_staff(service)
    gone = make_working_staff(service, active=False)
    made(api, eve, one(service, "10:00", staff_id=busy.id))
    mine = made(api, ada, one(service, "10:00", staff_id=staff.id))
    assert stuck(api, ada, mine, staff_id=busy.id)["code"] == "slot_taken"
    assert stuck(api, ada, mine, staff_id=gone.id)["code"] == "resource_inactive"
    assert stuck(api, ada, mine, staff_id=make_working_staff().id)["code"] == "staff_not_assigned"
    assert list(stuck(api, ada, mine, 404, staff_id=2**62)["errors"]) == ["staff_id"]


def test_a_visit_moves_whole(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """With its staff; or all of it to one who is named; all or nothing."""
    cut = make_service(duration_minutes=30, price_amount=3500)
    colleague = make_working_staff(cut)
    assign(staff, cut)
    mine = made(api, ada, visit("10:00", (service, staff), (cut, colleague)))
    new = moved(api, ada, mine, starts_at=at("13:00"))
    assert [(i["staff_id"], i["starts_at"]) for i in new["items"]] == [
        (staff.id, at("13:00")),
        (colleague.id, at("14:00")),
    ]
    assert (new["total"], new["ends_at"]) == (mine["total"], at("14:30"))
    made(api, eve, one(cut, "11:15", staff_id=colleague.id))
    assert stuck(api, ada, mine, starts_at=at("10:15"))["code"] == "slot_taken"
    assert stuck(api, ada, mine, staff_id=colleague.id)["code"] == "staff_not_assigned"
    alone = moved(api, ada, mine, staff_id=staff.id)
    assert [i["staff_id"] for i in alone["items"]] == [staff.id, staff.id]
    assert taken(staff.id) == [(staff.id, "13:00", "14:30")]


def test_who_is_named_for_a_visit(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """404 names the field that was sent."""
    mine = made(api, ada, visit("10:00", service, service))
    assert list(stuck(api, ada, mine, 404, staff_id=2**62)["errors"]) == ["staff_id"]


def test_fields_of_the_other_kind(api: Api, ada: User, service: Service, staff: Staff, space: Space) -> None:
    """422 with the field named."""
    work, letting = made(api, ada, one(service, "10:00")), let(api, ada, space)
    for booking, body, field in (
        (letting, {"staff_id": staff.id}, "staff_id"),
        (work, {"ends_at": at("11:00")}, "ends_at"),
        (work, {"ends_at": at("12:00"), "starts_at": at("11:00")}, "ends_at"),
        (letting, {"ends_at": at("10:00")}, "ends_at"),
        (letting, {"ends_at": at("09:00")}, "ends_at"),
        (letting, {"starts_at": at("13:00"), "ends_at": at("13:00")}, "ends_at"),
        (letting, {"starts_at": "9999-12-31T23:59:59Z"}, "starts_at"),
        (work, {"starts_at": "2030-01-07T11:00:00"}, "starts_at"),
        (work, {"starts_at": None}, "starts_at"),
        (work, {"staff_id": 0}, "staff_id"),
        (work, {"staff_id": "1"}, "staff_id"),
        (work, {"notes": "x" * 2001}, "notes"),
        (work, {"status": "pending"}, "status"),
        (work, {"status": "expired"}, "status"),
        (work, {"status": "cancelled", "notes": "x"}, "status"),
        (work, {"price": 1}, "price"),
        (work, {"client_id": 1}, "client_id"),
        (work, {"service_id": 1}, "service_id"),
    ):
        assert list(stuck(api, ada, booking, 422, **body)["errors"]) == [field], body


def test_owners_do_not_move(api: Api, ada: User, owner: User, space: Space) -> None:
    """They decide; 403 for times and notes. What they booked themselves is theirs to move."""
    mine = let(api, ada, space)
    for body in ({"starts_at": at("13:00")}, {"ends_at": at("13:00")}, {"notes": "Hi"}, {}):
        assert stuck(api, owner, mine, 403, **body)["code"] == "forbidden"
    assert stuck(api, make_user(Role.OWNER), mine, 404, starts_at=at("13:00"))["code"] == "not_found"
    assert stuck(api, make_user(Role.STAFF), mine, 404, starts_at=at("13:00"))["code"] == "not_found"
    assert moved(api, owner, let(api, owner, space, "13:00", "14:00"), starts_at=at("15:00"))["ends_at"] == at("16:00")
    assert moved(api, make_user(Role.ADMIN), mine, starts_at=at("12:00"))["ends_at"] == at("14:00")


@pytest.mark.parametrize(
    ("role", "status", "answer"),
    [
        ("client", "confirmed", 403),
        ("client", "declined", 403),
        ("client", "completed", 403),
        ("client", "no_show", 403),
        ("client", "cancelled", 200),
        ("owner", "confirmed", 200),
        ("owner", "declined", 200),
        ("owner", "cancelled", 200),
        ("owner", "completed", 409),
        ("staff", "confirmed", 404),
        ("admin", "declined", 200),
        ("stranger", "cancelled", 404),
    ],
)
def test_status_is_the_step_that_leads_to_it(
    api: Api, ada: User, owner: User, space: Space, role: str, status: str, answer: int
) -> None:
    """Of a space that waits for its owner: each by whoever may take that step."""
    with transaction():
        db.session.get_one(Space, space.id, populate_existing=True).instant_booking = False
    mine = let(api, ada, space)
    people = {"client": ada, "owner": owner, "stranger": make_user()}
    who = people.get(role) or make_user(Role(role))
    if answer != 200:
        stuck(api, who, mine, answer, status=status)
    else:
        assert moved(api, who, mine, status=status)["status"] == status


def test_status_of_a_service_booking(api: Api, ada: User, clerk: User, service: Service, staff: Staff) -> None:
    """Staff complete it after its start, not before."""
    mine = made(api, ada, one(service, "10:00"))
    assert stuck(api, clerk, mine, status="completed")["code"] == "not_started"
    with clock.frozen(NOW + timedelta(hours=4)):
        assert stuck(api, ada, mine, status="cancelled")["code"] == "booking_started"
        assert moved(api, clerk, mine, status="no_show")["status"] == "no_show"


def test_closures_take_what_it_leaves(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Time off forced over it takes its old time when it moves away, in the same transaction; none stays unguarded."""
    admin = token_for(make_user(Role.ADMIN))
    mine = made(api, ada, one(service, "10:00"))
    away = {"starts_at": at("10:00"), "ends_at": at("12:00"), "force": True}
    assert api.post(f"/api/staff/{staff.id}/time-off", away, token=admin).status_code == 201
    assert stuck(api, ada, mine, starts_at=at("10:15"))["code"] == "slot_taken"
    moved(api, ada, mine, starts_at=at("14:00"))
    assert taken() == [(staff.id, "10:00", "11:15"), (staff.id, "11:15", "12:00"), (staff.id, "14:00", "15:15")]


class TestIfMatch:
    """The version that the caller has seen."""

    def test_of_several_with_one_version_one_is_first(
        self, api: Api, ada: User, service: Service, staff: Staff
    ) -> None:
        """BK-13: one 200, the others 412; one booking, whose link shows where it is."""
        mine = made(api, ada, one(service, "10:00"))
        mine = moved(api, ada, mine, starts_at=at("11:00"))
        seen = {"If-Match": f'"{mine["version"]}"'}
        answers = [patch(api, ada, mine, {"starts_at": at("12:00")}, headers=seen) for _ in range(5)]
        assert [a.status_code for a in answers] == [200, 412, 412, 412, 412]
        assert {a.json["code"] for a in answers[1:]} == {"version_conflict"}
        assert read(api, mine)["starts_at"] == at("12:00")
        assert taken() == [(staff.id, "12:00", "13:15")]

    def test_a_stale_no_op_is_stale(self, api: Api, ada: User, service: Service, staff: Staff) -> None:
        """Also where nothing would change: the caller has not seen what is there."""
        mine = made(api, ada, one(service, "10:00"))
        assert patch(api, ada, mine, {}, headers={"If-Match": '"2"'}).status_code == 412

    def test_before_anything_else_is_told(self, api: Api, ada: User, service: Service, staff: Staff) -> None:
        """A stale move to a taken time is stale first; without alternatives."""
        mine = made(api, ada, one(service, "10:00"))
        answer = patch(api, ada, mine, {"starts_at": at("10:07")}, headers={"If-Match": '"9"'})
        assert (answer.status_code, "alternatives" in answer.json) == (412, False)


def test_an_assignment_that_is_gone(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Whoever does it no longer keeps what is booked, and takes no move of it; a colleague does."""
    mine = made(api, ada, one(service, "10:00"))
    colleague = make_working_staff(service)
    with transaction():
        db.session.delete(db.session.scalars(select(Assignment).where(Assignment.staff_id == staff.id)).one())
    assert stuck(api, ada, mine, starts_at=at("14:00"))["code"] == "staff_not_assigned"
    assert moved(api, ada, mine, notes="Still here")["starts_at"] == at("10:00")
    assert moved(api, ada, mine, starts_at=at("14:00"), staff_id=colleague.id)["starts_at"] == at("14:00")
