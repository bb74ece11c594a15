"""What cannot be paid by M-Pesa, and what is no message of M-Pesa's."""

import pytest
from flask.testing import FlaskClient

from tests.cases import each_case
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.daraja_callbacks import Delivery
from tests.integrations.payments.mpesa.till import Till
from tests.mailbox import Mailbox


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b"", {400}),
        (b"not json", {400}),
        (b"[" * 100_000, {400}),
        (b'{"Body": {"stkCallback": {"CheckoutRequestID": "ws\\u0000"}}}', {400}),
        (b" " * 5_000_000, {413}),
    ],
)
def test_what_is_no_callback(daraja: fake.Daraja, till: Till, body: bytes, statuses: set[int]) -> None:
    """PAY-20: refused, and the payment stays as it is."""
    payment = till.pay().json
    push = daraja.pushed(payment["reference"])
    assert till.arrive(Delivery(push.callback_url, body)) in statuses
    till.work()
    assert till.verdicts() == []
    assert till.seen(payment["id"])["status"] == "pending"


@pytest.mark.parametrize("phone", ["0712345678", "+254712345678", "254712345678"])
def test_phones(daraja: fake.Daraja, till: Till, phone: str) -> None:
    """PAY-27: three ways to write one number."""
    assert till.pay(phone).status_code == 201
    assert daraja.calls("push")[0]["PhoneNumber"] == "254712345678"


@each_case("phone", [None, "12345", "2547123456789", "+255712345678", "x" * 300])
def test_other_phones(daraja: fake.Daraja, till: Till, phone: str | None) -> None:
    """PAY-27: refused with the field named, before anything is written or sent."""
    answer = till.pay(phone)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["phone"])
    assert daraja.asked == []
    assert till.listed() == []


def test_half_a_shilling(daraja: fake.Daraja, client: FlaskClient, mailbox: Mailbox) -> None:
    """PAY-27: KES 100.50."""
    answer = Till(client, mailbox, 10_050).pay()
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["amount"])
    assert daraja.asked == []
