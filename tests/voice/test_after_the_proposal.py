"""What is said while a proposal waits, and after it was confirmed."""

import pytest

from tests.voice.desk import Client, booked, values


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
