"""The selects of what was earned, from the books: what comes into an account of `EARNED` less what goes out of it.

An entry counts on the day on which it was posted. What it is of is said by the lines of its document; of a credit note,
which has a line for each tax rate, by those lines of its invoice that it takes back in part.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy import cast as cast_to
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from app.models import (
    Account,
    Booking,
    BookingItem,
    GiftCard,
    GiftCardMovement,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    LedgerEntry,
    OrderLine,
    Package,
    PackageMovement,
    Payment,
    PrepaidStep,
    Product,
    Refund,
    Resource,
    Service,
)
from app.reports.months import Month
from app.reports.queries import periods

Rows = Select[*tuple[Any, ...]]

EARNED: Final = (Account.REVENUE, Account.TAX, Account.FEES_KEPT, Account.BREAKAGE)
THINGS: Final[dict[str, Any]] = {
    "service_id": aliased(Service),
    "staff_id": aliased(Resource, name="staff_named"),
    "space_id": aliased(Resource, name="space_named"),
    "product_id": aliased(Product),
}
"""Of what something may be, and what has its name."""


class PartOf(FunctionElement[int]):
    """`amount, share, whole`: so much of an amount as a share is of a whole, rounded down; none is below zero."""

    type = BigInteger()
    inherit_cache = True


@compiles(PartOf, "postgresql")
def _in_numeric(element: PartOf, compiler: SQLCompiler, **options: Any) -> str:
    amount, share, whole = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(div(CAST({amount} AS numeric) * ({share}), {whole}) AS bigint)"


@compiles(PartOf, "sqlite")
def _in_integers(element: PartOf, compiler: SQLCompiler, **options: Any) -> str:
    amount, share, whole = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST({amount} * ({share}) / ({whole}) AS INTEGER)"


def earned(spans: Iterable[Month]) -> Rows:
    """Select (span, currency, and what each account of `EARNED` earned in it)."""
    moved = _moved(spans)
    return select(moved.c.span, moved.c.currency, *_sums(moved)).group_by(moved.c.span, moved.c.currency)


def earned_by_thing(spans: Iterable[Month]) -> Rows:
    """Select (span, currency, id and name of service, staff, space and product, and what each account earned by it).

    Two of a booking's parts that were not priced one by one, and what is kept of a booking of several, are of none.
    """
    moved = _moved(spans)
    parts = union_all(_by_documents(moved), _by_others(moved)).subquery("parts")
    keys = (parts.c.span, parts.c.currency, *(parts.c[name] for name in THINGS))
    sums = select(*keys, *_sums(parts)).group_by(*keys).subquery("sums")
    named = (column for key, thing in THINGS.items() for column in (sums.c[key], thing.name))
    found: Rows = select(sums.c.span, sums.c.currency, *named, *(sums.c[account.value] for account in EARNED))
    found = found.select_from(sums)
    for key, thing in THINGS.items():
        found = found.outerjoin(thing, thing.id == sums.c[key])
    return found


def _moved(spans: Iterable[Month]) -> CTE:
    """Return the entries of some spans that earn: into which account, and how much, below zero where it goes out."""
    span = periods(spans)
    is_in = LedgerEntry.credit.in_(EARNED)
    posted_then = and_(LedgerEntry.posted_at >= span.c.since, LedgerEntry.posted_at < span.c.until)
    return (
        select(
            span.c.month.label("span"),
            LedgerEntry.id,
            LedgerEntry.currency,
            case((is_in, LedgerEntry.credit), else_=LedgerEntry.debit).label("account"),
            case((is_in, 1), else_=-1).label("sign"),
            LedgerEntry.amount,
            LedgerEntry.booking_id,
            LedgerEntry.invoice_id,
            LedgerEntry.payment_id,
            LedgerEntry.refund_id,
            LedgerEntry.gift_card_movement_id,
            LedgerEntry.package_movement_id,
        )
        .join(LedgerEntry, posted_then)
        .where(or_(is_in, LedgerEntry.debit.in_(EARNED)))
        .cte("moved")
    )


def _sums(moved: Any) -> list[ColumnElement[int]]:
    signed = moved.c.amount * moved.c.sign
    parts = {account: case((moved.c.account == account, signed), else_=0) for account in EARNED}
    return [cast_to(func.sum(part), BigInteger).label(account.value) for account, part in parts.items()]


def _by_documents(moved: CTE) -> Rows:
    """Select what each line of an invoice has earned, or has lost again by a line of a credit note."""
    document, said, line = aliased(Invoice), aliased(InvoiceLine), aliased(InvoiceLine)
    is_note = document.kind == InvoiceKind.CREDIT_NOTE
    is_of_it = or_(line.id == said.id, and_(is_note, line.tax_rate_millionths == said.tax_rate_millionths))
    in_turn: dict[str, Any] = {"partition_by": (moved.c.span, moved.c.id, said.id), "order_by": line.position}
    amount, own = (_amount_on(one, document, moved) for one in (said, line))
    until_it = func.sum(own).over(**in_turn, rows=(None, 0))
    whole = func.sum(own).over(**in_turn, rows=(None, None))
    part = _part(amount, until_it, whole) - _part(amount, until_it - own, whole)
    return (
        select(
            moved.c.span,
            moved.c.currency,
            moved.c.account,
            moved.c.sign,
            part.label("amount"),
            BookingItem.service_id,
            BookingItem.staff_id,
            Booking.space_id,
            OrderLine.product_id,
        )
        .join(document, document.id == moved.c.invoice_id)
        .join(said, said.invoice_id == document.id)
        .join(line, and_(line.invoice_id == func.coalesce(document.corrects_id, document.id), is_of_it))
        .outerjoin(Booking, Booking.id == document.booking_id)
        .outerjoin(BookingItem, and_(BookingItem.booking_id == Booking.id, _is_priced_as(line)))
        .outerjoin(OrderLine, and_(OrderLine.order_id == document.order_id, OrderLine.position == line.position))
    )


def _amount_on(line: Any, document: Any, moved: CTE) -> ColumnElement[int]:
    """Return what a line adds to the account of an entry: its tax, or what it costs without that."""
    net = case((document.tax_inclusive, line.amount - line.tax_amount), else_=line.amount)
    return case((moved.c.account == Account.TAX, line.tax_amount), else_=net)


def _part(amount: ColumnElement[int], share: ColumnElement[int], whole: ColumnElement[int]) -> ColumnElement[int]:
    """Return what of an amount a share bears of a whole; all of it is borne by the whole, by nothing of nothing too."""
    return case((share == whole, amount), else_=cast("ColumnElement[int]", PartOf(amount, share, whole)))


def _is_priced_as(line: Any) -> ColumnElement[bool]:
    """Say whether a part of a booking is what a line of its invoice is of: there is a line for each of them."""
    beside, other = aliased(InvoiceLine), aliased(BookingItem)
    lines = select(func.count()).where(beside.invoice_id == line.invoice_id).scalar_subquery()
    items = select(func.count()).where(other.booking_id == BookingItem.booking_id).scalar_subquery()
    return and_(BookingItem.position == line.position, lines == items)


def _by_others(moved: CTE) -> Rows:
    """Select what was earned without a document: by cards and packages, and by bookings as a whole.

    What a visit of a package earned more or less than what it paid is of its service, whatever else was booked.
    """
    visit, pays = aliased(PackageMovement), aliased(Package)
    return (
        select(
            moved.c.span,
            moved.c.currency,
            moved.c.account,
            moved.c.sign,
            moved.c.amount,
            BookingItem.service_id,
            BookingItem.staff_id,
            Booking.space_id,
            func.coalesce(GiftCard.product_id, Package.product_id),
        )
        .outerjoin(GiftCardMovement, GiftCardMovement.id == moved.c.gift_card_movement_id)
        .outerjoin(GiftCard, GiftCard.id == GiftCardMovement.prepaid_id)
        .outerjoin(PackageMovement, PackageMovement.id == moved.c.package_movement_id)
        .outerjoin(Package, Package.id == PackageMovement.prepaid_id)
        .outerjoin(Booking, Booking.id == moved.c.booking_id)
        .outerjoin(Payment, Payment.id == moved.c.payment_id)
        .outerjoin(Refund, Refund.id == moved.c.refund_id)
        .outerjoin(visit, _is_of(visit))
        .outerjoin(pays, pays.id == visit.prepaid_id)
        .outerjoin(BookingItem, and_(BookingItem.booking_id == Booking.id, _is_part_of(pays)))
        .where(moved.c.invoice_id.is_(None))
    )


def _is_of(visit: Any) -> ColumnElement[bool]:
    """Say whether a movement of a package is what a payment has spent, or a refund put back."""
    moves = visit.kind.in_((PrepaidStep.SPEND, PrepaidStep.GIVE_BACK))
    return and_(moves, visit.reference == func.coalesce(Payment.reference, Refund.reference))


def _is_part_of(package: Any) -> ColumnElement[bool]:
    """Say whether a part of a booking is all of it, or the first of the service of a package that has paid for it."""
    other = aliased(BookingItem)
    beside = exists().where(other.booking_id == BookingItem.booking_id)
    alike = beside.where(other.service_id == BookingItem.service_id, other.position < BookingItem.position)
    return or_(~beside.where(other.id != BookingItem.id), and_(BookingItem.service_id == package.service_id, ~alike))
