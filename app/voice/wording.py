"""What is made of a client's words before they are understood: the first of two wishes, and what "it" stands for."""

import re
from dataclasses import dataclass

MOVE = "(?:move|change|shift|switch|reschedule|push|postpone)"
WISH = "(?:book|reserve|schedule|cancel|move)"
ASK = r"(?:(?:please|(?:can|could|would|will) you|i(?:'d like| would like| want| need) to) )*"
REFERENCE = re.compile(r"\bbk-[2-9a-hj-np-z]{6}\b", re.IGNORECASE)
IT = re.compile(rf"(?<!not )(?<!don't )\b(?:{MOVE}|cancel) (?:it|that|this)\b")
MOVES_IT = re.compile(rf"(?<!not )(?<!don't )\b{MOVE} (?:it|that|this)\b")
NAMED_BEFORE = re.compile(rf"^\W*((?:my|our) .+?)\W+{ASK}({MOVE}) it\b(.*)$", re.IGNORECASE)
"""A booking, and only then what becomes of it: "my Friday 3 pm: can you move it to Tuesday?"."""
TWO_WISHES = re.compile(
    rf"^(?!.*\binstead\b)(.*?\b{WISH}\b.*?)(?:\W+(?:and|then|also)\b)+ {ASK}{WISH}\b(?! (?:it|that|them)\b)",
    re.IGNORECASE,
)
AWAY = re.compile(r"\b(?:can't|cannot|can not|cant|won't|unable to)\b")
INSTEAD = re.compile(r"\binstead\b")


@dataclass(frozen=True, slots=True)
class Worded:
    """`text`, to be understood; the `reference` of a booking that was in it; whether there is more, for another time.

    `it` says that a booking is spoken of without a name, `moves_it` that it is to be moved; `away` that the client
    cannot come, `instead` that something else is to be.
    """

    text: str
    reference: str | None
    goes_on: bool
    it: bool
    moves_it: bool
    away: bool
    instead: bool


def worded(text: str) -> Worded:
    """Return what is to be understood of a text: a reference is "it" there, and "it" what was named before it."""
    text = text.replace("\u2019", "'")
    two = TWO_WISHES.match(text)
    first = two[1] if two else text
    reference = REFERENCE.search(first)
    said = NAMED_BEFORE.sub(r"\2 \1\3", REFERENCE.sub("it", first))
    lower = said.lower()
    return Worded(
        text=said,
        reference=reference[0].upper() if reference else None,
        goes_on=two is not None,
        it=bool(IT.search(lower)),
        moves_it=bool(MOVES_IT.search(lower)),
        away=bool(AWAY.search(lower)),
        instead=bool(INSTEAD.search(lower)),
    )
