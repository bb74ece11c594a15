"""Our books and Stripe's, after payments with all kinds of fates and messages in any order: equal to the cent.

`PAYMENTS=1000 pytest -s tests/integrations/payments/test_stripe_books.py` tries a thousand.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.jobs.worker import work_once
from app.kit.clock import frozen, utcnow
from app.ledger.queries import change_of
from app.ledger.recount import find_wrong_payments, find_wrong_refunds
from app.models import Account, Payment, PaymentState, ProviderEvent
from app.transactions import reading
from tests.integrations.payments.stripe_checks import Refused
from tests.integrations.payments.stripe_desk import Desk, money
from tests.integrations.payments.stripe_http import Fault
from tests.integrations.payments.stripe_mail import sack

PAYMENTS = int(os.environ.get("PAYMENTS", "12"))
LOST = Fault(after=True)

Fate = Callable[[Desk, random.Random], None]


def paid(desk: Desk) -> Any:
    """Pay for another booking, and let our side know by asking."""
    desk.booking = desk.new_booking()
    begun = desk.pay()
    desk.enter_card(begun)
    return desk.sync(begun)


def nobody_pays(desk: Desk, chance: random.Random) -> None:
    """Begin, and go away."""
    desk.booking = desk.new_booking()
    desk.pay()


def declined(desk: Desk, chance: random.Random) -> None:
    """Try one card that is declined, and perhaps another."""
    desk.booking = desk.new_booking()
    begun = desk.pay()
    with suppress(Refused):
        desk.enter_card(begun, "pm_card_chargeDeclined")
    if chance.random() < 0.5:
        desk.enter_card(begun)


def authenticated(desk: Desk, chance: random.Random) -> None:
    """Be asked by the bank, and answer well or not."""
    desk.booking = desk.new_booking()
    begun = desk.pay()
    desk.enter_card(begun, "pm_card_authenticationRequired")
    desk.fake.authenticate(begun.json["next_action"]["client_secret"], well=chance.random() < 0.7)


def answered_too_late(desk: Desk, chance: random.Random) -> None:
    """Pay, while the answer to our asking is lost, and we are told by messages alone."""
    desk.booking = desk.new_booking()
    desk.fake.faults = [LOST] * chance.randint(1, 2)
    begun = desk.pay()
    intent = desk.fake.list_payment_intents({})[0]
    desk.fake.pay(intent["client_secret"])
    assert begun.status_code in {201, 503}


def paid_when_it_is_cancelled(desk: Desk, chance: random.Random) -> None:
    """Pay for a booking that is cancelled before we know: it goes back."""
    desk.booking = desk.new_booking()
    begun = desk.pay()
    desk.enter_card(begun)
    cancelled = desk.api.post(f"/api/bookings/{desk.booking}/cancel", {"reason": "ill"}, token=desk.client)
    assert cancelled.status_code == 200


def refunded(desk: Desk, chance: random.Random) -> None:
    """Give parts of it back, some with answers that are lost."""
    payment = paid(desk)
    for _ in range(chance.randint(1, 3)):
        if chance.random() < 0.4:
            desk.fake.faults = [Fault("create_refund", after=True)] * 2
        desk.refund(payment, amount=money(chance.randint(1, 1500)))
    desk.fake.faults = []


def refunded_by_hand(desk: Desk, chance: random.Random) -> None:
    """Give parts of it back in the Dashboard, and one of them here."""
    payment = paid(desk)
    for _ in range(chance.randint(1, 3)):
        desk.fake.refund_by_hand(payment["provider_reference"], chance.randint(1, 1000))
    desk.refund(payment, amount=money(chance.randint(1, 1000)))


def taken_back(desk: Desk, chance: random.Random) -> None:
    """Lose it to a dispute, perhaps after a part went back; or win it, before anybody tells us that it began."""
    payment = paid(desk)
    if chance.random() < 0.5:
        desk.refund(payment, amount=money(1000))
    dispute = desk.fake.dispute(payment["provider_reference"])
    desk.fake.close_dispute(dispute["id"], won=chance.random() < 0.5)


FATES: tuple[Fate, ...] = (
    nobody_pays,
    declined,
    authenticated,
    answered_too_late,
    paid_when_it_is_cancelled,
    refunded,
    refunded_by_hand,
    taken_back,
)


def deliver(desk: Desk, chance: random.Random) -> None:
    """Deliver all messages in any order: some doubled, forged, or of another amount."""
    for message in sack(desk.fake.events, chance, doubled=0.3, faked=0.05, mistaken=0.05):
        assert desk.post(message) == (200 if message.is_ours else 400)


def wait(hours: int) -> None:
    """Let time pass, and the worker work."""
    for _ in range(hours):
        with frozen(utcnow() + timedelta(hours=1)):
            work_once()


def test_the_books_agree(desk: Desk) -> None:
    """For each payment, and in the ledger; nothing waits for ever; what was applied has a cause."""
    chance = random.Random(PAYMENTS)  # noqa: S311  # any fates, the same each time
    for number in range(PAYMENTS):
        FATES[number % len(FATES)](desk, chance)
    deliver(desk, chance)
    wait(8)
    with reading():
        ours = {
            payment.reference: (payment.captured_amount, payment.refunded_amount)
            for payment in db.session.scalars(select(Payment))
        }
        held = db.session.execute(select(change_of(Account.STRIPE))).scalar_one()
        states = set(db.session.scalars(select(Payment.status)))
        waiting = db.session.scalars(select(ProviderEvent.kind).where(ProviderEvent.verdict.is_(None))).all()
        wrong = [*find_wrong_payments(), *find_wrong_refunds()]
    assert ours == desk.fake.books
    assert held == sum(came - gone for came, gone in desk.fake.books.values())
    assert states <= {PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CANCELLED}
    assert (waiting, wrong) == ([], [])
