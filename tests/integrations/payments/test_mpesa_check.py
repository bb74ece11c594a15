"""What can be paid by M-Pesa, and how numbers are written: known before anybody is asked."""

from dataclasses import replace

import pytest

from app.integrations.payments.mpesa import Mpesa
from app.integrations.payments.provider import BadPayment, PaymentCall
from tests.cases import each_case
from tests.integrations.payments import daraja_fake as fake

MPESA = Mpesa(fake.Daraja().account)
"""Nobody serves at its address: whoever asked would fail."""

PAYMENT = PaymentCall(reference="PY-7F3K9Q", amount=150_000, currency="KES", description="Deposit", phone="0712345678")


@pytest.mark.parametrize(
    "written", ["0712345678", "+254712345678", "254712345678", "+254 712-345 678", "(0712) 345678"]
)
def test_phones_are_written_one_way(written: str) -> None:
    """PAY-27."""
    assert MPESA.check(replace(PAYMENT, phone=written)).phone == "254712345678"


def test_the_newer_numbers() -> None:
    assert MPESA.check(replace(PAYMENT, phone="0110345678")).phone == "254110345678"


@each_case(
    "written",
    [
        None,
        "",
        "12345",
        "2547123456789",
        "+255712345678",
        "+14155550100",
        "0202345678",
        "0190000000",
        "0712345678 ext 5",
        "0712-FLOWER",
        "0712345678;ext=1",
        "٠٧١٢٣٤٥٦٧٨",
        "+" * 30,
        "07" + "1" * 10_000,
    ],
)
def test_other_phones(written: str | None) -> None:
    """PAY-27: wrong lengths, other countries, landlines, and what is no number."""
    with pytest.raises(BadPayment) as bad:
        MPESA.check(replace(PAYMENT, phone=written))
    assert bad.value.field == "phone"


@pytest.mark.parametrize("amount", [100, 150_000, 25_000_000])
def test_amounts(amount: int) -> None:
    assert MPESA.check(replace(PAYMENT, amount=amount)).amount == amount


@pytest.mark.parametrize("amount", [10_050, 1, 99, 0, -100, 25_000_100])
def test_other_amounts(amount: int) -> None:
    """PAY-27: KES 100.50, less than a shilling, and more than one transaction may move."""
    with pytest.raises(BadPayment) as bad:
        MPESA.check(replace(PAYMENT, amount=amount))
    assert bad.value.field == "amount"


def test_other_currencies() -> None:
    with pytest.raises(BadPayment) as bad:
        MPESA.check(replace(PAYMENT, currency="UGX"))
    assert bad.value.field == "currency"
