"""`/api/products/categories`: the headings of the shop."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import ProductCategory
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product

PATH = "/api/products/categories"
ROUNDS = 5


def make_heading(name: str, position: int = 0) -> ProductCategory:
    """Write a category of products."""
    category = ProductCategory(name=name, position=position)
    with transaction():
        db.session.add(category)
    return category


def names(api: Api, **query: Any) -> list[str]:
    """List the categories' names."""
    return [one["name"] for one in api.get(PATH, query=query).json["items"]]


def test_a_category_is_made_changed_and_removed(api: Api, admin: str) -> None:
    """With defaults, and 404 once it is gone."""
    made = api.post(PATH, json={"name": "Care"}, token=admin)
    assert made.status_code == 201
    assert made.json == {"id": made.json["id"], "name": "Care", "description": "", "position": 0}
    assert api.get(made.headers["Location"]).json["items"] == [made.json]
    path, change = f"{PATH}/{made.json['id']}", {"name": "Hands", "description": "All of\nthem", "position": 3}
    assert api.patch(path, json=change, token=admin).json == made.json | change
    assert api.delete(path, token=admin).status_code == 204
    assert names(api) == []
    assert api.delete(path, token=admin).status_code == 404
    assert api.patch(path, json=change, token=admin).status_code == 404


def test_sorts(api: Api) -> None:
    """By position, then as they came; by name; both ways, page by page."""
    for name, position in (("C", 1), ("A", 2), ("B", 1)):
        make_heading(name, position)
    assert names(api) == ["C", "B", "A"]
    assert names(api, sort="-position") == ["A", "B", "C"]
    assert names(api, sort="name") == ["A", "B", "C"]
    first = api.get(PATH, query={"limit": 2, "include_total": "true"}).json
    assert (first["total"], names(api, cursor=first["next_cursor"])) == (3, ["A"])


def test_a_name_is_given_once(api: Api, admin: str) -> None:
    """409 on creation and on renaming, and both stay as they were; a name of its own is no conflict."""
    make_heading("Care")
    hands = make_heading("Hands")
    answers = [
        api.post(PATH, json={"name": "Care"}, token=admin),
        api.patch(f"{PATH}/{hands.id}", json={"name": "Care", "position": 9}, token=admin),
    ]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(409, "category_exists")] * 2
    assert [(one["name"], one["position"]) for one in api.get(PATH).json["items"]] == [("Care", 0), ("Hands", 0)]
    assert api.patch(f"{PATH}/{hands.id}", json={"name": "Hands"}, token=admin).status_code == 200


def test_a_category_in_use_stays(api: Api, admin: str) -> None:
    """Retired products count as well."""
    care = make_heading("Care")
    make_product(category_id=care.id, active=False)
    answer = api.delete(f"{PATH}/{care.id}", token=admin)
    assert (answer.status_code, answer.json["code"], names(api)) == (409, "category_in_use", ["Care"])


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
    """Eight products name a new category at the same moment: all are made, the category once."""

    def create(nth: int) -> int:
        body = {"sku": f"S{nth}", "name": "Soap", "price": {"amount": 1}, "category": "Brand new"}
        return int(Api(app.test_client()).post("/api/products", json=body, token=admin).status_code)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(create, range(8))) == [201] * 8
    assert names(api) == ["Brand new"]


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_removed_while_somebody_uses_it(app: Flask, api: Api, admin: str, nth: int) -> None:
    """Either it is in use and stays, or it is gone and the product's is a new one."""
    care, gate = make_heading("Care"), Barrier(2)
    body = {"sku": "S", "name": "Soap", "price": {"amount": 1}, "category": "Care"}

    def ask(method: str) -> int:
        own = Api(app.test_client())
        gate.wait()
        removing = method == "DELETE"
        path = f"{PATH}/{care.id}" if removing else "/api/products"
        return int(own.call(method, path, json=None if removing else body, token=admin).status_code)

    with ThreadPoolExecutor(2) as pool:
        removed, made = pool.map(ask, ("DELETE", "POST"))
    assert (made, removed) in {(201, 204), (201, 409)}
    assert names(api) == ["Care"]


@pytest.mark.parametrize("nth", range(ROUNDS))
def test_one_sku_for_many_at_once(app: Flask, api: Api, admin: str, nth: int) -> None:
    """One is first, the others are told; a table that names it too refuses the line, or changes the product."""
    body, gate = {"sku": "S", "name": "Soap", "price": {"amount": 1}}, Barrier(5)

    def create(number: int) -> tuple[int, str]:
        gate.wait()
        own = Api(app.test_client())
        if number == 0:
            answer = own.post("/api/products/import", form={"file": b"sku,name,price\ns,Soap,1\n"}, token=admin)
            return answer.status_code, answer.json["rows"][0]["verdict"]
        answer = own.post("/api/products", json=body, token=admin)
        return answer.status_code, answer.json.get("code", "made")

    with ThreadPoolExecutor(5) as pool:
        (status, verdict), *found = pool.map(create, range(5))
    assert status == 200
    assert verdict in {"created", "updated", "refused"}
    taken = [(409, "sku_taken")] * 4
    assert sorted(found) == (taken if verdict == "created" else [(201, "made"), *taken[1:]])
    assert len(api.get("/api/products").json["items"]) == 1
