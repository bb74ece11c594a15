"""`PUT /api/users/me/password`: whoever knows the old one sets a new one."""

from typing import Any

import pytest
from flask import Flask

from app.models import User
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, sign_in
from tests.mailbox import Mailbox

PATH, EMAIL, NEW = "/api/users/me/password", "ada@example.test", "a brand new password"


@pytest.fixture
def ada(app: Flask) -> User:
    """An account with a password."""
    return make_user(email=EMAIL, password_hash=PASSWORD_HASH)


def signs_in(api: Api, password: str) -> bool:
    """Say whether Ada can sign in with it."""
    return bool(api.post("/api/auth/login", {"email": EMAIL, "password": password}).status_code == 200)


def change(api: Api, token: str, **fields: Any) -> Any:
    """Ask for the new password, unless `fields` say otherwise."""
    return api.put(PATH, {"current_password": PASSWORD, "new_password": NEW} | fields, token=token)


def test_a_new_password_ends_all_sessions(api: Api, ada: User, mailbox: Mailbox) -> None:
    """At the next request, this one's too; the owner is told."""
    here, there = sign_in(ada), sign_in(ada)
    answer = change(api, here.access_token)
    assert (answer.status_code, answer.data) == (204, b"")
    for tokens in (here, there):
        assert api.get("/api/users/me", token=tokens.access_token).json["code"] == "token_revoked"
        refused = api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token})
        assert refused.json["code"] == "token_revoked"
    assert (signs_in(api, PASSWORD), signs_in(api, NEW)) == (False, True)
    (mail,) = mailbox.deliver()
    assert (mail["To"], "password was changed" in mail["Subject"]) == (EMAIL, True)


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"current_password": "not this one"}, 403, "wrong_password"),
        ({"current_password": ""}, 403, "wrong_password"),
        ({"current_password": None}, 422, "current_password"),
        ({"new_password": "short"}, 422, "new_password"),
        ({"new_password": "password123"}, 422, "new_password"),
        ({"new_password": EMAIL}, 422, "new_password"),
        ({"new_password": "x" * 73}, 422, "new_password"),
        ({"new_password": "x" * 100_000}, 422, "new_password"),
        ({"password": NEW}, 422, "password"),
    ],
)
def test_refused_changes_change_nothing(
    api: Api, ada: User, mailbox: Mailbox, fields: dict[str, Any], status: int, said: str
) -> None:
    """The field or the code is named; sessions live on."""
    tokens = sign_in(ada)
    answer = change(api, tokens.access_token, **fields)
    assert answer.status_code == status
    assert said in (answer.json["code"], *answer.json.get("errors", {}))
    assert signs_in(api, PASSWORD)
    assert api.get("/api/users/me", token=tokens.access_token).status_code == 200
    assert mailbox.deliver() == []


def test_wrong_passwords_are_counted_here_too(api: Api, ada: User) -> None:
    """A stolen access token is no way to try passwords for ever: after a hundred none is tried for a day."""
    tokens = sign_in(ada)
    for _ in range(100):
        assert change(api, tokens.access_token, current_password="not this one").status_code == 403
    assert change(api, tokens.access_token).status_code == 403
    assert not signs_in(api, PASSWORD)
    assert api.get("/api/users/me", token=tokens.access_token).status_code == 200
