"""How many come."""

from app.voice.understanding import Slot
from tests.cases import each_case
from tests.voice.understanding.said import heard


def party(text: str) -> int | None:
    """Return the number of people understood."""
    size = heard(text).party_size
    return size.value if size else None


@each_case(
    ("text", "meant"),
    {
        "a table for four at 7": 4,
        "party of 11": 11,
        "there will be 5 of us": 5,
        "12 people on friday": 12,
        "we are three": 3,
        "tomorrow evening for 2": 2,
        "just me": 1,
        "me and my wife": 2,
        "my wife and I": 2,
        "me and three friends": 4,
        "me, my wife and 2 kids": 4,
        "2 adults and 3 children": 5,
        "book it for 2 people, no, make it 3 people": 3,
        "for 8 pm": None,
        "in 3 days": None,
        "for 2 hours": None,
        "book it for me": None,
    }.items(),
)
def test_people_are_counted(text: str, meant: int | None) -> None:
    assert party(text) == meant


def test_a_bare_number_is_what_was_asked_for() -> None:
    assert not heard("8").time
    assert not heard("8").party_size
    time, size = heard("8", asked=Slot.TIME).time, heard("8", asked=Slot.PARTY_SIZE).party_size
    date = heard("the 8", asked=Slot.DATE).date
    assert time
    assert size
    assert date
    assert (str(time.value), size.value, str(date.value.first)) == ("08:00:00", 8, "2026-03-08")
