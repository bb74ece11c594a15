"""Beginning a payment: it is written down and committed before its provider hears of it."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from app.extensions import db
from app.integrations.payments import (
    BadPayment,
    Provider,
    callback_secret,
    hash_of,
    provider_named,
)
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.kit.errors import Forbidden, Invalid, NotFound
from app.kit.money import Money
from app.models import CASH, PREPAID, Booking, Order, Payment, PaymentMethod, PaymentState, Purpose, StoredCard, User
from app.payments import amounts, queries
from app.payments.bills import Bill, lock_visible
from app.payments.errors import PaidInPart, PaymentInProgress, ProviderNotConfigured
from app.payments.permissions import may_pay, may_use
from app.payments.service.applying import CHECK, take_in
from app.payments.service.calls import call_of
from app.payments.service.writing import insert
from app.prepaid import service as prepaid
from app.prepaid.errors import NoPackage
from app.prepaid.service import Because
from app.security.actor import Actor

PROVIDERS = {
    PaymentMethod.CASH: CASH,
    PaymentMethod.CARD_TERMINAL: CASH,
    PaymentMethod.GIFT_CARD: PREPAID,
    PaymentMethod.PACKAGE: PREPAID,
    PaymentMethod.CARD: "stripe",
    PaymentMethod.MPESA: "mpesa",
}
"""Who carries each method."""

OURS = frozenset({CASH, PREPAID})
FIRST_CHECK = timedelta(minutes=1)
"""After so long without a word the provider is asked."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody pays for, how, and as far as it says so, what for and how much."""

    method: PaymentMethod
    booking_id: int | None = None
    order_id: int | None = None
    purpose: Purpose | None = None
    amount: Money | None = None
    phone: str | None = None
    payment_method_id: int | None = None
    code: str | None = None


def begin(actor: Actor, wanted: Wanted) -> Payment:
    """Write a payment; what needs no provider is paid with that, everything else is pending.

    Raises `NotFound` naming the field, `Forbidden`, `ProviderNotConfigured`, `NotPayable`, `NothingDue`,
    `PaymentInProgress`, `PaidInPart`, `Invalid`, and what spending a gift card or package does.
    """
    if not may_use(actor, wanted.method):
        raise Forbidden
    provider = provider_of(wanted.method)
    bill = lock_visible(actor, booking_id=wanted.booking_id, order_id=wanted.order_id)
    if not may_pay(actor, bill.client_id):
        raise Forbidden
    _refuse_misuse(bill, wanted)
    payment = _payment(actor, bill, wanted)
    if provider is not None:
        _await(provider, payment)
    else:
        payment.capture(utcnow())
        insert(payment, "PY")
        _spend(payment, bill, wanted.code, actor)
        take_in(payment)
    return payment


def _refuse_misuse(bill: Bill, wanted: Wanted) -> None:
    """Refuse what is paid ahead as payment for more of that, and cutting a visit."""
    if wanted.method is PaymentMethod.GIFT_CARD and isinstance(bill.thing, Order) and bill.thing.has_prepaid:
        raise Invalid.field("method", "A gift card pays for no gift cards and packages.")
    if wanted.method is PaymentMethod.PACKAGE:
        for name in ("amount", "purpose"):
            if getattr(wanted, name) is not None:
                raise Invalid.field(name, "A visit of a package pays for its service whole.")


def provider_of(method: PaymentMethod) -> Provider | None:
    """Return the provider of a method; None for what is carried by ourselves. Raises `ProviderNotConfigured`."""
    name = PROVIDERS[method]
    provider = provider_named(name)
    if provider is None and name not in OURS:
        raise ProviderNotConfigured(f"Payments by {method} are not offered here.")
    return provider


def _payment(actor: Actor, bill: Bill, wanted: Wanted) -> Payment:
    open_one = db.session.scalars(queries.open_of_bill(bill.column, bill.id)).first()
    provider = PROVIDERS[wanted.method]
    if open_one is not None and provider not in OURS and bill.payable:
        raise PaymentInProgress.of(open_one)
    asked = None if wanted.amount is None else wanted.amount.amount
    whole = amounts.rest(bill) if wanted.method is PaymentMethod.PACKAGE else wanted.purpose
    purpose, amount = amounts.choose(bill, whole, asked, open_one)
    return Payment(
        **{bill.column: bill.id},
        client_id=bill.client_id,
        purpose=purpose,
        method=wanted.method,
        provider=provider,
        status=PaymentState.PENDING,
        currency=bill.currency,
        amount=amount,
        phone=wanted.phone or _phone_of(bill, wanted.method),
        payment_method_id=_card_of(actor, bill, wanted.payment_method_id),
        created_by=actor.id,
        recorded_by=actor.id if provider == CASH else None,
        next_check_at=utcnow() + FIRST_CHECK,
        created_at=utcnow(),
    )


def _card_of(actor: Actor, bill: Bill, card_id: int | None) -> int | None:
    """Return the id of a stored card of the client's, who alone may charge it. Raises `NotFound` naming the field."""
    if card_id is None:
        return None
    card = db.session.get(StoredCard, card_id)
    if card is None or card.detached_at is not None or not actor.id == card.user_id == bill.client_id:
        raise NotFound.naming("payment_method_id")
    return card.id


def _phone_of(bill: Bill, method: PaymentMethod) -> str | None:
    """Return the client's phone, for M-Pesa alone."""
    if method is not PaymentMethod.MPESA or bill.client_id is None:
        return None
    return db.session.get_one(User, bill.client_id).phone


def _await(provider: Provider, payment: Payment) -> None:
    """Write a payment that its provider takes; it is told of at an address of its own, else asked about."""
    payment.phone = _taken(provider, payment)
    insert(payment, "PY")
    payment.callback_hash = hash_of(callback_secret(payment.reference))
    assert payment.next_check_at is not None  # noqa: S101  # says the CHECK `next_check`
    enqueue(CHECK, {"payment_id": payment.id}, due_at=payment.next_check_at)


def _taken(provider: Provider, payment: Payment) -> str | None:
    """Return the phone as the provider writes it, before anything is written. Raises `Invalid` for what it refuses."""
    payment.reference = ""  # it has none yet, and nothing is sent
    try:
        return provider.check(call_of(payment)).phone
    except BadPayment as refusal:
        raise Invalid.field(refusal.field, refusal.message) from refusal


def _spend(payment: Payment, bill: Bill, code: str | None, actor: Actor) -> None:
    """Take what a payment by gift card or package is paid with; cash is in somebody's hand already."""
    because = Because(payment.reference, actor.id)
    if payment.method is PaymentMethod.GIFT_CARD:
        prepaid.spend_gift_card(code or "", payment.amount, because)
    elif payment.method is PaymentMethod.PACKAGE:
        _spend_a_visit(payment, bill.thing, because)


def _spend_a_visit(payment: Payment, booking: Booking | Order, because: Because) -> None:
    """Pay for one of a booking's services, whole, with a visit: the first that is not paid so, and can be.

    Raises `PaidInPart` where less is left to be paid than the service costs, `NoPackage`.
    """
    if not isinstance(booking, Booking):
        raise Invalid.field("method", "A package pays for a service that is booked.")
    paid = Counter(db.session.scalars(queries.services_paid_by_package(_by_package(payment))).all())
    left, too_much = payment.amount, False
    for item in booking.items:
        if item.service_id is None or not item.price_amount:
            continue
        if paid[item.service_id]:
            paid[item.service_id] -= 1
        elif item.price_amount > left:
            too_much = True
        elif _spent(booking.client_id, item.service_id, because):
            payment.amount = payment.captured_amount = item.price_amount
            return
    raise PaidInPart if too_much else NoPackage


def _spent(client_id: int, service_id: int, because: Because) -> bool:
    try:
        prepaid.spend_package(client_id, service_id, because)
    except NoPackage:
        return False
    return True


def _by_package(payment: Payment) -> list[str]:
    """Return the references of the other payments by visits of the same booking that were not given back."""
    others = db.session.scalars(queries.of_bill("booking_id", payment.booking_id)).all()
    visits = [one for one in others if one.method is PaymentMethod.PACKAGE and one is not payment]
    return [one.reference for one in visits if one.refundable_amount]
