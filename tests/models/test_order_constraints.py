"""What the databases themselves say of orders and what they keep in stock, broken on purpose, past all our code."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import (
    MovementKind,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
    Product,
    Role,
    SaleMethod,
    StockMovement,
)
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.sales import service as sales
from app.security.actor import Actor
from app.transactions import reading, transaction
from tests.cases import each_case
from tests.factories import make_product, make_user
from tests.models.test_constraints import refused, refused_by_database

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def oil(app: Flask) -> Product:
    """Nine of it, at 12.00."""
    return make_product(9)


@pytest.fixture
def order(oil: Product) -> Order:
    """An order of two of it, open and unpaid."""
    client = make_user()
    with transaction():
        return place_order(actor=Actor(client.id, Role.CLIENT), wanted=Wanted([Item(oil.id, 2)]))


@pytest.fixture
def sale(oil: Product) -> Order:
    """A sale of one of it."""
    clerk = make_user(Role.STAFF)
    with transaction():
        wanted = sales.Wanted([Item(oil.id, 1)], SaleMethod.CASH)
        return sales.sell(actor=Actor(clerk.id, Role.STAFF), wanted=wanted)


@each_case(
    ("values", "name"),
    [
        ({"subtotal_amount": -1, "tax_amount": 2401}, "ck_orders_totals"),
        ({"tax_amount": -1, "total_amount": 2399}, "ck_orders_totals"),
        ({"total_amount": 2401}, "ck_orders_totals"),
        ({"paid_amount": -1}, "ck_orders_paid"),
        ({"paid_amount": 2401}, "ck_orders_paid"),
        ({"refunded_amount": -1}, "ck_orders_refunded"),
        ({"refunded_amount": 1}, "ck_orders_refunded"),
        ({"status": OrderStatus.CANCELLED}, "ck_orders_expires"),
        ({"status": OrderStatus.EXPIRED}, "ck_orders_expires"),
        ({"client_id": None}, "ck_orders_client"),
        ({"channel": "in_person", "expires_at": None}, "ck_orders_sale"),
        ({"sale_method": SaleMethod.CASH}, "ck_orders_sale"),
        ({"fulfilment": "delivery"}, "ck_orders_address"),
        ({"address": "1 High Street"}, "ck_orders_address"),
        ({"fulfilment_status": "shipped"}, "ck_orders_shipped"),
        ({"status": OrderStatus.COMPLETED, "expires_at": None}, "ck_orders_completed"),
        ({"tax_rate_millionths": -1}, "ck_orders_tax_rate"),
        ({"tax_rate_millionths": 1_000_001}, "ck_orders_tax_rate"),
    ],
)
def test_unlawful_orders_are_refused(order: Order, values: dict[str, Any], name: str) -> None:
    """One is there; no update may make it unlawful."""
    refused(update(Order).values(values), name)


@each_case(
    ("values", "name"),
    [
        ({"sale_method": None}, "ck_orders_sale"),
        ({"sold_by": None}, "ck_orders_sale"),
        ({"channel": "online", "sale_method": None, "sold_by": None}, "ck_orders_client"),
        ({"status": OrderStatus.OPEN, "expires_at": NINE}, "ck_orders_expires"),
    ],
)
def test_unlawful_sales_are_refused(sale: Order, values: dict[str, Any], name: str) -> None:
    refused(update(Order).values(values), name)


@each_case(
    ("values", "name"),
    [
        ({"quantity": 0, "total_amount": 0}, "ck_order_lines_quantity"),
        ({"quantity": -2, "total_amount": -2400}, "ck_order_lines_quantity"),
        ({"quantity": 10_001, "total_amount": 10_001 * 1200}, "ck_order_lines_quantity"),
        ({"total_amount": 2399}, "ck_order_lines_total"),
        ({"unit_price_amount": -1200, "total_amount": -2400}, "ck_order_lines_total"),
        ({"tax_amount": -1}, "ck_order_lines_tax"),
    ],
)
def test_unlawful_lines_are_refused(order: Order, values: dict[str, Any], name: str) -> None:
    refused(update(OrderLine).values(values), name)


@each_case(
    ("table", "column"),
    [
        ("orders", "channel"),
        ("orders", "status"),
        ("orders", "fulfilment_status"),
        ("orders", "fulfilment"),
        ("order_lines", "kind"),
        ("order_history", "step"),
        ("order_history", "from_status"),
        ("order_history", "to_status"),
        ("order_history", "fulfilment_status"),
    ],
)
def test_there_are_no_other_words(order: Order, table: str, column: str) -> None:
    with transaction():
        db.session.execute(update(Order).values(expires_at=None))  # no other rule is in the way
    caught = refused_by_database(table, {column: "gone"})
    assert f"ck_{table}_{column}" in str(caught.value)


def test_there_are_no_other_ways_to_pay(sale: Order) -> None:
    assert "ck_orders_sale_method" in str(refused_by_database("orders", {"sale_method": "cheque"}).value)


def row_of(model: Any, **values: Any) -> dict[str, Any]:
    """Return the one row of a table without its id, changed by `values`; what the database works out is left out."""
    with reading():
        found = db.session.execute(select(model.__table__)).mappings().first()
    return {name: value for name, value in (found or {}).items() if name not in {"id", "payment_status"}} | values


def test_a_reference_is_one_orders(order: Order) -> None:
    refused(insert(Order).values(row_of(Order)), "reference")


def test_a_product_and_a_place_are_one_lines(order: Order) -> None:
    """Duplicates are summed before: no order has two lines of one product."""
    refused(insert(OrderLine).values(row_of(OrderLine, position=1)), "product_id")
    other = make_product(1)
    refused(insert(OrderLine).values(row_of(OrderLine, product_id=other.id)), "position")


@pytest.mark.parametrize("kind", ["reservation", "release", "sale"])
def test_an_order_moves_a_product_once_each_way(order: Order, kind: str) -> None:
    """Whatever has gone wrong before: stock is promised, given back and handed over once."""
    changes = {"reservation": (0, 2), "release": (0, -2), "sale": (-2, -2)}[kind]
    moved = dict(zip(("on_hand_change", "reserved_change"), changes, strict=True))
    with reading():
        found = select(StockMovement.__table__).where(StockMovement.order_id == order.id)
        movement = dict(db.session.execute(found).mappings().one()) | moved | {"kind": MovementKind(kind)}
    del movement["id"]
    if kind != "reservation":
        with transaction():
            db.session.execute(insert(StockMovement).values(movement))
    refused(insert(StockMovement).values(movement), "order_id")


@each_case(
    ("paid", "refunded", "status"),
    [
        (0, 0, PaymentStatus.UNPAID),
        (1, 0, PaymentStatus.PARTIALLY_PAID),
        (2400, 0, PaymentStatus.PAID),
        (2400, 1, PaymentStatus.PARTIALLY_REFUNDED),
        (2400, 2400, PaymentStatus.REFUNDED),
        (1, 1, PaymentStatus.REFUNDED),
    ],
)
def test_the_payment_status_follows_from_the_amounts(
    order: Order, paid: int, refunded: int, status: PaymentStatus
) -> None:
    """The database works it out, and lets nobody write it."""
    with transaction():
        db.session.execute(update(Order).values(paid_amount=paid, refunded_amount=refunded))
    with reading():
        assert db.session.scalars(select(Order.payment_status)).one() is status
    with pytest.raises(Exception, match=r"payment_status|generated"), transaction():
        db.session.execute(text("UPDATE orders SET payment_status = 'paid'"))


def test_what_was_sold_stays(order: Order) -> None:
    """Neither products, people nor orders are removed from under it."""
    for table in ("products", "users", "orders"):
        with pytest.raises(IntegrityError), transaction():
            db.session.execute(text(f"DELETE FROM {table}"))  # noqa: S608  # the test's own words
