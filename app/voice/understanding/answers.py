"""What a bare number means in the answer to a question: "8" to "what time?", "the 5" to "which day?"."""

from collections.abc import Sequence

from app.voice.understanding.answer import Slot
from app.voice.understanding.clocks import COUNTS, bare_hour
from app.voice.understanding.dates import meant, numbered
from app.voice.understanding.meaning import Context, Meaning
from app.voice.understanding.party import counted
from app.voice.understanding.rules import Found, apply, rule
from app.voice.understanding.tokens import Token


def _day(found: Found) -> Meaning | None:
    return meant(numbered(found.here, found.number("day")))


RULES = {
    Slot.TIME: (rule("CLOCK", f"hour:HOUR (?!{COUNTS})", bare_hour),),
    Slot.DATE: (rule("DATE", "THE? day:DAYNUMBER|ORDINAL", _day),),
    Slot.PARTY_SIZE: (rule("PERSONS", "count:NUMBER", counted),),
}
KINDS = {
    Slot.TIME: {"CLOCK", "CLOCKS", "DAYPART"},
    Slot.DATE: {"DATE", "DATES", "PERIOD", "MOMENT"},
    Slot.PARTY_SIZE: {"PERSONS", "GUESTS"},
}


def taken(tokens: list[Token], here: Context, asked: Slot | None) -> list[Token]:
    """Return the tokens with a bare number taken for what was asked, where nothing else answers that."""
    if asked is None or _answered(tokens, asked):
        return tokens
    return apply(RULES[asked], tokens, here)


def _answered(tokens: Sequence[Token], asked: Slot) -> bool:
    return any(KINDS[asked] & token.classes for token in tokens)
