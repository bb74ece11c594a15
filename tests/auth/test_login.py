"""`POST /api/auth/login`: the right password lets in, everything else tells nothing."""

import threading
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
from tests.factories import make_user

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
    for answer in (wrong, unknown, none_set):
        assert answer.json.pop("request_id")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    bodies = [{**answer.json, "request_id": ""} for answer in (wrong, unknown, none_set)]
    assert bodies[0]["code"] == "invalid_credentials"
    assert bodies[0] == bodies[1] == bodies[2]


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


def test_nothing_is_locked_while_a_password_is_checked(
    app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection writes while the login stands in its hash."""
    hashing, written = threading.Event(), threading.Event()
    real = bcrypt.checkpw

    def slow(password: bytes, hashed: bytes) -> bool:
        hashing.set()
        assert written.wait(5)
        return bool(real(password, hashed))

    monkeypatch.setattr("bcrypt.checkpw", slow)

    def write() -> None:
        assert hashing.wait(5)
        with db.engine.connect() as other:
            other.execute(text("UPDATE users SET bio = 'written meanwhile'"))
            other.commit()
        written.set()

    writer = threading.Thread(target=in_context, args=(app, write))
    writer.start()
    answer = login(api)
    writer.join()
    assert answer.status_code == 200


def in_context(app: Flask, work: Any) -> None:
    """Do something in a thread of its own."""
    with app.app_context():
        work()


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
