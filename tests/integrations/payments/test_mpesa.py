"""M-Pesa's adapter against a strict local Daraja: what is asked of whom, and what every answer means."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from app.integrations.payments.mpesa import Mpesa
from app.integrations.payments.provider import (
    Outcome,
    PaymentCall,
    ProviderDown,
    RefundCall,
    Started,
    Status,
)
from app.kit.clock import frozen
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.daraja_http import Fault

NOON = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
ADDRESS = "https://parlour.example/api/payments/webhooks/mpesa/c0ffee"
PAYMENT = PaymentCall(
    reference="PY-7F3K9Q",
    amount=150_000,
    currency="KES",
    description="Deposit",
    phone="0712345678",
    callback_url=ADDRESS,
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


def begun(mpesa: Mpesa) -> PaymentCall:
    """Return a payment whose prompt is on the phone."""
    started = mpesa.start(PAYMENT)
    assert started.provider_reference is not None
    return replace(PAYMENT, provider_reference=started.provider_reference)


def asked_after(mpesa: Mpesa, payment: PaymentCall, age: timedelta) -> Outcome:
    """Ask about a payment when it is so old."""
    with frozen(NOON + age):
        return mpesa.ask(payment)


def test_a_push(server: fake.Daraja, mpesa: Mpesa) -> None:
    """Whole shillings, Nairobi's wall clock, the password that follows, and an address of this payment alone."""
    started = mpesa.start(PAYMENT)
    (sent,) = server.calls("push")
    password = f"{server.shortcode}{server.passkey}20270301120000"
    assert sent == {
        "BusinessShortCode": "174379",
        "Password": base64.b64encode(password.encode()).decode(),
        "Timestamp": "20270301120000",
        "TransactionType": "CustomerPayBillOnline",
        "Amount": 1500,
        "PartyA": "254712345678",
        "PartyB": "174379",
        "PhoneNumber": "254712345678",
        "CallBackURL": ADDRESS,
        "AccountReference": "PY-7F3K9Q",
        "TransactionDesc": "Payment",
    }
    words = "Enter your M-PESA PIN on the phone that ends in 678, to pay KES 1,500."
    (push,) = server.pushes.values()
    expected = Started(push.checkout, Status.PENDING, next_action={"type": "mpesa_prompt", "message": words})
    assert started == expected


def test_a_till(server: fake.Daraja) -> None:
    """The store's number signs, the till gets the money."""
    server.till = "511382"
    assert Mpesa(server.account).start(PAYMENT).status is Status.PENDING
    (sent,) = server.calls("push")
    assert (sent["TransactionType"], sent["PartyB"]) == ("CustomerBuyGoodsOnline", "511382")
    assert sent["BusinessShortCode"] == "174379"


def test_paid(server: fake.Daraja, mpesa: Mpesa) -> None:
    """What was asked for is what came: the query names no amount."""
    payment = begun(mpesa)
    assert mpesa.ask(payment) == Outcome(Status.PENDING, provider_reference=payment.provider_reference)
    server.end(server.pushed("PY-7F3K9Q"))
    paid = Outcome(Status.SUCCEEDED, 150_000, "KES", payment.provider_reference)
    assert mpesa.ask(payment) == mpesa.cancel(payment) == paid
    server.codes_are_numbers = True
    assert mpesa.ask(payment) == paid
    assert server.books == {"PY-7F3K9Q": 1500}


@pytest.mark.parametrize("as_numbers", [False, True])
@pytest.mark.parametrize(
    ("code", "failure"),
    [
        ("1", "insufficient_funds"),
        ("1019", "expired"),
        ("1032", "cancelled_by_payer"),
        ("1037", "phone_unreachable"),
        ("2001", "wrong_pin"),
        ("9999", "not_delivered"),
        ("8006", "account_locked"),
        ("SFC_J_C0003", "provider_refused"),
    ],
)
def test_failed(server: fake.Daraja, mpesa: Mpesa, code: str, failure: str, *, as_numbers: bool) -> None:
    """PAY-25: each result code, as text and as a number."""
    payment = begun(mpesa)
    server.codes_are_numbers = as_numbers
    server.end(server.pushed("PY-7F3K9Q"), code)
    outcome = mpesa.ask(payment)
    assert (outcome.status, outcome.amount) == (Status.FAILED, None)
    assert outcome.failure is not None
    assert outcome.failure.code == failure
    assert outcome.failure.message.endswith(".")


@pytest.mark.parametrize("code", ["4711", "E3008", "-1"])
def test_a_result_that_nobody_knows(server: fake.Daraja, mpesa: Mpesa, code: str) -> None:
    """PAY-25: it is logged, and no failure before a quarter of an hour: 4999 is documented nowhere either."""
    payment = begun(mpesa)
    server.end(server.pushed("PY-7F3K9Q"), code)
    with capture_logs() as lines:
        assert mpesa.ask(payment).status is Status.PENDING
    assert lines == [{"event": "mpesa_result_unknown", "code": code, "reference": "PY-7F3K9Q", "log_level": "warning"}]
    late = asked_after(mpesa, payment, timedelta(minutes=16))
    assert late.status is Status.FAILED
    assert late.failure is not None
    assert late.failure.code == "not_processed"


@pytest.mark.parametrize("is_an_error", [False, True])
def test_under_way(server: fake.Daraja, mpesa: Mpesa, *, is_an_error: bool) -> None:
    """Daraja says so in two ways; after a minute without a PIN the prompt has ended by itself."""
    server.processing_is_an_error = is_an_error
    payment = begun(mpesa)
    assert mpesa.ask(payment).status is Status.PENDING
    assert mpesa.cancel(payment).status is Status.PENDING
    ended = asked_after(mpesa, payment, timedelta(seconds=61))
    assert ended.failure is not None
    assert ended.failure.code == "phone_unreachable"
    assert server.books == {}


@pytest.mark.parametrize(
    "said", [b'{"ResultCode": "4999"}', b'{"ResultCode": 4999}', b'{"ResultCode": ""}', b'{"a": 1}']
)
def test_under_way_for_hours(server: fake.Daraja, mpesa: Mpesa, said: bytes) -> None:
    """Whatever it is called, it is no result, and nothing that somebody must look at."""
    payment = begun(mpesa)
    server.faults["query"] = [Fault(status=200, body=said)]
    with capture_logs() as lines:
        assert asked_after(mpesa, payment, timedelta(minutes=50)).status is Status.PENDING
    assert lines == []


def test_under_way_for_ever(server: fake.Daraja, mpesa: Mpesa) -> None:
    """A push that Daraja does not know looks like one under way; nothing stays pending longer than a day."""
    payment = replace(PAYMENT, provider_reference="ws_CO_nobody_knows_it")
    assert asked_after(mpesa, payment, timedelta(hours=23)).status is Status.PENDING
    assert asked_after(mpesa, payment, timedelta(hours=25)).status is Status.FAILED


def test_an_answer_about_another_payment(server: fake.Daraja, mpesa: Mpesa) -> None:
    payment = begun(mpesa)
    server.faults["query"] = [Fault(status=200, body=b'{"CheckoutRequestID": "ws_CO_other", "ResultCode": "0"}')]
    with pytest.raises(ProviderDown):
        mpesa.ask(payment)


def test_a_question_that_is_refused(server: fake.Daraja, mpesa: Mpesa) -> None:
    """Nothing is known then: what Daraja has against the question says nothing about the payment."""
    payment = begun(mpesa)
    server.faults["query"] = [Fault(status=400, body=b'{"errorCode": "400.002.02", "errorMessage": "Bad Request"}')]
    with capture_logs() as lines, pytest.raises(ProviderDown):
        mpesa.ask(payment)
    assert [line["event"] for line in lines] == ["mpesa_query_refused"]


def test_a_lost_answer(server: fake.Daraja, mpesa: Mpesa) -> None:
    """Daraja pushed, and we never heard: nothing is known, then the callback names it, and it can be asked about."""
    server.faults["push"] = [Fault(after=True)]
    with pytest.raises(ProviderDown):
        mpesa.start(PAYMENT)
    push = server.pushed("PY-7F3K9Q")
    assert mpesa.ask(PAYMENT) == Outcome(Status.PENDING)
    assert mpesa.ask(replace(PAYMENT, provider_reference=push.checkout)).status is Status.PENDING
    server.end(push)
    assert mpesa.ask(replace(PAYMENT, provider_reference=push.checkout)).status is Status.SUCCEEDED
    assert len(server.pushes) == 1


def test_never_confirmed(server: fake.Daraja, mpesa: Mpesa) -> None:
    """Without an answer and without a callback for three minutes it has failed: what has no name is not asked about."""
    assert asked_after(mpesa, PAYMENT, timedelta(minutes=2)).status is Status.PENDING
    late = asked_after(mpesa, PAYMENT, timedelta(minutes=4))
    assert late.status is Status.FAILED
    assert late.failure is not None
    assert late.failure.code == "not_confirmed"
    assert server.asked == []


def test_a_second_prompt_beside_the_first(server: fake.Daraja, mpesa: Mpesa) -> None:
    begun(mpesa)
    started = mpesa.start(replace(PAYMENT, reference="PY-2"))
    assert started.status is Status.FAILED
    assert started.failure is not None
    assert started.failure.code == "phone_busy"
    assert len(server.pushes) == 1


@pytest.mark.parametrize(
    ("body", "status", "failure", "lines"),
    [
        (b'{"errorCode": "400.002.02", "errorMessage": "Bad Request - Invalid PhoneNumber"}', 400, "phone_refused", 0),
        (
            b'{"errorCode": "400.002.02", "errorMessage": "Bad Request - Invalid CallBackURL"}',
            400,
            "provider_refused",
            1,
        ),
        (b'{"errorCode": "500.001.1001", "errorMessage": "Wrong credentials"}', 500, "provider_refused", 1),
        (b'{"ResponseCode": "1", "ResponseDescription": "Failed"}', 200, "provider_refused", 1),
        (b'{"ResponseCode": "1", "CheckoutRequestID": "ws_CO_1"}', 200, "provider_refused", 1),
        (b'{"ResponseCode": "0"}', 200, "provider_refused", 1),
    ],
)
def test_a_push_that_is_refused(
    server: fake.Daraja, mpesa: Mpesa, body: bytes, status: int, failure: str, lines: int
) -> None:
    """It failed, at once and for good; what is wrong with our side is logged for those who run it."""
    server.faults["push"] = [Fault(status=status, body=body)]
    with capture_logs() as logged:
        started = mpesa.start(PAYMENT)
    assert (started.provider_reference, started.status) == (None, Status.FAILED)
    assert started.failure is not None
    assert started.failure.code == failure
    assert [line["log_level"] for line in logged] == ["error"] * lines
    assert "254712345678" not in str(logged)


def test_refunds_are_paid_out_by_hand(server: fake.Daraja, mpesa: Mpesa) -> None:
    """Nobody is asked, and it is neither done nor failed: staff see what is to be done."""
    outcome = mpesa.refund(RefundCall("RF-2", 50_000, "KES", "PY-7F3K9Q", "ws_CO_1", "Cancelled"))
    assert (outcome.status, outcome.amount) == (Status.REQUIRES_ACTION, None)
    assert outcome.failure is not None
    assert outcome.failure.code == "pay_out_by_hand"
    assert server.asked == []
