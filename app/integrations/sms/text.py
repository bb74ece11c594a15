"""A text, whoever sends it, and how sending one fails."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Protocol

_NUMBER: Final = re.compile(r"\+[1-9][0-9]{6,14}")
LONGEST: Final = 1600
"""What Twilio takes in one message, and Africa's Talking is not known to refuse."""


@dataclass(frozen=True, slots=True)
class TextMessage:
    """A text to one number in the international form (E.164). Raises `ValueError` for any other.

    What people may not see stays out of its `repr`.
    """

    to: str = field(repr=False)
    text: str = field(repr=False)
    reference: str

    def __post_init__(self) -> None:
        if not _NUMBER.fullmatch(self.to):
            raise ValueError("This is no phone number in the international form.")
        if not 0 < len(self.text) <= LONGEST:
            raise ValueError(f"A text has 1 to {LONGEST} characters.")


class Provider(Protocol):
    """Somebody who takes texts."""

    def send(self, message: TextMessage) -> None:
        """Hand a text over. Raises `NumberRefused` and `SmsFailed`."""


class SmsFailed(Exception):
    """The provider could not be reached, is busy, or our account with it is not in order: try again.

    Says its status, never its words, which quote numbers.
    """


class NumberRefused(Exception):
    """The provider takes no text to this number, now or later: it is wrong, cannot get texts, or wants none."""


def last_digits(number: str) -> str:
    """Return so much of a number as the log may show."""
    return f"…{number[-3:]}"
