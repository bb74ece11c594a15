"""Cards that are stored with Stripe: brand, last digits, expiry, and never more."""

import pytest

from app.integrations.payments.provider import Card, ProviderDown
from app.integrations.payments.stripe import Stripe
from tests.integrations.payments.stripe_fake import StripeFake


def test_a_client_is_told_of_by_a_reference_alone(stripe: Stripe, fake: StripeFake) -> None:
    """Once; even when name or address have changed since."""
    customer = stripe.new_customer("client-7")
    assert stripe.new_customer("client-7") == customer
    assert list(fake.customers) == [customer]
    assert fake.asked == [("create_customer", {"metadata": {"client": "client-7"}}, "client-7-customer")]


def test_a_card_is_stored_shown_and_forgotten(stripe: Stripe, fake: StripeFake) -> None:
    customer = stripe.new_customer("client-7")
    setup = stripe.start_setup(customer, "7-1")
    assert stripe.start_setup(customer, "7-1") == setup
    assert stripe.cards(customer) == []
    token = fake.store(setup.client_secret)
    assert stripe.cards(customer) == [Card(token, "visa", "4242", 12, 2034)]
    for _ in range(2):
        stripe.detach(token)
    assert stripe.cards(customer) == []
    assert fake.methods[token]["customer"] is None


def test_many_cards(stripe: Stripe, fake: StripeFake) -> None:
    customer = stripe.new_customer("client-7")
    stored = [fake.store(stripe.start_setup(customer, str(number)).client_secret) for number in range(103)]
    assert [card.token for card in stripe.cards(customer)] == stored[::-1]


def test_cards_of_others_are_not_shown(stripe: Stripe, fake: StripeFake) -> None:
    fake.store(stripe.start_setup(stripe.new_customer("client-7"), "7-1").client_secret)
    assert stripe.cards(stripe.new_customer("client-8")) == []


def test_what_is_not_there(stripe: Stripe) -> None:
    """A card that Stripe never had is forgotten; a client it does not know has no cards, and can store none."""
    stripe.detach("pm_of_nobody")
    assert stripe.cards("cus_of_nobody") == []
    with pytest.raises(ProviderDown):
        stripe.start_setup("cus_of_nobody", "7-1")
