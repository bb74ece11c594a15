"""The shapes of payments, in and out."""

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from app.integrations.payments.provider import NextStep
from app.models import (
    PaymentMethod,
    PaymentState,
    Purpose,
)
from app.payments.service import Wanted
from app.web.fields import (
    Choice,
    Flag,
    Id,
    Instant,
    ListOf,
    MoneyIn,
    MoneyOut,
    Nested,
    QueryId,
    Repeated,
    Text,
)
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema

LONGEST_CODE = 64
LONGEST_PHONE = 32
MONEY = {"example": {"amount": 450_000, "currency": "KES"}}


class PaymentIn(Schema):
    """What is paid for and how. What for and how much is worked out here; less than is left may be asked for."""

    booking_id = Id(metadata={"example": 1})
    order_id = Id(metadata={"description": "Either this or booking_id."})
    method = Choice(
        PaymentMethod,
        required=True,
        metadata={"example": "card", "description": "cash and card_terminal: recorded by staff and admins only."},
    )
    purpose = Choice(Purpose, metadata={"description": "Left out: a deposit that is due, else all that is left."})
    amount = MoneyIn(min=1, metadata={"description": "Left out: all of what it is for."})
    phone = Text(
        min=1,
        max=LONGEST_PHONE,
        metadata={"description": "Of M-Pesa: the phone that is asked; left out, the client's."},
    )
    payment_method_id = Id(metadata={"description": "A stored card of your own, for what is yours."})
    code = Text(min=1, max=LONGEST_CODE, metadata={"example": "7F3K-9QXA-M2PD-HT46", "description": "Of a gift card."})

    @validates_schema
    def pays_for_one_thing(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what pays for nothing, or for two things at once; and what its method makes no use of."""
        if ("booking_id" in data) == ("order_id" in data):
            raise ValidationError("Send either booking_id or order_id.", "booking_id")
        check_words_of(data)

    @post_load
    def to_wanted(self, data: dict[str, Any], **_kwargs: Any) -> Wanted:
        """Return what is wanted."""
        return Wanted(**data | {"method": PaymentMethod(data["method"])})


class BookingDepositIn(PaymentIn):
    """How the deposit of a booking is paid."""

    class Meta:
        """What for is said by the path."""

        exclude = ("order_id", "purpose")

    booking_id = Id(required=True, metadata={"example": 1})

    @validates_schema
    def pays_for_one_thing(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what its method makes no use of."""
        check_words_of(data)

    @post_load
    def to_wanted(self, data: dict[str, Any], **_kwargs: Any) -> Wanted:
        """Return what is wanted."""
        return Wanted(**data | {"method": PaymentMethod(data["method"]), "purpose": Purpose.DEPOSIT})


OWN = {"phone": PaymentMethod.MPESA, "code": PaymentMethod.GIFT_CARD, "payment_method_id": PaymentMethod.CARD}
"""Fields that one method makes use of, and no other."""


def check_words_of(data: dict[str, Any]) -> None:
    """Refuse a payment that lacks what its method needs, or has what it makes no use of."""
    for name, method in OWN.items():
        if data["method"] != method and name in data:
            raise ValidationError(f"Only for {method}.", name)
    if data["method"] == PaymentMethod.GIFT_CARD and "code" not in data:
        raise ValidationError("Needed to pay by gift card.", "code")


class FailureOut(Schema):
    """Why it did not come about, as the provider says."""

    code = Text(required=True, metadata={"example": "card_declined"})
    message = Text(required=True, metadata={"example": "Your card was declined."})


class NextActionOut(Schema):
    """What the payer does next."""

    type = Choice(NextStep, required=True, metadata={"example": "confirm"})
    client_secret = Text(
        metadata={"description": "Of a card, for the provider's own page.", "example": "pi_3Pq2Xy_secret_9d"}
    )
    message = Text(metadata={"description": "Of M-Pesa: what to tell the payer."})


class PaymentOut(Schema):
    """A payment. `refunded` is what has gone back of it."""

    id = Id(required=True)
    reference = Text(required=True, metadata={"example": "PY-7F3K9Q"})
    booking_id = Id(required=True, allow_none=True)
    order_id = Id(required=True, allow_none=True)
    client_id = Id(required=True, allow_none=True)
    purpose = Choice(Purpose, required=True)
    method = Choice(PaymentMethod, required=True)
    provider = Text(required=True, metadata={"example": "stripe"})
    provider_reference = Text(required=True, allow_none=True, metadata={"example": "pi_3Pq2Xy"})
    status = Choice(PaymentState, required=True)
    amount = MoneyOut(required=True, amount="amount", metadata=MONEY)
    refunded = MoneyOut(required=True, metadata={"example": {"amount": 0, "currency": "KES"}})
    counted = Flag(
        required=True, metadata={"description": "False on a success: it came when nothing was owed, and goes back."}
    )
    next_action = Nested(
        NextActionOut,
        required=True,
        allow_none=True,
        metadata={"description": "What the page needs to go on; for whom it is to be paid by, or who began it, alone."},
    )
    failure = Nested(FailureOut, required=True, allow_none=True)
    recorded_by = Id(required=True, allow_none=True, metadata={"description": "Who had the money in hand."})
    created_at = Instant(required=True)
    settled_at = Instant(required=True, allow_none=True, metadata={"description": "When it was known to have come."})


class PaymentsQuery(PageArgs):
    """Which payments."""

    sort = sort_by("created_at", default="-created_at")
    status = Repeated(Choice(PaymentState), load_default=list, metadata={"description": "Repeatable."})
    booking_id = QueryId(load_default=None)
    order_id = QueryId(load_default=None)


class MethodOut(Schema):
    """A way to pay."""

    method = Choice(PaymentMethod, required=True)
    provider = Text(required=True, metadata={"example": "stripe"})
    by_staff = Flag(required=True, metadata={"description": "Recorded by staff and admins only."})


class MethodsOut(Schema):
    """How one may pay here."""

    items = ListOf(Nested(MethodOut), required=True)


class ReceiptOut(Schema):
    """What was received, for what, and from whom."""

    payment = Nested(PaymentOut, required=True)
    paid_for = Text(required=True, attribute="reference", metadata={"example": "BK-7F3K9Q"})
    client_name = Text(required=True, metadata={"example": "Ada Lovelace"})
    business = Text(required=True, metadata={"example": "Parlour"})
