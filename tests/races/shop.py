"""Orders that races begin with, made as the application makes them; and what became of the stock."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import func, select, update

from app.extensions import BULK, db
from app.jobs.outbox import enqueue
from app.models import Order, OrderHistory, OrderLine, OrderStatus, OrderStep, Product, StockMovement
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.orders.service.record import EXPIRE_ORDER
from app.transactions import reading, transaction
from tests.races.callers import Call, Caller

ORDERS = "/api/orders"
Goods = Mapping[int, int]


def ordered(client: Caller, goods: Goods) -> int:
    """Order, and return the order's id."""
    with transaction():
        return place_order(actor=client.actor, wanted=Wanted([Item(*one) for one in goods.items()])).id


def wants(client: Caller, goods: Goods, path: str = ORDERS, **more: object) -> Call:
    """Return the call by which somebody orders, or sells, so many units of each product, in this order."""
    items = [{"product_id": product, "quantity": units} for product, units in goods.items()]
    return Call(client, path, {"items": items, **more})


def let_lapse(order_id: int, at: datetime) -> None:
    """Let an order expire at an instant, and leave the task for it."""
    with transaction():
        changed = update(Order).where(Order.id == order_id).values(expires_at=at)
        db.session.execute(changed, execution_options=BULK)
        enqueue(EXPIRE_ORDER, {"order_id": order_id}, due_at=at)


def shelf(product_ids: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return what is on hand and reserved of products."""
    found = select(Product.id, Product.on_hand, Product.reserved).where(Product.id.in_(product_ids))
    with reading():
        return {one: (on_hand, reserved) for one, on_hand, reserved in db.session.execute(found)}


def promised(product_ids: Collection[int]) -> dict[int, int]:
    """Return how many units of products the lines of orders have that keep or have had them."""
    units = select(OrderLine.product_id, func.sum(OrderLine.quantity)).join(Order, Order.id == OrderLine.order_id)
    found = units.where(
        OrderLine.product_id.in_(product_ids), Order.status.in_((OrderStatus.OPEN, OrderStatus.COMPLETED))
    )
    with reading():
        return {one: int(units) for one, units in db.session.execute(found.group_by(OrderLine.product_id))}


def wrong_books(product_ids: Collection[int]) -> list[int]:
    """Return the products whose counters are not what the ledger says."""
    changes = func.sum(StockMovement.on_hand_change), func.sum(StockMovement.reserved_change)
    sums = select(StockMovement.product_id, *changes).where(StockMovement.product_id.in_(product_ids))
    counted = shelf(product_ids)
    with reading():
        ledger = db.session.execute(sums.group_by(StockMovement.product_id)).all()
    return [one for one, on_hand, reserved in ledger if counted[one] != (int(on_hand), int(reserved))]


def steps_of(order_id: int) -> list[OrderStep]:
    """Return what happened to an order, the first step first."""
    steps = select(OrderHistory.step).where(OrderHistory.order_id == order_id).order_by(OrderHistory.id)
    with reading():
        return list(db.session.scalars(steps))
