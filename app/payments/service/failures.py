"""What failed may still be paid, in a form that somebody has open: it ends at its provider before another begins."""

from app.extensions import db
from app.integrations.payments import Failure, Outcome, PaymentCall, Provider, Status, provider_named
from app.models import Payment
from app.payments import queries
from app.payments.service.applying import apply, apply_locked
from app.payments.service.calls import call_of
from app.payments.service.writing import lock_payment
from app.transactions import reading, transaction

PAID_BEFORE = Failure("paid_otherwise", "What had failed before has come after all, so nothing more is paid.")


def end_failures(payment: Payment) -> bool:
    """Let providers end what failed for the same booking or order; say whether there was any.

    What has come after all is written down. Raises `ProviderDown`.
    """
    found = _failures(payment)
    for payment_id, provider, call in found:
        outcome = provider.cancel(call)
        with transaction():
            apply(payment_id, outcome)
    return bool(found)


def gave_way(payment_id: int) -> bool:
    """Give a pending payment up where less is owed by now than it asks for; say whether that was so."""
    with transaction():
        bill, payment = lock_payment(payment_id)
        if payment.amount <= bill.balance_due:
            return False
        apply_locked(payment, Outcome(Status.CANCELLED, failure=PAID_BEFORE))
        return True


def _failures(payment: Payment) -> list[tuple[int, Provider, PaymentCall]]:
    with reading():
        failed = db.session.scalars(queries.failed_beside(payment)).all()
        calls = [(one.id, provider_named(one.provider), call_of(one)) for one in failed]
    return [(one, provider, call) for one, provider, call in calls if provider and not provider.failed_is_final]
