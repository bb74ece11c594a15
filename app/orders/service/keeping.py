"""What orders do to stock: keep it while they wait, let it go, give it back. Orders are locked before products."""

from collections.abc import Callable, Collection, Sequence

from app.extensions import db
from app.kit.clock import utcnow
from app.models import Order, OrderStatus, OrderStep
from app.orders import queries
from app.orders.basket import Basket, out_of_stock
from app.orders.service.record import record_step
from app.products import stock
from app.products.errors import OutOfStock

Take = Callable[[stock.Quantities, stock.Because], None]
"""`stock.reserve` or `stock.sell`."""


def take_stock(order: Order, basket: Basket, take: Take, *, actor_id: int) -> None:
    """Take the stock of a new order: all of it, or `OutOfStock` naming the lines.

    Where there is too little, overdue orders give theirs back first; what was taken so far is let go meanwhile, as
    orders are locked before products.
    """
    wanted, because = order.quantities, stock.Because(actor_id=actor_id, order_id=order.id)
    try:
        with db.session.begin_nested():
            take(wanted, because)
    except OutOfStock as refusal:
        if not _free_overdue(wanted.keys()):
            raise out_of_stock(refusal, basket) from refusal
        _take_now(wanted, because, basket, take)


def release(order: Order, *, actor_id: int | None) -> None:
    """Give back what a locked order, which has not been handed over, keeps."""
    stock.release(order.quantities, stock.Because(actor_id=actor_id, order_id=order.id))


def hand_over(order: Order, *, actor_id: int | None) -> None:
    """Let what a locked order keeps leave the house."""
    stock.hand_over(order.quantities, stock.Because(actor_id=actor_id, order_id=order.id))


def expire(order: Order) -> None:
    """Write down that a locked order has lapsed, if it has, and give its stock back."""
    now = utcnow()
    before = order.status
    if before is OrderStatus.OPEN and order.status_at(now) is OrderStatus.EXPIRED:
        order.move_to(OrderStatus.EXPIRED, now)
        release(order, actor_id=None)
        record_step(order, OrderStep.EXPIRE, before=before, actor_id=None)


def lock_products_of(orders: Sequence[Order], also: Collection[int] = ()) -> None:
    """Lock all that several locked orders keep, and `also` these products, before one order after the other moves."""
    stock.lock({*also, *(product_id for order in orders for product_id in order.quantities)})


def _take_now(wanted: stock.Quantities, because: stock.Because, basket: Basket, take: Take) -> None:
    try:
        take(wanted, because)
    except OutOfStock as refusal:
        raise out_of_stock(refusal, basket) from refusal


def _free_overdue(product_ids: Collection[int]) -> bool:
    """Expire the orders that keep these products past their time; say whether there were any."""
    overdue = db.session.scalars(queries.locked(queries.overdue_of(product_ids, utcnow()))).all()
    if overdue:
        lock_products_of(overdue, also=product_ids)
    for order in overdue:
        expire(order)
    return bool(overdue)
