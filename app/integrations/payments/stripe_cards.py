"""Cards that clients have stored with Stripe. We know their brand, last digits and expiry, and never more."""

from collections.abc import Mapping
from typing import Any

import stripe

from app.integrations.payments.provider import Card, Setup
from app.integrations.payments.stripe_api import MOST_IN_A_PAGE, NotStripes, is_missing, note_refusal, speaking, whole


class StripeCards:
    """The part of an account with Stripe that keeps cards."""

    def __init__(self, api: stripe.StripeClient) -> None:
        """Use the SDK's client."""
        self._api = api.v1

    def new_customer(self, reference: str) -> str:
        """Create a customer of whom Stripe learns our reference and nothing else: there is nothing to erase there."""
        with speaking():
            options: Any = {"idempotency_key": f"{reference}-customer"}
            made = self._api.customers.create({"metadata": {"client": reference}}, options)
            if not isinstance(made.id, str):
                raise NotStripes
            return made.id

    def start_setup(self, customer: str, key: str) -> Setup:
        """Create a setup intent, for a card that its owner will be there to pay with."""
        wanted: Any = {"customer": customer, "usage": "on_session", "payment_method_types": ["card"]}
        with speaking():
            made = whole(self._api.setup_intents.create(wanted, {"idempotency_key": f"{key}-setup"}))
            return Setup(made["id"], made["client_secret"])

    def cards(self, customer: str) -> list[Card]:
        """Return the cards of a customer; none of one whom Stripe does not know any more."""
        wanted: Any = {"customer": customer, "type": "card", "limit": MOST_IN_A_PAGE}
        with speaking():
            try:
                found = self._api.payment_methods.list(wanted)
                return [_card(one.id, one.to_dict()["card"]) for one in found.auto_paging_iter()]
            except stripe.InvalidRequestError as error:
                if not is_missing(error):
                    raise
                note_refusal(error)
                return []

    def detach(self, token: str) -> None:
        """Take a card from its customer, for good."""
        with speaking():
            try:
                self._api.payment_methods.detach(token)
            except stripe.InvalidRequestError:
                if self._is_attached(token):
                    raise

    def _is_attached(self, token: str) -> bool:
        try:
            return self._api.payment_methods.retrieve(token).customer is not None
        except stripe.InvalidRequestError as error:
            if not is_missing(error):
                raise
            return False


def _card(token: str, said: Mapping[str, Any]) -> Card:
    return Card(token, said["brand"], said["last4"], said["exp_month"], said["exp_year"])
