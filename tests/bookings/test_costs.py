"""How many SQL statements the verbs of the desk cost: a fixed number, however many staff and bookings there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import Role, Service, Space, Staff, User
from tests.api import Api
from tests.bookings.desk import BOOKINGS, HOLDS, NOW, SLOTS, at, made, one, visit
from tests.conftest import CountStatements
from tests.factories import (
    assign,
    make_booking,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_working_staff,
    set_hours,
    token_for,
)

ONE, FEW, MANY = 1, 3, 30
FROM, TO = "2030-01-07", "2030-02-06"

pytestmark = pytest.mark.usefixtures("monday_morning")


@dataclass(frozen=True)
class House:
    """Who asks for what; there are as many others as wanted."""

    service: Service
    staff: Staff
    space: Space
    ada: User
    token: str
    admin: str


def build(size: int) -> House:
    """Fill the database: `size` who perform the service, each with a booking on Tuesday."""
    service, client = make_service(), make_user()
    everybody = [make_working_staff(service)]
    for _ in range(size - 1):
        everybody.append(make_staff())
        set_hours(everybody[-1], weekdays=[0])
        assign(everybody[-1], service)
    for n, staff in enumerate(everybody):
        make_booking(client, service, staff, NOW + timedelta(days=1, hours=n))
    space, ada = make_space(max_minutes=240), make_user()
    set_hours(space)
    return House(service, everybody[0], space, ada, token_for(ada), token_for(make_user(Role.ADMIN)))


Prepare = Callable[[Api, House], dict[str, Any]]
Ask = Callable[[Api, House, dict[str, Any]], Any]


def nothing(_api: Api, _house: House) -> dict[str, Any]:
    """Prepare nothing."""
    return {}


def booked(api: Api, house: House) -> dict[str, Any]:
    """Return a booking of somebody's hour."""
    return made(api, house.ada, one(house.service, "10:00", staff_id=house.staff.id))


def visited(api: Api, house: House) -> dict[str, Any]:
    """Return a booking of three hours with one."""
    part = (house.service, house.staff)
    return made(api, house.ada, visit("10:00", part, part, part))


def held(api: Api, house: House) -> dict[str, Any]:
    """Return a hold of somebody's hour."""
    return made(api, house.ada, one(house.service, "10:00", staff_id=house.staff.id), HOLDS)


def let(house: House) -> dict[str, Any]:
    """Return the request for the space."""
    return {"space_id": house.space.id, "starts_at": at("10:00"), "ends_at": at("12:00")}


def post(body: Callable[[House, dict[str, Any]], dict[str, Any]], path: str = BOOKINGS, **headers: str) -> Ask:
    """Return a POST by a client."""
    return lambda api, house, first: api.post(path, body(house, first), token=house.token, headers=headers)


def patch(who: str = "token", **body: Any) -> Ask:
    """Return a PATCH of what was prepared."""
    return lambda api, house, first: api.patch(f"{BOOKINGS}/{first['id']}", body, token=getattr(house, who))


def of_three(api: Api, house: House, _first: dict[str, Any]) -> Any:
    """Ask for a month of slots of a visit of three."""
    return api.get(SLOTS, query={"service_id": [house.service.id] * 3, "from": FROM, "to": TO})


def of_a_space(api: Api, house: House, _first: dict[str, Any]) -> Any:
    """Ask for a month of a space's open times."""
    return api.get(SLOTS, query={"space_id": house.space.id, "from": FROM, "to": TO})


def released(api: Api, house: House, first: dict[str, Any]) -> Any:
    """Release what was held."""
    return api.delete(f"{HOLDS}/{first['id']}", token=house.token)


def three(house: House, _first: dict[str, Any]) -> dict[str, Any]:
    """Return a visit of three with anybody."""
    return visit("10:00", *[house.service] * 3)


COSTS: dict[str, tuple[int, int, Prepare, Ask]] = {
    # what is asked: statements, status, what is there before, request. A token costs one.
    "a visit of three with anybody": (10, 201, nothing, post(three)),
    "a visit of three, refused": (8, 409, visited, post(lambda h, _: visit("11:00", *[(h.service, h.staff)] * 3))),
    "a letting": (9, 201, nothing, post(lambda h, _: let(h))),
    "a hold": (11, 201, nothing, post(lambda h, _: one(h.service, "10:00", staff_id=h.staff.id), HOLDS)),
    "a hold given back": (9, 204, held, released),
    "a hold taken over": (15, 201, held, post(lambda h, first: one(h.service, "10:00", hold_id=first["id"]))),
    "a booking under a key": (12, 201, nothing, post(lambda h, _: one(h.service, "10:00"), **{"Idempotency-Key": "k"})),
    "a move": (19, 200, booked, patch(starts_at=at("12:00"))),
    "a move of a visit of three": (19, 200, visited, patch(starts_at=at("12:00"))),
    "a move to where it is": (6, 200, booked, patch(starts_at=at("10:00"))),
    "a move that is refused": (14, 409, booked, patch(starts_at=at("12:05"))),
    "slots of three services": (2, 200, nothing, of_three),
    "open times of a space": (2, 200, nothing, of_a_space),
}


ROW_BY_ROW = {"a visit of three with anybody": 5, "a letting": 3, "a hold taken over": 3, "a booking under a key": 3}
"""What SQLite needs more: it inserts what follows from a booking row by row."""


@pytest.mark.parametrize("what", COSTS)
def test_a_verb_costs(api: Api, count_statements: CountStatements, what: str) -> None:
    """The same with three and thirty of everything; with one there may be nothing to choose from."""
    expected, status, prepare, ask = COSTS[what]
    asked: list[list[str]] = []
    for size in (ONE, FEW, MANY):
        house = build(size)
        first = prepare(api, house)
        with count_statements() as statements:
            answer = ask(api, house, first)
        assert answer.status_code == status, answer.json
        asked.append(statements)
    expected += ROW_BY_ROW.get(what, 0) if db.engine.dialect.name == "sqlite" else 0
    least, few, many = map(len, asked)
    assert (few, many) == (expected, expected), "\n\n".join(asked[-1])
    assert least <= expected
