"""Who gets through which door: every route of the application × every actor × own, foreign and missing things.

A new route without a row fails the suite. Statuses are those of a well-formed request; what is refused changes nothing
is shown by the tests of the rooms.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import BookingStatus, PendingReason, Role
from app.security.guards import guard_of
from tests.api import Api
from tests.factories import (
    assign,
    claims_of,
    make_booking,
    make_category,
    make_service,
    make_staff,
    make_user,
    make_working_staff,
    token_for,
)

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TEN = NOW + timedelta(hours=4)
ACTORS = ("anonymous", "client", "stranger", "staff", "owner", "admin")
"""`client` is the booking's own, `stranger` another; `staff` is the staff member of the diaries asked about."""

MISSING = 2**40
DAYS = "from=2030-01-07&to=2030-01-08"


@dataclass(frozen=True)
class Row:
    """A route with a request that would do, and the status for each actor, in the order of `ACTORS`."""

    method: str
    rule: str
    path: str
    body: Any
    statuses: tuple[int, int, int, int, int, int]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def everybody(status: int) -> tuple[int, int, int, int, int, int]:
    """Return the row of what anybody may do."""
    return (status,) * 6


def admins(status: int) -> tuple[int, int, int, int, int, int]:
    """Return the row of what is for admins only."""
    return 401, 403, 403, 403, 403, status


def members(status: int, *, stranger: int = 404, owner: int = 404) -> tuple[int, int, int, int, int, int]:
    """Return the row of a service booking: its client, all staff and admins; others see nothing."""
    return 401, status, stranger, status, owner, status


def deciders(status: int) -> tuple[int, int, int, int, int, int]:
    """Return the row of a decision about a service booking: clients never, owners see nothing of it."""
    return 401, 403, 403, status, 404, status


def workers(status: int) -> tuple[int, int, int, int, int, int]:
    """Return the row of what is for staff and admins."""
    return 401, 403, 403, status, 403, status


def keepers(status: int) -> tuple[int, int, int, int, int, int]:
    """Return the row of a diary: the staff member whose it is, and admins."""
    return 401, 403, 403, status, 403, status


EMAIL = "new@example.test"
SIGNUP = {"email": EMAIL, "password": "correct horse battery", "first_name": "A", "last_name": "B"}
INVITED = {"email": EMAIL, "first_name": "A", "role": "admin"}
RESET = {"token": "nobody's", "password": "a brand new password"}
NEW_PASSWORD = {"current_password": "not this one", "new_password": "a brand new password"}
BOOKING = {"service_id": "{service}", "starts_at": "2030-01-07T12:00:00Z", "for_self": True}
ABSENCE = {"starts_at": "2030-02-01T09:00:00Z", "ends_at": "2030-02-01T10:00:00Z"}
WEEK = {"hours": [{"weekday": 0, "opens": "09:00", "closes": "17:00"}]}
DAY = {"hours": [{"opens": "09:00", "closes": "17:00"}]}
SERVICE = {"name": "Shave", "category": "Hair", "duration_minutes": 30, "price": {"amount": 1}}
ASSIGNMENT = {"staff_id": "{staff}", "service_id": "{unassigned}"}

ANY_MEMBER = (401, 204, 204, 204, 204, 204)

TABLE = [
    Row("POST", "/api/auth/register", "/api/auth/register", SIGNUP, everybody(201)),
    Row("POST", "/api/auth/login", "/api/auth/login", {"email": EMAIL, "password": "no"}, everybody(401)),
    Row("POST", "/api/auth/refresh", "/api/auth/refresh", {"refresh_token": "nobody's"}, everybody(401)),
    Row("POST", "/api/auth/logout", "/api/auth/logout", None, ANY_MEMBER),
    Row("POST", "/api/auth/logout-all", "/api/auth/logout-all", None, ANY_MEMBER),
    Row("POST", "/api/auth/password/forgot", "/api/auth/password/forgot", {"email": EMAIL}, everybody(202)),
    Row("POST", "/api/auth/password/reset", "/api/auth/password/reset", RESET, everybody(400)),
    Row("POST", "/api/auth/email/verify", "/api/auth/email/verify", {"token": "nobody's"}, everybody(400)),
    Row("POST", "/api/auth/email/resend", "/api/auth/email/resend", None, (401, 202, 202, 202, 202, 202)),
    Row("PUT", "/api/users/me/password", "/api/users/me/password", NEW_PASSWORD, (401, 403, 403, 403, 403, 403)),
    Row("GET", "/reset-password", "/reset-password", None, everybody(200)),
    Row("GET", "/verify-email", "/verify-email", None, everybody(200)),
    Row("GET", "/api/auth/sessions", "/api/auth/sessions", None, (401, 200, 200, 200, 200, 200)),
    Row("DELETE", "/api/auth/sessions/<id>", "/api/auth/sessions/{session}", None, (401, 204, 404, 404, 404, 404)),
    Row("GET", "/api/users/me", "/api/users/me", None, (401, 200, 200, 200, 200, 200)),
    Row("PATCH", "/api/users/me", "/api/users/me", {"bio": "x"}, (401, 200, 200, 200, 200, 200)),
    Row("GET", "/api/users/me/export", "/api/users/me/export", None, (401, 200, 200, 200, 200, 200)),
    Row("POST", "/api/users/me/erase", "/api/users/me/erase", {"password": "no"}, (401, 403, 403, 403, 403, 403)),
    Row("GET", "/api/users", "/api/users", None, workers(200)),
    Row("POST", "/api/users", "/api/users", INVITED, admins(201)),
    Row("GET", "/api/users/<id>", "/api/users/{client_user}", None, (401, 200, 404, 200, 404, 200)),
    Row("GET", "/api/users/<id>", "/api/users/{owner_user}", None, (401, 404, 404, 404, 200, 200)),
    Row("GET", "/api/users/<id>", "/api/users/{staff_user}", None, (401, 404, 404, 200, 404, 200)),
    Row("PATCH", "/api/users/<id>", "/api/users/{client_user}", {"bio": "x"}, (401, 200, 404, 403, 404, 200)),
    Row("PATCH", "/api/users/<id>", "/api/users/{client_user}", {"blocked": True}, (401, 422, 404, 403, 404, 200)),
    Row("PATCH", "/api/users/<id>", "/api/users/{owner_user}", {"role": "admin"}, (401, 404, 404, 404, 422, 200)),
    Row("DELETE", "/api/users/<id>", "/api/users/{client_user}", None, admins(204)),
    Row("GET", "/api/audit", "/api/audit", None, admins(200)),
    Row("POST", "/api/clients", "/api/clients", {"first_name": "Ann"}, workers(201)),
    Row("GET", "/api/services", "/api/services", None, everybody(200)),
    Row("POST", "/api/services", "/api/services", SERVICE, admins(201)),
    Row("GET", "/api/services/<id>", "/api/services/{service}", None, everybody(200)),
    Row("PATCH", "/api/services/<id>", "/api/services/{service}", {"name": "New"}, admins(200)),
    Row("DELETE", "/api/services/<id>", "/api/services/{service}", None, admins(204)),
    Row("GET", "/api/services/<id>/staff", "/api/services/{service}/staff", None, everybody(200)),
    Row("GET", "/api/services/categories", "/api/services/categories", None, everybody(200)),
    Row("POST", "/api/services/categories", "/api/services/categories", {"name": "Nails"}, admins(201)),
    Row("PATCH", "/api/services/categories/<id>", "/api/services/categories/{empty}", {"name": "X"}, admins(200)),
    Row("DELETE", "/api/services/categories/<id>", "/api/services/categories/{empty}", None, admins(204)),
    Row("GET", "/api/services/assignments", "/api/services/assignments", None, keepers(200)),
    Row("POST", "/api/services/assignments", "/api/services/assignments", ASSIGNMENT, admins(201)),
    Row("PATCH", "/api/services/assignments/<id>", "/api/services/assignments/{assignment}", {}, admins(200)),
    Row("DELETE", "/api/services/assignments/<id>", "/api/services/assignments/{assignment}", None, admins(204)),
    Row("GET", "/api/staff", "/api/staff", None, everybody(200)),
    Row("POST", "/api/staff", "/api/staff", {"name": "Jo"}, admins(201)),
    Row("GET", "/api/staff/<id>", "/api/staff/{staff}", None, everybody(200)),
    Row("PATCH", "/api/staff/<id>", "/api/staff/{staff}", {"bio": "x"}, admins(200)),
    Row("DELETE", "/api/staff/<id>", "/api/staff/{idle}", None, admins(204)),
    Row("GET", "/api/staff/<id>/hours", "/api/staff/{staff}/hours", None, everybody(200)),
    Row("PUT", "/api/staff/<id>/hours", "/api/staff/{staff}/hours", WEEK, keepers(200)),
    Row("GET", "/api/staff/<id>/hours/<day>", "/api/staff/{staff}/hours/2030-01-07", None, everybody(200)),
    Row("PUT", "/api/staff/<id>/hours/<day>", "/api/staff/{staff}/hours/2030-01-07", DAY, keepers(200)),
    Row("DELETE", "/api/staff/<id>/hours/<day>", "/api/staff/{staff}/hours/2030-01-07", None, keepers(204)),
    Row("GET", "/api/staff/<id>/time-off", "/api/staff/{staff}/time-off", None, keepers(200)),
    Row("POST", "/api/staff/<id>/time-off", "/api/staff/{staff}/time-off", ABSENCE, keepers(201)),
    Row("DELETE", "/api/staff/<id>/time-off/<id>", "/api/staff/{staff}/time-off/{closure}", None, keepers(204)),
    Row("GET", "/api/staff/<id>/calendar", "/api/staff/{staff}/calendar?" + DAYS, None, keepers(200)),
    Row("GET", "/api/staff/schedule", "/api/staff/schedule?" + DAYS, None, admins(200)),
    Row(
        "GET",
        "/api/bookings/availability",
        "/api/bookings/availability?service_id={service}&" + DAYS,
        None,
        everybody(200),
    ),
    Row(
        "GET",
        "/api/bookings/check-availability",
        "/api/bookings/check-availability?service_id={service}&starts_at=2030-01-07T12:00:00Z",
        None,
        everybody(200),
    ),
    Row("POST", "/api/bookings", "/api/bookings", BOOKING, (401, 201, 201, 201, 201, 201)),
    Row("GET", "/api/bookings", "/api/bookings", None, (401, 200, 200, 200, 200, 200)),
    Row("GET", "/api/bookings/<id>", "/api/bookings/{pending}", None, members(200)),
    Row("GET", "/api/bookings/<id>/history", "/api/bookings/{pending}/history", None, members(200)),
    Row(
        "GET",
        "/api/bookings/<id>/cancellation-quote",
        "/api/bookings/{pending}/cancellation-quote",
        None,
        members(200),
    ),
    Row("POST", "/api/bookings/<id>/approve", "/api/bookings/{pending}/approve", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/decline", "/api/bookings/{pending}/decline", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/complete", "/api/bookings/{begun}/complete", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/no-show", "/api/bookings/{begun}/no-show", {}, deciders(200)),
    Row("POST", "/api/bookings/<id>/cancel", "/api/bookings/{pending}/cancel", {}, members(200)),
    Row("DELETE", "/api/bookings/<id>", "/api/bookings/{pending}", None, (401, 204, 404, 403, 404, 204)),
]
SYSTEM_PAGES = ("/apidocs", "/openapi.json", "/redoc", "/docs", "/healthz", "/static", "/swagger", "/oauth2")


@pytest.fixture
def world(app: Flask) -> Iterator[dict[str, Any]]:
    """One of everything, and a token for each actor."""
    with clock.frozen(NOW):
        users = {name: make_user(Role(name)) for name in ("client", "staff", "owner", "admin")}
        tokens = {name: token_for(user) for name, user in users.items()}
        tokens["stranger"] = token_for(make_user())
        service, unassigned, staff = make_service(), make_service(), make_working_staff(user_id=users["staff"].id)
        admin_api = Api(app.test_client())
        absence = {"starts_at": "2030-03-01T09:00:00Z", "ends_at": "2030-03-01T10:00:00Z"}
        closure = admin_api.post(f"/api/staff/{staff.id}/time-off", absence, token=tokens["admin"])
        pending = {
            "status": BookingStatus.PENDING,
            "pending_reason": PendingReason.APPROVAL,
            "expires_at": TEN,
        }
        ids = {
            "session": claims_of(token_for(users["client"]))["sid"],
            **{f"{name}_user": user.id for name, user in users.items()},
            "service": service.id,
            "unassigned": unassigned.id,
            "staff": staff.id,
            "idle": make_staff().id,
            "empty": make_category("Empty").id,
            "assignment": assign(staff, service).id,
            "closure": closure.json["id"],
            "pending": make_booking(users["client"], service, staff, TEN, **pending).id,
            "begun": make_booking(users["client"], service, staff, NOW - timedelta(minutes=5)).id,
        }
        yield {"ids": ids, "tokens": tokens}


def filled(thing: Any, ids: dict[str, int]) -> Any:
    """Return a body with the ids that its placeholders name."""
    if isinstance(thing, dict):
        return {key: filled(value, ids) for key, value in thing.items()}
    return ids[thing[1:-1]] if isinstance(thing, str) and thing[:1] == "{" else thing


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("row", TABLE, ids=str)
@pytest.mark.databases("sqlite")
def test_the_door(api: Api, world: dict[str, Any], row: Row, actor: str) -> None:
    """Each cell of the table, on a fresh world."""
    body = None if row.body is None else filled(row.body, world["ids"])
    answer = api.call(row.method, row.path.format(**world["ids"]), json=body, token=world["tokens"].get(actor))
    assert answer.status_code == row.statuses[ACTORS.index(actor)], answer.text


WITH_ID = [row for row in TABLE if "{" in row.path.split("?")[0]]


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("row", WITH_ID, ids=str)
@pytest.mark.databases("sqlite")
def test_what_does_not_exist(api: Api, world: dict[str, Any], row: Row, actor: str) -> None:
    """404 to whoever passes the door, and the door's own answer to whoever does not: nobody learns what exists."""
    body = None if row.body is None else filled(row.body, world["ids"])
    path = row.path.format_map(dict.fromkeys(world["ids"], MISSING))
    answer = api.call(row.method, path, json=body, token=world["tokens"].get(actor))
    at_the_door = row.statuses[ACTORS.index(actor)]
    expected = {at_the_door} if at_the_door == 401 else {404, 403} if at_the_door == 403 else {404}
    if "/hours" in row.rule and row.method == "DELETE" and at_the_door == 204:
        expected = {404}
    assert answer.status_code in expected, answer.text


@pytest.mark.parametrize("path", ["hours", "hours/2030-01-07", "time-off", "calendar?" + DAYS])
def test_staff_keep_their_own_diary_only(api: Api, world: dict[str, Any], path: str) -> None:
    """A colleague's diary is seen (its hours are public) and not changed."""
    url, token = f"/api/staff/{world['ids']['idle']}/{path}", world["tokens"]["staff"]
    if path.startswith("hours"):
        body = WEEK if path == "hours" else DAY
        assert api.put(url, body, token=token).status_code == 403
    else:
        assert api.get(url, token=token).status_code == 403


def test_every_route_has_a_guard_and_a_row(app: Flask) -> None:
    """Deny by default: what nobody thought of fails here."""
    listed = {(row.method, row.rule) for row in TABLE}
    found = set()
    for rule in app.url_map.iter_rules():
        assert guard_of(app.view_functions[rule.endpoint]) is not None, rule
        if rule.rule.startswith(SYSTEM_PAGES):
            continue
        plain = rule.rule.replace("<date:day>", "<day>")
        plain = re.sub("<id:[a-z_]+>", "<id>", plain)
        found |= {(method, plain) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert found == listed
