"""The shapes of recommendations, and of what the business links itself."""

from marshmallow import fields
from marshmallow.validate import OneOf

from app.models import MOST_LINK_POSITION, FoundBecause
from app.recommendations.reasons import Reason
from app.recommendations.service import Note
from app.recommendations.things import Kind
from app.web.fields import CalendarDate, Choice, Flag, Id, Instant, ListOf, MoneyOut, Nested, QueryWhole, Text, Whole
from app.web.pagination import page_args
from app.web.schemas import QuerySchema, Schema

MOST, USUAL = 20, 10
CODES = [reason.value for reason in Reason if reason is not Reason.BOUGHT_BEFORE]
PRICE = {"example": {"amount": 150000, "currency": "KES"}}


class AdviceQuery(QuerySchema):
    """How many of each."""

    limit = QueryWhole(min=1, max=MOST, load_default=USUAL, metadata={"description": "So many services and products."})


class ThingOut(Schema):
    """A service or product by name."""

    kind = Choice(Kind, required=True, metadata={"example": "service"})
    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Silk press"})


class ReasonOut(Schema):
    """Why. `because` are the client's things that it is based on, the one that counts most first."""

    code = Text(required=True, validate=OneOf(CODES), metadata={"example": "due"})
    text = Text(required=True, metadata={"example": "Last had on 2026-10-20, usually again after 28 days."})
    because = ListOf(Nested(ThingOut), required=True)
    curated = Flag(required=True, metadata={"description": "The business itself recommends it with that."})
    due_on = CalendarDate(metadata={"description": "Of what is due.", "example": "2026-11-17"})
    usual_interval_days = Whole(metadata={"description": "Of what is due.", "example": 28})


class AdvisedServiceOut(Schema):
    """The service, in short."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Silk press"})
    duration_minutes = Whole(required=True, metadata={"example": 90})
    price = MoneyOut(required=True, amount="price_amount", metadata=PRICE)


class AdvisedProductOut(Schema):
    """The product, in short."""

    id = Id(required=True)
    sku = Text(required=True, metadata={"example": "SHAMPOO-250"})
    name = Text(required=True, metadata={"example": "Argan shampoo, 250 ml"})
    price = MoneyOut(required=True, metadata=PRICE)


class Recommended(Schema):
    """What recommended services and products have in common."""

    score = fields.Float(
        required=True, metadata={"description": "From 0 to 1, falling down the list; it compares within one answer."}
    )
    reason = Nested(ReasonOut, required=True)


class RecommendedServiceOut(Recommended):
    """A service that can be booked, and why it is recommended."""

    service = Nested(AdvisedServiceOut, required=True)


class RecommendedProductOut(Recommended):
    """A product that can be bought, and why it is recommended."""

    product = Nested(AdvisedProductOut, required=True)


class ModelOut(Schema):
    """What it was worked out by. `version` is 0 as long as nothing has been."""

    version = Whole(required=True, metadata={"example": 17})
    computed_at = Instant(required=True, allow_none=True)


class NoteOut(Schema):
    """Why little or nothing is recommended."""

    code = Choice(Note, required=True, metadata={"example": "not_computed"})
    text = Text(required=True, metadata={"example": "Nothing has been worked out yet; that is done every night."})


class AdviceOut(Schema):
    """What is recommended to one client, the best first. `note` is null where there is nothing to explain."""

    client_id = Id(required=True)
    services = ListOf(Nested(RecommendedServiceOut), required=True)
    products = ListOf(Nested(RecommendedProductOut), required=True)
    model = Nested(ModelOut, required=True)
    note = Nested(NoteOut, required=True, allow_none=True)


class ChoiceIn(Schema):
    """Whether you want recommendations."""

    enabled = Flag(required=True, metadata={"example": False})


class ChoiceOut(ChoiceIn):
    """Whether you get recommendations."""


class KeptOut(Schema):
    """What the job has found for somebody, as it is kept."""

    version = Whole(required=True, attribute="model_id")
    service_id = Id(required=True, allow_none=True)
    product_id = Id(required=True, allow_none=True)
    score = fields.Float(required=True)
    reason = Choice(FoundBecause, required=True)
    because = fields.Raw(required=True)
    due_on = CalendarDate(required=True, allow_none=True)
    usual_interval_days = Whole(required=True, allow_none=True)


class ThingIn(Schema):
    """A service or product."""

    kind = Choice(Kind, required=True, metadata={"example": "service"})
    id = Id(required=True, metadata={"example": 1})


class LinkChangesIn(Schema):
    """Where a link stands among the others."""

    position = Whole(max=MOST_LINK_POSITION, metadata={"example": 1})


class LinkIn(LinkChangesIn):
    """A link: whoever has `from` is told of `to`. Low positions come first."""

    source = Nested(ThingIn, required=True, data_key="from", metadata={"description": "What the client has."})
    target = Nested(ThingIn, required=True, data_key="to", metadata={"description": "What it is then told of."})
    position = Whole(max=MOST_LINK_POSITION, load_default=0, metadata={"example": 0})


class LinkOut(Schema):
    """What the business links itself."""

    id = Id(required=True)
    source = Nested(ThingOut, required=True, data_key="from", metadata={"description": "What the client has."})
    target = Nested(ThingOut, required=True, data_key="to", metadata={"description": "What it is then told of."})
    position = Whole(required=True)
    created_at = Instant(required=True)


LinksQuery = page_args(default="position", keys=("position", "created_at"))
