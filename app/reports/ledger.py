"""The books over a period: what each account began with, what came and went, and every entry."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, tuple_

from app.extensions import business, db
from app.kit.intervals import to_instant
from app.kit.money import Money
from app.ledger import queries
from app.models import Account, LedgerEntry
from app.reports.months import span_of
from app.transactions import reading

AT_A_TIME: Final = 1000

Period = tuple[datetime, datetime]
"""From an instant on until before another."""


@dataclass(frozen=True, slots=True)
class AccountReport:
    """An account over a period, in one currency.

    Balances are debits less credits: what is owed by others, and costs, are above zero.
    """

    account: Account
    opening: Money
    debits: Money
    credits: Money
    balance: Money


def period_of(first: date, last: date) -> Period:
    """Return the days from `first` to `last`, both included, of the business's zone."""
    since, until = map(to_instant, span_of(first, last, business.timezone))
    return since, until


def accounts(period: Period) -> list[AccountReport]:
    """Return every account that was ever used until then, in one statement; in each currency they add up to zero."""
    places = {account: place for place, account in enumerate(Account)}
    rows = sorted(db.session.execute(queries.turnover(*period)), key=lambda row: (places[row.account], row.currency))
    return [_report(*row) for row in rows]


def entries(period: Period) -> Select[LedgerEntry]:
    """Return the select of the entries of a period."""
    return queries.between(*period)


def all_entries(period: Period, names: Sequence[str]) -> Iterator[Sequence[Row[Any]]]:
    """Yield these columns of the entries of a period, some rows at a time, in the order in which they were posted.

    Each time is a transaction of its own: nothing is held while they are sent.
    """
    order = (LedgerEntry.posted_at, LedgerEntry.id)
    found = queries.between(*period).with_only_columns(*(getattr(LedgerEntry, name) for name in names))
    left = found.order_by(*order).limit(AT_A_TIME)
    while True:
        with reading():
            rows = db.session.execute(left).all()
        yield rows
        if len(rows) < AT_A_TIME:
            return
        left = found.where(tuple_(*order) > (rows[-1].posted_at, rows[-1].id)).order_by(*order).limit(AT_A_TIME)


def _report(account: Account, currency: str, opening: int, debits: int, credits_: int) -> AccountReport:
    amounts = (opening, debits, credits_, opening + debits - credits_)
    return AccountReport(Account(account), *(Money(amount, currency) for amount in amounts))
