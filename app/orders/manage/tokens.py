"""Signed links to an order, for its client. They work while it is open, and some days after it has ended."""

from datetime import datetime, timedelta

from app.models import Order
from app.orders.service import ended_at, load_order
from app.security.client_links import ClientLinks

VALID_AFTER_END = timedelta(days=30)


def good_until(order: Order) -> datetime | None:
    """Return until when the links to an order work; None as long as it is open."""
    end = ended_at(order)
    return None if end is None else end + VALID_AFTER_END


ORDER_LINKS = ClientLinks("orders", "ORDER_LINK_KEYS", load_order, good_until)
