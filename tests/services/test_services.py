"""`/api/services`: making, changing and retiring services."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Category, Role, Service
from tests.api import Api
from tests.cases import each_case
from tests.conftest import make_application
from tests.databases import Copy, refused_by_shape
from tests.factories import make_category, make_service, make_user, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
LARGEST = 10**15
REQUIRED = {"name": "Cut", "category": "Hair", "duration_minutes": 45, "price": {"amount": 150_000}}
DEFAULTS = {
    "name": "Cut",
    "description": "",
    "category": "Hair",
    "duration_minutes": 45,
    "buffer_before_minutes": 0,
    "buffer_after_minutes": 0,
    "price": {"amount": 150_000, "currency": "KES"},
    "deposit": {"type": "none", "value": 0},
    "requires_approval": False,
    "min_notice_minutes": 0,
    "max_advance_days": 365,
    "cancellation_window_minutes": 1440,
    "rebook_after_days": None,
    "active": True,
    "rating": {"count": 0, "average": None},
    "version": 1,
    "created_at": "2030-01-07T06:00:00Z",
}
EVERYTHING: dict[str, Any] = {
    "name": "Colour",
    "description": "Two hours.\nBring a book.",
    "category": "Colour",
    "duration_minutes": 120,
    "buffer_before_minutes": 5,
    "buffer_after_minutes": 10,
    "price": {"amount": 900_000, "currency": "KES"},
    "deposit": {"type": "percent", "value": 20},
    "requires_approval": True,
    "min_notice_minutes": 60,
    "max_advance_days": 30,
    "cancellation_window_minutes": 120,
    "rebook_after_days": 42,
    "active": False,
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


def counted() -> tuple[int, int]:
    """Count services and categories."""
    counts = db.session.query(Service).count(), db.session.query(Category).count()
    db.session.commit()
    return counts


def test_only_the_required_fields(api: Api, admin: str) -> None:
    """Every default of the contract."""
    answer = api.post("/api/services", json=REQUIRED, token=admin)
    assert answer.status_code == 201, answer.json
    assert answer.json == {"id": answer.json["id"]} | DEFAULTS
    assert answer.headers["Location"] == f"/api/services/{answer.json['id']}"
    assert api.get(answer.headers["Location"]).json == answer.json
    assert [one["name"] for one in api.get("/api/services/categories").json["items"]] == ["Hair"]


def test_every_field(api: Api, admin: str) -> None:
    """What is sent is what is shown."""
    answer = api.post("/api/services", json=EVERYTHING, token=admin)
    assert answer.status_code == 201, answer.json
    shown = {"id": answer.json["id"], "rating": DEFAULTS["rating"], "version": 1, "created_at": DEFAULTS["created_at"]}
    assert answer.json == shown | EVERYTHING


@each_case(("name", "value"), EVERYTHING.items())
def test_each_field_can_be_changed_alone(api: Api, admin: str, name: str, value: Any) -> None:
    """The rest stays, and the version counts."""
    made = api.post("/api/services", json=REQUIRED, token=admin).json
    answer = api.patch(f"/api/services/{made['id']}", json={name: value}, token=admin)
    assert answer.status_code == 200, answer.json
    assert answer.json == made | {name: value, "version": 2}
    assert api.get(f"/api/services/{made['id']}").json == answer.json


@pytest.mark.parametrize("body", [{}, REQUIRED, {"rebook_after_days": None, "deposit": {"type": "none", "value": 0}}])
def test_a_change_to_the_same_keeps_the_version(api: Api, admin: str, body: dict[str, Any]) -> None:
    """Nothing changed, nothing counted."""
    made = api.post("/api/services", json=REQUIRED, token=admin).json
    assert api.patch(f"/api/services/{made['id']}", json=body, token=admin).json == made


def test_a_number_can_be_taken_back_to_null(api: Api, admin: str) -> None:
    """`rebook_after_days` is the one field that may be null."""
    made = api.post("/api/services", json=EVERYTHING, token=admin).json
    answer = api.patch(f"/api/services/{made['id']}", json={"rebook_after_days": None}, token=admin)
    assert answer.json["rebook_after_days"] is None


def test_retiring(api: Api, admin: str) -> None:
    """Gone from lists, readable by id, offered again by PATCH; retiring twice changes nothing more."""
    service = make_service(name="Old")
    path = f"/api/services/{service.id}"
    for _ in range(2):
        assert api.delete(path, token=admin).status_code == 204
        assert (api.get(path).json["active"], api.get(path).json["version"]) == (False, 2)
    staff, client = token_for(make_user(Role.STAFF)), token_for(make_user())

    def names(token: str | None, **query: str) -> list[str]:
        return [one["name"] for one in api.get("/api/services", token=token, query=query).json["items"]]

    for token in (None, client, staff, admin):
        assert names(token) == []
        assert names(token, active="true") == []
        assert names(token, active="false") == (["Old"] if token in {staff, admin} else [])
    assert api.patch(path, json={"active": True}, token=admin).status_code == 200
    assert names(None) == ["Old"]


@each_case("method", ["GET", "PATCH", "DELETE"])
def test_what_is_not_there(api: Api, admin: str, method: str) -> None:
    """404, whatever is asked of it."""
    answer = api.call(method, "/api/services/999999999", json={} if method == "PATCH" else None, token=admin)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


BLANK = " \u200b "
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": None}, "name"),
    ({"name": ""}, "name"),
    ({"name": BLANK}, "name"),
    ({"name": 7}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "nul\0"}, "name"),
    ({"name": "two\nlines"}, "name"),
    ({"description": "x" * 5001}, "description"),
    ({"description": None}, "description"),
    ({"category": ""}, "category"),
    ({"category": "x" * 101}, "category"),
    ({"category": 5}, "category"),
    ({"duration_minutes": 0}, "duration_minutes"),
    ({"duration_minutes": 1441}, "duration_minutes"),
    ({"duration_minutes": "45"}, "duration_minutes"),
    ({"duration_minutes": 45.0}, "duration_minutes"),
    ({"duration_minutes": True}, "duration_minutes"),
    ({"buffer_before_minutes": -1}, "buffer_before_minutes"),
    ({"buffer_after_minutes": 1441}, "buffer_after_minutes"),
    ({"price": 45}, "price"),
    ({"price": None}, "price"),
    ({"price": {}}, "price.amount"),
    ({"price": {"amount": -1}}, "price.amount"),
    ({"price": {"amount": 1.5}}, "price.amount"),
    ({"price": {"amount": LARGEST + 1}}, "price.amount"),
    ({"price": {"amount": 10**400}}, "price.amount"),
    ({"price": {"amount": 1, "currency": "USD"}}, "price.currency"),
    ({"price": {"amount": 1, "currency": "kes"}}, "price.currency"),
    ({"price": {"amount": 1, "tip": 1}}, "price.tip"),
    ({"deposit": None}, "deposit"),
    ({"deposit": {"type": "percent"}}, "deposit.value"),
    ({"deposit": {"type": "percent", "value": 101}}, "deposit.value"),
    ({"deposit": {"type": "fixed", "value": -1}}, "deposit.value"),
    ({"deposit": {"type": "half", "value": 1}}, "deposit.type"),
    ({"requires_approval": "true"}, "requires_approval"),
    ({"requires_approval": 1}, "requires_approval"),
    ({"min_notice_minutes": -1}, "min_notice_minutes"),
    ({"min_notice_minutes": 2**63}, "min_notice_minutes"),
    ({"max_advance_days": 0}, "max_advance_days"),
    ({"max_advance_days": 3661}, "max_advance_days"),
    ({"cancellation_window_minutes": 2**31}, "cancellation_window_minutes"),
    ({"rebook_after_days": 0}, "rebook_after_days"),
    ({"active": None}, "active"),
    ({"id": 1}, "id"),
    ({"version": 1}, "version"),
    ({"colour": "red"}, "colour"),
]


@refused_by_shape
@each_case(("wrong", "field"), WRONG)
def test_wrong_shapes(api: Api, admin: str, wrong: dict[str, Any], field: str) -> None:
    """422 naming the field, on creation and on change; nothing is written."""
    service = make_service()
    before, path = counted(), f"/api/services/{service.id}"
    shown = api.get(path).json
    made, changed = (
        api.post("/api/services", json=REQUIRED | wrong, token=admin),
        api.patch(path, json=wrong, token=admin),
    )
    for answer in (made, changed):
        assert (answer.status_code, answer.json["code"]) == (422, "validation_failed"), answer.json
        assert list(answer.json["errors"]) == [field]
    assert counted() == before
    assert api.get(path).json == shown


@each_case("missing", REQUIRED)
def test_what_is_required(api: Api, admin: str, missing: str) -> None:
    """Each of the four is."""
    body = {name: value for name, value in REQUIRED.items() if name != missing}
    answer = api.post("/api/services", json=body, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [missing])
    assert counted() == (0, 0)


def test_the_largest_of_everything(api: Api, admin: str) -> None:
    """The bounds themselves are allowed, in both databases."""
    largest = {
        "name": "😀" * 200,
        "description": "ß" * 5000,
        "category": "é" * 100,
        "duration_minutes": 1440,
        "buffer_before_minutes": 1440,
        "buffer_after_minutes": 1440,
        "price": {"amount": LARGEST, "currency": "KES"},
        "deposit": {"type": "fixed", "value": LARGEST},
        "min_notice_minutes": 527_040,
        "max_advance_days": 3660,
        "cancellation_window_minutes": 527_040,
        "rebook_after_days": 3660,
    }
    answer = api.post("/api/services", json=largest, token=admin)
    assert answer.status_code == 201, answer.json
    assert answer.json | largest == answer.json


def test_a_refused_change_leaves_no_new_category(api: Api, admin: str) -> None:
    """A category is created by the change that names it, or not at all."""
    answer = api.patch("/api/services/999999", json={"category": "New"}, token=admin)
    assert (answer.status_code, counted()) == (404, (0, 0))


def test_a_category_still_in_use_keeps_its_other_services(api: Api, admin: str) -> None:
    """Moving one service to a new heading moves it alone."""
    moved, stays = make_service(category=make_category("Hair")), make_service(category=make_category("Hair"))
    api.patch(f"/api/services/{moved.id}", json={"category": "Nails"}, token=admin)
    found = [api.get(f"/api/services/{one.id}").json["category"] for one in (moved, stays)]
    assert (found, counted()) == (["Nails", "Hair"], (2, 2))


@pytest.fixture
def yen(app: Flask, applications: Callable[[str], tuple[Flask, Copy]], dialect: str) -> Iterator[Api]:
    """The API of a business in Tokyo, on the same database."""
    tokyo = make_application(applications(dialect)[1].url, BUSINESS_CURRENCY="JPY", BUSINESS_TIMEZONE="Asia/Tokyo")
    yield Api(tokyo.test_client())
    with tokyo.app_context():
        db.engine.dispose()


def test_a_business_without_minor_units(yen: Api, admin: str) -> None:
    """1,500 yen are 1500; shillings are refused."""
    answer = yen.post("/api/services", json=REQUIRED | {"price": {"amount": 1500}}, token=admin)
    assert answer.json["price"] == {"amount": 1500, "currency": "JPY"}
    refused = yen.post("/api/services", json=REQUIRED | {"price": {"amount": 1, "currency": "KES"}}, token=admin)
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["price.currency"])
    found = yen.get("/api/services", query={"price_min": 1500, "price_max": 1500}).json["items"]
    assert [one["price"] for one in found] == [{"amount": 1500, "currency": "JPY"}]


def test_created_at_is_the_moment_of_creation(api: Api, admin: str) -> None:
    """Later changes leave it."""
    made = api.post("/api/services", json=REQUIRED, token=admin).json
    with clock.frozen(NOW + timedelta(days=1)):
        tomorrow = token_for(make_user(Role.ADMIN))
        changed = api.patch(f"/api/services/{made['id']}", json={"name": "Other"}, token=tomorrow).json
    assert changed["created_at"] == made["created_at"]
