"""Spaces by saying it: from when until when, on whichever of several days, and which of several."""

import pytest

from tests.api import Api
from tests.factories import make_space, set_hours
from tests.voice.desk import NAIROBI, Client, starts, values

TUESDAY, THURSDAY = "2030-01-08", "2030-01-10"


@pytest.mark.parametrize("said", ["the first one", "tuesday"])
def test_one_of_two_days_with_both_ends(ada: Client, said: str) -> None:
    """It is not asked again from when until when."""
    answer = ada.says("book the garden studio on tuesday or thursday from 2 to 4 pm for 3 people")
    assert starts(answer) == [f"{TUESDAY}T11:00:00Z", f"{THURSDAY}T11:00:00Z"]
    assert [option["ends_at"][11:16] for option in answer["options"]] == ["13:00", "13:00"]
    proposal = ada.says(said)["proposal"]
    assert (proposal["starts_at"], proposal["ends_at"]) == (f"{TUESDAY}T11:00:00Z", f"{TUESDAY}T13:00:00Z")


def test_the_only_one_of_two_days_that_is_free(ada: Client, api: Api) -> None:
    Client(api).books("book the garden studio on tuesday from 3 to 5 pm for 3 people")
    answer = ada.says("book the garden studio on tuesday or thursday from 2 to 4 pm")
    assert answer["question"] == "For how many people?"
    assert ada.says("3")["proposal"]["starts_at"] == f"{THURSDAY}T11:00:00Z"


def test_any_day_but_one_with_both_ends(ada: Client, api: Api) -> None:
    """What is taken then is not offered."""
    Client(api).books("book the garden studio on tuesday from 3 to 5 pm for 3 people")
    answer = ada.says("book the garden studio on any day but thursday from 2 to 4 pm for 3 people")
    assert starts(answer)[:3] == ["2030-01-07T11:00:00Z", "2030-01-09T11:00:00Z", "2030-01-11T11:00:00Z"]


def test_a_time_that_no_day_has(ada: Client) -> None:
    answer = ada.says("book the garden studio on tuesday or thursday from 6 to 8 pm for 3 people")
    assert answer["question"].startswith("Nothing is free then. It is free on Tuesday, January 8, 2030 from 9:00 AM")


@pytest.mark.parametrize("wish", ["tomorrow", "tomorrow from 10 am", "tomorrow until noon"])
@pytest.mark.parametrize("said", [("from 10 am", "until noon"), ("until noon", "from 10 am")])
def test_one_end_after_the_other(ada: Client, wish: str, said: tuple[str, str]) -> None:
    ada.says(f"book the garden studio {wish} for 3 people")
    _, answer = [ada.says(end) for end in said]
    proposal = answer["proposal"]
    assert (proposal["starts_at"], proposal["ends_at"]) == (f"{TUESDAY}T07:00:00Z", f"{TUESDAY}T09:00:00Z")


def test_a_space_and_one_end(ada: Client) -> None:
    """The other is all that is asked for."""
    ada.says("book the garden studio tomorrow from 10 am for 3 people")
    assert ada.says("until noon")["proposal"]["ends_at"] == f"{TUESDAY}T09:00:00Z"


def test_the_one_of_two_is_no_hour(ada: Client) -> None:
    for name in ("Baobab meeting room", "Acacia meeting room"):
        set_hours(make_space(name=name, timezone=NAIROBI))
    ada.says("book a meeting room tomorrow at 10 am for 3 people")
    answer = ada.says("the baobab one")
    assert answer["question"] == "Until what time?"
    assert values(answer)["time"] == "10:00"
