"""The local Stripe is strict: without that the other tests would show nothing."""

import http.client
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import API_VERSION, SECRET_KEY

HEADERS = {
    "Authorization": f"Bearer {SECRET_KEY}",
    "Stripe-Version": API_VERSION,
    "Content-Type": "application/x-www-form-urlencoded",
    "Idempotency-Key": "PY-1",
}
INTENT = {"amount": "5000", "currency": "kes", "metadata[payment]": "PY-1"}


def ask(
    fake: StripeFake, form: dict[str, str], path: str = "/v1/payment_intents", **headers: str
) -> tuple[int, Any, bool]:
    """POST a form; return the status, what is said, and whether it was said before."""
    connection = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=5)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("POST", path, urlencode(form), HEADERS | named)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    return answer.status, said, answer.headers["Idempotent-Replayed"] == "true"


def test_what_it_takes(fake: StripeFake) -> None:
    status, intent, _ = ask(fake, INTENT)
    assert (status, intent["amount"], intent["status"]) == (200, 5000, "requires_payment_method")
    assert fake.books == {"PY-1": (0, 0)}


@pytest.mark.parametrize(
    ("form", "param"),
    [
        (INTENT | {"amuont": "1"}, "amuont"),
        (INTENT | {"amount": "50.00"}, "amount"),
        (INTENT | {"amount": "0"}, "amount"),
        (INTENT | {"amount": "-5"}, "amount"),
        (INTENT | {"amount": "100000000"}, "amount"),
        (INTENT | {"currency": "KES"}, "currency"),
        (INTENT | {"currency": "isk", "amount": "550"}, "amount"),
        ({"currency": "kes"}, "amount"),
    ],
)
def test_what_it_does_not(fake: StripeFake, form: dict[str, str], param: str) -> None:
    """The parameter is named, nothing is made, and the key is free for the form as it should be."""
    status, said, _ = ask(fake, form)
    assert (status, said["error"]["param"]) == (400, param)
    assert fake.intents == {}
    assert ask(fake, INTENT)[0] == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Authorization": "Bearer sk_test_another"}, 401),
        ({"Stripe_Version": "2020-08-27"}, 400),
        ({"Content_Type": "application/json"}, 400),
        ({"Idempotency_Key": "8c5ab4a4-6f2b-4a07-b8c6-0123456789ab"}, 400),
        ({"Idempotency_Key": ""}, 400),
        ({"Idempotency_Key": "x" * 256}, 400),
    ],
)
def test_who_it_listens_to(fake: StripeFake, headers: dict[str, str], expected: int) -> None:
    """Not to other keys and versions, nor to a key that the SDK had to make up."""
    assert ask(fake, INTENT, **headers)[0] == expected
    assert fake.intents == {}


def test_an_idempotency_key(fake: StripeFake) -> None:
    """The first answer again, even a refusal; for another form, an error."""
    first = ask(fake, INTENT)
    assert ask(fake, INTENT) == (*first[:2], True)
    status, said, _ = ask(fake, INTENT | {"amount": "5001"})
    assert (status, said["error"]["type"]) == (400, "idempotency_error")
    refund = {"payment_intent": first[1]["id"], "amount": "1"}
    refused = ask(fake, refund, "/v1/refunds", Idempotency_Key="RF-1")
    assert (refused[0], refused[2]) == (400, False)
    fake.pay(first[1]["client_secret"])
    assert ask(fake, refund, "/v1/refunds", Idempotency_Key="RF-1") == (*refused[:2], True)
    assert ask(fake, refund, "/v1/refunds", Idempotency_Key="RF-2")[0] == 200
    fake.forget_keys()
    assert ask(fake, INTENT)[2] is False
    assert len(fake.intents) == 2


def test_nobody_confirms_without_saying_where_to_return(fake: StripeFake) -> None:
    """As methods that redirect are taken too, unless only cards are."""
    intent = ask(fake, INTENT)[1]
    card, path = {"payment_method": "pm_card_visa"}, f"/v1/payment_intents/{intent['id']}/confirm"
    assert ask(fake, card, path, Idempotency_Key="a")[1]["error"]["param"] == "return_url"
    assert fake.charges == {}
    there = card | {"return_url": "https://app.example/paid"}
    assert ask(fake, there, path, Idempotency_Key="b")[1]["status"] == "succeeded"
    assert ask(fake, there, path, Idempotency_Key="c")[1]["error"]["code"] == "payment_intent_unexpected_state"
    assert fake.books == {"PY-1": (5000, 0)}
