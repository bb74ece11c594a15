"""`GET /api/products`: filters, orders, pages, and what caches may keep."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.extensions import db
from app.models import Product, ProductCategory, ProductKind, StockMovement
from app.products import queries, service
from app.products.queries import Filters
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product, make_user, token_for

PATH = "/api/products"


@pytest.fixture
def catalogue(app: Flask) -> dict[str, Product]:
    """Six products, one of them retired; by name."""
    care, gifts = ProductCategory(name="Care"), ProductCategory(name="Gifts")
    with transaction():
        db.session.add_all([care, gifts])
    rows = (
        make_product(5, name="Argan oil", sku="OIL", category_id=care.id, price_amount=300, description="100% nuts"),
        make_product(0, name="Balm", sku="BALM_1", category_id=care.id, price_amount=100),
        make_product(1, name="Comb", sku="COMB", price_amount=200),
        make_product(name="Gift card", sku="CARD", kind=ProductKind.GIFT_CARD, category_id=gifts.id, price_amount=500),
        make_product(9, name="Old wax", sku="WAX", category_id=care.id, price_amount=250, active=False),
    )
    return {row.name: row for row in rows}


def names(api: Api, token: str | None = None, **query: Any) -> list[str]:
    """List the names of what is found."""
    answer = api.get(PATH, query=query, token=token)
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["items"]]


ALL = ["Argan oil", "Balm", "Comb", "Gift card"]


@each_case(
    ("query", "found"),
    [
        ({}, ALL),
        ({"q": "OIL"}, ["Argan oil"]),
        ({"q": "balm_"}, ["Balm"]),
        ({"q": "100%"}, ["Argan oil"]),
        ({"q": "'; --"}, []),
        ({"q": "wax"}, []),
        ({"q": ""}, ALL),
        ({"category": "Care"}, ["Argan oil", "Balm"]),
        ({"category": "care"}, []),
        ({"price_min": 200, "price_max": 300}, ["Argan oil", "Comb"]),
        ({"price_min": 301, "price_max": 300}, []),
        ({"in_stock": "true"}, ["Argan oil", "Comb", "Gift card"]),
        ({"in_stock": "false"}, ["Balm"]),
        ({"active": "true"}, ALL),
        ({"active": "false"}, []),
        ({"category": "Care", "in_stock": "true", "q": "a"}, ["Argan oil"]),
        ({"unknown": "ignored"}, ALL),
        ({"sort": "-name"}, ALL[::-1]),
        ({"sort": "price"}, ["Balm", "Comb", "Argan oil", "Gift card"]),
        ({"sort": "-price"}, ["Gift card", "Argan oil", "Comb", "Balm"]),
        ({"sort": "created_at"}, ALL),
        ({"sort": "-created_at"}, ALL[::-1]),
    ],
)
def test_filters_and_sorts(api: Api, catalogue: dict[str, Product], query: dict[str, Any], found: list[str]) -> None:
    """Each alone and together; in one page with its total, and page by page."""
    assert names(api, **query) == found
    assert api.get(PATH, query=query | {"include_total": "true", "limit": 1}).json["total"] == len(found)
    paged: list[str] = []
    cursor: dict[str, str] | None = {}
    while cursor is not None:
        page = api.get(PATH, query=query | {"limit": 2} | cursor).json
        paged += [one["name"] for one in page["items"]]
        cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
    assert paged == found


def test_what_is_promised_is_not_in_stock(api: Api, catalogue: dict[str, Product]) -> None:
    """It lies there, and cannot be had."""
    body = {"items": [{"sku": "COMB", "quantity": 1}], "fulfilment": "pickup"}
    assert api.post("/api/orders", body, token=token_for(make_user())).status_code == 201
    assert names(api, in_stock="true") == ["Argan oil", "Gift card"]
    assert api.get(f"{PATH}/{catalogue['Comb'].id}").json["available"] == 0


@each_case(
    ("query", "field"),
    [
        ({"q": "x" * 201}, "q"),
        ({"q": "nul\0"}, "q"),
        ({"price_min": -1}, "price_min"),
        ({"price_max": "1.5"}, "price_max"),
        ({"price_max": 10**30}, "price_max"),
        ({"in_stock": "1"}, "in_stock"),
        ({"active": "yes"}, "active"),
        ({"sort": "cost"}, "sort"),
        ({"limit": 101}, "limit"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"page": 2}, "cursor"),
    ],
)
def test_wrong_queries(api: Api, query: dict[str, Any], field: str) -> None:
    """422 naming the parameter."""
    answer = api.get(PATH, query=query)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_what_is_known_is_not_sent_again(api: Api, catalogue: dict[str, Product], admin: str) -> None:
    """304 without a body; a change, of the stock too, is seen at once; what staff see no cache keeps."""
    paths = (PATH, f"{PATH}/{catalogue['Comb'].id}", f"{PATH}/categories")
    first = {path: api.get(path) for path in paths}
    for path, answer in first.items():
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = api.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert api.get(path, token=admin).headers["Cache-Control"] == "no-store"
    body = {"delta": -1, "reason": "broken"}
    assert api.put("/api/inventory/COMB/stock", body, token=admin).status_code == 200
    for path in paths[:2]:
        now = api.get(path, headers={"If-None-Match": first[path].headers["ETag"]})
        assert (now.status_code, now.json == first[path].json) == (200, False)


def plan(query: str) -> str:
    """Return how the database would answer a query, whole tables being dear."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("SET LOCAL enable_seqscan = off"))
            db.session.execute(text("SET LOCAL enable_sort = off"))
            return "\n".join(db.session.scalars(text(f"EXPLAIN {query}")))
        return "\n".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {query}")))


def test_an_unknown_category_is_not_looked_for(app: Flask, catalogue: dict[str, Product]) -> None:
    """However many products there are: that it is unknown is known before any is read."""
    with transaction():
        known, unknown = (str(service.list_products(None, Filters(category=name))) for name in ("Care", "None"))
    assert "products.category_id = " in known
    assert "false" in unknown


@each_case(
    ("wanted", "index"),
    [
        (select(Product).order_by(Product.name, Product.id).limit(21), "ix_products_name"),
        (select(Product).order_by(Product.price_amount, Product.id).limit(21), "ix_products_price"),
        (select(Product).order_by(Product.created_at, Product.id).limit(21), "ix_products_created_at"),
        (
            queries.products(None, Filters(in_stock=False)).order_by(Product.name, Product.id).limit(21),
            "ix_products_sold_out",
        ),
        (queries.stock(None, True).order_by(Product.sku_key, Product.id).limit(21), "ix_products_low_stock"),
        (
            select(StockMovement).where(StockMovement.product_id == 7).order_by(StockMovement.id.desc()).limit(21),
            "ix_stock_movements_product_id",
        ),
    ],
)
def test_each_list_has_its_index(app: Flask, wanted: Any, index: str) -> None:
    """Read in its order: nothing is sorted."""
    said = plan(str(wanted.compile(db.engine, compile_kwargs={"literal_binds": True})))
    assert index in said
    assert "sort" not in said.casefold()
    assert "TEMP B-TREE" not in said
