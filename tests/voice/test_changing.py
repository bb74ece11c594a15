"""Moving and cancelling by saying it: one's own bookings alone, always confirmed, with the fee quoted before."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.kit import clock
from app.models import Booking, Role
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import everything
from tests.factories import make_booking, make_user
from tests.voice.desk import NOW, Client, Parlour, booked, starts, values


def test_a_cancellation_is_quoted_and_confirmed(ada: Client) -> None:
    ada.books("book a men's cut on friday at 3 pm")
    before = booked()
    answer = ada.says("cancel my men's cut")
    assert (answer["status"], answer["intent"], booked()) == ("proposal", "cancel", before)
    assert answer["proposal"]["fee"] == {"amount": 0, "currency": "KES"}
    assert "Friday, January 11, 2030 at 3:00 PM" in answer["question"]
    assert "This costs nothing. Shall I cancel it?" in answer["question"]
    done = ada.confirms()
    assert (done.status_code, done.json["status"]) == (200, "cancelled")
    assert ada.confirms().json["status"] == "cancelled"  # and once more changes nothing


def test_the_late_fee_is_told_and_no_other_is_taken(ada: Client) -> None:
    """Where the free time ends between the question and the yes, the answer is no yes to a fee."""
    made = ada.books("book a men's cut on friday at 3 pm")
    with transaction():
        booking = db.session.get_one(Booking, made["id"])
        booking.late_cancel_fee_amount, booking.paid_amount = 30_000, 50_000
        booking.cancel_free_until = NOW + timedelta(minutes=5)
    ada.says("cancel my appointment")
    with clock.frozen(NOW + timedelta(minutes=6)):
        before = everything()
        refused = ada.confirms()
        assert (refused.status_code, refused.json["code"]) == (409, "proposal_changed")
        assert refused.json["fee"] == {"amount": 30_000, "currency": "KES"}
        assert everything() == before
        answer = ada.says("cancel my appointment")
        assert answer["proposal"]["fee"]["amount"] == 30_000
        assert answer["proposal"]["refund"]["amount"] == 20_000
        assert "A fee of KES300.00 is kept. KES200.00 is given back." in answer["question"]
        assert ada.confirms().json["cancelled"]["fee"]["amount"] == 30_000


def test_a_booking_is_moved(ada: Client) -> None:
    made = ada.books("book a men's cut with jane on friday at 3 pm")
    answer = ada.says("move my men's cut to saturday at 11")
    assert (answer["status"], answer["intent"]) == ("proposal", "reschedule")
    assert answer["question"].startswith("From Friday, January 11, 2030 at 3:00 PM to: Men's cut with Jane Njeri ")
    assert ada.api.get(f"/api/bookings/{made['id']}", token=ada.token).json["starts_at"] == made["starts_at"]
    done = ada.confirms()
    assert (done.status_code, done.json["id"], done.json["starts_at"]) == (200, made["id"], "2030-01-12T08:00:00Z")
    assert ada.confirms().json["version"] == done.json["version"]


def test_a_move_asks_for_what_is_missing(ada: Client) -> None:
    ada.books("book a massage on friday at 3 pm")
    assert "To which day, and when?" in ada.says("reschedule my appointment")["question"]
    answer = ada.says("saturday")
    assert len(starts(answer)) == 5
    assert ada.says("the last one")["status"] == "proposal"
    assert ada.says("make it sunday instead")["proposal"]["starts_at"][:10] == "2030-01-13"


def test_a_move_may_reach_into_its_own_time(ada: Client) -> None:
    ada.books("book a massage on friday at 3 pm")
    assert ada.says("move my massage to 3:30 pm")["proposal"]["starts_at"] == "2030-01-11T12:30:00Z"
    assert ada.confirms().status_code == 200


def test_a_space_is_moved(ada: Client) -> None:
    ada.books("book the garden studio on saturday from 2 to 4 pm for 3 people")
    answer = ada.says("move my garden studio to sunday at 10 am")
    assert (answer["proposal"]["starts_at"], answer["proposal"]["ends_at"]) == (
        "2030-01-13T07:00:00Z",
        "2030-01-13T09:00:00Z",
    )
    assert ada.confirms().json["ends_at"] == "2030-01-13T09:00:00Z"


def test_of_several_it_is_asked_which(ada: Client) -> None:
    first = ada.books("book a men's cut on friday at 3 pm")
    second = ada.books("book a massage on friday at 10 am")
    answer = ada.says("cancel my appointment")
    assert [one["id"] for one in answer["choices"]] == [second["id"], first["id"]]
    assert ada.says("the second one")["proposal"]["booking_id"] == first["id"]
    ada.session_id = None
    assert ada.says("cancel my massage")["proposal"]["booking_id"] == second["id"]
    ada.session_id = None
    ada.says("cancel my appointment")
    assert ada.says("the one at 3 pm")["proposal"]["booking_id"] == first["id"]


def test_a_time_that_was_taken_before_the_yes(ada: Client, parlour: Parlour) -> None:
    """A move holds nothing: who was faster has it, and others are offered."""
    ada.books("book a massage on friday at 3 pm")
    ada.says("move my massage to saturday at 11")
    Client(ada.api).books("book a massage on saturday at 11")
    before = everything()
    refused = ada.confirms()
    assert (refused.status_code, refused.json["code"]) == (409, "slot_taken")
    assert refused.json["alternatives"]
    assert refused.json["session_id"] == ada.session_id
    assert everything() == before
    assert starts(ada.says("yes"))


@pytest.mark.parametrize("said", ["cancel my appointment", "reschedule my appointment to friday at 10"])
def test_nobody_elses_booking_is_spoken_of(ada: Client, parlour: Parlour, said: str) -> None:
    make_booking(make_user(), parlour.cut, parlour.jane, NOW + timedelta(days=1))
    before = everything()
    answer = ada.says(said)
    assert (answer["status"], answer["answer"]) == ("answer", "You have no such booking ahead.")
    assert everything() == before


def test_a_booking_that_is_anothers_by_now_is_not_cancelled(ada: Client) -> None:
    """Whose it is is asked again when it is confirmed."""
    made = ada.books("book a men's cut on friday at 3 pm")
    ada.says("cancel my appointment")
    with transaction():
        db.session.get_one(Booking, made["id"]).client_id = make_user().id
    assert ada.confirms().status_code == 404
    assert booked()[0][1] == "confirmed"


def test_what_i_have(ada: Client, api: Api) -> None:
    assert ada.says("what appointments do I have?")["answer"] == "You have no such booking ahead."
    ada.books("book a men's cut on friday at 3 pm")
    answer = ada.says("what appointments do I have on friday?")
    assert (answer["status"], answer["intent"]) == ("answer", "availability")
    assert answer["answer"].startswith("You have: Men's cut with ")
    assert ada.says("what appointments do I have on saturday?")["answer"] == "You have no such booking ahead."


def test_a_no_leaves_the_booking(ada: Client) -> None:
    ada.books("book a men's cut on friday at 3 pm")
    ada.says("cancel my appointment")
    assert values(ada.says("no")) == {}
    assert ada.confirms().status_code == 404
    assert booked()[0][1] == "confirmed"


def test_staff_speak_for_themselves(api: Api, parlour: Parlour) -> None:
    """What an admin books by saying it is the admin's own."""
    admin = Client(api, make_user(Role.ADMIN))
    assert admin.books("book a men's cut on friday at 3 pm")["client_id"] == admin.user.id
