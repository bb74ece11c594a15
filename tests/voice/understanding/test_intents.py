"""What somebody wants."""

import pytest

from app.voice.understanding import Catalogue, Entity, Kind, understand
from tests.voice.understanding.said import NAIROBI, WEDNESDAY, heard

WANTED = {
    "book": (
        "I'd like to book a haircut on Friday",
        "can I get an appointment with Jane tomorrow at 3?",
        "reserve a table for four at 7",
        "make it 4 pm please",
        "I need to see a dentist",
    ),
    "cancel": (
        "please cancel my booking",
        "I need to cancel",
        "I don't need my appointment any more",
        "call off tomorrow's massage",
        "sorry, I can't make it",
        "cancel BK-EW7937",
        "I need to cancel, sorry",
        "sorry, I have to cancel that, please",
        "cancel everything tomorrow",
    ),
    "reschedule": (
        "can I reschedule my appointment?",
        "move my booking to Friday",
        "I need to change the time of my reservation",
        "please postpone it",
        "move Friday's appointment to Saturday",
        "move my Tuesday 3 pm to Friday",
        "I can't come on Thursday, move my appointment to Friday",
    ),
    "availability": (
        "what times are free on Friday?",
        "do I have any appointments next week?",
        "when is my haircut?",
        "confirm my reservation for tomorrow",
    ),
    "other": (
        "hello",
        "what is your address?",
        "how much is a massage?",
        "thanks, that's all",
        "what's the weather tomorrow?",
        "how do I cancel my subscription?",
        "don't cancel my appointment",
        "I don't want to cancel my booking",
    ),
}


@pytest.mark.parametrize(("intent", "text"), [(intent, text) for intent, texts in WANTED.items() for text in texts])
def test_the_intent_is_known_by_its_words(intent: str, text: str) -> None:
    assert heard(text).intent.value.value == intent


def test_the_words_that_decided_are_shown() -> None:
    intent = heard("Please CANCEL my booking").intent
    assert (intent.text, intent.start, intent.end) == ("CANCEL", 7, 13)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("move my manicure to friday at 3", "reschedule"),
        ("cancel the manicure with Jane", "cancel"),
        ("push my jade room to saturday", "reschedule"),
        ("book a manicure for friday", "book"),
        ("how much is a manicure?", "other"),
        ("don't cancel my manicure", "other"),
        ("cancel my jade room, don't cancel my manicure", "cancel"),
        ("I don't want a haircut Monday, a manicure Tuesday at 10 instead", "book"),
    ],
)
def test_what_can_be_booked_stands_for_a_booking(text: str, intent: str) -> None:
    """A business's own words are no rule's words; without its catalogue nothing is otherwise."""
    names = (("Manicure", Kind.SERVICE), ("Jade Room", Kind.SPACE), ("Jane Njeri", Kind.STAFF))
    catalogue = Catalogue(tuple(Entity(number, kind, name) for number, (name, kind) in enumerate(names, start=1)))
    found = understand(text, now=WEDNESDAY, zone=NAIROBI, catalogue=catalogue).intent
    assert found.value.value == intent
    assert found.text == text[found.start : found.end]
