"""Understanding: what a text says of a booking, by rules alone. See docs/voice.md."""

from app.voice.understanding.answer import Days, Intent, Limit, OpeningHours, Part, Read, Slot, Understanding, Window
from app.voice.understanding.catalogue import Catalogue, Entity, Kind
from app.voice.understanding.entities import settled
from app.voice.understanding.reading import understand
from app.voice.understanding.text import LONGEST, TextTooLong

__all__ = [
    "LONGEST",
    "Catalogue",
    "Days",
    "Entity",
    "Intent",
    "Kind",
    "Limit",
    "OpeningHours",
    "Part",
    "Read",
    "Slot",
    "TextTooLong",
    "Understanding",
    "Window",
    "settled",
    "understand",
]
