"""The shapes of sales at the counter; what is answered is an order."""

from typing import Any

from marshmallow import post_load

from app.models import SaleMethod
from app.orders.schemas import MOST_NOTES, ItemsIn
from app.sales.service import Wanted
from app.web.fields import Choice, Id, LongText


class SaleIn(ItemsIn):
    """What is sold, how it was paid, and to whom, if that is known."""

    method = Choice(SaleMethod, required=True, metadata={"example": "cash"})
    client_id = Id(allow_none=True, metadata={"description": "To whom; needed where a package is among it."})
    booking_id = Id(allow_none=True, metadata={"description": "The visit at which it is sold: to its client."})
    notes = LongText(max=MOST_NOTES, load_default="")

    @post_load
    def to_wanted(self, data: dict[str, Any], **_kwargs: Any) -> Wanted:
        """Return what is sold."""
        return Wanted(**data)
