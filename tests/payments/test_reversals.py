"""A refund that had succeeded, or a dispute, and comes back: the money counts again, and can go back anew."""

from typing import Any

import pytest

from app.commands import CHECKS
from app.integrations.payments import Failure, Outcome, Status
from app.jobs.worker import work_off
from app.models import User
from app.transactions import reading
from tests.api import Api
from tests.ledger.money import balances
from tests.payments.desk import booked, everything, give_back, now_of, ordered, pay, read, tell
from tests.payments.scripted import Scripted

BACK: dict[str, Any] = {"code": "expired_or_canceled_card", "message": "The card is closed."}


def found_wrong() -> list[str]:
    """Return what the audit says of money."""
    with reading():
        return [line for room in ("ledger", "payments", "invoices") for check in CHECKS[room] for line in check()]


def told(api: Api, paid: dict[str, Any], event_id: str, status: str, **more: Any) -> Any:
    """Let the provider speak of a refund of a payment."""
    named = {"provider_reference": paid["provider_reference"], "payment_reference": paid["reference"]}
    seen = {"provider_reference": "re_9", "amount": 4500, "status": status} | more
    return tell(api, event_id, **named, refund=seen)


@pytest.mark.parametrize("is_dispute", [False, True])
def test_it_came_back(api: Api, ada: User, admin: User, stripe: Scripted, is_dispute: bool) -> None:
    """Once, however often that is told, and the news that it had gone changes nothing any more."""
    booking = booked(ada)
    stripe.starts = Status.SUCCEEDED
    paid = pay(api, ada, booking, "card").json
    told(api, paid, "evt_1", "succeeded", is_dispute=is_dispute)
    assert now_of(booking).paid_amount == 0
    told(api, paid, "evt_2", "failed", is_dispute=is_dispute, failure=None if is_dispute else BACK)
    assert (now_of(booking).paid_amount, read(api, ada, f"/{paid['id']}")["refunded"]["amount"]) == (4500, 0)
    (failed,) = read(api, ada, f"/{paid['id']}/refunds")["items"]
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "came_back" if is_dispute else BACK["code"])
    before = {name: rows for name, rows in everything().items() if name not in {"provider_events", "outbox_events"}}
    told(api, paid, "evt_3", "failed", is_dispute=is_dispute)
    told(api, paid, "evt_4", "succeeded", is_dispute=is_dispute)
    after = everything()
    assert {name: after[name] for name in before} == before
    assert balances() == {"stripe": 4500, "receivable": -4500}
    assert give_back(api, admin, paid["id"]).json["status"] == "succeeded"
    assert (balances(), now_of(booking).paid_amount, found_wrong()) == ({}, 0, [])


def test_of_an_order(api: Api, ada: User, stripe: Scripted) -> None:
    """It is paid again."""
    made = ordered(api, ada)
    stripe.starts = Status.SUCCEEDED
    paid = pay(api, ada, made, "card").json
    told(api, paid, "evt_1", "succeeded", amount=2400)
    told(api, paid, "evt_2", "failed", amount=2400, failure=BACK)
    payments = read(api, ada, f"?order_id={made['id']}")["items"]
    assert [one["refunded"]["amount"] for one in payments] == [0]
    assert found_wrong() == []


def test_an_attempt_that_failed_before_is_no_news(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """The refund has gone by another name since."""
    stripe.starts = Status.SUCCEEDED
    booking = booked(ada)
    paid = pay(api, ada, booking, "card").json
    stripe.refunds = Outcome(Status.FAILED, None, None, None, Failure("insufficient_funds", "Too low."))
    made = give_back(api, admin, paid["id"]).json
    told(api, paid, "evt_1", "succeeded", provider_reference="re_2", reference=made["reference"])
    told(api, paid, "evt_2", "failed", provider_reference="re_1", reference=made["reference"], failure=BACK)
    assert now_of(booking).paid_amount == 0
    (refund,) = read(api, ada, f"/{paid['id']}/refunds")["items"]
    assert (refund["status"], refund["provider_reference"]) == ("succeeded", "re_2")


@pytest.mark.parametrize("is_dispute", [False, True])
@pytest.mark.parametrize("order", ["failed succeeded", "failed failed succeeded succeeded", "failed succeeded failed"])
def test_it_came_back_before_it_had_gone(
    api: Api, ada: User, admin: User, stripe: Scripted, is_dispute: bool, order: str
) -> None:
    """The end is told before the beginning: nothing has gone, and nothing goes when the beginning is told."""
    booking = booked(ada)
    stripe.starts = Status.SUCCEEDED
    paid = pay(api, ada, booking, "card").json
    for number, status in enumerate(order.split()):
        why = BACK if status == "failed" and not is_dispute else None
        told(api, paid, f"evt_{number}", status, is_dispute=is_dispute, failure=why)
        assert now_of(booking).paid_amount == 4500
    (failed,) = read(api, ada, f"/{paid['id']}/refunds")["items"]
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "came_back" if is_dispute else BACK["code"])
    assert (balances(), found_wrong()) == ({"stripe": 4500, "receivable": -4500}, [])
    assert give_back(api, admin, paid["id"]).json["status"] == "succeeded"
    assert (balances(), now_of(booking).paid_amount, found_wrong()) == ({}, 0, [])


def test_it_came_back_before_it_was_paid(api: Api, ada: User, stripe: Scripted) -> None:
    """All in the wrong order: the dispute's end, its beginning, and the payment last."""
    booking = booked(ada)
    paid = pay(api, ada, booking, "card").json
    told(api, paid, "evt_1", "failed", is_dispute=True)
    told(api, paid, "evt_2", "succeeded", is_dispute=True)
    named = {"provider_reference": paid["provider_reference"], "payment_reference": paid["reference"]}
    tell(api, "evt_3", **named, outcome={"status": "succeeded", "amount": 4500, "currency": "KES"})
    work_off()
    assert (now_of(booking).paid_amount, balances(), found_wrong()) == (
        4500,
        {"stripe": 4500, "receivable": -4500},
        [],
    )


def test_what_never_fitted_is_not_written(api: Api, ada: User, stripe: Scripted) -> None:
    """The end of a dispute about more than has come."""
    stripe.starts = Status.SUCCEEDED
    paid = pay(api, ada, booked(ada), "card").json
    told(api, paid, "evt_1", "failed", is_dispute=True, amount=4600)
    assert read(api, ada, f"/{paid['id']}/refunds")["items"] == []
