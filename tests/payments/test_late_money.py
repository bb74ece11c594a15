"""Money that comes when what it is for has expired or was given up: it takes the time again, or goes back."""

from datetime import timedelta

from app.extensions import db
from app.integrations.payments import Outcome, Status
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Allocation, Booking, BookingStatus, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_booking, token_for
from tests.ledger.money import found_wrong
from tests.payments.desk import NOW, awaiting_deposit, booked, now_of, ordered, pay, read, sync, work
from tests.payments.refusals import refused
from tests.payments.scripted import Scripted

HALF_AN_HOUR = timedelta(minutes=30)


def test_late_money_takes_the_time_again(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-31: the booking expired waiting for it, and nobody else has the time."""
    booking = awaiting_deposit(ada)
    said = pay(api, ada, booking, "card").json
    with clock.frozen(NOW + HALF_AN_HOUR):
        stripe.says = Outcome(Status.SUCCEEDED, 1000, "KES")
        paid = sync(api, ada, said["id"])
    assert (paid["status"], paid["counted"]) == ("succeeded", True)
    assert now_of(booking).status is BookingStatus.CONFIRMED


def test_late_money_for_a_time_that_is_sold(api: Api, ada: User, eve: User, stripe: Scripted) -> None:
    """PAY-31: somebody else has it by then: hers stays as it is, and the money goes back by itself."""
    booking = awaiting_deposit(ada)
    said = pay(api, ada, booking, "card").json
    with clock.frozen(NOW + HALF_AN_HOUR):
        work_once()
        hers = _book_the_same(booking, eve)
        stripe.says = Outcome(Status.SUCCEEDED, 1000, "KES")
        paid = sync(api, ada, said["id"])
        assert (paid["status"], paid["counted"]) == ("succeeded", False)
        stripe.refunds = Outcome(Status.SUCCEEDED, 1000, "KES", "re_1")
        work_once()
        both = now_of(booking).current_status, now_of(hers).current_status
    assert both == (BookingStatus.EXPIRED, BookingStatus.CONFIRMED)
    assert [call.amount for call in stripe.refunded] == [1000]
    assert read(api, ada, f"/{said['id']}")["refunded"]["amount"] == 1000


def _book_the_same(booking: Booking, client: User) -> Booking:
    """Write another client's booking of the same time, and take that time."""
    item = booking.items[0]
    service, staff = db.session.get_one(Service, item.service_id), db.session.get_one(Staff, item.staff_id)
    hers = make_booking(client, service, staff, booking.starts_at)
    with transaction():
        taken = {"resource_id": staff.id, "booking_id": hers.id, "starts_at": hers.starts_at, "ends_at": hers.ends_at}
        db.session.add(Allocation(**taken))
    return hers


def test_late_money_goes_back(api: Api, ada: User, stripe: Scripted) -> None:
    """The client cancelled meanwhile: it is not counted, and refunded by itself; the provider does it once."""
    booking = booked(ada)
    said = pay(api, ada, booking, "card").json
    api.post(f"/api/bookings/{booking.id}/cancel", {}, token=token_for(ada))
    stripe.says = Outcome(Status.SUCCEEDED, 4500, "KES")
    paid = sync(api, ada, said["id"])
    assert (paid["status"], paid["counted"], now_of(booking).paid_amount) == ("succeeded", False, 0)
    (refund,) = read(api, ada, f"/{said['id']}/refunds")["items"]
    assert (refund["origin"], refund["status"], refund["amount"]["amount"]) == ("undue", "pending", 4500)
    work()
    assert [call.reference for call in stripe.refunded] == [refund["reference"]]
    assert read(api, ada, f"/{said['id']}")["refunded"]["amount"] == 4500


def test_late_money_of_an_expired_order_goes_back(api: Api, ada: User, stripe: Scripted) -> None:
    """Its stock was given back."""
    made = ordered(api, ada)
    said = pay(api, ada, made, "card").json
    with clock.frozen(NOW + HALF_AN_HOUR):
        work(HALF_AN_HOUR)
        assert api.get(f"/api/orders/{made['id']}", token=token_for(ada)).json["status"] == "expired"
        stripe.says = Outcome(Status.SUCCEEDED)
        paid = sync(api, ada, said["id"])
    assert (paid["status"], paid["counted"]) == ("succeeded", False)
    work(HALF_AN_HOUR)
    assert read(api, ada, f"/{said['id']}")["refunded"] == paid["amount"]
    assert api.get(f"/api/orders/{made['id']}", token=token_for(ada)).json["amount_paid"]["amount"] == 0


def test_a_part_gives_an_order_time_once(api: Api, ada: User, clerk: User) -> None:
    """As much again, however often a part comes; then its goods are free, and the parts go back by themselves."""
    made = ordered(api, ada)
    for minutes in (20, 40, 59):
        with clock.frozen(NOW + timedelta(minutes=minutes)):
            assert pay(api, clerk, made, amount={"amount": 1}).json["counted"] is True
    with clock.frozen(NOW + 2 * HALF_AN_HOUR):
        assert refused(pay(api, clerk, made), 409, "not_payable")
        work_once()
        work_once()
        shown = api.get(f"/api/orders/{made['id']}", token=token_for(ada)).json
    assert (shown["status"], shown["payment_status"]) == ("expired", "refunded")
    payments = read(api, ada, f"?order_id={made['id']}")["items"]
    assert [one["refunded"]["amount"] for one in payments] == [1, 1, 1]
    assert found_wrong() == []


def test_a_part_that_comes_too_late(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """Does not bring an order back whose time is over; all of it does, while its stock is there."""
    made, lucky = ordered(api, ada), ordered(api, ada)
    part, whole = pay(api, ada, made, "card", amount={"amount": 1}).json, pay(api, ada, lucky, "card").json
    stripe.says = Outcome(Status.SUCCEEDED)
    with clock.frozen(NOW + HALF_AN_HOUR):
        assert sync(api, ada, part["id"])["counted"] is False
        assert sync(api, ada, whole["id"])["counted"] is True
