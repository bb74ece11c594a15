"""A refund that Stripe made and that does not arrive: it has failed, and another one may follow."""

from datetime import timedelta

import pytest

from app.jobs.worker import work_once
from app.kit import clock
from app.kit.clock import utcnow
from tests.integrations.payments.stripe_checks import REFUND_PENDS
from tests.integrations.payments.stripe_desk import Desk, paid_for
from tests.integrations.payments.stripe_mail import signed


@pytest.mark.parametrize("by_message", [True, False])
def test_a_refund_that_does_not_arrive(desk: Desk, by_message: bool) -> None:
    """Nobody asks about it again: its money can go back anew, and that is another refund at Stripe."""
    payment = desk.pay()
    desk.enter_card(payment, REFUND_PENDS)
    desk.tell()
    payment = desk.now(payment)
    made = desk.refund(payment).json
    assert made["status"] == "pending"
    (name,) = desk.fake.refunds
    desk.fake.settle_refund(name, well=False)
    if by_message:
        assert desk.post(signed(desk.fake.events[-1])) == 200
    asked = []
    for hours in range(1, 60, 6):
        with clock.frozen(utcnow() + timedelta(hours=hours)):
            work_once()
        asked.append(len(desk.fake.calls("retrieve_refund")))
    assert asked[0] == asked[-1] <= 1
    (failed,) = desk.api.get(f"/api/payments/{payment['id']}/refunds", token=desk.admin).json["items"]
    assert (failed["status"], failed["provider_reference"]) == ("failed", name)
    assert failed["failure"]["code"] == "lost_or_stolen_card"
    assert paid_for(desk.booking) == 4500
    again = desk.refund(payment)
    assert (again.status_code, again.json["amount"]) == (201, made["amount"])
    assert len(desk.fake.refunds) == 2
