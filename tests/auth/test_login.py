"""`POST /api/auth/login`: the right password lets in, everything else tells nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import bcrypt
import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.kit import clock
from app.kit.clock import utcnow
from app.models import User
from app.security import passwords
from app.security.passwords import hash_password
from app.transactions import transaction
from app.users.service import confirmation
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_user, token_for

EMAIL, PASSWORD = "ada@example.test", "correct horse battery"


@pytest.fixture
def ada(app: Flask) -> User:
    """An account with a password."""
    return make_user(email=EMAIL, password_hash=hash_password(PASSWORD))


def login(api: Api, email: str = EMAIL, password: str = PASSWORD) -> Any:
    """Try to sign in."""
    return api.post("/api/auth/login", {"email": email, "password": password})


@pytest.mark.parametrize("email", [EMAIL, "ADA@Example.TEST", f" {EMAIL} "])
def test_the_right_password_in_any_case_of_the_address(api: Api, ada: User, email: str) -> None:
    """200 with the account and a token."""
    answer = login(api, email)
    assert (answer.status_code, answer.json["user"]["id"]) == (200, ada.id)
    assert api.get("/api/users/me", token=answer.json["access_token"]).json["email"] == EMAIL


def test_unknown_and_wrong_are_one_answer(api: Api, ada: User) -> None:
    """The same status, code and words; neither says which it was."""
    wrong, unknown = login(api, password="not this one"), login(api, email="nobody@example.test")
    guest = make_user(email="guest@example.test")
    none_set = login(api, email=str(guest.email))
    too_long, no_address = login(api, password="x" * 73), login(api, email="nobody")
    answers = (wrong, unknown, none_set, too_long, no_address)
    assert [(answer.status_code, answer.json["code"]) for answer in answers] == [(401, "invalid_credentials")] * 5
    assert len({answer.text.replace(answer.json["request_id"], "") for answer in answers}) == 1
    headers = [{name for name, _ in answer.headers} for answer in answers]
    assert all(names == headers[0] and "WWW-Authenticate" in names for names in headers)


def test_an_unknown_address_costs_a_hash_of_the_same_cost(api: Api, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """AU-02: one real verification each, against hashes of one algorithm and cost."""
    seen: list[str] = []
    real = passwords.verify_password

    def spy(password: str, password_hash: str) -> bool:
        seen.append(password_hash[:7])
        return real(password, password_hash)

    monkeypatch.setattr("app.security.passwords.verify_password", spy)
    monkeypatch.setattr("app.users.service.confirmation.verify_password", spy)
    login(api, password="not this one")
    login(api, email="nobody@example.test")
    assert seen == ["$2b$04$", "$2b$04$"]


@pytest.mark.parametrize("cost", [4, 5])
def test_the_check_of_nobodys_password_is_a_real_one(app: Flask, monkeypatch: pytest.MonkeyPatch, cost: int) -> None:
    """AU-02: bcrypt at the configured cost, once, and within the two turns; nothing fits it."""
    monkeypatch.setitem(app.config, "BCRYPT_ROUNDS", cost)
    real, seen = bcrypt.checkpw, []

    def spy(password: bytes, hashed: bytes) -> bool:
        seen.append((hashed[:7], real(password, hashed), bcrypt.hashpw(password, hashed)[:29] == hashed[:29]))
        return bool(seen[-1][1])

    monkeypatch.setattr("bcrypt.checkpw", spy)
    passwords.burn_password_check(PASSWORD)
    assert seen == [(f"$2b$0{cost}$".encode(), False, True)]


def test_deactivated_is_told_only_to_who_knows_the_password(api: Api, ada: User) -> None:
    """403 account_disabled with the right one, 401 with any other."""
    with transaction():
        db.session.execute(text("UPDATE users SET is_active = false"))
    assert login(api, password="not this one").json["code"] == "invalid_credentials"
    answer = login(api)
    assert (answer.status_code, answer.json["code"]) == (403, "account_disabled")
    entries = db.session.execute(text("SELECT action, actor_id, object_id FROM audit_entries ORDER BY id")).all()
    assert [tuple(entry) for entry in entries] == [
        ("auth.login_failed", None, ada.id),
        ("auth.login_refused", ada.id, ada.id),
    ]


def test_composed_and_decomposed_letters_are_one_password(api: Api) -> None:
    """AU-09: registered with a combining accent, signed in with the single letter."""
    fields = {"email": EMAIL, "first_name": "Ada", "last_name": "W"}
    assert api.post("/api/auth/register", fields | {"password": "cafe\u0301 au lait"}).status_code == 201
    assert login(api, password="caf\u00e9 au lait").status_code == 200


def write_elsewhere() -> None:
    """Write by a connection of one's own."""
    with db.engine.connect() as other:
        other.execute(text("UPDATE users SET bio = 'written meanwhile'"))
        other.commit()


def in_context(app: Flask, work: Callable[[], None]) -> None:
    """Do something in a thread of its own."""
    with app.app_context():
        work()


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.test"])
def test_nothing_is_locked_while_a_password_is_checked(
    app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    """Another connection writes while the login stands in its hash."""
    real = bcrypt.checkpw

    def slow(password: bytes, hashed: bytes) -> bool:
        with ThreadPoolExecutor(1) as other:
            other.submit(in_context, app, write_elsewhere).result(5)
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", slow)
    assert login(api, email).status_code == (200 if email == EMAIL else 401)
    assert api.get("/api/users/me", token=token_for(ada)).json["bio"] == "written meanwhile"


def test_a_flood_of_logins_waits_in_a_short_line(app: Flask, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hash, two wait; the next two are sent away at once, and everybody else is served meanwhile."""
    real, let_go, began = bcrypt.checkpw, threading.Event(), threading.Semaphore(0)

    def held(password: bytes, hashed: bytes) -> bool:
        began.release()
        assert let_go.wait(10)
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", held)
    with ThreadPoolExecutor(4) as callers:
        waiting = [callers.submit(login, Api(app.test_client())) for _ in range(4)]
        assert all(began.acquire(timeout=10) for _ in range(2))
        until(lambda: passwords.turns.places._value == 0)
        assert not began.acquire(timeout=0.1)
        for email in (EMAIL, "nobody@example.test"):
            busy = login(Api(app.test_client()), email)
            assert (busy.status_code, busy.json["code"], busy.headers["Retry-After"]) == (503, "busy", "1")
        assert Api(app.test_client()).get("/api/services").status_code == 200
        let_go.set()
        assert [one.result().status_code for one in waiting] == [200] * 4
    assert login(Api(app.test_client())).status_code == 200


def until(happened: Callable[[], bool]) -> None:
    """Wait for what other threads do, ten seconds at most."""
    for _ in range(1000):
        if happened():
            return
        threading.Event().wait(0.01)
    raise AssertionError("It did not happen.")


def test_a_raised_cost_is_applied_at_the_next_login(
    app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The password stays; only the hash changes, and only upwards."""
    for cost, stored in ((6, "$2b$06$"), (5, "$2b$06$")):
        monkeypatch.setitem(app.config, "BCRYPT_ROUNDS", cost)
        assert login(api, password="not this one").status_code == 401
        assert login(api).status_code == 200
        found = str(db.session.scalar(text("SELECT password_hash FROM users")))
        db.session.commit()
        assert found.startswith(stored)
    assert login(api).status_code == 200


def test_a_login_waits_for_no_new_hash(app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where too many are being made already, the old one stays until the next login."""

    def busy(_password: str) -> str:
        raise passwords.Busy

    monkeypatch.setitem(app.config, "BCRYPT_ROUNDS", 5)
    monkeypatch.setattr("app.auth.service.hash_password", busy)
    assert login(api).status_code == 200
    assert str(db.session.scalar(text("SELECT password_hash FROM users"))).startswith("$2b$04$")


def test_a_hundred_wrong_passwords_in_a_row_are_the_most(api: Api, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """AU-15, AU-19: then none is tried for a day; the lock ends by itself, and living sessions never notice it."""
    assert confirmation.MOST_FAILURES == 100
    monkeypatch.setattr(confirmation, "MOST_FAILURES", 10)
    now = utcnow()
    with clock.frozen(now):
        token = token_for(ada)
        for _ in range(9):
            login(api, password="not this one")
        assert login(api).status_code == 200
        for _ in range(10):
            login(api, password="not this one")
        locked = login(api)
        assert (locked.status_code, locked.json["code"]) == (401, "invalid_credentials")
        assert api.get("/api/users/me", token=token).status_code == 200
    with clock.frozen(now + timedelta(hours=23, minutes=59)):
        assert login(api).status_code == 401
    with clock.frozen(now + timedelta(hours=24)):
        assert login(api).status_code == 200


def test_a_password_changed_meanwhile_lets_nobody_in(
    app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old one was right when it was checked, and is not when the session would begin."""
    real = bcrypt.checkpw

    def slow(password: bytes, hashed: bytes) -> bool:
        with transaction():
            db.session.execute(text("UPDATE users SET password_hash = 'another'"))
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", slow)
    assert login(api).status_code == 401
    assert db.session.scalar(text("SELECT count(*) FROM auth_sessions")) == 0


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        ({"email": None}, "email"),
        ({"email": ""}, "email"),
        ({"email": "a\u0000b@x.test"}, "email"),
        ({"email": "x" * 255}, "email"),
        ({"email": {"$ne": ""}}, "email"),
        ({"password": None}, "password"),
        ({"password": "correct horse battery\u0000"}, "password"),
        ({"password": ["correct horse battery"]}, "password"),
        ({"remember": True}, "remember"),
        ({"role": "admin"}, "role"),
    ],
)
def test_wrong_shapes(api: Api, ada: User, fields: dict[str, Any], field: str) -> None:
    """AU-10: 422 with the field named."""
    answer = api.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD} | fields)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_passwords_are_exact(api: Api, ada: User) -> None:
    """Case, spaces and ends count; an empty one is nobody's."""
    for typed in ("", PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1]):
        assert login(api, password=typed).status_code == 401


def test_registering_locks_nothing_while_it_hashes(
    app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection writes while the new password stands in its hash."""
    real = bcrypt.hashpw

    def slow(password: bytes, salt: bytes) -> bytes:
        with ThreadPoolExecutor(1) as other:
            other.submit(in_context, app, write_elsewhere).result(5)
        return bytes(real(password, salt))

    monkeypatch.setattr("bcrypt.hashpw", slow)
    fields = {"email": "b@x.test", "password": PASSWORD, "first_name": "B", "last_name": "C"}
    assert api.post("/api/auth/register", fields).status_code == 201
    assert api.get("/api/users/me", token=token_for(ada)).json["bio"] == "written meanwhile"
