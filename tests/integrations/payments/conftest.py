"""What tests of Stripe begin with: a local Stripe, the adapter that talks to it, and a payment."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.integrations.payments.provider import PaymentCall
from app.integrations.payments.stripe import Stripe
from tests.api import Api
from tests.integrations.payments.stripe_desk import Desk
from tests.integrations.payments.stripe_fake import StripeFake, serving
from tests.papers import leave_papers_blank

PAYMENT = PaymentCall(reference="PY-7F3K9Q", amount=150_000, currency="KES", description="Booking BK-7F3K9Q")


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave them blank: `tests/documents`, `tests/invoices` and `tests/notifications` look at what is drawn."""
    leave_papers_blank(monkeypatch)


@pytest.fixture
def fake() -> Iterator[StripeFake]:
    """Stripe."""
    with serving(StripeFake()) as server:
        yield server


@pytest.fixture
def stripe(fake: StripeFake) -> Stripe:
    """The adapter."""
    return Stripe(fake.account)


@pytest.fixture
def desk(app: Flask, api: Api, fake: StripeFake, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """An application that takes cards with Stripe."""
    monkeypatch.setitem(app.extensions["payments"], "stripe", Stripe(fake.account))
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)
    return Desk(api, fake)


def begun(stripe: Stripe, payment: PaymentCall = PAYMENT) -> PaymentCall:
    """Return a payment that has begun."""
    return replace(payment, provider_reference=stripe.start(payment).provider_reference)


def paid(stripe: Stripe, fake: StripeFake, payment: PaymentCall = PAYMENT, card: str = "pm_card_visa") -> PaymentCall:
    """Return a payment that has come."""
    payment = begun(stripe, payment)
    fake.pay(fake.intent_for(payment.reference)["client_secret"], card)
    return payment
