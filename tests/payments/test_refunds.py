"""Money that goes back: by an admin, in parts, to where it came from; never more than has come."""

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.integrations.payments import Failure, Outcome, Status
from app.models import Booking, Role, Service, User
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product, make_user, token_for
from tests.payments.desk import (
    PAYMENTS,
    booked,
    everything,
    give_back,
    now_of,
    ordered,
    pay,
    read,
    work,
)
from tests.payments.refusals import refused
from tests.payments.scripted import DOWN, Scripted
from tests.prepaid.bought import balance_of, make_gift_card, make_package

HOUR = timedelta(hours=1)


def by_card(api: Api, who: User, thing: Any, stripe: Scripted) -> dict[str, Any]:
    """Pay by a card that needs nothing else."""
    stripe.starts = Status.SUCCEEDED
    paid: dict[str, Any] = pay(api, who, thing, "card").json
    return paid


def test_in_parts(api: Api, ada: User, clerk: User, admin: User) -> None:
    """As often as wished until nothing is left; the booking counts what is left."""
    booking = booked(ada)
    paid = pay(api, clerk, booking).json
    first = give_back(api, admin, paid["id"], 1500)
    assert first.status_code == 201, first.json
    assert first.headers["Location"] == f"{PAYMENTS}/{paid['id']}/refunds"
    said = {name: first.json[name] for name in ("status", "origin", "reason", "created_by")}
    assert said == {
        "status": "succeeded",
        "origin": "request",
        "reason": "It was not to be.",
        "created_by": admin.id,
    }
    before = everything()
    answer = give_back(api, admin, paid["id"], 3001)
    assert refused(answer, 409, "refund_exceeds_payment")
    assert answer.json["refundable"] == {"amount": 3000, "currency": "KES"}
    assert everything() == before
    assert give_back(api, admin, paid["id"]).json["amount"]["amount"] == 3000
    assert refused(give_back(api, admin, paid["id"]), 409, "refund_exceeds_payment")
    assert now_of(booking).paid_amount == 0
    assert read(api, ada, f"/{paid['id']}")["refunded"]["amount"] == 4500
    assert [one["amount"]["amount"] for one in read(api, ada, f"/{paid['id']}/refunds")["items"]] == [1500, 3000]


@each_case("amount", [0, -1, 1e-9, 10.001, "10", True, None, 2**63])
def test_what_is_no_amount(api: Api, ada: User, clerk: User, admin: User, amount: Any) -> None:
    """PAY-38: it is refused, and nothing changes."""
    paid = pay(api, clerk, booked(ada)).json
    before = everything()
    body = {"payment_id": paid["id"], "reason": "No.", "amount": {"amount": amount}}
    assert api.post(f"{PAYMENTS}/refund", body, token=token_for(admin)).status_code == 422
    assert everything() == before


def test_what_is_no_json(api: Api, ada: User, clerk: User, admin: User) -> None:
    """PAY-38: NaN is none, so the request cannot be read."""
    paid = pay(api, clerk, booked(ada)).json
    before = everything()
    headers = {"Authorization": f"Bearer {token_for(admin)}", "Content-Type": "application/json"}
    body = f'{{"payment_id": {paid["id"]}, "reason": "No.", "amount": {{"amount": NaN}}}}'
    assert api.client.post(f"{PAYMENTS}/refund", data=body, headers=headers).status_code == 400
    assert everything() == before


def test_who_gives_back(api: Api, ada: User, clerk: User, admin: User) -> None:
    """Admins alone; of what is there."""
    paid = pay(api, clerk, booked(ada)).json
    before = everything()
    for who in (ada, clerk, make_user(Role.OWNER)):
        assert refused(give_back(api, who, paid["id"]), 403, "forbidden")
    answer = give_back(api, admin, 2**40)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["payment_id"])
    assert everything() == before


def test_what_has_not_come(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """There is nothing to give back of it."""
    waiting = pay(api, ada, booked(ada), "card").json
    assert refused(give_back(api, admin, waiting["id"]), 409, "refund_exceeds_payment")
    assert refused(give_back(api, admin, waiting["id"], 1), 409, "refund_exceeds_payment")


def test_paid_twice_by_error(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-40: one of the two goes back by itself, and the booking stays paid."""
    booking = booked(ada)
    stripe.starts = Status.REQUIRES_ACTION
    first = pay(api, ada, booking, "card").json
    stripe.cancels = Outcome(Status.CANCELLED)
    api.post(f"{PAYMENTS}/{first['id']}/cancel", token=token_for(ada))
    by_card(api, ada, booking, stripe)
    stripe.says = Outcome(Status.SUCCEEDED)
    assert api.post(f"{PAYMENTS}/{first['id']}/sync", token=token_for(ada)).json["counted"] is False
    work()
    assert now_of(booking).paid_amount == 4500
    assert [call.payment_reference for call in stripe.refunded] == [first["reference"]]


def test_by_card(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """The provider carries it out, told by our references."""
    paid = by_card(api, ada, booked(ada), stripe)
    made = give_back(api, admin, paid["id"], 500).json
    (call,) = stripe.refunded
    assert (call.reference, call.amount, call.payment_reference) == (made["reference"], 500, paid["reference"])
    assert (call.payment_provider_reference, made["status"]) == (paid["provider_reference"], "succeeded")


def test_the_provider_is_away(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """It is pending, keeps others from the same money, and is tried again until it has gone back, once."""
    paid, stripe.refunds = by_card(api, ada, booked(ada), stripe), DOWN
    made = give_back(api, admin, paid["id"], 4000)
    assert (made.status_code, made.json["status"]) == (201, "pending")
    assert refused(give_back(api, admin, paid["id"], 501), 409, "refund_exceeds_payment")
    assert read(api, ada, f"/{paid['id']}")["refunded"]["amount"] == 0
    work(HOUR)
    stripe.refunds = Outcome(Status.SUCCEEDED, 4000, "KES", "re_1")
    work(3 * HOUR)
    work(9 * HOUR)
    assert read(api, ada, f"/{paid['id']}")["refunded"]["amount"] == 4000
    assert {call.reference for call in stripe.refunded} == {made.json["reference"]}


def test_the_provider_refuses(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """It says why, is tried again, each time as another attempt, and fails in the end: its money can go back anew."""
    paid = by_card(api, ada, booked(ada), stripe)
    stripe.refunds = Outcome(Status.FAILED, failure=Failure("insufficient_funds", "The balance is too low."))
    made = give_back(api, admin, paid["id"]).json
    assert (made["status"], made["failure"]["code"]) == ("pending", "insufficient_funds")
    for hours in range(1, 40, 3):
        work(hours * HOUR)
    (failed,) = read(api, ada, f"/{paid['id']}/refunds")["items"]
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "insufficient_funds")
    assert [call.attempt for call in stripe.refunded] == [0, 1, 2, 3, 4]
    stripe.refunds = Outcome(Status.SUCCEEDED)
    assert give_back(api, admin, paid["id"]).json["status"] == "succeeded"


def test_paid_out_by_hand(api: Api, ada: User, clerk: User, admin: User, stripe: Scripted) -> None:
    """Where a provider pays nothing out, it waits for somebody who does."""
    paid = by_card(api, ada, booked(ada), stripe)
    stripe.refunds = Outcome(Status.REQUIRES_ACTION, failure=Failure("pay_out_by_hand", "Send it by phone."))
    made = give_back(api, admin, paid["id"]).json
    assert (made["status"], made["failure"]["code"]) == ("pending", "pay_out_by_hand")
    work(HOUR)
    assert len(stripe.refunded) == 1
    path = f"{PAYMENTS}/refunds/{made['id']}/paid-out"
    body = {"provider_reference": "SKE52PAWR9"}
    assert refused(api.post(path, body, token=token_for(clerk)), 403, "forbidden")
    done = api.post(path, body, token=token_for(admin)).json
    assert (done["status"], done["failure"], done["provider_reference"]) == ("succeeded", None, "SKE52PAWR9")
    before = everything()
    assert refused(api.post(path, body, token=token_for(admin)), 409, "not_by_hand")
    assert everything() == before


def test_one_transfer_for_two(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """Its receipt stands at one of them; the other is paid out without, and each is its own line of the books."""
    paid = by_card(api, ada, booked(ada), stripe)
    stripe.refunds = Outcome(Status.REQUIRES_ACTION, failure=Failure("pay_out_by_hand", "Send it by phone."))
    made = [give_back(api, admin, paid["id"], amount).json["id"] for amount in (500, 700)]
    paths = [f"{PAYMENTS}/refunds/{one}/paid-out" for one in made]
    body = {"provider_reference": "SKE52PAWR9"}
    assert api.post(paths[0], body, token=token_for(admin)).status_code == 200
    before = everything()
    answer = api.post(paths[1], body, token=token_for(admin))
    assert refused(answer, 409, "receipt_used")
    assert (answer.json["refund_id"], everything()) == (made[0], before)
    assert api.post(paths[1], {}, token=token_for(admin)).json["status"] == "succeeded"
    assert read(api, ada, f"/{paid['id']}")["refunded"]["amount"] == 1200


def test_under_one_key(api: Api, ada: User, clerk: User, admin: User) -> None:
    """The first answer again, and one refund."""
    paid = pay(api, clerk, booked(ada)).json
    body = {"payment_id": paid["id"], "amount": {"amount": 100}, "reason": "Twice."}
    answers = [
        api.post(f"{PAYMENTS}/refund", body, token=token_for(admin), headers={"Idempotency-Key": "k"}) for _ in "ab"
    ]
    assert answers[0].data == answers[1].data
    assert len(read(api, ada, f"/{paid['id']}/refunds")["items"]) == 1


def test_to_a_gift_card(api: Api, ada: User, admin: User) -> None:
    """Where it came from, in parts."""
    card = make_gift_card(ada, 5000)
    paid = pay(api, ada, booked(ada), "gift_card", code=card.code).json
    give_back(api, admin, paid["id"], 1500)
    assert balance_of(card) == 2000
    give_back(api, admin, paid["id"])
    assert balance_of(card) == 5000


def test_to_a_package(api: Api, ada: User, admin: User) -> None:
    """A visit goes back whole."""
    booking = booked(ada)
    package = make_package(ada, _service_of(booking))
    paid = pay(api, ada, booking, "package").json
    assert refused(give_back(api, admin, paid["id"], 100), 409, "whole_visit_only")
    assert give_back(api, admin, paid["id"]).json["status"] == "succeeded"
    assert balance_of(package) == 5


def _service_of(booking: Booking) -> Service:
    return db.session.get_one(Service, booking.items[0].service_id)


def test_of_an_order_with_its_goods(api: Api, ada: User, clerk: User, admin: User) -> None:
    """What was handed over comes back to the shelf, line by line."""
    product = make_product(5)
    sale = {"items": [{"product_id": product.id, "quantity": 3}], "method": "cash", "client_id": ada.id}
    sold = api.post("/api/sales", sale, token=token_for(clerk)).json
    (paid,) = read(api, ada, f"?order_id={sold['id']}")["items"]
    assert (paid["method"], paid["recorded_by"], paid["amount"]) == ("cash", clerk.id, sold["total"])
    goods = [{"product_id": product.id, "quantity": 2}]
    before = everything()
    assert give_back(api, admin, paid["id"], 2400, items=goods * 2).status_code == 422
    too_many = [{"product_id": product.id, "quantity": 4}]
    answer = give_back(api, admin, paid["id"], 2400, items=too_many)
    assert (answer.status_code, answer.json["errors"]) == (422, {"items.0.quantity": ["3 can come back."]})
    foreign = [*goods, {"product_id": make_product(5).id, "quantity": 1}]
    answer = give_back(api, admin, paid["id"], 2400, items=foreign)
    assert (answer.status_code, answer.json["errors"]) == (422, {"items.1.quantity": ["0 can come back."]})
    assert everything() == before
    assert give_back(api, admin, paid["id"], 2400, items=goods).status_code == 201
    assert now_of(product).on_hand == 4
    shown = api.get(f"/api/orders/{sold['id']}", token=token_for(ada)).json
    assert shown["payment_status"] == "partially_refunded"
    give_back(api, admin, paid["id"])
    shown = api.get(f"/api/orders/{sold['id']}", token=token_for(ada)).json
    assert shown["payment_status"] == "refunded"
    booking = pay(api, clerk, booked(ada)).json
    assert give_back(api, admin, booking["id"], items=goods).status_code == 422


def test_a_sale_for_nothing(api: Api, clerk: User) -> None:
    """No payment is written where nothing is paid."""
    product = make_product(5, price_amount=0)
    sale = {"items": [{"product_id": product.id, "quantity": 1}], "method": "cash"}
    sold = api.post("/api/sales", sale, token=token_for(clerk)).json
    assert read(api, clerk, f"?order_id={sold['id']}")["items"] == []


def test_an_order_paid_by_m_pesa_at_the_counter(api: Api, ada: User, clerk: User) -> None:
    """Staff have seen it come: it is theirs to record."""
    product = make_product(5)
    sale = {"items": [{"product_id": product.id, "quantity": 1}], "method": "mpesa"}
    sold = api.post("/api/sales", sale, token=token_for(clerk)).json
    (paid,) = read(api, clerk, f"?order_id={sold['id']}")["items"]
    assert (paid["method"], paid["provider"], paid["recorded_by"]) == ("mpesa", "cash", clerk.id)
    assert ordered(api, ada)["payment_status"] == "unpaid"
