"""`PUT /api/users/me/password`: whoever knows the old one sets a new one."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, User
from app.users.service import confirmation
from tests.api import Api
from tests.auth.links import token_in
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, sign_in
from tests.mailbox import Mailbox, text_of

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


def test_wrong_passwords_are_counted_here_too(api: Api, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stolen access token is no way to try passwords for ever: after so many none is tried for a day."""
    monkeypatch.setattr(confirmation, "MOST_FAILURES", 10)
    tokens = sign_in(ada)
    for _ in range(10):
        assert change(api, tokens.access_token, current_password="not this one").status_code == 403
    assert change(api, tokens.access_token).status_code == 403
    assert not signs_in(api, PASSWORD)
    assert api.get("/api/users/me", token=tokens.access_token).status_code == 200


def test_a_new_password_ends_all_mailed_links(api: Api, ada: User, mailbox: Mailbox) -> None:
    """A thief who had asked for another email does not get the account; a forgotten reset link resets nothing."""
    theirs, own = {"email": "thief@evil.test", "current_password": PASSWORD}, {"email": EMAIL}
    assert api.patch("/api/users/me", theirs, token=sign_in(ada).access_token).status_code == 200
    assert api.post("/api/auth/password/forgot", own).status_code == 202
    links = {mail["To"]: token_in(mail) for mail in mailbox.deliver() if "token=" in text_of(mail)}
    assert links.keys() == {"thief@evil.test", EMAIL}
    assert change(api, sign_in(ada).access_token).status_code == 204
    taken = api.post("/api/auth/email/verify", {"token": links["thief@evil.test"]})
    reset = api.post("/api/auth/password/reset", {"token": links[EMAIL], "password": "yet another password"})
    assert [(answer.status_code, answer.json["code"]) for answer in (taken, reset)] == [(400, "link_invalid")] * 2
    assert signs_in(api, NEW)


def test_a_mail_of_before_a_new_password_is_not_sent_after_it(api: Api, ada: User, mailbox: Mailbox) -> None:
    """It would hold a link that does nothing any more; the warning is sent."""
    theirs = {"email": "thief@evil.test", "current_password": PASSWORD}
    api.patch("/api/users/me", theirs, token=sign_in(ada).access_token)
    assert change(api, sign_in(ada).access_token).status_code == 204
    assert [mail["To"] for mail in mailbox.deliver()] == [EMAIL, EMAIL]


def test_the_log_tells_who_had_a_wrong_password(api: Api, ada: User) -> None:
    """Not as somebody who signs in: the caller is known, by a token that may be stolen."""
    token = sign_in(ada).access_token
    refused = (
        change(api, token, current_password="not this one"),
        api.patch("/api/users/me", {"email": "b@x.test", "current_password": "not this one"}, token=token),
        api.post("/api/users/me/erase", {"password": "not this one"}, token=token),
    )
    assert [answer.json["code"] for answer in refused] == ["wrong_password"] * 3
    entries = db.session.execute(select(AuditEntry.action, AuditEntry.actor_id, AuditEntry.object_id)).all()
    assert [tuple(entry) for entry in entries] == [("users.password_refused", ada.id, ada.id)] * 3
