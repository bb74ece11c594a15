"""What the databases themselves say of products and of the ledger of stock, broken on purpose, past all of our code."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.extensions import business, db
from app.models import (
    Channel,
    Image,
    Order,
    Product,
    ProductCategory,
    ProductKind,
    StockMovement,
)
from app.transactions import reading, transaction
from tests.cases import each_case
from tests.factories import make_booking, make_image, make_product, make_service, make_staff, make_user
from tests.models.test_constraints import NINE, refused

PRODUCTS: Any = Product.__table__


@pytest.fixture
def goods(app: Flask) -> Product:
    """Ten bars of soap."""
    return make_product(10, sku="SOAP")


@each_case(
    ("values", "name"),
    [
        ({"kind": "service"}, "kind"),
        ({"sku": ""}, "ck_products_sku"),
        ({"sku_key": ""}, "ck_products_sku"),
        ({"name": ""}, "ck_products_name"),
        ({"price_amount": -1}, "ck_products_amounts"),
        ({"price_amount": 10**15 + 1}, "ck_products_amounts"),
        ({"cost_amount": -1}, "ck_products_amounts"),
        ({"reserved": -1}, "ck_products_stock"),
        ({"on_hand": -1}, "ck_products_stock"),
        ({"reserved": 11}, "ck_products_stock"),
        ({"on_hand": 10**9 + 1}, "ck_products_stock"),
        ({"tracked": False}, "ck_products_tracked"),
        ({"reorder_level": -1}, "ck_products_reorder_level"),
        ({"kind": "package"}, "ck_products_package"),
        ({"package_visits": 1}, "ck_products_package"),
        ({"kind": "gift_card"}, "ck_products_gift_card"),
        ({"card_amount": 1}, "ck_products_gift_card"),
    ],
)
def test_unlawful_goods_are_refused(goods: Product, values: dict[str, Any], name: str) -> None:
    """No update may make a product unlawful."""
    refused(update(PRODUCTS).values(values), name)


@each_case(
    ("kind", "values", "name"),
    [
        (ProductKind.PACKAGE, {"package_service_id": None}, "ck_products_package"),
        (ProductKind.PACKAGE, {"package_visits": None}, "ck_products_package"),
        (ProductKind.PACKAGE, {"valid_days": None}, "ck_products_package"),
        (ProductKind.PACKAGE, {"package_visits": 0}, "ck_products_package_visits"),
        (ProductKind.PACKAGE, {"package_visits": 1001}, "ck_products_package_visits"),
        (ProductKind.PACKAGE, {"valid_days": 0}, "ck_products_valid_days"),
        (ProductKind.PACKAGE, {"valid_days": 3661}, "ck_products_valid_days"),
        (ProductKind.PACKAGE, {"card_amount": 1}, "ck_products_"),
        (ProductKind.PACKAGE, {"kind": "retail"}, "ck_products_package"),
        (ProductKind.GIFT_CARD, {"card_amount": None}, "ck_products_gift_card"),
        (ProductKind.GIFT_CARD, {"card_amount": 0}, "ck_products_card_amount"),
        (ProductKind.GIFT_CARD, {"card_amount": 10**15 + 1}, "ck_products_card_amount"),
        (ProductKind.GIFT_CARD, {"package_visits": 1}, "ck_products_package"),
        (ProductKind.GIFT_CARD, {"on_hand": 1}, "ck_products_tracked"),
        (ProductKind.GIFT_CARD, {"kind": "retail"}, "ck_products_gift_card"),
    ],
)
def test_unlawful_terms_are_refused(app: Flask, kind: ProductKind, values: dict[str, Any], name: str) -> None:
    """What a package and a gift card hold is theirs, whole, and no other kind's."""
    product = make_product(kind=kind)
    refused(update(PRODUCTS).where(PRODUCTS.c.id == product.id).values(values), name)


def test_a_sku_and_a_heading_are_one(goods: Product) -> None:
    other = make_product()
    refused(update(PRODUCTS).where(PRODUCTS.c.id == other.id).values(sku_key="soap"), "sku_key")
    with transaction():
        db.session.add(ProductCategory(name="Care"))
    refused(insert(ProductCategory).values(name="Care"), "name")
    refused(update(ProductCategory).values(name=""), "ck_product_categories_name")


@pytest.mark.parametrize("column", ["category_id", "package_service_id"])
def test_what_a_product_refers_to_is_there(app: Flask, column: str) -> None:
    make_product(kind=ProductKind.PACKAGE)
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"), transaction():
        db.session.execute(update(PRODUCTS).values({column: 999_999}))


def test_pictures_of_products_are_an_album(goods: Product) -> None:
    """Each its number, one the cover, of one thing."""
    make_image(product_id=goods.id)
    fields = {"position": 0, "alt": "", "key": "k", "media_type": "image/png", "width": 1, "height": 1}
    another = fields | {"product_id": goods.id, "number": 2, "is_cover": False, "created_at": NINE}
    refused(insert(Image).values(another | {"is_cover": True}), "product_id")
    refused(insert(Image).values(another | {"number": 1}), "product_id")
    refused(insert(Image).values(another | {"service_id": make_service().id}), "one_subject")
    refused(insert(Image).values(another | {"product_id": None}), "one_subject")
    refused(insert(Image).values(another | {"number": 21}), "number")
    refused(insert(Image).values(another | {"media_type": "image/gif"}), "media_type")
    refused(insert(Image).values(another | {"product_id": 999_999}), "")
    with transaction():
        db.session.execute(insert(Image).values(another))


@pytest.fixture
def causes(app: Flask) -> dict[str, int]:
    """An order and a booking."""
    client = make_user()
    amounts = dict.fromkeys(("subtotal_amount", "tax_amount", "total_amount"), 0)
    order = Order(reference="OR-1", channel=Channel.ONLINE, client_id=client.id, currency=business.currency, **amounts)
    with transaction():
        db.session.add(order)
    return {"order_id": order.id, "booking_id": make_booking(client, make_service(), make_staff(), NINE).id}


def movement(goods: Product, kind: str, changes: tuple[int, int], **fields: Any) -> Any:
    """Return an insert of a movement that leaves ten on hand and two reserved."""
    on_hand, reserved = changes
    row = {"on_hand_change": on_hand, "reserved_change": reserved, "on_hand_after": 10, "reserved_after": 2}
    return insert(StockMovement).values({"product_id": goods.id, "kind": kind} | row | fields)


LAWFUL: list[tuple[str, tuple[int, int], list[str]]] = [
    ("receipt", (1, 0), []),
    ("sale", (-1, 0), ["order_id"]),
    ("sale", (-1, -1), ["order_id"]),
    ("reservation", (0, 1), ["order_id"]),
    ("release", (0, -1), ["order_id"]),
    ("consumption", (-1, 0), ["booking_id"]),
    ("correction", (1, 0), []),
    ("correction", (-1, 0), []),
    ("return", (1, 0), ["order_id"]),
]


@pytest.mark.parametrize(("kind", "changes", "needed"), LAWFUL, ids=str)
def test_each_kind_moves_what_it_is_called_for(
    goods: Product, causes: dict[str, int], kind: str, changes: tuple[int, int], needed: list[str]
) -> None:
    """And nothing else: every other small change is refused, and so is the right one without its cause."""
    its_cause = {name: causes[name] for name in needed}
    lawful = {found for word, found, _ in LAWFUL if word == kind}
    for other in ((on_hand, reserved) for on_hand in (-2, -1, 0, 1) for reserved in (-2, -1, 0, 1)):
        same_sort = other in lawful or (kind in {"sale", "correction", "consumption"} and other == (-2, 0))
        if (
            not same_sort
            and not (kind == "sale" and other == (-2, -2))
            and not (kind == "release" and other == (0, -2))
        ):
            refused(movement(goods, kind, other, **its_cause), "ck_stock_movements_lawful")
    for name in needed:
        refused(movement(goods, kind, changes, **its_cause | {name: None}), "ck_stock_movements_lawful")
    with transaction():
        db.session.execute(movement(goods, kind, changes, **its_cause))


@each_case(
    ("kind", "changes", "fields", "name"),
    [
        ("gift", (1, 0), {}, "ck_stock_movements_"),
        ("receipt", (1, 0), {"shortfall": 1}, "ck_stock_movements_shortfall"),
        ("consumption", (-1, 0), {"shortfall": -1}, "ck_stock_movements_"),
        ("consumption", (0, 0), {"shortfall": 0}, "ck_stock_movements_lawful"),
        ("receipt", (1, 0), {"reserved_after": -1}, "ck_stock_movements_after"),
        ("receipt", (1, 0), {"reserved_after": 11}, "ck_stock_movements_after"),
        ("receipt", (1, 0), {"on_hand_after": -1, "reserved_after": -1}, "ck_stock_movements_after"),
        ("receipt", (1, 0), {"product_id": 999_999}, ""),
        ("receipt", (1, 0), {"actor_id": 999_999}, ""),
        ("receipt", (1, 0), {"order_id": 999_999}, ""),
    ],
)
def test_unlawful_movements_are_refused(
    goods: Product, causes: dict[str, int], kind: str, changes: tuple[int, int], fields: dict[str, Any], name: str
) -> None:
    cause = {"booking_id": causes["booking_id"]} if kind == "consumption" else {}
    refused(movement(goods, kind, changes, **cause | fields), name)


@pytest.mark.parametrize(
    ("kind", "changes", "cause"),
    [
        ("reservation", (0, 1), "order_id"),
        ("release", (0, -1), "order_id"),
        ("sale", (-1, -1), "order_id"),
        ("consumption", (-1, 0), "booking_id"),
    ],
)
def test_an_order_and_a_booking_move_a_product_once(
    goods: Product, causes: dict[str, int], kind: str, changes: tuple[int, int], cause: str
) -> None:
    """Whatever comes twice, a cancellation and an expiry for one: the second movement is refused."""
    row = movement(goods, kind, changes, **{cause: causes[cause]})
    with transaction():
        db.session.execute(row)
    refused(row, cause)
    with transaction():
        db.session.execute(movement(make_product(), kind, changes, **{cause: causes[cause]}))


CHANGES: dict[str, Any] = {
    "id": 7,
    "product_id": 7,
    "kind": "correction",
    "on_hand_change": 11,
    "reserved_change": 1,
    "on_hand_after": 11,
    "reserved_after": 1,
    "shortfall": 1,
    "reason": "forged",
    "actor_id": 1,
    "order_id": 1,
    "booking_id": 1,
    "created_at": NINE,
}


def test_every_column_of_a_movement_is_tried() -> None:
    assert set(CHANGES) == {column.key for column in StockMovement.__table__.columns}


@each_case("column", CHANGES)
def test_no_movement_is_changed(goods: Product, column: str) -> None:
    refused(update(StockMovement).values({column: CHANGES[column]}), "stock_movements_append_only")


def test_no_movement_is_removed(goods: Product) -> None:
    refused(delete(StockMovement), "stock_movements_append_only")
    refused(delete(Product), "")


@pytest.mark.databases("sqlite")  # PostgreSQL has no such word
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_no_movement_is_replaced(goods: Product, verb: str) -> None:
    """SQLite would remove the old row without asking the triggers for DELETE."""
    with reading():
        kept = db.session.execute(select(StockMovement.__table__)).one()
    columns = ", ".join(str(name) for name in kept._mapping)
    forged = text(f"{verb} INTO stock_movements ({columns}) SELECT {columns} FROM stock_movements")  # noqa: S608
    refused(forged, "stock_movements_append_only")


@pytest.mark.databases("postgresql")  # SQLite's word for it is DELETE
@pytest.mark.parametrize("tables", ["stock_movements", "products CASCADE", "users CASCADE"])
def test_the_ledger_is_not_emptied(goods: Product, tables: str) -> None:
    """PostgreSQL asks no trigger for rows when it truncates."""
    with pytest.raises(IntegrityError, match="append_only"), transaction():
        db.session.execute(text(f"TRUNCATE {tables}"))
