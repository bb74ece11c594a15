"""Two who change one thing at the same moment, neither of them by `If-Match`: one after the other, and both count.

Nobody who asked for no version is told that the version has changed; who comes second changes what the first has left,
or finds it gone.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.diary.closures import Absence, add_closure, remove_closure
from app.extensions import db
from app.kit import clock
from app.models import Assignment, Category, Closure, Role, Staff
from app.services import service as catalogue
from app.transactions import transaction
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    assign,
    make_category,
    make_service,
    make_staff,
    make_user,
    token_for,
)
from tests.races.standing import overtaken

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)

MAKERS: dict[str, Callable[[], Any]] = {
    "/api/services": make_service,
    "/api/services/categories": lambda: make_category("Old"),
    "/api/services/assignments": lambda: assign(make_staff(), make_service()),
    "/api/staff": make_staff,
}

CHANGES: dict[str, tuple[tuple[str, Any], tuple[str, Any]]] = {
    # of what: what the first one sets, in the table, and the second one, by the API
    "/api/services": (("description", "First"), ("name", "Second")),
    "/api/services/categories": (("description", "First"), ("name", "Second")),
    "/api/services/assignments": (("duration_minutes", 15), ("price", {"amount": 5, "currency": "KES"})),
    "/api/staff": (("bio", "First"), ("name", "Second")),
}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def write(thing: Any, name: str, value: Any) -> None:
    """Change a field of a thing, and hold it."""
    setattr(db.session.get_one(type(thing), thing.id, populate_existing=True), name, value)
    db.session.flush()


@pytest.mark.parametrize("path", CHANGES)
def test_two_changes_of_one_thing(app: Flask, admin: str, path: str) -> None:
    """200, and what the first one has changed is still there and shown."""
    thing, (first, second) = MAKERS[path](), CHANGES[path]
    answer = overtaken(
        app,
        lambda: write(thing, *first),
        lambda api: api.patch(f"{path}/{thing.id}", dict([second]), token=admin),
    )
    assert answer.status_code == 200, answer.json
    assert {name: answer.json[name] for name, _ in (first, second)} == dict([first, second])


@pytest.mark.parametrize("path", CHANGES)
def test_removing_what_is_being_changed(app: Flask, admin: str, path: str) -> None:
    """204: the removal comes after the change."""
    thing, (first, _) = MAKERS[path](), CHANGES[path]
    answer = overtaken(app, lambda: write(thing, *first), lambda api: api.delete(f"{path}/{thing.id}", token=admin))
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize(
    ("path", "kind"),
    [(p, k) for p, k in (("/api/services/categories", Category), ("/api/services/assignments", Assignment))],
)
def test_what_is_being_removed(app: Flask, admin: str, path: str, kind: type[Any], method: str) -> None:
    """404: it is gone by then."""
    thing, (_, second) = MAKERS[path](), CHANGES[path]
    body = dict([second]) if method == "PATCH" else None
    answer = overtaken(
        app,
        lambda: db.session.execute(delete(kind).where(kind.id == thing.id)),
        lambda api: api.call(method, f"{path}/{thing.id}", json=body, token=admin),
    )
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_time_off_that_is_being_given_back(app: Flask, admin: str) -> None:
    """Twice at once: 204 and 404."""
    staff = make_staff()
    with transaction():
        absence = Absence(NOW, NOW + timedelta(hours=1))
        closure, _ = add_closure(resource_id=staff.id, absence=absence, force=False, actor_id=None)
    answer = overtaken(
        app,
        lambda: remove_closure(staff.id, closure.id),
        lambda api: api.delete(f"/api/staff/{staff.id}/time-off/{closure.id}", token=admin),
    )
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")
    assert list(db.session.scalars(select(Closure))) == []


def test_a_staff_member_whose_account_is_being_erased(app: Flask) -> None:
    """The account's owner leaves while an admin changes the profile: both are done."""
    user = make_user(Role.STAFF, password_hash=PASSWORD_HASH)
    staff = make_staff(user_id=user.id, phone="+254700000000")
    token = token_for(user)
    answer = overtaken(
        app,
        lambda: write(staff, "bio", "First"),
        lambda api: api.post("/api/users/me/erase", {"password": PASSWORD}, token=token),
    )
    assert answer.status_code == 204, answer.json
    after = db.session.get_one(Staff, staff.id, populate_existing=True)
    assert (after.bio, after.phone, after.user_id) == ("First", None, None)


@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start
def test_without_the_lock_the_race_is_seen(app: Flask, admin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: read, then write; the version counter refuses what nobody asked it to."""
    thing = make_service()
    monkeypatch.setattr(catalogue, "locked", lambda kind, service_id, *_options: db.session.get_one(kind, service_id))
    answer = overtaken(
        app,
        lambda: write(thing, "description", "First"),
        lambda api: api.patch(f"/api/services/{thing.id}", {"name": "Second"}, token=admin),
    )
    assert (answer.status_code, answer.json["code"]) == (412, "version_conflict")
