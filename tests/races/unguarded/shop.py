"""Without a guard of orders and stock: whoever saw it on the shelf takes it."""

import time
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from sqlalchemy import select, update

from app.extensions import BULK, db
from app.models import Order, Product
from app.orders.service import create as placing
from app.orders.service import get_order
from app.orders.service import steps as order_steps
from app.products import stock
from app.products.low_stock import Change, Counters
from app.security.actor import Actor
from tests.races.unguarded.leaving_out import LINGER, Function, go_on_with, instead_of, looking

_shelf: ContextVar[dict[int, Counters]] = ContextVar("shelf")


@instead_of(order_steps, "lock_order", "order status")
def lock_order_late(_real: Function, actor: Actor, order_id: int, _seen: Any = None) -> Order:
    """Go on with the order as it was read, whatever has become of it; the version counter does not notice."""
    order = get_order(actor, order_id)
    db.session.commit()
    time.sleep(LINGER)
    go_on_with(order)
    return order


@instead_of(placing, "read_basket", "stock")
def look_at_the_shelf(real: Function, items: Any) -> Any:
    """Look how much there is, and let go."""
    with looking():
        basket = real(items)
    _shelf.set({part.product.id: Counters(part.product.on_hand, part.product.reserved, 0) for part in basket})
    return basket


@instead_of(stock, "_change_counters", "stock")
def count_stock_in_python(_real: Function, changes: dict[int, Change]) -> dict[int, Counters]:
    """Believe what was seen, and write back what should be left."""
    after = {}
    for product_id, change in sorted(changes.items()):
        seen = _shelf.get()[product_id]
        counted = {"on_hand": seen.on_hand + change.on_hand, "reserved": seen.reserved + change.reserved}
        if counted["reserved"] <= counted["on_hand"]:
            db.session.execute(update(Product).where(Product.id == product_id).values(counted), execution_options=BULK)
            after[product_id] = Counters(**counted, reorder_level=0)
    return after


@instead_of(stock, "lock", "shelf order")
def look_at_products(_real: Function, product_ids: Iterable[int]) -> stock.Standings:
    """Look at the products, and lock none."""
    db.session.expire_all()
    found = db.session.scalars(select(Product).where(Product.id.in_(product_ids)))
    return {
        one.id: stock.Standing(one.sku, one.active, one.price_amount, one.tracked, one.on_hand - one.reserved)
        for one in found
    }
