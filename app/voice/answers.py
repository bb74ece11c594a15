"""Short answers: yes and no, which of what was offered, how many come, anybody, and that all was wrong."""

import re

from app.bookings.asking import MOST_PARTY
from app.voice.talk import Talk

YES = re.compile(
    r"^\W*(?:yes|yeah|yep|yup|sure|ok|okay|correct|exactly|right|perfect|great|fine|please do|do (?:it|that)|go ahead"
    r"|confirm(?:ed)?|book it|(?:that )?(?:sounds|looks|works)(?: (?:good|great|perfect|fine))?)\b"
)
OVER = re.compile(
    r"^\W*(?:(?:please|let'?s|let us|can we|no|sorry)\W+)*(?:(?:start|begin) (?:all )?(?:over|again|anew)"
    r"|from the (?:start|beginning)|that(?:'s| is| was) (?:all |completely )?(?:wrong|not (?:it|right|what i meant)))\b"
)
NO = re.compile(r"^\W*(?:no|nope|neither|none|wrong|not (?:that|this)|don't|never ?mind|forget it|stop)\b")
KEEP_IT = re.compile(r"^\W*(?:no\W+)?i (?:don't|do not) want to cancel\b")
"""A no to a cancellation, and to nothing else."""
NOT_THAT = re.compile(r"^\W*(?:no\W+)?i (?:really )?(?:don't|do not)(?: really)? want (?:that|this|it)(?: one)?\W*$")
THANKS = re.compile(r"(?:many )?(?:thanks|thank you)(?: (?:very|so) much)?")
PLACES = {
    word: place
    for place, words in enumerate(
        ("first 1st one 1", "second 2nd two 2", "third 3rd three 3", "fourth 4th four 4", "fifth 5th five 5")
    )
    for word in words.split()
} | {"last": -1}
ORDINALS = "|".join(word for word in PLACES if word[-2:] in {"st", "nd", "rd", "th"})
NUMBERS = "|".join(word for word in PLACES if word not in ORDINALS.split("|"))
TAKEN = r"(?:(?:yes|ok|okay|i'?ll take|i'?d like|let'?s take|take)\W+)?"
PLACE = re.compile(
    rf"^\W*{TAKEN}(?:the )?(?:({ORDINALS})(?: (?:one|option|time|slot))?|(?:option|number|no\.?|#) ?({NUMBERS}))"
    r"(?: please)?\W*$"
)
BARE_PLACE = re.compile(rf"^\W*{TAKEN}({NUMBERS})(?: please)?\W*$")
"""A number alone; it says which only where things were offered, as of times it is a clock's."""
COUNT = re.compile(
    r"^\W*(?:(?:for|about|around|just|only|we are|we're|maybe)\W+)*(?:(\d+)|(?:a )?dozen)"
    r"(?: (?:of us|people|persons|guests))?\W*$"
)
DOZEN, LONGEST_COUNT = 12, 9
WHOEVER = re.compile(
    r"\b(?:any ?(?:one|body)?|whoever|either|no preference|(?:doesn't|don't|does not) (?:matter|mind|care))\b"
)
ANYBODY = re.compile(r"\b(?:any ?one|any ?body|whoever|some(?:one|body) else)\b")


def place_in(lower: str, talk: Talk) -> int | None:
    """Return which of what was offered is chosen: "the second one" is no second of the month, and not one o'clock."""
    place = PLACE.match(lower) if talk.choices or talk.options or talk.proposal else None
    if place is None and any("id" in one for one in talk.choices):
        place = BARE_PLACE.match(lower)
    return PLACES[next(filter(None, place.groups()))] if place else None


def counts(lower: str, talk: Talk) -> bool:
    """Say whether this is a number, in answer to how many come: then it is no time."""
    return talk.asked == "party_size" and COUNT.match(lower) is not None


def count_in(lower: str) -> int | None:
    """Return how many come; None where so many cannot."""
    found = COUNT.match(lower)
    count = int(found[1][:LONGEST_COUNT]) if found and found[1] else DOZEN
    return count if 0 < count <= MOST_PARTY else None


def is_anybody(lower: str, talk: Talk) -> bool:
    """Say whether it does not matter who does it."""
    asks_whom = talk.asked in {"staff", "other_staff"}
    return bool(ANYBODY.search(lower) or (asks_whom and WHOEVER.search(lower)))


def is_answer(key: str) -> bool:
    """Say whether words, in small letters, are an answer by themselves: "yes", "anyone", "thanks", "the second one"."""
    return any(pattern.fullmatch(key) for pattern in (YES, OVER, NO, NOT_THAT, THANKS, WHOEVER, ANYBODY, PLACE, COUNT))
