"""Two admins who remove each other at the same moment: exactly one is left, on both databases.

Whoever has found that another admin is left waits before acting, so that both would act if both could look. The
control looks without a lock, and shows that this very test sees the business lose its last admin.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Role, User
from app.transactions import reading
from app.users.admins import keep_an_admin
from app.users.service import changes, erasure
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, token_for

ROUNDS = 3
PAUSE = 0.4
"""Seconds that a winner waits for the other to look as well; less than any database waits for a lock."""

Removal = Callable[[Api, int, str], Any]

REMOVALS: dict[str, Removal] = {
    "demote": lambda api, user_id, token: api.patch(f"/api/users/{user_id}", {"role": "client"}, token=token),
    "deactivate": lambda api, user_id, token: api.patch(f"/api/users/{user_id}", {"is_active": False}, token=token),
    "delete": lambda api, user_id, token: api.delete(f"/api/users/{user_id}", token=token),
}


@pytest.fixture
def meeting() -> Iterator[threading.Barrier]:
    """Where whoever has looked waits for the other."""
    barrier = threading.Barrier(2)
    yield barrier
    barrier.abort()


def wait_at(meeting: threading.Barrier) -> None:
    """Wait until the other has looked as well, but not for long: it may have to wait for us."""
    try:
        meeting.wait(PAUSE)
    except threading.BrokenBarrierError:
        meeting.reset()


def look_without_a_lock(user_id: int) -> User:
    """Read an account and hold nothing: check, then act."""
    db.session.rollback()
    with reading():
        return db.session.get_one(User, user_id, populate_existing=True)


def remove_each_other(app: Flask, remove: Removal) -> tuple[list[int], int]:
    """Let two admins remove each other; return the statuses, sorted, and how many active admins are left."""
    admins = [make_user(Role.ADMIN, password_hash=PASSWORD_HASH) for _ in range(2)]
    tokens = [token_for(admin) for admin in admins]
    statuses: list[int] = []
    start = threading.Barrier(2)

    def act(of: User, token: str) -> None:
        start.wait(5)
        statuses.append(remove(Api(app.test_client()), of.id, token).status_code)

    pairs = zip(admins[::-1], tokens, strict=True)
    threads = [threading.Thread(target=act, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    left = select(User).where(User.role == Role.ADMIN, User.is_active).execution_options(populate_existing=True)
    remaining = db.session.scalars(left).all()
    db.session.rollback()
    retire(remaining)
    return sorted(statuses), len(remaining)


def retire(admins: Any) -> None:
    """Take the admins of a round out of the next one's way."""
    for admin in admins:
        admin.is_active = False
    db.session.add_all(admins)
    db.session.commit()


@pytest.mark.parametrize("way", REMOVALS)
def test_one_of_two_admins_is_left(
    app: Flask, dialect: str, way: str, meeting: threading.Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AZ-16: one is removed; the other is told that it is the last, or, where writers stand in line from the start (on
    SQLite), that it has been removed already."""

    def look_and_wait(user: User) -> None:
        keep_an_admin(user)
        wait_at(meeting)

    monkeypatch.setattr(changes, "keep_an_admin", look_and_wait)
    expected = [204 if way == "delete" else 200, 409 if dialect == "postgresql" else 401]
    for _ in range(ROUNDS):
        assert remove_each_other(app, REMOVALS[way]) == (expected, 1)


def test_one_of_two_who_erase_themselves_is_left(
    app: Flask, meeting: threading.Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AZ-16: whoever leaves last is told to stay."""

    def look_and_wait(user: User) -> None:
        keep_an_admin(user)
        wait_at(meeting)

    def erase(api: Api, _other_id: int, token: str) -> Any:
        return api.post("/api/users/me/erase", {"password": PASSWORD}, token=token)

    monkeypatch.setattr(erasure, "keep_an_admin", look_and_wait)
    for _ in range(ROUNDS):
        assert remove_each_other(app, erase) == ([204, 409], 1)


def test_without_the_lock_the_race_is_seen(
    app: Flask, meeting: threading.Barrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: both look, both act, nobody is left."""

    def look_let_go_and_wait(user: User) -> None:
        with reading():
            keep_an_admin(user)
        wait_at(meeting)

    monkeypatch.setattr(changes, "lock_account", look_without_a_lock)
    monkeypatch.setattr(changes, "keep_an_admin", look_let_go_and_wait)
    for _ in range(ROUNDS):
        assert remove_each_other(app, REMOVALS["demote"]) == ([200, 200], 0)
