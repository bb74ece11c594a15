"""Answers to what was asked: by number, by a part of a name, by nobody in particular, by a no to all of it."""

from datetime import timedelta

import pytest

from app.extensions import db
from app.kit import clock
from app.models import Resource, Service, Space
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_service, make_space, make_working_staff, set_hours
from tests.voice.desk import NAIROBI, NOW, Client, Parlour, booked, starts, values


@pytest.mark.parametrize("said", ["option 2", "number two", "the second one", "take option two please"])
def test_an_option_by_its_number(ada: Client, said: str) -> None:
    """It is no clock."""
    second = starts(ada.says("a men's cut tomorrow"))[1]
    assert ada.says(said)["proposal"]["starts_at"] == second


@pytest.mark.parametrize("said", ["2", "two", "option 2"])
def test_a_number_alone_chooses_of_a_list_of_things(ada: Client, said: str) -> None:
    ada.says("I want to book with Jane")
    assert values(ada.says(said)) == {"staff": "Jane Wanjiru"}


def test_a_number_chooses_one_of_the_own_bookings(ada: Client) -> None:
    for day in ("tuesday", "wednesday"):
        ada.books(f"book a men's cut on {day} at 10")
    assert "1. Men's cut" in ada.says("cancel my men's cut")["question"]
    assert "Wednesday" in ada.says("2")["question"]


@pytest.mark.parametrize(("said", "people"), [("12", 12), ("a dozen", 12), ("about 8 people", 8), ("for 9", 9)])
def test_how_many_come_is_no_time(ada: Client, parlour: Parlour, said: str, people: int) -> None:
    with transaction():
        db.session.get_one(Space, parlour.studio.id).capacity = 12
    ada.says("I want to rent the garden studio on saturday from 2 pm to 4 pm")
    assert ada.says(said)["proposal"]["party_size"] == people


@pytest.mark.parametrize("said", ["500", "1001", "0", "9" * 400])
def test_so_many_cannot_come(ada: Client, parlour: Parlour, said: str) -> None:
    ada.says("I want to rent the garden studio on saturday from 2 pm to 4 pm")
    answer = ada.says(said)
    assert answer["question"].endswith("For how many people?")
    assert ada.says("6")["proposal"]["starts_at"] == "2030-01-12T11:00:00Z"


def test_all_that_a_word_can_mean_is_offered_and_a_part_of_a_name_taken(ada: Client, parlour: Parlour) -> None:
    for name in ("Swedish facial", "Deep tissue facial"):
        make_working_staff(make_service(name=name), timezone=NAIROBI)
    answer = ada.says("book a facial tomorrow at 10")
    assert {one["name"] for one in answer["choices"]} == {"Swedish facial", "Deep tissue facial"}
    assert ada.says("swedish")["proposal"]["service_name"] == "Swedish facial"


@pytest.mark.parametrize("said", ["yes", "the first one", "anyone", "anyone else", "it doesn't matter"])
def test_somebody_who_does_not_do_that(ada: Client, parlour: Parlour, said: str) -> None:
    answer = ada.says("a massage on friday at 11 with Joe Otieno")
    assert answer["question"] == "Joe Otieno does not do that. Jane Wanjiru does. With anybody else?"
    assert ada.says(said)["proposal"]["staff_name"] == "Jane Wanjiru"


@pytest.mark.parametrize("said", ["that's wrong", "start over", "let's start over"])
def test_all_of_it_is_wrong(ada: Client, said: str) -> None:
    ada.says("a men's cut with jane tomorrow at 10")
    assert values(ada.says(said)) == {}
    assert ada.confirms().status_code == 404
    ada.says("a men's cut tomorrow")
    answer = ada.says(said)
    assert (answer["status"], values(answer)) == ("needs_input", {})
    assert values(ada.says("a massage on friday")) == {"service": "Massage", "date": "2030-01-11"}


def test_after_nothing_to_cancel_comes_another_wish(ada: Client) -> None:
    ada.says("cancel my massage on friday")
    answer = ada.says("a men's cut tomorrow at 10")
    assert (answer["intent"], answer["status"]) == ("book", "proposal")


def test_the_first_of_what_the_refusal_named(ada: Client) -> None:
    ada.says("book a men's cut with Jane Njeri tomorrow at 10")
    with clock.frozen(NOW + timedelta(minutes=11)):
        Client(ada.api).books("book a men's cut with Jane Njeri tomorrow at 10")
        first = ada.confirms().json["alternatives"][0]["starts_at"]
        answer = ada.says("the first one")
        assert answer["status"] == "proposal", answer
        assert answer["proposal"]["starts_at"] == first


@pytest.mark.parametrize("said", ["no, Tuesday at 4", "no, make it Tuesday at 4 pm", "no, Tuesday at 4 pm please"])
def test_another_time_keeps_the_service(ada: Client, said: str) -> None:
    ada.says("book a men's cut with Jane Njeri on friday at 10")
    proposal = ada.says(said)["proposal"]
    assert (proposal["service_name"], proposal["starts_at"]) == ("Men's cut", "2030-01-08T13:00:00Z")


def test_a_service_that_is_retired_meanwhile(ada: Client, parlour: Parlour) -> None:
    ada.says("book a men's cut tomorrow")
    with transaction():
        db.session.get_one(Service, parlour.cut.id).active = False
    answer = ada.says("at 10")
    assert answer["question"].startswith("Men's cut is not to be had any more. What would you like to book?")
    assert "Massage" in answer["question"]
    assert ada.says("a massage")["proposal"]["starts_at"] == "2030-01-08T07:00:00Z"


def test_somebody_who_has_left_meanwhile(ada: Client, parlour: Parlour) -> None:
    ada.says("book a men's cut with Joe Otieno tomorrow")
    with transaction():
        db.session.get_one(Resource, parlour.joe.id).active = False
    answer = ada.says("at 10")
    assert answer["question"] == "Joe Otieno is not to be had any more. Jane Njeri does. With anybody else?"
    assert ada.says("yes")["proposal"]["staff_name"] == "Jane Njeri"


def test_a_booking_that_is_cancelled_elsewhere_is_not_moved(ada: Client) -> None:
    made = ada.books("book a men's cut on friday at 3 pm")
    ada.says("move my men's cut")
    assert ada.api.post(f"/api/bookings/{made['id']}/cancel", {}, token=ada.token).status_code == 200
    answer = ada.says("to saturday at 11")
    assert (answer["status"], answer["answer"]) == ("answer", "You have no such booking ahead.")


def test_one_visit_for_several_people_is_said(ada: Client) -> None:
    answer = ada.says("book a men's cut for 3 people tomorrow at 10")
    assert "It is one visit, at the price of one, though 3 people come." in answer["question"]
    assert "one visit" not in Client(ada.api).says("book a men's cut tomorrow at 11")["question"]


def test_two_services_are_asked_for(ada: Client) -> None:
    """A booking made here is of one."""
    answer = ada.says("book a men's cut and a massage tomorrow at 10")
    assert {one["name"] for one in answer["choices"]} == {"Men's cut", "Massage"}
    assert ada.says("the massage")["proposal"]["service_name"] == "Massage"


def test_a_service_and_a_space_already_understood(ada: Client) -> None:
    found = {"service": "massage", "space": "garden studio", "date": "2030-01-08", "time": "10:00"}
    answer = ada.send(intent="book", parameters=found).json
    assert answer["question"] == "Do you mean Massage or Garden Studio?"
    assert ada.says("the first one")["proposal"]["service_name"] == "Massage"


def test_more_bookings_than_are_told(ada: Client) -> None:
    for day in range(8, 14):
        ada.send(intent="book", parameters={"service": "massage", "date": f"2030-01-{day:02}", "time": "10:00"})
        assert ada.confirms().status_code == 201
        ada.session_id = None
    answer = ada.says("what appointments do I have?")
    assert len(answer["choices"]) == 5
    assert answer["answer"].endswith("There are more: say the day of the one you mean.")
    asked = ada.says("cancel my massage")
    assert asked["question"].endswith("There are more: say the day of the one you mean.")
    assert len(booked()) == 6


def test_the_hours_of_who_was_named_tell_the_half_of_the_day(ada: Client, parlour: Parlour) -> None:
    """Not those of everybody: one place is open by night alone."""
    set_hours(make_space(name="Moonlight Hall", timezone=NAIROBI), "18:00", "23:00")
    assert values(ada.says("rent the moonlight hall on saturday at 10"))["time"] == "22:00"
    assert values(Client(ada.api).says("a men's cut on saturday at 9"))["time"] == "09:00"


def test_more_days_than_are_asked_of_the_engine(ada: Client, api: Api) -> None:
    """Two months at a time; the rest is not looked at."""
    answer = ada.says("when are you free for a massage between January 10 and June 10?")
    assert (answer["status"], starts(answer)[0][:10]) == ("answer", "2030-01-10")
