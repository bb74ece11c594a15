"""Unpaid orders past their time: they lapse for readers at once, and in the table when their task comes up."""

from app.extensions import db
from app.models import Order
from app.orders import queries
from app.orders.service import keeping


def expire_order(order_id: int) -> None:
    """Expire an order if it is unpaid past its time; nothing happens if it is not, or not any more."""
    found = queries.locked(queries.whole().where(Order.id == order_id))
    order = db.session.scalars(found).one_or_none()
    if order is not None:
        keeping.expire(order)
