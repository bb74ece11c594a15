"""What a move makes of the money: the deposit, the fees, until when cancelling is free, and what was waited for."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.bookings.service import Settlement, record_payment
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Allocation, Booking, BookingStatus, DepositType, Service, Space, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, MONDAY, NOW, THURSDAY, TUESDAY, WEDNESDAY, at, made, one
from tests.bookings.moving import act, moved, read
from tests.factories import assign, make_service, make_space, make_working_staff, set_hours, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")

LATE = NOW + timedelta(hours=5)
"""Of what starts on Tuesday at ten, after cancelling was free."""


@pytest.fixture
def service(app: Flask) -> Service:
    """45.00, of which 10.00 are due first."""
    return make_service(deposit_type=DepositType.FIXED, deposit_value=1000)


@pytest.fixture
def cheap(service: Service) -> Staff:
    """Who takes 7.00 for it."""
    return priced(service, 700)


@pytest.fixture
def deposited(owner: User) -> Space:
    """1,000.00 an hour, all of it due first."""
    space = make_space(owner, max_minutes=300, deposit_type=DepositType.PERCENT, deposit_value=100)
    set_hours(space)
    return space


def priced(service: Service, price: int) -> Staff:
    """Return somebody who performs a service at another price."""
    staff = make_working_staff()
    assign(staff, service, price_amount=price)
    return staff


def confirmed(api: Api, ada: User, body: dict[str, Any]) -> dict[str, Any]:
    """Return a booking whose deposit is waived."""
    found = made(api, ada, body)
    with transaction():
        db.session.get_one(Booking, found["id"], populate_existing=True).move_to(BookingStatus.CONFIRMED, NOW)
        for allocation in db.session.scalars(select(Allocation).where(Allocation.booking_id == found["id"])):
            allocation.expires_at = None
    return found


def with_fee(api: Api, ada: User, service: Service, staff: Staff, start: str) -> dict[str, Any]:
    """Return a confirmed booking whose late fee is 10.00, free to cancel until a day before."""
    return confirmed(api, ada, {"service_id": service.id, "starts_at": start, "staff_id": staff.id})


def quote(api: Api, who: User, booking: dict[str, Any]) -> tuple[str, int]:
    """Return until when cancelling is free, and what it costs now."""
    found = api.get(f"{BOOKINGS}/{booking['id']}/cancellation-quote", token=token_for(who)).json
    return found["free_until"], found["fee"]["amount"]


def fees(booking: dict[str, Any]) -> tuple[int, int]:
    """Return what a late cancellation and a missed visit cost."""
    return booking["policy"]["late_cancel_fee"]["amount"], booking["policy"]["no_show_fee"]["amount"]


def paid(booking: dict[str, Any], amount: int) -> Settlement:
    """Let money come."""
    with transaction():
        return record_payment(booking["id"], amount)


def lapsing() -> list[datetime | None]:
    """Return when what is taken lapses."""
    found = list(db.session.scalars(select(Allocation.expires_at)))
    db.session.commit()
    return found


def test_moved_in_time_its_window_moves(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Later and sooner: free until as long before the new start as before."""
    mine = with_fee(api, ada, service, staff, at("10:00", THURSDAY))
    assert quote(api, ada, mine) == (at("10:00", WEDNESDAY), 0)
    moved(api, ada, mine, starts_at=at("12:00", THURSDAY))
    assert quote(api, ada, mine) == (at("12:00", WEDNESDAY), 0)
    moved(api, ada, mine, starts_at=at("09:00", TUESDAY))
    assert quote(api, ada, mine) == (at("09:00", MONDAY), 0)


def test_moved_late_its_fee_stays(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """Nobody escapes the fee by moving it away first; not even twice."""
    mine = with_fee(api, ada, service, staff, at("10:00", TUESDAY))
    with clock.frozen(LATE):
        assert quote(api, ada, mine) == (at("10:00"), 1000)
        moved(api, ada, mine, starts_at="2030-02-01T10:00:00Z")
        assert quote(api, ada, mine) == (at("10:00"), 1000)
        moved(api, ada, mine, starts_at="2030-03-01T10:00:00Z")
        assert act(api, ada, mine, "cancel").json["cancelled"]["fee"]["amount"] == 1000


def test_moved_late_to_somebody_cheaper(api: Api, ada: User, service: Service, staff: Staff, cheap: Staff) -> None:
    """Nor by becoming cheaper, or free, first: the fees are what they were, whatever the total."""
    nothing = priced(service, 0)
    mine = with_fee(api, ada, service, staff, at("10:00", TUESDAY))
    with clock.frozen(LATE):
        for who, total in ((cheap, 700), (nothing, 0)):
            new = moved(api, ada, mine, staff_id=who.id)
            assert (new["total"]["amount"], fees(new)) == (total, (1000, 1000))
        assert quote(api, ada, mine) == (at("10:00"), 1000)
        cancelled = act(api, ada, mine, "cancel").json
    assert (cancelled["cancelled"]["fee"]["amount"], cancelled["balance_due"]["amount"]) == (1000, 1000)


def test_made_shorter_late(api: Api, ada: User, deposited: Space) -> None:
    """Nor by shrinking it; what was paid is not given back for it."""
    body = {"space_id": deposited.id, "starts_at": at("10:00", TUESDAY), "ends_at": at("14:00", TUESDAY)}
    mine = made(api, ada, body)
    assert paid(mine, 400_000) is Settlement.CONFIRMED
    with clock.frozen(LATE):
        new = moved(api, ada, mine, ends_at=at("11:00", TUESDAY))
        assert (new["total"]["amount"], fees(new)) == (100_000, (400_000, 400_000))
        found = api.get(f"{BOOKINGS}/{mine['id']}/cancellation-quote", token=token_for(ada)).json
    assert (found["fee"]["amount"], found["refund"]["amount"]) == (400_000, 0)


@pytest.mark.parametrize(("early", "fee"), [(timedelta(microseconds=1), 700), (timedelta(0), 1000)])
def test_in_time_fees_do_not_exceed_the_new_price(
    api: Api, ada: User, service: Service, staff: Staff, cheap: Staff, early: timedelta, fee: int
) -> None:
    """With somebody cheaper, until the very instant; dearer ones leave them. The deposit never exceeds the price."""
    dear = priced(service, 99_000)
    with clock.frozen(NOW + timedelta(hours=4) - early):
        mine = made(api, ada, one(service, "10:00", staff_id=staff.id) | {"starts_at": at("10:00", TUESDAY)})
        new = moved(api, ada, mine, staff_id=dear.id)
        assert (new["deposit_due"]["amount"], fees(new)) == (1000, (1000, 1000))
        new = moved(api, ada, mine, staff_id=cheap.id)
        assert (new["deposit_due"]["amount"], new["total"]["amount"], fees(new)) == (700, 700, (fee, fee))


def test_moved_late_by_staff(api: Api, ada: User, clerk: User, service: Service, staff: Staff, cheap: Staff) -> None:
    """That is not the client's doing: as in time, its window moves, and its fees do not exceed the price."""
    mine = with_fee(api, ada, service, staff, at("10:00", TUESDAY))
    with clock.frozen(LATE):
        new = moved(api, clerk, mine, starts_at=at("12:00", THURSDAY), staff_id=cheap.id)
        assert fees(new) == (700, 700)
        assert quote(api, ada, mine) == (at("12:00", WEDNESDAY), 0)


def test_moved_late_by_the_owner(api: Api, owner: User, deposited: Space) -> None:
    """Of what the owner has booked: as in time."""
    body = {"space_id": deposited.id, "starts_at": at("10:00", TUESDAY), "ends_at": at("12:00", TUESDAY)}
    mine = confirmed(api, owner, body)
    with clock.frozen(LATE):
        assert quote(api, owner, mine) == (at("10:00"), 200_000)
        assert fees(moved(api, owner, mine, starts_at=at("10:00", THURSDAY), ends_at=at("11:00", THURSDAY))) == (
            100_000,
            100_000,
        )
        assert quote(api, owner, mine) == (at("10:00", WEDNESDAY), 0)


def test_a_deposit_that_is_paid_by_now(api: Api, ada: User, deposited: Space) -> None:
    """Shorter, what was paid covers it, which confirms it; its time does not lapse any more."""
    mine = made(api, ada, {"space_id": deposited.id, "starts_at": at("10:00"), "ends_at": at("14:00")})
    assert paid(mine, 100_000) is Settlement.RECORDED
    waiting = moved(api, ada, mine, ends_at=at("12:00"))
    assert (waiting["status"], waiting["deposit_due"]["amount"]) == ("pending", 100_000)
    new = moved(api, ada, mine, ends_at=at("11:00"))
    assert (new["status"], new["pending_reason"], new["expires_at"]) == ("confirmed", None, None)
    assert (new["deposit_due"]["amount"], new["balance_due"]["amount"], lapsing()) == (0, 0, [None])
    steps = api.get(f"{BOOKINGS}/{mine['id']}/history", token=token_for(ada)).json["items"]
    assert [(s["step"], s["from"], s["to"]) for s in steps][-1] == ("reschedule", "pending", "confirmed")
    with clock.frozen(NOW + timedelta(hours=1)):
        work_once()
        assert read(api, mine)["status"] == "confirmed"


def test_a_deposit_of_nothing(api: Api, ada: User, service: Service, staff: Staff) -> None:
    """With somebody who takes nothing there is nothing to wait for."""
    mine = made(api, ada, one(service, "10:00", staff_id=staff.id))
    new = moved(api, ada, mine, staff_id=priced(service, 0).id)
    assert (new["status"], new["deposit_due"]["amount"], lapsing()) == ("confirmed", 0, [None])


def test_an_approval_is_still_waited_for(api: Api, ada: User, clerk: User, staff: Staff) -> None:
    """Whatever is paid; once approved, no deposit is due."""
    asked = make_service(requires_approval=True, deposit_type=DepositType.PERCENT, deposit_value=50)
    assign(staff, asked)
    mine = made(api, ada, one(asked, "10:00", staff_id=staff.id))
    new = moved(api, ada, mine, staff_id=priced(asked, 0).id)
    assert (new["status"], new["pending_reason"]) == ("pending", "approval")
    assert act(api, clerk, mine, "approve").json["status"] == "confirmed"
