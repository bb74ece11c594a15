"""`/api/users`: looking accounts up, making them, and changing what they may do."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.kit import clock
from app.models import AuditEntry, AuthSession, OutboxEvent, Role, User
from app.users.events import INVITE
from tests.api import Api
from tests.auth.links import token_in
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, sign_in, token_for
from tests.mailbox import Mailbox

PATH = "/api/users"
PROFILE = {
    "id", "email", "first_name", "last_name", "name", "phone", "country", "timezone", "locale", "bio", "avatar_url",
    "role", "is_active", "email_verified", "created_at",
}  # fmt: skip
MORE = {"blocked", "has_login"}
NEW = {"email": "Grace@Example.test", "first_name": "Grace"}


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN, first_name="Zed"))


def make_walk_in(**fields: Any) -> User:
    """Write a client without a login."""
    return make_user(**({"has_login": False, "email": None} | fields))


def entries(user_id: int) -> list[tuple[str, Any, Any]]:
    """Return what the audit log says of an account: action, before, after."""
    found = db.session.scalars(select(AuditEntry).where(AuditEntry.object_id == user_id).order_by(AuditEntry.id))
    told = [(entry.action, entry.before, entry.after) for entry in found]
    db.session.commit()
    return told


def found(api: Api, token: str, **query: Any) -> list[str]:
    """List the first names of what is found."""
    answer = api.get(PATH, query=query, token=token)
    assert answer.status_code == 200, answer.json
    return [one["first_name"] for one in answer.json["items"]]


def row(user: User) -> User:
    """Return an account as it is now."""
    now = db.session.get_one(User, user.id, populate_existing=True)
    db.session.commit()
    return now


# Looking up


def test_who_is_listed_to_whom(api: Api, admin: str) -> None:
    """Admins see all, staff clients, with and without a login; nobody else sees a list."""
    people = [make_user(role, first_name=role.value.title()) for role in Role] + [make_walk_in(first_name="Walk")]
    assert sorted(found(api, admin)) == ["Admin", "Client", "Owner", "Staff", "Walk", "Zed"]
    assert found(api, token_for(people[1])) == ["Walk", "Client"]
    assert found(api, token_for(people[1]), role="admin") == []
    for person in (people[0], people[2]):
        assert api.get(PATH, token=token_for(person)).status_code == 403


def test_what_is_shown_of_an_account(api: Api, admin: str) -> None:
    """Whoever works here sees whether a client is blocked; the exact fields, and nothing of passwords."""
    staff, client = make_user(Role.STAFF), make_user(is_blocked=True, password_hash=PASSWORD_HASH)
    for token in (admin, token_for(staff)):
        shown = api.get(f"{PATH}/{client.id}", token=token).json
        assert shown.keys() == PROFILE | MORE
        assert (shown["id"], shown["blocked"], shown["has_login"]) == (client.id, True, True)
        assert [one for one in api.get(PATH, token=token).json["items"] if one["id"] == client.id] == [shown]
    assert api.get(f"{PATH}/{client.id}", token=token_for(client)).json.keys() == PROFILE


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_whom(api: Api, role: Role) -> None:
    """Everybody itself, staff clients, admins all; others answer as if they were not there."""
    actor = make_user(role)
    others = {other: make_user(other) for other in Role} | {"walk-in": make_walk_in()}
    token = token_for(actor)
    assert api.get(f"{PATH}/{actor.id}", token=token).status_code == 200
    assert api.get(f"{PATH}/{2**40}", token=token).status_code == 404
    seen = {name for name, other in others.items() if api.get(f"{PATH}/{other.id}", token=token).status_code == 200}
    expected = {Role.ADMIN: set(others), Role.STAFF: {Role.CLIENT, "walk-in"}}
    assert seen == expected.get(role, set())


def test_search_and_filters(api: Api, admin: str) -> None:
    """By name, address and phone number; wildcards are characters like others."""
    make_user(first_name="Ann", last_name="Lee", email="ann@example.test", phone="+254712345678")
    make_user(first_name="Bob", last_name="50%", email="b_b@example.test", is_active=False)
    make_user(Role.OWNER, first_name="Cy", last_name="back\\slash", email="cy@example.test")
    make_walk_in(first_name="Dee", phone="+4930123456")
    for query, names in (
        ({"q": "ANN"}, ["Ann"]),
        ({"q": "ann lee"}, ["Ann"]),
        ({"q": "@example.test", "sort": "email"}, ["Ann", "Bob", "Cy", "Zed"]),
        ({"q": "0712 345 678"}, ["Ann"]),
        ({"q": "712345"}, ["Ann"]),
        ({"q": "+49 30 123456"}, ["Dee"]),
        ({"q": "%"}, ["Bob"]),
        ({"q": "b_b"}, ["Bob"]),
        ({"q": "_"}, ["Bob"]),
        ({"q": "\\"}, ["Cy"]),
        ({"q": "nobody"}, []),
        ({"is_active": "false"}, ["Bob"]),
        ({"role": "owner"}, ["Cy"]),
        ({"role": "client", "is_active": "true"}, ["Dee", "Ann"]),
        ({"sort": "email"}, ["Dee", "Ann", "Bob", "Cy", "Zed"]),
        ({"sort": "-email"}, ["Zed", "Cy", "Bob", "Ann", "Dee"]),
        ({"sort": "created_at"}, ["Zed", "Ann", "Bob", "Cy", "Dee"]),
    ):
        assert found(api, admin, **query) == names, query


@pytest.mark.parametrize("q", ["éclat", "ÉCLAT", "müller", "MÜLLER", "éclat müller", "Σοφία@EXAMPLE", "ΣΟΦΊΑ"])
def test_search_knows_capitals_beyond_ascii(api: Api, admin: str, q: str) -> None:
    """The same on both databases, in names and emails."""
    make_user(first_name="ÉCLAT", last_name="Müller", email="σοφία@example.test")
    make_user(first_name="Eclat", last_name="Muller")
    assert found(api, admin, q=q) == ["ÉCLAT"]


@refused_by_shape
@each_case("wrong", ["role=boss", "is_active=1", "sort=name", "limit=0", "cursor=x", "q=" + "x" * 201])
def test_queries_that_cannot_be(api: Api, admin: str, wrong: str) -> None:
    """422 with the parameter named."""
    answer = api.get(f"{PATH}?{wrong}", token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [wrong.partition("=")[0]])


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "email", "-email"])
def test_pages(api: Api, admin: str, sort: str) -> None:
    """Nobody twice, nobody left out, also among those who have no address."""
    for n in range(4):
        make_walk_in(first_name=f"Walk {n}")
        make_user(first_name=f"User {n}")
    names: list[str] = []
    query: dict[str, Any] = {"limit": 2, "include_total": "true", "sort": sort}
    while True:
        page = api.get(PATH, query=query, token=admin).json
        names += [one["first_name"] for one in page["items"]]
        assert page["total"] == 9
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert names == found(api, admin, sort=sort)
    assert len(set(names)) == 9


@pytest.mark.databases("sqlite")
def test_sorting_by_address_uses_its_index(app: Flask, api: Api, admin: str, count_statements: Any) -> None:
    """However many accounts: nothing is sorted, the index is walked."""
    with count_statements() as statements:
        found(api, admin, sort="email")
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statements[-1]}", (20, 0)).all()
    db.session.rollback()
    assert "ix_users_sort_email" in plan[0].detail
    assert not any("TEMP B-TREE" in step.detail for step in plan)


# Making


def test_an_account_is_made_and_its_owner_invited(api: Api, admin: str) -> None:
    """Without a password; the mail is a task of the same transaction, and holds nothing that could be used."""
    with clock.frozen(datetime(2030, 1, 7, 9, tzinfo=UTC)):
        answer = api.post(PATH, NEW, token=token_for(make_user(Role.ADMIN)))
    made = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{PATH}/{made['id']}")
    assert made == {
        "id": made["id"],
        "email": "Grace@example.test",
        "first_name": "Grace",
        "last_name": "",
        "name": "Grace",
        "phone": None,
        "country": None,
        "timezone": None,
        "locale": None,
        "bio": "",
        "avatar_url": None,
        "role": "client",
        "is_active": True,
        "email_verified": False,
        "created_at": "2030-01-07T09:00:00Z",
        "blocked": False,
        "has_login": True,
    }
    assert api.get(answer.headers["Location"], token=admin).json == made
    task = db.session.scalars(select(OutboxEvent)).one()
    assert (task.topic, set(task.payload), task.payload["user_id"]) == (INVITE, {"user_id", "nonce"}, made["id"])
    assert entries(made["id"]) == [("users.created", None, {"role": "client"})]
    refused = api.post("/api/auth/login", {"email": NEW["email"], "password": PASSWORD})
    assert (refused.status_code, refused.json["code"]) == (401, "invalid_credentials")


@pytest.mark.parametrize("role", list(Role))
def test_accounts_of_every_role(api: Api, admin: str, role: Role) -> None:
    """With every field that can be sent."""
    more = {"phone": "0712 345 678", "country": "KE", "timezone": "Africa/Nairobi", "bio": "Hi", "last_name": "H"}
    made = api.post(PATH, NEW | more | {"role": role.value}, token=admin).json
    assert made | more | {"role": role.value, "phone": "+254712345678"} == made


@pytest.mark.parametrize("email", ["grace@example.test", "GRACE@EXAMPLE.TEST", "\uff47race@example.test"])
def test_an_address_that_an_account_has(api: Api, admin: str, email: str) -> None:
    """409, however it is written; nothing is made, nobody invited."""
    assert api.post(PATH, NEW, token=admin).status_code == 201
    answer = api.post(PATH, {"email": email, "first_name": "Other"}, token=admin)
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert db.session.scalar(select(func.count()).select_from(OutboxEvent)) == 1
    assert found(api, admin, sort="created_at") == ["Zed", "Grace"]


def test_a_client_without_a_login_may_be_invited(api: Api, admin: str) -> None:
    """The account takes the client over once the address is proved."""
    make_walk_in(email="grace@example.test")
    assert api.post(PATH, NEW, token=admin).status_code == 201


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        ({"email": None}, "email"),
        ({"email": "nobody"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"last_name": None}, "last_name"),
        ({"role": "boss"}, "role"),
        ({"role": None}, "role"),
        ({"phone": "12"}, "phone"),
        ({"country": "ke"}, "country"),
        ({"timezone": "Mars"}, "timezone"),
        ({"password": PASSWORD}, "password"),
        ({"password_hash": PASSWORD_HASH}, "password_hash"),
        ({"is_active": False}, "is_active"),
        ({"email_verified": True}, "email_verified"),
        ({"has_login": False}, "has_login"),
        ({"blocked": True}, "blocked"),
        ({"id": 7}, "id"),
    ],
)
def test_accounts_that_cannot_be_made(api: Api, admin: str, fields: dict[str, Any], field: str) -> None:
    """422 with the field named; AZ-17: nobody sets another's password."""
    answer = api.post(PATH, NEW | fields, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert found(api, admin) == ["Zed"]


# Changing


def test_everybody_changes_its_own_profile(api: Api) -> None:
    """Under its id as under `me`; the answer shows what that role sees."""
    for role in Role:
        user = make_user(role)
        answer = api.patch(f"{PATH}/{user.id}", {"bio": "Hi", "phone": "0712345678"}, token=token_for(user))
        assert (answer.json["bio"], answer.json["phone"]) == ("Hi", "+254712345678")
        works_here = role in {Role.STAFF, Role.ADMIN}
        assert answer.json.keys() == (PROFILE | MORE if works_here else PROFILE)


ADMINS_ALONE = {"role": "admin", "is_active": True, "blocked": False, "email": "new@example.test"}


@each_case("role", [Role.CLIENT, Role.STAFF, Role.OWNER])
@each_case("field", ADMINS_ALONE)
def test_nobody_gives_itself_powers(api: Api, role: Role, field: str) -> None:
    """To others than admins these are unknown fields, also with the value they have."""
    user = make_user(role)
    answer = api.patch(f"{PATH}/{user.id}", {"bio": "x", field: ADMINS_ALONE[field]}, token=token_for(user))
    assert (answer.status_code, answer.json["errors"]) == (422, {field: ["Unknown field."]})
    assert (row(user).role, row(user).bio, row(user).email) == (role, "", user.email)


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_nobody_but_admins_changes_others(api: Api, method: str) -> None:
    """403 for staff, who see clients; 404 for whoever does not see them; DELETE is for admins alone."""
    client = make_user()
    body = {"bio": "x"} if method == "PATCH" else None
    for role, status in ((Role.STAFF, 403), (Role.OWNER, 404), (Role.CLIENT, 404)):
        answer = api.call(method, f"{PATH}/{client.id}", json=body, token=token_for(make_user(role)))
        assert answer.status_code == (403 if method == "DELETE" else status)
    assert api.delete(f"{PATH}/{client.id}", token=token_for(client)).status_code == 403
    assert (row(client).bio, row(client).is_active) == ("", True)


def test_an_admin_changes_a_profile(api: Api, admin: str) -> None:
    """And the log says which fields, never what was in them."""
    client = make_user()
    changes = {"first_name": "Grace", "phone": "+4930123456", "country": "DE", "timezone": None, "bio": "Hi"}
    changed = api.patch(f"{PATH}/{client.id}", changes, token=admin).json
    assert changed | changes == changed
    assert entries(client.id) == [("users.changed", None, {"fields": sorted(changes)})]


@pytest.mark.parametrize(
    ("change", "action", "before"),
    [
        ({"role": "owner"}, "users.role_changed", {"role": "client"}),
        ({"is_active": False}, "users.deactivated", {"is_active": True}),
        ({"blocked": True}, "users.blocked", {"blocked": False}),
    ],
)
def test_powers_are_changed_and_the_log_tells(
    api: Api, admin: str, change: dict[str, Any], action: str, before: dict[str, Any]
) -> None:
    """Each with what was before and after; what changes nothing is not told."""
    client = make_user()
    for _ in range(2):
        answer = api.patch(f"{PATH}/{client.id}", change, token=admin)
        assert (answer.status_code, answer.json | change) == (200, answer.json)
        assert entries(client.id) == [(action, before, change)]
    back = api.patch(f"{PATH}/{client.id}", before, token=admin).json
    assert back | before == back
    assert len(entries(client.id)) == 2


def test_a_demoted_staff_member_is_out_at_once(api: Api, admin: str) -> None:
    """TK-11: 403 from the doors of staff, 401 elsewhere, and a refresh brings a token of the new role."""
    staff = make_user(Role.STAFF)
    tokens = sign_in(staff)
    assert api.get(PATH, token=tokens.access_token).status_code == 200
    assert api.patch(f"{PATH}/{staff.id}", {"role": "client"}, token=admin).status_code == 200
    assert api.get(PATH, token=tokens.access_token).status_code == 403
    own = api.get(f"{PATH}/me", token=tokens.access_token)
    assert (own.status_code, own.json["code"]) == (401, "token_revoked")
    renewed = api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token})
    assert api.get(f"{PATH}/me", token=renewed.json["access_token"]).json["role"] == "client"


@pytest.mark.parametrize("way", ["PATCH", "DELETE"])
def test_a_deactivated_account_is_out_at_once(api: Api, admin: str, way: str) -> None:
    """TK-12: 401 for access and refresh token, and no way back in but an admin's."""
    client = make_user(email="ann@example.test", password_hash=PASSWORD_HASH)
    tokens = sign_in(client)
    path, login = f"{PATH}/{client.id}", {"email": "ann@example.test", "password": PASSWORD}
    for _ in range(2):
        answer = (
            api.delete(path, token=admin) if way == "DELETE" else api.patch(path, {"is_active": False}, token=admin)
        )
        assert answer.status_code == (204 if way == "DELETE" else 200)
    assert api.get(f"{PATH}/me", token=tokens.access_token).json["code"] == "token_revoked"
    assert api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token}).status_code == 401
    assert api.post("/api/auth/login", login).json["code"] == "account_disabled"
    assert entries(client.id)[0] == ("users.deactivated", {"is_active": True}, {"is_active": False})
    assert db.session.scalars(select(AuthSession.ended_at).where(AuthSession.user_id == client.id)).one() is not None
    db.session.commit()
    assert api.patch(path, {"is_active": True}, token=admin).status_code == 200
    assert api.get(f"{PATH}/me", token=tokens.access_token).status_code == 401
    assert api.post("/api/auth/login", login).status_code == 200


@pytest.mark.parametrize("way", ["PATCH", "DELETE"])
def test_links_of_a_deactivated_account_end(api: Api, admin: str, mailbox: Mailbox, way: str) -> None:
    """Also for when it is activated again."""
    user = make_user(password_hash=PASSWORD_HASH)
    api.post("/api/auth/password/forgot", {"email": user.email})
    (mail,) = mailbox.deliver()
    path = f"{PATH}/{user.id}"
    api.call(way, path, json={"is_active": False} if way == "PATCH" else None, token=admin)
    assert api.patch(path, {"is_active": True}, token=admin).status_code == 200
    reset = api.post("/api/auth/password/reset", {"token": token_in(mail), "password": "a brand new password"})
    assert (reset.status_code, reset.json["code"]) == (400, "link_invalid")


@each_case("field", ["password", "password_hash", "email_verified", "has_login", "id", "token_version"])
def test_what_not_even_admins_change(api: Api, admin: str, field: str) -> None:
    """AZ-17: a password is its owner's alone."""
    client = make_user()
    answer = api.patch(f"{PATH}/{client.id}", {"bio": "x", field: PASSWORD}, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert row(client).bio == ""


def test_the_address_of_an_account_is_its_owners_to_change(api: Api, admin: str) -> None:
    """422, and nothing else of the request is done either."""
    client = make_user()
    answer = api.patch(f"{PATH}/{client.id}", {"email": "new@example.test", "bio": "x"}, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["email"])
    assert (row(client).email, row(client).bio) == (client.email, "")


def test_what_was_erased_stays_so(api: Api, admin: str) -> None:
    """409 for changes; DELETE has nothing to do."""
    gone = make_user(first_name="Erased", email=None, is_active=False, erased_at=datetime(2030, 1, 7, tzinfo=UTC))
    answer = api.patch(f"{PATH}/{gone.id}", {"is_active": True, "first_name": "Ada"}, token=admin)
    assert (answer.status_code, answer.json["code"]) == (409, "account_erased")
    assert api.delete(f"{PATH}/{gone.id}", token=admin).status_code == 204
    assert (row(gone).is_active, row(gone).first_name) == (False, "Erased")


# The last admin


@pytest.mark.parametrize("change", [{"role": "staff"}, {"is_active": False}, None], ids=str)
def test_the_last_admin_stays(api: Api, change: dict[str, Any] | None) -> None:
    """AZ-16: 409 for demotion, deactivation, removal; those who are inactive do not count."""
    last = make_user(Role.ADMIN)
    make_user(Role.ADMIN, is_active=False)
    make_user(Role.OWNER)
    token, path = token_for(last), f"{PATH}/{last.id}"
    answer = api.patch(path, change, token=token) if change else api.delete(path, token=token)
    assert (answer.status_code, answer.json["code"]) == (409, "last_admin")
    assert (row(last).role, row(last).is_active, entries(last.id)) == (Role.ADMIN, True, [])
    assert api.patch(path, {"role": "admin", "is_active": True, "blocked": True}, token=token).status_code == 200
    make_user(Role.ADMIN)
    answer = api.patch(path, change, token=token) if change else api.delete(path, token=token)
    assert answer.status_code == (200 if change else 204)
