"""Cards with Stripe, by its own SDK: payment intents, refunds, signed messages; stored cards are in `stripe_cards`.

Every request that makes something carries a key made of our reference, so that repeating it makes nothing twice.
Stripe remembers such a key for a day; later, what was made is found by our reference in its metadata.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

import stripe

from app.integrations.payments import stripe_statement, stripe_webhook
from app.integrations.payments.provider import (
    BadPayment,
    Failure,
    Incoming,
    Outcome,
    PaymentCall,
    RefundCall,
    Started,
    Status,
)
from app.integrations.payments.stripe_api import (
    MOST_IN_A_PAGE,
    REPLAYED,
    client,
    is_missing,
    note_refusal,
    speaking,
    whole,
)
from app.integrations.payments.stripe_cards import StripeCards
from app.integrations.payments.stripe_objects import (
    PAYMENT,
    REFUND,
    has_refunds,
    our_reference,
    outcome_of,
    refund_outcome,
    refund_seen,
    started_of,
)
from app.integrations.payments.stripe_units import NotWhole, to_stripe

if TYPE_CHECKING:
    from datetime import datetime

    from app.integrations.payments.books import Moved
    from app.settings.payments import StripeAccount

CLOCKS_DIFFER: Final = timedelta(minutes=10)
LONGEST_METADATA: Final = 500
UNKNOWN: Final = Failure("unknown_to_provider", "The card provider has never heard of this payment.")
REFUSED: Final = Failure("provider_refused", "The card provider does not take this payment.")

JSON = dict[str, Any]


class Stripe(StripeCards):
    """An account with Stripe."""

    name: ClassVar[str] = stripe_webhook.NAME
    can_repeat_start: ClassVar[bool] = True
    failed_is_final: ClassVar[bool] = False

    def __init__(self, account: StripeAccount) -> None:
        """Use the account, wherever its settings say that its API is."""
        super().__init__(client(account))
        self._secrets = account.webhook_secrets

    def check(self, payment: PaymentCall) -> PaymentCall:
        """Return the payment as it is. Raises `BadPayment` for an amount that Stripe has no number for."""
        try:
            to_stripe(payment.amount, payment.currency)
        except NotWhole as error:
            raise BadPayment("amount", str(error)) from None
        return payment

    def start(self, payment: PaymentCall) -> Started:
        """Create the payment intent, and pay it at once where a stored card is named.

        In two steps: so a crash between them leaves an intent that nobody has paid, rather than one of which nobody
        knows whether it is paid.
        """
        with speaking():
            try:
                intent = self._intent_of(payment)
                if payment.payment_method and intent["status"] == "requires_confirmation":
                    intent = self._confirmed(intent["id"], payment.reference)
            except stripe.InvalidRequestError as error:
                note_refusal(error)
                return Started(payment.provider_reference, Status.FAILED, failure=REFUSED)
            return started_of(intent)

    def ask(self, payment: PaymentCall) -> Outcome:
        """Retrieve the payment intent, by its id, else by our reference among those of that time; and its refunds."""
        with speaking():
            intent = self._found(payment)
            if intent is None:
                return Outcome(Status.FAILED, failure=UNKNOWN)
            refunds = self._refunds_of(intent["id"]) if has_refunds(intent) else ()
            return replace(outcome_of(intent), refunds=tuple(refund_seen(one) for one in refunds))

    def cancel(self, payment: PaymentCall) -> Outcome:
        """Cancel the payment intent; where Stripe will not, say what became of it instead."""
        intent_id = payment.provider_reference or self.ask(payment).provider_reference
        if intent_id is None:
            return Outcome(Status.CANCELLED)
        with speaking():
            try:
                return outcome_of(whole(self._api.payment_intents.cancel(intent_id)))
            except stripe.InvalidRequestError as error:
                note_refusal(error)
        return self.ask(replace(payment, provider_reference=intent_id))

    def refund(self, refund: RefundCall) -> Outcome:
        """Create the refund, unless Stripe has it already."""
        with speaking():
            known = self._known_refund(refund)
            try:
                return refund_outcome(known or self._new_refund(refund))
            except stripe.InvalidRequestError as error:
                note_refusal(error)
                code = error.code or REFUSED.code
                return Outcome(Status.FAILED, failure=Failure(code, "The card provider refuses this refund."))

    def read_webhook(self, body: bytes, signature: str | None) -> Incoming:
        """Return what a message of Stripe's says. Raises `BadCallback`."""
        stripe_webhook.verify(body, signature, self._secrets)
        return stripe_webhook.read(body)

    def moved_since(self, since: datetime) -> list[Moved]:
        """Return what has come, and gone back, by payment intents, refunds and disputes that began since."""
        with speaking():
            return list(stripe_statement.read(self._api, since))

    def _intent_of(self, payment: PaymentCall) -> JSON:
        """Create the payment intent, or return it as it is now where it was created before."""
        if payment.provider_reference:
            return self._retrieved(payment.provider_reference)
        made = self._api.payment_intents.create(_wanted(payment), {"idempotency_key": payment.reference})
        was_there = made.last_response is not None and REPLAYED in made.last_response.headers
        return self._retrieved(made.id) if was_there else whole(made)

    def _confirmed(self, intent_id: str, reference: str) -> JSON:
        """Charge the stored card, and return the intent as that leaves it."""
        try:
            options: Any = {"idempotency_key": f"{reference}-confirm"}
            return whole(self._api.payment_intents.confirm(intent_id, {}, options))
        except stripe.CardError as error:
            refusal = {"code": error.code, "message": error.user_message}
            return {"id": intent_id, "status": "requires_payment_method", "last_payment_error": refusal}

    def _found(self, payment: PaymentCall) -> JSON | None:
        if payment.provider_reference:
            return self._existing(payment.provider_reference)
        listed = self._api.payment_intents.list({"limit": MOST_IN_A_PAGE})
        for intent in listed.auto_paging_iter():  # the newest first
            if payment.created_at and intent.created < (payment.created_at - CLOCKS_DIFFER).timestamp():
                return None
            if our_reference(intent.to_dict(), PAYMENT) == payment.reference:
                return self._retrieved(intent.id)
        return None

    def _existing(self, intent_id: str) -> JSON | None:
        """Return a payment intent; None where there is none. Any other refusal says nothing of it."""
        try:
            return self._retrieved(intent_id)
        except stripe.InvalidRequestError as error:
            if not is_missing(error):
                raise
            note_refusal(error)
            return None

    def _retrieved(self, intent_id: str) -> JSON:
        return whole(self._api.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]}))

    def _known_refund(self, refund: RefundCall) -> JSON | None:
        if refund.provider_reference:
            return whole(self._api.refunds.retrieve(refund.provider_reference))
        listed = self._refunds_of(refund.payment_provider_reference)
        return next((one for one in listed if our_reference(one, REFUND) == refund.reference), None)

    def _refunds_of(self, intent_id: str | None) -> Iterator[JSON]:
        if intent_id is None:
            return iter(())
        listed = self._api.refunds.list({"payment_intent": intent_id, "limit": MOST_IN_A_PAGE})
        return (whole(one) for one in listed.auto_paging_iter())

    def _new_refund(self, refund: RefundCall) -> JSON:
        """Create the refund; after a refusal under another key, as Stripe repeats it to whoever repeats the key."""
        wanted: Any = {
            "payment_intent": refund.payment_provider_reference,
            "amount": to_stripe(refund.amount, refund.currency),
            "metadata": {PAYMENT: refund.payment_reference, REFUND: refund.reference},
        }
        options: Any = {"idempotency_key": f"{refund.reference}-{refund.attempt}"}
        return whole(self._api.refunds.create(wanted, options))


def _wanted(payment: PaymentCall) -> Any:
    """Return what a payment intent is to be: payable by the stored card alone, or by all that the account takes, which
    is what Stripe does where no types are named. What it is for is metadata, which only the business sees.
    """
    wanted: JSON = {
        "amount": to_stripe(payment.amount, payment.currency),
        "currency": payment.currency.lower(),
        "metadata": {PAYMENT: payment.reference, "description": payment.description[:LONGEST_METADATA]},
    }
    if payment.customer:
        wanted["customer"] = payment.customer
    if payment.payment_method:
        wanted |= {"payment_method": payment.payment_method, "payment_method_types": ["card"]}
    return wanted
