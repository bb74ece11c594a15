"""What was earned, as the books have it: by day, and by what it was earned with; each in one statement."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any, Final

from app.extensions import business, db
from app.kit.money import Money
from app.reports import revenue_queries as queries
from app.reports.months import Month, days, span_of

LATELY: Final = {"today": 1, "last_7_days": 7, "last_30_days": 30}
"""The days of each figure of the dashboard, today among them."""

KINDS: Final = ("service", "staff", "space", "product")
WHOLE: Final = "whole"


@dataclass(frozen=True, slots=True)
class Revenue:
    """What the accounts of the books have earned, in minor units; below zero where more was taken back."""

    currency: str
    net: int = 0
    tax: int = 0
    fees_kept: int = 0
    breakage: int = 0

    @property
    def amounts(self) -> tuple[int, int, int, int]:
        """The four, in this order."""
        return self.net, self.tax, self.fees_kept, self.breakage

    @property
    def money(self) -> dict[str, Money]:
        """The four, by name."""
        named = zip(("net", "tax", "fees_kept", "breakage"), self.amounts, strict=True)
        return {name: Money(amount, self.currency) for name, amount in named}

    def __add__(self, other: "Revenue") -> "Revenue":
        """Return both; they are of one currency."""
        return Revenue(self.currency, *(map(sum, zip(self.amounts, other.amounts, strict=True))))


@dataclass(frozen=True, slots=True)
class Thing:
    """What something was earned with, as it is called now."""

    id: int
    name: str


Things = Mapping[str, Thing]
"""By `service`, `staff`, `space` or `product`; none of those has what cannot be told apart."""

Earnings = Mapping[str, Revenue]
"""By currency."""


@dataclass(frozen=True, slots=True)
class Earning:
    """What was earned in a span of time with some things."""

    span: str
    things: Things
    revenue: Revenue


@dataclass(frozen=True, slots=True)
class RevenueReport:
    """What was earned in a period: all of it, and by each thing, what brought most first."""

    total: Sequence[Revenue]
    by_day: Sequence[tuple[str, Revenue]]
    by_thing: Mapping[str, Sequence[tuple[Thing, Revenue]]]
    other: Sequence[Revenue]


def report(first: date, last: date) -> RevenueReport:
    """Return what was earned from `first` to `last`, both included, in two statements."""
    by_day = earned(days(first, last, business.timezone))
    whole = Month(WHOLE, business.timezone, span_of(first, last, business.timezone))
    found = list(earned_by_thing([whole]))
    return RevenueReport(
        total=_summed(revenue for _, revenue in by_day),
        by_day=by_day,
        by_thing={kind: _by(kind, found) for kind in KINDS},
        other=_summed(one.revenue for one in found if not one.things),
    )


def lately(today: date) -> dict[str, list[Revenue]]:
    """Return what was earned today, and in the last days, in one statement."""
    spans = {name: span_of(today - timedelta(days=n - 1), today, business.timezone) for name, n in LATELY.items()}
    found: defaultdict[str, list[Revenue]] = defaultdict(list)
    for name, revenue in earned([Month(name, business.timezone, span) for name, span in spans.items()]):
        found[name].append(revenue)
    return found


def earned(spans: Sequence[Month]) -> list[tuple[str, Revenue]]:
    """Return (name of a span, what was earned in it) in turn, by currency; in that of the business in any case."""
    found = {(span.name, business.currency): Revenue(business.currency) for span in spans}
    for name, currency, *amounts in db.session.execute(queries.earned(spans)):
        found[name, currency] = Revenue(currency, *amounts)
    turns = {span.name: turn for turn, span in enumerate(spans)}
    return sorted(((name, found[name, currency]) for name, currency in found), key=lambda one: _turn(turns, *one))


def earned_by_thing(spans: Sequence[Month]) -> Iterator[Earning]:
    """Yield what was earned in each span with each service and its staff, space or product."""
    for name, currency, *row in db.session.execute(queries.earned_by_thing(spans)):
        kinds = zip(KINDS, row[:8:2], row[1:8:2], strict=True)
        things = {kind: Thing(thing_id, called) for kind, thing_id, called in kinds if thing_id is not None}
        yield Earning(name, things, Revenue(currency, *row[8:]))


def _turn(turns: Mapping[str, int], name: str, revenue: Revenue) -> Any:
    return turns[name], revenue.currency != business.currency, revenue.currency


def _summed(revenues: Iterable[Revenue]) -> list[Revenue]:
    """Return the sum in each currency."""
    alike: defaultdict[str, list[Revenue]] = defaultdict(list)
    for revenue in revenues:
        alike[revenue.currency].append(revenue)
    return [reduce(Revenue.__add__, some) for some in alike.values()]


def _by(kind: str, found: Iterable[Earning]) -> list[tuple[Thing, Revenue]]:
    of_each: defaultdict[Thing, list[Revenue]] = defaultdict(list)
    for one in found:
        if kind in one.things:
            of_each[one.things[kind]].append(one.revenue)
    summed = [(thing, revenue) for thing, some in of_each.items() for revenue in _summed(some)]
    return sorted(summed, key=lambda one: (one[1].currency, -one[1].net, one[0].name, one[0].id))
