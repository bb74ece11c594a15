"""What becomes of orders when their client becomes somebody else, or nobody."""

from collections import defaultdict

from sqlalchemy import and_, case, or_, select, update
from sqlalchemy.orm import subqueryload

from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.models import Fulfilment, Order, OrderHistory, OrderStatus
from app.orders import queries
from app.orders.errors import OpenOrders
from app.orders.service.keeping import expire, lock_products_of
from app.orders.service.steps import cancel_locked, is_cancellable


def orders_of(client_id: int) -> list[Order]:
    """Return all that a client has bought, the newest first, with all that an answer shows; two statements."""
    found = select(Order).where(Order.client_id == client_id).options(subqueryload(Order.lines))
    return list(db.session.scalars(found.order_by(Order.created_at.desc(), Order.id.desc())))


def histories_of(client_id: int) -> dict[int, list[OrderHistory]]:
    """Return the changes of all that a client has bought, by order id, the first change first; one statement."""
    found: dict[int, list[OrderHistory]] = defaultdict(list)
    changes = select(OrderHistory).join(Order, Order.id == OrderHistory.order_id).where(Order.client_id == client_id)
    for change in db.session.scalars(changes.order_by(OrderHistory.id)):
        found[change.order_id].append(change)
    return found


def hand_over_to(client_id: int, account_id: int) -> None:
    """Give all that a client has bought to an account."""
    own = update(Order).where(Order.client_id == client_id)
    db.session.execute(own.values(client_id=account_id, version=Order.version + 1), execution_options=BULK)


def forget_client(client_id: int) -> None:
    """Cancel what a client has ordered and not paid for, and empty what was written about all that it has bought.

    Raises `OpenOrders` where money has come for what is in the house still, or goods are with it that are not paid.
    The caller has locked the client: nobody orders for it meanwhile.
    """
    _cancel_open(client_id)
    written = or_(Order.notes != "", and_(Order.address.is_not(None), Order.address != ""))
    address = case((Order.fulfilment == Fulfilment.DELIVERY, ""))
    own = update(Order).where(Order.client_id == client_id, written)
    forgotten = {"notes": "", "address": address, "version": Order.version + 1}
    db.session.execute(own.values(forgotten), execution_options=BULK)
    bought = select(Order.id).where(Order.client_id == client_id)
    history = update(OrderHistory).where(OrderHistory.order_id.in_(bought), OrderHistory.reason != "")
    db.session.execute(history.values(reason=""), execution_options=BULK)


def _cancel_open(client_id: int) -> None:
    open_ones = queries.whole().where(Order.client_id == client_id, Order.status == OrderStatus.OPEN)
    orders = db.session.scalars(queries.locked(open_ones)).all()
    kept = [order for order in orders if order.current_status is OrderStatus.OPEN and not _may_go(order)]
    if kept:
        raise OpenOrders(extra={"orders": [{"order_id": one.id, "reference": one.reference} for one in kept]})
    lock_products_of(orders)
    for order in orders:
        if order.status_at(utcnow()) is OrderStatus.EXPIRED:
            expire(order)
        else:
            cancel_locked(order, actor_id=client_id)


def _may_go(order: Order) -> bool:
    """Say whether leaving may cancel it: not where money came for it, which somebody has to be there to get back."""
    return is_cancellable(order) and not order.paid_amount and not (order.is_paid and order.has_prepaid)
