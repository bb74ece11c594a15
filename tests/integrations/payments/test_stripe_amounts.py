"""Signed messages that speak of other money, or of none: kept for people to look at, and never applied."""

from typing import Any

import pytest

from app.extensions import db
from app.models import Payment, Refund
from app.transactions import reading
from tests.integrations.payments.stripe_desk import Desk, paid_for
from tests.integrations.payments.stripe_mail import signed

OTHER = [
    {"currency": "usd"},
    {"currency": None},
    {"amount": 0},
    {"amount": -500},
    {"amount": None},
    {"amount": "500"},
    {"amount": 500.0},
    {"amount": True},
    {"amount": 2**63},
    {"amount": 2**64 - 1},
    {"amount": 2**63 - 1, "currency": "mga"},
]


def refund_of(payment: Any, **other: Any) -> dict[str, Any]:
    """Return what Stripe says of a refund of 500."""
    thing = {"id": "re_1", "payment_intent": payment["provider_reference"], "status": "succeeded"}
    said = thing | {"amount": 500, "currency": "kes"} | other
    return {"id": "evt_refund", "type": "refund.created", "data": {"object": said}}


def verdicts_on(desk: Desk, event_id: str) -> list[str | None]:
    """Return what became of a message."""
    found = desk.api.get("/api/payments/events", token=desk.admin, query={"limit": 100}).json
    return [one["verdict"] for one in found["items"] if one["event_id"] == event_id]


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_a_refund(desk: Desk, other: dict[str, Any]) -> None:
    """Nothing goes back, and nothing waits for a better day."""
    payment = desk.paid()
    assert desk.post(signed(refund_of(payment, **other))) == 200
    assert verdicts_on(desk, "evt_refund") == ["mismatch"]
    assert paid_for(desk.booking) == 4500
    with reading():
        assert (db.session.query(Refund).count(), db.session.get_one(Payment, payment["id"]).refunded_amount) == (0, 0)
    assert desk.post(signed(refund_of(payment) | {"id": "evt_true"})) == 200
    assert (verdicts_on(desk, "evt_true"), paid_for(desk.booking)) == (["applied"], 4000)


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_a_dispute(desk: Desk, other: dict[str, Any]) -> None:
    payment = desk.paid()
    dispute = refund_of(payment, status="needs_response", **other) | {"type": "charge.dispute.created"}
    assert desk.post(signed(dispute)) == 200
    assert (verdicts_on(desk, "evt_refund"), paid_for(desk.booking)) == (["mismatch"], 4500)


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_a_refund_of_ours(desk: Desk, other: dict[str, Any]) -> None:
    """Which is known by its name: what was asked for is what goes back."""
    payment = desk.paid()
    made = desk.refund(payment, amount={"amount": 500}).json
    message = refund_of(payment, id=made["provider_reference"], metadata={"refund": made["reference"]}, **other)
    assert desk.post(signed(message)) == 200
    assert (verdicts_on(desk, "evt_refund"), paid_for(desk.booking)) == (["mismatch"], 4000)


@pytest.mark.parametrize("other", OTHER, ids=str)
def test_a_payment(desk: Desk, other: dict[str, Any]) -> None:
    """It has not come."""
    payment = desk.pay().json
    other = other | ({"amount_received": other["amount"]} if "amount" in other else {})
    intent = {"id": payment["provider_reference"], "status": "succeeded", "amount": 4500, "amount_received": 4500}
    said = intent | {"currency": "kes"} | other
    event = {"id": "evt_paid", "type": "payment_intent.succeeded", "data": {"object": said}}
    assert desk.post(signed(event)) == 200
    assert (verdicts_on(desk, "evt_paid"), paid_for(desk.booking)) == (["mismatch"], 0)
