"""What the client does not want is neither offered nor taken, until it is asked for after all."""

import pytest

from tests.api import Api
from tests.voice.desk import Client, Parlour, booked, starts, values

MONDAY, TUESDAY, WEDNESDAY, THURSDAY = "2030-01-07", "2030-01-08", "2030-01-09", "2030-01-10"


def days(answer: dict[str, object]) -> list[str]:
    """Return the days of the options."""
    return [start[:10] for start in starts(answer)]


@pytest.mark.parametrize("said", ["a men's cut, any day but Thursday", "a men's cut, I can't do Thursday"])
def test_a_day(ada: Client, said: str) -> None:
    answer = ada.says(said)
    assert days(answer) == [MONDAY, TUESDAY, WEDNESDAY, "2030-01-11", "2030-01-12"]
    assert "date" not in values(answer)
    assert [one["kind"] for one in answer["excluded"]] == ["date"]


def test_a_weekday_of_every_week(ada: Client) -> None:
    ada.says("a men's cut next week")
    assert "2030-01-17" not in days(ada.says("not on Thursday"))
    answer = ada.says("in two weeks")
    assert "2030-01-24" not in days(answer)


def test_a_day_that_was_wanted_before(ada: Client) -> None:
    ada.says("a men's cut on Thursday at 10")
    answer = ada.says("no, not on Thursday")
    assert answer["status"] == "needs_input"
    assert THURSDAY not in days(answer)
    assert values(answer) == {"service": "Men's cut", "time": "10:00"}
    assert ada.confirms().status_code == 404
    assert ada.says("Thursday after all")["proposal"]["starts_at"] == f"{THURSDAY}T07:00:00Z"


def test_a_time(ada: Client) -> None:
    """Three in the afternoon is 12:00 in UTC."""
    answer = ada.says("a massage tomorrow afternoon, but not at 3")
    assert starts(answer)
    assert f"{TUESDAY}T12:00:00Z" not in starts(answer)
    assert ada.says("okay, at 3 then")["proposal"]["starts_at"] == f"{TUESDAY}T12:00:00Z"


def test_one_of_two_days_or_times(ada: Client) -> None:
    """The other is wanted still."""
    ada.says("a massage on Tuesday or Wednesday at 3 or 4")
    answer = ada.says("not on Tuesday")
    assert (values(answer)["date"], starts(answer)) == (WEDNESDAY, [f"{WEDNESDAY}T12:00:00Z", f"{WEDNESDAY}T13:00:00Z"])
    assert ada.says("not at 3")["proposal"]["starts_at"] == f"{WEDNESDAY}T13:00:00Z"


def test_a_part_of_the_day(ada: Client) -> None:
    answer = ada.says("a massage tomorrow, not in the morning")
    assert starts(answer)[0] >= f"{TUESDAY}T09:00:00Z"


def test_a_part_of_one_day(ada: Client) -> None:
    """The rest of that day, and that part of other days, can be had."""
    answer = ada.says("I can't do tomorrow morning, a massage please, tomorrow")
    assert starts(answer)
    assert {start >= f"{TUESDAY}T09:00:00Z" for start in starts(answer)} == {True}
    assert starts(ada.says("on Wednesday"))[0] < f"{WEDNESDAY}T09:00:00Z"


def test_a_time_of_one_day_that_was_wanted_before(ada: Client) -> None:
    ada.says("a massage tomorrow at 3 pm")
    answer = ada.says("no, not tomorrow at 3 pm")
    assert f"{TUESDAY}T12:00:00Z" not in starts(answer)
    assert ada.says("tomorrow at 3 pm after all")["proposal"]["starts_at"] == f"{TUESDAY}T12:00:00Z"


def test_a_list_of_days(ada: Client) -> None:
    answer = ada.says("a massage next week, but not on monday, tuesday or wednesday")
    assert days(answer)[0] == "2030-01-17"


def test_a_day_taken_back_in_one_breath(ada: Client) -> None:
    answer = ada.says("book a massage on 9 january at 3 pm, no, not the 9th, the 10th")
    assert answer["proposal"]["starts_at"] == f"{THURSDAY}T12:00:00Z"


def test_after_a_bare_hour(ada: Client) -> None:
    answer = ada.says("a massage tomorrow after 3")
    assert {start >= f"{TUESDAY}T12:00:00Z" for start in starts(answer)} == {True}


def test_what_is_near_a_time_that_is_taken(ada: Client, api: Api) -> None:
    """Neither of what is offered instead is what was left out."""
    Client(api).books("book a massage tomorrow at 11")
    assert f"{TUESDAY}T07:00:00Z" in starts(Client(api).says("book a massage tomorrow at 11"))
    answer = ada.says("book a massage tomorrow at 11, but not at 10")
    assert (answer["status"], answer["question"][:22]) == ("needs_input", "That time is taken. Th")
    assert f"{TUESDAY}T07:00:00Z" not in starts(answer)


def test_a_staff_member(ada: Client, parlour: Parlour) -> None:
    """Whoever else does it is taken, and nobody else where the other is taken too."""
    for _ in range(2):
        answer = ada.says("book a men's cut tomorrow at 10 with anyone but Jane Njeri")
        assert answer["proposal"]["staff_name"] == "Joe Otieno"
        assert ada.says("no")["status"] == "needs_input"
    Client(ada.api).books("book a men's cut with Joe Otieno tomorrow at 10")
    answer = ada.says("book a men's cut tomorrow at 10, but not with Jane Njeri")
    assert answer["status"] == "needs_input"
    assert all(option["staff_ids"] == [parlour.joe.id] for option in answer["options"])
    assert ada.says("with Jane Njeri, then, at 10")["proposal"]["staff_name"] == "Jane Njeri"


def test_the_only_one_who_does_it(ada: Client) -> None:
    answer = ada.says("book a massage tomorrow at 10, but not with Jane Wanjiru")
    assert (answer["status"], answer["question"]) == ("needs_input", "Nobody else does that. With whom do you want it?")
    assert ada.says("with Jane Wanjiru")["proposal"]["staff_name"] == "Jane Wanjiru"


def test_a_service(ada: Client) -> None:
    answer = ada.says("I'd like to book something, but not a massage")
    assert [one["name"] for one in answer["choices"]] == ["Men's cut", "Garden Studio"]


def test_a_move(ada: Client) -> None:
    ada.books("book a massage on friday at 3 pm")
    answer = ada.says("move my massage to next week, but not to Thursday")
    assert answer["intent"] == "reschedule"
    assert days(answer)
    assert "2030-01-17" not in days(answer)


def test_a_cancellation_of_the_day_that_is_impossible(ada: Client) -> None:
    """Who cannot come on Friday speaks of the booking of that day."""
    ada.books("book a massage on thursday at 3 pm")
    friday = ada.books("book a massage on friday at 3 pm")
    answer = ada.says("I can't make it on Friday, please cancel my booking")
    assert answer["proposal"]["booking_id"] == friday["id"]


def test_a_space(ada: Client) -> None:
    assert THURSDAY not in days(ada.says("I'd like to rent the garden studio, not on Thursday"))
    answer = Client(ada.api).says("I'd like to rent the garden studio on Thursday, not in the morning")
    assert starts(answer) == [f"{THURSDAY}T09:00:00Z"]  # it is open from nine on; noon is 9:00 in UTC
    assert answer["options"][0] == {
        "starts_at": f"{THURSDAY}T09:00:00Z",
        "ends_at": f"{THURSDAY}T14:00:00Z",
        "staff_ids": [],
    }
    between = Client(ada.api).says("I'd like to rent the garden studio on Thursday, not between 11 am and 2 pm")
    assert starts(between) == [f"{THURSDAY}T06:00:00Z", f"{THURSDAY}T11:00:00Z"]
    assert booked() == []
