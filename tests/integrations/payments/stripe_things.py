"""What there is at Stripe, and how one thing leads to another: attempts, charges, refunds, and an event for each."""

import itertools
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from app.kit.clock import utcnow
from tests.integrations.payments.stripe_checks import (
    AUTHENTICATED,
    DECLINES,
    REFUND_FAILS,
    REFUND_PENDS,
    SLOW,
    TEST_CARDS,
    Refused,
    Thing,
    missing,
)


@dataclass
class Things:
    """All there is at Stripe. `has_money` is whether the account holds enough to pay refunds from."""

    has_money: bool = True
    intents: dict[str, Thing] = field(default_factory=dict)
    charges: dict[str, Thing] = field(default_factory=dict)
    refunds: dict[str, Thing] = field(default_factory=dict)
    disputes: dict[str, Thing] = field(default_factory=dict)
    customers: dict[str, Thing] = field(default_factory=dict)
    methods: dict[str, Thing] = field(default_factory=dict)
    setups: dict[str, Thing] = field(default_factory=dict)
    events: list[Thing] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def _confirm(self, intent: Thing, card: str | None) -> Thing:
        if intent["status"] not in {"requires_payment_method", "requires_confirmation"}:
            raise unexpected_state(intent, "confirm")
        method = card or intent["payment_method"]
        if method is None:
            raise Refused(400, "You cannot confirm this PaymentIntent because it's missing a payment method.")
        self._check_method(method, intent["customer"])
        intent |= {"payment_method": method, "last_payment_error": None}
        behaviour = self.methods[method]["behaves_as"] if method in self.methods else method
        if behaviour in DECLINES:
            self._decline(intent, *DECLINES[behaviour])
            raise Refused(402, intent["last_payment_error"]["message"], **_card_error(intent))
        if behaviour == AUTHENTICATED:
            intent |= {"status": "requires_action", "next_action": {"type": "use_stripe_sdk", "use_stripe_sdk": {}}}
            self.tell("payment_intent.requires_action", intent)
            return intent
        if behaviour == SLOW:
            intent["status"] = "processing"
            self.tell("payment_intent.processing", intent)
            return intent
        return self._charge(intent)

    def _charge(self, intent: Thing) -> Thing:
        charge = self.new("ch", "charge", self.charges) | {
            "amount": intent["amount"],
            "amount_captured": intent["amount"],
            "amount_refunded": 0,
            "currency": intent["currency"],
            "disputed": False,
            "metadata": dict(intent["metadata"]),
            "payment_intent": intent["id"],
            "refunded": False,
            "status": "succeeded",
        }
        self.charges[charge["id"]] = charge
        paid = {"status": "succeeded", "amount_received": intent["amount"], "latest_charge": charge["id"]}
        intent |= paid | {"next_action": None}
        self.tell("charge.succeeded", charge)
        self.tell("payment_intent.succeeded", intent)
        return intent

    def _decline(self, intent: Thing, code: str, decline_code: str | None, message: str) -> Thing:
        error = {"type": "card_error", "code": code, "message": message}
        error |= {"decline_code": decline_code} if decline_code else {}
        intent |= {"status": "requires_payment_method", "last_payment_error": error, "payment_method": None}
        self.tell("payment_intent.payment_failed", intent)
        return intent

    def _refund(self, intent: Thing, amount: int, metadata: Thing) -> Thing:
        charge = self.charges[intent["latest_charge"]]
        self._check_refund(charge, amount)
        method = intent["payment_method"]
        behaviour = self.methods[method]["behaves_as"] if method in self.methods else method
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        refund = self.new("re", "refund", self.refunds) | {
            "amount": amount,
            "charge": charge["id"],
            "currency": charge["currency"],
            "metadata": metadata,
            "payment_intent": intent["id"],
            "status": "pending" if behaviour == REFUND_PENDS else "succeeded",
        }
        self.refunds[refund["id"]] = refund
        self.tell("refund.created", refund)
        self.tell("charge.refunded", charge)
        if behaviour == REFUND_FAILS:
            said = dict(refund)
            self.send_back(refund)
            return said
        return refund

    def send_back(self, refund: Thing) -> None:
        """Let a refund fail, even one that had succeeded: the money is the business's again."""
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
        self.charges[refund["charge"]]["amount_refunded"] -= refund["amount"]
        self.tell("refund.failed", refund)

    def _check_refund(self, charge: Thing, amount: int) -> None:
        left = charge["amount"] - charge["amount_refunded"]
        if charge["disputed"]:
            raise Refused(
                400, f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
            )
        if left == 0:
            raise Refused(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
        if amount > left:
            message = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
            raise Refused(400, message, param="amount")

    def _check_customer(self, name: str | None) -> None:
        if name is not None and name not in self.customers:
            raise missing("customer", name)

    def _check_method(self, name: str, customer: str | None) -> None:
        if name in TEST_CARDS:
            return
        if name not in self.methods:
            raise missing("PaymentMethod", name)
        if self.methods[name]["customer"] is None or self.methods[name]["customer"] != customer:
            raise Refused(400, "The payment method belongs to another customer, or to none any more.")

    def _intent(self, name: str) -> Thing:
        if name not in self.intents:
            raise missing("payment_intent", name)
        return self.intents[name]

    def _by_secret(self, things: Mapping[str, Thing], client_secret: str) -> Thing:
        found = things.get(client_secret.partition("_secret_")[0])
        if found is None or found["client_secret"] != client_secret:
            raise missing("payment_intent", client_secret)
        return found

    def new(self, prefix: str, kind: str, among: Mapping[str, Thing]) -> Thing:
        """Return the beginning of a new thing."""
        name = f"{prefix}_{len(among) + 1:06d}{next(self._numbers):010d}"
        return {"id": name, "object": kind, "created": now(), "livemode": False}

    def tell(self, kind: str, thing: Thing) -> None:
        """Write an event about a thing, as it is now."""
        event: Thing = {"id": f"evt_{next(self._numbers):016d}", "object": "event", "api_version": "2026-10-28.endive"}
        event |= {"created": now(), "livemode": False, "pending_webhooks": 1, "type": kind}
        self.events.append(event | {"data": {"object": copied(thing)}})


def copied(thing: Thing) -> Thing:
    """Return a thing that stays as it is now."""
    return {key: dict(value) if isinstance(value, dict) else value for key, value in thing.items()}


def now() -> int:
    """Return the time as Stripe writes it."""
    return int(utcnow().timestamp())


def newest_first(things: Mapping[str, Thing]) -> list[Thing]:
    """Return things as Stripe lists them."""
    return list(things.values())[::-1]


def created_since(form: Thing, things: list[Thing]) -> list[Thing]:
    """Return those that a list is asked for by `created[gte]`."""
    since = int(form.get("created", {}).get("gte", 0))
    return [one for one in things if one["created"] >= since]


def _card_error(intent: Thing) -> Thing:
    error = dict(intent["last_payment_error"])
    return {"code": error["code"], "decline_code": error.get("decline_code"), "payment_intent": copied(intent)}


def unexpected_state(intent: Thing, verb: str) -> Refused:
    """Return the refusal of what its state does not allow."""
    message = f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
    return Refused(400, message, code="payment_intent_unexpected_state", payment_intent=copied(intent))
