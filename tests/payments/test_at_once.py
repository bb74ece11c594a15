"""What is paid without a provider: in cash, at the card terminal, by gift card and by package."""

from typing import Any

import pytest

from app.extensions import db
from app.models import Account, LedgerEntry, Role, Service, User
from tests.api import Api
from tests.factories import make_service, make_space, make_space_booking, make_staff, make_user, make_visit, token_for
from tests.payments.desk import (
    PAYMENTS,
    TOMORROW,
    awaiting_deposit,
    booked,
    everything,
    now_of,
    ordered,
    pay,
    read,
)
from tests.payments.refusals import refused
from tests.prepaid.bought import balance_of, make_gift_card, make_package


@pytest.mark.parametrize("method", ["cash", "card_terminal"])
def test_cash_in_hand(api: Api, ada: User, clerk: User, method: str) -> None:
    """Staff record it, with who and when; the booking is paid, and it cannot be paid twice."""
    booking = booked(ada)
    answer = pay(api, clerk, booking, method)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == f"{PAYMENTS}/{answer.json['id']}"
    said = {name: answer.json[name] for name in ("status", "purpose", "method", "provider", "recorded_by", "counted")}
    assert said == {
        "status": "succeeded",
        "purpose": "full",
        "method": method,
        "provider": "cash",
        "recorded_by": clerk.id,
        "counted": True,
    }
    assert answer.json["amount"] == {"amount": 4500, "currency": "KES"}
    assert now_of(booking).paid_amount == 4500
    before = everything()
    assert refused(pay(api, clerk, booking, method), 409, "nothing_due")
    assert everything() == before


def test_who_takes_cash(api: Api, ada: User, eve: User) -> None:
    """Not the client itself, and nobody who does not see the booking (PAY-52)."""
    booking = booked(ada)
    before = everything()
    assert refused(pay(api, ada, booking), 403, "forbidden")
    assert refused(pay(api, eve, booking, "gift_card", code="2" * 16), 404, "not_found")
    assert refused(pay(api, eve, booking, "package"), 404, "not_found")
    owner = make_user(Role.OWNER)
    let = make_space_booking(ada, make_space(owner), TOMORROW)
    assert refused(pay(api, owner, let, "gift_card", code="2" * 16), 403, "forbidden")
    assert {name: rows for name, rows in everything().items() if name != "bookings"} == {
        name: rows for name, rows in before.items() if name != "bookings"
    }


def test_a_deposit_first(api: Api, ada: User, clerk: User) -> None:
    """It is what is asked for first, and confirms; then the balance, in parts."""
    booking = awaiting_deposit(ada)
    deposit = pay(api, clerk, booking).json
    assert (deposit["purpose"], deposit["amount"]["amount"]) == ("deposit", 1000)
    assert now_of(booking).status == "confirmed"
    part = pay(api, clerk, booking, amount={"amount": 500}).json
    assert (part["purpose"], part["amount"]["amount"]) == ("balance", 500)
    rest = pay(api, clerk, booking).json
    assert (rest["purpose"], rest["amount"]["amount"]) == ("balance", 3000)
    assert now_of(booking).paid_amount == 4500
    assert [one["amount"]["amount"] for one in read(api, ada, f"?booking_id={booking.id}")["items"]] == [
        3000,
        500,
        1000,
    ]


def test_the_deposit_alone(api: Api, ada: User, clerk: User) -> None:
    """By its own path; where none is due, nothing happens."""
    booking, free = awaiting_deposit(ada), booked(ada)
    body = {"booking_id": booking.id, "method": "cash"}
    assert api.post(f"{PAYMENTS}/deposit", body, token=token_for(clerk)).json["purpose"] == "deposit"
    answer = api.post(f"{PAYMENTS}/deposit", body | {"booking_id": free.id}, token=token_for(clerk))
    assert refused(answer, 409, "nothing_due")


def test_more_than_is_left(api: Api, ada: User, clerk: User) -> None:
    """Nobody overpays."""
    booking = booked(ada)
    before = everything()
    answer = pay(api, clerk, booking, amount={"amount": 4501})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["amount"])
    for amount in (0, -1, 10.5, "10", True, None):
        assert pay(api, clerk, booking, amount={"amount": amount}).status_code == 422
    assert pay(api, clerk, booking, amount={"amount": 10, "currency": "USD"}).status_code == 422
    assert everything() == before


@pytest.mark.parametrize("status", ["cancelled", "declined"])
def test_what_is_given_up_is_not_paid(api: Api, ada: User, clerk: User, status: str) -> None:
    """PAY-53."""
    more: dict[str, Any] = {"cancelled_at": TOMORROW, "cancel_reason": ""} if status == "cancelled" else {}
    booking = booked(ada, status=status, **more)
    before = everything()
    assert refused(pay(api, clerk, booking), 409, "not_payable")
    assert everything() == before


def test_a_visit_that_is_over_is_paid(api: Api, ada: User, clerk: User) -> None:
    """PAY-53: most people pay after it; once."""
    service = make_service(price_amount=4500)
    visit = make_visit(ada, service, staff=make_staff())
    assert pay(api, clerk, visit).json["status"] == "succeeded"
    assert refused(pay(api, clerk, visit), 409, "nothing_due")


def test_one_thing_is_paid(api: Api, ada: User, clerk: User) -> None:
    """Not none, and not two."""
    booking = booked(ada)
    made = ordered(api, ada)
    for named in ({}, {"booking_id": booking.id, "order_id": made["id"]}):
        answer = api.post(PAYMENTS, named | {"method": "cash"}, token=token_for(clerk))
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["booking_id"])
    for name in ("booking_id", "order_id"):
        answer = api.post(PAYMENTS, {name: 2**40, "method": "cash"}, token=token_for(clerk))
        assert (answer.status_code, list(answer.json["errors"])) == (404, [name])


def test_an_order(api: Api, ada: User, clerk: User) -> None:
    """It is paid in parts."""
    made = ordered(api, ada)
    assert pay(api, clerk, made, amount={"amount": 400}).json["purpose"] == "full"
    assert pay(api, clerk, made).json["amount"]["amount"] == 2000
    shown = api.get(f"/api/orders/{made['id']}", token=token_for(ada)).json
    assert (shown["payment_status"], shown["amount_paid"]["amount"]) == ("paid", 2400)
    assert refused(pay(api, clerk, made), 409, "nothing_due")


def test_a_gift_card(api: Api, ada: User, eve: User) -> None:
    """Whoever has its code pays with it, once."""
    card, booking = make_gift_card(eve, 5000), booked(ada)
    paid = pay(api, ada, booking, "gift_card", code=card.code).json
    assert (paid["status"], paid["provider"], paid["recorded_by"]) == ("succeeded", "prepaid", None)
    assert balance_of(card) == 500
    before = everything()
    assert refused(pay(api, ada, booked(ada), "gift_card", code=card.code), 409, "insufficient_balance")
    answer = pay(api, ada, booked(ada), "gift_card", code="2" * 16)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["code"])
    assert pay(api, ada, booked(ada), "gift_card").status_code == 422
    assert everything()["payments"] == before["payments"]


def test_a_visit_of_a_package(api: Api, ada: User, eve: User) -> None:
    """It pays for one service of the booking, whoever else has one."""
    booking = booked(ada)
    service = db.session.get_one(Service, booking.items[0].service_id)
    assert refused(pay(api, ada, booking, "package"), 409, "no_package")
    make_package(eve, service)
    assert refused(pay(api, ada, booking, "package"), 409, "no_package")
    package = make_package(ada, service)
    paid = pay(api, ada, booking, "package").json
    assert (paid["status"], paid["amount"]["amount"]) == ("succeeded", 4500)
    assert balance_of(package) == 4
    assert refused(pay(api, ada, booking, "package"), 409, "nothing_due")


def test_the_books(api: Api, ada: User, clerk: User) -> None:
    """Money comes into its place, out of what is owed."""
    pay(api, clerk, booked(ada))
    (entry,) = db.session.query(LedgerEntry).all()
    assert (entry.debit, entry.credit, entry.amount) == (Account.CASH, Account.RECEIVABLE, 4500)


def test_methods(api: Api) -> None:
    """Everybody may know how one pays here; what is not configured is not offered."""
    offered = {one["method"]: one["by_staff"] for one in api.get(f"{PAYMENTS}/providers").json["items"]}
    assert offered == {"cash": True, "card_terminal": True, "gift_card": False, "package": False}


def test_what_is_not_configured(api: Api, ada: User) -> None:
    """It is refused, never faked."""
    booking = booked(ada)
    before = everything()
    for method in ("card", "mpesa"):
        assert refused(pay(api, ada, booking, method), 409, "provider_not_configured")
    assert everything() == before
