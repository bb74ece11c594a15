"""What somebody wants."""

from app.voice.understanding import Catalogue, Entity, Kind, understand
from tests.cases import each_case
from tests.voice.understanding.said import NAIROBI, WEDNESDAY, heard

WANTED = {
    "book": (
        "I'd like to book a haircut on Friday",
        "can I get an appointment with Jane tomorrow at 3?",
        "reserve a table for four at 7",
        "make it 4 pm please",
        "I need to see a dentist",
        "I don't want a massage, I want a facial on Wednesday at 3 pm",
        "book a massage on tuesday at 4 pm, I don't want a haircut",
        "haircut on tuesday, I don't want to come in the morning",
        "I don't want Brian, haircut with Amina on tuesday at 2",
        "I don't want my haircut, I'd like a massage",
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
        "I don't want my massage any more",
        "I don't want a massage anymore",
        "I no longer need my haircut",
        "cancel my haircut and book a massage on tuesday at noon",
    ),
    "reschedule": (
        "can I reschedule my appointment?",
        "move my booking to Friday",
        "I need to change the time of my reservation",
        "please postpone it",
        "move Friday's appointment to Saturday",
        "move my Tuesday 3 pm to Friday",
        "I can't come on Thursday, move my appointment to Friday",
        "move it to sunday at 2 pm",
        "change it to 4 pm",
        "can you move that?",
        "I can't make saturday, can we do sunday at 2 instead?",
        "I don't want to cancel, I want to move it to friday",
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


@each_case(("intent", "text"), [(intent, text) for intent, texts in WANTED.items() for text in texts])
def test_the_intent_is_known_by_its_words(intent: str, text: str) -> None:
    assert heard(text).intent.value.value == intent


def test_the_words_that_decided_are_shown() -> None:
    intent = heard("Please CANCEL my booking").intent
    assert (intent.text, intent.start, intent.end) == ("CANCEL", 7, 13)


@each_case(
    ("text", "intent"),
    [
        ("move my manicure to friday at 3", "reschedule"),
        ("cancel the manicure with Jane", "cancel"),
        ("push my jade room to saturday", "reschedule"),
        ("book a manicure for friday", "book"),
        ("how much is a manicure?", "other"),
        ("don't cancel my manicure", "other"),
        ("cancel my jade room, don't cancel my manicure", "cancel"),
        ("I don't want my manicure any more", "cancel"),
        ("I don't want a manicure", "book"),
        ("I don't want the manicure, give me the jade room tomorrow", "book"),
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


def test_who_does_not_want_a_booking_any_more_means_that_one() -> None:
    catalogue = Catalogue((Entity(1, Kind.SERVICE, "Manicure"), Entity(2, Kind.SERVICE, "Facial")))
    gone = understand("I don't want my manicure any more", now=WEDNESDAY, zone=NAIROBI, catalogue=catalogue)
    assert ([one.text for one in gone.services], gone.excluded) == (["manicure"], ())
    other = understand("I don't want a manicure, a facial please", now=WEDNESDAY, zone=NAIROBI, catalogue=catalogue)
    assert [one.text for one in other.services] == ["facial"]
    assert [one.text for one in other.excluded] == ["manicure"]


def test_what_is_to_be_booked_after_a_cancellation_is_for_later() -> None:
    catalogue = Catalogue((Entity(1, Kind.SERVICE, "Manicure"), Entity(2, Kind.SERVICE, "Facial")))
    said = understand(
        "cancel my facial and book a manicure on tuesday", now=WEDNESDAY, zone=NAIROBI, catalogue=catalogue
    )
    assert (said.intent.value.value, [one.text for one in said.services], said.date) == ("cancel", ["facial"], None)
