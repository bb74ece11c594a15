"""Reading payments and refunds, as far as the caller may see."""

from sqlalchemy import Select
from sqlalchemy.orm.attributes import set_committed_value

from app.bookings import service as bookings
from app.extensions import db
from app.integrations.payments import providers
from app.kit.errors import Forbidden, NotFound
from app.models import Payment, ProviderEvent, Refund, Verdict
from app.models.payment_life import OVER_THE_COUNTER
from app.payments import queries
from app.payments.permissions import may_go_on, may_pay
from app.payments.queries import Filters
from app.payments.service.beginning import OURS, PROVIDERS
from app.security.actor import Actor


def list_payments(actor: Actor, filters: Filters) -> Select[Payment]:
    """Return the select of the payments that the actor may see and that match."""
    return queries.matching(actor, filters)


def get_payment(actor: Actor, payment_id: int) -> Payment:
    """Return one payment. Raises `NotFound` where there is none or it is not the actor's to see."""
    found = queries.matching(actor, Filters()).where(Payment.id == payment_id)
    payment = db.session.scalars(found).one_or_none()
    if payment is None:
        raise NotFound
    return payment


def conceal(actor: Actor, *payments: Payment) -> None:
    """Take from payments that are about to be shown, and from them alone, what the actor may not know."""
    for payment in payments:
        if not may_go_on(actor, payment):
            set_committed_value(payment, "next_action", None)


def list_refunds(actor: Actor, payment_id: int) -> Select[Refund]:
    """Return the select of a visible payment's refunds. Raises `NotFound`."""
    return queries.refunds_of(get_payment(actor, payment_id).id)


def list_events(verdict: Verdict | None) -> Select[ProviderEvent]:
    """Return the select of what providers said."""
    return queries.events(verdict)


def get_payment_to_pay(actor: Actor, payment_id: int) -> Payment:
    """Return one payment to whoever may pay what it is for. Raises `NotFound`, `Forbidden`."""
    payment = get_payment(actor, payment_id)
    if not may_pay(actor, payment.client_id) or not _sees_what_for(actor, payment):
        raise Forbidden
    return payment


def _sees_what_for(actor: Actor, payment: Payment) -> bool:
    """Say whether the actor sees the booking: staff see what is paid for spaces, and have no part in it."""
    if payment.booking_id is None:
        return True
    try:
        bookings.get_booking(actor, payment.booking_id)
    except NotFound:
        return False
    return True


def methods() -> list[dict[str, object]]:
    """Return how one may pay here, and whether it is recorded by staff."""
    offered = OURS | providers().keys()
    return [
        {"method": method, "provider": name, "by_staff": method in OVER_THE_COUNTER}
        for method, name in PROVIDERS.items()
        if name in offered
    ]
