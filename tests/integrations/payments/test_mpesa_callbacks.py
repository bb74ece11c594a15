"""M-Pesa's callbacks as they are read: nothing that they say is believed, and nothing in them does harm."""

import json
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.integrations.payments.mpesa import Mpesa
from app.integrations.payments.provider import BadCallback, Incoming, PaymentCall
from tests.cases import each_case
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.daraja_callbacks import Trouble, deliveries, troubled

READER = Mpesa(fake.Daraja().account)


def told(**fields: Any) -> bytes:
    """Return the body of a callback about one push."""
    return json.dumps({"Body": {"stkCallback": {"CheckoutRequestID": "ws_CO_1", **fields}}}).encode()


def with_amount(value: Any) -> bytes:
    """Return the body of a callback whose metadata name an amount."""
    return told(ResultCode=0, CallbackMetadata={"Item": [{"Name": "Amount", "Value": value}]})


@pytest.fixture
def server() -> Iterator[fake.Daraja]:
    """Daraja, whose customers pay at once."""
    with fake.serving(fake.Daraja(customer=lambda _push: "0")) as daraja:
        yield daraja


def test_what_a_callback_says(server: fake.Daraja) -> None:
    """Which push, how much, and nothing that counts as an outcome; the payer's number is not kept."""
    mpesa = Mpesa(server.account)
    payment = PaymentCall("PY-7F3K9Q", 150_000, "KES", "", phone="0712345678", callback_url="https://x.y/z")
    started = mpesa.start(payment)
    (delivery,) = deliveries(server)
    assert (delivery.url, deliveries(server)) == ("https://x.y/z", [])
    said = mpesa.read_callback(delivery.body)
    assert (said.provider, said.kind, said.provider_reference) == ("mpesa", "stk_callback", started.provider_reference)
    assert (said.amount, said.currency, said.payment_reference) == (150_000, "KES", None)
    assert (said.outcome, said.refund) == (None, None)
    assert said.raw["MpesaReceiptNumber"].startswith("SKE")
    assert "254712345678" not in json.dumps(dict(said.raw))


@each_case("code", [0, "0", 1, 1019, 1032, "1037", 2001, 9999, "SFC_J_C0003", None, True, [], {}, 1e400])
def test_result_codes_of_any_kind(code: Any) -> None:
    """PAY-25: whatever it says, it is a reason to ask about one push."""
    said = READER.read_callback(told(ResultCode=code, ResultDesc="…"))
    assert (said.provider_reference, said.amount, said.outcome) == ("ws_CO_1", None, None)


@each_case(
    ("value", "cents"),
    [
        (1, 100),
        (1.0, 100),
        ("1.00", 100),
        (10500.0, 1_050_000),
        (2000, 200_000),
        (100.5, 10_050),
        (0.001, None),
        (-1, None),
        (None, None),
        (True, None),
        ("many", None),
        ("NaN", None),
        ("1e999999999", None),
        (10**400, None),
        (1e400, None),
        ([1], None),
        ({"a": 1}, None),
    ],
)
def test_amounts_of_any_kind(value: Any, cents: int | None) -> None:
    """PAY-25: `Amount 1.0`, and what else may stand there."""
    assert READER.read_callback(with_amount(value)).amount == cents


@each_case(
    "metadata", [None, {}, [], "x", {"Item": None}, {"Item": [None, 1, {}, {"Name": "Amount"}]}, {"Item": {"Name": 1}}]
)
def test_metadata_of_any_kind(metadata: Any) -> None:
    assert READER.read_callback(told(ResultCode=0, CallbackMetadata=metadata)).amount is None
    assert READER.read_callback(told(ResultCode=0)).amount is None


def test_a_repetition_is_the_same_event() -> None:
    """However its fields are ordered. One that says anything else is another, so a forged one swallows no true one."""
    once = told(ResultCode=0, ResultDesc="fine")
    again = told(ResultDesc="fine", ResultCode=0)
    forged = told(ResultCode=1032, ResultDesc="fine")
    assert READER.read_callback(once).event_id == READER.read_callback(again).event_id
    assert READER.read_callback(once).event_id != READER.read_callback(forged).event_id
    assert READER.read_callback(with_amount(1)).event_id != READER.read_callback(with_amount(2)).event_id


@each_case(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"Body": ' * 50_000,
        b'{"Body": []}',
        b'{"Body": {"stkCallback": 1}}',
        b'{"Body": {"stkCallback": {}}}',
        b'{"Body": {"stkCallback": {"CheckoutRequestID": 7}}}',
        b'{"Body": {"stkCallback": {"CheckoutRequestID": ""}}}',
        b'{"Body": {"stkCallback": {"CheckoutRequestID": "ws\\u0000"}}}',
        b'{"Body": {"stkCallback": {"CheckoutRequestID": "' + b"w" * 101 + b'"}}}',
        b'{"Body": {"stkCallback": {"CheckoutRequestID": "ws_CO_1", "ResultCode": ' + b"9" * 5000 + b"}}}",
    ],
)
def test_what_is_no_callback(body: bytes) -> None:
    """PAY-20 for M-Pesa: no JSON, too deep, another shape, no push."""
    with pytest.raises(BadCallback):
        READER.read_callback(body)


def test_what_is_kept_fits_any_database() -> None:
    """No NUL, no lone surrogate, no novel, and of the fields only those that somebody may look for."""
    said = READER.read_callback(
        told(ResultCode=0, ResultDesc="a\x00b\ud800" + "c" * 10_000, Extra={"x": 1}, MerchantRequestID=[1, 2])
    )
    assert set(said.raw) == {"CheckoutRequestID", "MerchantRequestID", "ResultCode", "ResultDesc"}
    assert said.raw["ResultDesc"].startswith("abccc")
    assert len(json.dumps(dict(said.raw))) < 1000


NAMES = st.sampled_from(["Body", "stkCallback", "CheckoutRequestID", "Item", "Name", "Value", "Amount"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | NAMES,
    lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner),
)


@given(DOCUMENTS)
def test_anything_is_read_or_refused(document: Any) -> None:
    for body in (json.dumps(document).encode(), with_amount(document), told(ResultCode=0, CallbackMetadata=document)):
        with suppress(BadCallback):
            assert isinstance(READER.read_callback(body), Incoming)


def test_trouble_on_the_way(server: fake.Daraja) -> None:
    """The stand-in's callbacks get lost, double, come late and in another order, the same for the same seed."""
    mpesa = Mpesa(server.account)
    for number in range(200):
        mpesa.start(
            PaymentCall(f"PY-{number}", 100, "KES", "", phone="0712345678", callback_url=f"https://x.y/{number}")
        )
    due = deliveries(server)
    now, late = troubled(due, Random(8), Trouble())  # noqa: S311  # a seed, so that it is the same each time
    assert (now, late) == troubled(due, Random(8), Trouble())  # noqa: S311  # the same
    arrived = {one.url for one in now + late}
    assert 160 < len(arrived) < 195
    assert len(now) + len(late) > len(arrived) + 30
    assert late
    assert [one.url for one in now] != sorted((one.url for one in now), key=lambda url: int(url.rpartition("/")[2]))
    assert sum(server.books.values()) == 200
