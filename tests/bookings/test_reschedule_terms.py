"""On what terms a booking moves: its price and length, its policy, its deadline, and where it could go."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.bookings.service.record import EXPIRE_BOOKING
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Booking, OutboxEvent, Role, Service, Space, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import MONDAY, NOW, SLOTS, THURSDAY, WEDNESDAY, at, made, one, shown, taken, visit
from tests.bookings.moving import act, let, moved, patch, read, stuck
from tests.factories import assign, make_service, make_user, make_working_staff, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def service(app: Flask) -> Service:
    """An hour, with a quarter of an hour after it."""
    return make_service(buffer_after_minutes=15)


def test_alternatives_are_the_callers(api: Api, ada: User, clerk: User, staff: Staff) -> None:
    """Staff, to whom notice does not apply, are offered what they can have; the client what it can."""
    far = make_service(min_notice_minutes=24 * 60)
    assign(staff, far)
    mine = made(api, ada, one(far, "10:00") | {"starts_at": at("10:00", WEDNESDAY)})
    offered = {who.id: shown(stuck(api, who, mine, starts_at=at("12:05")))[0][0] for who in (ada, clerk)}
    assert offered == {ada.id: "09:00", clerk.id: "12:00"}


def test_to_somebody_else(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """At the same time; to whoever performs it and is free; their own price and length apply."""
    dear = make_working_staff()
    assign(dear, service, price_amount=9900, duration_minutes=90)
    mine = made(api, ada, one(service, "10:00", staff_id=staff.id))
    new = moved(api, ada, mine, staff_id=dear.id)
    assert (new["total"]["amount"], new["ends_at"], new["balance_due"]["amount"]) == (9900, at("11:30"), 9900)
    assert (new["items"][0]["staff_name"], taken()) == (dear.name, [(dear.id, "10:00", "11:45")])
    back = moved(api, ada, mine, staff_id=staff.id)
    assert (back["total"]["amount"], back["ends_at"]) == (4500, at("11:00"))


def test_the_price_agreed_stays(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """LC-05: with the same staff member, though price and length have changed since; and so it is offered."""
    mine = made(api, ada, one(service, "10:00"))
    with transaction():
        changed = db.session.get_one(Service, service.id, populate_existing=True)
        changed.price_amount, changed.duration_minutes = 8000, 30
    assert made(api, ada, one(service, "12:00"))["total"]["amount"] == 8000
    new = moved(api, ada, mine, starts_at=at("14:00"))
    assert (new["total"]["amount"], new["ends_at"]) == (4500, at("15:00"))
    problem = stuck(api, ada, mine, starts_at=at("12:15"))
    for slot in problem["alternatives"]:
        assert slot["price"]["amount"] == 4500
        answer = patch(api, ada, mine, {"starts_at": slot["starts_at"]})
        assert (answer.status_code, answer.json["ends_at"]) == (200, slot["ends_at"]), slot


def test_a_space_keeps_its_length(api: Api, ada: User, space: Space) -> None:
    """And its price, for that very length; another length costs what it costs today."""
    mine = let(api, ada, space)
    with transaction():
        db.session.get_one(Space, space.id, populate_existing=True).price_per_hour_amount = 300_000
    new = moved(api, ada, mine, starts_at=at("13:00"))
    assert (new["ends_at"], new["total"]["amount"]) == (at("15:00"), 200_000)
    longer = moved(api, ada, mine, ends_at=at("16:00"))
    assert (longer["starts_at"], longer["total"]["amount"]) == (at("13:00"), 900_000)
    shorter = moved(api, ada, mine, starts_at=at("15:00"), ends_at=at("16:15"))
    assert (shorter["total"]["amount"], shorter["items"][0]["price"]["amount"]) == (375_000, 375_000)
    assert taken() == [(space.id, "15:00", "16:15")]


def test_where_a_space_booking_cannot_go(api: Api, ada: User, eve: User, space: Space) -> None:
    """The reasons of spaces; too many people by now is one of them."""
    mine = let(api, ada, space)
    let(api, eve, space, "13:00", "14:00")
    for body, code in (
        ({"ends_at": at("10:45")}, "duration_out_of_range"),
        ({"ends_at": at("14:15")}, "duration_out_of_range"),
        ({"ends_at": at("13:15")}, "slot_taken"),
        ({"starts_at": at("11:30")}, "slot_taken"),
        ({"starts_at": at("16:00")}, "outside_opening_hours"),
        ({"ends_at": at("12:05")}, "not_on_grid"),
        ({"ends_at": "9999-01-01T00:00:00Z"}, "duration_out_of_range"),
    ):
        assert stuck(api, ada, mine, **body)["code"] == code, body
    with transaction():
        db.session.get_one(Booking, mine["id"], populate_existing=True).party_size = 11
    assert stuck(api, ada, mine, starts_at=at("14:00"))["code"] == "party_too_large"


def test_pending_stays_pending(api: Api, ada: User, clerk: User, staff: Staff) -> None:
    """Moved nearer, it waits no longer than until its new start; moved away, no longer than before."""
    asked = make_service(requires_approval=True)
    assign(staff, asked)
    mine = made(api, ada, one(asked, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    assert mine["expires_at"] == at("06:00", WEDNESDAY)
    new = moved(api, ada, mine, starts_at=at("12:00"))
    assert (new["status"], new["pending_reason"], new["expires_at"]) == ("pending", "approval", at("12:00"))
    later = moved(api, ada, mine, starts_at=at("10:00", THURSDAY))
    assert later["expires_at"] == at("12:00")
    due = set(db.session.scalars(select(OutboxEvent.due_at).where(OutboxEvent.topic == EXPIRE_BOOKING)))
    assert due == {datetime(2030, 1, 9, 6, tzinfo=UTC), datetime(2030, 1, 7, 12, tzinfo=UTC)}
    db.session.commit()
    assert act(api, clerk, mine, "approve").json["status"] == "confirmed"
    with clock.frozen(NOW + timedelta(days=2)):
        work_once()
    assert read(api, mine)["status"] == "confirmed"


def test_what_was_moved_nearer_lapses_then(api: Api, ada: User, eve: User, service: Service, staff: Staff) -> None:
    """Its time is anybody's from there on."""
    asked = make_service(requires_approval=True)
    assign(staff, asked)
    mine = made(api, ada, one(asked, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    moved(api, ada, mine, starts_at=at("12:00"))
    with clock.frozen(NOW + timedelta(hours=6)):
        assert read(api, mine)["status"] == "expired"
        made(api, eve, one(service, "12:00"))
        work_once()
        assert read(api, mine)["status"] == "expired"


def slots(api: Api, service: Service, who: User | None, booking: dict[str, Any], **query: Any) -> Any:
    """Ask for Monday's slots as if a booking were not there."""
    asked = {"service_id": service.id, "from": MONDAY, "to": MONDAY, "reschedule_of": booking["id"]} | query
    return api.get(SLOTS, query=asked, token=token_for(who) if who else None)


def test_where_it_could_go(api: Api, ada: User, eve: User, clerk: User, service: Service, staff: Staff) -> None:
    """`reschedule_of` leaves its own time out of what is taken, for whoever may see it; others 404."""
    mine = made(api, ada, one(service, "10:00"))
    made(api, eve, one(service, "12:00"))
    for who in (ada, clerk):
        listed = [s["starts_at"][11:16] for s in slots(api, service, who, mine).json["days"][0]["slots"]]
        assert listed == ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "13:15"] + [
            f"{m // 60}:{m % 60:02}" for m in range(810, 961, 15)
        ]
    for stranger in (eve, None, make_user(Role.OWNER)):
        answer = slots(api, service, stranger, mine)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_where_it_could_go_as_it_was_agreed(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Promise 3: at the length and price agreed, whatever the service takes by now; each start listed is accepted."""
    mine = made(api, ada, one(service, "10:00"))
    with transaction():
        changed = db.session.get_one(Service, service.id, populate_existing=True)
        changed.price_amount, changed.duration_minutes = 8000, 30
    listed = slots(api, service, ada, mine).json["days"][0]["slots"]
    assert {(s["price"]["amount"], s["starts_at"][11:16]) for s in listed if s["starts_at"] >= at("15:45")} == {
        (4500, "15:45"),
        (4500, "16:00"),
    }
    for slot in listed[::5] + listed[-1:]:
        assert moved(api, ada, mine, starts_at=slot["starts_at"])["ends_at"] == slot["ends_at"]


@pytest.fixture
def three(service: Service, staff: Staff) -> tuple[Service, Staff, Staff]:
    """Return a second service, who does that, and a colleague for the first one."""
    second = make_service()
    return second, make_working_staff(second), make_working_staff(service)


def listed_for(api: Api, who: User, booking: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    """Return Monday's slots for the services of a booking that moves."""
    services = [item["service_id"] for item in booking["items"]]
    asked = {"service_id": services, "from": MONDAY, "to": MONDAY, "reschedule_of": booking["id"]} | query
    found: list[dict[str, Any]] = api.get(SLOTS, query=asked, token=token_for(who)).json["days"][0]["slots"]
    return found


def test_where_a_visit_could_go(
    api: Api, ada: User, eve: User, service: Service, staff: Staff, three: tuple[Service, Staff, Staff]
) -> None:
    """Only where those who do its parts now can do them: the move keeps them, and accepts all that is listed."""
    second, other, _ = three
    mine = made(api, ada, visit("10:00", (service, staff), (second, other)))
    made(api, eve, one(service, "13:00", staff_id=staff.id))
    listed = listed_for(api, ada, mine)
    starts = [slot["starts_at"][11:16] for slot in listed]
    assert ("13:00" in starts, starts[0], starts[-1]) == (False, "09:00", "15:00")
    assert {tuple(part["staff_ids"][0] for part in slot["items"]) for slot in listed} == {(staff.id, other.id)}
    assert stuck(api, ada, mine, starts_at=at("13:00"))["code"] == "slot_taken"
    for slot in listed[::4] + listed[-1:]:
        assert moved(api, ada, mine, starts_at=slot["starts_at"])["ends_at"] == slot["ends_at"]


def test_where_a_visit_could_go_with_one_for_all(
    api: Api, ada: User, eve: User, service: Service, staff: Staff, three: tuple[Service, Staff, Staff]
) -> None:
    """Who is named does all of it, as the move that names them has it."""
    second, other, _ = three
    assign(staff, second)
    mine = made(api, ada, visit("10:00", (service, staff), (second, other)))
    made(api, eve, one(second, "15:00", staff_id=staff.id))
    listed = listed_for(api, ada, mine, staff_id=staff.id)
    assert {tuple(slot["staff_ids"]) for slot in listed} == {(staff.id,)}
    assert at("14:00") not in {slot["starts_at"] for slot in listed}
    assert stuck(api, ada, mine, starts_at=at("14:00"), staff_id=staff.id)["code"] == "slot_taken"
    assert moved(api, ada, mine, starts_at=listed[-1]["starts_at"], staff_id=staff.id)["ends_at"] == at("15:00")


def test_what_a_visit_is_offered(
    api: Api, ada: User, eve: User, service: Service, staff: Staff, three: tuple[Service, Staff, Staff]
) -> None:
    """In place of a move that is refused: what the very same move can have at another time."""
    second, other, _ = three
    assign(staff, second)
    mine = made(api, ada, visit("10:00", (service, staff), (second, other)))
    made(api, eve, one(service, "13:00", staff_id=staff.id))
    for named in ({}, {"staff_id": staff.id}):
        problem = stuck(api, ada, mine, starts_at=at("13:00"), **named)
        assert (problem["code"], len(problem["alternatives"])) == ("slot_taken", 5)
        for slot in problem["alternatives"]:
            assert moved(api, ada, mine, starts_at=slot["starts_at"], **named)["ends_at"] == slot["ends_at"]


def test_where_a_space_booking_could_go(api: Api, ada: User, space: Space) -> None:
    """Its own time is open."""
    mine = let(api, ada, space)
    query = {"space_id": space.id, "from": MONDAY, "to": MONDAY}
    own = api.get(SLOTS, query=query | {"reschedule_of": mine["id"]}, token=token_for(ada)).json["days"][0]["open"]
    assert own == [{"starts_at": at("09:00"), "ends_at": at("17:00")}]
    assert len(api.get(SLOTS, query=query).json["days"][0]["open"]) == 2
