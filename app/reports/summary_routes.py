"""`/api/reports/…`: what was booked, as JSON and as tables, and how it stands."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Response

from app.extensions import business
from app.kit import csv_text
from app.models import BookingStatus, Role
from app.reports import dashboard as present
from app.reports import revenue
from app.reports import summary as booked
from app.reports.months import days, span_of
from app.reports.schemas import PeriodQuery
from app.reports.summary_schemas import BookingSummaryOut, DashboardOut
from app.security.guards import roles
from app.transactions import reading
from app.web.blueprint import Blueprint
from app.web.tables import MEDIA_TYPE, table_answer

CSV: Final[dict[str, Any]] = {
    "type": "string",
    "description": "CSV (RFC 4180) in UTF-8; no cell is a formula.",
    "example": "date,pending,confirmed\r\n2026-03-01,0,4\r\n",
}
STATUSES: Final = tuple(BookingStatus)
UTILISATION: Final = ("staff_id", "staff_name", "booked_minutes", "open_minutes", "utilisation")
REVENUE: Final = (
    "date",
    *(f"{kind}_{what}" for kind in revenue.KINDS for what in ("id", "name")),
    "currency",
    "net",
    "tax",
    "fees_kept",
    "breakage",
)

blueprint = Blueprint("summaries", __name__, url_prefix="/api/reports")


@blueprint.get("/summary")
@roles(Role.ADMIN)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, BookingSummaryOut)
def read_summary(query: dict[str, Any]) -> Any:
    """Sum up what was booked and earned: by status, by client, by staff member, by day, by what it was earned with.

    `from` and `to` are both included, at most 366 days of the business's zone. A booking counts on the day on which it
    begins; its minutes are those that pass within the period. Revenue counts when it is posted in the books: when a
    booking is completed or an order paid, and below zero when a credit note takes it back.
    """
    with reading():  # ended before the answer is made
        found = booked.summary(query["first"], query["last"])
        earned = revenue.report(query["first"], query["last"])
    shown = {"bookings": _counts(found.bookings), "revenue": _report(earned)}
    return {name: getattr(found, name) for name in BookingSummaryOut().fields if name not in shown} | shown


@blueprint.get("/dashboard")
@roles(Role.ADMIN)
@blueprint.response(200, DashboardOut)
def read_dashboard() -> Any:
    """Say how it stands now: today's bookings, what waits for somebody, and what went wrong."""
    with reading():
        found = present.dashboard()
    unpaid = {"bookings": found.unpaid_bookings, "orders": found.unpaid_orders}
    return {
        "today": found.today,
        "timezone": found.timezone,
        "bookings_today": _counts(found.bookings_today),
        "pending_approvals": found.pending_approvals,
        "unpaid": unpaid,
        "low_stock": found.low_stock,
        "revenue": {name: [one.money for one in some] for name, some in found.revenue.items()},
        "failed": found.failed,
    }


@blueprint.get("/bookings.csv")
@roles(Role.ADMIN)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, CSV, content_type=MEDIA_TYPE)
def bookings_table(query: dict[str, Any]) -> Response:
    """Read how many bookings begin on each day, by status, as a CSV file: a line for each day, empty ones too."""
    with reading():
        days = booked.by_day(query["first"], query["last"])
    return _table("bookings", ("date", *STATUSES), [(day, *_counts(counts).values()) for day, counts in days], query)


@blueprint.get("/utilisation.csv")
@roles(Role.ADMIN)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, CSV, content_type=MEDIA_TYPE)
def utilisation_table(query: dict[str, Any]) -> Response:
    """Read how much of everybody's time was booked, as a CSV file: a line for each staff member."""
    with reading():
        found = booked.utilisation(span_of(query["first"], query["last"], business.timezone))
    return _table("utilisation", UTILISATION, map(_used, found), query)


@blueprint.get("/revenue.csv")
@roles(Role.ADMIN)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, CSV, content_type=MEDIA_TYPE)
def revenue_table(query: dict[str, Any]) -> Response:
    """Read what was earned on each day with what, as a CSV file: amounts in minor units, below zero if taken back.

    A line is of a service and who performed it, of a space, of a product, or of none of them; empty days are left out.
    """
    with reading():
        found = list(revenue.earned_by_thing(days(query["first"], query["last"], business.timezone)))
    return _table("revenue", REVENUE, sorted(map(_earned, found), key=lambda cells: [*map(str, cells)]), query)


def _earned(one: revenue.Earning) -> tuple[str | int, ...]:
    """Return `REVENUE` of what was earned on a day; of what it is not of, empty cells."""
    things = [cell for kind in revenue.KINDS for cell in _named(one.things.get(kind))]
    return (one.span, *things, one.revenue.currency, *one.revenue.amounts)


def _named(thing: revenue.Thing | None) -> tuple[str | int, str]:
    return (thing.id, csv_text.safe(thing.name)) if thing else ("", "")


def _report(found: revenue.RevenueReport) -> dict[str, Any]:
    by_thing = {
        f"by_{kind}": [{"id": thing.id, "name": thing.name, **earned.money} for thing, earned in some]
        for kind, some in found.by_thing.items()
    }
    return {
        "total": [one.money for one in found.total],
        "by_day": [{"date": day, **earned.money} for day, earned in found.by_day],
        "other": [one.money for one in found.other],
        **by_thing,
    }


def _used(one: booked.Utilisation) -> list[str | int | None]:
    share = None if one.utilisation is None else f"{one.utilisation:.3f}"
    return [one.staff_id, csv_text.safe(one.staff_name), one.booked_minutes, one.open_minutes, share]


def _counts(counts: booked.Counts) -> dict[str, int]:
    return {status.value: counts.get(status, 0) for status in STATUSES}


def _table(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]], query: dict[str, Any]
) -> Response:
    return table_answer(csv_text.written([list(columns), *rows]), f"{name}-{query['first']}-{query['last']}")
