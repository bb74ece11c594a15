"""What orders do to stock: keep it while they wait, let it go, give it back. Orders are locked before products."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from itertools import count

from app.extensions import db
from app.kit.clock import utcnow
from app.models import Order, OrderStatus, OrderStep
from app.orders import queries
from app.orders.basket import Basket, out_of_stock, refuse_overtaken
from app.orders.events import order_expired
from app.orders.service.record import record_step
from app.products import stock
from app.products.errors import OutOfStock

Take = Callable[[stock.Quantities, stock.Because], stock.Standings]
"""`stock.reserve` or `stock.sell`."""

MOST_TRIES = 30
"""Each but the last fails only where somebody else was quicker: so many may want the same overdue goods at once."""

MOST_FREED = 100
"""Overdue orders that whoever wants their goods expires at most; the worker does the rest."""


def take_stock(order: Order, basket: Basket, take: Take, *, actor_id: int) -> None:
    """Take the stock of a new order: all of it, or `OutOfStock` naming the lines.

    Where there is too little, and overdue orders keep enough, the oldest of these give theirs back first; what was
    taken so far is let go meanwhile, as orders are locked before products. Raises `NotAvailable` and `PriceChanged`
    where that has come about while others were waited for.
    """
    wanted, because = order.quantities, stock.Because(actor_id=actor_id, order_id=order.id)
    in_the_way: Collection[int] = ()
    for tries in count(1):
        try:
            with db.session.begin_nested():
                _expire_overdue(in_the_way, wanted)
                products = take(wanted, because)
        except OutOfStock as refusal:
            if tries == MOST_TRIES:
                raise out_of_stock(basket, _had(refusal)) from refusal
            in_the_way = _in_the_way(refusal, basket)
        else:
            refuse_overtaken(basket, products)
            return


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
        order_expired.send(order)


def lock_products_of(orders: Sequence[Order], also: Collection[int] = ()) -> None:
    """Lock all that several locked orders keep, and `also` these products, before one order after the other moves."""
    stock.lock({*also, *(product_id for order in orders for product_id in order.quantities)})


def _in_the_way(refusal: OutOfStock, basket: Basket) -> Collection[int]:
    """Return the oldest overdue orders, as few as give back what was missing. Raises `OutOfStock` where none do.

    What they keep is read first: what one of them gives back in between is then counted twice, and tried for in vain,
    and not overlooked.
    """
    short = _had(refusal)
    lines = db.session.execute(queries.overdue_lines(short, utcnow(), MOST_FREED)).all()
    can_be_had = Counter(stock.available(short))
    wanted = {part.product.id: part.quantity for part in basket}
    found = dict[int, None]()
    for order_id, product_id, units in lines:
        if can_be_had[product_id] < wanted[product_id]:
            found[order_id] = None
        can_be_had[product_id] += units
    if any(can_be_had[one] < wanted[one] for one in short):
        raise out_of_stock(basket, can_be_had) from refusal
    return found


def _had(refusal: OutOfStock) -> dict[int, int]:
    """Return what was there of the products of which there was too little."""
    return {one["product_id"]: one["available"] for one in refusal.extra["products"]}  # type: ignore[attr-defined]  # a list


def _expire_overdue(order_ids: Collection[int], wanted: stock.Quantities) -> None:
    """Expire those of these orders that nobody else has expired meanwhile; `wanted` is locked with what they keep."""
    if not order_ids:
        return
    orders = db.session.scalars(queries.locked(queries.still_overdue(order_ids, utcnow()))).all()
    if orders:
        lock_products_of(orders, also=wanted)
    for order in orders:
        expire(order)
