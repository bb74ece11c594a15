"""What webhooks are told of money: payments and refunds as the API shows them, without secrets and people's words."""

import pytest

from app.integrations.payments import Failure, Outcome, Status
from app.models import Role
from tests.factories import make_product, make_user, token_for
from tests.integrations.webhooks.receivers import receiving
from tests.orders.till import sell
from tests.payments.conftest import monday_morning, mpesa, stripe
from tests.payments.desk import booked, give_back, pay, succeeded, tell
from tests.payments.scripted import Scripted, Unsigned
from tests.webhooks.house import House
from tests.webhooks.test_shop import heard, read

__all__ = ["monday_morning", "mpesa", "stripe"]


def test_what_comes_and_goes_back(house: House) -> None:
    """The payment with the refund of it, without the words of whoever gave it back."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url, "payment.succeeded", "payment.refunded")
        paid = pay(house.api, make_user(Role.STAFF), booked(make_user())).json
        refund = give_back(house.api, house.admin, paid["id"], 500).json
        told = heard(house, receiver, webhook)
    shown = read(house, f"/api/payments/{paid['id']}", house.admin)
    del shown["next_action"], refund["reason"]
    assert shown["refunded"]["amount"] == 500
    assert told == {"payment.succeeded": shown, "payment.refunded": shown | {"refund": refund}}


def test_a_failure(house: House, stripe: Scripted) -> None:
    """Nobody is told what lets the client go on."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url, "payment.failed")
        client = make_user()
        begun = pay(house.api, client, booked(client), "card").json
        assert begun["next_action"]
        said = succeeded(begun)
        tell(house.api, "evt_1", **said | {"outcome": said["outcome"] | {"status": "failed"}})
        told = heard(house, receiver, webhook)["payment.failed"]
    assert (told["id"], told["status"]) == (begun["id"], "failed")
    assert "next_action" not in told


def test_a_refund_that_needs_people(house: House, mpesa: Unsigned) -> None:
    """Says so itself."""
    mpesa.starts = Status.SUCCEEDED
    mpesa.refunds = Outcome(Status.REQUIRES_ACTION, failure=Failure("pay_out_by_hand", "Not by M-Pesa."))
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url, "payment.refund_stuck")
        client = make_user(phone="+254712345678")
        paid = pay(house.api, client, booked(client), "mpesa").json
        give_back(house.api, house.admin, paid["id"])
        told = heard(house, receiver, webhook)["payment.refund_stuck"]
    assert (told["id"], told["refund"]["status"]) == (paid["id"], "pending")
    assert told["refund"]["failure"]["code"] == "pay_out_by_hand"


@pytest.mark.parametrize("price", [500, 0])
def test_a_sale(house: House, price: int) -> None:
    """Its money has come too, if it costs any."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url, "payment.succeeded")
        sold = sell(house.api, house.admin, (make_product(5, price_amount=price), 1)).json
        told = heard(house, receiver, webhook)
    assert [one["order_id"] for one in told.values()] == ([sold["id"]] if price else [])
    assert house.api.get("/api/payments", token=token_for(house.admin)).json["items"] == [
        one | {"next_action": None} for one in told.values()
    ]
