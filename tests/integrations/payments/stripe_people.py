"""What others do at Stripe: those who pay, in their browsers; their banks; and the business, in the Dashboard."""

from dataclasses import dataclass

from tests.integrations.payments.stripe_checks import Thing
from tests.integrations.payments.stripe_rules import Rules
from tests.integrations.payments.stripe_things import unexpected_state


@dataclass
class People(Rules):
    """Stripe, with people around it."""

    def pay(self, client_secret: str, card: str = "pm_card_visa") -> Thing:
        """Let somebody enter a card. Raises `Refused` where it is declined, as Stripe.js says so too."""
        with self.lock:
            return self._confirm(self._by_secret(self.intents, client_secret), card)

    def authenticate(self, client_secret: str, *, well: bool = True) -> Thing:
        """Let somebody answer her bank's question (3-D Secure)."""
        with self.lock:
            intent = self._by_secret(self.intents, client_secret)
            if intent["status"] != "requires_action":
                raise unexpected_state(intent, "authenticate")
            intent["next_action"] = None
            if well:
                return self._charge(intent)
            message = "The provided PaymentMethod has failed authentication."
            return self._decline(intent, "payment_intent_authentication_failure", None, message)

    def store(self, client_secret: str, card: str = "pm_card_visa") -> str:
        """Let somebody store a card, and return its name."""
        with self.lock:
            setup = self._by_secret(self.setups, client_secret)
            shown = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034}
            method = self.new("pm", "payment_method", self.methods)
            method |= {"customer": setup["customer"], "type": "card", "card": shown, "behaves_as": card}
            self.methods[method["id"]] = method
            setup |= {"status": "succeeded", "payment_method": method["id"]}
            self.tell("setup_intent.succeeded", setup)
            return str(method["id"])

    def settle(self, name: str, *, well: bool = True) -> Thing:
        """Let a slow payment end."""
        with self.lock:
            intent = self._intent(name)
            if well:
                return self._charge(intent)
            return self._decline(intent, "payment_method_provider_decline", None, "The bank refused the payment.")

    def refund_by_hand(self, name: str, amount: int) -> Thing:
        """Refund in the Dashboard: nothing of ours is in its metadata."""
        with self.lock:
            return self._refund(self._intent(name), amount, {})

    def settle_refund(self, name: str, *, well: bool = True) -> Thing:
        """Let a pending refund arrive; or let any fail, even one that had succeeded, and the money come back."""
        with self.lock:
            refund = self.refunds[name]
            if well:
                refund["status"] = "succeeded"
            else:
                self.send_back(refund)
            self.tell("refund.updated", refund)
            return refund

    def dispute(self, name: str, amount: int | None = None) -> Thing:
        """Let a bank take a payment back."""
        with self.lock:
            intent = self._intent(name)
            charge = self.charges[intent["latest_charge"]]
            charge["disputed"] = True
            dispute = self.new("du", "dispute", self.disputes) | {
                "amount": amount or charge["amount"] - charge["amount_refunded"],
                "charge": charge["id"],
                "currency": charge["currency"],
                "metadata": {},
                "payment_intent": intent["id"],
                "status": "needs_response",
            }
            self.disputes[dispute["id"]] = dispute
            self.tell("charge.dispute.created", dispute)
            self.tell("charge.dispute.funds_withdrawn", dispute)
            return dispute

    def close_dispute(self, name: str, *, won: bool) -> Thing:
        """Let a bank decide."""
        with self.lock:
            dispute = self.disputes[name]
            dispute["status"] = "won" if won else "lost"
            self.charges[dispute["charge"]]["disputed"] = not won
            if won:
                self.tell("charge.dispute.funds_reinstated", dispute)
            self.tell("charge.dispute.closed", dispute)
            return dispute
