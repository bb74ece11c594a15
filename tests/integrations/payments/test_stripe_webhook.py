"""Stripe's messages: which are believed, and what each says."""

import json
import random
from typing import Any

import pytest

from app.integrations.payments.provider import BadCallback, Failure, Incoming, Outcome, RefundSeen, Status
from app.integrations.payments.stripe import Stripe
from app.settings.payments import StripeAccount
from tests.cases import each_case
from tests.integrations.payments.conftest import PAYMENT, begun, paid
from tests.integrations.payments.stripe_checks import Refused
from tests.integrations.payments.stripe_fake import HOOK_SECRET, StripeFake
from tests.integrations.payments.stripe_mail import Message, forged, sack, signature, signed, with_amount

EVENT = {
    "id": "evt_1",
    "type": "payment_intent.created",
    "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
}


def read(stripe: Stripe, message: Message) -> Incoming:
    """Return what the adapter reads in a message."""
    return stripe.read_webhook(message.body, message.signature)


def told(stripe: Stripe, fake: StripeFake, kind: str) -> Incoming:
    """Return what the newest message of a kind says."""
    return read(stripe, signed(next(event for event in fake.events[::-1] if event["type"] == kind)))


def test_a_payment_that_came(stripe: Stripe, fake: StripeFake) -> None:
    payment = paid(stripe, fake)
    event = next(event for event in fake.events if event["type"] == "payment_intent.succeeded")
    assert read(stripe, signed(event)) == Incoming(
        provider="stripe",
        event_id=event["id"],
        kind="payment_intent.succeeded",
        provider_reference=payment.provider_reference,
        payment_reference="PY-7F3K9Q",
        amount=150_000,
        currency="KES",
        raw=event,
        outcome=Outcome(Status.SUCCEEDED, 150_000, "KES", payment.provider_reference),
    )


def test_the_life_of_a_payment(stripe: Stripe, fake: StripeFake) -> None:
    """Each message says where the payment stood when it was written, whenever it comes."""
    begun(stripe)
    secret = fake.intent_for(PAYMENT.reference)["client_secret"]
    with pytest.raises(Refused):
        fake.pay(secret, "pm_card_chargeDeclined")
    fake.pay(secret, "pm_card_authenticationRequired")
    fake.authenticate(secret, well=False)
    intent = fake.pay(secret, "pm_usBankAccount_processing")
    fake.settle(intent["id"])
    said = [read(stripe, signed(event)) for event in fake.events]
    assert [(one.kind, one.outcome and one.outcome.status) for one in said] == [
        ("payment_intent.created", Status.REQUIRES_ACTION),
        ("payment_intent.payment_failed", Status.FAILED),
        ("payment_intent.requires_action", Status.REQUIRES_ACTION),
        ("payment_intent.payment_failed", Status.FAILED),
        ("payment_intent.processing", Status.PENDING),
        ("charge.succeeded", None),
        ("payment_intent.succeeded", Status.SUCCEEDED),
    ]
    assert said[1].outcome is not None
    assert said[1].outcome.failure == Failure("card_declined", "Your card was declined.")
    assert len({one.event_id for one in said}) == len(said)


def test_a_payment_that_was_cancelled(stripe: Stripe, fake: StripeFake) -> None:
    stripe.cancel(begun(stripe))
    said = told(stripe, fake, "payment_intent.canceled")
    assert said.outcome is not None
    assert (said.outcome.status, said.outcome.amount, said.amount) == (Status.CANCELLED, None, 150_000)


def test_a_refund_in_the_dashboard(stripe: Stripe, fake: StripeFake) -> None:
    payment = paid(stripe, fake)
    made = fake.refund_by_hand(payment.provider_reference or "", 40_000)
    said = told(stripe, fake, "refund.created")
    assert (said.provider_reference, said.payment_reference) == (payment.provider_reference, None)
    assert (said.amount, said.currency, said.outcome) == (40_000, "KES", None)
    assert said.refund == RefundSeen(made["id"], Status.SUCCEEDED, 40_000, "KES")
    total = told(stripe, fake, "charge.refunded")
    assert (total.provider_reference, total.payment_reference) == (payment.provider_reference, "PY-7F3K9Q")
    assert (total.amount, total.outcome, total.refund) == (None, None, None)  # it names no refund: a reason to ask


def test_a_refund_that_failed_later(stripe: Stripe, fake: StripeFake) -> None:
    payment = paid(stripe, fake)
    made = fake.refund_by_hand(payment.provider_reference or "", 40_000)
    fake.settle_refund(made["id"], well=False)
    why = Failure("lost_or_stolen_card", "The refund did not reach the card.")
    for kind in ("refund.failed", "refund.updated"):
        assert told(stripe, fake, kind).refund == RefundSeen(made["id"], Status.FAILED, 40_000, "KES", failure=why)


@pytest.mark.parametrize(("won", "status"), [(True, Status.FAILED), (False, Status.SUCCEEDED)])
def test_a_dispute(stripe: Stripe, fake: StripeFake, won: bool, status: Status) -> None:
    """The bank holds the money while it lasts, and has it when it is lost."""
    payment = paid(stripe, fake)
    made = fake.dispute(payment.provider_reference or "")
    said = told(stripe, fake, "charge.dispute.created")
    assert (said.provider_reference, said.amount) == (payment.provider_reference, 150_000)
    assert said.refund == RefundSeen(made["id"], Status.PENDING, 150_000, "KES", is_dispute=True, is_held=True)
    fake.close_dispute(made["id"], won=won)
    closed = told(stripe, fake, "charge.dispute.closed").refund
    assert closed == RefundSeen(made["id"], status, 150_000, "KES", is_dispute=True)


@pytest.mark.parametrize("state", ["warning_needs_response", "warning_under_review", "warning_closed"])
def test_a_warning_takes_nothing(stripe: Stripe, fake: StripeFake, state: str) -> None:
    """Nor does its end decide anything: a bank may still make a dispute of it."""
    payment = paid(stripe, fake)
    fake.dispute(payment.provider_reference or "")
    fake.events[-1]["data"]["object"]["status"] = state
    said = told(stripe, fake, "charge.dispute.funds_withdrawn").refund
    assert said is not None
    assert (said.status, said.is_held) == (Status.PENDING, False)


@pytest.mark.parametrize(("amount", "currency", "sent"), [(500, "jpy", 500), (5, "ugx", 500), (1230, "kwd", 1230)])
def test_other_units(stripe: Stripe, amount: int, currency: str, sent: int) -> None:
    intent = {"id": "pi_1", "amount": sent, "amount_received": sent, "currency": currency, "status": "succeeded"}
    event = EVENT | {"type": "payment_intent.succeeded", "data": {"object": intent}}
    said = read(stripe, signed(event)).outcome
    assert said is not None
    assert (said.amount, said.currency) == (amount, currency.upper())


def test_a_wrong_amount_is_said_as_it_is(stripe: Stripe, fake: StripeFake) -> None:
    """Whoever applies it compares."""
    paid(stripe, fake)
    said = read(stripe, signed(with_amount(fake.events[-1], 2000))).outcome
    assert said is not None
    assert said.amount == 2000


@pytest.mark.parametrize("kind", ["customer.created", "charge.succeeded", "setup_intent.succeeded", "payout.paid"])
def test_what_does_not_matter_names_nothing(stripe: Stripe, kind: str) -> None:
    event = EVENT | {"type": kind, "data": {"object": {"id": "x_1", "payment_intent": "pi_1", "amount": 1}}}
    said = read(stripe, signed(event))
    assert (said.event_id, said.kind, said.raw) == ("evt_1", kind, event)
    assert {said.provider_reference, said.payment_reference, said.amount, said.outcome, said.refund} == {None}


def test_a_payment_to_another_merchant_proves_nothing(stripe: Stripe, fake: StripeFake) -> None:
    """Of it nothing has come to us; of all else that happens there we want to know nothing."""
    paid(stripe, fake)
    another = [event | {"account": "acct_of_another"} for event in fake.events]
    said = read(stripe, signed(another.pop()))
    assert (said.provider_reference, said.payment_reference, said.amount) == (None, "PY-7F3K9Q", 0)
    assert said.outcome == Outcome(Status.SUCCEEDED, 0, "KES")
    for event in another:
        said = read(stripe, signed(event))
        assert {said.provider_reference, said.payment_reference, said.amount, said.outcome} == {None}


def test_forged_ones(stripe: Stripe) -> None:
    """Signed by another, changed on the way, too old, or not signed: none is believed."""
    chance = random.Random(7)  # noqa: S311  # any will do, the same each time
    for _ in range(100):
        with pytest.raises(BadCallback):
            read(stripe, forged(EVENT, chance))


@each_case(
    "header",
    [None, "", "v1=0", "t=x,v1=0", "t=1", "t=99999999999999999999,v1=é", "t=" + "9" * 5000, "v1", "=,=,=", "t=1,v0=00"],
)
def test_signatures_that_are_none(stripe: Stripe, header: str | None) -> None:
    with pytest.raises(BadCallback):
        stripe.read_webhook(signed(EVENT).body, header)


def test_how_old_a_signature_may_be(stripe: Stripe) -> None:
    """Five minutes: Stripe signs each repetition anew, so a late message is no old one."""
    assert read(stripe, signed(EVENT, age=290)).event_id == "evt_1"
    with pytest.raises(BadCallback):
        read(stripe, signed(EVENT, age=310))


def test_it_stands_over_the_very_bytes(stripe: Stripe) -> None:
    message = signed(EVENT)
    for body in (json.dumps(EVENT).encode(), message.body + b"\n", message.body.replace(b"pi_1", b"pi_2")):
        with pytest.raises(BadCallback):
            stripe.read_webhook(body, message.signature)


def test_several_secrets(fake: StripeFake) -> None:
    """Either is good while they are being changed; and without any, nothing is believed."""
    changing = Stripe(StripeAccount("sk_test_1", ("whsec_new", HOOK_SECRET), fake.url))
    for secret in ("whsec_new", HOOK_SECRET):
        assert read(changing, signed(EVENT, secret)).event_id == "evt_1"
    with pytest.raises(BadCallback):
        read(changing, signed(EVENT, "whsec_another"))
    with pytest.raises(BadCallback):
        read(Stripe(StripeAccount("sk_test_1", (), fake.url)), signed(EVENT))


def bodies() -> list[bytes]:
    """Return what is signed and no event, or could not be kept."""
    whole = json.dumps(EVENT).encode()
    deep = b'{"id":"evt_1","type":"x","data":{"object":{"a":%s}}}'
    return [
        b"",
        b"null",
        b"[]",
        b'"evt_1"',
        b"{",
        b"\xff\xfe",
        b'{"id":1,"type":"x","data":{"object":{}}}',
        b'{"id":"evt_1","type":"x","data":{"object":[]}}',
        b'{"id":"evt_1","type":"x","data":[]}',
        b'{"id":"evt_1","data":{"object":{}}}',
        whole.replace(b'"pi_1"', b"NaN"),
        whole.replace(b'"pi_1"', rb'"\u0000"'),
        whole.replace(b'"pi_1"', rb'"\ud800"'),
        deep % (b"[" * 400 + b"]" * 400),
        b"[" * 100_000 + b"]" * 100_000,
    ]


@each_case("body", bodies())
def test_signed_and_still_no_event(stripe: Stripe, body: bytes) -> None:
    with pytest.raises(BadCallback):
        stripe.read_webhook(body, signature(body))


@each_case(
    "thing",
    [
        {},
        {"id": None, "status": None, "metadata": None, "currency": None, "amount": None, "last_payment_error": None},
        {
            "id": 7,
            "status": 7,
            "metadata": [],
            "currency": 7,
            "amount": "7",
            "last_payment_error": 7,
            "latest_charge": 7,
        },
        {"id": {}, "payment_intent": [], "latest_charge": {}, "metadata": {"payment": 7, "refund": 7}},
    ],
)
@each_case(
    "kind",
    [
        "payment_intent.created",
        "payment_intent.succeeded",
        "payment_intent.payment_failed",
        "charge.refunded",
        "charge.dispute.closed",
        "refund.created",
    ],
)
def test_events_that_say_little(stripe: Stripe, kind: str, thing: dict[str, Any]) -> None:
    """Are read as far as they go: no reference, no amount."""
    said = read(stripe, signed({"id": "evt_1", "type": kind, "data": {"object": thing}}))
    assert (said.payment_reference, said.currency) == (None, None)


def test_a_sack_of_messages(stripe: Stripe, fake: StripeFake) -> None:
    """Doubled, shuffled and forged: what is believed is what Stripe sent."""
    paid(stripe, fake)
    fake.refund_by_hand(fake.intent_for(PAYMENT.reference)["id"], 40_000)
    chance = random.Random(7)  # noqa: S311  # any will do, the same each time
    messages = sack(fake.events * 5, chance, doubled=0.3, faked=0.5)
    believed = {read(stripe, one).event_id for one in messages if one.is_ours}
    assert believed == {event["id"] for event in fake.events}
    assert len(messages) > 40
    for message in messages:
        if not message.is_ours:
            with pytest.raises(BadCallback):
                read(stripe, message)
