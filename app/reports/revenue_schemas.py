"""The shapes of what was earned."""

from typing import Any

from app.web.fields import CalendarDate, Id, ListOf, MoneyOut, Nested, Text
from app.web.schemas import Schema


def _of(amount: int, description: str) -> dict[str, Any]:
    return {"example": {"amount": amount, "currency": "KES"}, "description": description}


class RevenueOut(Schema):
    """What was earned in one currency: what was invoiced less what was credited, and what was kept besides."""

    net = MoneyOut(required=True, metadata=_of(129_310, "Revenue without tax; below zero if taken back."))
    tax = MoneyOut(required=True, metadata=_of(20_690, "Owed to the state."))
    fees_kept = MoneyOut(required=True, metadata=_of(0, "Of late cancellations and missed visits."))
    breakage = MoneyOut(required=True, metadata=_of(0, "What expired on gift cards and packages."))


class DayRevenueOut(RevenueOut):
    """What was earned on a day of the business's zone."""

    date = CalendarDate(required=True)


class ThingRevenueOut(RevenueOut):
    """What was earned with a service, by a staff member, with a space or a product."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Silk press", "description": "As it is called now."})


MOST_THINGS = 1_000_000


def _things(description: str) -> ListOf:
    return ListOf(Nested(ThingRevenueOut), required=True, max=MOST_THINGS, metadata={"description": description})


class RevenueReportOut(Schema):
    """What was earned in a period; in each list, every currency by itself."""

    total = ListOf(Nested(RevenueOut), required=True)
    by_day = ListOf(
        Nested(DayRevenueOut), required=True, max=MOST_THINGS, metadata={"description": "Every day, empty ones too."}
    )
    by_service = _things("What brought most first.")
    by_staff = _things("The same as by_service, by who performed it.")
    by_space = _things("What brought most first.")
    by_product = _things(
        "What brought most first; gift cards and packages by what expired on them alone: what they pay for earns."
    )
    other = ListOf(
        Nested(RevenueOut),
        required=True,
        metadata={
            "description": "What no single thing earned, such as the fee of a visit of two services."
            " Services, spaces, products and this come to the total."
        },
    )


class LatelyOut(Schema):
    """What was earned today, and in the last days, today among them; every currency by itself."""

    today = ListOf(Nested(RevenueOut), required=True)
    last_7_days = ListOf(Nested(RevenueOut), required=True)
    last_30_days = ListOf(Nested(RevenueOut), required=True)
