"""Whatever is said, reading ends, and what was read stands in the text."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.voice.understanding import LONGEST, Catalogue, Entity, Kind, Read, TextTooLong, Understanding, understand
from app.voice.understanding.lexicon import LEXICON
from app.voice.understanding.text import plain
from tests.voice.understanding.said import NAIROBI, WEDNESDAY, heard

FIGURES = ["1", "30", "31st", "2026", "10:30", "5/7", "29.2.2027", "2026-02-29", "1030", "3pm", "999", ",", "-"]
SENTENCES = st.lists(st.sampled_from([*sorted(LEXICON), *FIGURES, "cut", "jane"]), max_size=40).map(" ".join)
CATALOGUE = Catalogue((Entity(1, Kind.SERVICE, "Cut"), Entity(2, Kind.STAFF, "Jane")))


def reads(said: Understanding) -> list[Read[object]]:
    """Return all that was read."""
    ones = (said.intent, said.date, said.time, said.window, said.daypart, said.party_size)
    return [*(one for one in ones if one), *said.services, *said.staff, *said.spaces]


def check(text: str, now: datetime = WEDNESDAY) -> None:
    """Read the text, and look at every span."""
    said = understand(text, now=now, zone=NAIROBI, catalogue=CATALOGUE)
    for one in reads(said):
        assert text[one.start : one.end] == one.text
        assert 0 <= one.confidence <= 1
    assert said == understand(text, now=now, zone=NAIROBI, catalogue=CATALOGUE)


@given(st.text(max_size=LONGEST))
def test_any_text_is_read(text: str) -> None:
    check(text)


@settings(max_examples=300, deadline=None)
@given(
    SENTENCES.filter(lambda text: len(text) <= LONGEST),
    st.datetimes(datetime(2000, 1, 1), datetime(2199, 12, 31), timezones=st.just(NAIROBI)),  # noqa: DTZ001 - bounds
)
def test_any_sentence_of_words_about_time_is_read(text: str, now: datetime) -> None:
    check(text, now)


def test_a_text_of_500_characters_is_read_and_one_more_is_not() -> None:
    assert heard("a" * LONGEST).date is None
    with pytest.raises(TextTooLong):
        heard("a" * (LONGEST + 1))


@pytest.mark.parametrize("text", ["at 3\u00a0PM", "\u2018half past\u2019 TEN", "\u0130stanbul at 5", "5\u20136 pm"])
def test_a_plain_text_is_as_long_as_the_text(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_curly_signs_and_capitals_change_nothing() -> None:
    curly, straight = heard("at 3 o\u2019clock pm").time, heard("at 3 o'clock pm").time
    assert curly
    assert straight
    assert curly.value == straight.value
