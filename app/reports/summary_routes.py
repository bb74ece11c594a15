"""`/api/reports/…`: what was booked, as JSON and as tables, and how it stands."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

from flask import Response

from app.extensions import business
from app.kit import csv_text
from app.models import BookingStatus, Role
from app.reports import dashboard as present
from app.reports import summary as booked
from app.reports.months import span_of
from app.reports.schemas import PeriodQuery
from app.reports.summary_schemas import BookingSummaryOut, DashboardOut
from app.security.guards import roles
from app.transactions import reading
from app.web.blueprint import Blueprint

MEDIA_TYPE: Final = "text/csv"
CSV: Final[dict[str, Any]] = {
    "type": "string",
    "description": "CSV (RFC 4180) in UTF-8; no cell is a formula.",
    "example": "date,pending,confirmed\r\n2026-03-01,0,4\r\n",
}
STATUSES: Final = tuple(BookingStatus)
UTILISATION: Final = ("staff_id", "staff_name", "booked_minutes", "open_minutes", "utilisation")

blueprint = Blueprint("summaries", __name__, url_prefix="/api/reports")


@blueprint.get("/summary")
@roles(Role.ADMIN)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, BookingSummaryOut)
def read_summary(query: dict[str, Any]) -> Any:
    """Sum up what was booked: by status, by client, by staff member.

    `from` and `to` are both included, at most 366 days of the business's zone. A booking counts on the day on which it
    begins; its minutes are those that pass within the period.
    """
    with reading():  # ended before the answer is made
        found = booked.summary(query["first"], query["last"])
    return {name: getattr(found, name) for name in BookingSummaryOut().fields} | {"bookings": _counts(found.bookings)}


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


def _used(one: booked.Utilisation) -> list[str | int | None]:
    share = None if one.utilisation is None else f"{one.utilisation:.3f}"
    return [one.staff_id, csv_text.safe(one.staff_name), one.booked_minutes, one.open_minutes, share]


def _counts(counts: booked.Counts) -> dict[str, int]:
    return {status.value: counts.get(status, 0) for status in STATUSES}


def _table(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int | None]], query: dict[str, Any]
) -> Response:
    answer = Response(csv_text.written([list(columns), *rows]), mimetype=MEDIA_TYPE)
    file = f"{name}-{query['first']}-{query['last']}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{file}"'
    return answer
