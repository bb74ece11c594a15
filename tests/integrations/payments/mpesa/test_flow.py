"""Paying by M-Pesa, from the request to the books: what arrives, what is lost, and what is forged on the way."""

import json
from datetime import timedelta

import pytest

from app.kit import clock
from tests.factories import token_for
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.daraja_callbacks import Delivery, deliveries
from tests.integrations.payments.daraja_http import Fault
from tests.integrations.payments.mpesa.till import PAYMENTS, Till, our_books
from tests.orders.till import NOW


def test_paid(daraja: fake.Daraja, till: Till) -> None:
    """The prompt, the PIN, the callback; the answer to which waits for nobody, and what it says is asked about."""
    answer = till.pay()
    assert answer.status_code == 201
    assert (answer.json["status"], answer.json["method"], answer.json["provider"]) == ("pending", "mpesa", "mpesa")
    assert answer.json["next_action"]["type"] == "mpesa_prompt"
    push = daraja.pushed(answer.json["reference"])
    assert (push.amount, push.phone, push.callback_url.count("/webhooks/mpesa/")) == (2000, "254712345678", 1)
    daraja.end(push)
    (delivery,) = deliveries(daraja)
    assert till.arrive(delivery) == 200
    assert daraja.calls("query") == []
    till.work()
    assert till.seen(answer.json["id"])["status"] == "succeeded"
    assert till.order_status() == "paid"
    assert till.verdicts() == ["applied"]
    assert our_books() == daraja.books == {answer.json["reference"]: 2000}


def test_a_callback_proves_nothing(daraja: fake.Daraja, till: Till) -> None:
    """PAY-22: it says paid, with the right secret; the query says cancelled."""
    payment = till.pay().json
    push = daraja.pushed(payment["reference"])
    paid = fake.Push(**{**vars(push), "result": "0", "receipt": "SKE0000001"})
    daraja.end(push, "1032")
    assert till.arrive(Delivery(push.callback_url, json.dumps(daraja.callback(paid)).encode())) == 200
    till.work()
    seen = till.seen(payment["id"])
    assert (seen["status"], seen["failure"]["code"]) == ("failed", "cancelled_by_payer")
    assert till.order_status() == "unpaid"
    assert our_books() == daraja.books == {}


def test_a_callback_before_its_time(daraja: fake.Daraja, till: Till) -> None:
    """PAY-22: it says paid while the prompt is still open. The true one comes later, and is not taken for the same."""
    payment = till.pay().json
    push = daraja.pushed(payment["reference"])
    early = fake.Push(**{**vars(push), "result": "0", "receipt": "SKE9999999"})
    assert till.arrive(Delivery(push.callback_url, json.dumps(daraja.callback(early)).encode())) == 200
    till.work()
    assert till.seen(payment["id"])["status"] == "pending"
    daraja.end(push)
    (true,) = deliveries(daraja)
    assert till.arrive(true) == 200
    till.work()
    assert till.seen(payment["id"])["status"] == "succeeded"


def test_another_secret(daraja: fake.Daraja, till: Till) -> None:
    """Whoever does not know the address gets nothing done, and learns nothing."""
    payment = till.pay().json
    push = daraja.pushed(payment["reference"])
    daraja.end(push)
    (delivery,) = deliveries(daraja)
    wrong = push.callback_url[:-1] + ("0" if push.callback_url[-1] != "0" else "1")
    assert till.arrive(Delivery(wrong, delivery.body)) == 404
    till.work()
    assert daraja.calls("query") == []
    assert till.seen(payment["id"])["status"] == "pending"
    assert push.callback_url.rpartition("/")[2] not in json.dumps(payment)


def test_ten_times_the_same(daraja: fake.Daraja, till: Till) -> None:
    """PAY-23: 200 each, one event, one row in the books. The race of them is in tests/races."""
    payment = till.pay().json
    daraja.end(daraja.pushed(payment["reference"]))
    (delivery,) = deliveries(daraja)
    assert [till.arrive(delivery) for _ in range(5)] == [200] * 5
    till.work()
    assert [till.arrive(delivery) for _ in range(5)] == [200] * 5
    till.work()
    assert till.verdicts() == ["applied"]
    assert till.seen(payment["id"])["status"] == "succeeded"
    assert our_books() == daraja.books == {payment["reference"]: 2000}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, "succeeded"),
        ("0", "succeeded"),
        (1, "failed"),
        (1019, "failed"),
        (1032, "failed"),
        (1037, "failed"),
        (2001, "failed"),
        (9999, "failed"),
        (4711, "pending"),
    ],
)
@pytest.mark.parametrize("with_metadata", [True, False])
def test_result_codes(daraja: fake.Daraja, till: Till, code: int | str, status: str, *, with_metadata: bool) -> None:
    """PAY-25: as a number or text, with `Amount 1.0` or without metadata, at the callback as at the query."""
    daraja.codes_are_numbers = isinstance(code, int)
    payment = till.pay().json
    push = daraja.pushed(payment["reference"])
    daraja.end(push, str(code))
    body = daraja.callback(push)
    said = body["Body"]["stkCallback"] | {"ResultCode": code}
    if not with_metadata:
        said.pop("CallbackMetadata", None)
    assert till.arrive(Delivery(push.callback_url, json.dumps({"Body": {"stkCallback": said}}).encode())) == 200
    till.work()
    assert till.seen(payment["id"])["status"] == status
    assert till.order_status() == ("paid" if status == "succeeded" else "unpaid")
    assert our_books() == daraja.books


def test_a_lost_callback(daraja: fake.Daraja, till: Till) -> None:
    """Daraja is asked in any case."""
    payment = till.pay().json
    daraja.end(daraja.pushed(payment["reference"]))
    deliveries(daraja)
    till.work(timedelta(minutes=2))
    assert till.seen(payment["id"])["status"] == "succeeded"
    assert till.order_status() == "paid"


def test_a_prompt_that_nobody_answers(daraja: fake.Daraja, till: Till) -> None:
    """It fails, and the next attempt succeeds."""
    payment = till.pay().json
    till.work(timedelta(minutes=2))
    assert till.seen(payment["id"])["failure"]["code"] == "phone_unreachable"
    with clock.frozen(NOW + timedelta(minutes=3)):
        again = till.pay().json
        daraja.end(daraja.pushed(again["reference"]))
        delivered = [till.arrive(one) for one in deliveries(daraja)]
        till.work()
        assert delivered == [200, 200]
        assert till.seen(again["id"])["status"] == "succeeded"
        assert till.seen(payment["id"])["status"] == "failed"


def test_a_lost_answer(daraja: fake.Daraja, till: Till) -> None:
    """Daraja pushed, and we never heard. A repetition sends no second prompt; the callback says which push it was."""
    daraja.faults["push"] = [Fault(after=True)]
    answer = till.pay(key="once")
    assert (answer.status_code, int(answer.headers["Retry-After"]) > 0) == (503, True)
    till.pay(key="once")
    till.work(timedelta(minutes=1))
    assert len(daraja.pushes) == 1
    (push,) = daraja.pushes.values()
    daraja.end(push)
    (delivery,) = deliveries(daraja)
    assert till.arrive(delivery) == 200
    till.work(timedelta(minutes=1))
    (payment,) = till.listed()
    assert (payment["status"], payment["provider_reference"]) == ("succeeded", push.checkout)
    assert our_books() == daraja.books == {payment["reference"]: 2000}


def test_success_after_all(daraja: fake.Daraja, till: Till) -> None:
    """Nothing was heard of it for so long that it had failed; then the callback comes."""
    daraja.faults["push"] = [Fault(after=True)]
    till.pay()
    (push,) = daraja.pushes.values()
    daraja.end(push)
    for minutes in (2, 5, 10):
        till.work(timedelta(minutes=minutes))
    (payment,) = till.listed()
    assert payment["failure"]["code"] == "not_confirmed"
    (delivery,) = deliveries(daraja)
    assert till.arrive(delivery) == 200
    till.work()
    assert till.seen(payment["id"])["status"] == "succeeded"
    assert till.order_status() == "paid"


def test_another_amount(daraja: fake.Daraja, till: Till) -> None:
    """PAY-19: a callback about 20 shillings is kept for staff and changes nothing; the query decides."""
    payment = till.pay().json
    push = daraja.pushed(payment["reference"])
    less = fake.Push(**{**vars(push), "result": "0", "receipt": "SKE0000001", "amount": 20})
    assert till.arrive(Delivery(push.callback_url, json.dumps(daraja.callback(less)).encode())) == 200
    till.work()
    assert till.verdicts() == ["mismatch"]
    assert till.seen(payment["id"])["status"] == "pending"


def test_daraja_is_down(daraja: fake.Daraja, till: Till) -> None:
    """503 with Retry-After; no prompt was sent, so it has failed, and may be tried again at once."""
    daraja.faults["token"] = [Fault(status=503)]
    answer = till.pay()
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert daraja.pushes == {}
    (payment,) = till.listed()
    assert (payment["status"], payment["failure"]["code"]) == ("failed", "provider_unreachable")
    assert till.order_status() == "unpaid"
    assert till.pay().json["status"] == "pending"


def test_sync(daraja: fake.Daraja, till: Till) -> None:
    """Whoever waits may have it asked at once."""
    payment = till.pay().json
    path = f"{PAYMENTS}/{payment['id']}/sync"
    assert till.api.post(path, token=token_for(till.owner)).json["status"] == "pending"
    daraja.end(daraja.pushed(payment["reference"]))
    assert till.api.post(path, token=token_for(till.owner)).json["status"] == "succeeded"


def test_a_refund_is_paid_out_by_hand(daraja: fake.Daraja, till: Till) -> None:
    """It waits for people, says so, and counts as given back once they say that it is."""
    payment = till.pay().json
    daraja.end(daraja.pushed(payment["reference"]))
    till.api.post(f"{PAYMENTS}/{payment['id']}/sync", token=token_for(till.owner))
    wanted = {"payment_id": payment["id"], "amount": {"amount": 50_000}, "reason": "Too warm"}
    refund = till.api.post(f"{PAYMENTS}/refund", wanted, token=token_for(till.admin)).json
    assert (refund["status"], refund["failure"]["code"]) == ("pending", "pay_out_by_hand")
    till.work(timedelta(days=1))
    assert till.seen(payment["id"])["refunded"]["amount"] == 0
    path = f"{PAYMENTS}/refunds/{refund['id']}/paid-out"
    done = till.api.post(path, {"provider_reference": "SKE52PAWR9"}, token=token_for(till.admin)).json
    assert (done["status"], done["failure"], done["provider_reference"]) == ("succeeded", None, "SKE52PAWR9")
    assert till.seen(payment["id"])["refunded"]["amount"] == 50_000
    again = till.api.post(path, {}, token=token_for(till.admin))
    assert again.status_code == 409
    assert till.seen(payment["id"])["refunded"]["amount"] == 50_000
