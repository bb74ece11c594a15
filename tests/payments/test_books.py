"""What the audit says of payments: nothing, until a counter is changed behind our back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import BULK, db
from app.integrations.payments import Status
from app.kit import clock
from app.models import Booking, Order, Payment, User
from app.payments import recount
from app.transactions import reading, transaction
from tests.api import Api
from tests.factories import token_for
from tests.payments.desk import NOW, booked, give_back, ordered, pay
from tests.payments.scripted import DOWN, Scripted

CHECKS = (recount.find_wrong_refunds, recount.find_miscounted, recount.find_forgotten)


def found() -> list[str]:
    """Return what all checks say."""
    with reading():
        return [line for check in CHECKS for line in check()]


@pytest.fixture
def busy(api: Api, ada: User, clerk: User, admin: User, stripe: Scripted) -> None:
    """A booking paid and half refunded, a paid order that was cancelled, a refund on its way, a payment in flight."""
    paid = pay(api, clerk, booked(ada)).json
    give_back(api, admin, paid["id"], 2000)
    made = ordered(api, ada)
    pay(api, clerk, made)
    api.post(f"/api/orders/{made['id']}/cancel", {}, token=token_for(ada))
    pay(api, ada, booked(ada), "card")
    stripe.starts, stripe.refunds = Status.SUCCEEDED, DOWN
    give_back(api, admin, pay(api, ada, booked(ada), "card").json["id"], 100)


def test_it_adds_up(busy: None) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (lambda: update(Payment).where(Payment.refunded_amount == 2000).values(refunded_amount=1999), 2),
        (lambda: update(Payment).where(Payment.refunding_amount == 100).values(refunding_amount=99), 1),
        (lambda: update(Booking).where(Booking.paid_amount == 2500).values(paid_amount=2501), 1),
        (lambda: update(Order).values(refunded_amount=Order.refunded_amount - 1), 1),
        (lambda: update(Payment).where(Payment.refunded_amount == 2000).values(counted=False), 1),
    ],
    ids=["refunded", "refunding", "booking", "order", "counted"],
)
def test_what_does_not_is_found(busy: None, change: Callable[[], Any], lines: int) -> None:
    with transaction():
        db.session.execute(change(), execution_options=BULK)
    assert len(found()) == lines


def test_what_is_forgotten_is_found(busy: None) -> None:
    with clock.frozen(NOW + timedelta(days=2)):
        (line,) = found()
    assert "is open" in line
    assert isinstance(recount.find_forgotten(), Iterator)
