"""`/api/staff`: who works here, what everybody sees of them, and the accounts they sign in with."""

from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Role, Staff
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import assign, make_service, make_space, make_staff, make_user, token_for

PUBLIC = {"id", "name", "bio", "avatar_url", "services", "rating"}
CONTACT = {"email", "phone", "user_id", "timezone", "active", "version", "created_at"}


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def counted() -> int:
    """Count the staff."""
    count = db.session.query(Staff).count()
    db.session.commit()
    return count


def names(api: Api, path: str = "/api/staff", token: str | None = None, **query: Any) -> list[str]:
    """List the names of what is found."""
    answer = api.get(path, query=query, token=token)
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["items"]]


def test_only_the_name(api: Api, admin: str) -> None:
    """Everything else has a default; nobody is bookable before hours are set."""
    answer = api.post("/api/staff", json={"name": "Jane"}, token=admin)
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert made == {
        "id": made["id"],
        "name": "Jane",
        "bio": "",
        "avatar_url": None,
        "timezone": "Africa/Nairobi",
        "services": [],
        "rating": {"count": 0, "average": None},
        "email": None,
        "phone": None,
        "user_id": None,
        "active": True,
        "version": 1,
        "created_at": made["created_at"],
    }
    assert answer.headers["Location"] == f"/api/staff/{made['id']}"
    assert api.get(answer.headers["Location"], token=admin).json == made
    assert api.get(f"/api/staff/{made['id']}/hours").json == {"hours": []}


def everything() -> dict[str, Any]:
    """Return every field that can be sent."""
    return {
        "name": "Zoë",
        "email": "zoe@example.test",
        "phone": "+254700000000",
        "user_id": make_user(Role.STAFF).id,
        "bio": "Colour,\nand curls.",
        "timezone": "Asia/Kathmandu",
        "active": False,
    }


def test_every_field(api: Api, admin: str) -> None:
    """What is sent is what an admin is shown."""
    sent = everything()
    made = api.post("/api/staff", json=sent, token=admin).json
    assert made | sent == made


@pytest.mark.parametrize("name", ["name", "email", "phone", "user_id", "bio", "timezone", "active"])
def test_each_field_can_be_changed_alone(api: Api, admin: str, name: str) -> None:
    """The rest stays, and the version counts: once, also where the value has no column in common with spaces."""
    made = api.post("/api/staff", json={"name": "Jane"}, token=admin).json
    value = everything()[name]
    path = f"/api/staff/{made['id']}"
    changed = made | {name: value, "version": 2}
    for _ in range(2):
        answer = api.patch(path, json={name: value}, token=admin)
        assert (answer.status_code, answer.json) == (200, changed)
    assert api.get(path, token=admin).json == changed


@pytest.mark.parametrize("name", ["email", "phone", "user_id"])
def test_contact_can_be_taken_back(api: Api, admin: str, name: str) -> None:
    """Null means there is none."""
    made = api.post("/api/staff", json=everything(), token=admin).json
    assert api.patch(f"/api/staff/{made['id']}", json={name: None}, token=admin).json[name] is None


def test_contact_is_for_admins(api: Api, admin: str) -> None:
    """AZ-10: neither the profile nor a list, nor the list of a service, shows it to anybody else."""
    account = make_user(Role.STAFF)
    staff = make_staff(email="zoe@example.test", phone="+254700000000", user_id=account.id)
    service = make_service()
    assign(staff, service)
    others = [None, *(token_for(make_user(role)) for role in (Role.CLIENT, Role.OWNER, Role.STAFF)), token_for(account)]
    for token in others:
        shown = [
            api.get(f"/api/staff/{staff.id}", token=token).json,
            *api.get("/api/staff", token=token).json["items"],
            *api.get(f"/api/services/{service.id}/staff", token=token).json["items"],
        ]
        assert [set(one) for one in shown] == [PUBLIC] * 3
        assert "zoe@" not in str(shown)
    for shown_to_admin in (
        api.get(f"/api/staff/{staff.id}", token=admin).json,
        *api.get("/api/staff", token=admin).json["items"],
        *api.get(f"/api/services/{service.id}/staff", token=admin).json["items"],
    ):
        assert set(shown_to_admin) == PUBLIC | CONTACT
        assert shown_to_admin["email"] == "zoe@example.test"


def test_services_of_a_profile(api: Api) -> None:
    """Those on offer, by name."""
    staff = make_staff()
    rows = [make_service(name=name) for name in ("Perm", "Cut")]
    for row in (*rows, make_service(name="Old", active=False)):
        assign(staff, row)
    expected = [{"id": row.id, "name": row.name} for row in rows[::-1]]
    assert api.get(f"/api/staff/{staff.id}").json["services"] == expected


def test_filters_and_sorts(api: Api, admin: str) -> None:
    """Each alone and together; who is inactive is found by staff and admins alone."""
    ann, ben = make_staff(name="Ann", bio="50% off_peak"), make_staff(name="Ben", bio="back\\comb")
    old = make_staff(name="Cid", active=False)
    service, other = make_service(), make_service()
    for one in (ann, old):
        assign(one, service)
    assign(ben, other)
    for query, found in (
        ({}, ["Ann", "Ben"]),
        ({"sort": "-name"}, ["Ben", "Ann"]),
        ({"sort": "-created_at"}, ["Ben", "Ann"]),
        ({"sort": "created_at"}, ["Ann", "Ben"]),
        ({"q": "ANN"}, ["Ann"]),
        ({"q": "%"}, ["Ann"]),
        ({"q": "_"}, ["Ann"]),
        ({"q": "\\"}, ["Ben"]),
        ({"q": "n", "service_id": service.id}, ["Ann"]),
        ({"service_id": service.id}, ["Ann"]),
        ({"service_id": 999_999}, []),
        ({"active": "false"}, []),
    ):
        assert names(api, **query) == found, query
    for token in (admin, token_for(make_user(Role.STAFF))):
        assert names(api, token=token) == ["Ann", "Ben"]
        assert names(api, token=token, active="false") == ["Cid"]
    path = f"/api/services/{service.id}/staff"
    assert names(api, path) == ["Ann"]
    assert names(api, path, token=admin, active="false", service_id=other.id) == ["Cid"]
    assert api.get("/api/services/999999/staff").status_code == 404


def test_pages(api: Api) -> None:
    """Seven people in pages of three, with their number."""
    rows = [make_staff(name="Same") for _ in range(7)]
    found: list[int] = []
    query: dict[str, Any] = {"limit": 3, "include_total": "true"}
    while True:
        page = api.get("/api/staff", query=query).json
        found += [one["id"] for one in page["items"]]
        assert page["total"] == 7
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert found == [row.id for row in rows]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": " "}, "name"),
    ({"name": None}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"email": "nobody"}, "email"),
    ({"email": ""}, "email"),
    ({"phone": ""}, "phone"),
    ({"phone": "1" * 33}, "phone"),
    ({"bio": "x" * 2001}, "bio"),
    ({"bio": None}, "bio"),
    ({"timezone": "Mars/Base"}, "timezone"),
    ({"timezone": "africa/nairobi"}, "timezone"),
    ({"timezone": None}, "timezone"),
    ({"active": "no"}, "active"),
    ({"user_id": 0}, "user_id"),
    ({"user_id": "1"}, "user_id"),
    ({"version": 2}, "version"),
    ({"services": []}, "services"),
    ({"kind": "space"}, "kind"),
]


@pytest.fixture
def jo(app: Flask) -> Staff:
    """The only member of staff."""
    return make_staff()


@refused_by_shape
@each_case(("wrong", "field"), WRONG)
def test_wrong_shapes(api: Api, admin: str, jo: Staff, wrong: dict[str, Any], field: str) -> None:
    """422 naming the field, on creation and on change; nothing is written."""
    path = f"/api/staff/{jo.id}"
    before = api.get(path, token=admin).json
    made = api.post("/api/staff", json={"name": "Jane"} | wrong, token=admin)
    changed = api.patch(path, json=wrong, token=admin)
    for answer in (made, changed):
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), answer.json
    assert api.get(path, token=admin).json == before
    assert counted() == 1


def test_accounts(api: Api, admin: str) -> None:
    """An account of a client is refused, one that is not there too, one that is taken too."""
    taken = make_user(Role.STAFF)
    make_staff(user_id=taken.id)
    mine = make_staff(name="Mine")
    for user_id, status, code in (
        (make_user(Role.CLIENT).id, 422, "validation_failed"),
        (make_user(Role.OWNER).id, 422, "validation_failed"),
        (999_999_999, 404, "not_found"),
        (taken.id, 409, "user_already_staff"),
    ):
        made = api.post("/api/staff", json={"name": "New", "user_id": user_id}, token=admin)
        changed = api.patch(f"/api/staff/{mine.id}", json={"user_id": user_id, "name": "Other"}, token=admin)
        for answer in (made, changed):
            assert (answer.status_code, answer.json["code"]) == (status, code)
            assert status == 409 or list(answer.json["errors"]) == ["user_id"]
    shown = api.get(f"/api/staff/{mine.id}", token=admin).json
    assert (shown["name"], shown["user_id"], shown["version"], counted()) == ("Mine", None, 1, 2)
    for role in (Role.STAFF, Role.ADMIN):
        account = make_user(role).id
        assert api.patch(f"/api/staff/{mine.id}", json={"user_id": account}, token=admin).json["user_id"] == account


def test_leaving(api: Api, admin: str) -> None:
    """DELETE deactivates, and hides the profile and its hours; twice is as good as once; PATCH brings back."""
    staff = make_staff(name="Jane")
    path = f"/api/staff/{staff.id}"
    for _ in range(2):
        assert api.delete(path, token=admin).status_code == 204
        assert (api.get(path, token=admin).json["active"], api.get(path, token=admin).json["version"]) == (False, 2)
    for who, status in ((None, 404), (token_for(make_user()), 404), (token_for(make_user(Role.STAFF)), 200)):
        for public in (path, f"{path}/hours", f"{path}/hours/2030-01-07"):
            assert api.get(public, token=who).status_code == status
    assert names(api) == []
    assert api.patch(path, json={"active": True}, token=admin).json["active"] is True
    assert names(api) == ["Jane"]


def test_a_space_is_no_staff_member(api: Api, admin: str) -> None:
    """They share one id space; each answers to its own path only."""
    path = f"/api/staff/{make_space().id}"
    answers = (
        api.get(path),
        api.patch(path, json={"name": "X"}, token=admin),
        api.delete(path, token=admin),
        api.get(f"{path}/hours"),
        api.put(f"{path}/hours", json={"hours": []}, token=admin),
        api.get(f"{path}/hours/2030-01-07"),
        api.get(f"{path}/time-off", token=admin),
        api.get(f"{path}/calendar", token=admin, query={"from": "2030-01-07", "to": "2030-01-07"}),
    )
    assert [answer.status_code for answer in answers] == [404] * len(answers)
