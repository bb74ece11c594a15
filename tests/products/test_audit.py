"""`flask audit` recounts stock, and names the place that was tampered with."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, text, update

from app.extensions import db
from app.models import Order, OrderLine, Product, ProductKind, StockMovement
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_product, make_user, token_for


def audit(app: Flask) -> tuple[int, list[str]]:
    """Run the command; return its status and what it says of stock."""
    result = app.test_cli_runner().invoke(args=["audit"])
    return result.exit_code, [line for line in result.output.splitlines() if line.startswith("stock: ")]


@pytest.fixture
def soap(app: Flask) -> Product:
    """Ten bars of soap."""
    return make_product(10, sku="SOAP")


@pytest.fixture
def order_id(api: Api, soap: Product) -> int:
    """An open order of two of them."""
    body = {"items": [{"sku": "SOAP", "quantity": 2}], "fulfilment": "pickup"}
    answer = api.post("/api/orders", body, token=token_for(make_user()))
    assert answer.status_code == 201, answer.json
    return int(answer.json["id"])


def tamper(statement: Any) -> None:
    """Change the database past all of our code, the triggers of the ledger taken away for that long."""
    with transaction():
        if db.engine.dialect.name == "postgresql":
            db.session.execute(text("ALTER TABLE stock_movements DISABLE TRIGGER USER"))
            db.session.execute(statement)
            db.session.execute(text("ALTER TABLE stock_movements ENABLE TRIGGER USER"))
            return
        triggers = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'stock_movements'")
        known = db.session.execute(triggers).all()
        for name, _ in known:
            db.session.execute(text(f"DROP TRIGGER {name}"))
        db.session.execute(statement)
        for _, sql in known:
            db.session.execute(text(sql))


def last_movement() -> int:
    """Return the id of the newest movement."""
    newest: int = db.session.query(StockMovement.id).order_by(StockMovement.id.desc()).limit(1).scalar()
    db.session.rollback()
    return newest


def test_what_was_done_by_the_book(app: Flask, api: Api, order_id: int, admin: str) -> None:
    """Receipts, counts, orders that are kept, cancelled, handed over; sales; products of which no stock is kept."""
    make_product(sku="CARD", kind=ProductKind.GIFT_CARD)
    client = token_for(make_user())
    done = [
        api.put("/api/inventory/soap/stock", {"on_hand": 9, "reason": "counted"}, token=admin),
        api.put("/api/inventory/soap/stock", {"delta": 20, "reason": "receipt"}, token=admin),
        api.post("/api/sales", {"items": [{"sku": "SOAP", "quantity": 3}], "method": "cash"}, token=admin),
        api.patch(f"/api/orders/{order_id}", {"fulfilment_status": "fulfilled"}, token=admin),
    ]
    assert [answer.status_code for answer in done] == [200, 200, 201, 200], [answer.json for answer in done]
    body = {"items": [{"sku": "SOAP", "quantity": 1}, {"sku": "CARD", "quantity": 1}], "fulfilment": "pickup"}
    kept, cancelled = (api.post("/api/orders", body, token=client).json for _ in range(2))
    assert api.post(f"/api/orders/{cancelled['id']}/cancel", {}, token=client).status_code == 200
    assert kept["status"] == "open"
    assert audit(app) == (0, [])


def test_a_changed_counter_is_named(app: Flask, soap: Product) -> None:
    tamper(update(Product).values(on_hand=11, reserved=1))
    assert audit(app) == (
        1,
        [f"stock: product {soap.id} (SOAP) has 11 on hand and 1 reserved; its movements make 10 and 0"],
    )


def test_a_changed_movement_is_named(app: Flask, api: Api, soap: Product, admin: str) -> None:
    """The database refuses to change one; whoever takes the triggers away is found out, at the very movement."""
    for _ in range(2):
        assert api.put("/api/inventory/soap/stock", {"delta": 5, "reason": "receipt"}, token=admin).status_code == 200
    movement = last_movement() - 1
    tamper(update(StockMovement).where(StockMovement.id == movement).values(on_hand_change=4))
    assert audit(app) == (
        1,
        [
            f"stock: product {soap.id} (SOAP) has 20 on hand and 0 reserved; its movements make 19 and 0",
            (
                f"stock: movement {movement} of product {soap.id} leaves 15 on hand and 0 reserved;"
                " by the one before it and its change it is 14 and 0"
            ),
        ],
    )


def test_a_removed_movement_is_named(app: Flask, api: Api, soap: Product, admin: str) -> None:
    """By the one that came after it."""
    for delta in (5, -5, 7):
        api.put("/api/inventory/soap/stock", {"delta": delta, "reason": "moved"}, token=admin)
    movement = last_movement()
    tamper(delete(StockMovement).where(StockMovement.id.in_([movement - 1])))
    code, said = audit(app)
    assert code == 1
    assert any(line.startswith(f"stock: movement {movement} of product {soap.id} leaves 17") for line in said)


def test_a_movement_of_what_is_not_counted(app: Flask) -> None:
    card = make_product(sku="CARD", kind=ProductKind.GIFT_CARD)
    row = {"product_id": card.id, "kind": "receipt", "on_hand_change": 1, "on_hand_after": 1, "reserved_after": 0}
    tamper(insert(StockMovement).values(row))
    code, said = audit(app)
    assert code == 1
    assert f"stock: movement {last_movement()} is of product {card.id}, of which no stock is kept" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            update(OrderLine).values(quantity=3, total_amount=3600),
            "should have 3 reserved and 0 sold of product {product}; its movements make 2 and 0",
        ),
        (
            update(Order).values(status="cancelled", expires_at=None),
            "should have 0 reserved and 0 sold of product {product}; its movements make 2 and 0",
        ),
        (
            update(Order).values(fulfilment_status="fulfilled"),
            "should have 0 reserved and 2 sold of product {product}; its movements make 2 and 0",
        ),
        (
            update(Order).values(total_amount=2401, subtotal_amount=Order.subtotal_amount + 1),
            "is of 2401, with {tax} of tax; its lines make 2400, and {tax}",
        ),
        (update(OrderLine).values(tax_amount=2400), "is of 2400, with {tax} of tax; its lines make 2400, and 2400"),
    ],
    ids=["line", "cancelled", "handed over", "total", "tax"],
)
def test_an_order_that_has_promised_something_else(
    app: Flask, order_id: int, soap: Product, change: Any, said: str
) -> None:
    """Its status, its lines and its totals are held against the ledger and each other."""
    tax = db.session.query(Order.tax_amount).scalar()
    db.session.rollback()
    assert audit(app) == (0, [])
    tamper(change)
    code, lines = audit(app)
    assert code == 1
    assert f"stock: order {order_id} {said.format(product=soap.id, tax=tax)}" in lines


def test_a_movement_of_a_product_that_is_not_in_its_order(app: Flask, order_id: int) -> None:
    other = make_product(5)
    row = {"product_id": other.id, "kind": "reservation", "reserved_change": 1, "on_hand_after": 5}
    tamper(insert(StockMovement).values(row | {"reserved_after": 1, "order_id": order_id}))
    code, said = audit(app)
    assert code == 1
    assert f"stock: movement {last_movement()} is of order {order_id}, in which product {other.id} is not" in said
