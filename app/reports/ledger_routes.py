"""`/api/reports/ledger`: the books of a period, account by account and entry by entry."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final, cast

from flask import Flask, Response, current_app
from sqlalchemy import Row
from werkzeug.local import LocalProxy

from app.kit.csv_text import written, written_below
from app.models import CAUSES, Account, EntryKind, LedgerEntry, Role
from app.reports import ledger
from app.reports.schemas import PeriodQuery
from app.security.guards import roles
from app.transactions import reading
from app.web.blueprint import Blueprint
from app.web.fields import Choice, Id, Instant, ListOf, MoneyOut, Nested
from app.web.pagination import PageArgs, paginate, sort_by
from app.web.schemas import Schema, list_of
from app.web.tables import MEDIA_TYPE, table_answer

CSV: Final[dict[str, Any]] = {
    "type": "string",
    "description": "CSV (RFC 4180) in UTF-8.",
    "example": "id,posted_at,kind,debit,credit,amount\r\n1,2026-11-21T08:30:00Z,payment,cash,receivable,1500\r\n",
}

COLUMNS: Final = ("id", "posted_at", "kind", "debit", "credit", "amount", "currency", "booking_id", "order_id", *CAUSES)

blueprint = Blueprint("ledger", __name__, url_prefix="/api/reports")


class LedgerQuery(PeriodQuery, PageArgs):
    """Which days, both included, and how the entries are sorted."""

    sort = sort_by("posted_at", default="posted_at")


class LedgerAccountOut(Schema):
    """An account over the period, in one currency: balances are debits less credits."""

    account = Choice(Account, required=True)
    opening = MoneyOut(required=True)
    debits = MoneyOut(required=True)
    credits = MoneyOut(required=True)
    balance = MoneyOut(required=True)


class LedgerEntryOut(Schema):
    """So much money into one account and out of another; and of what it is."""

    id = Id(required=True)
    posted_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    kind = Choice(EntryKind, required=True)
    debit = Choice(Account, required=True)
    credit = Choice(Account, required=True)
    amount = MoneyOut(required=True, amount="amount")
    booking_id = Id(required=True, allow_none=True, metadata={"example": 1})
    order_id = Id(required=True, allow_none=True, metadata={"example": None})
    payment_id = Id(required=True, allow_none=True, metadata={"example": 1})
    refund_id = Id(required=True, allow_none=True, metadata={"example": None})
    invoice_id = Id(required=True, allow_none=True, metadata={"example": None})
    gift_card_movement_id = Id(required=True, allow_none=True, metadata={"example": None})
    package_movement_id = Id(required=True, allow_none=True, metadata={"example": None})


class LedgerOut(list_of(LedgerEntryOut)):  # type: ignore[misc]  # a class made at run time
    """A page of the entries of a period, and the accounts over all of it."""

    accounts = ListOf(Nested(LedgerAccountOut), metadata={"description": "On the first page alone."})


@blueprint.get("/ledger")
@roles(Role.ADMIN)
@blueprint.arguments(LedgerQuery, location="query")
@blueprint.response(200, LedgerOut)
def read(query: dict[str, Any]) -> Any:
    """Read the books of some days: each account's balance before and after, and the entries page by page.

    `from` and `to` are both included, days of the business's zone, at most 366. The first page has the accounts. Every
    entry goes into one account and out of another, so the balances of all accounts add up to zero, in each currency.
    """
    with reading():  # ended before the answer is made
        period = ledger.period_of(query["first"], query["last"])
        page = paginate(ledger.entries(period), {"posted_at": LedgerEntry.posted_at}, query)
        return page if "cursor" in query else page | {"accounts": ledger.accounts(period)}


@blueprint.get("/ledger.csv")
@roles(Role.ADMIN)
@blueprint.arguments(PeriodQuery, location="query")
@blueprint.response(200, CSV, content_type=MEDIA_TYPE)
def read_table(query: dict[str, Any]) -> Response:
    """Read all entries of some days as a CSV file, in the order in which they were posted; amounts in minor units."""
    found = ledger.all_entries(ledger.period_of(query["first"], query["last"]), COLUMNS)
    first = written([COLUMNS, *map(_cells, next(found))])  # before the answer begins: it can still be another one
    app = cast("LocalProxy[Flask]", current_app)._get_current_object()  # noqa: SLF001  # its documented name
    return table_answer(chain([first], _below(app, found)), f"ledger-{query['first']}-{query['last']}")


def _below(app: Flask, found: Iterator[Sequence[Row[Any]]]) -> Iterator[bytes]:
    """Yield the rows below the first ones, read as they are sent: the request is over by then."""
    while True:
        with app.app_context():
            rows = next(found, None)
        if rows is None:
            return
        yield written_below(map(_cells, rows))


def _cells(row: Row[Any]) -> list[str | int | None]:
    """Return `COLUMNS` of an entry: words of ours, numbers and instants, which no spreadsheet calculates."""
    id_, posted_at, *others = tuple(row)
    return [id_, f"{posted_at:%Y-%m-%dT%H:%M:%S.%fZ}", *others]
