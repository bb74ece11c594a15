"""`/api/services/assignments`: who performs what, at which own price and in which own time."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Assignment, Role, Service, Staff
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import assign, make_service, make_space, make_staff, make_user, token_for

PATH = "/api/services/assignments"


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def service(app: Flask) -> Service:
    """A service."""
    return make_service()


@pytest.fixture
def staff(app: Flask) -> Staff:
    """A staff member who performs nothing yet."""
    return make_staff()


def counted() -> int:
    """Count the assignments."""
    count = db.session.query(Assignment).count()
    db.session.commit()
    return count


def test_assigning(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Without own terms, those of the service apply."""
    answer = api.post(PATH, json={"staff_id": staff.id, "service_id": service.id}, token=admin)
    assert answer.status_code == 201, answer.json
    made = answer.json
    bare = {"staff_id": staff.id, "service_id": service.id, "price": None, "duration_minutes": None}
    assert made == bare | {"id": made["id"]}
    assert api.get(answer.headers["Location"], token=admin).json["items"] == [made]
    assert api.get(PATH, token=admin).json["items"] == [made]
    performers = api.get(f"/api/services/{service.id}/staff").json["items"]
    assert [one["id"] for one in performers] == [staff.id]


def test_own_terms_come_and_go(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Zero is a price; null is the service's again; what is left out stays."""
    body = {"staff_id": staff.id, "service_id": service.id, "price": {"amount": 0}, "duration_minutes": 1440}
    made = api.post(PATH, json=body, token=admin).json
    assert (made["price"], made["duration_minutes"]) == ({"amount": 0, "currency": "KES"}, 1440)
    path = f"{PATH}/{made['id']}"
    assert api.patch(path, json={"duration_minutes": 1}, token=admin).json == made | {"duration_minutes": 1}
    assert api.patch(path, json={"price": None}, token=admin).json == made | {"duration_minutes": 1, "price": None}
    both = {"price": {"amount": 7, "currency": "KES"}, "duration_minutes": None}
    assert api.patch(path, json=both, token=admin).json == made | both
    assert api.patch(path, json={}, token=admin).json == made | both


def test_explicit_nulls_are_the_services_terms(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Sending null is leaving out."""
    body = {"staff_id": staff.id, "service_id": service.id, "price": None, "duration_minutes": None}
    made = api.post(PATH, json=body, token=admin)
    assert (made.status_code, made.json["price"], made.json["duration_minutes"]) == (201, None, None)


def test_twice(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """409, and the first keeps its terms."""
    first = assign(staff, service, price_amount=5)
    body = {"staff_id": staff.id, "service_id": service.id, "price": {"amount": 6}}
    answer = api.post(PATH, json=body, token=admin)
    assert (answer.status_code, answer.json["code"]) == (409, "already_assigned")
    (found,) = api.get(PATH, token=admin).json["items"]
    assert (found["id"], found["price"]["amount"]) == (first.id, 5)


def test_many_times_at_once(app: Flask, admin: str, service: Service, staff: Staff) -> None:
    """One is first, the others are told."""
    body = {"staff_id": staff.id, "service_id": service.id}

    def ask(_nth: int) -> tuple[int, str]:
        answer = Api(app.test_client()).post(PATH, json=body, token=admin)
        return answer.status_code, answer.json.get("code", "")

    with ThreadPoolExecutor(8) as pool:
        found = sorted(pool.map(ask, range(8)))
    assert found == [(201, ""), *[(409, "already_assigned")] * 7]
    assert counted() == 1


def test_ids_that_name_nothing(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """404 naming the field; a space's id is no staff member's."""
    space = make_space()
    for wrong, field in (
        ({"staff_id": 999_999_999}, "staff_id"),
        ({"staff_id": space.id}, "staff_id"),
        ({"staff_id": 2**63 - 1}, "staff_id"),
        ({"service_id": 999_999_999}, "service_id"),
    ):
        answer = api.post(PATH, json={"staff_id": staff.id, "service_id": service.id} | wrong, token=admin)
        assert (answer.status_code, answer.json["code"], list(answer.json["errors"])) == (404, "not_found", [field])
    assert counted() == 0
    for method in ("PATCH", "DELETE"):
        answer = api.call(method, f"{PATH}/999999999", json={} if method == "PATCH" else None, token=admin)
        assert answer.status_code == 404


@refused_by_shape
@each_case(
    ("wrong", "field"),
    [
        ({"staff_id": None}, "staff_id"),
        ({"staff_id": 0}, "staff_id"),
        ({"service_id": 2**63}, "service_id"),
        ({"service_id": "1"}, "service_id"),
        ({"price": {"amount": -1}}, "price.amount"),
        ({"price": {"amount": 1, "currency": "EUR"}}, "price.currency"),
        ({"price": 5}, "price"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 1441}, "duration_minutes"),
        ({"currency": "KES"}, "currency"),
    ],
)
def test_wrong_shapes(api: Api, admin: str, service: Service, staff: Staff, wrong: dict[str, Any], field: str) -> None:
    """422 naming the field; nothing is written."""
    answer = api.post(PATH, json={"staff_id": staff.id, "service_id": service.id} | wrong, token=admin)
    assert (answer.status_code, list(answer.json["errors"]), counted()) == (422, [field], 0)


def test_an_assignment_does_not_move(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Who and what are fixed; another one is another assignment."""
    made = assign(staff, service)
    for field in ("staff_id", "service_id"):
        answer = api.patch(f"{PATH}/{made.id}", json={field: 1}, token=admin)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])


def test_removing(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """Gone at once, and can be made again."""
    made = assign(staff, service)
    assert api.delete(f"{PATH}/{made.id}", token=admin).status_code == 204
    assert api.get(f"/api/services/{service.id}/staff").json["items"] == []
    assert api.delete(f"{PATH}/{made.id}", token=admin).status_code == 404
    assert api.post(PATH, json={"staff_id": staff.id, "service_id": service.id}, token=admin).status_code == 201


def test_filters(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """By staff member, by service, by both; an unknown one is an empty list."""
    other = make_service()
    colleague = make_staff()
    one, two, three = assign(staff, service), assign(staff, other), assign(colleague, service)
    for query, found in (
        ({}, [one, two, three]),
        ({"sort": "-created_at"}, [three, two, one]),
        ({"staff_id": staff.id}, [one, two]),
        ({"service_id": service.id}, [one, three]),
        ({"staff_id": colleague.id, "service_id": other.id}, []),
        ({"staff_id": 999_999}, []),
    ):
        items = api.get(PATH, token=admin, query=query).json["items"]
        assert [item["id"] for item in items] == [row.id for row in found], query
