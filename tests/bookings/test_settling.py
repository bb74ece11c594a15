"""What money does to a booking: the one function that payments will call."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.bookings.service import Settlement, record_payment
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.kit.errors import NotFound
from app.models import Allocation, Booking, BookingHistory, DepositType, Resource, Role, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, ask, everything, made, one, refused, taken, visit
from tests.factories import assign, make_service, make_user, make_working_staff, token_for

DEPOSIT = {"deposit_type": DepositType.FIXED, "deposit_value": 1000}
LATE = timedelta(minutes=30)

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def service(app: Flask) -> Service:
    """45.00, of which 10.00 are due first."""
    return make_service(**DEPOSIT)


def paid(booking: dict[str, Any], amount: int, *, at: datetime = NOW) -> Settlement:
    """Let money come at a time."""
    with clock.frozen(at), transaction():
        return record_payment(booking["id"], amount)


def unpaid(booking: dict[str, Any], amount: int, *, at: datetime = NOW) -> None:
    """Let money come that must be given back, and must change nothing."""
    before = everything()
    assert paid(booking, amount, at=at) is Settlement.REFUND_DUE
    assert everything() == before


def read(api: Api, booking: dict[str, Any]) -> dict[str, Any]:
    """Return a booking as an admin reads it."""
    found: dict[str, Any] = api.get(f"{BOOKINGS}/{booking['id']}", token=token_for(make_user(Role.ADMIN))).json
    return found


def lapsing() -> list[datetime | None]:
    """Return when what is taken lapses."""
    found = list(db.session.scalars(select(Allocation.expires_at)))
    db.session.commit()
    return found


def test_a_covered_deposit_confirms(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Its time does not lapse any more; what is due follows; the history names nobody but the sum."""
    mine = made(api, ada, one(service, "10:00"))
    assert lapsing() == [NOW + LATE]
    assert paid(mine, 1000) is Settlement.CONFIRMED
    found = read(api, mine)
    assert (found["status"], found["pending_reason"], found["expires_at"]) == ("confirmed", None, None)
    money = [found[name]["amount"] for name in ("total", "deposit_due", "amount_paid", "balance_due")]
    assert money == [4500, 0, 1000, 3500]
    assert lapsing() == [None]
    steps = api.get(f"{BOOKINGS}/{mine['id']}/history", token=token_for(ada)).json["items"]
    assert [(s["step"], s["from"], s["to"], s["actor_id"], s["details"]) for s in steps][1:] == [
        ("pay", "pending", "confirmed", None, {"amount": 1000})
    ]
    with clock.frozen(NOW + LATE):
        work_once()
        assert read(api, mine)["status"] == "confirmed"
        assert refused(api, make_user(), one(service, "10:00"))["code"] == "slot_taken"


def test_in_parts(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Confirmed with the one that covers it; counted each time; more than is left of the price is not."""
    mine = made(api, ada, one(service, "10:00"))
    assert paid(mine, 400) is Settlement.RECORDED
    found = read(api, mine)
    assert (found["status"], found["deposit_due"]["amount"], found["amount_paid"]["amount"]) == ("pending", 600, 400)
    assert lapsing() == [NOW + LATE]
    assert paid(mine, 600) is Settlement.CONFIRMED
    unpaid(mine, 3501)
    assert paid(mine, 3500) is Settlement.RECORDED
    found = read(api, mine)
    assert (found["amount_paid"]["amount"], found["balance_due"]["amount"], found["version"]) == (4500, 0, 4)


def test_a_booking_that_waits_for_approval(api: Api, ada: User, staff: Staff) -> None:
    """Money does not approve; when it is approved, nothing is due any more."""
    asked = make_service(requires_approval=True, **DEPOSIT)
    assign(staff, asked)
    mine = made(api, ada, one(asked, "10:00"))
    assert paid(mine, 1000) is Settlement.RECORDED
    assert (read(api, mine)["status"], read(api, mine)["pending_reason"]) == ("pending", "approval")
    approved = ask(api, make_user(Role.STAFF), {}, f"{BOOKINGS}/{mine['id']}/approve")
    assert (approved.json["status"], lapsing()) == ("confirmed", [None])


@pytest.mark.parametrize("swept", [False, True])
def test_late_money_takes_the_time_again(api: Api, ada: User, service: Service, staff: Staff, swept: bool) -> None:
    """PAY-31's other half: the time is still free, so the booking lives; whether or not its end is written down."""
    mine = made(api, ada, one(service, "10:00"))
    late = NOW + LATE + timedelta(minutes=5)
    if swept:
        with clock.frozen(late):
            work_once()
        assert taken() == []
    assert paid(mine, 1000, at=late) is Settlement.REVIVED
    found = read(api, mine)
    assert (found["status"], found["expires_at"], found["amount_paid"]["amount"]) == ("confirmed", None, 1000)
    assert (taken(), lapsing()) == ([(staff.id, "10:00", "11:00")], [None])
    last = db.session.scalars(select(BookingHistory).order_by(BookingHistory.id.desc())).first()
    assert last is not None
    assert (last.step, last.to_status, last.details) == ("pay", "confirmed", {"amount": 1000})
    db.session.commit()
    with clock.frozen(late):
        work_once()
    assert read(api, mine)["status"] == "confirmed"


@pytest.mark.parametrize("swept", [False, True])
def test_late_money_for_a_time_that_is_gone(api: Api, ada: User, service: Service, staff: Staff, swept: bool) -> None:
    """PAY-31: somebody else has it: the money goes back, and nobody's booking changes."""
    mine = made(api, ada, one(service, "10:00"))
    late = NOW + LATE
    with clock.frozen(late):
        if swept:
            work_once()
        theirs = made(api, make_user(), one(service, "10:45"))
    unpaid(mine, 1000, at=late)
    assert (read(api, theirs)["status"], taken()) == ("pending", [(staff.id, "10:45", "11:45")])


def test_late_money_for_part_of_a_visit_that_is_gone(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """All or nothing: one of two is taken, so neither is claimed."""
    colleague = make_working_staff(service)
    mine = made(api, ada, visit("10:00", (service, staff), (service, colleague)))
    with clock.frozen(NOW + LATE):
        made(api, make_user(), one(service, "11:00", staff_id=colleague.id))
    unpaid(mine, 2000, at=NOW + LATE)
    assert paid(made(api, ada, one(service, "14:00")), 1000) is Settlement.CONFIRMED


def test_late_money_for_a_time_gone_by(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """From the start on there is nothing to take."""
    mine = made(api, ada, one(service, "10:00"))
    unpaid(mine, 1000, at=NOW + timedelta(hours=4))
    assert paid(mine, 1000, at=NOW + timedelta(hours=4, microseconds=-1)) is Settlement.REVIVED


def test_too_little_too_late(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Part of a deposit revives nothing; with what came in time it may be enough."""
    mine = made(api, ada, one(service, "10:00"))
    paid(mine, 400)
    unpaid(mine, 599, at=NOW + LATE)
    assert paid(mine, 600, at=NOW + LATE) is Settlement.REVIVED


@pytest.mark.parametrize("swept", [False, True])
def test_late_money_does_not_approve(api: Api, ada: User, staff: Staff, swept: bool) -> None:
    """What nobody approved in time is not confirmed by paying for it."""
    asked = make_service(requires_approval=True, **DEPOSIT)
    assign(staff, asked)
    mine = made(api, ada, one(asked, "10:00") | {"starts_at": "2030-01-14T10:00:00Z"})
    late = NOW + timedelta(hours=48)
    if swept:
        with clock.frozen(late):
            work_once()
    unpaid(mine, 1000, at=late)


@pytest.mark.parametrize("swept", [False, True])
def test_late_money_after_an_approval(api: Api, ada: User, staff: Staff, swept: bool) -> None:
    """What was approved and then lapsed for its deposit lives again."""
    asked = make_service(requires_approval=True, **DEPOSIT)
    assign(staff, asked)
    mine = made(api, ada, one(asked, "10:00") | {"starts_at": "2030-01-14T10:00:00Z"})
    ask(api, make_user(Role.STAFF), {}, f"{BOOKINGS}/{mine['id']}/approve")
    late = NOW + timedelta(hours=24)
    if swept:
        with clock.frozen(late):
            work_once()
    assert paid(mine, 1000, at=late) is Settlement.REVIVED


def test_late_money_for_somebody_who_has_left(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Nobody would come: the money goes back."""
    mine = made(api, ada, one(service, "10:00"))
    with transaction():
        db.session.get_one(Resource, staff.id, populate_existing=True).active = False
    unpaid(mine, 1000, at=NOW + LATE)


@pytest.mark.parametrize("action", ["decline", "cancel"])
def test_money_for_what_was_given_up(api: Api, ada: User, service: Service, staff: Staff, action: str) -> None:
    """Goes back, although the time is free."""
    mine = made(api, ada, one(service, "10:00"))
    ask(api, make_user(Role.STAFF), {}, f"{BOOKINGS}/{mine['id']}/{action}")
    unpaid(mine, 1000)
    assert taken() == []


def test_money_afterwards(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """What is still owed after the visit is paid then; the status stays."""
    mine = made(api, ada, one(service, "10:00"))
    paid(mine, 1000)
    with clock.frozen(NOW + timedelta(hours=5)):
        ask(api, make_user(Role.STAFF), {}, f"{BOOKINGS}/{mine['id']}/complete")
    assert paid(mine, 3500, at=NOW + timedelta(hours=6)) is Settlement.RECORDED
    assert (read(api, mine)["status"], read(api, mine)["balance_due"]["amount"]) == ("completed", 0)


def test_money_for_a_missed_visit(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """No more than its fee is owed."""
    mine = made(api, ada, one(service, "10:00"))
    paid(mine, 1000)
    with clock.frozen(NOW + timedelta(hours=5)):
        ask(api, make_user(Role.STAFF), {}, f"{BOOKINGS}/{mine['id']}/no-show")
    unpaid(mine, 3500, at=NOW + timedelta(hours=6))


def test_the_fee_and_the_refund_follow_what_was_paid(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Cancelled late, the deposit is kept and the rest goes back."""
    mine = made(api, ada, one(service, "10:00"))
    paid(mine, 4500)
    quote = api.get(f"{BOOKINGS}/{mine['id']}/cancellation-quote", token=token_for(ada)).json
    assert (quote["fee"]["amount"], quote["refund"]["amount"]) == (1000, 3500)


def test_money_for_nothing(app: Flask) -> None:
    """A booking that is not there."""
    with pytest.raises(NotFound), transaction():
        record_payment(2**62, 1)
    assert db.session.query(Booking).count() == 0
