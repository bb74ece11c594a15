"""Payments whose request is repeated under its `Idempotency-Key`."""

from app.models import User
from tests.api import Api
from tests.cases import each_case
from tests.payments.desk import booked, everything, pay
from tests.payments.refusals import refused
from tests.payments.scripted import Scripted, Unsigned


def test_the_same_again(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-01: the same answer, byte by byte; one payment, begun once."""
    booking = booked(ada)
    first, again = (pay(api, ada, booking, "card", key="once") for _ in range(2))
    assert (first.status_code, first.headers.get("Idempotent-Replayed")) == (201, None)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert (again.data, again.headers["Location"]) == (first.data, first.headers["Location"])
    assert (len(everything()["payments"]), len(stripe.started)) == (1, 1)


def test_another_amount(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-03: nothing is executed."""
    booking = booked(ada)
    pay(api, ada, booking, "card", key="once", amount={"amount": 100})
    before = everything()
    answer = pay(api, ada, booking, "card", key="once", amount={"amount": 101})
    assert refused(answer, 422, "idempotency_key_reused")
    assert (everything(), len(stripe.started)) == (before, 1)


def test_somebody_elses_key(api: Api, ada: User, eve: User, stripe: Scripted) -> None:
    """PAY-04: is another key, whatever it says."""
    hers, mine = (pay(api, who, booked(who), "card", key="once") for who in (eve, ada))
    assert (hers.status_code, mine.status_code) == (201, 201)
    assert hers.json["id"] != mine.json["id"]
    assert len(stripe.started) == 2


def test_after_a_refusal(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-06: it is not kept, and the right request can follow under the same key."""
    booking = booked(ada)
    assert pay(api, ada, booking, "card", key="once", amount={"amount": 4501}).status_code == 422
    assert pay(api, ada, booking, "card", key="once").status_code == 201


@each_case("key", ["", " ", "k" * 256, "a\tb", "\x7f"])
def test_keys_that_are_none(api: Api, ada: User, stripe: Scripted, key: str) -> None:
    """PAY-07: the header is named, and nothing happens."""
    booking = booked(ada)
    before = everything()
    answer = pay(api, ada, booking, "card", key=key)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["Idempotency-Key"])
    assert (everything(), stripe.started) == (before, [])


def test_without_a_key(api: Api, ada: User, mpesa: Unsigned) -> None:
    """PAY-07: none is asked for, since a booking has one payment at a time."""
    booking = booked(ada)
    assert pay(api, ada, booking, "mpesa").status_code == 201
    assert refused(pay(api, ada, booking, "mpesa"), 409, "payment_in_progress")
    assert len(mpesa.started) == 1
