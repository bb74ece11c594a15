"""`/api/products`: making, changing and retiring products."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Product, ProductCategory, ProductKind, StockMovement
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_image, make_product, make_service, make_user, token_for

PATH = "/api/products"
NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
LARGEST = 10**15
REQUIRED: dict[str, Any] = {"sku": "Soap-1", "name": "Soap", "price": {"amount": 300}}
DEFAULTS: dict[str, Any] = {
    "kind": "retail",
    "sku": "Soap-1",
    "name": "Soap",
    "description": "",
    "category": None,
    "price": {"amount": 300, "currency": "KES"},
    "cost": None,
    "tracked": True,
    "available": 0,
    "on_hand": 0,
    "reserved": 0,
    "reorder_level": 0,
    "package": None,
    "gift_card": None,
    "images": [],
    "active": True,
    "version": 1,
    "created_at": "2030-01-07T06:00:00Z",
}
EVERYTHING: dict[str, Any] = {
    "sku": "oil 5%",
    "name": "Oil",
    "description": "For hair.\nAnd beards.",
    "category": "Care",
    "price": {"amount": 900, "currency": "KES"},
    "cost": {"amount": 400, "currency": "KES"},
    "reorder_level": 7,
    "active": False,
}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


def counted() -> tuple[int, ...]:
    """Count products, categories and movements."""
    counts = tuple(db.session.query(one).count() for one in (Product, ProductCategory, StockMovement))
    db.session.commit()
    return counts


def test_only_the_required_fields(api: Api, admin: str) -> None:
    """Every default of the contract."""
    answer = api.post(PATH, REQUIRED, token=admin)
    assert answer.status_code == 201, answer.json
    assert answer.json == {"id": answer.json["id"]} | DEFAULTS
    assert answer.headers["Location"] == f"{PATH}/{answer.json['id']}"
    assert api.get(answer.headers["Location"], token=admin).json == answer.json
    assert counted() == (1, 0, 0)


def test_every_field(api: Api, admin: str) -> None:
    """What is sent is what is shown; a new heading comes with it, and what is there is a receipt."""
    answer = api.post(PATH, EVERYTHING | {"kind": "retail", "tracked": True, "on_hand": 12}, token=admin)
    assert answer.status_code == 201, answer.json
    there = {"on_hand": 12, "available": 12, "version": 2}
    assert answer.json == {"id": answer.json["id"]} | DEFAULTS | EVERYTHING | there
    assert [one["name"] for one in api.get(f"{PATH}/categories").json["items"]] == ["Care"]
    (movement,) = api.get("/api/inventory/OIL 5%25/movements", token=admin).json["items"]
    assert (movement["kind"], movement["quantity"], movement["reason"]) == ("receipt", 12, "receipt")


@pytest.mark.parametrize(("name", "value"), EVERYTHING.items())
def test_each_field_can_be_changed_alone(api: Api, admin: str, name: str, value: Any) -> None:
    """The rest stays, and the version counts."""
    made = api.post(PATH, REQUIRED, token=admin).json
    answer = api.patch(f"{PATH}/{made['id']}", {name: value}, token=admin)
    assert answer.status_code == 200, answer.json
    assert answer.json == made | {name: value, "version": 2}
    assert api.get(f"{PATH}/{made['id']}", token=admin).json == answer.json


@pytest.mark.parametrize("body", [{}, REQUIRED, {"category": None, "cost": None}])
def test_a_change_to_the_same_keeps_the_version(api: Api, admin: str, body: dict[str, Any]) -> None:
    """Nothing changed, nothing counted."""
    made = api.post(PATH, REQUIRED, token=admin).json
    assert api.patch(f"{PATH}/{made['id']}", body, token=admin).json == made


def test_what_may_be_null(api: Api, admin: str) -> None:
    """A heading and a cost are taken away again."""
    made = api.post(PATH, EVERYTHING, token=admin).json
    answer = api.patch(f"{PATH}/{made['id']}", {"category": None, "cost": None}, token=admin)
    assert (answer.json["category"], answer.json["cost"]) == (None, None)


def test_retiring(api: Api, admin: str, staff: str) -> None:
    """Gone from lists, readable by id, on sale again by PATCH; retiring twice changes nothing more. Stock stays."""
    path = f"{PATH}/{make_product(3, sku='OLD').id}"
    for _ in range(2):
        assert api.delete(path, token=admin).status_code == 204
        assert (api.get(path).json["active"], api.get(path).json["version"]) == (False, 3)
    for token in (None, token_for(make_user()), staff, admin):
        for query, found in ({}, []), ({"active": "true"}, []), ({"active": "false"}, ["OLD"]):
            answer = api.get(PATH, token=token, query=query)
            assert [one["sku"] for one in answer.json["items"]] == (found if token in {staff, admin} else [])
    assert api.patch(path, {"active": True}, token=admin).json["available"] == 3


@each_case("method", ["GET", "PATCH", "DELETE"])
def test_what_is_not_there(api: Api, admin: str, method: str) -> None:
    answer = api.call(method, f"{PATH}/999999999", json={} if method == "PATCH" else None, token=admin)
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_what_it_costs_the_house_is_not_shown_to_all(api: Api, admin: str, staff: str) -> None:
    """Neither are the two counters; alone, and in lists."""
    made = api.post(PATH, REQUIRED | {"cost": {"amount": 100}, "on_hand": 5}, token=admin).json
    behind = {"cost", "on_hand", "reserved"}
    for token in (None, token_for(make_user())):
        for shown in (api.get(f"{PATH}/{made['id']}", token=token).json, api.get(PATH, token=token).json["items"][0]):
            assert shown == {name: value for name, value in made.items() if name not in behind}
    for token in (staff, admin):
        assert api.get(PATH, token=token).json["items"] == [made] == [api.get(f"{PATH}/{made['id']}", token=token).json]


def test_pictures(api: Api) -> None:
    """They are shown with the product, the first as the cover."""
    product = make_product()
    picture = make_image(product_id=product.id)
    shown = api.get(f"{PATH}/{product.id}").json
    assert [(one["id"], one["is_cover"]) for one in shown["images"]] == [(picture.id, True)]
    assert api.get(f"{PATH}/{product.id}/images").json["items"] == shown["images"]
    assert api.get(PATH).json["items"] == [shown]


@pytest.mark.parametrize("sku", ["soap-1", "SOAP-1", " Soap-1 "])
def test_a_sku_is_given_once(api: Api, admin: str, sku: str) -> None:
    """Whatever its capitals; by creation and by change, and both stay as they were."""
    made = api.post(PATH, REQUIRED, token=admin).json
    other = make_product(sku="other")
    before = counted()
    refused = [
        api.post(PATH, REQUIRED | {"sku": sku, "category": "New", "on_hand": 1}, token=admin),
        api.patch(f"{PATH}/{other.id}", {"sku": sku, "category": "New"}, token=admin),
    ]
    assert [(one.status_code, one.json["code"]) for one in refused] == [(409, "sku_taken")] * 2
    assert (counted(), api.get(f"{PATH}/{other.id}").json["sku"]) == (before, "other")
    assert api.patch(f"{PATH}/{made['id']}", {"sku": sku.upper()}, token=admin).json["sku"] == sku.strip().upper()


def test_one_sku_typed_in_two_ways_is_one(api: Api, admin: str) -> None:
    """An é that is one character, and one of two; ß and ss."""
    assert api.post(PATH, REQUIRED | {"sku": "caf\u00e9-STRASSE"}, token=admin).status_code == 201
    answer = api.post(PATH, REQUIRED | {"sku": "cafe\u0301-stra\u00dfe"}, token=admin)
    assert (answer.status_code, counted()) == (409, (1, 0, 0))
    assert api.get("/api/inventory/CAF\u00c9-Stra\u00dfe", token=admin).json["sku"] == "caf\u00e9-STRASSE"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"sku": None}, "sku"),
    ({"sku": ""}, "sku"),
    ({"sku": " \u200b "}, "sku"),
    ({"sku": 7}, "sku"),
    ({"sku": "x" * 65}, "sku"),
    ({"sku": "a/b"}, "sku"),
    ({"sku": "a\\b"}, "sku"),
    ({"sku": "a\tb"}, "sku"),
    ({"sku": "nul\0"}, "sku"),
    ({"sku": ".."}, "sku"),
    ({"sku": "Forecast"}, "sku"),
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "two\nlines"}, "name"),
    ({"description": "x" * 5001}, "description"),
    ({"description": None}, "description"),
    ({"category": ""}, "category"),
    ({"category": "x" * 101}, "category"),
    ({"price": 45}, "price"),
    ({"price": None}, "price"),
    ({"price": {"amount": -1}}, "price.amount"),
    ({"price": {"amount": 1.5}}, "price.amount"),
    ({"price": {"amount": LARGEST + 1}}, "price.amount"),
    ({"price": {"amount": 1, "currency": "USD"}}, "price.currency"),
    ({"cost": {"amount": -1}}, "cost.amount"),
    ({"reorder_level": -1}, "reorder_level"),
    ({"reorder_level": 10**9 + 1}, "reorder_level"),
    ({"reorder_level": "5"}, "reorder_level"),
    ({"active": "true"}, "active"),
    ({"package": {"service_id": 1, "visits": 0, "valid_days": 1}}, "package.visits"),
    ({"package": {"service_id": 1, "visits": 1, "valid_days": 3661}}, "package.valid_days"),
    ({"package": {"visits": 1, "valid_days": 1}}, "package.service_id"),
    ({"package": None}, "package"),
    ({"gift_card": {"value": {"amount": 0}}}, "gift_card.value.amount"),
    ({"gift_card": {"value": {"amount": 100}}}, "gift_card"),
    ({"id": 1}, "id"),
    ({"version": 1}, "version"),
    ({"available": 1}, "available"),
    ({"reserved": 1}, "reserved"),
    ({"stock": 1}, "stock"),
]


@refused_by_shape
@each_case(("wrong", "field"), WRONG)
def test_wrong_shapes(api: Api, admin: str, wrong: dict[str, Any], field: str) -> None:
    """422 naming the field, on creation and on change; nothing is written."""
    path = f"{PATH}/{make_product(2).id}"
    before, shown = counted(), api.get(path).json
    made, changed = api.post(PATH, REQUIRED | wrong, token=admin), api.patch(path, wrong, token=admin)
    for answer in (made, changed):
        assert (answer.status_code, answer.json["code"]) == (422, "validation_failed"), answer.json
        assert list(answer.json["errors"]) == [field]
    assert (counted(), api.get(path).json) == (before, shown)


@refused_by_shape
@each_case(
    ("wrong", "field"),
    [
        ({"on_hand": -1}, "on_hand"),
        ({"on_hand": 10**9 + 1}, "on_hand"),
        ({"on_hand": 1, "tracked": False}, "on_hand"),
        ({"tracked": None}, "tracked"),
        ({"kind": "service"}, "kind"),
        ({"kind": "package"}, "package"),
        ({"kind": "gift_card", "price": {"amount": 0}}, "gift_card.value"),
    ],
)
def test_wrong_shapes_of_new_products(api: Api, admin: str, wrong: dict[str, Any], field: str) -> None:
    answer = api.post(PATH, REQUIRED | {"category": "New"} | wrong, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field]), answer.json
    assert counted() == (0, 0, 0)


@each_case(("name", "said"), [("on_hand", "PUT /api/inventory"), ("kind", "Unknown"), ("tracked", "Unknown")])
def test_what_is_chosen_once(api: Api, admin: str, name: str, said: str) -> None:
    """Kind and tracking stay; stock has a path of its own, which the refusal names."""
    path = f"{PATH}/{make_product(2).id}"
    answer = api.patch(path, {name: 5}, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [name])
    assert said in answer.json["errors"][name][0]
    assert api.get(path, token=admin).json["on_hand"] == 2


@each_case("missing", REQUIRED)
def test_what_is_required(api: Api, admin: str, missing: str) -> None:
    answer = api.post(PATH, {name: value for name, value in REQUIRED.items() if name != missing}, token=admin)
    assert (answer.status_code, list(answer.json["errors"]), counted()) == (422, [missing], (0, 0, 0))


def test_the_largest_of_everything(api: Api, admin: str) -> None:
    """The bounds themselves are allowed, in both databases; a SKU that grows without its capitals too."""
    largest = {
        "sku": "\ufb03" * 64,
        "name": "😀" * 200,
        "description": "ß" * 5000,
        "category": "é" * 100,
        "price": {"amount": LARGEST, "currency": "KES"},
        "cost": {"amount": LARGEST, "currency": "KES"},
        "reorder_level": 10**9,
        "on_hand": 10**9,
    }
    answer = api.post(PATH, largest, token=admin)
    assert answer.status_code == 201, answer.json
    assert answer.json | largest == answer.json


def test_a_package(api: Api, admin: str) -> None:
    """So many visits of a service; no stock is kept, there is always enough. Its terms can be changed as a whole."""
    terms = {"service_id": make_service().id, "visits": 5, "valid_days": 90}
    made = api.post(PATH, REQUIRED | {"kind": "package", "package": terms}, token=admin)
    assert made.status_code == 201, made.json
    shown = {"kind": "package", "package": terms, "tracked": False, "available": None, "gift_card": None}
    assert made.json | shown == made.json
    path, changed = f"{PATH}/{made.json['id']}", terms | {"visits": 6}
    assert api.patch(path, {"package": changed}, token=admin).json["package"] == changed
    assert api.patch(path, {"name": "Six"}, token=admin).json["package"] == changed
    stranger = api.patch(path, {"package": terms | {"service_id": 999_999}, "category": "New"}, token=admin)
    assert (stranger.status_code, list(stranger.json["errors"])) == (404, ["package.service_id"])
    card = api.patch(path, {"gift_card": {}}, token=admin)
    assert (card.status_code, list(card.json["errors"])) == (422, ["gift_card"])
    assert counted() == (1, 0, 0)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({}, {"value": {"amount": 300, "currency": "KES"}, "valid_days": None}),
        ({"gift_card": {"valid_days": 30}}, {"value": {"amount": 300, "currency": "KES"}, "valid_days": 30}),
        ({"gift_card": {"value": {"amount": 350}}}, {"value": {"amount": 350, "currency": "KES"}, "valid_days": None}),
        (
            {"gift_card": {"value": {"amount": 350}}, "price": {"amount": 0}},
            {"value": {"amount": 350, "currency": "KES"}, "valid_days": None},
        ),
    ],
)
def test_a_gift_card(api: Api, admin: str, sent: dict[str, Any], shown: dict[str, Any]) -> None:
    """Worth its price where nothing else is said, for ever where no days are."""
    made = api.post(PATH, REQUIRED | {"kind": "gift_card"} | sent, token=admin)
    assert (made.status_code, made.json["gift_card"], made.json["tracked"]) == (201, shown, False)
    changed = api.patch(f"{PATH}/{made.json['id']}", {"gift_card": {"valid_days": 10}}, token=admin)
    assert changed.json["gift_card"] == shown | {"valid_days": 10}
    cheaper = api.patch(f"{PATH}/{made.json['id']}", {"price": {"amount": 100}}, token=admin)
    assert cheaper.json["gift_card"]["value"] == shown["value"]


@pytest.mark.parametrize("kind", [ProductKind.PACKAGE, ProductKind.GIFT_CARD])
def test_stock_of_printed_cards_may_be_kept(api: Api, admin: str, kind: ProductKind) -> None:
    """Whoever sells printed ones asks for it."""
    terms = {"package": {"service_id": make_service().id, "visits": 1, "valid_days": 1}} if kind == "package" else {}
    made = api.post(PATH, REQUIRED | terms | {"kind": kind, "tracked": True, "on_hand": 3}, token=admin)
    assert (made.status_code, made.json["available"]) == (201, 3)


def test_a_stale_version_is_refused(api: Api, admin: str) -> None:
    """What has been seen is a version; a movement of stock makes another one."""
    product = make_product(sku="S")
    path, seen = f"{PATH}/{product.id}", {"If-Match": f'"{product.version}"'}
    assert api.put("/api/inventory/S/stock", {"delta": 1, "reason": "receipt"}, token=admin).status_code == 200
    for answer in (
        api.patch(path, {"name": "New"}, token=admin, headers=seen),
        api.delete(path, token=admin, headers=seen),
    ):
        assert (answer.status_code, answer.json["code"]) == (412, "version_conflict")
    shown = api.get(path).json
    assert (shown["name"], shown["active"]) == (product.name, True)
    now = {"If-Match": f'"{shown["version"]}"'}
    assert api.patch(path, {"name": "New"}, token=admin, headers=now).status_code == 200
