"""How time that can be had is shown: by a search, and by a problem that offers it instead."""

from typing import Any

from marshmallow import fields

from app.web.fields import MONEY_SHOWN, Id, Instant, ListOf, Nested
from app.web.schemas import Schema
from app.web.text_fields import documented

PARTS_OF_SLOTS = (
    "Only with several services. Where own prices and durations make for too many different totals and ends to list "
    "them all, each start has one slot: what comes of it if nobody is named but whom the search named."
)


class ListShown(ListOf):
    """An array whose entries are as it shows them already: a month has thousands of slots."""

    is_native = True


class MoneyShown(fields.Field[dict[str, Any]]):
    """`{"amount", "currency"}`, which is just that already."""

    is_native = True

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**documented(options, **MONEY_SHOWN))


class SlotPartOut(Schema):
    """One service of a visit, and who can do it then."""

    service_id = Id(required=True)
    staff_ids = ListOf(Id(), required=True)


class SlotOut(Schema):
    """Time that can be had, from any of these staff members, at this price."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T06:45:00Z"})
    staff_ids = ListOf(Id(), required=True, metadata={"description": "Who can do all of it; empty for a space."})
    price = MoneyShown(required=True, metadata={"example": {"amount": 150000, "currency": "KES"}})
    items = ListOf(Nested(SlotPartOut), metadata={"description": PARTS_OF_SLOTS})
