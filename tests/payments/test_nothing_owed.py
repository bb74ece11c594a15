"""What nobody owes is not taken, and goes back by itself where it has come all the same."""

from typing import Any

import pytest

from app.extensions import db
from app.integrations.payments import Outcome, Status
from app.kit import clock
from app.models import Booking, ProductKind, Service, User
from app.payments.recount import find_overpaid
from app.transactions import reading, transaction
from tests.api import Api
from tests.factories import make_product, make_service, token_for
from tests.ledger.money import found_wrong
from tests.payments.desk import (
    PAYMENTS,
    TOMORROW,
    awaiting_deposit,
    booked,
    everything,
    give_back,
    now_of,
    pay,
    read,
    sync,
    work,
)
from tests.payments.refusals import refused
from tests.payments.scripted import Scripted
from tests.prepaid.bought import balance_of, make_gift_card, make_package


def service_of(booking: Booking) -> Service:
    """Return what is done first."""
    return db.session.get_one(Service, booking.items[0].service_id)


def test_paid_in_part_meanwhile(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """PAY-40: what was thought to be given up comes after the booking was paid: it is not counted."""
    booking = booked(ada)
    first = pay(api, ada, booking, "card").json
    stripe.cancels = Outcome(Status.CANCELLED)
    api.post(f"{PAYMENTS}/{first['id']}/cancel", token=token_for(ada))
    pay(api, clerk, booking, amount={"amount": 1000})
    stripe.says = Outcome(Status.SUCCEEDED)
    assert sync(api, ada, first["id"])["counted"] is False
    work()
    assert (now_of(booking).paid_amount, read(api, ada, f"/{first['id']}")["refunded"]["amount"]) == (1000, 4500)
    assert pay(api, clerk, booking).json["amount"]["amount"] == 3500


def test_the_audit_finds_what_was_paid_twice(api: Api, ada: User, clerk: User) -> None:
    """As it was counted before."""
    booking, other = booked(ada), booked(ada)
    for one in (booking, other):
        pay(api, clerk, one)
    with reading():
        assert list(find_overpaid()) == []
    with transaction():
        db.session.get_one(Booking, booking.id, populate_existing=True).total_amount = 4000
    with reading():
        assert list(find_overpaid()) == [f"{booking.reference} costs 4000, and 4500 was paid for it"]


def test_what_was_credited_is_not_owed(api: Api, ada: User, clerk: User, admin: User) -> None:
    """A booking that is done and given back in part is paid; nothing takes the money without an invoice."""
    booking = booked(ada)
    paid = pay(api, clerk, booking).json
    with clock.frozen(TOMORROW):
        api.post(f"/api/bookings/{booking.id}/complete", {}, token=token_for(clerk))
        give_back(api, admin, paid["id"], 1500)
        before = everything()
        assert refused(pay(api, clerk, booking), 409, "nothing_due")
        assert everything() == before
        shown = api.get(f"/api/bookings/{booking.id}", token=token_for(ada)).json
        assert (shown["amount_paid"]["amount"], shown["balance_due"]["amount"]) == (3000, 0)
        assert found_wrong() == []


def test_a_visit_pays_its_service_whole(api: Api, ada: User) -> None:
    """Also where a deposit is due first."""
    booking = awaiting_deposit(ada)
    package = make_package(ada, service_of(booking))
    paid = pay(api, ada, booking, "package").json
    assert (paid["amount"]["amount"], paid["purpose"]) == (4500, "full")
    assert (now_of(booking).paid_amount, now_of(booking).status, balance_of(package)) == (4500, "confirmed", 4)


@pytest.mark.parametrize("more", [{"amount": {"amount": 100}}, {"purpose": "deposit"}, {"purpose": "full"}])
def test_a_visit_is_not_cut(api: Api, ada: User, more: dict[str, Any]) -> None:
    """It has no amount, and is for what it is for."""
    booking = awaiting_deposit(ada)
    make_package(ada, service_of(booking))
    before = everything()
    answer = pay(api, ada, booking, "package", **more)
    assert (answer.status_code, list(answer.json["errors"])) == (422, list(more))
    assert everything() == before


def test_a_deposit_by_a_visit(api: Api, ada: User) -> None:
    """Has no path of its own."""
    booking = awaiting_deposit(ada)
    make_package(ada, service_of(booking))
    body = {"booking_id": booking.id, "method": "package"}
    answer = api.post(f"{PAYMENTS}/deposit", body, token=token_for(ada))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["purpose"])


def test_a_visit_is_not_burnt_for_the_rest(api: Api, ada: User, clerk: User) -> None:
    """Where less is left than its service costs."""
    booking = booked(ada)
    package = make_package(ada, service_of(booking))
    pay(api, clerk, booking, amount={"amount": 1})
    before = everything()
    assert refused(pay(api, ada, booking, "package"), 409, "paid_in_part")
    assert (everything(), balance_of(package)) == (before, 5)


def test_no_more_than_the_deposit(api: Api, ada: User, clerk: User) -> None:
    """As a deposit; who pays more without saying what for pays of the whole."""
    booking = awaiting_deposit(ada)
    before = everything()
    answer = pay(api, clerk, booking, purpose="deposit", amount={"amount": 1001})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["amount"])
    assert everything() == before
    paid = pay(api, clerk, booking, amount={"amount": 1001}).json
    assert (paid["purpose"], now_of(booking).status) == ("full", "confirmed")


@pytest.mark.parametrize("kind", [ProductKind.GIFT_CARD, ProductKind.PACKAGE])
def test_a_gift_card_buys_nothing_paid_ahead(api: Api, ada: User, kind: ProductKind) -> None:
    """Neither another card, which would outlive it, nor visits."""
    terms: dict[str, Any] = (
        {"card_amount": 1000}
        if kind is ProductKind.GIFT_CARD
        else {"package_service_id": make_service().id, "package_visits": 5, "valid_days": 90}
    )
    product = make_product(kind=kind, price_amount=1000, **terms)
    body = {"items": [{"product_id": product.id, "quantity": 1}]}
    order = api.post("/api/orders", body, token=token_for(ada)).json
    card = make_gift_card(ada, 5000)
    before = everything()
    answer = pay(api, ada, order, "gift_card", code=card.code)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["method"])
    assert (everything(), balance_of(card)) == (before, 5000)
