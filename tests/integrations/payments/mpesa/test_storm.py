"""A bad day with M-Pesa: callbacks doubled, lost, late, shuffled and forged, lost answers, and an outage of an hour.

Afterwards every payment is what Daraja's own books say, and so are ours. `MPESA_PAYMENTS=3000` is the long run;
`MPESA_SEED` chooses another day.
"""

import json
import os
from collections import Counter
from datetime import datetime, timedelta
from random import Random

from flask.testing import FlaskClient
from sqlalchemy import select

from app.commands import CHECKS
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Order, Payment, PaymentState, ProviderEvent, Refund, RefundState, Verdict
from app.transactions import reading
from tests.factories import make_product
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.daraja_callbacks import Delivery, Trouble, deliveries, troubled
from tests.integrations.payments.daraja_http import Fault
from tests.integrations.payments.mpesa.till import Till, our_books
from tests.mailbox import Mailbox
from tests.orders.till import NOW, order

PAYMENTS = int(os.environ.get("MPESA_PAYMENTS", "20"))
SEED = int(os.environ.get("MPESA_SEED", "1"))
STEPS = 12
BUSY_STEPS = 6
OUTAGE = range(BUSY_STEPS - 1, 10)
"""Steps of a quarter of an hour in which Daraja answers nobody, once they have begun; orders end after half an hour."""

ENDS = ["0"] * 6 + ["1", "1032", "2001", None]
"""What people do with a prompt; the last one looks away."""


class Day:
    """The application, the local Daraja, and chance between them."""

    def __init__(self, daraja: fake.Daraja, till: Till, seed: int) -> None:
        self.daraja, self.till, self.random = daraja, till, Random(seed)  # noqa: S311  # the same day again, if wished
        self.goods = make_product(PAYMENTS, price_amount=150_000)
        self.begun = 0
        self.late: list[Delivery] = []
        self.answers: Counter[int] = Counter()
        self.forged: list[str] = []

    def step(self, nth: int) -> None:
        """Let a quarter of an hour pass."""
        while self.begun < min(PAYMENTS, PAYMENTS * (nth + 1) // BUSY_STEPS):
            self.begin()
        self.daraja.is_down = nth in OUTAGE
        self.deliver()
        work_once()

    def begin(self) -> None:
        """Order and pay; of some pushes the answer is lost, and then at least the callback is not."""
        self.begun += 1
        till = self.till
        till.order_id = order(till.api, till.owner, (self.goods, 1)).json["id"]
        is_lost = self.random.random() < 0.05
        self.daraja.faults["push"] = [Fault(after=True)] if is_lost else []
        answered = till.pay(f"07{10_000_000 + self.begun}")
        assert answered.status_code == (503 if is_lost else 201)
        push = list(self.daraja.pushes.values())[-1]
        end = self.random.choice(ENDS)
        if end is not None:
            self.daraja.end(push, end)
        if is_lost and end is not None:
            self.late += deliveries(self.daraja)
        if self.random.random() < 0.1:
            self.late += self.forgeries(push)

    def forgeries(self, push: fake.Push) -> list[Delivery]:
        """Return callbacks that others wrote: with a guessed secret, too early, or about less money."""
        paid = fake.Push(**{**vars(push), "result": "0", "receipt": f"FORGED{self.begun}"})
        less = fake.Push(**{**vars(paid), "amount": 20})
        self.forged.append(push.reference)
        true, cheap = (json.dumps(self.daraja.callback(one)).encode() for one in (paid, less))
        guessed = push.callback_url[:-4] + "beef"
        return [Delivery(guessed, true), Delivery(push.callback_url, true), Delivery(push.callback_url, cheap)]

    def deliver(self) -> None:
        """Let arrive what arrives now."""
        now, late = troubled(deliveries(self.daraja), self.random, Trouble())
        lot, self.late = now + self.late, late
        self.random.shuffle(lot)
        self.answers.update(map(self.till.arrive, lot))

    def expected(self) -> dict[str, str]:
        """Return what each payment must be by now: the fold of what Daraja knows."""
        return {
            push.reference: "succeeded" if push.receipt is not None else "failed"
            for push in self.daraja.pushes.values()
        }


def at(nth: int) -> datetime:
    """Return the instant of a step."""
    return NOW + timedelta(minutes=15 * nth)


def states() -> dict[str, str]:
    """Return how every payment stands."""
    with reading():
        return {name: str(status) for name, status in db.session.execute(select(Payment.reference, Payment.status))}


def loose_ends() -> list[str]:
    """Return the payments that are not counted for an open order, nor on their way back."""
    back = select(Refund.payment_id).where(Refund.status == RefundState.PENDING, Refund.amount == Payment.amount)
    kept = select(Order.id).where(Order.payment_status == "paid")
    loose = select(Payment.reference).where(Payment.status == PaymentState.SUCCEEDED)
    loose = loose.where(Payment.id.not_in(back), Payment.order_id.not_in(kept))
    with reading():
        return list(db.session.scalars(loose))


def refunds() -> Counter[str]:
    """Return why refunds wait."""
    with reading():
        return Counter(map(str, db.session.scalars(select(Refund.failure_code))))


def verdicts() -> Counter[str]:
    """Return how often each verdict was given."""
    with reading():
        return Counter(map(str, db.session.scalars(select(ProviderEvent.verdict))))


def test_a_bad_day(daraja: fake.Daraja, client: FlaskClient, mailbox: Mailbox) -> None:
    """Nobody's word counts but the query's; what came after the order had ended goes back; the books agree."""
    day = Day(daraja, Till(client, mailbox), SEED)
    for nth in range(STEPS):
        with clock.frozen(at(nth)):
            day.step(nth)
    for hours in (1, 6, 30, 60, 90):
        with clock.frozen(at(STEPS) + timedelta(hours=hours)):
            day.deliver()
            work_once()
    assert states() == day.expected()
    assert our_books() == daraja.books
    assert len(daraja.pushes) == PAYMENTS
    assert loose_ends() == []
    assert set(refunds()) == {"pay_out_by_hand"}
    assert set(day.answers) <= {200, 404}
    assert day.answers[404] == len(day.forged)
    assert set(verdicts()) <= set(map(str, Verdict))
    with reading():
        assert [line for checks in CHECKS.values() for check in checks for line in check()] == []
    figures = dict(verdicts()), dict(day.answers), Counter(states().values()), refunds(), len(daraja.calls("query"))
    print(db.engine.dialect.name, PAYMENTS, *figures)  # noqa: T201  # `pytest -s` shows them
