"""When a booking is that is to be moved: "from Tuesday at 4 to Friday", "my haircut on the 30th to Tuesday"."""

from collections.abc import Sequence
from dataclasses import replace

from app.voice.understanding.clocks import COUNTS, bare_hour
from app.voice.understanding.meaning import Context
from app.voice.understanding.rules import apply, rule
from app.voice.understanding.tokens import Token

WHEN = frozenset({"DATE", "DATES", "PERIOD", "MOMENT", "CLOCK", "DAYPART"})
BEFORE_WHEN = frozenset({"ON", "AT", "THE", "AROUND", "IN"})


HOURS = (
    rule("CLOCK", f"(?<=FROM) hour:HOUR (?=TO AT? ((HOUR (?!{COUNTS})) | CLOCK|DATE))", bare_hour),
    rule("CLOCK", f"(?<=FROM HOUR TO) hour:HOUR (?!{COUNTS})", bare_hour),
    rule("CLOCK", f"(?<=FROM CLOCK TO) hour:HOUR (?!{COUNTS})", bare_hour),
)
"""Bare hours: "from 3 to 5"."""


def parted(tokens: Sequence[Token], here: Context) -> list[Token]:
    """Return the tokens, those old that say when the booking is, where it is moved from there to another time.

    The first "to" before a time decides, and what is old stands between the verb and that: in "12 pm, but change the
    date to May 5" nothing is. What is behind it is new: "my 3 pm haircut to Tuesday, 4 to 5" has a window.
    """
    if not here.moving:
        return list(tokens)
    tokens = apply(HOURS, tokens, here)
    end = next((number for number in range(len(tokens)) if _leads_to_time(tokens, number)), 0)
    begin = max((number for number in range(end) if "CHANGE" in tokens[number].values), default=0)
    return tokens[:begin] + [_old(token) for token in tokens[begin:end]] + tokens[end:]


def _leads_to_time(tokens: Sequence[Token], number: int) -> bool:
    """Say whether a "to" with a time right behind it stands there."""
    if "TO" not in tokens[number].values:
        return False
    rest = (token for token in tokens[number + 1 :] if not BEFORE_WHEN & token.classes)
    first = next(rest, None)
    return first is not None and bool(WHEN & first.classes)


def _old(token: Token) -> Token:
    if not WHEN & token.classes:
        return token
    return replace(token, values={"OLD": next(iter(token.values.values()))})
