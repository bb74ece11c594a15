"""Public reads are asked for again cheaply: a weak ETag over the body, and 304 without one (api.md §1)."""

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.models import Role, Service
from app.transactions import transaction
from app.web import kept
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_service, make_user, make_working_staff, token_for

PATHS = ("/api/services", "/api/services/{service}", "/api/services/categories", "/api/staff", "/api/staff/{staff}")


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    service = make_service()
    return {"service": service.id, "staff": make_working_staff(service).id}


@each_case("path", PATHS)
def test_what_is_known_is_not_sent_again(api: Api, ids: dict[str, int], path: str) -> None:
    """304 with the same ETag and no body, whether one or several are known; another one, and the whole is sent."""
    first = api.get(path.format(**ids))
    tag = first.headers["ETag"]
    assert (first.status_code, tag[:3], first.headers["Cache-Control"]) == (200, 'W/"', "public, no-cache")
    assert "Authorization" in first.headers["Vary"]
    for known in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = api.get(path.format(**ids), headers={"If-None-Match": known})
        assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    for known in ('W/"other"', "", "nonsense"):
        assert api.get(path.format(**ids), headers={"If-None-Match": known}).json == first.json


@each_case("version", ['"1"', 'W/"1"', "*", "caf\xe9"])
@each_case("path", PATHS)
def test_a_version_is_for_who_changes_something(api: Api, ids: dict[str, int], path: str, version: str) -> None:
    """`If-Match` is of no account to a read: 412 would be an answer of no known shape."""
    answer = api.get(path.format(**ids), headers={"If-Match": version})
    assert (answer.status_code, answer.json) == (200, api.get(path.format(**ids)).json)


def test_a_change_is_seen_at_once(api: Api, ids: dict[str, int]) -> None:
    """Nothing is used unasked, so a new price is the next answer."""
    path, admin = f"/api/services/{ids['service']}", token_for(make_user(Role.ADMIN))
    tag = api.get(path).headers["ETag"]
    assert api.patch(path, {"price": {"amount": 1}}, token=admin).status_code == 200
    after = api.get(path, headers={"If-None-Match": tag})
    assert (after.status_code, after.json["price"]["amount"], after.headers["ETag"] == tag) == (200, 1, False)


def test_what_changes_beside_it_is_seen_at_once(api: Api, ids: dict[str, int]) -> None:
    """Nor what is said of a service without a new version of it: its category's name, its rating. Lists neither."""
    admin, path = token_for(make_user(Role.ADMIN)), f"/api/services/{ids['service']}"
    before = [api.get(one) for one in (path, "/api/services")]
    with transaction():
        category = db.session.get_one(Service, ids["service"]).category_id
    assert api.patch(f"/api/services/categories/{category}", {"name": "Nails"}, token=admin).status_code == 200
    with transaction():
        db.session.execute(update(Service).values(rating_5=2))
    after = [api.get(one) for one in (path, "/api/services")]
    for said in (after[0].json, after[1].json["items"][0]):
        assert (said["category"], said["rating"]) == ("Nails", {"count": 2, "average": 5.0})
    assert all(new.headers["ETag"] != old.headers["ETag"] for new, old in zip(after, before, strict=True))


def test_the_same_is_dumped_once(ids: dict[str, int], api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """For equal rows the bytes are those of before; whoever asks, and however often."""
    first = api.get("/api/services", query={"limit": 7})
    monkeypatch.setattr(kept, "written", lambda _thing: pytest.fail("It is dumped again."))
    again = api.get("/api/services", query={"limit": 7}, token=token_for(make_user(Role.ADMIN)))
    assert (again.data, again.headers["ETag"]) == (first.data, first.headers["ETag"])
    head = api.call("HEAD", "/api/services?limit=7")
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", first.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(first.data))


def test_what_is_kept_is_bounded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is too much of it, all is forgotten."""
    monkeypatch.setattr(kept, "MOST_BYTES", 1000)
    keeper = kept.Kept(lambda thing: thing)
    for number in range(100):
        with app.test_request_context(f"/api/services?q={number}"):
            assert keeper.answer({"items": ["x" * 50]}).json == {"items": ["x" * 50]}
    assert len(keeper._known) < 15


def test_what_only_admins_see_is_not_shared(api: Api, ids: dict[str, int]) -> None:
    """The same path shows them more; no cache keeps that, their own neither. Errors are kept by nobody."""
    path, admin = f"/api/staff/{ids['staff']}", token_for(make_user(Role.ADMIN))
    mine = api.get(path, token=admin)
    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "no-store")
    assert mine.headers["ETag"] != api.get(path).headers["ETag"]
    assert api.get("/api/staff/999999").headers["Cache-Control"] == "no-store"
