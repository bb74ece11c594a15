"""Sessions: where one is signed in, and signing out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.kit import clock
from app.models import User
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, sign_in

PATH, ME = "/api/auth/sessions", "/api/users/me"
NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


@pytest.fixture
def ada(app: Any) -> User:
    """An account with a password."""
    return make_user(email="ada@example.test", password_hash=PASSWORD_HASH)


def works(api: Api, tokens: Any) -> tuple[bool, bool]:
    """Say whether the access token opens, and the refresh token renews."""
    renewed = api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token})
    return api.get(ME, token=tokens.access_token).status_code == 200, renewed.status_code == 200


def test_all_that_a_session_shows(api: Api, ada: User) -> None:
    """Times, the program, and whether it is this one; the newest first."""
    with clock.frozen(NOON):
        old = sign_in(ada)
    with clock.frozen(NOON + timedelta(hours=1)):
        credentials = {"email": ada.email, "password": PASSWORD}
        new = api.post("/api/auth/login", credentials, headers={"User-Agent": "Browser/1 " + "x" * 400}).json
        api.post("/api/auth/refresh", {"refresh_token": old.refresh_token})
        sign_in(make_user())
        page = api.get(PATH, token=new["access_token"]).json
    assert page["next_cursor"] is None
    first, second = page["items"]
    assert first.pop("id") > second.pop("id")
    assert first == {
        "created_at": "2030-01-07T13:00:00Z",
        "last_used_at": "2030-01-07T13:00:00Z",
        "expires_at": "2030-01-14T13:00:00Z",
        "user_agent": ("Browser/1 " + "x" * 400)[:300],
        "current": True,
    }
    assert (second["created_at"], second["last_used_at"]) == ("2030-01-07T12:00:00Z", "2030-01-07T13:00:00Z")
    assert (second["current"], second["user_agent"]) == (False, "")


def test_the_list_goes_on_by_cursor(api: Api, ada: User) -> None:
    """Like every list; sessions that ended are not in it."""
    all_of_them = [sign_in(ada) for _ in range(4)]
    api.post("/api/auth/logout", token=all_of_them[0].access_token)
    token = all_of_them[3].access_token
    page = api.get(PATH, query={"limit": 2, "include_total": "true"}, token=token).json
    rest = api.get(PATH, query={"limit": 2, "cursor": page["next_cursor"]}, token=token).json
    assert (page["total"], len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (3, 2, 1, None)


def test_logging_out_ends_this_session_alone(api: Api, ada: User) -> None:
    """TK-13: access and refresh token stop at once; twice is 401."""
    here, there = sign_in(ada), sign_in(ada)
    answer = api.post("/api/auth/logout", token=here.access_token)
    assert (answer.status_code, answer.data) == (204, b"")
    assert works(api, here) == (False, False)
    assert works(api, there) == (True, True)
    assert api.post("/api/auth/logout", token=here.access_token).json["code"] == "token_revoked"


def test_logging_out_everywhere(api: Api, ada: User) -> None:
    """All sessions of the account, nobody else's."""
    here, there, other = sign_in(ada), sign_in(ada), sign_in(make_user())
    assert api.post("/api/auth/logout-all", token=here.access_token).status_code == 204
    assert [works(api, tokens) for tokens in (here, there, other)] == [(False, False), (False, False), (True, True)]
    assert works(api, sign_in(ada)) == (True, True)


def test_ending_one_session(api: Api, ada: User) -> None:
    """That of a lost phone; another's, an ended and a missing one are 404 alike."""
    here, phone, other = sign_in(ada), sign_in(ada), sign_in(make_user())
    ids = [api.get(PATH, token=tokens.access_token).json["items"] for tokens in (here, other)]
    lost = next(one["id"] for one in ids[0] if not one["current"])
    assert api.delete(f"{PATH}/{lost}", token=here.access_token).status_code == 204
    assert [works(api, tokens) for tokens in (here, phone)] == [(True, True), (False, False)]
    for missing in (lost, ids[1][0]["id"], 2**40):
        answer = api.delete(f"{PATH}/{missing}", token=here.access_token)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert works(api, other) == (True, True)
