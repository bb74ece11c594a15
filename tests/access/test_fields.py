"""What a body may say: fields that are the server's, and fields that are some roles' only (OWASP API3:2023).

A field that nobody may write is refused by name, whoever sends it, and nothing of the request is done.
"""

from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.web import openapi
from app.web.problems import MOST_ERRORS
from tests.access.table import TABLE, Row, colleagues, everybody, members, only, parties
from tests.access.world import ACTORS, PEOPLE, World
from tests.api import Api
from tests.cases import each_case

GUESSES = {"balance", "is_admin", "paid", "password_hash", "roles", "salon_id", "token_version", "user", "user_id"}
"""What other systems would have taken, besides whatever our own answers show."""

WRITING = [row for row in TABLE if row.body is not None]


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas of the document by name."""
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def writable(document: dict[str, Any], row: Row) -> set[str]:
    """Return the fields that the document says the route reads."""
    (path,) = [path for path in document["paths"] if same_route(path, row.rule)]
    body = document["paths"][path][row.method.lower()]["requestBody"]["content"]["application/json"]["schema"]
    properties: dict[str, Any] = schemas(document)[body["$ref"].rpartition("/")[2]]["properties"]
    return set(properties)


def same_route(path: str, rule: str) -> bool:
    """Say whether a path of the document and a rule of the table are one route."""
    pairs = zip(path.split("/"), rule.split("/"), strict=False)
    return path.count("/") == rule.count("/") and all(a == b or (a[:1] == "{" and b[:1] == "<") for a, b in pairs)


def writers(row: Row) -> list[str]:
    """Return who gets as far as the body: who may, or where nobody's request succeeds, whoever is signed in."""
    return [actor for actor in ACTORS if row.statuses[actor] not in {401, 403, 404}] or list(PEOPLE)


def everything(app: Flask) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with app.app_context():
        rows = {table.name: list(db.session.execute(select(table)).all()) for table in db.metadata.sorted_tables}
        db.session.rollback()
    return rows


@each_case("row", WRITING)
@pytest.mark.databases("sqlite")
def test_the_servers_fields(app: Flask, api: Api, world: World, row: Row) -> None:
    """AZ-06, AZ-07, AZ-09: every name that any answer shows or that others take, from everybody who may write."""
    document = openapi.document(app)
    shown = set().union(*(schema.get("properties", {}) for schema in schemas(document).values()))
    before, path = everything(app), row.path.format(**world.ids)
    foreign = sorted((shown | GUESSES) - writable(document, row))
    assert len(foreign) > 50
    for actor, first in product(writers(row), range(0, len(foreign), MOST_ERRORS)):
        some = foreign[first : first + MOST_ERRORS]
        body = world.body(row.body) | {field: {"id": 1} for field in some}
        answer = api.call(row.method, path, json=body, token=world.tokens.get(actor))
        assert (answer.status_code, sorted(answer.json["errors"])) == (422, some), actor
        assert all(said[0].startswith("Unknown field") for said in answer.json["errors"].values())
    assert everything(app) == before


PROFILE, SERVICE_BOOKING, SPACE_BOOKING = "/api/users/{client_user}", "/api/bookings/{pending}", "/api/bookings/{let}"
SIGNUP = {"email": "new@example.test", "password": "correct horse battery", "first_name": "A", "last_name": "B"}
NOON = {"service_id": "{service}", "starts_at": "2030-01-07T12:00:00Z"}

BOOKERS = only(201, "client", "staff", "colleague", "admin", others=404)
ACCOUNTS = only(200, "admin", others=404) | colleagues(403) | {"client": 422}
SOME_MAY = [
    Row("PATCH", "role", PROFILE, {"role": "staff"}, ACCOUNTS),
    Row("PATCH", "is_active", PROFILE, {"is_active": False}, ACCOUNTS),
    Row("PATCH", "blocked", PROFILE, {"blocked": True}, ACCOUNTS),
    Row("PATCH", "email", PROFILE, {"email": "new@example.test"}, ACCOUNTS | {"admin": 422}),
    Row("POST", "role", "/api/auth/register", SIGNUP | {"role": "client"}, everybody(201)),
    Row("POST", "role", "/api/auth/register", SIGNUP | {"role": "staff"}, everybody(422)),
    Row("POST", "role", "/api/auth/register", SIGNUP | {"role": "admin"}, everybody(422)),
    Row(
        "POST",
        "client_id",
        "/api/bookings",
        NOON | {"client_id": "{client_user}"},
        only(201, "client", "staff", "colleague", "admin", others=404),
    ),
    Row("POST", "waive_fee", SERVICE_BOOKING + "/cancel", {"waive_fee": True}, members(200) | {"client": 403}),
    Row(
        "POST",
        "waive_fee",
        "/api/bookings/series/{series}/cancel",
        {"scope": "all", "waive_fee": True},
        members(200) | {"client": 403},
    ),
    Row("POST", "waive_fee", SPACE_BOOKING + "/cancel", {"waive_fee": True}, parties(200) | {"client": 403}),
]
"""Fields that a body has for some: the route's own row has the request without them."""


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("row", SOME_MAY, ids=lambda row: f"{row.rule} at {row}")
@pytest.mark.databases("sqlite")
def test_some_roles_fields(app: Flask, api: Api, world: World, row: Row, actor: str) -> None:
    """AZ-06, AZ-07: whoever may not write the field changes nothing."""
    before, path = everything(app), row.path.format(**world.ids)
    answer = api.call(row.method, path, json=world.body(row.body), token=world.tokens.get(actor))
    assert answer.status_code == row.statuses[actor], answer.text
    assert (everything(app) == before) is (answer.status_code >= 400)
