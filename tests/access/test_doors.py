"""Who gets through which door: every route × every actor × own, foreign and missing things (product.md §8).

A new route without a row fails the suite. Statuses are those of a well-formed request; that what is refused changes
nothing is shown by the tests of the rooms.
"""

import re

import pytest
from flask import Flask

from app.extensions import db
from app.models import Space
from app.security.guards import guard_of
from app.transactions import transaction
from tests.access.table import DAY, DAYS, EMAIL, TABLE, WEEK, Row, everybody
from tests.access.world import ACTORS, World
from tests.api import Api
from tests.cases import each_case

MISSING = 2**40
SECRETS = re.compile(r"password_hash|token_version|token_hash|_key\"|\$2b\$")
EMAILS = re.compile(r"[\w.]+@example\.test")
FIRST_REFUSAL = 400
CHANGING = [
    (row, actor) for row in TABLE for actor in ACTORS if row.method != "GET" and row.statuses[actor] < FIRST_REFUSAL
]
"""The cells in which something happens."""

SYSTEM_PAGES = (
    "/apidocs",
    "/openapi.json",
    "/redoc",
    "/docs",
    "/healthz",
    "/readyz",
    "/metrics",
    "/static",
    "/swagger",
    "/oauth2",
)


@pytest.mark.parametrize("actor", ACTORS)
@each_case("row", TABLE)
@pytest.mark.databases("sqlite")
def test_who_is_refused(api: Api, world: World, row: Row, actor: str) -> None:
    """AZ-04, AZ-13: the cells of the table that change nothing, in one world."""
    if row.method == "GET" or row.statuses[actor] >= FIRST_REFUSAL:
        check_cell(api, world, row, actor)


@pytest.mark.parametrize(("row", "actor"), CHANGING, ids=str)
@pytest.mark.databases("sqlite")
def test_who_may(api: Api, world: World, row: Row, actor: str) -> None:
    """AZ-04, AZ-13: each of the other cells, in a fresh world."""
    check_cell(api, world, row, actor)


def check_cell(api: Api, world: World, row: Row, actor: str) -> None:
    """Ask as the actor. AZ-10: no answer has secrets, or the email of anybody else."""
    path = row.path.format(**world.ids)
    answer = api.call(row.method, path, json=world.body(row.body), form=row.form, token=world.tokens.get(actor))
    assert answer.status_code == row.statuses[actor], f"{actor}: {answer.text}"
    assert not SECRETS.search(answer.text)
    if actor not in {"staff", "colleague", "admin"}:
        assert set(EMAILS.findall(answer.text)) <= {EMAIL, world.emails.get(actor)}


LEADS_ON = everybody(303)
"""To where the answer is, without a look at what there is."""

WITH_ID = [row for row in TABLE if "{" in row.path.split("?")[0] and row.statuses != LEADS_ON]


@each_case("row", WITH_ID)
@pytest.mark.databases("sqlite")
def test_what_does_not_exist(api: Api, world: World, row: Row) -> None:
    """404 to whoever passes the door, and the door's own answer to whoever does not: nobody learns what exists."""
    path = row.path.format_map(dict.fromkeys(world.ids, MISSING))
    for actor in ACTORS:
        answer = api.call(row.method, path, json=world.body(row.body), form=row.form, token=world.tokens.get(actor))
        at_the_door = row.statuses[actor]
        expected = {at_the_door} if at_the_door == 401 else {404, 403} if at_the_door == 403 else {404}
        assert answer.status_code in expected, f"{actor}: {answer.text}"


@each_case("path", ["hours", "hours/2030-01-07", "time-off", "calendar?" + DAYS])
def test_staff_keep_their_own_diary_only(api: Api, world: World, path: str) -> None:
    """The diary of somebody without an account is not theirs either; its hours are seen, as everybody's are."""
    url, token = f"/api/staff/{world.ids['idle']}/{path}", world.tokens["staff"]
    if path.startswith("hours"):
        body = WEEK if path == "hours" else DAY
        assert api.put(url, body, token=token).status_code == 403
    else:
        assert api.get(url, token=token).status_code == 403


def test_who_sold_a_space_has_no_say_in_its_bookings(api: Api, world: World) -> None:
    """AZ-22: the token that decided a moment ago sees nothing, and the new owner's decides."""
    path, owner, rival = f"/api/bookings/{world.ids['let']}", world.tokens["owner"], world.tokens["rival"]
    assert api.get(path, token=owner).status_code == 200
    with transaction():
        db.session.query(Space).update({"owner_id": world.ids["rival_user"]})
    for method, action in (("GET", ""), ("POST", "/approve"), ("POST", "/decline"), ("POST", "/cancel")):
        assert api.call(method, path + action, json={} if action else None, token=owner).status_code == 404
    assert api.post(f"{path}/approve", {}, token=rival).json["status"] == "confirmed"


def test_every_route_has_a_guard_and_a_row(app: Flask) -> None:
    """AZ-23: deny by default; what nobody thought of fails here."""
    listed = {(row.method, row.rule) for row in TABLE}
    found = set()
    for rule in app.url_map.iter_rules():
        assert guard_of(app.view_functions[rule.endpoint]) is not None, rule
        if rule.rule.startswith(SYSTEM_PAGES):
            continue
        plain = re.sub("<id:[a-z_]+>", "<id>", rule.rule.replace("<date:day>", "<day>"))
        found |= {(method, plain) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}}
    assert found == listed
