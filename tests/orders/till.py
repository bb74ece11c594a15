"""What tests of orders share: asking, and seeing what a refusal must leave as it was."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from app.extensions import db
from app.models import Order, OrderHistory, OrderLine, OutboxEvent, Product, StockMovement, User
from tests.api import Api
from tests.factories import token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
ORDERS = "/api/orders"
SALES = "/api/sales"
WRITTEN = (Order, OrderHistory, OrderLine, OutboxEvent, Product, StockMovement)

Wish = tuple[Product, int]


def items(wishes: Sequence[Wish]) -> list[dict[str, Any]]:
    """Return the items of a body."""
    return [{"product_id": product.id, "quantity": quantity} for product, quantity in wishes]


def order(api: Api, who: User, *wishes: Wish, **more: Any) -> Any:
    """POST an order."""
    return api.post(ORDERS, {"items": items(wishes)} | more, token=token_for(who))


def sell(api: Api, who: User, *wishes: Wish, **more: Any) -> Any:
    """POST a sale, in cash."""
    return api.post(SALES, {"items": items(wishes), "method": "cash"} | more, token=token_for(who))


def cancel(api: Api, who: User, order_id: int, **body: Any) -> Any:
    """POST a cancellation."""
    return api.post(f"{ORDERS}/{order_id}/cancel", body, token=token_for(who))


def fulfil(api: Api, who: User, order_id: int, status: str) -> Any:
    """PATCH how far an order has come."""
    return api.patch(f"{ORDERS}/{order_id}", {"fulfilment_status": status}, token=token_for(who))


def steps_of(api: Api, who: User, order_id: int) -> list[str]:
    """Return the steps of an order's history, the first one first."""
    found = api.get(f"{ORDERS}/{order_id}/history", token=token_for(who)).json["items"]
    return [change["step"] for change in found]


def stock_of(*products: Product) -> list[tuple[int, int]]:
    """Return what is on hand and reserved of each product; the ledger must say the same."""
    found = []
    for product in products:
        counters = select(Product.on_hand, Product.reserved).where(Product.id == product.id)
        changes = (func.sum(StockMovement.on_hand_change), func.sum(StockMovement.reserved_change))
        ledger = select(*(func.coalesce(one, 0) for one in changes)).where(StockMovement.product_id == product.id)
        counted = tuple(db.session.execute(counters).one())
        assert tuple(map(int, db.session.execute(ledger).one())) == counted
        found.append((counted[0], counted[1]))
    db.session.commit()
    return found


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that orders write, by table."""
    found = {
        model.__tablename__: sorted(map(tuple, db.session.execute(select(model.__table__))), key=repr)
        for model in WRITTEN
    }
    db.session.commit()
    return found
