"""The words that speak of time, each with its classes and its value. Rules name the classes."""

from collections.abc import Iterator

from app.voice.understanding.vocabulary import CLASSES, TIMELESS

Meanings = dict[str, int]
"""The classes of a word, and what it stands for in each: a number, which of its kind, or nothing (0)."""


def words(text: str) -> tuple[str, ...]:
    """Return the words of a table."""
    return tuple(text.split())


WEEKDAYS = (
    "monday mon mondays munday",
    "tuesday tue tues tuesdays teusday tuseday",
    "wednesday wed weds wednesdays wensday wednsday wendsday",
    "thursday thu thur thurs thursdays thrusday thurday",
    "friday fri fridays firday",
    "saturday sat saturdays saterday satruday",
    "sunday sun sundays",
)
MONTHS = (
    "january jan januray",
    "february feb febuary feburary",
    "march mar",
    "april apr",
    "may",
    "june jun",
    "july jul",
    "august aug",
    "september sept sep setember",
    "october oct",
    "november nov",
    "december dec",
)
SMALL_NUMBERS = words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50}
SMALL_ORDINALS = words(
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth"
)
ROUND_ORDINALS = {"twentieth": 20, "thirtieth": 30}
MINUTE, HOUR, DAY, WEEK, MONTH, YEAR = range(6)
UNITS = {
    MINUTE: "minute minutes min mins",
    HOUR: "hour hours hr hrs",
    DAY: "day days night nights",
    WEEK: "week weeks wk wks",
    MONTH: "month months",
    YEAR: "year years yr yrs",
}
UNIT_CLASSES = ("MINUTES", "HOURS", "DAYS", "WEEK", "MONTHS", "YEARS")
MORNING, NOON, AFTERNOON, EVENING, NIGHT = range(5)
PARTS = {
    MORNING: "morning mornings morn",
    AFTERNOON: "afternoon afternoons arvo",
    EVENING: "evening evenings",
    NIGHT: "night nighttime",
}
MEALS = {MORNING: "breakfast brunch", NOON: "lunch", EVENING: "dinner supper"}


def _meanings() -> Iterator[tuple[str, str, int]]:
    """Yield every word with one of its classes and its value there."""
    for class_, listed in CLASSES.items():
        yield from ((word, class_, 0) for word in words(listed))
    for class_, table in (("WEEKDAY", enumerate(WEEKDAYS)), ("MONTH", enumerate(MONTHS, start=1))):
        for number, listed in table:
            yield from ((word, class_, number) for word in words(listed))
    for class_, named in (("UNIT", UNITS), ("PART", PARTS), ("MEAL", MEALS)):
        for number, listed in named.items():
            yield from ((word, class_, number) for word in words(listed))
    for number, listed in UNITS.items():
        yield from ((word, UNIT_CLASSES[number], number) for word in words(listed))


def _entries() -> dict[str, Meanings]:
    entries: dict[str, Meanings] = {"o clock": {"OCLOCK": 0}}
    for word, class_, value in _meanings():
        entries.setdefault(word, {})[class_] = value
    for meanings in entries.values():
        if meanings.keys() <= TIMELESS:
            meanings["WORD"] = 0
    return entries


LEXICON = _entries()
