"""Refunds with Stripe: each once, never more than has come, and what becomes of those that fail."""

from dataclasses import replace

import pytest

from app.integrations.payments.provider import Failure, Outcome, ProviderDown, RefundCall, RefundSeen, Status
from app.integrations.payments.stripe import Stripe
from tests.integrations.payments.conftest import PAYMENT, begun, paid
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import Fault

LOST = Fault("create_refund", after=True)


def of(reference: str | None, amount: int, number: int = 1) -> RefundCall:
    """Return a refund of the payment that Stripe calls so."""
    return RefundCall(f"RF-{number}", amount, "KES", PAYMENT.reference, reference, "Came late")


def test_a_refund(stripe: Stripe, fake: StripeFake) -> None:
    """Part of it, under our references; repeated, it is the same one."""
    payment = paid(stripe, fake)
    refund = of(payment.provider_reference, 40_000)
    said = stripe.refund(refund)
    (made,) = fake.refunds.values()
    assert said == Outcome(Status.SUCCEEDED, 40_000, "KES", made["id"])
    assert made["metadata"] == {"payment": "PY-7F3K9Q", "refund": "RF-1"}
    assert stripe.refund(refund) == said
    assert stripe.refund(replace(refund, provider_reference=made["id"])) == said
    assert fake.books == {"PY-7F3K9Q": (150_000, 40_000)}
    assert stripe.ask(payment).refunds == (RefundSeen(made["id"], Status.SUCCEEDED, 40_000, "KES", reference="RF-1"),)


def test_a_refund_whose_answer_was_lost(stripe: Stripe, fake: StripeFake) -> None:
    """Is found by our reference, even when Stripe has forgotten the key; nobody gets it twice."""
    payment = paid(stripe, fake)
    fake.faults = [LOST, LOST]
    with pytest.raises(ProviderDown):
        stripe.refund(of(payment.provider_reference, 40_000))
    fake.forget_keys()
    said = stripe.refund(of(payment.provider_reference, 40_000))
    assert (said.status, said.amount) == (Status.SUCCEEDED, 40_000)
    assert fake.books == {"PY-7F3K9Q": (150_000, 40_000)}


def test_many_refunds(stripe: Stripe, fake: StripeFake) -> None:
    """Up to what has come; the one that would exceed it is refused, and changes nothing."""
    payment = paid(stripe, fake)
    for number in range(3):
        assert stripe.refund(of(payment.provider_reference, 50_000 - number, number)).status is Status.SUCCEEDED
    refused = stripe.refund(of(payment.provider_reference, 4, 4))
    assert refused == Outcome(
        Status.FAILED, failure=Failure("provider_refused", "The card provider refuses this refund.")
    )
    assert stripe.refund(of(payment.provider_reference, 3, 5)).status is Status.SUCCEEDED
    done = stripe.refund(of(payment.provider_reference, 1, 6))
    assert done.failure is not None
    assert done.failure.code == "charge_already_refunded"
    assert fake.books == {"PY-7F3K9Q": (150_000, 150_000)}


def test_a_refund_in_another_unit(stripe: Stripe, fake: StripeFake) -> None:
    payment = paid(stripe, fake, replace(PAYMENT, amount=5000, currency="UGX"))
    said = stripe.refund(replace(of(payment.provider_reference, 2000), currency="UGX"))
    assert (said.amount, said.currency) == (2000, "UGX")
    assert fake.calls("create_refund")[0]["amount"] == "200000"


def test_a_refusal_is_tried_again_under_another_key(stripe: Stripe, fake: StripeFake) -> None:
    """As Stripe repeats a refusal to whoever repeats its key, though by now the account holds enough."""
    payment = paid(stripe, fake)
    refund = of(payment.provider_reference, 40_000)
    fake.has_money = False
    for _ in range(2):
        refused = stripe.refund(refund)
        assert refused.failure is not None
        assert refused.failure.code == "balance_insufficient"
    fake.has_money = True
    assert stripe.refund(refund).status is Status.FAILED
    assert stripe.refund(replace(refund, attempt=1)).status is Status.SUCCEEDED
    assert [key for name, _, key in fake.asked if name == "create_refund"] == ["RF-1-0", "RF-1-1"]


def test_a_refund_that_takes_its_time(stripe: Stripe, fake: StripeFake) -> None:
    payment = paid(stripe, fake, card="pm_card_pendingRefund")
    refund = of(payment.provider_reference, 40_000)
    said = stripe.refund(refund)
    assert (said.status, said.amount) == (Status.PENDING, None)
    fake.settle_refund(said.provider_reference or "")
    assert stripe.refund(refund).status is Status.SUCCEEDED


def test_a_refund_that_comes_back(stripe: Stripe, fake: StripeFake) -> None:
    """Has failed, and is not made a second time: that is for people to decide."""
    payment = paid(stripe, fake, card="pm_card_refundFail")
    refund = of(payment.provider_reference, 40_000)
    assert stripe.refund(refund).status is Status.SUCCEEDED
    said = stripe.refund(refund)
    assert (said.status, said.failure) == (
        Status.FAILED,
        Failure("lost_or_stolen_card", "The refund did not reach the card."),
    )
    assert len(fake.refunds) == 1
    assert fake.books == {"PY-7F3K9Q": (150_000, 0)}


def test_what_was_not_paid_is_not_refunded(stripe: Stripe, fake: StripeFake) -> None:
    assert stripe.refund(of(begun(stripe).provider_reference, 1)).status is Status.FAILED
    with pytest.raises(ProviderDown):
        stripe.refund(of("pi_of_nobody", 1))
    assert fake.refunds == {}


def test_what_a_bank_took_back_is_not_refunded_as_well(stripe: Stripe, fake: StripeFake) -> None:
    payment = paid(stripe, fake)
    fake.dispute(payment.provider_reference or "")
    refused = stripe.refund(of(payment.provider_reference, 50_000))
    assert refused.failure is not None
    assert refused.failure.code == "charge_disputed"
    assert fake.books == {"PY-7F3K9Q": (150_000, 150_000)}


def test_asking_names_all_refunds(stripe: Stripe, fake: StripeFake) -> None:
    """Ours by our reference, and those that were made in the Dashboard."""
    payment = paid(stripe, fake)
    assert stripe.ask(payment).refunds == ()
    stripe.refund(of(payment.provider_reference, 40_000))
    fake.refund_by_hand(payment.provider_reference or "", 10_000)
    by_hand, ours = fake.list_refunds({"payment_intent": payment.provider_reference})
    assert stripe.ask(payment).refunds == (
        RefundSeen(by_hand["id"], Status.SUCCEEDED, 10_000, "KES"),
        RefundSeen(ours["id"], Status.SUCCEEDED, 40_000, "KES", reference="RF-1"),
    )
