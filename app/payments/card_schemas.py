"""The shapes of stored cards."""

from app.web.fields import Id, ListOf, Nested, Text, Whole
from app.web.schemas import Schema


class CardOut(Schema):
    """A stored card."""

    id = Id(required=True)
    brand = Text(required=True, metadata={"example": "visa"})
    last4 = Text(required=True, metadata={"example": "4242"})
    exp_month = Whole(required=True, metadata={"example": 12})
    exp_year = Whole(required=True, metadata={"example": 2030})


class CardsOut(Schema):
    """All of one's stored cards."""

    items = ListOf(Nested(CardOut), required=True)


class SetupOut(Schema):
    """What the client's page needs to store a card."""

    provider_reference = Text(required=True, metadata={"example": "seti_1Pq2Xy"})
    client_secret = Text(required=True, metadata={"example": "seti_1Pq2Xy_secret_3k"})
