"""The shapes of what the diary will use of the stock."""

from app.web.fields import CalendarDate, Id, Instant, ListOf, Nested, QueryWhole, Text, Whole, ZoneName
from app.web.schemas import QuerySchema, Schema

MOST_DAYS = 90
USUAL_DAYS = 14
LARGEST = 2**63 - 1


class ForecastQuery(QuerySchema):
    """How far ahead."""

    days = QueryWhole(min=1, max=MOST_DAYS, load_default=USUAL_DAYS)


class NeedOut(Schema):
    """What the diary uses of one product."""

    product_id = Id(required=True)
    sku = Text(required=True, metadata={"example": "SHAMPOO-1L"})
    name = Text(required=True, metadata={"example": "Salon shampoo, 1 litre"})
    available = Whole(required=True, max=LARGEST, metadata={"example": 12})
    needed = Whole(required=True, max=LARGEST, metadata={"example": 15})
    shortage = Whole(required=True, max=LARGEST, metadata={"example": 3})
    runs_out_on = CalendarDate(
        required=True, allow_none=True, metadata={"example": "2026-03-09", "description": "Null: there is enough."}
    )


class ForecastOut(Schema):
    """What the diary uses, the first to run out first; days are those of `timezone`."""

    since = Instant(required=True, data_key="from")
    until = Instant(required=True, data_key="to")
    timezone = ZoneName(required=True)
    items = ListOf(Nested(NeedOut), required=True)
