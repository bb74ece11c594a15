"""A second opinion on the adapter: localstripe, another's idea of Stripe (https://github.com/adrienverge/localstripe).

Not part of the suite, as it is somebody else's program (GPL) and knows neither idempotency keys nor over-refunds. It
has an environment of its own; `LOCALSTRIPE` is its Python:

    python3 -m venv /tmp/localstripe && /tmp/localstripe/bin/pip install localstripe
    LOCALSTRIPE=/tmp/localstripe/bin/python pytest tests/integrations/payments/localstripe.py
"""

import http.client
import json
import os
import queue
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlencode

import pytest

from app.integrations.payments.provider import BadCallback, Card, Incoming, PaymentCall, RefundCall, Status
from app.integrations.payments.stripe import Stripe
from app.kit.clock import utcnow
from app.settings.payments import StripeAccount
from tests.integrations.payments.conftest import PAYMENT
from tests.processes import free_port, outlived_by_us

HOOK_SECRET = "whsec_second_opinion"
VISA, AUTHENTICATED, DECLINED = "4242424242424242", "4000002500003155", "4000000000000341"


@dataclass
class Local:
    """A running localstripe, and what it has sent."""

    port: int
    messages: "queue.Queue[tuple[bytes, str]]"

    def post(self, path: str, **form: str) -> Any:
        """Do what a browser does, or set something."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", path, urlencode(form), headers)
        said = connection.getresponse().read()
        connection.close()
        return json.loads(said or b"null")


@pytest.fixture
def local() -> Iterator[Local]:
    """localstripe, with a receiver of its messages."""
    port, receiver, messages = free_port(), free_port(), queue.Queue[tuple[bytes, str]]()
    command = [
        *outlived_by_us("TERM"),
        os.environ["LOCALSTRIPE"],
        "-m",
        "localstripe",
        "--from-scratch",
        f"--port={port}",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    server = HTTPServer(("127.0.0.1", receiver), type("Mailbox", (Receiver,), {"messages": messages}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        running = Local(port, messages)
        _wait_for(running)
        running.post("/_config/webhooks/parlour", url=f"http://127.0.0.1:{receiver}/", secret=HOOK_SECRET)
        yield running
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        process.terminate()
        process.wait()


class Receiver(BaseHTTPRequestHandler):
    """Takes messages."""

    messages: "queue.Queue[tuple[bytes, str]]"

    def do_POST(self) -> None:
        """Keep one."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.messages.put((body, self.headers["Stripe-Signature"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def adapter(local: Local) -> Stripe:
    """The adapter, pointed at localstripe."""
    return Stripe(StripeAccount("sk_test_12345", (HOOK_SECRET,), f"http://127.0.0.1:{local.port}"))


def _wait_for(running: Local) -> None:
    for _ in range(200):
        try:
            running.post("/v1/tokens", key="pk_test_12345")
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("localstripe does not come up.")


def with_card(adapter: Stripe, local: Local, number: str) -> PaymentCall:
    """Return a payment with a card that somebody has stored."""
    customer = adapter.new_customer("client-7")
    setup = adapter.start_setup(customer, "7-1")
    data = {"number": number, "exp_month": "12", "exp_year": "2034", "cvc": "123"}
    card = {f"payment_method_data[card][{name}]": value for name, value in data.items()}
    said = local.post(
        f"/v1/setup_intents/{setup.provider_reference}/confirm",
        **{"key": "pk_test_12345", "client_secret": setup.client_secret, "payment_method_data[type]": "card", **card},
    )
    # localstripe attaches a card only where it is told to.
    token = said["payment_method"]
    adapter._api.payment_methods.attach(token, {"customer": customer})
    return replace(PAYMENT, customer=customer, payment_method=token)


def message(adapter: Stripe, local: Local) -> Incoming:
    """Return what the next message says."""
    return adapter.read_webhook(*local.messages.get(timeout=5))


def test_a_stored_card_pays_and_is_refunded(adapter: Stripe, local: Local) -> None:
    payment = with_card(adapter, local, VISA)
    started = adapter.start(payment)
    assert (started.status, started.currency) == (Status.SUCCEEDED, "KES")
    known = replace(payment, provider_reference=started.provider_reference)
    assert adapter.ask(known).amount == 150_000
    assert adapter.ask(replace(payment, created_at=utcnow())).provider_reference == started.provider_reference
    refund = RefundCall("RF-1", 40_000, "KES", PAYMENT.reference, started.provider_reference, "Late")
    for _ in range(2):
        assert adapter.refund(refund).amount == 40_000
    assert [(one.reference, one.amount) for one in adapter.ask(known).refunds] == [("RF-1", 40_000)]
    assert adapter.cancel(known).status is Status.SUCCEEDED
    said = message(adapter, local)
    while said.kind != "payment_intent.succeeded":
        said = message(adapter, local)
    assert (said.payment_reference, said.provider_reference) == (PAYMENT.reference, started.provider_reference)
    assert said.outcome is not None
    assert (said.outcome.status, said.outcome.amount) == (Status.SUCCEEDED, 150_000)


def test_the_bank_asks(adapter: Stripe, local: Local) -> None:
    started = adapter.start(with_card(adapter, local, AUTHENTICATED))
    assert (started.status, started.next_action and started.next_action["type"]) == (
        Status.REQUIRES_ACTION,
        "authenticate",
    )
    assert started.next_action is not None
    path = f"/v1/payment_intents/{started.provider_reference}/_authenticate"
    local.post(path, key="pk_test_12345", client_secret=started.next_action["client_secret"], success="true")
    known = replace(PAYMENT, provider_reference=started.provider_reference)
    assert adapter.ask(known).status is Status.SUCCEEDED


def test_a_card_is_declined(adapter: Stripe, local: Local) -> None:
    started = adapter.start(with_card(adapter, local, DECLINED))
    assert started.status is Status.FAILED
    assert started.failure is not None
    assert started.failure.code == "card_declined"
    said = message(adapter, local)
    while said.kind != "payment_intent.payment_failed":
        said = message(adapter, local)
    assert said.outcome is not None
    assert (said.outcome.status, said.outcome.failure and said.outcome.failure.code) == (Status.FAILED, "card_declined")


def test_a_payment_in_the_browser_is_given_up(adapter: Stripe, local: Local) -> None:
    started = adapter.start(PAYMENT)
    assert (started.status, started.next_action and started.next_action["type"]) == (Status.REQUIRES_ACTION, "confirm")
    known = replace(PAYMENT, provider_reference=started.provider_reference)
    for _ in range(2):
        assert adapter.cancel(known).status is Status.CANCELLED
    unknown = adapter.ask(replace(PAYMENT, provider_reference="pi_of_nobody"))
    assert (unknown.status, unknown.failure and unknown.failure.code) == (Status.FAILED, "unknown_to_provider")


def test_cards(adapter: Stripe, local: Local) -> None:
    payment = with_card(adapter, local, VISA)
    assert payment.customer is not None
    assert payment.payment_method is not None
    assert adapter.cards(payment.customer) == [Card(payment.payment_method, "visa", "4242", 12, 2034)]
    for _ in range(2):
        adapter.detach(payment.payment_method)
    assert adapter.cards(payment.customer) == []


def test_its_messages_are_ours_alone(adapter: Stripe, local: Local) -> None:
    adapter.start(with_card(adapter, local, VISA))
    body, header = local.messages.get(timeout=5)
    with pytest.raises(BadCallback):
        adapter.read_webhook(body + b" ", header)
