"""`/api/clients`: clients without a login."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import Role
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_service, make_user, make_working_staff, token_for
from tests.users.test_users import MORE, PATH, PROFILE, entries, found, make_walk_in, row

CLIENTS = "/api/clients"


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN, first_name="Zed"))


def test_a_first_name_is_enough(api: Api, admin: str) -> None:
    """The rest is there or not; whoever books for the client finds it under the address told."""
    answer = api.post(CLIENTS, {"first_name": "Ann"}, token=token_for(make_user(Role.STAFF)))
    made = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{PATH}/{made['id']}")
    assert made.keys() == PROFILE | MORE
    shown = [made[name] for name in ("first_name", "last_name", "email", "phone", "role", "is_active", "has_login")]
    assert shown == ["Ann", "", None, None, "client", True, False]
    assert api.get(answer.headers["Location"], token=admin).json == made
    assert entries(made["id"]) == [("users.created", None, {"has_login": False})]


def test_all_that_can_be_told(api: Api, admin: str) -> None:
    """A phone number has one form."""
    told = {"first_name": "Ann", "last_name": "Lee", "phone": "0712 345 678", "email": "Ann@Example.test"}
    made = api.post(CLIENTS, told, token=admin).json
    assert made | told | {"phone": "+254712345678", "email": "Ann@example.test"} == made
    assert api.post(CLIENTS, {"first_name": "Bo", "phone": None, "email": None}, token=admin).status_code == 201


@pytest.mark.parametrize("has_login", [True, False])
def test_an_address_that_somebody_has(api: Api, admin: str, has_login: bool) -> None:
    """409, of an account as of another client."""
    make_user(has_login=has_login, email="ann@example.test")
    answer = api.post(CLIENTS, {"first_name": "Ann", "email": "ANN@example.test"}, token=admin)
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert len(found(api, admin)) == 2


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        ({"first_name": " "}, "first_name"),
        ({"last_name": None}, "last_name"),
        ({"phone": "12"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"role": "client"}, "role"),
        ({"password": "correct horse"}, "password"),
        ({"blocked": True}, "blocked"),
    ],
)
def test_clients_that_cannot_be(api: Api, admin: str, fields: dict[str, Any], field: str) -> None:
    """422 with the field named."""
    answer = api.post(CLIENTS, {"first_name": "Ann"} | fields, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert found(api, admin) == ["Zed"]


def test_a_client_can_be_booked_for(api: Api) -> None:
    """By staff, as by `client_id` of an account; not once it is deactivated."""
    with clock.frozen(datetime(2030, 1, 7, 6, tzinfo=UTC)):
        service = make_service()
        make_working_staff(service)
        staff, admin = token_for(make_user(Role.STAFF)), token_for(make_user(Role.ADMIN))
        client_id = api.post(CLIENTS, {"first_name": "Ann"}, token=staff).json["id"]
        booking = {"service_id": service.id, "client_id": client_id, "starts_at": "2030-01-07T10:00:00Z"}
        booked = api.post("/api/bookings", booking, token=staff)
        assert (booked.status_code, booked.json["client_id"]) == (201, client_id)
        assert api.delete(f"{PATH}/{client_id}", token=admin).status_code == 204
        again = api.post("/api/bookings", booking | {"starts_at": "2030-01-07T12:00:00Z"}, token=staff)
        assert (again.status_code, list(again.json["errors"])) == (404, ["client_id"])


def test_an_admin_corrects_what_was_written_down(api: Api, admin: str) -> None:
    """The address too, as long as nobody else has it; its own it may keep, or lose."""
    client = make_walk_in(email="ann@example.test")
    make_user(email="bob@example.test")
    make_walk_in(email="cy@example.test")
    path = f"{PATH}/{client.id}"
    for taken in ("bob@example.test", "CY@example.test"):
        answer = api.patch(path, {"email": taken, "first_name": "X"}, token=admin)
        assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert (row(client).email, row(client).first_name) == ("ann@example.test", "Ada")
    for email in ("ann@example.test", "Dee@example.test", None):
        changed = api.patch(path, {"email": email, "phone": "0712345678", "last_name": "Lee"}, token=admin).json
        assert (changed["email"], changed["phone"], changed["name"]) == (email, "+254712345678", "Ada Lee")
    assert (row(client).email, row(client).email_key) == (None, None)
    assert entries(client.id)[0] == ("users.changed", None, {"fields": ["email", "last_name", "phone"]})


def test_a_client_without_a_login_stays_a_client(api: Api, admin: str) -> None:
    """422: a role is for those who sign in. It may be blocked and deactivated."""
    client = make_walk_in()
    path = f"{PATH}/{client.id}"
    answer = api.patch(path, {"role": "staff"}, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["role"])
    assert api.patch(path, {"role": "client"}, token=admin).status_code == 200
    changed = api.patch(path, {"blocked": True, "is_active": False}, token=admin).json
    assert (changed["blocked"], changed["is_active"], changed["role"]) == (True, False, "client")
