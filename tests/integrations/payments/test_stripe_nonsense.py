"""Answers of Stripe's address that are JSON, and nothing of Stripe's: a page of some proxy on the way, say."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.integrations.payments.provider import ProviderDown, RefundCall
from app.integrations.payments.stripe import Stripe
from app.kit.clock import utcnow
from tests.cases import each_case
from tests.integrations.payments.conftest import PAYMENT
from tests.integrations.payments.stripe_desk import Desk
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import Fault

KNOWN = replace(PAYMENT, provider_reference="pi_1")
REFUND = RefundCall("RF-1", 500, "KES", PAYMENT.reference, "pi_1", "Late")
CALLS: dict[str, Callable[[Stripe], object]] = {
    "start": lambda stripe: stripe.start(PAYMENT),
    "start again": lambda stripe: stripe.start(KNOWN),
    "start with a card": lambda stripe: stripe.start(replace(PAYMENT, customer="cus_1", payment_method="pm_1")),
    "ask": lambda stripe: stripe.ask(KNOWN),
    "look for": lambda stripe: stripe.ask(replace(PAYMENT, created_at=utcnow())),
    "cancel": lambda stripe: stripe.cancel(KNOWN),
    "refund": lambda stripe: stripe.refund(REFUND),
    "ask about a refund": lambda stripe: stripe.refund(replace(REFUND, provider_reference="re_1")),
    "new customer": lambda stripe: stripe.new_customer("user-1"),
    "new card": lambda stripe: stripe.start_setup("cus_1", "k"),
    "cards": lambda stripe: stripe.cards("cus_1"),
}


@each_case("body", [b"[]", b"{}", b"null", b'"ok"', b"7", b'{"id": 7, "status": []}', b'{"data": [7]}'])
@each_case("call", CALLS)
def test_nothing_is_known_then(stripe: Stripe, fake: StripeFake, call: str, body: bytes) -> None:
    fake.faults = [Fault(status=200, body=body)] * 3
    with pytest.raises(ProviderDown):
        CALLS[call](stripe)


@pytest.mark.parametrize("body", [b"[]", b"{}"])
def test_a_payment(desk: Desk, body: bytes) -> None:
    """It stays pending, and goes on under the same key when Stripe is itself again."""
    desk.fake.faults = [Fault(status=200, body=body)] * 2
    answer = desk.pay()
    assert (answer.status_code, answer.json["code"]) == (503, "provider_unavailable")
    (waiting,) = desk.api.get("/api/payments", token=desk.client).json["items"]
    assert (waiting["status"], waiting["provider_reference"]) == ("pending", None)
    desk.fake.faults = []
    path = f"/api/payments/{waiting['id']}/sync"
    assert desk.api.post(path, {}, token=desk.client).json["status"] == "requires_action"
