"""How much one client may have: bookings ahead, and holds at a time; by whom it is not minded."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.bookings import service as bookings
from app.bookings.request import Asked, Request
from app.extensions import db
from app.kit import clock
from app.models import Booking, DepositType, Role, Service, Staff, User
from app.security.actor import Actor
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, HOLDS, NOW, ask, at, made, one, refused, taken
from tests.factories import assign, make_booking, make_service, make_user, make_working_staff, token_for
from tests.races.standing import overtaken

TEN = NOW + timedelta(hours=4)

pytestmark = pytest.mark.usefixtures("monday_morning")


def with_bookings(client: User, service: Service, staff: Staff, count: int = 10) -> list[int]:
    """Write so many bookings of a client for the days to come; return their ids."""
    return [make_booking(client, service, staff, TEN + timedelta(days=1 + n)).id for n in range(count)]


def test_ten_ahead(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The eleventh is refused and offered nothing; what is over or given up makes room."""
    rows = with_bookings(ada, service, staff, 9)
    made(api, ada, one(service, "10:00"))
    problem = refused(api, ada, one(service, "12:00"))
    assert (problem["code"], problem["alternatives"]) == ("client_limit", [])
    ask(api, ada, {}, f"{BOOKINGS}/{rows[0]}/cancel")
    made(api, ada, one(service, "12:00"))
    assert refused(api, ada, one(service, "14:00"))["code"] == "client_limit"
    with clock.frozen(TEN):  # the first one begins: it is not ahead any more
        made(api, ada, one(service, "14:00"))


def test_before_any_other_reason(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Of the time; being blocked comes first, and so does a client that is not there."""
    with_bookings(ada, service, staff)
    assert refused(api, ada, one(service, "03:07"))["code"] == "client_limit"
    with transaction():
        db.session.get_one(User, ada.id, populate_existing=True).is_blocked = True
    assert refused(api, ada, one(service, "12:00"))["code"] == "client_blocked"


def test_what_has_lapsed_does_not_count(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Though nobody has written it down."""
    with_bookings(ada, service, staff, 9)
    asked = make_service(deposit_type=DepositType.FIXED, deposit_value=100)
    assign(staff, asked)
    made(api, ada, one(asked, "10:00"))
    assert refused(api, ada, one(service, "12:00"))["code"] == "client_limit"
    with clock.frozen(NOW + timedelta(minutes=30)):
        made(api, ada, one(service, "12:00"))


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_staff_are_not_bound(api: Api, ada: User, service: Service, staff: Staff, role: Role) -> None:
    """For a client, and for themselves."""
    with_bookings(ada, service, staff)
    clerk = make_user(role)
    with_bookings(clerk, service, staff)
    made(api, clerk, one(service, "10:00", client_id=ada.id))
    made(api, clerk, one(service, "12:00", for_self=True))


def test_the_setting(api: Api, ada: User, service: Service, staff: Staff, app: Flask) -> None:
    """`CLIENT_BOOKING_LIMIT`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.extensions, "business", replace(app.extensions["business"], booking_limit=1))
        made(api, ada, one(service, "10:00"))
        assert refused(api, ada, one(service, "12:00"))["code"] == "client_limit"


def test_nobody_holds_what_they_could_not_book(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """A hold is refused as the booking would be; staff hold for the client all the same."""
    with_bookings(ada, service, staff)
    problem = refused(api, ada, one(service, "10:00"), HOLDS)
    assert (problem["code"], problem["alternatives"]) == ("client_limit", [])
    made(api, make_user(Role.STAFF), one(service, "10:00", client_id=ada.id), HOLDS)


def test_holds_and_moves_are_not_bookings(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """What is held does not count until it is booked; and one may move what one has."""
    rows = with_bookings(ada, service, staff, 9)
    hold = made(api, ada, one(service, "10:00"), HOLDS)
    made(api, ada, one(service, "12:00"))
    assert refused(api, ada, one(service, "10:00", hold_id=hold["id"]))["code"] == "client_limit"
    assert taken() == [(staff.id, "10:00", "11:00"), (staff.id, "12:00", "13:00")]
    moved = api.patch(f"{BOOKINGS}/{rows[0]}", {"starts_at": at("14:00")}, token=token_for(ada))
    assert moved.status_code == 200, moved.json


def test_two_at_once_and_one_place(app: Flask, ada: User, service: Service, staff: Staff) -> None:
    """Exactly one has the tenth, also with different staff and at different times."""
    with_bookings(ada, service, staff, 9)
    other = make_working_staff(service)
    first = Request(starts_at=TEN, parts=(Asked(service.id, staff.id),))
    body, token = one(service, "13:00", staff_id=other.id), token_for(ada)
    answer = overtaken(
        app,
        lambda: bookings.create_booking(actor=Actor(ada.id, Role.CLIENT), request=first),
        lambda api: api.post(BOOKINGS, body, token=token),
    )
    assert (answer.status_code, answer.json["code"]) == (409, "client_limit")
    assert db.session.query(Booking).filter_by(client_id=ada.id).count() == 10


def test_two_at_once_and_one_hold(app: Flask, api: Api, ada: User, service: Service, staff: Staff) -> None:
    """The same of the third hold."""
    for start in ("09:00", "10:00"):
        made(api, ada, one(service, start), HOLDS)
    other = make_working_staff(service)
    third = Request(starts_at=TEN + timedelta(hours=1), parts=(Asked(service.id, staff.id),))
    body, token = one(service, "13:00", staff_id=other.id), token_for(ada)
    answer = overtaken(
        app,
        lambda: bookings.create_hold(actor=Actor(ada.id, Role.CLIENT), request=third),
        lambda api: api.post(HOLDS, body, token=token),
    )
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_holds")


@pytest.mark.parametrize("path", [BOOKINGS, HOLDS])
def test_a_blocked_client(api: Api, ada: User, service: Service, staff: Staff, path: str) -> None:
    """Nobody books or holds for them, staff neither; what they have they may still cancel."""
    mine = made(api, ada, one(service, "10:00"))
    with transaction():
        db.session.get_one(User, ada.id, populate_existing=True).is_blocked = True
    for who, more in ((ada, {}), (make_user(Role.STAFF), {"client_id": ada.id})):
        problem: dict[str, Any] = refused(api, who, one(service, "12:00", **more), path)
        assert (problem["code"], problem["alternatives"]) == ("client_blocked", [])
    assert ask(api, ada, {}, f"{BOOKINGS}/{mine['id']}/cancel").status_code == 200
