"""The shapes of refunds, and of what providers said."""

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from app.models import MOST_LINES, MOST_UNITS, RefundOrigin, RefundState, Verdict
from app.payments.schemas import MONEY, FailureOut
from app.payments.service import WantedRefund
from app.web.fields import Choice, Id, Instant, ListOf, LongText, MoneyIn, MoneyOut, Nested, Text, Whole
from app.web.pagination import PageArgs, page_args, sort_by
from app.web.schemas import Schema

LONGEST_REASON = 500
LONGEST_RECEIPT = 64


class ReturnedIn(Schema):
    """So many units of a product that come back."""

    product_id = Id(required=True, metadata={"example": 1})
    quantity = Whole(min=1, max=MOST_UNITS, required=True, metadata={"example": 1})


class RefundIn(Schema):
    """What of which payment goes back, and why; the goods of an order may come back with it."""

    payment_id = Id(required=True, metadata={"example": 1})
    amount = MoneyIn(min=1, metadata={"description": "Left out: all that is left of the payment."})
    reason = LongText(min=1, max=LONGEST_REASON, required=True, metadata={"example": "Brought back unopened."})
    items = ListOf(Nested(ReturnedIn), max=MOST_LINES, load_default=list)

    @validates_schema
    def names_each_product_once(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a product that comes back twice."""
        named = [item["product_id"] for item in data.get("items", [])]
        if len(set(named)) != len(named):
            raise ValidationError("Name each product once.", "items")

    @post_load
    def to_wanted(self, data: dict[str, Any], **_kwargs: Any) -> WantedRefund:
        """Return what is wanted."""
        items = {item["product_id"]: item["quantity"] for item in data["items"]}
        return WantedRefund(**data | {"items": items})


class RefundOut(Schema):
    """Money that goes back. `origin` says whether an admin, a policy, or the provider began it."""

    id = Id(required=True)
    reference = Text(required=True, metadata={"example": "RF-7F3K9Q"})
    payment_id = Id(required=True)
    status = Choice(RefundState, required=True)
    origin = Choice(RefundOrigin, required=True)
    amount = MoneyOut(required=True, amount="amount", metadata=MONEY)
    reason = Text(required=True, max=LONGEST_REASON, metadata={"example": "Brought back unopened."})
    provider_reference = Text(required=True, allow_none=True, metadata={"example": "re_3Pq2Xy"})
    failure = Nested(FailureOut, required=True, allow_none=True)
    created_by = Id(required=True, allow_none=True, metadata={"description": "Null: the system."})
    created_at = Instant(required=True)
    settled_at = Instant(required=True, allow_none=True)


RefundsQuery = page_args(default="created_at", keys=("created_at",))


class PaidOutIn(Schema):
    """How somebody paid a refund out that its provider does not."""

    provider_reference = Text(
        max=LONGEST_RECEIPT, load_default="", metadata={"example": "SKE52PAWR9", "description": "Of its receipt."}
    )


class EventsQuery(PageArgs):
    """Which messages of providers."""

    sort = sort_by("received_at", default="-received_at")
    verdict = Choice(Verdict, load_default=None)


class ProviderEventOut(Schema):
    """A message of a provider, and what became of it; null: it waits."""

    id = Id(required=True)
    provider = Text(required=True, metadata={"example": "stripe"})
    event_id = Text(required=True, metadata={"example": "evt_1Pq2Xy"})
    kind = Text(required=True, metadata={"example": "payment_intent.succeeded"})
    provider_reference = Text(required=True, allow_none=True, metadata={"example": "pi_3Pq2Xy"})
    payment_reference = Text(required=True, allow_none=True, metadata={"example": "PY-7F3K9Q"})
    payment_id = Id(required=True, allow_none=True)
    amount = Whole(required=True, allow_none=True, max=2**63 - 1, metadata={"example": 450_000})
    currency = Text(required=True, allow_none=True, metadata={"example": "KES"})
    verdict = Choice(Verdict, required=True, allow_none=True)
    detail = Text(
        required=True,
        metadata={
            "example": "",
            "description": "Of a mismatch, or what is unknown: what was said, beside what stands here, in minor units.",
        },
    )
    received_at = Instant(required=True)
    applied_at = Instant(required=True, allow_none=True)
