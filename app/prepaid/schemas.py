"""The shapes of what is paid ahead."""

from app.models import PrepaidStatus, PrepaidStep
from app.web.fields import Choice, Id, Instant, MoneyOut, QueryFlag, QueryId, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema

MONEY = {"example": {"amount": 500_000, "currency": "KES"}}


class PrepaidQuery(PageArgs):
    """Whose, of which order, and whether only those that may (not) be used any more."""

    sort = sort_by("created_at", default="-created_at")
    client_id = QueryId(load_default=None)
    order_id = QueryId(load_default=None)
    usable = QueryFlag(load_default=None)


class PrepaidOut(Schema):
    """What cards and packages have in common."""

    id = Id(required=True)
    order_id = Id(required=True)
    product_id = Id(required=True)
    name = Text(required=True, metadata={"example": "Gift card 5,000"})
    status = Choice(PrepaidStatus, required=True, attribute="current_status")
    expires_at = Instant(required=True, allow_none=True, metadata={"description": "Null: never."})
    created_at = Instant(required=True)


class GiftCardOut(PrepaidOut):
    """A gift card. Its code is its buyer's to see, and the seller's and admins'; others see its last four signs."""

    client_id = Id(required=True, allow_none=True, metadata={"description": "The buyer."})
    code = Text(required=True, metadata={"example": "7F3K-9QXA-M2PD-HT46"})
    value = MoneyOut(required=True, metadata=MONEY)
    balance = MoneyOut(required=True, metadata=MONEY)


class PackageOut(PrepaidOut):
    """Visits of one service, paid ahead by a client."""

    client_id = Id(required=True)
    service_id = Id(required=True)
    price = MoneyOut(required=True, metadata=MONEY)
    visits = Whole(required=True, attribute="value", metadata={"example": 10})
    visits_left = Whole(required=True, attribute="balance", metadata={"example": 7})


class MovementOut(Schema):
    """One change of a balance: minor units of a card, visits of a package."""

    id = Id(required=True)
    kind = Choice(PrepaidStep, required=True, metadata={"example": "spend"})
    change = Whole(required=True, min=-(2**63), max=2**63 - 1, metadata={"example": -1})
    balance_after = Whole(required=True, max=2**63 - 1, metadata={"example": 6})
    reference = Text(required=True, metadata={"example": "PY-7F3K9Q", "description": "Of the payment or refund."})
    reason = Text(required=True, max=500, metadata={"example": "Haircut on 3 March."})
    actor_id = Id(required=True, allow_none=True)
    created_at = Instant(required=True)


class MovementsQuery(PageArgs):
    """In which order."""

    sort = sort_by("created_at", default="created_at")


class CodeIn(Schema):
    """The code of a gift card, with or without hyphens, spaces and capitals."""

    code = Text(required=True, min=1, max=64, metadata={"example": "7F3K-9QXA-M2PD-HT46"})


class BalanceOut(Schema):
    """What is on a gift card."""

    balance = MoneyOut(required=True, amount="balance", metadata=MONEY)
    status = Choice(PrepaidStatus, required=True, attribute="current_status")
    expires_at = Instant(required=True, allow_none=True)
