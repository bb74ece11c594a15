"""Stripe at its worst: what is asked again, under which key, for how long, and what is known afterwards."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from app.integrations.payments import stripe_api
from app.integrations.payments.provider import ProviderDown, RefundCall, Status
from app.integrations.payments.stripe import Stripe
from app.kit.clock import utcnow
from app.settings.payments import StripeAccount
from tests.integrations.payments.conftest import PAYMENT, begun, paid
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import SECRET_KEY, Fault

DOWN = Fault(status=500, body=b'{"error": {"type": "api_error", "message": "We are sorry"}}')
LOST = Fault(after=True)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK waits no half second before it asks again."""
    monkeypatch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.001)


@pytest.mark.parametrize("fault", [DOWN, LOST, Fault(status=409, body=b"{}"), Fault(status=503, body=b"<html>")])
def test_it_is_asked_twice(stripe: Stripe, fake: StripeFake, fault: Fault) -> None:
    """Under the same key: whatever the first attempt did, there is one payment."""
    fake.faults = [fault]
    started = stripe.start(PAYMENT)
    assert started.status is Status.REQUIRES_ACTION
    assert list(fake.intents) == [started.provider_reference]


@pytest.mark.parametrize(
    "fault",
    [DOWN, LOST, Fault(), Fault(status=409, body=b"{}"), Fault(status=200, body=b"<html>not JSON</html>")],
)
def test_and_no_more_than_twice(stripe: Stripe, fake: StripeFake, fault: Fault) -> None:
    """Then nothing is known of it, and asking later finds out."""
    fake.faults = [fault] * 2
    with pytest.raises(ProviderDown) as down:
        stripe.start(PAYMENT)
    assert down.value.retry_after == 5
    # An answer that is none came to the first attempt: that is not asked again.
    fake.faults = []
    asked = stripe.ask(replace(PAYMENT, created_at=utcnow()))
    assert asked.status is (Status.REQUIRES_ACTION if fault is LOST else Status.FAILED)
    assert stripe.start(PAYMENT).status is Status.REQUIRES_ACTION
    assert len(fake.intents) == 1


@pytest.mark.parametrize("call", ["ask", "cancel", "start"])
def test_whatever_is_asked(stripe: Stripe, fake: StripeFake, call: str) -> None:
    payment = paid(stripe, fake)
    fake.faults = [DOWN] * 2
    with pytest.raises(ProviderDown):
        getattr(stripe, call)(payment)
    assert fake.books == {"PY-7F3K9Q": (150_000, 0)}


def test_a_refund_of_which_nothing_is_known(stripe: Stripe, fake: StripeFake) -> None:
    """Is no refusal; asked again, it is there once."""
    refund = RefundCall("RF-1", 40_000, "KES", PAYMENT.reference, paid(stripe, fake).provider_reference, "Late")
    fake.faults = [replace(LOST, of="create_refund")] * 2
    with pytest.raises(ProviderDown):
        stripe.refund(refund)
    assert stripe.refund(refund).status is Status.SUCCEEDED
    assert fake.books == {"PY-7F3K9Q": (150_000, 40_000)}


@pytest.mark.parametrize(("said", "seconds"), [("7", 7), ("", 60), ("soon", 60), ("-1", 60), ("99999", 60)])
def test_it_is_asked_too_often(stripe: Stripe, fake: StripeFake, said: str, seconds: int) -> None:
    """Not again at once; after as long as Stripe says, if that is a number of seconds."""
    body = b'{"error": {"type": "invalid_request_error", "code": "rate_limit"}}'
    fake.faults = [Fault(status=429, body=body, headers={"Retry-After": said})]
    with pytest.raises(ProviderDown) as down:
        stripe.start(PAYMENT)
    assert down.value.retry_after == seconds
    assert fake.asked == []


def test_it_hangs(fake: StripeFake, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for as long as is set, twice."""
    monkeypatch.setattr(stripe_api, "TIMEOUT", (0.2, 0.2))
    fake.faults = [Fault(status=200, seconds=1)] * 2
    began = time.monotonic()
    with pytest.raises(ProviderDown) as down:
        Stripe(fake.account).start(PAYMENT)
    assert time.monotonic() - began < 1
    assert str(down.value) == "APIConnectionError"


def test_it_is_not_there() -> None:
    with pytest.raises(ProviderDown):
        Stripe(StripeAccount(SECRET_KEY, (), "http://127.0.0.1:9")).start(PAYMENT)


def test_our_key_is_wrong(fake: StripeFake) -> None:
    """That is no client's fault, and says nothing of a payment: people must look, and are told in the log."""
    stripe = Stripe(replace(fake.account, secret_key="sk_test_another"))
    with capture_logs() as logs, pytest.raises(ProviderDown) as down:
        stripe.ask(replace(PAYMENT, provider_reference="pi_1"))
    assert down.value.retry_after == 60
    assert [(line["event"], line["error"], line["log_level"]) for line in logs] == [
        ("stripe_refuses_us", "AuthenticationError", "error")
    ]


def test_a_refusal_that_is_not_about_the_payment(stripe: Stripe, fake: StripeFake) -> None:
    """Must not let it fail: only its not being there does."""
    payment = begun(stripe)
    body = b'{"error": {"type": "invalid_request_error", "message": "You cannot expand that."}}'
    fake.faults = [Fault(status=400, body=body)]
    with pytest.raises(ProviderDown):
        stripe.ask(payment)
    assert stripe.ask(payment).status is Status.REQUIRES_ACTION


def test_the_log_quotes_nobody(stripe: Stripe, fake: StripeFake, caplog: pytest.LogCaptureFixture) -> None:
    """Neither ours nor the SDK's: no words, no addresses, no keys."""
    caplog.set_level(logging.DEBUG, logger="urllib3")
    fake.faults = [replace(DOWN, body=b'{"error": {"message": "card of ada@example.com"}}')] * 2
    with capture_logs() as logs, pytest.raises(ProviderDown):
        stripe.start(PAYMENT)
    with capture_logs() as more:
        stripe.start(replace(PAYMENT, currency="XXX"))
    assert [line["event"] for line in logs + more] == ["stripe_down", "stripe_refused"]
    assert not any(secret in str(logs + more) + caplog.text for secret in ("ada@", SECRET_KEY, "XXX"))
    assert [record for record in caplog.records if record.name.startswith("stripe")] == []


def test_two_at_once_under_one_key(stripe: Stripe, fake: StripeFake) -> None:
    """The second waits for the first, or is told to try again; there is one payment."""
    fake.seconds = 0.05

    def begin(_number: int) -> str | None:
        try:
            return stripe.start(PAYMENT).provider_reference
        except ProviderDown:
            return None

    with ThreadPoolExecutor(8) as pool:
        begun_as = set(pool.map(begin, range(8)))
    assert len(fake.intents) == 1
    assert begun_as - {None} == set(fake.intents)
