"""The selects of the payment room; `visible_to` first of all."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    or_,
    select,
    true,
    union_all,
)

from app.models import (
    OPEN_PAYMENTS,
    Booking,
    Package,
    PackageMovement,
    Payment,
    PaymentState,
    PrepaidStep,
    ProviderEvent,
    Refund,
    RefundOrigin,
    RefundState,
    Role,
    Space,
    StoredCard,
    Verdict,
)
from app.security.actor import Actor

Rows = Select[*tuple[Any, ...]]
SPACES = Space.__table__
"""The table alone, without what a space is as a resource."""

NOT_CONFIRMED = "not_confirmed"
"""Why a payment has failed of which its provider never said whether it had begun it."""

IN_DISPUTE = (Refund.origin == RefundOrigin.DISPUTE, Refund.status == RefundState.PENDING)
"""What a refund is by which a bank holds money until it has decided a dispute."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which payments are wanted; None, or an empty list, means all."""

    status: list[PaymentState] = field(default_factory=list)
    booking_id: int | None = None
    order_id: int | None = None


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """Return which payments the actor may see: everybody's own, owners those of their spaces, staff and admins all."""
    visible: dict[Role, ColumnElement[bool]] = {
        Role.ADMIN: true(),
        Role.STAFF: true(),
        Role.OWNER: Payment.id.in_(_of_own_or_let_by(actor.id)),
        Role.CLIENT: Payment.client_id == actor.id,
    }
    return visible.get(actor.role, false())


def _of_own_or_let_by(user_id: int) -> CompoundSelect[int]:
    """Select the ids of payments for one's own things, and for bookings of one's own spaces: each half by its index."""
    own_spaces = select(SPACES.c.id).where(SPACES.c.owner_id == user_id)
    let = select(Booking.id).where(Booking.space_id.in_(own_spaces))
    own = select(Payment.id).where(Payment.client_id == user_id)
    return union_all(own, select(Payment.id).where(Payment.booking_id.in_(let)))


def matching(actor: Actor, filters: Filters) -> Select[Payment]:
    """Select the payments that the actor sees and that match."""
    found = select(Payment).where(visible_to(actor))
    if filters.status:
        found = found.where(Payment.status.in_(filters.status))
    if filters.booking_id is not None:
        found = found.where(Payment.booking_id == filters.booking_id)
    if filters.order_id is not None:
        found = found.where(Payment.order_id == filters.order_id)
    return found


def of_bill(column: str, thing_id: int | None) -> Select[Payment]:
    """Select all payments for a booking or order, by id."""
    return select(Payment).where(getattr(Payment, column) == thing_id).order_by(Payment.id)


def locked(found: Select[Payment]) -> Select[Payment]:
    """Select the same payments as they are now, and lock their rows."""
    these = found.with_for_update(key_share=True, of=Payment)
    return these.execution_options(populate_existing=True)


def open_of_bill(column: str, thing_id: int) -> Select[Payment]:
    """Select the payment for a booking or order that waits for its end."""
    return of_bill(column, thing_id).where(Payment.status.in_(OPEN_PAYMENTS))


def failed_beside(payment: Payment) -> Select[Payment]:
    """Select what failed, at a provider that had begun it, for the booking or order of a payment."""
    column = "order_id" if payment.booking_id is None else "booking_id"
    failed = of_bill(column, getattr(payment, column)).where(Payment.status == PaymentState.FAILED)
    return failed.where(Payment.provider_reference.is_not(None), Payment.id != payment.id)


def refunds_of(payment_id: int) -> Select[Refund]:
    """Select a payment's refunds."""
    return select(Refund).where(Refund.payment_id == payment_id)


def returned_of_bill(column: str, thing_id: int) -> Select[int]:
    """Select what of all payments for a booking or order is back, or on its way back."""
    returned = cast(func.sum(Payment.refunded_amount + Payment.refunding_amount), BigInteger)
    return select(func.coalesce(returned, 0)).where(getattr(Payment, column) == thing_id)


def returned_of_order(order_id: int) -> Select[int]:
    """Select what of the payments that an order counts is back, or on its way back."""
    return returned_of_bill("order_id", order_id).where(Payment.counted)


def held_of(column: str, thing_id: int | None) -> Select[int]:
    """Select what banks hold in dispute of the payments that have this in a column."""
    held = select(func.coalesce(cast(func.sum(Refund.amount), BigInteger), 0)).join(Payment)
    return held.where(getattr(Payment, column) == thing_id, *IN_DISPUTE)


def pending_refunds() -> Select[Refund]:
    """Select what is on its way back; the partial index has these alone."""
    return select(Refund).where(Refund.status == RefundState.PENDING)


def by_callback(callback_hash: str) -> Select[int]:
    """Select the id of the payment that is told of at an address with this secret."""
    return select(Payment.id).where(Payment.callback_hash == callback_hash)


def named(provider: str, provider_reference: str | None, reference: str | None) -> Select[Payment]:
    """Select the payments that a provider calls so, or that we do; a name that is None is nobody's."""
    names = ((Payment.reference, reference), (Payment.provider_reference, provider_reference))
    so_called = or_(false(), *(column == name for column, name in names if name is not None))
    return select(Payment).where(Payment.provider == provider, so_called).order_by(Payment.id)


def events(verdict: Verdict | None) -> Select[ProviderEvent]:
    """Select what providers said, of a verdict or of any."""
    found = select(ProviderEvent)
    return found if verdict is None else found.where(ProviderEvent.verdict == verdict)


def unread_of(payment_id: int) -> Select[int]:
    """Select the ids of the messages about a payment that wait."""
    return select(ProviderEvent.id).where(ProviderEvent.payment_id == payment_id, ProviderEvent.verdict.is_(None))


def cards_of(user_id: int) -> Select[StoredCard]:
    """Select somebody's stored cards."""
    return all_cards_of(user_id).where(StoredCard.detached_at.is_(None))


def all_cards_of(user_id: int) -> Select[StoredCard]:
    """Select somebody's cards, with those that are stored no more."""
    return select(StoredCard).where(StoredCard.user_id == user_id)


def services_paid_by_package(references: list[str]) -> Select[int]:
    """Select the service of each visit that payments of these references have spent."""
    spent = select(Package.service_id).join(PackageMovement, PackageMovement.prepaid_id == Package.id)
    return spent.where(PackageMovement.kind == PrepaidStep.SPEND, PackageMovement.reference.in_(references))


def overdue(before: datetime) -> Rows:
    """Select (id, reference) of open payments that should have been asked about long ago."""
    late = select(Payment.id, Payment.reference).where(Payment.status.in_(OPEN_PAYMENTS))
    return late.where(Payment.next_check_at < before).order_by(Payment.id)


def moved_since(provider: str, since: datetime) -> tuple[Rows, Rows]:
    """Select (reference, name, amount, currency) of what came, and of what went back, by what began since.

    What was made at the provider is ours since we heard of it, so of that the payment's beginning counts.
    """
    told = Refund.origin.in_((RefundOrigin.PROVIDER, RefundOrigin.DISPUTE))
    began = or_(Payment.created_at >= since, and_(Refund.created_at >= since, ~told))
    return _came(provider).where(Payment.created_at >= since), _gone(provider).where(began)


def moved_named(provider: str, names: list[str], references: list[str]) -> tuple[Rows, Rows]:
    """Select the same of what a provider calls so, or that has no name there yet and that we call so."""
    paid, back = (
        or_(kind.provider_reference.in_(names), and_(kind.provider_reference.is_(None), kind.reference.in_(references)))
        for kind in (Payment, Refund)
    )
    return _came(provider).where(paid), _gone(provider).where(back)


def asked_since(provider: str, since: datetime) -> Rows:
    """Select the same of the payments begun since that have a name there and an end, by id."""
    ended = _came(provider).where(Payment.created_at >= since, Payment.status.not_in(OPEN_PAYMENTS))
    return ended.where(Payment.provider_reference.is_not(None)).order_by(Payment.id)


def doubtful_since(provider: str, since: datetime) -> Select[int]:
    """Select how many payments begun since have no name there, for it never said that it had begun them."""
    found = select(func.count()).select_from(Payment).where(Payment.provider == provider, Payment.created_at >= since)
    return found.where(Payment.provider_reference.is_(None), Payment.failure_code == NOT_CONFIRMED)


def returned_since(provider: str, since: datetime) -> Select[int]:
    """Select how many refunds written since have gone back."""
    found = select(func.count()).select_from(Refund).join(Payment, Payment.id == Refund.payment_id)
    these = found.where(Payment.provider == provider, Refund.created_at >= since)
    return these.where(Refund.status == RefundState.SUCCEEDED)


def _came(provider: str) -> Rows:
    columns = Payment.reference, Payment.provider_reference.label("name"), Payment.captured_amount.label("amount")
    return select(*columns, Payment.currency).where(Payment.provider == provider)


def _gone(provider: str) -> Rows:
    is_gone = or_(Refund.status == RefundState.SUCCEEDED, and_(*IN_DISPUTE))
    gone = case((is_gone, Refund.amount), else_=0).label("amount")
    columns = Refund.reference, Refund.provider_reference.label("name"), gone, Refund.currency
    return select(*columns).join(Payment, Payment.id == Refund.payment_id).where(Payment.provider == provider)
