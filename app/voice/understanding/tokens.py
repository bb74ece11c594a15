"""From text to tokens: words and numbers with the classes by which rules name them."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.voice.understanding.lexicon import HOUR, LEXICON, MINUTE, ROUND_ORDINALS, SMALL_NUMBERS, SMALL_ORDINALS, TENS

SCANNER = re.compile(
    r"""(?P<opaque>[$£€][ ]?[0-9][0-9.,]*|[0-9]{3}-[0-9]{3}-[0-9]{4}|[0-9]{5,}|[0-9]+%|24/7)
    |(?P<iso>[0-9]{4}(?P<d1>[-/.])[0-9]{1,2}(?P=d1)[0-9]{1,2}(?![0-9]))
    |(?P<numeric>[0-9]{1,2}(?P<d2>[-/.])[0-9]{1,2}(?P=d2)(?:[0-9]{4}|[0-9]{2})(?![0-9]))
    |(?P<colon>[0-9]{1,2}:[0-5][0-9](?::[0-5][0-9])?(?![0-9]))
    |(?P<dotted>[0-9]{1,2}\.[0-9]{1,2}(?![0-9]))
    |(?P<slashed>[0-9]{1,2}[ ]?/[ ]?[0-9]{1,2}(?![0-9]))
    |(?P<ordinal>[0-9]{1,2}(?:st|nd|rd|th)(?![a-z]))
    |(?P<number>[0-9]+)
    |(?P<meridiem>[ap](?:\.?[ ]?m(?![a-z])\.?))
    |(?P<word>w/c(?![a-z])|o[ ]clock(?![a-z])|[^\W\d_]+(?:'[^\W\d_]+)?)
    |(?P<sign>\S)""",
    re.VERBOSE,
)
HOURS_A_DAY, MINUTES_AN_HOUR, LONGEST_MONTH = 24, 60, 31
DAY_FIGURES, MINUTE_FIGURES, YEAR_FIGURES = 2, 2, 4
"""How many figures a day or an hour has at most, and minutes and a year exactly."""
FIRST_TEN = 10
"""Numbers below it are units: only those are added to tens."""
YEARS = range(1900, 2200)
MOST = 1000
FAR_YEARS = range(2400, 10000)
"""Figures that are neither a year that somebody means nor a time."""
GLUED: Mapping[str, Mapping[str, int]] = {
    "a": {"MERIDIEM": 0},
    "p": {"MERIDIEM": 1},
    "h": {"H": 0, "UNIT": HOUR, "HOURS": HOUR},
    "hr": {"H": 0},
    "hrs": {"H": 0},
    "'": {"UNIT": MINUTE, "MINUTES": MINUTE},
}
"""What means something only right behind a figure: 7p, 15h30, 30'."""
STRANGER: Mapping[str, int] = {"WORD": 0}
"""The meaning of a word that says nothing of time."""
HUGE: Mapping[str, int] = {"WORD": 0, "HUGE": 0}
"""That of a number too long to be read."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number, or what a rule made of several: where it stands, its classes, and its value in each."""

    start: int
    end: int
    values: Mapping[str, object]

    @property
    def classes(self) -> frozenset[str]:
        """The names of its classes."""
        return frozenset(self.values)


def tokenize(text: str) -> list[Token]:
    """Return the tokens of `text`, in order; numbers of two words ("twenty first", "thirty-six") are one."""
    found: list[Token] = []
    for match in SCANNER.finditer(text):
        touching = bool(found) and found[-1].end == match.start() and "NUMBER" in found[-1].values
        found.append(Token(match.start(), match.end(), _values(match, touching=touching)))
    return list(_joined(found))


def _values(match: re.Match[str], *, touching: bool) -> Mapping[str, object]:
    kind, text = str(match.lastgroup), match[0]
    if kind == "number":
        return {**number_values(int(text), len(text)), **LEXICON.get(text, {})}
    if kind == "ordinal":
        return ordinal_values(int(text[:-2]), spelled=False)
    if kind == "meridiem":
        return {"MERIDIEM": int(text[0] == "p")}
    if kind in {"iso", "numeric", "colon", "dotted", "slashed"}:
        return {kind.upper(): tuple(re.split(r"[^0-9]+", text))}
    if kind == "opaque" and text.isdecimal():
        return HUGE
    return _word_values(text, touching=touching)


def _word_values(word: str, *, touching: bool) -> Mapping[str, object]:
    glued = GLUED.get(word, {}) if touching else {}
    known = LEXICON.get(word) or LEXICON.get(word.removesuffix("'s")) or {}
    return {**glued, **known, **WORD_NUMBERS.get(word, {})} or STRANGER


def number_values(value: int, digits: int) -> dict[str, int]:
    """Return the classes of a number written with so many digits; 0 digits: as a word."""
    short, four = digits <= DAY_FIGURES, digits == YEAR_FIGURES
    hour, minute = divmod(value, 100)
    asked = {
        "NUMBER": value < MOST,
        "HOUR": short and value <= HOURS_A_DAY,
        "DAYNUMBER": short and 1 <= value <= LONGEST_MONTH,
        "MINUTE": value < MINUTES_AN_HOUR and (digits == MINUTE_FIGURES or (not digits and value >= FIRST_TEN)),
        "STEP": short and value in {5, 10, 15, 20, 25},
        "SPELLED": not digits,
        "YEAR": four and value in YEARS,
        "FARYEAR": four and value in FAR_YEARS,
        "PACKED": not short and 1 <= hour < HOURS_A_DAY and minute < MINUTES_AN_HOUR,
    }
    classes = {class_: value for class_, holds in asked.items() if holds} or {"WORD": 0}
    return classes | {"HUGE": value} if value >= MOST else classes


def ordinal_values(value: int, *, spelled: bool) -> dict[str, int]:
    """Return the classes of an ordinal number."""
    if not 1 <= value <= LONGEST_MONTH:
        return {"WORD": 0, "NODAY": value}
    return {"ORDINAL": value, "WRITTEN" if spelled else "FIGURE": value}


def _word_numbers() -> dict[str, dict[str, int]]:
    numbers = {word: number_values(value, 0) for value, word in enumerate(SMALL_NUMBERS)}
    numbers |= {word: number_values(value, 0) | {"TENS": value} for word, value in TENS.items()}
    numbers |= {word: ordinal_values(value, spelled=True) for value, word in enumerate(SMALL_ORDINALS, start=1)}
    return numbers | {word: ordinal_values(value, spelled=True) for word, value in ROUND_ORDINALS.items()}


WORD_NUMBERS = _word_numbers()


def _joined(tokens: list[Token]) -> Iterator[Token]:
    """Yield the tokens, tens and units put together: "twenty one", "twenty-first"."""
    at = 0
    while at < len(tokens):
        hyphen = at + 2 < len(tokens) and "DASH" in tokens[at + 1].values and tokens[at].end == tokens[at + 1].start
        unit = at + 1 + hyphen
        joined = _sum(tokens[at], tokens[unit]) if unit < len(tokens) else None
        yield joined or tokens[at]
        at = unit + 1 if joined else at + 1


def _sum(tens: Token, unit: Token) -> Token | None:
    if "TENS" not in tens.values or not {"SPELLED", "WRITTEN"} & unit.classes:
        return None
    more = unit.values.get("NUMBER") or unit.values.get("ORDINAL")
    if not isinstance(more, int) or not 1 <= more < FIRST_TEN:
        return None
    total = int(str(tens.values["TENS"])) + more
    values = ordinal_values(total, spelled=True) if "ORDINAL" in unit.values else number_values(total, 0)
    return Token(tens.start, unit.end, values)


def every_class_set() -> Iterable[frozenset[str]]:
    """Yield each set of classes that a token can have."""
    for word in {*LEXICON, *WORD_NUMBERS}:
        yield frozenset(_word_values(word, touching=False))
    yield from (frozenset(STRANGER), frozenset(HUGE))
    yield from (frozenset({*values, *LEXICON.get(word, {})}) for word, values in GLUED.items())
    for digits in range(1, 5):
        yield from (
            frozenset({*number_values(value, digits), *LEXICON.get(str(value), {})}) for value in range(10**digits)
        )
    yield from (frozenset(number_values(value, 0)) for value in range(60))
    yield from (frozenset(ordinal_values(value, spelled=bool(value % 2))) for value in range(64))
    yield from (frozenset({kind}) for kind in ("ISO", "NUMERIC", "COLON", "DOTTED", "SLASHED", "MERIDIEM", "WORD"))
