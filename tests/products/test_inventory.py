"""`/api/inventory`: how much there is, and what came and went."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Product, ProductKind, StockMovement
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_product

PATH = "/api/inventory"


@pytest.fixture
def soap(app: Flask) -> Product:
    """Ten bars of soap."""
    return make_product(10, sku="Soap", name="Soap", reorder_level=3)


def counters(sku: str = "Soap") -> tuple[int, int, int]:
    """Return on hand, reserved, and the number of movements."""
    counts = select(Product.on_hand, Product.reserved).where(Product.sku == sku)
    on_hand, reserved = db.session.execute(counts).one()
    movements = db.session.query(StockMovement).join(Product).filter(Product.sku == sku).count()
    db.session.commit()
    return on_hand, reserved, movements


def test_one_product(api: Api, soap: Product, staff: str) -> None:
    """By its SKU in any capitals."""
    for sku in ("Soap", "SOAP", "soap"):
        assert api.get(f"{PATH}/{sku}", token=staff).json == {
            "product_id": soap.id,
            "sku": "Soap",
            "name": "Soap",
            "tracked": True,
            "on_hand": 10,
            "reserved": 0,
            "available": 10,
            "reorder_level": 3,
            "low_stock": False,
            "active": True,
            "version": 2,
        }


@pytest.mark.parametrize(
    ("body", "on_hand", "kind"),
    [
        ({"delta": 5, "reason": "receipt"}, 15, "receipt"),
        ({"delta": 5, "reason": "found behind the shelf"}, 15, "correction"),
        ({"delta": -10, "reason": "receipt"}, 0, "correction"),
        ({"delta": -4, "reason": "broken"}, 6, "correction"),
        ({"on_hand": 7, "reason": "counted"}, 7, "correction"),
        ({"on_hand": 0, "reason": "counted"}, 0, "correction"),
        ({"on_hand": 12, "reason": "counted"}, 12, "correction"),
        ({"on_hand": 12, "reason": "receipt"}, 12, "receipt"),
        ({"on_hand": 10**9, "reason": "counted"}, 10**9, "correction"),
    ],
)
def test_a_change(api: Api, soap: Product, staff: str, body: dict[str, Any], on_hand: int, kind: str) -> None:
    """It is done, shown, and written down with its reason and who did it."""
    answer = api.put(f"{PATH}/SOAP/stock", body, token=staff)
    assert (answer.status_code, answer.json["on_hand"], answer.json["version"]) == (200, on_hand, 3), answer.json
    assert api.get(f"{PATH}/soap", token=staff).json == answer.json
    latest = api.get(f"{PATH}/soap/movements", token=staff).json["items"][0]
    me = api.get("/api/users/me", token=staff).json["id"]
    assert latest | {"id": 0, "created_at": ""} == {
        "id": 0,
        "kind": kind,
        "quantity": on_hand - 10,
        "on_hand_change": on_hand - 10,
        "reserved_change": 0,
        "on_hand_after": on_hand,
        "reserved_after": 0,
        "shortfall": 0,
        "reason": body["reason"],
        "actor_id": me,
        "reference": None,
        "order_id": None,
        "booking_id": None,
        "created_at": "",
    }


def test_a_count_of_as_many_is_no_movement(api: Api, soap: Product, staff: str) -> None:
    """The counters were right; the version stays."""
    answer = api.put(f"{PATH}/soap/stock", {"on_hand": 10, "reason": "counted"}, token=staff)
    assert (answer.status_code, answer.json["version"], counters()) == (200, 2, (10, 0, 1))


@each_case(
    ("body", "code"),
    [
        ({"delta": -11, "reason": "x"}, "out_of_stock"),
        ({"delta": -(10**9), "reason": "x"}, "out_of_stock"),
        ({"delta": 10**9, "reason": "x"}, "too_much_stock"),
    ],
)
def test_what_cannot_be(api: Api, soap: Product, staff: str, body: dict[str, Any], code: str) -> None:
    """Less than nothing, more than a house holds: 409, and nothing has changed."""
    answer = api.put(f"{PATH}/soap/stock", body, token=staff)
    assert (answer.status_code, answer.json["code"], counters()) == (409, code, (10, 0, 1))


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"reason": "x"}, ["delta", "on_hand"]),
    ({"delta": 1, "on_hand": 1, "reason": "x"}, ["delta", "on_hand"]),
    ({"delta": 0, "reason": "x"}, ["delta"]),
    ({"delta": 1}, ["reason"]),
    ({"delta": 1, "reason": ""}, ["reason"]),
    ({"delta": 1, "reason": "x" * 501}, ["reason"]),
    ({"delta": 1.0, "reason": "x"}, ["delta"]),
    ({"delta": "1", "reason": "x"}, ["delta"]),
    ({"delta": None, "reason": "x"}, ["delta"]),
    ({"delta": 10**12, "reason": "x"}, ["delta"]),
    ({"delta": -(10**12), "reason": "x"}, ["delta"]),
    ({"on_hand": -1, "reason": "x"}, ["on_hand"]),
    ({"on_hand": 10**9 + 1, "reason": "x"}, ["on_hand"]),
    ({"quantity": 1, "reason": "x"}, ["quantity"]),
]


@refused_by_shape
@each_case(("body", "fields"), WRONG)
def test_wrong_shapes(api: Api, soap: Product, staff: str, body: dict[str, Any], fields: list[str]) -> None:
    """422 naming the fields, and nothing has changed."""
    answer = api.put(f"{PATH}/soap/stock", body, token=staff)
    assert (answer.status_code, sorted(answer.json["errors"]), counters()) == (422, fields, (10, 0, 1))


def test_st_11_a_count_presupposes_what_was_seen(api: Api, soap: Product, admin: str) -> None:
    """A sale since then is a new version: 412. Without `If-Match`, and by delta, what is sold stays sold."""
    seen = {"If-Match": f'"{soap.version}"'}
    assert api.put(f"{PATH}/soap/stock", {"delta": -1, "reason": "gone"}, token=admin, headers=seen).status_code == 200
    stale = api.put(f"{PATH}/soap/stock", {"on_hand": 50, "reason": "counted"}, token=admin, headers=seen)
    assert (stale.status_code, stale.json["code"], counters()) == (412, "version_conflict", (9, 0, 2))
    assert api.put(f"{PATH}/soap/stock", {"delta": 50, "reason": "receipt"}, token=admin).json["on_hand"] == 59


def test_a_repeated_delivery_is_booked_once(api: Api, soap: Product, staff: str) -> None:
    """Under one `Idempotency-Key`; the same key for another body is refused."""
    body, key = {"delta": 5, "reason": "receipt"}, {"Idempotency-Key": "delivery-7"}
    first, again = (api.put(f"{PATH}/soap/stock", body, token=staff, headers=key) for _ in range(2))
    assert (first.json, again.headers["Idempotent-Replayed"], counters()) == (again.json, "true", (15, 0, 2))
    other = api.put(f"{PATH}/soap/stock", body | {"delta": 6}, token=staff, headers=key)
    assert (other.json["code"], counters()) == ("idempotency_key_reused", (15, 0, 2))


def test_a_product_without_stock(api: Api, staff: str) -> None:
    """There is always enough (ST-19): it is readable, not listed, and nothing can be counted of it."""
    make_product(sku="CARD", kind=ProductKind.GIFT_CARD)
    shown = api.get(f"{PATH}/card", token=staff).json
    assert (shown["tracked"], shown["available"], shown["on_hand"], shown["low_stock"]) == (False, None, 0, False)
    assert api.get(PATH, token=staff).json["items"] == []
    for body in ({"delta": 1}, {"delta": -1}, {"on_hand": 0}, {"on_hand": 5}):
        answer = api.put(f"{PATH}/card/stock", body | {"reason": "x"}, token=staff)
        assert (answer.status_code, answer.json["code"]) == (409, "not_tracked")
    assert counters("CARD") == (0, 0, 0)


@each_case("sku", ["none", "%25", "so", "soap%20x", "x" * 500, "%00", "a%0Ab", "😀"])
def test_a_sku_of_nothing(api: Api, soap: Product, staff: str, sku: str) -> None:
    for answer in (
        api.get(f"{PATH}/{sku}", token=staff),
        api.get(f"{PATH}/{sku}/movements", token=staff),
        api.put(f"{PATH}/{sku}/stock", {"delta": 1, "reason": "x"}, token=staff),
    ):
        assert answer.status_code == 404
    assert counters() == (10, 0, 1)


@pytest.fixture
def shelves(soap: Product) -> None:
    """Soap, and: low, empty, full, retired and empty, untracked."""
    make_product(2, sku="b-low", name="Wax", reorder_level=2)
    make_product(0, sku="C-empty", name="Gel")
    make_product(5, sku="d-full", name="Oil", reorder_level=4)
    make_product(0, sku="e-retired", name="Old wax", active=False)
    make_product(0, sku="f-card", kind=ProductKind.GIFT_CARD)


ALL = ["b-low", "C-empty", "d-full", "e-retired", "Soap"]


@each_case(
    ("query", "found"),
    [
        ({}, ALL),
        ({"sort": "-sku"}, ALL[::-1]),
        ({"sort": "name"}, ["C-empty", "d-full", "e-retired", "Soap", "b-low"]),
        ({"low_stock": "true"}, ["b-low", "C-empty"]),
        ({"low_stock": "false"}, ["d-full", "e-retired", "Soap"]),
        ({"q": "WAX"}, ["b-low", "e-retired"]),
        ({"q": "c-E"}, ["C-empty"]),
        ({"q": "wax", "low_stock": "true"}, ["b-low"]),
        ({"q": "none"}, []),
    ],
)
def test_filters_and_sorts(api: Api, shelves: None, staff: str, query: dict[str, Any], found: list[str]) -> None:
    """Each alone and together, in one page, and page by page."""
    answer = api.get(PATH, query=query | {"include_total": "true"}, token=staff)
    assert [one["sku"] for one in answer.json["items"]] == found
    assert answer.json["total"] == len(found)
    paged: list[str] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        page = api.get(PATH, query=query | {"limit": 2} | cursor, token=staff).json
        paged += [one["sku"] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert paged == found


@each_case(
    ("query", "field"),
    [
        ({"low_stock": "yes"}, "low_stock"),
        ({"sort": "on_hand"}, "sort"),
        ({"q": "x" * 201}, "q"),
        ({"page": 1}, "page"),
    ],
)
def test_wrong_queries(api: Api, staff: str, query: dict[str, Any], field: str) -> None:
    answer = api.get(PATH, query=query, token=staff)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_the_ledger_page_by_page(api: Api, soap: Product, staff: str) -> None:
    """The latest first, or the first; of one kind; each shows what was there after it."""
    for delta in (1, 2, -3, 4):
        body = {"delta": delta, "reason": "receipt" if delta == 4 else "moved"}
        assert api.put(f"{PATH}/soap/stock", body, token=staff).status_code == 200
    make_product(7)

    def read(**query: Any) -> list[tuple[int, int]]:
        page = api.get(f"{PATH}/soap/movements", query=query, token=staff)
        assert page.status_code == 200, page.json
        cursor = page.json["next_cursor"]
        found = [(one["quantity"], one["on_hand_after"]) for one in page.json["items"]]
        return found + (read(**query | {"cursor": cursor}) if cursor else [])

    ledger = [(10, 10), (1, 11), (2, 13), (-3, 10), (4, 14)]
    assert read() == read(limit=2) == ledger[::-1]
    assert read(sort="created_at", limit=1) == ledger
    assert read(kind="receipt") == [(4, 14), (10, 10)]
    wrong = api.get(f"{PATH}/soap/movements", query={"kind": "gift"}, token=staff)
    assert (wrong.status_code, list(wrong.json["errors"])) == (422, ["kind"])
