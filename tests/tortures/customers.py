"""People who pay by card or by phone, or fail to, or too late; and what their payments must come to by that."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, NamedTuple

from app.bookings.service.expiry import expire_booking
from app.diary.errors import SlotTaken
from app.kit.clock import utcnow
from app.models import DepositType, Role
from app.orders.service.expiry import expire_order
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_product, make_service, make_working_staff
from tests.integrations.payments.daraja_fake import Daraja
from tests.integrations.payments.stripe_checks import Refused
from tests.integrations.payments.stripe_fake import StripeFake
from tests.races.bookings import booked
from tests.races.callers import Caller, slot
from tests.races.shop import let_lapse, ordered
from tests.races.tills import PAYMENTS, let_expire

LATE = 0.1
PRICE, DEPOSIT = 150_000, 100_000
DECLINED, ASKED = "pm_card_chargeDeclined", "pm_card_authenticationRequired"
SHELF = 100_000


Expiring = tuple[Any, Callable[[], bool]]
"""A payment that has begun, and what lets that expire which it is for, and says whether nothing is owed then."""


class End(NamedTuple):
    """How a payment stands: what has come, what of it has gone back or waits for that, and whether it counts."""

    status: str
    came: int
    back: int
    counted: bool


@dataclass
class Customers:
    """People, our shop, and where they pay. `undue` is what was paid when nothing was owed any more."""

    api: Api
    stripe: StripeFake
    daraja: Daraja
    chance: Random
    undue: set[str] = field(default_factory=set)
    begun: int = 0

    def __post_init__(self) -> None:
        self.client, self.other = Caller.signed_in(), Caller.signed_in(Role.CLIENT)
        self.goods = make_product(SHELF, price_amount=PRICE)
        self.service = make_service(deposit_type=DepositType.FIXED, deposit_value=DEPOSIT, price_amount=PRICE)

    def by_card(self) -> None:
        """Let somebody pay for an order by card, in one of many ways; or for a booking or order that has expired."""
        if self.chance.random() < LATE:
            self._too_late_by_card()
            return
        begun = self._pay({"order_id": self._order()}, "card")
        secret = begun["next_action"]["client_secret"]
        fate = self.chance.choice(["pays", "pays", "leaves", "fails", "asked", "refunded", "disputed", "cancelled"])
        if fate == "cancelled":
            with self.stripe.lock:
                self.stripe.cancel_payment_intent({}, begun["provider_reference"])
        elif fate == "fails":
            self._be_declined(secret)
        elif fate == "asked":
            self.stripe.pay(secret, ASKED)
            self.stripe.authenticate(secret, well=self.chance.random() < 0.5)
        elif fate != "leaves":
            self.stripe.pay(secret)
            self._take_back(fate, begun["provider_reference"])

    def by_phone(self) -> None:
        """Let somebody pay for an order by M-Pesa, or not."""
        order_id = self._order()
        begun = self._pay({"order_id": order_id}, "mpesa", phone=f"07{10_000_000 + self.begun}")
        code = self.chance.choice(["0", "0", "0", "1", "1032", "2001"])
        if self.chance.random() < LATE:
            code = "0"
            self._lapse(order_id)
            self.undue.add(begun["reference"])
        self.daraja.end(self.daraja.pushed(begun["reference"]), code)

    def _pay(self, thing: dict[str, object], method: str, **more: object) -> Any:
        self.begun += 1
        answer = self.api.post(PAYMENTS, thing | {"method": method} | more, token=self.client.token)
        assert answer.status_code == 201, answer.json
        return answer.json

    def _order(self) -> int:
        return ordered(self.client, {self.goods.id: 1})

    def _lapse(self, order_id: int) -> None:
        let_lapse(order_id, utcnow() - timedelta(seconds=1))
        with transaction():
            expire_order(order_id)

    def _too_late_by_card(self) -> None:
        """Pay for what expires at that moment, of which we hear afterwards; or after it, if the form is open still."""
        expire = self.chance.choice([self._expiring_order, self._expiring_booking])
        begun, let_go = expire()
        pays_first = self.chance.random() < 0.5
        if pays_first:
            self.stripe.pay(begun["next_action"]["client_secret"])
        if let_go():
            self.undue.add(begun["reference"])
        if not pays_first:
            with suppress(Refused):
                self.stripe.pay(begun["next_action"]["client_secret"])

    def _expiring_order(self) -> Expiring:
        order_id = self._order()

        def let_go() -> bool:
            self._lapse(order_id)
            return True

        return self._pay({"order_id": order_id}, "card"), let_go

    def _expiring_booking(self) -> Expiring:
        """Book; its time stays free when it expires, or is somebody else's at once, unless the money was quicker."""
        staff, starts_at = make_working_staff(self.service), slot(0)
        booking_id = booked(self.client, self.service, staff, starts_at)

        def let_go() -> bool:
            self._let_go(booking_id)
            if self.chance.random() < 0.5:
                return False
            with suppress(SlotTaken):
                return bool(booked(self.other, self.service, staff, starts_at))
            return False

        return self._pay({"booking_id": booking_id}, "card"), let_go

    def _let_go(self, booking_id: int) -> None:
        let_expire(booking_id, utcnow() - timedelta(seconds=1))
        with transaction():
            expire_booking(booking_id)

    def _be_declined(self, secret: str) -> None:
        with suppress(Refused):
            self.stripe.pay(secret, DECLINED)
        if self.chance.random() < 0.5:
            self.stripe.pay(secret)

    def _take_back(self, fate: str, name: str) -> None:
        if fate == "refunded":
            for _ in range(self.chance.randint(1, 2)):
                self.stripe.refund_by_hand(name, self.chance.randint(1, PRICE // 2))
        elif fate == "disputed":
            self._be_disputed(name)

    def _be_disputed(self, name: str) -> None:
        """Let a bank take back what is left, perhaps after a refund that may not arrive; what is won may go back."""
        if self.chance.random() < 0.5:
            made = self.stripe.refund_by_hand(name, self.chance.randint(1, PRICE // 2))
            if self.chance.random() < 0.5:
                self.stripe.settle_refund(made["id"], well=False)
        won = self.chance.random() < 0.5
        self.stripe.close_dispute(self.stripe.dispute(name)["id"], won=won)
        if won and self.chance.random() < 0.5:
            self.stripe.refund_by_hand(name, self.chance.randint(1, PRICE // 2))


RANKS = ("requires_action", "failed", "cancelled", "succeeded")
OF_INTENTS = {
    "payment_intent.created": "requires_action",
    "payment_intent.requires_action": "requires_action",
    "payment_intent.payment_failed": "failed",
    "payment_intent.canceled": "cancelled",
    "payment_intent.succeeded": "succeeded",
}
OF_MONEY_BACK = ("refund.created", "charge.dispute.created")
OF_MONEY_KEPT = ("refund.failed", "charge.dispute.funds_reinstated")


def fold_cards(events: Sequence[dict[str, Any]], undue: set[str]) -> dict[str, End]:
    """Return how payments by card stand after these events, whatever their order: the furthest of all states counts.

    What failed to go back, and disputes that were won, took nothing.
    """
    names: dict[str, str] = {}
    ranks: dict[str, int] = {}
    amounts: dict[str, int] = {}
    back: dict[str, dict[str, int]] = {}
    kept = {event["data"]["object"]["id"] for event in events if event["type"] in OF_MONEY_KEPT}
    for event in events:
        about = event["data"]["object"]
        if event["type"] in OF_INTENTS:
            names[about["id"]] = about["metadata"]["payment"]
            amounts[about["id"]] = about["amount"]
            rank = RANKS.index(OF_INTENTS[event["type"]])
            ranks[about["id"]] = max(rank, ranks.get(about["id"], 0))
        elif event["type"] in OF_MONEY_BACK and about["id"] not in kept:
            back.setdefault(about["payment_intent"], {})[about["id"]] = about["amount"]
    return {
        reference: _end(RANKS[ranks[name]], amounts[name], sum(back.get(name, {}).values()), reference in undue)
        for name, reference in names.items()
    }


def fold_phones(daraja: Daraja, undue: set[str]) -> dict[str, End]:
    """Return how payments by phone stand after all callbacks; what nobody owed waits to be paid out by hand."""
    return {
        push.reference: _end(
            "succeeded" if push.result == "0" else "failed",
            push.amount * 100,
            push.amount * 100 if push.reference in undue else 0,
            push.reference in undue,
        )
        for push in daraja.pushes.values()
    }


def _end(status: str, amount: int, back: int, is_undue: bool) -> End:
    came = status == "succeeded"
    return End(status, amount if came else 0, back if came else 0, came and not is_undue)
