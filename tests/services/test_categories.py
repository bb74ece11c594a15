"""`/api/services/categories`: the headings of the catalogue."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Category, Role
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_category, make_service, make_user, token_for

PATH = "/api/services/categories"


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def names(api: Api, **query: Any) -> list[str]:
    """List the categories' names."""
    return [one["name"] for one in api.get(PATH, query=query).json["items"]]


def test_a_category_is_made_changed_and_removed(api: Api, admin: str) -> None:
    """With defaults, and 404 once it is gone."""
    made = api.post(PATH, json={"name": "Nails"}, token=admin)
    assert made.status_code == 201
    assert made.json == {"id": made.json["id"], "name": "Nails", "description": "", "position": 0}
    assert api.get(made.headers["Location"]).json["items"] == [made.json]
    path = f"{PATH}/{made.json['id']}"
    change = {"name": "Hands", "description": "All of\nthem", "position": 3}
    assert api.patch(path, json=change, token=admin).json == made.json | change
    assert api.delete(path, token=admin).status_code == 204
    assert names(api) == []
    assert api.delete(path, token=admin).status_code == 404
    assert api.patch(path, json=change, token=admin).status_code == 404


def test_sorts(api: Api) -> None:
    """By position, then as they came; by name; both ways, page by page."""
    for name, position in (("C", 1), ("A", 2), ("B", 1)):
        make_category(name, position=position)
    assert names(api) == ["C", "B", "A"]
    assert names(api, sort="-position") == ["A", "B", "C"]
    assert names(api, sort="name") == ["A", "B", "C"]
    first = api.get(PATH, query={"limit": 2, "include_total": "true"}).json
    assert (first["total"], names(api, cursor=first["next_cursor"])) == (3, ["A"])


def test_a_name_is_given_once(api: Api, admin: str) -> None:
    """409 on creation and on renaming, and both stay as they were; a name of its own is no conflict."""
    make_category("Hair")
    nails = make_category("Nails")
    answers = [
        api.post(PATH, json={"name": "Hair"}, token=admin),
        api.patch(f"{PATH}/{nails.id}", json={"name": "Hair", "position": 9}, token=admin),
    ]
    assert [(a.status_code, a.json["code"]) for a in answers] == [(409, "category_exists")] * 2
    assert [(c["name"], c["position"]) for c in api.get(PATH).json["items"]] == [("Hair", 0), ("Nails", 0)]
    assert api.patch(f"{PATH}/{nails.id}", json={"name": "Nails"}, token=admin).status_code == 200


def test_a_category_in_use_stays(api: Api, admin: str) -> None:
    """Retired services count as well: their history names it."""
    hair = make_category("Hair")
    make_service(category=hair, active=False)
    answer = api.delete(f"{PATH}/{hair.id}", token=admin)
    assert (answer.status_code, answer.json["code"], names(api)) == (409, "category_in_use", ["Hair"])


@refused_by_shape
@each_case(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "A", "position": -1}, "position"),
        ({"name": "A", "position": 10_001}, "position"),
        ({"name": "A", "description": "x" * 1001}, "description"),
        ({"name": "A", "id": 1}, "id"),
    ],
)
def test_wrong_shapes(api: Api, admin: str, body: dict[str, Any], field: str) -> None:
    """422 naming the field; nothing is written."""
    answer = api.post(PATH, json=body, token=admin)
    assert (answer.status_code, list(answer.json["errors"]), names(api)) == (422, [field], [])


def test_first_used_by_many_at_once(app: Flask, api: Api, admin: str) -> None:
    """Eight services name a new category at the same moment: all are made, the category once."""
    body = {"name": "Cut", "category": "Brand new", "duration_minutes": 30, "price": {"amount": 1}}

    def create(_nth: int) -> int:
        status: int = Api(app.test_client()).post("/api/services", json=body, token=admin).status_code
        return status

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(create, range(8))) == [201] * 8
    assert names(api) == ["Brand new"]
    assert db.session.query(Category).count() == 1
    db.session.commit()


def test_made_by_many_at_once(app: Flask, api: Api, admin: str) -> None:
    """One is first, the others are told."""

    def create(_nth: int) -> tuple[int, str]:
        answer = Api(app.test_client()).post(PATH, json={"name": "Same"}, token=admin)
        return answer.status_code, answer.json.get("code", "")

    with ThreadPoolExecutor(6) as pool:
        found = sorted(pool.map(create, range(6)))
    assert found == [(201, ""), *[(409, "category_exists")] * 5]
    assert names(api) == ["Same"]


def test_removed_while_somebody_uses_it(app: Flask, api: Api, admin: str) -> None:
    """Either it is in use and stays, or it is gone and the service's is a new one; ten rounds."""
    body = {"name": "Cut", "duration_minutes": 30, "price": {"amount": 1}}
    for nth in range(10):
        category = make_category(f"Round {nth}")
        gate = threading.Barrier(2)

        def ask(method: str, category: Category = category, gate: threading.Barrier = gate) -> int:
            own = Api(app.test_client())
            gate.wait()
            if method == "DELETE":
                answer = own.delete(f"{PATH}/{category.id}", token=admin)
            else:
                answer = own.post("/api/services", json=body | {"category": category.name}, token=admin)
            status: int = answer.status_code
            return status

        with ThreadPoolExecutor(2) as pool:
            removed, made = pool.map(ask, ("DELETE", "POST"))
        assert (made, removed) in {(201, 204), (201, 409)}
        assert names(api).count(category.name) == 1
