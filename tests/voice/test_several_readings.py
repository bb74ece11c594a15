"""Days and times that are named beside others, those of a booking that moves, windows in either half, and no days."""

import pytest

from tests.factories import assign, make_service, make_staff, set_hours
from tests.voice.desk import NAIROBI, Client, booked, starts, values


def test_two_days(ada: Client) -> None:
    """Both are offered, and nothing between them."""
    answer = ada.says("a men's cut on Tuesday or Thursday")
    assert {start[:10] for start in starts(answer)} == {"2030-01-08", "2030-01-10"}
    assert answer["understood"]["date"]["also"] == ["2030-01-10"]
    assert values(ada.says("the second one"))["date"] == "2030-01-10"


def test_two_days_at_one_time(ada: Client) -> None:
    answer = ada.says("book a massage on Tuesday or Thursday at 10")
    assert starts(answer) == ["2030-01-08T07:00:00Z", "2030-01-10T07:00:00Z"]
    assert ada.says("Thursday")["proposal"]["starts_at"] == "2030-01-10T07:00:00Z"


def test_the_one_of_two_days_that_can_be_had(ada: Client) -> None:
    Client(ada.api).books("book a massage on Tuesday at 10")
    answer = ada.says("book a massage on Tuesday or Thursday at 10")
    assert answer["proposal"]["starts_at"] == "2030-01-10T07:00:00Z"


def test_neither_of_two_days(ada: Client) -> None:
    for day in ("Tuesday", "Thursday"):
        Client(ada.api).books(f"book a massage on {day} at 10")
    answer = ada.says("book a massage on Tuesday or Thursday at 10")
    assert answer["question"].startswith("Nothing is free then. There is Wednesday, January 9, 2030 at 10:00 AM")


def test_two_times(ada: Client) -> None:
    """Both can be had: which, is asked. Where one can, it is that."""
    answer = ada.says("book a massage tomorrow at 3 or 4")
    assert (answer["question"], len(starts(answer))) == ("Do you mean 3:00 PM or 4:00 PM?", 2)
    Client(ada.api).books("book a massage tomorrow at 3 pm")
    assert Client(ada.api).says("book a massage tomorrow at 3 or 4")["proposal"]["starts_at"] == "2030-01-08T13:00:00Z"


def test_two_days_within_the_week_that_was_named(ada: Client) -> None:
    ada.says("a massage next week")
    answer = ada.says("on Tuesday or Thursday")
    assert {start[:10] for start in starts(answer)} == {"2030-01-15", "2030-01-17"}


def test_a_move_to_one_of_two_days(ada: Client) -> None:
    ada.books("book a massage on friday at 3 pm")
    answer = ada.says("move my massage to Tuesday or Thursday at 10")
    assert starts(answer) == ["2030-01-08T07:00:00Z", "2030-01-10T07:00:00Z"]


@pytest.mark.parametrize(
    "said",
    [
        "move my Thursday 3 pm to Friday",
        "move my Thursday 3 pm appointment to Friday",
        "reschedule my massage from Thursday at 3 pm to Friday",
    ],
)
def test_the_booking_that_moves_is_known_by_its_day(ada: Client, said: str) -> None:
    ada.books("book a massage on wednesday at 3 pm")
    made = ada.books("book a massage on thursday at 3 pm")
    answer = ada.says(said)
    assert (answer["intent"], values(answer)["old_date"]) == ("reschedule", "2030-01-10")
    assert {start[:10] for start in starts(answer)} == {"2030-01-11"}
    assert ada.says("at 11")["proposal"]["booking_id"] == made["id"]


def test_the_weekday_of_a_booking_that_is_later(ada: Client) -> None:
    """The first Thursday has none: it is that of the week behind it."""
    made = ada.books("book a massage on January 17 at 3 pm")
    ada.books("book a massage on friday at 3 pm")
    answer = ada.says("move my Thursday appointment to Saturday at 11")
    assert answer["proposal"]["booking_id"] == made["id"]


def test_no_booking_is_on_the_day_that_was_named(ada: Client) -> None:
    ada.books("book a massage on friday at 3 pm")
    answer = ada.says("move my Thursday 3 pm appointment to Saturday")
    assert (answer["status"], answer["answer"]) == ("answer", "You have no such booking ahead.")


def test_after_a_day_is_not_on_it(ada: Client) -> None:
    assert starts(ada.says("a massage after Thursday"))[0][:10] == "2030-01-11"


def test_a_window_in_either_half_of_the_day(ada: Client) -> None:
    """Closed in the morning, it can only be the evening."""
    sauna = make_service(name="Sauna")
    owl = make_staff(name="Otis Night", timezone=NAIROBI)
    assign(owl, sauna)
    set_hours(owl, "18:00", "23:00")
    answer = ada.says("a sauna tomorrow between 9 and 11")
    assert {start[11:13] for start in starts(answer)} == {"18", "19"}
    assert answer["understood"]["window"]["others"] == [{"from": "21:00", "to": "23:00"}]


def test_a_space_in_either_half_of_the_day(ada: Client) -> None:
    answer = ada.says("rent the garden studio on saturday from 2 to 4 for 3 people")
    assert (answer["proposal"]["starts_at"], answer["proposal"]["ends_at"]) == (
        "2030-01-12T11:00:00Z",
        "2030-01-12T13:00:00Z",
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("February 30", "February 30 is in no calendar."),
        ("May 5, 2045", "May 5, 2045 is too far ahead."),
        ("05/05/1825", "05/05/1825 is over."),
        ("yesterday", "Yesterday is over."),
    ],
)
def test_a_day_that_cannot_be(ada: Client, said: str, told: str) -> None:
    """It is said what is wrong with it, and asked for another; the rest is kept."""
    answer = ada.says(f"book a massage on {said} at 10")
    assert (answer["status"], answer["question"]) == ("needs_input", f"{told} On which day do you want to come?")
    assert ada.says("tomorrow")["proposal"]["starts_at"] == "2030-01-08T07:00:00Z"
    again = ada.says(f"no, {said}")
    assert again["question"].endswith("On which day do you want to come?")
    assert ada.confirms().status_code == 404
    assert booked() == []


def test_a_day_that_cannot_be_before_anything_is_named(ada: Client) -> None:
    assert ada.says("book me in on February 30")["question"].startswith("February 30 is in no calendar.")
    assert ada.says("tomorrow")["question"].startswith("What would you like to book?")


@pytest.mark.parametrize("said", ["move my massage to February 30", "cancel my massage on February 30"])
def test_a_booking_of_a_day_that_cannot_be(ada: Client, said: str) -> None:
    ada.books("book a massage on friday at 3 pm")
    assert ada.says(said)["question"].startswith("February 30 is in no calendar.")
    assert [one[1] for one in booked()] == ["confirmed"]
