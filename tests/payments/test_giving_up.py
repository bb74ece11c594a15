"""What was paid goes back by itself when a booking or an order is given up, but for what is kept of it."""

from datetime import timedelta
from typing import Any

import pytest

from app.bookings.service.expiry import expire_booking
from app.integrations.payments import Outcome, Status
from app.kit import clock
from app.models import Booking, BookingStatus, PendingReason, ProductKind, User
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_product, token_for
from tests.ledger.money import found_wrong
from tests.payments.desk import (
    NOW,
    awaiting_deposit,
    booked,
    everything,
    now_of,
    ordered,
    pay,
    read,
    work,
)
from tests.payments.refusals import refused
from tests.payments.scripted import Scripted
from tests.prepaid.bought import balance_of, make_gift_card

LATE: dict[str, Any] = {"cancel_free_until": NOW, "late_cancel_fee_amount": 1500}


def cancel(api: Api, who: User, booking: Booking, **body: Any) -> Any:
    """POST a cancellation."""
    return api.post(f"/api/bookings/{booking.id}/cancel", body, token=token_for(who))


def refunds_of(api: Api, who: User, thing: str) -> list[tuple[str, str, int]]:
    """Return (origin, status, amount) of all refunds for a booking or order."""
    payments = read(api, who, f"?{thing}")["items"]
    refunds = [one for payment in payments for one in read(api, who, f"/{payment['id']}/refunds")["items"]]
    return [(one["origin"], one["status"], one["amount"]["amount"]) for one in refunds]


@pytest.mark.parametrize(
    ("terms", "waive", "back"),
    [({}, False, 4500), (LATE, False, 3000), (LATE, True, 4500)],
    ids=["free", "late", "waived"],
)
def test_a_booking(api: Api, ada: User, clerk: User, terms: Any, waive: bool, back: int) -> None:
    """The numbers are those of its quote."""
    booking = booked(ada, **terms)
    pay(api, clerk, booking)
    quoted = api.get(f"/api/bookings/{booking.id}/cancellation-quote", token=token_for(ada)).json
    assert waive or quoted["refund"]["amount"] == back
    assert cancel(api, clerk if waive else ada, booking, waive_fee=waive).status_code == 200
    assert refunds_of(api, ada, f"booking_id={booking.id}") == [("cancellation", "succeeded", back)]
    assert now_of(booking).paid_amount == 4500 - back
    before = everything()
    assert cancel(api, ada, booking).status_code == 200
    assert everything() == before


def test_of_several_payments(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """The newest goes back first; a provider carries its part out later."""
    card = make_gift_card(ada, 1000)
    booking = booked(ada, **LATE)
    pay(api, ada, booking, "gift_card", code=card.code, amount={"amount": 1000})
    pay(api, clerk, booking, amount={"amount": 2000})
    stripe.starts = Status.SUCCEEDED
    pay(api, ada, booking, "card")
    cancel(api, ada, booking)
    found = refunds_of(api, ada, f"booking_id={booking.id}")
    assert found == [("cancellation", "pending", 1500), ("cancellation", "succeeded", 1500)]
    stripe.refunds = Outcome(Status.SUCCEEDED)
    work()
    assert now_of(booking).paid_amount == 1500
    assert balance_of(card) == 0


def test_what_is_being_paid_is_given_up(api: Api, ada: User, stripe: Scripted) -> None:
    """The provider ends it."""
    booking = booked(ada)
    said = pay(api, ada, booking, "card").json
    cancel(api, ada, booking)
    work()
    assert len(stripe.cancelled) == 1
    assert read(api, ada, f"/{said['id']}")["status"] == "cancelled"


def test_declined(api: Api, ada: User, clerk: User) -> None:
    """Whatever was paid for it goes back whole."""
    waiting: dict[str, Any] = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL}
    booking = booked(ada, **waiting, expires_at=NOW + timedelta(hours=2))
    pay(api, clerk, booking)
    assert api.post(f"/api/bookings/{booking.id}/decline", {}, token=token_for(clerk)).status_code == 200
    assert refunds_of(api, ada, f"booking_id={booking.id}") == [("cancellation", "succeeded", 4500)]


def test_expired(api: Api, ada: User, clerk: User) -> None:
    """So does a part of its deposit."""
    booking = awaiting_deposit(ada)
    pay(api, clerk, booking, amount={"amount": 400})
    with clock.frozen(NOW + timedelta(hours=1)), transaction():
        expire_booking(booking.id)
    assert refunds_of(api, ada, f"booking_id={booking.id}") == [("cancellation", "succeeded", 400)]
    assert now_of(booking).paid_amount == 0


@pytest.mark.parametrize(("waive", "back"), [(False, 3500), (True, 4500)])
def test_a_missed_visit(api: Api, ada: User, clerk: User, waive: bool, back: int) -> None:
    """As one that is cancelled late: what was paid above its fee goes back."""
    booking = booked(ada, no_show_fee_amount=1000)
    pay(api, clerk, booking)
    with clock.frozen(booking.starts_at):
        body = {"waive_fee": waive}
        assert api.post(f"/api/bookings/{booking.id}/no-show", body, token=token_for(clerk)).status_code == 200
    assert refunds_of(api, ada, f"booking_id={booking.id}") == [("cancellation", "succeeded", back)]
    shown = api.get(f"/api/bookings/{booking.id}", token=token_for(ada)).json
    assert (shown["amount_paid"]["amount"], shown["balance_due"]["amount"]) == (4500 - back, 0)
    assert found_wrong() == []


def test_a_visit_that_was_had(api: Api, ada: User, clerk: User) -> None:
    """Gives nothing back."""
    booking = booked(ada)
    pay(api, clerk, booking)
    with clock.frozen(booking.starts_at):
        assert api.post(f"/api/bookings/{booking.id}/complete", {}, token=token_for(clerk)).status_code == 200
    assert refunds_of(api, ada, f"booking_id={booking.id}") == []


def test_an_order(api: Api, ada: User, clerk: User) -> None:
    """Its client may cancel it, paid as it is, until it leaves the house; its stock is free again."""
    made = ordered(api, ada)
    pay(api, clerk, made)
    answer = api.post(f"/api/orders/{made['id']}/cancel", {}, token=token_for(ada))
    assert (answer.status_code, answer.json["status"]) == (200, "cancelled"), answer.json
    assert refunds_of(api, ada, f"order_id={made['id']}") == [("cancellation", "succeeded", 2400)]
    shown = api.get(f"/api/orders/{made['id']}", token=token_for(ada)).json
    assert shown["payment_status"] == "refunded"


def test_an_order_with_a_gift_card(api: Api, ada: User, clerk: User) -> None:
    """The card is void with it; used, it keeps the order from being cancelled."""
    goods, card = make_product(5), make_product(kind=ProductKind.GIFT_CARD)
    body = {"items": [{"product_id": one.id, "quantity": 1} for one in (goods, card)]}
    first, second = (api.post("/api/orders", body, token=token_for(ada)).json for _ in "ab")
    for made in (first, second):
        pay(api, clerk, made)
    cards = api.get("/api/gift-cards", token=token_for(ada)).json["items"]
    codes = {one["order_id"]: one["code"] for one in cards}
    pay(api, ada, booked(ada), "gift_card", code=codes[second["id"]], amount={"amount": 100})
    assert api.post(f"/api/orders/{first['id']}/cancel", {}, token=token_for(ada)).status_code == 200
    before = everything()
    assert refused(api.post(f"/api/orders/{second['id']}/cancel", {}, token=token_for(ada)), 409, "prepaid_used")
    assert everything() == before
