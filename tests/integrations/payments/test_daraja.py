"""Daraja's client: its token, how long it waits, and what it makes of answers that are none."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from app.integrations.payments.daraja import BUSY_SECONDS, Daraja, Refused
from app.integrations.payments.mpesa import QUERY, Mpesa
from app.integrations.payments.provider import PaymentCall, ProviderDown, Status
from app.kit.clock import frozen
from app.settings.payments import MpesaAccount
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.daraja_http import Fault
from tests.processes import free_port

NOON = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
PAYMENT = PaymentCall(
    reference="PY-7F3K9Q",
    amount=150_000,
    currency="KES",
    description="Deposit",
    phone="0712345678",
    callback_url="https://parlour.example/api/payments/webhooks/mpesa/c0ffee",
    created_at=NOON,
)


@pytest.fixture
def server() -> Iterator[fake.Daraja]:
    """Daraja, with a clock that stands at noon in Nairobi."""
    with frozen(NOON), fake.serving(fake.Daraja()) as daraja:
        yield daraja


@pytest.fixture
def mpesa(server: fake.Daraja) -> Mpesa:
    """The adapter."""
    return Mpesa(server.account)


def test_one_token_serves_many_calls(server: fake.Daraja, mpesa: Mpesa) -> None:
    for number in range(5):
        mpesa.start(
            PaymentCall(f"PY-{number}", 100, "KES", "", phone=f"071234567{number}", callback_url="https://x.y/")
        )
    assert len(server.calls("token")) == 1
    assert len(server.calls("push")) == 5


def test_a_token_is_renewed_before_it_ends(server: fake.Daraja, mpesa: Mpesa) -> None:
    """Two minutes early: no call is refused for it."""
    started = mpesa.start(PAYMENT)
    asking = PaymentCall(PAYMENT.reference, 150_000, "KES", "", provider_reference=started.provider_reference)
    for minutes, tokens in ((50, 1), (57, 1), (58, 2), (59, 2), (61, 2), (117, 3)):
        with frozen(NOON + timedelta(minutes=minutes)):
            mpesa.ask(asking)
        assert len(server.calls("token")) == tokens, minutes
    assert len(server.calls("query")) == 6


def test_a_token_that_daraja_forgot_is_fetched_again(server: fake.Daraja, mpesa: Mpesa) -> None:
    """The refused call is made once more; it was not carried out."""
    mpesa.start(PAYMENT)
    server.end(server.pushed(PAYMENT.reference))
    server.revoke_tokens()
    again = mpesa.start(PaymentCall("PY-2", 100, "KES", "", phone="0712345678", callback_url="https://x.y/"))
    assert again.status is Status.PENDING
    assert len(server.pushes) == 2
    assert len(server.calls("token")) == 2


def test_threads_share_one_token(server: fake.Daraja, mpesa: Mpesa) -> None:
    server.faults["token"] = [Fault(seconds=0.1, status=200, body=b"{}", after=False)]
    gate = threading.Barrier(8)
    failed: list[Exception] = []

    def ask(number: int) -> None:
        gate.wait()
        try:
            mpesa.start(
                PaymentCall(f"PY-{number}", 100, "KES", "", phone=f"071234567{number}", callback_url="https://x")
            )
        except ProviderDown as error:
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failed) == 1  # whoever got no token; the next one asked for another
    assert len(server.calls("token")) == 2
    assert len(server.pushes) == 7


@pytest.mark.parametrize("status", [400, 401, 500])
def test_wrong_credentials_are_our_affair(server: fake.Daraja, status: int) -> None:
    """The payer hears that M-Pesa is down; the log says why, without the secret."""
    account = MpesaAccount("wrong", "s3cret", server.shortcode, server.passkey, server.url)
    if status != 400:
        server.faults["token"] = [Fault(status=status)]
    with capture_logs() as lines, pytest.raises(ProviderDown) as down:
        Mpesa(account).start(PAYMENT)
    assert down.value.nothing_sent
    assert [(line["event"], line["status"]) for line in lines] == [("mpesa_gives_no_token", status)]
    assert "s3cret" not in f"{lines} {down.value} {account!r}"
    assert server.calls("push") == []


@pytest.mark.parametrize(
    "body", [b"{}", b'{"access_token": 1, "expires_in": "3599"}', b'{"access_token": "x", "expires_in": "soon"}', b"["]
)
def test_a_token_that_is_none(server: fake.Daraja, mpesa: Mpesa, body: bytes) -> None:
    server.faults["token"] = [Fault(status=200, body=body)]
    with pytest.raises(ProviderDown):
        mpesa.start(PAYMENT)
    assert mpesa.start(PAYMENT).status is Status.PENDING


def test_a_token_that_never_works(server: fake.Daraja, mpesa: Mpesa) -> None:
    """It is fetched again once, and then somebody has to look."""
    refused = Fault(status=404, body=b'{"errorCode": "404.001.03", "errorMessage": "Invalid Access Token"}')
    server.faults["push"] = [refused, refused]
    with capture_logs() as lines, pytest.raises(ProviderDown) as down:
        mpesa.start(PAYMENT)
    assert down.value.nothing_sent
    assert [line["event"] for line in lines] == ["mpesa_refuses_its_own_token"]
    assert len(server.calls("token")) == 2
    assert server.pushes == {}


@pytest.mark.parametrize("operation", ["token", "push"])
def test_silence(server: fake.Daraja, operation: str) -> None:
    """It is waited for as long as is set, and nothing is sent twice."""
    mpesa = Mpesa(server.account, seconds=0.5)
    if operation == "push":
        mpesa.ask(replace(PAYMENT, provider_reference="ws_CO_1"))  # for the token
    server.faults[operation] = [Fault(seconds=2, status=200, body=b"{}")]
    began = time.monotonic()
    with pytest.raises(ProviderDown, match="ReadTimeoutError") as down:
        mpesa.start(PAYMENT)
    assert down.value.nothing_sent == (operation == "token")
    assert time.monotonic() - began < 1.5
    assert len(server.calls(operation)) == 1


def test_nobody_there() -> None:
    account = MpesaAccount("k", "s", "174379", "p", f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ProviderDown, match="NewConnectionError") as down:
        Mpesa(account, seconds=0.5).start(PAYMENT)
    assert down.value.nothing_sent


def test_nobody_there_any_more(server: fake.Daraja, mpesa: Mpesa) -> None:
    """A token is there still; nobody has heard of the push."""
    mpesa.ask(replace(PAYMENT, provider_reference="ws_CO_1"))
    mpesa._daraja._account = replace(server.account, api_base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ProviderDown, match="NewConnectionError") as down:
        mpesa.start(PAYMENT)
    assert down.value.nothing_sent


@pytest.mark.parametrize(
    "fault",
    [
        Fault(),
        Fault(status=200, body=b""),
        Fault(status=200, body=b"<html>"),
        Fault(status=200, body=b"[" * 100_000),
        Fault(status=200, body=b"\xff" * 1_000_000),
        Fault(status=500, body=b"<html>"),
        Fault(status=502),
        Fault(
            status=200, body=b'{"ResponseCode": "0", "CheckoutRequestID": "ws_CO_1", "x": "' + b"x" * 100_000 + b'"}'
        ),
    ],
)
def test_answers_that_are_none(server: fake.Daraja, mpesa: Mpesa, fault: Fault) -> None:
    """Nothing is known then, so nothing is said to have failed. Nobody's answer fills the memory."""
    server.faults["push"] = [fault]
    with pytest.raises(ProviderDown) as down:
        mpesa.start(PAYMENT)
    assert not down.value.nothing_sent
    assert len(server.calls("push")) == 1


def test_a_redirect(server: fake.Daraja, mpesa: Mpesa) -> None:
    """It would carry the token, and the phone number, elsewhere."""
    server.faults["push"] = [Fault(status=307, location="/mpesa/stkpush/v1/processrequest")]
    with pytest.raises(ProviderDown):
        mpesa.start(PAYMENT)
    assert len(server.calls("push")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, body=b'{"errorCode": "500.003.02", "errorMessage": "System is busy"}'),
        Fault(status=500, body=b'{"errorCode": "500.003.03", "errorMessage": "Quota Violation"}'),
        Fault(status=429),
        Fault(status=503),
    ],
)
@pytest.mark.parametrize("operation", ["token", "push"])
def test_busy(server: fake.Daraja, mpesa: Mpesa, operation: str, fault: Fault) -> None:
    """Asking again at once would make it worse."""
    server.faults[operation] = [fault]
    with pytest.raises(ProviderDown) as down:
        mpesa.start(PAYMENT)
    assert down.value.retry_after == BUSY_SECONDS


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"Password": "x"}, "500.001.1001"),
        ({"Timestamp": "20270301090000"}, "400.002.02"),
        ({"Timestamp": "noon"}, "400.002.02"),
        ({"BusinessShortCode": "600000"}, "500.001.1001"),
        ({"Extra": 1}, "400.002.02"),
        ({"CheckoutRequestID": "ws_CO_unknown"}, "500.001.1001"),
    ],
)
def test_the_stand_in_is_strict(server: fake.Daraja, mpesa: Mpesa, changed: dict[str, Any], code: str) -> None:
    """What it accepts proves something: it refuses UTC for Nairobi's time, wrong passwords and unknown fields."""
    started = mpesa.start(PAYMENT)
    fields = mpesa._signed() | {"CheckoutRequestID": started.provider_reference}
    client = Daraja(server.account)
    assert client.post(QUERY, fields)["ResultCode"] == "4999"
    with pytest.raises(Refused) as refused:
        client.post(QUERY, fields | changed)
    assert refused.value.code == code
