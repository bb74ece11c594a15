"""The shape of what a mailed link shows."""

from app.orders.schemas import OrderOut
from app.web.fields import Flag, Instant, Nested
from app.web.schemas import Schema


class ManagedOrderOut(Schema):
    """An order, and what can be done to it by the link."""

    order = Nested(OrderOut, required=True)
    may_cancel = Flag(required=True)
    link_expires_at = Instant(
        required=True,
        allow_none=True,
        metadata={"example": None, "description": "Null: the order is open, and until it has ended the link works."},
    )
