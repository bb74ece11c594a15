"""The selects of the books."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, case, cast, exists, func, literal, select, union_all

from app.models import (
    Account,
    GiftCard,
    GiftCardMovement,
    LedgerEntry,
    Package,
    PackageMovement,
    PrepaidStep,
)

Rows = Select[*tuple[Any, ...]]
TURNOVER = ("opening", "debits", "credits")
STEPS = (PrepaidStep.ISSUE, PrepaidStep.EXPIRE, PrepaidStep.VOID)
"""The movements that announce themselves; what payments spend and refunds give back is posted with these."""


def unposted_of(movements: type[GiftCardMovement | PackageMovement], prepaid_ids: Collection[int]) -> Rows:
    """Select the movements of cards or packages, with these, that stand in no entry yet, by id."""
    things: type[GiftCard | Package] = GiftCard if movements is GiftCardMovement else Package
    cause = LedgerEntry.gift_card_movement_id if movements is GiftCardMovement else LedgerEntry.package_movement_id
    found = select(movements, things).join(things, things.id == movements.prepaid_id)
    of_these = found.where(movements.prepaid_id.in_(prepaid_ids), movements.kind.in_(STEPS))
    return of_these.where(~exists().where(cause == movements.id)).order_by(movements.id)


def owed_for(*, booking_id: int | None = None, order_id: int | None = None) -> Select[int]:
    """Select what the client of a booking or order still owes by the books; below 0, what is owed to it."""
    about = LedgerEntry.order_id == order_id if booking_id is None else LedgerEntry.booking_id == booking_id
    return select(change_of(Account.RECEIVABLE)).where(about)


def change_of(account: Account) -> ColumnElement[int]:
    """Return what the entries selected put into an account, less what they take out."""
    sign = case((LedgerEntry.debit == account, 1), (LedgerEntry.credit == account, -1), else_=0)
    return func.coalesce(cast(func.sum(LedgerEntry.amount * sign), BigInteger), 0)


def between(first: datetime, last: datetime) -> Select[LedgerEntry]:
    """Select the entries posted from an instant on until before another."""
    return select(LedgerEntry).where(LedgerEntry.posted_at >= first, LedgerEntry.posted_at < last)


def turnover(first: datetime, last: datetime) -> Rows:
    """Select (account, currency, balance before `first`, debits and credits from then on until before `last`) of each.

    The entries are read once, and added up by pairs of accounts: there are few of these, however many entries.
    """
    before = case((LedgerEntry.posted_at < first, LedgerEntry.amount), else_=0)
    amounts = func.sum(before).label("before"), func.sum(LedgerEntry.amount - before).label("since")
    between_them = LedgerEntry.debit, LedgerEntry.credit, LedgerEntry.currency
    read = select(*between_them, *amounts).where(LedgerEntry.posted_at < last)
    pairs = read.group_by(*between_them).cte().c
    sides = union_all(
        select(pairs.debit.label("account"), pairs.currency, *_named(pairs.before, pairs.since, literal(0))),
        select(pairs.credit, pairs.currency, *_named(-pairs.before, literal(0), pairs.since)),
    ).subquery()
    sums = (cast(func.sum(sides.c[name]), BigInteger).label(name) for name in TURNOVER)
    return select(sides.c.account, sides.c.currency, *sums).group_by(sides.c.account, sides.c.currency)


def _named(*columns: ColumnElement[int]) -> Iterator[ColumnElement[int]]:
    return (column.label(name) for column, name in zip(columns, TURNOVER, strict=True))
