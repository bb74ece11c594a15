"""What is said while a proposal waits, and after it was confirmed."""

import pytest

from app.extensions import db
from app.models import Service
from app.transactions import transaction
from tests.voice.desk import Client, Parlour, booked, values


def test_a_confirmation_repeated_after_a_word_that_means_nothing(ada: Client) -> None:
    """It is the same booking still."""
    ada.says("book a men's cut tomorrow at 10")
    made = ada.confirms().json
    assert ada.says("zzzz")["status"] == "not_understood"
    again = ada.confirms()
    assert (again.status_code, again.json["id"]) == (201, made["id"])
    assert len(booked()) == 1


def test_a_confirmation_repeated_after_another_wish(ada: Client) -> None:
    """The token was of the conversation before: it opens nothing any more."""
    ada.says("book a men's cut tomorrow at 10")
    token = ada.confirm_token
    assert ada.confirms().status_code == 201
    ada.says("book a massage on friday")
    ada.confirm_token = token
    assert ada.confirms().status_code == 404
    assert len(booked()) == 1


def test_nothing_of_what_was_booked_is_known_in_the_next_wish(ada: Client) -> None:
    ada.says("book a men's cut with Jane Njeri tomorrow at 10")
    ada.confirms()
    answer = ada.says("I'd like to book something on friday")
    assert values(answer) == {"date": "2030-01-11"}
    assert answer["question"].startswith("What would you like to book?")


def test_a_word_that_means_nothing_leaves_the_token(ada: Client) -> None:
    ada.says("book a men's cut tomorrow at 10")
    token, asked = ada.confirm_token, ada.says("yes")["question"]
    assert ada.confirm_token != token  # a yes is shown the proposal anew
    answer = ada.says("zzzz")
    assert (answer["status"], answer["question"]) == ("not_understood", asked)
    assert "confirm_token" not in answer
    assert ada.confirms().status_code == 201


@pytest.mark.parametrize("said", ["the last one", "last", "take the last one", "the first one", "the second one"])
@pytest.mark.parametrize("wish", ["book a men's cut on wednesday at 10 am", "cancel my massage"])
def test_a_choice_while_nothing_is_offered(ada: Client, wish: str, said: str) -> None:
    """What is proposed is proposed still."""
    ada.books("book a massage on friday at 3 pm")
    asked = ada.says(wish)["question"]
    answer = ada.says(said)
    assert (answer["status"], answer["question"]) == ("proposal", asked)
    assert len(booked()) == 1


def test_a_yes_to_another_price(ada: Client, parlour: Parlour) -> None:
    """What is proposed then is what it costs by now."""
    ada.says("book a men's cut tomorrow at 10")
    with transaction():
        db.session.get_one(Service, parlour.cut.id).price_amount = 160_000
    assert ada.confirms().json["code"] == "proposal_changed"
    assert ada.says("yes")["proposal"]["price"]["amount"] == 160_000
    assert ada.confirms().json["total"]["amount"] == 160_000


def test_a_yes_to_what_is_retired(ada: Client, parlour: Parlour) -> None:
    ada.says("book a men's cut tomorrow at 10")
    with transaction():
        db.session.get_one(Service, parlour.cut.id).active = False
    assert ada.confirms().json["code"] == "resource_inactive"
    assert ada.says("yes")["question"].startswith("Men's cut is not to be had any more. What would you like to book?")


def test_a_yes_to_a_cancellation_of_what_is_cancelled(ada: Client) -> None:
    made = ada.books("book a men's cut on friday at 3 pm")
    ada.says("cancel my men's cut")
    assert ada.api.post(f"/api/bookings/{made['id']}/cancel", {}, token=ada.token).status_code == 200
    assert ada.says("yes")["answer"] == "You have no such booking ahead."


@pytest.mark.parametrize("said", ["I don't want that", "i do not want it", "I don\u2019t want this one"])
@pytest.mark.parametrize("wish", ["book a men's cut on wednesday at 10 am", "cancel my massage"])
def test_what_is_proposed_is_not_wanted(ada: Client, wish: str, said: str) -> None:
    ada.books("book a massage on friday at 3 pm")
    ada.says(wish)
    answer = ada.says(said)
    assert (answer["status"], answer["question"]) == ("needs_input", "Nothing is changed. What would you like instead?")
    assert ada.confirms().status_code == 404
    assert [status for _, status, _ in booked()] == ["confirmed"]


def test_what_is_to_be_cancelled_is_kept(ada: Client) -> None:
    ada.says("book a massage on friday at 3 pm")
    assert ada.says("I don't want to cancel")["status"] == "not_understood"  # nobody has spoken of that
    assert ada.confirms().status_code == 201
    ada.says("cancel it")
    answer = ada.says("no, I don't want to cancel")
    assert answer["question"] == "Nothing is changed. What would you like instead?"
    assert [status for _, status, _ in booked()] == ["confirmed"]


@pytest.mark.parametrize("said", ["move it to sunday at 2 pm", "can you move that to sunday at 2 pm?"])
def test_it_is_what_was_just_booked(ada: Client, said: str) -> None:
    """Though another is ahead too."""
    ada.books("book a massage on friday at 3 pm")
    ada.says("book a men's cut on saturday at 10 am")
    made = ada.confirms().json
    answer = ada.says(said)
    assert (answer["intent"], answer["proposal"]["booking_id"]) == ("reschedule", made["id"])
    assert answer["proposal"]["starts_at"] == "2030-01-13T11:00:00Z"
    assert ada.confirms().status_code == 200
    assert ada.says("cancel it")["proposal"]["booking_id"] == made["id"]


def test_change_it(ada: Client) -> None:
    ada.says("book a men's cut on saturday at 10 am")
    ada.confirms()
    assert ada.says("change it")["question"].endswith("To which day, and when?")
    assert ada.says("sunday at 2 pm")["proposal"]["starts_at"] == "2030-01-13T11:00:00Z"


@pytest.mark.parametrize("is_new", [True, False])
def test_another_day_instead_of_the_one_that_is_impossible(ada: Client, is_new: bool) -> None:
    ada.says("book a men's cut on saturday at 10 am")
    made = ada.confirms().json
    if is_new:
        ada.session_id = None
    answer = ada.says("I can't make saturday, can we do sunday at 2 instead?")
    assert (answer["intent"], answer["proposal"]["booking_id"]) == ("reschedule", made["id"])
    assert answer["proposal"]["starts_at"] == "2030-01-13T11:00:00Z"


def test_it_is_the_only_one_ahead(ada: Client) -> None:
    made = ada.books("book a men's cut on saturday at 10 am")
    assert ada.says("move it to sunday at 2 pm")["proposal"]["booking_id"] == made["id"]
    ada.session_id = None
    ada.books("book a massage on friday at 3 pm")
    assert ada.says("move it to sunday at 2 pm")["question"].startswith("Which booking do you mean?")


def test_it_is_what_is_arranged(ada: Client) -> None:
    """While it is proposed it is no booking yet."""
    ada.books("book a massage on friday at 3 pm")
    ada.says("book a men's cut on saturday at 10 am")
    answer = ada.says("change it to 11 am")
    assert (answer["intent"], answer["proposal"]["starts_at"]) == ("book", "2030-01-12T08:00:00Z")


def test_a_move_rather_than_a_cancellation(ada: Client) -> None:
    made = ada.books("book a men's cut on friday at 3 pm")
    ada.books("book a massage on wednesday at 3 pm")
    ada.says("cancel my men's cut")
    answer = ada.says("I don't want to cancel, I want to move it to saturday at 2 pm")
    assert (answer["intent"], answer["proposal"]["booking_id"]) == ("reschedule", made["id"])


def test_it_is_what_was_named_before(ada: Client) -> None:
    ada.books("book a massage on wednesday at 11 am")
    made = ada.books("book a men's cut on friday at 3 pm")
    answer = ada.says("my friday 3 pm: can you move it to saturday 3 pm?")
    assert answer["proposal"]["booking_id"] == made["id"]
    assert answer["proposal"]["starts_at"] == "2030-01-12T12:00:00Z"


@pytest.mark.parametrize("said", ["cancel {}", "move {} to sunday at 2 pm", "please cancel booking {}"])
def test_a_reference(ada: Client, said: str) -> None:
    """One's own is meant, however many there are; of another's nothing is told, and nothing else is taken for it."""
    first = ada.books("book a massage on friday at 3 pm")
    ada.books("book a men's cut on wednesday at 10 am")
    for written in (first["reference"], first["reference"].lower()):
        assert ada.says(said.format(written))["proposal"]["booking_id"] == first["id"]
        ada.session_id = None
    other = Client(ada.api).books("book a massage on saturday at 3 pm")
    answer = ada.says(said.format(other["reference"]))
    assert (answer["status"], answer["answer"]) == ("answer", "You have no such booking ahead.")


def test_two_wishes_in_one_sentence(ada: Client) -> None:
    """The first is done; the other is not mixed with it."""
    made = ada.books("book a men's cut on friday at 3 pm")
    answer = ada.says("cancel my men's cut and book a massage on tuesday at noon")
    assert answer["question"].startswith("One thing after the other: say the rest again after this. Cancel: Men's cut")
    assert answer["proposal"]["booking_id"] == made["id"]
    assert ada.confirms().status_code == 200
    assert ada.says("book a massage on tuesday at noon")["proposal"]["starts_at"] == "2030-01-08T09:00:00Z"
    assert "One thing" not in ada.says("yes")["question"]


@pytest.mark.parametrize("said", ["anyone", "anybody"])
def test_anybody_when_all_have_been_left_out(ada: Client, said: str) -> None:
    ada.says("book a men's cut tomorrow at 10 with anyone but Jane Njeri")
    assert ada.says("not with Joe Otieno")["question"].startswith("Nobody else does that.")
    answer = ada.says(said)
    assert (answer["status"], answer.get("excluded")) == ("proposal", None)


def test_anybody_but_who_is_left_out(ada: Client) -> None:
    ada.says("book a men's cut tomorrow at 10, but not with Jane Njeri")
    assert ada.says("anyone")["proposal"]["staff_name"] == "Joe Otieno"
