"""Understanding: what a text says of a booking, by rules alone. See docs/voice.md."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.voice.understanding.answer import (
    Days,
    Intent,
    Limit,
    OpeningHours,
    Part,
    Problem,
    Read,
    Slot,
    Understanding,
    Window,
)
from app.voice.understanding.catalogue import Catalogue, Entity, Kind
from app.voice.understanding.entities import settled
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
    "Problem",
    "Read",
    "Slot",
    "TextTooLong",
    "Understanding",
    "Window",
    "prepare",
    "settled",
    "understand",
]


def prepare() -> None:
    """Make the rules now, so that the first text does not wait for them."""
    from app.voice.understanding import reading  # noqa: F401, PLC0415 - which makes them


def understand(  # noqa: PLR0913 - all by name: where and when the text was said
    text: str,
    *,
    now: datetime,
    zone: ZoneInfo,
    hours: OpeningHours | None = None,
    locale: str = "en-US",
    catalogue: Catalogue | None = None,
    asked: Slot | None = None,
) -> Understanding:
    """Return what `text` says, read at the instant `now` by the wall clock of `zone`.

    `hours` are the opening hours by which an hour without am or pm is read; `locale` (a BCP 47 tag) says whether 2/3
    is February 3; `catalogue` holds the names to look for; `asked` is what was asked last, so that "8" can answer it.
    The rules are made at the first call: a start of the application does not wait for them.
    Raises `TextTooLong`.
    """
    from app.voice.understanding import reading  # noqa: PLC0415 - for the reason above

    return reading.understand(text, now=now, zone=zone, hours=hours, locale=locale, catalogue=catalogue, asked=asked)
