"""The waitlist: freed time is held for the first in line for 15 minutes, and then for the next."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from app.bookings.waitlist.freed import Freed
from app.bookings.waitlist.offering import offer_freed
from app.extensions import business, db
from app.kit import clock
from app.models import Hold, OutboxEvent, Role, User, WaitlistOffer
from app.transactions import transaction
from tests.bookings.desk import NOW, at
from tests.bookings.waiting import LIFETIME, PATH, Salon, offers, states, work
from tests.factories import assign, make_booking, make_service, make_user, make_working_staff, token_for
from tests.mailbox import Mailbox, text_of

pytestmark = pytest.mark.usefixtures("monday_morning")


def test_freed_time_is_held_for_the_first_in_line(salon: Salon) -> None:
    """An offer of exactly what was freed, for 15 minutes; the time is nobody else's meanwhile."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    assert states([ada, bob]) == [("offered", "10:00"), ("waiting", None)]
    hold = db.session.scalars(select(Hold)).one()
    assert (hold.client_id, hold.expires_at) == (ada.who.id, NOW + LIFETIME)
    assert ada.entry["offer"] == {
        "hold_id": hold.id,
        "staff_id": salon.jane.id,
        "starts_at": at("10:00"),
        "ends_at": at("11:00"),
        "expires_at": "2030-01-07T06:15:00Z",
    }
    refused = salon.book("10:00", who=bob.who)
    assert (refused.status_code, refused.json["code"]) == (409, "slot_taken")


def test_a_booking_with_the_hold_accepts(salon: Salon) -> None:
    """The entry ends with the booking, and the next in line gets nothing of it."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    made = salon.book("10:00", who=ada.who, hold_id=ada.entry["offer"]["hold_id"])
    assert (made.status_code, made.json["status"]) == (201, "confirmed")
    assert states([ada, bob]) == [("booked", None), ("waiting", None)]
    assert ada.entry["booking_id"] == made.json["id"]
    assert offers() == [(ada.entry_id, "10:00", "accepted")]
    assert ada.leave() == 204  # of what has ended, nothing changes
    assert ada.seen == ("booked", None)


def test_declined_it_goes_to_the_next(salon: Salon) -> None:
    """And comes back to nobody who has declined it."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    answer = ada.decline()
    assert (answer.status_code, answer.json["status"], answer.json["offer"]) == (200, "waiting", None)
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]
    bob.decline()
    assert states([ada, bob]) == [("waiting", None), ("waiting", None)]
    assert offers() == [(ada.entry_id, "10:00", "declined"), (bob.entry_id, "10:00", "declined")]
    assert salon.book("10:00", who=make_user()).status_code == 201


def test_lapsed_it_goes_to_the_next(salon: Salon) -> None:
    """At the very second at which its 15 minutes end."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    with clock.frozen(NOW + LIFETIME - timedelta(seconds=1)):
        assert states([ada, bob]) == [("offered", "10:00"), ("waiting", None)]
    with clock.frozen(NOW + LIFETIME):
        assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]
        late = salon.book("10:00", who=ada.who, hold_id=db.session.scalars(select(Hold.id)).first())
        assert (late.status_code, late.json["code"]) == (409, "hold_expired")


def test_a_released_hold_declines(salon: Salon) -> None:
    """Whichever door it is given back by."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    hold_id = ada.entry["offer"]["hold_id"]
    assert salon.api.delete(f"/api/bookings/holds/{hold_id}", token=token_for(ada.who)).status_code == 204
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]
    assert offers()[0] == (ada.entry_id, "10:00", "declined")


def test_a_decline_that_is_sent_twice(salon: Salon) -> None:
    """409 for what is over; named, it never declines the offer after it."""
    bookings = [salon.booked("10:00"), salon.booked("12:00")]
    ada = salon.waits()
    salon.cancel(bookings[0])
    work()
    first = {"hold_id": ada.entry["offer"]["hold_id"]}
    assert ada.decline(first).status_code == 200
    assert ada.decline().json["code"] == "no_offer"
    salon.cancel(bookings[1])
    assert states([ada]) == [("offered", "12:00")]
    assert (ada.decline(first).status_code, ada.decline(first).json["code"]) == (409, "no_offer")
    assert ada.seen == ("offered", "12:00")


def test_whoever_declined_gets_the_next_thing_that_is_freed(salon: Salon) -> None:
    """But no part of what they declined, when that is freed again."""
    booking, later = salon.booked("10:00"), salon.booked("13:00")
    ada = salon.waits()
    salon.cancel(booking)
    work()
    ada.decline()
    salon.cancel(salon.booked("10:00"))
    assert states([ada]) == [("waiting", None)]
    salon.cancel(later)
    assert states([ada]) == [("offered", "13:00")]


def test_leaving_gives_an_offer_to_the_next(salon: Salon) -> None:
    """What is left stays to be seen, and never gets anything; leaving twice is leaving."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    assert (ada.leave(), ada.leave()) == (204, 204)
    assert states([ada, bob]) == [("withdrawn", None), ("offered", "10:00")]
    assert offers()[0][2] == "declined"


@pytest.mark.parametrize("state", [{"is_blocked": True}, {"is_active": False}], ids=str)
def test_whoever_may_not_book_is_offered_nothing(salon: Salon, state: dict[str, bool]) -> None:
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    with transaction():
        user = db.session.get_one(User, ada.who.id)
        for name, value in state.items():
            setattr(user, name, value)
    salon.cancel(booking)
    work()
    assert offers() == [(bob.entry_id, "10:00", "open")]


def test_whoever_has_as_many_bookings_as_one_may(salon: Salon) -> None:
    """A client whose next booking would be refused is passed over."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    for n in range(business.booking_limit):
        make_booking(ada.who, salon.service, salon.jane, NOW + timedelta(days=9 + n))
    salon.cancel(booking)
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]


def test_an_offer_is_none_of_the_three_holds(salon: Salon) -> None:
    """Neither does it count, nor do three holds stand against one."""
    bookings = [salon.booked(f"{hour}:00") for hour in (10, 11, 12)]
    ada = make_user()
    line = [salon.waits(ada, to=day) for day in ("2030-01-11", "2030-01-12", "2030-01-13")]
    for booking in bookings:
        salon.cancel(booking)
    assert states(line) == [("offered", "10:00"), ("offered", "11:00"), ("offered", "12:00")]
    asked = {"service_id": salon.service.id, "starts_at": at("14:00")}
    assert salon.api.post("/api/bookings/holds", asked, token=token_for(ada)).status_code == 201


def test_nobody_is_offered_two_things_for_one_wish(salon: Salon) -> None:
    """The second goes to the next in line."""
    bookings = [salon.booked("10:00"), salon.booked("12:00")]
    ada, bob = salon.waits(), salon.waits()
    for booking in bookings:
        salon.cancel(booking)
    assert states([ada, bob]) == [("offered", "10:00"), ("offered", "12:00")]


def test_the_mail(salon: Salon, mailbox: Mailbox) -> None:
    """What, with whom, when on her clocks, until when, and where to take it; the task holds ids alone."""
    zoe = make_working_staff(salon.service, name="Zoe", timezone="Africa/Nairobi")
    asked = {"service_id": salon.service.id, "staff_id": zoe.id, "starts_at": at("07:00")}
    booking = salon.api.post("/api/bookings", asked, token=token_for(salon.busy)).json
    ada = salon.waits()
    salon.cancel(booking)
    (mail,) = [mail for mail in mailbox.deliver() if mail["To"] == ada.who.email]
    assert mail["Subject"] == f"Haircut is free for you – {business.name}"
    assert text_of(mail).partition("No more")[0] == (
        "Hello,\n\n"
        "you are next in line. We keep this for you until 9:15 AM, and for nobody else.\n\n"
        "What: Haircut with Zoe\nWhen: Monday, January 7, 2030, 10:00 AM (Africa/Nairobi)\n\n"
        f"Book it here:\n\nhttp://127.0.0.1:5000/api/bookings/waitlist/{ada.entry_id}\n\n"
        "If you do not want it, you need do nothing.\n\n"
        f"{business.name}\n\n--\n"
    )
    events = select(OutboxEvent).where(OutboxEvent.topic == "event").order_by(OutboxEvent.id.desc())
    task = db.session.scalars(events).first()
    offer_id = db.session.scalars(select(WaitlistOffer.id)).one()
    about = {"waitlist_id": ada.entry_id, "offer_id": offer_id}
    assert task is not None
    assert task.payload == {"name": "waitlist.offered", "about": about}


def test_no_mail_of_what_is_over(salon: Salon, mailbox: Mailbox) -> None:
    """A worker that comes too late says nothing."""
    ada = salon.waits()
    with transaction():
        offer_freed(Freed(salon.jane.id, NOW + timedelta(hours=4), NOW + timedelta(hours=5)))
    assert ada.seen == ("offered", "10:00")
    with clock.frozen(NOW + LIFETIME):
        assert mailbox.deliver() == []
    assert offers() == [(ada.entry_id, "10:00", "open")]


def test_a_walk_in_is_told_to_call(salon: Salon, mailbox: Mailbox) -> None:
    """Staff wait and book for whoever has no login."""
    walk_in, staff = make_user(has_login=False), make_user(Role.STAFF)
    booking = salon.booked("10:00")
    assert salon.join(staff).status_code == 422
    entry = salon.join(staff, client_id=walk_in.id).json
    salon.cancel(booking)
    (mail,) = [mail for mail in mailbox.deliver() if mail["To"] == walk_in.email]
    assert "Tell us, and we book it for you." in text_of(mail)
    hold_id = salon.api.get(f"{PATH}/{entry['id']}", token=token_for(staff)).json["offer"]["hold_id"]
    made = salon.book("10:00", who=staff, client_id=walk_in.id, hold_id=hold_id)
    assert (made.status_code, made.json["client_id"]) == (201, walk_in.id)


@pytest.mark.parametrize("other", ["time", "service"])
def test_who_books_something_else_with_the_hold_declines(salon: Salon, other: str) -> None:
    """They have got nothing of what they wait for: they wait on, and the next in line gets the offer."""
    booking = salon.booked("10:00")
    ada, bob = salon.waits(), salon.waits()
    salon.cancel(booking)
    work()
    shave = make_service(name="Shave")
    assign(salon.jane, shave)
    wanted = {} if other == "time" else {"service_id": shave.id}
    made = salon.book("14:00", who=ada.who, hold_id=ada.entry["offer"]["hold_id"], **wanted)
    assert made.status_code == 201, made.json
    assert (ada.seen, ada.entry["booking_id"]) == (("waiting", None), None)
    assert offers() == [(ada.entry_id, "10:00", "declined")]
    assert states([ada, bob]) == [("waiting", None), ("offered", "10:00")]


def test_another_service_at_the_offered_time(salon: Salon) -> None:
    """Is not what was waited for."""
    ada = salon.cancel_with_somebody_waiting()
    shave = make_service(name="Shave")
    assign(salon.jane, shave)
    asked = {"service_id": shave.id, "hold_id": ada.entry["offer"]["hold_id"]}
    assert salon.book("10:00", who=ada.who, **asked).status_code == 201
    assert states([ada]) == [("waiting", None)]
    assert offers() == [(ada.entry_id, "10:00", "declined")]


@pytest.mark.parametrize(("named", "state"), [(False, "booked"), (True, "waiting")])
def test_by_somebody_else_at_the_offered_time(salon: Salon, named: bool, state: str) -> None:
    """That is what was waited for, unless it was to be Jane."""
    zoe = make_working_staff(salon.service)
    booking = salon.booked("10:00")
    ada = salon.waits(staff_id=salon.jane.id if named else None)
    salon.cancel(booking)
    work()
    hold_id = ada.entry["offer"]["hold_id"]
    made = salon.book("10:00", who=ada.who, staff_id=zoe.id, hold_id=hold_id)
    assert made.status_code == 201, made.json
    assert ada.seen == (state, None)


def test_a_dry_run_accepts_nothing(salon: Salon) -> None:
    booking = salon.booked("10:00")
    ada = salon.waits()
    salon.cancel(booking)
    work()
    body = {"service_id": salon.service.id, "starts_at": at("10:00"), "hold_id": ada.entry["offer"]["hold_id"]}
    tried = salon.api.post("/api/bookings", body, query={"dry_run": "true"}, token=token_for(ada.who))
    assert tried.status_code in {200, 201}
    assert ada.seen == ("offered", "10:00")


def test_the_database_knows_what_was_offered(salon: Salon) -> None:
    """Promise: an entry, a staff member and a start are one offer; and one offer is open at a time."""
    booking = salon.booked("10:00")
    ada = salon.waits()
    salon.cancel(booking)
    work()
    offer = db.session.scalars(select(WaitlistOffer)).one()
    row = {
        "entry_id": ada.entry_id,
        "staff_id": offer.staff_id,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "expires_at": offer.expires_at,
        "created_at": NOW,
    }
    db.session.rollback()
    with transaction():
        hold = Hold(client_id=ada.who.id, expires_at=NOW)
        db.session.add(hold)
    for fields in ({"state": "declined"}, {"state": "open", "starts_at": NOW, "ends_at": NOW + LIFETIME}):
        with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction():
            db.session.execute(insert(WaitlistOffer).values(row | {"hold_id": hold.id} | fields))
