"""Why a payment or refund is refused."""

from typing import Self

from app.kit.errors import BadRequest, Conflict, Unavailable
from app.models import Payment


class ProviderNotConfigured(Conflict):
    """The business does not take this method."""

    code = "provider_not_configured"
    title = "This way to pay is not offered here."


class ProviderUnavailable(Unavailable):
    """The provider does not answer. The payment is kept, and found out about later."""

    code = "provider_unavailable"
    title = "The payment provider does not answer just now."


class NotPayable(Conflict):
    """What was cancelled, declined or has expired is not paid for."""

    code = "not_payable"
    title = "This cannot be paid for any more."


class NothingDue(Conflict):
    """All that is owed has been paid."""

    code = "nothing_due"
    title = "Nothing is left to be paid."


class PaymentInProgress(Conflict):
    """Another payment for it waits for its end. `extra` has its `payment_id`."""

    code = "payment_in_progress"
    title = "Another payment for this is in progress."

    @classmethod
    def of(cls, payment: Payment | None) -> Self:
        """Return the refusal because of that payment."""
        return cls(extra=None if payment is None else {"payment_id": payment.id})


class RefundExceedsPayment(Conflict):
    """More than has come, less what went back or is on its way. `extra` has what is `refundable`."""

    code = "refund_exceeds_payment"
    title = "More than is left of the payment."


class WholeVisitOnly(Conflict):
    """A visit of a package goes back whole or not at all."""

    code = "whole_visit_only"
    title = "A visit of a package is given back whole."


class PrepaidWholeOnly(Conflict):
    """Gift cards and packages are taken back whole, with all that is left of the payment."""

    code = "prepaid_whole_only"
    title = "It paid for gift cards or packages: all that is left of it goes back, or no more than the goods cost."


class PaidInPart(Conflict):
    """A visit of a package pays for a service whole, and less than that is left to be paid."""

    code = "paid_in_part"
    title = "A visit pays for its service whole: less is left to be paid."


class NotByHand(Conflict):
    """The refund does not wait for somebody to pay it out."""

    code = "not_by_hand"
    title = "This refund does not wait for being paid out by hand."


class ReceiptUsed(Conflict):
    """One transfer for two refunds is told at one of them. `extra` has the `refund_id` of that."""

    code = "receipt_used"
    title = "Another refund of this payment has this receipt: leave it out for this one."


class BadSignature(BadRequest):
    """A message that its provider has not signed, not in time, or not so that it can be read."""

    code = "bad_signature"
    title = "The message is not the provider's, too old, or unreadable."
