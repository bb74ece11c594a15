"""`POST /api/auth/login`: the right password lets in, everything else tells nothing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt
import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import User
from app.security import passwords
from app.security.passwords import hash_password
from app.transactions import transaction
from tests.api import Api
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
    monkeypatch.setattr("app.auth.service.verify_password", spy)
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


def test_at_most_two_hashes_at_once(app: Flask, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six logins at the same moment: never more than two in bcrypt."""
    lock, inside, most = threading.Lock(), [0], [0]
    real = bcrypt.checkpw

    def counted(password: bytes, hashed: bytes) -> bool:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        threading.Event().wait(0.05)
        with lock:
            inside[0] -= 1
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", counted)
    callers = [threading.Thread(target=login, args=(Api(app.test_client()),)) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert most == [2]


@pytest.mark.parametrize(
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
