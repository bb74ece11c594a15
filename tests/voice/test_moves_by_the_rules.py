"""Moving by saying it keeps to the rules of `PATCH /api/bookings/{id}`, and tells what it costs before the yes."""

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.kit import clock
from app.models import Booking, Service, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import everything
from tests.factories import assign, token_for
from tests.voice.desk import NOW, Client, Parlour

FRIDAY_3_PM, SATURDAY_11 = "2030-01-11T12:00:00Z", "2030-01-12T08:00:00Z"
MOVE = "move my massage to saturday at 11"


def late(booking_id: int) -> None:
    """Let cancelling cost something in five minutes."""
    with transaction():
        booking = db.session.get_one(Booking, booking_id)
        booking.late_cancel_fee_amount, booking.cancel_free_until = 1_000, NOW + timedelta(minutes=5)


def moved(ada: Client, booking_id: int) -> Any:
    """Move by PATCH, where the booking begins at another time."""
    return ada.api.patch(f"/api/bookings/{booking_id}", {"starts_at": SATURDAY_11}, token=ada.token)


def terms(booking_id: int) -> tuple[Any, ...]:
    """Return what a booking has come to."""
    found = db.session.get_one(Booking, booking_id, populate_existing=True)
    frozen = (found.starts_at, found.total_amount, found.late_cancel_fee_amount, found.cancel_free_until)
    db.session.rollback()
    return frozen


def test_a_late_move_keeps_the_fee_and_says_so(ada: Client) -> None:
    """As by PATCH: nobody escapes a fee by moving away from it."""
    by_patch, by_voice = (ada.books(f"book a massage on {day} at 3 pm")["id"] for day in ("thursday", "friday"))
    late(by_patch)
    late(by_voice)
    with clock.frozen(NOW + timedelta(minutes=6)):
        answer = ada.says("move my friday appointment to saturday at 11")
        assert "It is late: the fee of KES10.00 for cancelling stays. Shall I move it?" in answer["question"]
        assert answer["proposal"]["fee"] == {"amount": 1_000, "currency": "KES"}
        assert ada.confirms().status_code == 200
        after = terms(by_voice)
        assert ada.api.delete(f"/api/bookings/{by_voice}", token=ada.token).status_code in {200, 204}
        assert moved(ada, by_patch).status_code == 200
        assert terms(by_patch) == after


def test_a_move_that_becomes_late_before_the_yes(ada: Client) -> None:
    late(ada.books("book a massage on friday at 3 pm")["id"])
    answer = ada.says(MOVE)
    assert (answer["proposal"]["fee"]["amount"], "It is late" in answer["question"]) == (0, False)
    with clock.frozen(NOW + timedelta(minutes=6)):
        before = everything()
        refused = ada.confirms()
        assert (refused.status_code, refused.json["code"]) == (409, "proposal_changed")
        assert refused.json["fee"] == {"amount": 1_000, "currency": "KES"}
        assert everything() == before
        assert "the fee of KES10.00 for cancelling stays" in ada.says("yes")["question"]
        assert ada.confirms().status_code == 200


def test_a_time_that_is_too_soon(ada: Client, parlour: Parlour) -> None:
    """Neither is it offered, nor can it be had by PATCH."""
    made = ada.books("book a massage on friday at 3 pm")
    with transaction():
        db.session.get_one(Service, parlour.massage.id).min_notice_minutes = 6 * 24 * 60
    refused = moved(ada, made["id"])
    assert (refused.status_code, refused.json["code"]) == (409, "notice_too_short")
    answer = ada.says(MOVE)
    assert (answer["status"], answer["question"]) == ("needs_input", "Nothing is free then. To which other day?")
    assert "confirm_token" not in answer


def test_a_booking_that_begins_before_the_yes(ada: Client) -> None:
    made = ada.books("book a massage today at 9:15 am")
    assert ada.says("move my massage to 11 am")["status"] == "proposal"
    with clock.frozen(NOW + timedelta(minutes=16)):
        ada.token = token_for(ada.user)
        before = everything()
        answers = [ada.confirms(), moved(ada, made["id"])]
        assert [(one.status_code, one.json["code"]) for one in answers] == [(409, "booking_started")] * 2
        assert everything() == before


def test_a_client_who_is_blocked_before_the_yes(ada: Client) -> None:
    made = ada.books("book a massage on friday at 3 pm")
    ada.says(MOVE)
    with transaction():
        db.session.get_one(User, ada.user.id).is_blocked = True
    before = everything()
    answers = [ada.confirms(), moved(ada, made["id"])]
    assert [(one.status_code, one.json["code"]) for one in answers] == [(409, "client_blocked")] * 2
    assert everything() == before


def test_a_visit_by_two_keeps_both(ada: Client, api: Api, parlour: Parlour) -> None:
    """Who does which part is as it was; the first does not do all of it."""
    assign(parlour.jane, parlour.massage)
    parts = [
        {"service_id": parlour.cut.id, "staff_id": parlour.jane.id},
        {"service_id": parlour.massage.id, "staff_id": parlour.wanjiru.id},
    ]
    made = api.post("/api/bookings", {"starts_at": FRIDAY_3_PM, "items": parts}, token=ada.token)
    assert made.status_code == 201, made.json
    assert ada.says("move my appointment to saturday at 11")["status"] == "proposal"
    done = ada.confirms()
    assert (done.status_code, done.json["starts_at"]) == (200, SATURDAY_11)
    assert [one["staff_id"] for one in done.json["items"]] == [parlour.jane.id, parlour.wanjiru.id]
