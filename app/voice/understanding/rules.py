"""Rules over classes of tokens, and how the best of what they find is chosen.

Each token becomes one character that stands for its set of classes, and a rule's pattern a regular expression over such
characters: `THE? day:ORDINAL OF month:MONTH` names classes, not words. A sentence is some twenty characters then, and
patterns neither nest nor repeat without bound, so that reading takes time in proportion to the text.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from app.voice.understanding.meaning import Context, Meaning
from app.voice.understanding.tokens import Token, every_class_set

KINDS = (
    "DATE",
    "PERIOD",
    "CLOCK",
    "CLOCKS",
    "DATES",
    "SPAN",
    "MOMENT",
    "NONE",
    "DAYPART",
    "PERSONS",
    "SOMEBODY",
    "GUESTS",
    "REJECTED",
    "OLD",
    "ANYWAY",
)
"""What rules make of tokens; later rules name these as classes. NONE: words that only look like time; OLD: when a
booking is that is to be moved; ANYWAY: "after all"."""
FIRST_CODE = 0x4E00
"""Characters from here on stand for sets of classes; none of them means anything in a pattern."""
EACH = 0.1
"""What a piece costs: of two readings of the same words, that in fewer pieces is better."""
COMMA = re.compile(r",(?!\d)")
ATOM = re.compile(r"(?:([a-z]+):)?([A-Z]+(?:\|[A-Z]+)*)")


def _codes() -> dict[frozenset[str], str]:
    sets = sorted({*every_class_set(), *(frozenset({kind}) for kind in KINDS)}, key=sorted)
    return {classes: chr(FIRST_CODE + number) for number, classes in enumerate(sets)}


CODES = _codes()


class Found:
    """A rule's match: the tokens that it named, and where the reader stands."""

    def __init__(  # noqa: D107 - made by `apply` alone
        self, match: re.Match[str], tokens: Sequence[Token], classes: dict[str, list[str]], here: Context
    ):
        self._match, self._tokens, self._classes = match, tokens, classes
        self.here = here

    @property
    def tokens(self) -> Sequence[Token]:
        """All tokens that the rule matched."""
        first, last = self._match.span("whole_")
        return self._tokens[first:last]

    def has(self, name: str) -> bool:
        """Say whether the part `name` is there."""
        return name in self._classes and self._match.start(name) >= 0

    def value(self, name: str) -> object:
        """Return the value of the token `name` in the class by which the rule named it; None where it is not there."""
        if not self.has(name):
            return None
        values = self._tokens[self._match.start(name)].values
        return next(values[class_] for class_ in self._classes[name] if class_ in values)

    def number(self, name: str, default: int = 0) -> int:
        """Return the number that the token `name` stands for, or `default` where it is not there."""
        value = self.value(name)
        return value if isinstance(value, int) else default

    def written(self, name: str) -> tuple[str, ...]:
        """Return the figures of a date or time written with figures: those of "8:05" are "8" and "05"."""
        value = self.value(name)
        return value if isinstance(value, tuple) else ()

    def figures(self, name: str) -> tuple[int, ...]:
        """Return the same as numbers: 8 and 5."""
        return tuple(map(int, self.written(name)))

    def meaning(self, name: str) -> Meaning:
        """Return what an earlier rule made of `name`; an empty meaning where it is not there."""
        value = self.value(name)
        return value if isinstance(value, Meaning) else Meaning()


Maker = Callable[[Found], Meaning | None]
"""Says what the words found mean together; None where they mean nothing."""


class Rule(NamedTuple):
    """What `make` makes of the tokens that match `pattern` is of `kind`, and weighs a `bonus` more than it is long."""

    pattern: re.Pattern[str]
    classes: dict[str, list[str]]
    make: Maker
    kind: str
    bonus: float


@dataclass(frozen=True, slots=True)
class Piece:
    """What a rule read from the tokens `first` to before `last`."""

    first: int
    last: int
    weight: float
    kind: str
    meaning: Meaning


def rule(kind: str, pattern: str, make: Maker, *, bonus: float = 0) -> Rule:
    """Return the rule of a pattern of classes: `name:CLASS` names a token, `|` joins classes, a comma is a class.

    All else is as in regular expressions; alternatives of several tokens stand in brackets, spaces around the bar. The
    comma of `{0,6}` is none of the text.
    """
    classes: dict[str, list[str]] = {}

    def atom(match: re.Match[str]) -> str:
        name, named = match.groups()
        if name:
            classes[name] = named.split("|")
        return f"(?P<{name}>{_any_of(named)})" if name else _any_of(named)

    body = ATOM.sub(atom, COMMA.sub(" COMMA", pattern)).replace(" ", "")
    return Rule(re.compile(f"(?=(?P<whole_>{body}))"), classes, make, kind, bonus)


@cache
def _any_of(named: str) -> str:
    """Return the pattern of a token of any of the classes `named`. Raises `ValueError` where there is none."""
    classes = set(named.split("|"))
    codes = "".join(code for known, code in CODES.items() if known & classes)
    if not codes:
        raise ValueError(f"No token is ever {named}.")
    return f"[{codes}]"


def apply(rules: Sequence[Rule], tokens: Sequence[Token], here: Context) -> list[Token]:
    """Return the tokens with the best choice of what `rules` find put in their place."""
    codes = "".join(CODES[token.classes] for token in tokens)
    chosen = best([piece for rule_ in rules for piece in _pieces(rule_, codes, tokens, here)])
    return list(_replaced(tokens, chosen))


def _pieces(rule_: Rule, codes: str, tokens: Sequence[Token], here: Context) -> Iterator[Piece]:
    for match in rule_.pattern.finditer(codes):
        first, last = match.span("whole_")
        meaning = rule_.make(Found(match, tokens, rule_.classes, here)) if last > first else None
        if meaning is not None:
            yield Piece(first, last, last - first + rule_.bonus - EACH, rule_.kind, meaning)


def best(pieces: list[Piece]) -> list[Piece]:
    """Return those pieces that do not overlap and weigh most together, in order (weighted interval scheduling)."""
    pieces = sorted(pieces, key=lambda piece: (piece.last, piece.first))
    ends = [piece.last for piece in pieces]
    totals, taken = [0.0], [False]
    for number, piece in enumerate(pieces):
        with_it = totals[bisect_right(ends, piece.first, 0, number)] + piece.weight
        taken.append(with_it > totals[-1])
        totals.append(max(with_it, totals[-1]))
    chosen, number = [], len(pieces)
    while number:
        if taken[number]:
            chosen.append(pieces[number - 1])
            number = bisect_right(ends, pieces[number - 1].first, 0, number - 1)
        else:
            number -= 1
    return chosen[::-1]


def _replaced(tokens: Sequence[Token], chosen: list[Piece]) -> Iterator[Token]:
    at = 0
    for piece in chosen:
        yield from tokens[at : piece.first]
        yield Token(tokens[piece.first].start, tokens[piece.last - 1].end, {piece.kind: piece.meaning})
        at = piece.last
    yield from tokens[at:]
