"""The shapes of documents, and of the questions for them."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.kit.money import in_percent
from app.models import InvoiceKind
from app.web.fields import CalendarDate, Choice, Id, Instant, ListOf, MoneyOut, Nested, QueryId, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema


def _example(amount: int) -> dict[str, Any]:
    return {"example": {"amount": amount, "currency": "KES"}}


PRICE, NET, TAX, NOTHING = (_example(amount) for amount in (150_000, 129_310, 20_690, 0))


class TaxRate(fields.String):
    """A rate in percent, as text without needless zeros: `16`, or `7.7`."""

    def dump_value(self, value: int) -> str:
        """Return so many millionths in percent."""
        return in_percent(value)


class InvoicesQuery(PageArgs):
    """Which documents; dates are days of the business's zone, both included."""

    sort = sort_by("issued_at", default="-issued_at")
    first = CalendarDate(load_default=None, data_key="from", metadata={"example": "2026-01-01"})
    last = CalendarDate(load_default=None, data_key="to", metadata={"example": "2026-12-31"})
    kind = Choice(InvoiceKind, load_default=None)
    booking_id = QueryId(load_default=None)
    order_id = QueryId(load_default=None)

    @validates_schema
    def ends_no_earlier(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a range that is backwards."""
        if data["first"] and data["last"] and data["last"] < data["first"]:
            raise ValidationError("Must not be before from.", "to")


class SellerOut(Schema):
    """Who sold it, as the business was called when it was issued."""

    name = Text(required=True, attribute="seller_name", metadata={"example": "Parlour"})
    address = Text(required=True, attribute="seller_address", metadata={"example": "Moi Avenue 12, Nairobi"})
    country = Text(required=True, attribute="seller_country", metadata={"example": "KE"})
    tax_number = Text(required=True, attribute="seller_tax_number", metadata={"example": "P051234567X"})


class InvoiceLineOut(Schema):
    """One thing. The tax is part of `total`, or comes on top of it where `tax_inclusive` is false."""

    description = Text(required=True, metadata={"example": "Silk press, Amina · 2026-11-21 10:00"})
    quantity = Whole(required=True, metadata={"example": 1})
    unit_price = MoneyOut(required=True, amount="unit_price_amount", metadata=PRICE)
    total = MoneyOut(required=True, amount="amount", metadata=PRICE)
    tax_percent = TaxRate(required=True, attribute="tax_rate_millionths", metadata={"example": "16"})
    tax = MoneyOut(required=True, amount="tax_amount", metadata=TAX)


class TaxOut(Schema):
    """What the lines of one rate come to."""

    percent = TaxRate(required=True, attribute="millionths", metadata={"example": "16"})
    net = MoneyOut(required=True, metadata=NET)
    tax = MoneyOut(required=True, metadata=TAX)


class CorrectedOut(Schema):
    """The invoice that a credit note takes back, or part of it."""

    id = Id(required=True)
    number = Text(required=True, metadata={"example": "INV-2026-000001"})


class InvoiceOut(Schema):
    """A document as it was issued: nothing of it ever changes. A credit note's amounts are those taken back."""

    id = Id(required=True)
    number = Text(required=True, metadata={"example": "INV-2026-000001"})
    kind = Choice(InvoiceKind, required=True)
    issued_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    booking_id = Id(required=True, allow_none=True, metadata={"example": 1})
    order_id = Id(required=True, allow_none=True, metadata={"example": None})
    reference = Text(required=True, metadata={"example": "BK-7F3K9Q", "description": "Of the booking or order."})
    refund_id = Id(required=True, allow_none=True, metadata={"example": None})
    corrects = Nested(CorrectedOut, required=True, allow_none=True)
    seller = Nested(SellerOut, required=True)
    client_name = Text(
        required=True, metadata={"example": "Amina Wanjiku", "description": "Empty: somebody at the counter."}
    )
    items = ListOf(Nested(InvoiceLineOut), required=True, attribute="lines")
    tax_inclusive = fields.Boolean(required=True)
    taxes = ListOf(Nested(TaxOut), required=True)
    subtotal = MoneyOut(required=True, amount="subtotal_amount", metadata=NET)
    tax = MoneyOut(required=True, amount="tax_amount", metadata=TAX)
    total = MoneyOut(required=True, amount="total_amount", metadata=PRICE)
    paid = MoneyOut(
        required=True,
        amount="paid_amount",
        metadata={**PRICE, "description": "By then; on the others, what was given back."},
    )
    balance = MoneyOut(
        required=True,
        amount="balance_amount",
        metadata={**NOTHING, "description": "What was still to be paid by then."},
    )
