"""A provider that hangs keeps so many threads waiting, and no more."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from app.integrations.payments.daraja import Daraja
from app.integrations.payments.places import PLACES, waiting_place
from app.integrations.payments.provider import ProviderDown
from app.integrations.payments.stripe import Stripe
from app.settings.payments import MpesaAccount
from config import WEB_THREADS
from tests.integrations.payments.conftest import PAYMENT
from tests.integrations.payments.stripe_desk import Desk
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import Fault


def test_some_threads_are_left() -> None:
    """Enough to serve everybody else."""
    assert 0 < PLACES <= WEB_THREADS / 2


def test_one_that_hangs(stripe: Stripe, fake: StripeFake) -> None:
    """Of twice as many, half are told at once; when it is itself again, all have their answer."""
    fake.faults = [Fault(status=200, body=b"[]", seconds=4)] * PLACES
    begun = time.monotonic()
    told = []

    def start(_number: int) -> None:
        with pytest.raises(ProviderDown) as down:
            stripe.start(PAYMENT)
        told.append((time.monotonic() - begun < 3, down.value.nothing_sent))

    with ThreadPoolExecutor(2 * PLACES) as threads:
        list(threads.map(start, range(2 * PLACES)))
    assert sorted(told) == [(False, False)] * PLACES + [(True, True)] * PLACES
    assert stripe.start(PAYMENT).provider_reference


def test_where_all_places_are_taken(desk: Desk) -> None:
    """503 with the seconds to wait; the payment is pending, nobody has heard of it, and it goes on later."""
    with ExitStack() as taken:
        for _ in range(PLACES):
            taken.enter_context(waiting_place())
        answer = desk.pay()
        assert (answer.status_code, answer.json["code"]) == (503, "provider_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        (waiting,) = desk.api.get("/api/payments", token=desk.client).json["items"]
        assert (waiting["status"], desk.fake.intents) == ("pending", {})
    path = f"/api/payments/{waiting['id']}/sync"
    assert desk.api.post(path, {}, token=desk.client).json["status"] == "requires_action"


def test_m_pesa_waits_with_them() -> None:
    """Nothing is sent, so that another payment can begin."""
    daraja = Daraja(MpesaAccount("key", "secret", "174379", "pass", "http://127.0.0.1:9"))
    with ExitStack() as taken:
        for _ in range(PLACES):
            taken.enter_context(waiting_place())
        with pytest.raises(ProviderDown, match="too many") as down:
            daraja.post("/x", {})
    assert down.value.nothing_sent


def test_a_place_is_given_back_after_an_error() -> None:
    for _ in range(PLACES + 1):
        with pytest.raises(ZeroDivisionError), waiting_place():
            raise ZeroDivisionError
