"""Public reads are asked for again cheaply: a weak ETag over the body, and 304 without one (api.md §1)."""

import pytest
from flask import Flask

from app.models import Role
from tests.api import Api
from tests.factories import make_service, make_user, make_working_staff, token_for

PATHS = ("/api/services", "/api/services/{service}", "/api/services/categories", "/api/staff", "/api/staff/{staff}")


@pytest.fixture
def ids(app: Flask) -> dict[str, int]:
    service = make_service()
    return {"service": service.id, "staff": make_working_staff(service).id}


@pytest.mark.parametrize("path", PATHS)
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


@pytest.mark.parametrize("version", ['"1"', 'W/"1"', "*", "caf\xe9"])
@pytest.mark.parametrize("path", PATHS)
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


def test_what_only_admins_see_is_not_shared(api: Api, ids: dict[str, int]) -> None:
    """The same path shows them more; no cache keeps that, their own neither. Errors are kept by nobody."""
    path, admin = f"/api/staff/{ids['staff']}", token_for(make_user(Role.ADMIN))
    mine = api.get(path, token=admin)
    assert (mine.status_code, mine.headers["Cache-Control"]) == (200, "no-store")
    assert mine.headers["ETag"] != api.get(path).headers["ETag"]
    assert api.get("/api/staff/999999").headers["Cache-Control"] == "no-store"
