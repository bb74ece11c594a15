"""Stripe's messages, doubled, shuffled, forged, mistaken and late, by eight postmen at once: the books are Stripe's."""

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.kit.clock import utcnow
from app.models import Order, Payment, PaymentState, ProviderEvent, Verdict
from app.transactions import reading
from tests.factories import make_product
from tests.integrations.payments.stripe_checks import Refused
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_mail import Message, deliver, sack
from tests.races.callers import Arena, Caller
from tests.races.shop import let_lapse, ordered
from tests.races.test_payments_at_once import arena, papers, paying, stripe  # noqa: F401  # fixtures
from tests.races.tills import HOOK, pays, wrong_money

PAYMENTS = int(os.environ.get("DELIVERED_PAYMENTS", "12"))
POSTMEN = 8
LATE, REFUNDED = 10, 7
"""Every so manieth payment comes after its order has expired; of every so manieth some goes back at Stripe."""


def begin(arena: Arena, nth: int) -> str:  # noqa: F811  # the fixture's name
    """Order and begin to pay; return what the client's page needs."""
    owner: Caller = arena.clients[0]
    order_id = ordered(owner, {make_product(1).id: 1})
    (begun,) = arena.release([pays(owner, {"order_id": order_id}, "card")])
    assert begun.status == 201, begun.body
    if nth % LATE == 0:
        let_lapse(order_id, utcnow() - timedelta(seconds=1))
    return str(begun.json["next_action"]["client_secret"])


def live(fake: StripeFake, chance: random.Random, secrets: list[str]) -> None:
    """Let clients pay, some with a card that is declined first, and some of it go back."""
    for nth, secret in enumerate(secrets):
        if chance.random() < 0.2:
            with pytest.raises(Refused):
                fake.pay(secret, "pm_card_chargeDeclined")
        fake.pay(secret)
        if nth % REFUNDED == 1:
            fake.refund_by_hand(secret.split("_secret")[0], 100)


@pytest.mark.race
def test_whatever_the_postmen_do(arena: Arena, stripe: StripeFake) -> None:  # noqa: F811  # fixtures
    """`DELIVERED_PAYMENTS=2000` is the long run, of more than ten thousand messages."""
    chance = random.Random(8)  # noqa: S311  # a shuffle that can be repeated
    live(stripe, chance, [begin(arena, nth) for nth in range(PAYMENTS)])
    messages = sack(stripe.events, chance, doubled=0.3, faked=0.05, mistaken=0.05)
    url = f"http://{arena.server.host}:{arena.server.port}{HOOK}"
    with ThreadPoolExecutor(POSTMEN) as postmen:
        statuses = list(postmen.map(lambda message: deliver(url, [message])[0], messages))
    with clock.frozen(utcnow() + timedelta(minutes=1)):  # what waited, and the refunds of what came too late
        work_once()
    assert_answered(messages, statuses)
    assert_same_books(stripe)


def assert_answered(messages: list[Message], statuses: list[int]) -> None:
    """What is Stripe's was taken, what is not was not kept."""
    expected = [200 if message.is_ours else 400 for message in messages]
    assert Counter(statuses) == Counter(expected)
    assert statuses == expected
    with reading():
        kept = Counter(db.session.scalars(db.select(ProviderEvent.verdict)))
    print(f"deliveries on {db.engine.dialect.name}: {len(messages)} messages, kept as {dict(kept)}")
    assert set(kept) <= {Verdict.APPLIED, Verdict.DUPLICATE, Verdict.IGNORED, Verdict.MISMATCH}


def assert_same_books(stripe: StripeFake) -> None:  # noqa: F811  # the fixture's name
    """Each payment has come, and what went back of it is what Stripe says; orders count what they should."""
    with reading():
        payments = list(db.session.scalars(db.select(Payment).execution_options(populate_existing=True)))
        orders = {one.id: one for one in db.session.scalars(db.select(Order))}
    assert len(payments) == PAYMENTS
    ours = {one.reference: (one.captured_amount, one.refunded_amount) for one in payments}
    assert ours == stripe.books
    for payment in payments:
        assert payment.status is PaymentState.SUCCEEDED
        late = payment.refunded_amount == payment.amount
        assert payment.counted != late
        assert orders[payment.order_id or 0].paid_amount == (0 if late else payment.amount)
    assert wrong_money() == []
