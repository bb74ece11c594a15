"""Two things happen to one account at the same moment: the second waits, and sees what the first has done.

A request stands behind one of its own steps while the other one arrives. The steps behind which it stands are those
between which nothing was locked once: a refresh met an erasure (500), two ways out waited for each other, a thief's
change of the password was written over its owner's.
"""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import AuthSession, OneTimeToken, User
from app.notifications import accounts
from app.security import guards, sessions
from app.users.service import confirmation, emails, erasure, password_change
from tests.api import Api
from tests.auth.links import token_in
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, sign_in, token_for
from tests.mailbox import Mailbox
from tests.races.standing import behind

EMAIL, NEW, THIEFS = "ada@example.test", "a brand new password", "the password of a thief"
ME, FORGOT, RESET = "/api/users/me", "/api/auth/password/forgot", "/api/auth/password/reset"

Asking = Callable[[], int]


@pytest.fixture
def ada(app: Flask) -> User:
    """An account with a password."""
    return make_user(email=EMAIL, first_name="Ada", password_hash=PASSWORD_HASH)


def asking(app: Flask, method: str, path: str, body: Any = None, token: str | None = None) -> Asking:
    """Return a function that asks once, and returns the status."""
    return lambda: int(Api(app.test_client()).call(method, path, json=body, token=token).status_code)


def erasing(app: Flask, user: User) -> Asking:
    """Return a function that erases an account; it returns the status."""
    return asking(app, "POST", f"{ME}/erase", {"password": PASSWORD}, token_for(user))


def changing_password(app: Flask, user: User, new: str = NEW) -> Asking:
    """Return a function that changes the password of an account; it returns the status."""
    body = {"current_password": PASSWORD, "new_password": new}
    return asking(app, "PUT", f"{ME}/password", body, token_for(user))


def reset_link(api: Api, mailbox: Mailbox) -> str:
    """Return the token of a mailed link that resets Ada's password."""
    api.post(FORGOT, {"email": EMAIL})
    return token_in(mailbox.deliver()[-1])


def logins(api: Api, *tried: str) -> list[int]:
    """Return how Ada's login answers to each of the passwords."""
    return [api.post("/api/auth/login", {"email": EMAIL, "password": one}).status_code for one in tried]


def test_erasing_meets_a_refresh(app: Flask, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are answered; what the refresh brought opens nothing, and no browser is remembered."""
    refresh = asking(app, "POST", "/api/auth/refresh", {"refresh_token": sign_in(ada).refresh_token})
    answers = behind(monkeypatch, (sessions, "_living"), refresh, erasing(app, ada))
    assert answers == (200, 204)
    living = select(AuthSession).where((AuthSession.ended_at.is_(None)) | (AuthSession.user_agent != ""))
    assert db.session.scalars(living).all() == []


def test_logging_out_everywhere_meets_a_new_password(
    app: Flask, dialect: str, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither waits for the other for ever; where writers stand in line from the start (on SQLite), the second comes
    with a token that works no more."""
    leave = asking(app, "POST", "/api/auth/logout-all", token=token_for(ada))
    expected = (204, 3) if dialect == "postgresql" else (401, 2)
    answers = behind(monkeypatch, (sessions, "_end"), leave, changing_password(app, ada))
    assert (answers, db.session.scalar(select(User.token_version))) == ((204, expected[0]), expected[1])


def test_proving_an_email_meets_erasing(
    app: Flask, api: Api, ada: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure waits."""
    api.post("/api/auth/email/resend", token=token_for(ada))
    verify = asking(app, "POST", "/api/auth/email/verify", {"token": token_in(mailbox.deliver()[0])})
    assert behind(monkeypatch, (emails, "use"), verify, erasing(app, ada)) == (204, 204)


def test_resetting_a_password_meets_erasing(
    app: Flask, dialect: str, api: Api, ada: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure waits, and finds that its password is another one by now, or that its session has ended."""
    reset = asking(app, "POST", RESET, {"token": reset_link(api, mailbox), "password": NEW})
    assert behind(monkeypatch, (password_change, "use"), reset, erasing(app, ada)) == (
        204,
        403 if dialect == "postgresql" else 401,
    )


def test_a_thief_is_not_let_write_over_a_reset(
    app: Flask, api: Api, ada: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old password was right when it was checked, and is not when the new one would be written."""
    reset = asking(app, "POST", RESET, {"token": reset_link(api, mailbox), "password": NEW})
    place = (confirmation, "is_password_of")
    assert behind(monkeypatch, place, changing_password(app, ada, THIEFS), reset) == (403, 204)
    assert logins(api, NEW, THIEFS) == [200, 401]


def test_a_thief_gets_no_mail_after_a_reset(
    app: Flask, api: Api, ada: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is the rest of the profile changed."""
    reset = asking(app, "POST", RESET, {"token": reset_link(api, mailbox), "password": NEW})
    body = {"email": "thief@evil.test", "first_name": "Eve", "current_password": PASSWORD}
    change = asking(app, "PATCH", ME, body, token_for(ada))
    assert behind(monkeypatch, (confirmation, "is_password_of"), change, reset) == (403, 204)
    assert {mail["To"] for mail in mailbox.deliver()} == {EMAIL}
    assert db.session.scalar(select(User.first_name)) == "Ada"


@pytest.mark.databases("postgresql")  # on SQLite the lock is taken with the first look, at the token
@pytest.mark.parametrize("path", [ME, f"{ME[:-3]}/{{}}"])
def test_nothing_is_written_about_somebody_who_was_just_erased(
    app: Flask, ada: User, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The profile stays empty; the answer is the one that the next request has."""
    change = asking(app, "PATCH", path.format(ada.id), {"first_name": "Xanthippe", "bio": "I was here"}, token_for(ada))
    answers = behind(monkeypatch, (guards, "present_bearer"), change, erasing(app, ada))
    assert answers == (401, 204)
    assert db.session.execute(select(User.first_name, User.bio)).one() == ("Erased", "")


@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start
def test_a_mail_that_is_being_written_meets_erasing(
    app: Flask, api: Api, ada: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The erasure waits for the mail, and then forgets what it left."""
    api.post(FORGOT, {"email": EMAIL})
    sent, erased = behind(monkeypatch, (accounts, "issue"), mailbox.deliver, erasing(app, ada))
    assert ([mail["To"] for mail in sent], erased) == ([EMAIL], 204)
    assert db.session.scalars(select(OneTimeToken)).all() == []
    assert EMAIL not in str(db.session.execute(text("SELECT * FROM users")).all())


@pytest.mark.databases("postgresql")
def test_erasing_meets_a_mail_that_is_due(
    app: Flask, api: Api, ada: User, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail waits, and finds nobody."""
    api.post(FORGOT, {"email": EMAIL})

    def deliver() -> list[Any]:
        with app.app_context():
            return list(mailbox.deliver())

    assert behind(monkeypatch, (erasure, "_forget_access"), erasing(app, ada), deliver) == (204, [])
    assert db.session.scalars(select(OneTimeToken)).all() == []
