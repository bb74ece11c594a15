"""Stripe's adapter against a strict local Stripe: what is asked, what every answer means; nothing comes twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.integrations.payments.provider import (
    BadPayment,
    Failure,
    Outcome,
    PaymentCall,
    ProviderDown,
    Started,
    Status,
)
from app.integrations.payments.stripe import Stripe
from app.kit.clock import frozen, utcnow
from tests.integrations.payments.conftest import PAYMENT, begun, paid
from tests.integrations.payments.stripe_checks import Refused
from tests.integrations.payments.stripe_fake import StripeFake

FIRST = "pi_0000010000000001"


def test_a_payment_begins(stripe: Stripe, fake: StripeFake) -> None:
    """By our reference, in Stripe's own letters; the client's page gets what it needs to go on, and nothing else."""
    started = stripe.start(PAYMENT)
    intent = fake.intent_for(PAYMENT.reference)
    assert started == Started(
        intent["id"],
        Status.REQUIRES_ACTION,
        {"type": "confirm", "client_secret": intent["client_secret"]},
        currency="KES",
    )
    (asked,) = fake.asked
    metadata = {"payment": "PY-7F3K9Q", "description": "Booking BK-7F3K9Q"}
    assert asked == (
        "create_payment_intent",
        {"amount": "150000", "currency": "kes", "metadata": metadata},
        "PY-7F3K9Q",
    )
    assert intent["automatic_payment_methods"]["enabled"]


def test_it_begins_once(stripe: Stripe, fake: StripeFake) -> None:
    """Repeated, it is the same; and as it is by now, though Stripe repeats its first answer."""
    first = stripe.start(PAYMENT)
    assert stripe.start(PAYMENT) == first
    fake.pay(first.next_action["client_secret"])  # type: ignore[index]  # a fresh one has it
    again = stripe.start(PAYMENT)
    assert (again.status, again.amount, again.next_action) == (Status.SUCCEEDED, 150_000, None)
    assert len(fake.intents) == 1


def test_it_is_paid(stripe: Stripe, fake: StripeFake) -> None:
    payment = begun(stripe)
    assert stripe.ask(payment).status is Status.REQUIRES_ACTION
    fake.pay(fake.intent_for(payment.reference)["client_secret"])
    assert stripe.ask(payment) == Outcome(
        Status.SUCCEEDED, 150_000, "KES", provider_reference=payment.provider_reference
    )
    assert fake.books == {"PY-7F3K9Q": (150_000, 0)}


@pytest.mark.parametrize(
    ("card", "code", "message"),
    [
        ("pm_card_chargeDeclined", "card_declined", "Your card was declined."),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "Your card has insufficient funds."),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "Your card has expired."),
    ],
)
def test_a_card_is_declined(stripe: Stripe, fake: StripeFake, card: str, code: str, message: str) -> None:
    """It failed, in Stripe's words for the person who pays; another card may still come after it."""
    payment = begun(stripe)
    secret = fake.intent_for(payment.reference)["client_secret"]
    with pytest.raises(Refused):
        fake.pay(secret, card)
    said = stripe.ask(payment)
    assert (said.status, said.failure, said.amount) == (Status.FAILED, Failure(code, message), None)
    fake.pay(secret)
    assert stripe.ask(payment).status is Status.SUCCEEDED


def test_the_bank_asks(stripe: Stripe, fake: StripeFake) -> None:
    """3-D Secure in the browser: nothing has come until it is answered."""
    payment = begun(stripe)
    secret = fake.intent_for(payment.reference)["client_secret"]
    fake.pay(secret, "pm_card_authenticationRequired")
    assert stripe.ask(payment).status is Status.REQUIRES_ACTION
    fake.authenticate(secret, well=False)
    refused = Failure("payment_intent_authentication_failure", "The provided PaymentMethod has failed authentication.")
    assert stripe.ask(payment).failure == refused
    fake.pay(secret, "pm_card_authenticationRequired")
    fake.authenticate(secret)
    assert stripe.ask(payment).status is Status.SUCCEEDED


@pytest.mark.parametrize(("well", "status"), [(True, Status.SUCCEEDED), (False, Status.FAILED)])
def test_a_slow_method(stripe: Stripe, fake: StripeFake, well: bool, status: Status) -> None:
    payment = begun(stripe)
    fake.pay(fake.intent_for(payment.reference)["client_secret"], "pm_usBankAccount_processing")
    assert stripe.ask(payment).status is Status.PENDING
    fake.settle(payment.provider_reference or "", well=well)
    assert stripe.ask(payment).status is status


def test_an_answer_that_was_lost_is_found(stripe: Stripe, fake: StripeFake) -> None:
    """By our reference, among those of that time; not among older ones, and one that never arrived has failed."""
    begun(stripe)
    fake.forget_keys()
    for number in range(120):
        stripe.start(replace(PAYMENT, reference=f"PY-{number}"))
    lost = replace(PAYMENT, created_at=utcnow())
    found = stripe.ask(lost)
    assert (found.status, found.provider_reference) == (Status.REQUIRES_ACTION, FIRST)
    later = replace(PAYMENT, created_at=utcnow() + timedelta(hours=1))
    assert stripe.ask(later).failure == Failure(
        "unknown_to_provider", "The card provider has never heard of this payment."
    )
    assert stripe.ask(replace(lost, reference="PY-NEVER")).status is Status.FAILED
    assert stripe.ask(replace(lost, provider_reference="pi_gone")).status is Status.FAILED


def test_an_old_payment_is_found_though_the_key_is_forgotten(stripe: Stripe, fake: StripeFake) -> None:
    with frozen(utcnow() - timedelta(days=2)):
        begun(stripe)
        lost = replace(PAYMENT, created_at=utcnow())
    fake.forget_keys()
    assert stripe.ask(lost).provider_reference == FIRST


def test_a_payment_is_cancelled(stripe: Stripe, fake: StripeFake) -> None:
    """Nobody can pay it any more; twice is as good as once."""
    payment = begun(stripe)
    secret = fake.intent_for(payment.reference)["client_secret"]
    for _ in range(2):
        assert stripe.cancel(payment).status is Status.CANCELLED
    with pytest.raises(Refused):
        fake.pay(secret)
    assert stripe.cancel(replace(PAYMENT, reference="PY-NEVER")) == Outcome(Status.CANCELLED)


def test_one_that_has_just_been_paid_is_not_cancelled(stripe: Stripe, fake: StripeFake) -> None:
    assert stripe.cancel(paid(stripe, fake)).status is Status.SUCCEEDED
    assert fake.books == {"PY-7F3K9Q": (150_000, 0)}


def test_one_whose_answer_was_lost_is_cancelled(stripe: Stripe, fake: StripeFake) -> None:
    begun(stripe)
    assert stripe.cancel(PAYMENT).status is Status.CANCELLED
    assert fake.intents[FIRST]["status"] == "canceled"


@pytest.mark.parametrize(
    ("amount", "currency", "counted"),
    [(500, "JPY", "500"), (1230, "KWD", "1230"), (5, "UGX", "500"), (7, "ISK", "700"), (300, "MGA", "3")],
)
def test_currencies(stripe: Stripe, fake: StripeFake, amount: int, currency: str, counted: str) -> None:
    """Our minor units there and back, whatever Stripe counts in."""
    payment = paid(stripe, fake, replace(PAYMENT, amount=amount, currency=currency))
    assert fake.calls("create_payment_intent")[0]["amount"] == counted
    said = stripe.ask(payment)
    assert (said.amount, said.currency) == (amount, currency)


def test_an_amount_that_stripe_has_no_number_for(stripe: Stripe) -> None:
    with pytest.raises(BadPayment) as refused:
        stripe.check(replace(PAYMENT, amount=301, currency="MGA"))
    assert (refused.value.field, refused.value.message) == ("amount", "MGA is paid in whole units.")
    assert stripe.check(PAYMENT) is PAYMENT


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(1234, "KWD"), (100_000_000, "KES"), (49, "USD"), (500, "XXX")],
)
def test_what_stripe_does_not_take(stripe: Stripe, fake: StripeFake, amount: int, currency: str) -> None:
    """Has failed, with words that quote nothing; and nothing is left there."""
    started = stripe.start(replace(PAYMENT, amount=amount, currency=currency))
    refused = Failure("provider_refused", "The card provider does not take this payment.")
    assert started == Started(None, Status.FAILED, failure=refused)
    assert fake.intents == {}


def test_the_same_reference_for_something_else(stripe: Stripe, fake: StripeFake) -> None:
    """Says nothing of the payment that there is: it is not failed, and asking finds it."""
    payment = begun(stripe)
    with pytest.raises(ProviderDown):
        stripe.start(replace(PAYMENT, amount=1))
    assert stripe.ask(replace(PAYMENT, created_at=utcnow())).provider_reference == payment.provider_reference


def with_card(stripe: Stripe, fake: StripeFake, card: str = "pm_card_visa") -> PaymentCall:
    """Return a payment with a stored card that behaves so."""
    customer = stripe.new_customer("client-7")
    token = fake.store(stripe.start_setup(customer, "7-1").client_secret, card)
    return replace(PAYMENT, customer=customer, payment_method=token)


def test_a_stored_card_pays_at_once(stripe: Stripe, fake: StripeFake) -> None:
    """Once, however often it is repeated."""
    payment = with_card(stripe, fake)
    for _ in range(2):
        started = stripe.start(payment)
        assert (started.status, started.amount, started.currency, started.next_action) == (
            Status.SUCCEEDED,
            150_000,
            "KES",
            None,
        )
    assert fake.books == {"PY-7F3K9Q": (150_000, 0)}
    assert len(fake.charges) == 1


def test_a_stored_card_is_declined(stripe: Stripe, fake: StripeFake) -> None:
    payment = with_card(stripe, fake, "pm_card_chargeDeclined")
    for _ in range(2):
        started = stripe.start(payment)
        assert (started.status, started.failure) == (
            Status.FAILED,
            Failure("card_declined", "Your card was declined."),
        )
        assert started.provider_reference in fake.intents
    assert fake.charges == {}


def test_the_bank_of_a_stored_card_asks(stripe: Stripe, fake: StripeFake) -> None:
    started = stripe.start(with_card(stripe, fake, "pm_card_authenticationRequired"))
    assert started.status is Status.REQUIRES_ACTION
    assert started.next_action is not None
    assert started.next_action["type"] == "authenticate"
    fake.authenticate(started.next_action["client_secret"])
    assert fake.books == {"PY-7F3K9Q": (150_000, 0)}


@pytest.mark.parametrize("change", [{"payment_method": "pm_of_nobody"}, {"customer": "cus_of_nobody"}])
def test_a_stored_card_that_is_gone(stripe: Stripe, fake: StripeFake, change: dict[str, str]) -> None:
    payment = replace(with_card(stripe, fake), **change)  # type: ignore[arg-type]  # names of its fields
    assert stripe.start(payment).status is Status.FAILED
    assert fake.charges == {}


def test_a_crash_between_the_two_steps_charges_nobody(stripe: Stripe, fake: StripeFake) -> None:
    """And repeating it pays, once."""
    payment = with_card(stripe, fake)
    stripe._intent_of(payment)
    asked = stripe.ask(replace(payment, created_at=utcnow()))
    assert (asked.status, fake.charges) == (Status.REQUIRES_ACTION, {})
    assert stripe.start(payment).status is Status.SUCCEEDED
    assert len(fake.charges) == 1
