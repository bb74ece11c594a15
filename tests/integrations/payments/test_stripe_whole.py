"""Cards from end to end: our API, the adapter, a local Stripe with books of its own, and its messages."""

import random
from datetime import timedelta

import pytest

from app.jobs.worker import work_once
from app.kit.clock import frozen, utcnow
from tests.factories import make_user, token_for
from tests.integrations.payments.stripe_checks import Refused
from tests.integrations.payments.stripe_desk import Desk, money, paid_for
from tests.integrations.payments.stripe_http import Fault
from tests.integrations.payments.stripe_mail import Message, forged, sack, signature, signed, with_amount


def later() -> None:
    """Let a minute pass, and the worker work."""
    with frozen(utcnow() + timedelta(minutes=1)):
        work_once()


def test_a_card_pays(desk: Desk) -> None:
    """Begun, entered in the browser, told of by Stripe: paid, once, whatever is told again and in whichever order."""
    begun = desk.pay()
    assert (begun.status_code, begun.json["status"], begun.json["amount"]) == (201, "requires_action", money(4500))
    assert begun.json["next_action"]["type"] == "confirm"
    desk.enter_card(begun)
    for message in sack(desk.fake.events * 3, random.Random(7)):  # noqa: S311  # any order, the same each time
        assert desk.post(message) == 200
    now = desk.now(begun)
    assert (now["status"], now["next_action"], now["failure"]) == ("succeeded", None, None)
    assert desk.fake.books == {now["reference"]: (4500, 0)}
    assert paid_for(desk.booking) == 4500
    assert desk.pay().status_code == 409


def test_a_second_card_after_one_that_was_declined(desk: Desk) -> None:
    """It failed; then it succeeded; and the late message of the failure changes nothing."""
    begun = desk.pay()
    with pytest.raises(Refused):
        desk.enter_card(begun, "pm_card_chargeDeclined")
    desk.tell()
    now = desk.now(begun)
    assert (now["status"], now["failure"]) == (
        "failed",
        {"code": "card_declined", "message": "Your card was declined."},
    )
    assert paid_for(desk.booking) == 0
    desk.enter_card(begun)
    for event in desk.fake.events[::-1]:
        assert desk.post(signed(event)) == 200
    assert desk.now(begun)["status"] == "succeeded"
    assert paid_for(desk.booking) == 4500


def test_what_is_not_stripes_is_refused(desk: Desk) -> None:
    """400, and nothing is kept; too much of it 413."""
    begun = desk.pay()
    desk.enter_card(begun)
    chance = random.Random(7)  # noqa: S311  # any will do, the same each time
    for event in desk.fake.events * 5:
        assert desk.post(forged(event, chance)) == 400
    for body in (b"{", b"[" * 100_000 + b"]" * 100_000, b"null"):
        assert desk.post(Message(body, signature(body))) == 400
    large = b'{"id":"' + b"x" * 5_000_000 + b'"}'
    assert desk.post(Message(large, signature(large))) == 413
    assert desk.now(begun)["status"] == "requires_action"
    assert desk.verdicts() == []


def test_other_money_is_kept_and_not_applied(desk: Desk) -> None:
    """Another amount, another currency, a payment that nobody knows, another merchant: 200, for people to see."""
    begun = desk.pay()
    desk.enter_card(begun)
    true = desk.fake.events[-1]
    thing = true["data"]["object"]
    dollars = true | {"id": "evt_usd", "data": {"object": thing | {"currency": "usd"}}}
    nobody = true | {"id": "evt_nobody", "data": {"object": thing | {"id": "pi_x", "metadata": {"payment": "PY-X"}}}}
    another = true | {"id": "evt_another", "account": "acct_of_another"}
    for event in (with_amount(true, 20), dollars, nobody, another):
        assert desk.post(signed(event)) == 200
    assert desk.now(begun)["status"] == "requires_action"
    assert paid_for(desk.booking) == 0
    assert desk.verdicts(verdict="mismatch") == ["payment_intent.succeeded"] * 3
    assert desk.verdicts(verdict="unknown") == ["payment_intent.succeeded"]
    assert desk.post(signed(true)) == 200
    assert desk.now(begun)["status"] == "succeeded"


def test_a_name_that_is_missing_is_nobodys(desk: Desk) -> None:
    """Not that of whichever payment has none yet, as its answer was lost."""
    begun = desk.pay()
    desk.enter_card(begun)
    stranger = desk.fake.events[-1]
    stranger["data"]["object"]["metadata"] = {"payment": "PY-OTHERS"}
    desk.booking = desk.new_booking()
    desk.fake.faults = [Fault("create_payment_intent", after=True)] * 2
    assert desk.pay().status_code == 503
    assert desk.post(signed(stranger | {"account": "acct_of_another"})) == 200
    assert desk.verdicts(verdict="unknown") == ["payment_intent.succeeded"]


def test_refunds(desk: Desk) -> None:
    """Partial and many; Stripe's messages of them add nothing; never more than has come."""
    payment = desk.paid()
    first = desk.refund(payment, amount=money(1000))
    assert (first.status_code, first.json["status"]) == (201, "succeeded")
    desk.tell()
    assert desk.refund(payment, amount=money(3000)).json["status"] == "succeeded"
    refused = desk.refund(payment, amount=money(501))
    assert (refused.status_code, refused.json["code"]) == (409, "refund_exceeds_payment")
    assert desk.refund(payment).json["amount"] == money(500)
    desk.tell()
    assert desk.api.get(f"/api/payments/{payment['id']}", token=desk.client).json["refunded"] == money(4500)
    assert desk.fake.books == {payment["reference"]: (4500, 4500)}
    assert len(desk.fake.refunds) == 3


@pytest.mark.parametrize("order", [1, -1])
def test_a_refund_in_the_dashboard(desk: Desk, order: int) -> None:
    """Is recorded once, in whichever order its two messages come; less is left."""
    payment = desk.paid()
    desk.fake.refund_by_hand(payment["provider_reference"], 1000)
    for event in desk.fake.events[-2:][::order]:
        assert desk.post(signed(event)) == 200
    assert desk.api.get(f"/api/payments/{payment['id']}", token=desk.client).json["refunded"] == money(1000)
    assert desk.refund(payment, amount=money(3501)).status_code == 409
    assert desk.refund(payment, amount=money(3500)).status_code == 201
    assert desk.fake.books == {payment["reference"]: (4500, 4500)}


@pytest.mark.parametrize("told", ["by its total", "by nobody"])
def test_refunds_of_which_little_is_told(desk: Desk, told: str) -> None:
    """`charge.refunded` names none, so Stripe is asked; as when somebody asks us. Later messages add nothing."""
    payment = desk.paid()
    for amount in (700, 400):
        desk.fake.refund_by_hand(payment["provider_reference"], amount)
    if told == "by its total":
        total = next(event for event in desk.fake.events[::-1] if event["type"] == "charge.refunded")
        assert desk.post(signed(total)) == 200
        later()
    else:
        desk.api.post(f"/api/payments/{payment['id']}/sync", {}, token=desk.client)
    for _ in range(2):
        assert desk.api.get(f"/api/payments/{payment['id']}", token=desk.client).json["refunded"] == money(1100)
        desk.tell()
        later()
    assert desk.verdicts(verdict="mismatch") == []


def test_a_bank_takes_it_back(desk: Desk) -> None:
    """Then there is nothing left to refund."""
    payment = desk.paid()
    desk.fake.dispute(payment["provider_reference"])
    desk.tell()
    assert desk.refund(payment, amount=money(50)).status_code == 409
    assert desk.fake.refunds == {}
    assert desk.fake.books == {payment["reference"]: (4500, 4500)}


def test_a_bank_gives_it_back_again(desk: Desk) -> None:
    """A dispute that is won: the money counts again, once, however often that is told."""
    payment = desk.paid()
    dispute = desk.fake.dispute(payment["provider_reference"])
    desk.tell()
    desk.fake.close_dispute(dispute["id"], won=True)
    desk.tell()
    assert desk.verdicts(verdict="mismatch") == []
    assert desk.api.get(f"/api/payments/{payment['id']}", token=desk.client).json["refunded"] == money(0)


def test_a_refund_that_comes_back(desk: Desk) -> None:
    """Has failed: it is not made again by itself, and can be by people."""
    payment = desk.paid()
    assert desk.refund(payment, amount=money(1000)).json["status"] == "succeeded"
    (made,) = desk.fake.refunds
    desk.fake.settle_refund(made, well=False)
    desk.tell()
    assert desk.verdicts(verdict="mismatch") == []
    assert len(desk.fake.refunds) == 1
    assert desk.api.get(f"/api/payments/{payment['id']}", token=desk.client).json["refunded"] == money(0)
    assert desk.refund(payment, amount=money(1000)).json["status"] == "succeeded"


def test_two_forms_for_one_booking(desk: Desk) -> None:
    """The first was declined: it is closed before the second opens, so that nobody pays twice."""
    first = desk.pay()
    with pytest.raises(Refused):
        desk.enter_card(first, "pm_card_chargeDeclined")
    desk.tell()
    second = desk.pay()
    assert second.status_code == 201
    desk.enter_card(second)
    with pytest.raises(Refused):
        desk.enter_card(first)
    desk.tell()
    assert (desk.now(first)["status"], desk.now(second)["status"]) == ("cancelled", "succeeded")
    assert paid_for(desk.booking) == 4500
    assert sorted(desk.fake.books.values()) == [(0, 0), (4500, 0)]


def test_the_first_form_is_paid_at_that_moment(desk: Desk) -> None:
    """The second is not begun."""
    first = desk.pay()
    with pytest.raises(Refused):
        desk.enter_card(first, "pm_card_chargeDeclined")
    desk.tell()
    desk.enter_card(first)
    second = desk.pay()
    assert (second.status_code, second.json["status"]) == (201, "cancelled")
    assert desk.now(first)["status"] == "succeeded"
    assert paid_for(desk.booking) == 4500
    assert list(desk.fake.books.values()) == [(4500, 0)]


def test_stripe_does_not_answer(desk: Desk) -> None:
    """503 with Retry-After; the same request again finds the same payment, at Stripe too."""
    wanted = {"booking_id": desk.booking, "method": "card"}
    headers = {"Idempotency-Key": "the-same"}
    desk.fake.faults = [Fault("create_payment_intent", after=True)] * 2
    down = desk.api.post("/api/payments", wanted, token=desk.client, headers=headers)
    assert (down.status_code, down.headers["Retry-After"]) == (503, "5")
    again = desk.api.post("/api/payments", wanted, token=desk.client, headers=headers)
    assert (again.status_code, again.json["status"]) == (201, "requires_action")
    assert len(desk.fake.intents) == 1
    desk.enter_card(again)
    desk.tell()
    assert paid_for(desk.booking) == 4500


def test_a_lost_message(desk: Desk) -> None:
    """Asking finds out, by hand or by the worker."""
    begun = desk.pay()
    desk.enter_card(begun)
    assert desk.now(begun)["status"] == "requires_action"
    synced = desk.api.post(f"/api/payments/{begun.json['id']}/sync", {}, token=desk.client)
    assert (synced.status_code, synced.json["status"]) == (200, "succeeded")
    desk.booking = desk.new_booking()
    begun = desk.pay()
    desk.enter_card(begun)
    with frozen(utcnow() + timedelta(minutes=5)):
        work_once()
    assert desk.now(begun)["status"] == "succeeded"


def test_nobody_pays(desk: Desk) -> None:
    """After half an hour it is given up, at Stripe too: nobody can pay it any more."""
    begun = desk.pay()
    with frozen(utcnow() + timedelta(minutes=31)):
        work_once()
    assert desk.now(begun)["status"] == "cancelled"
    with pytest.raises(Refused):
        desk.enter_card(begun)
    assert desk.pay().status_code == 201


def test_stored_cards(desk: Desk) -> None:
    """Stored in the browser, shown, paid with at once, and forgotten; nobody else can use them."""
    setup = desk.api.post("/api/payments/methods", {}, token=desk.client)
    assert setup.status_code == 201
    desk.fake.store(setup.json["client_secret"])
    (card,) = desk.api.get("/api/payments/methods", token=desk.client).json["items"]
    shown = {name: card[name] for name in ("brand", "last4", "exp_month", "exp_year")}
    assert shown == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034}
    other = token_for(make_user())
    assert desk.api.get("/api/payments/methods", token=other).json["items"] == []
    assert desk.api.delete(f"/api/payments/methods/{card['id']}", token=other).status_code == 404
    begun = desk.pay(payment_method_id=card["id"])
    assert (begun.status_code, begun.json["status"]) == (201, "succeeded")
    desk.tell()
    assert paid_for(desk.booking) == 4500
    assert desk.api.delete(f"/api/payments/methods/{card['id']}", token=desk.client).status_code == 204
    assert desk.api.get("/api/payments/methods", token=desk.client).json["items"] == []


def test_yen(desk: Desk) -> None:
    """Go out and come back as they are."""
    desk.booking = desk.new_booking(price_amount=500, currency="JPY")
    begun = desk.pay()
    assert desk.fake.calls("create_payment_intent")[-1]["amount"] == "500"
    desk.enter_card(begun)
    desk.tell()
    now = desk.now(begun)
    assert (now["status"], now["amount"]) == ("succeeded", {"amount": 500, "currency": "JPY"})


def test_what_stripe_does_not_take_has_failed(desk: Desk) -> None:
    desk.booking = desk.new_booking(price_amount=100_000_000)
    begun = desk.pay()
    assert (begun.status_code, begun.json["status"]) == (201, "failed")
    assert begun.json["failure"]["code"] == "provider_refused"
    assert desk.pay().status_code == 201
