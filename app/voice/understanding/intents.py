"""What somebody wants, by ordered rules: the first that fits decides.

The order says what outweighs what: "cancel my booking and tell me the price" is a cancellation, "what time is my
appointment on Friday" a question though it names a date. Words alone decide: models that learn from examples fell apart
on sources that they had not seen.
"""

import re
from dataclasses import dataclass

from app.voice.understanding import cues
from app.voice.understanding.answer import Intent, Read

LIKELY = 0.6
"""That of what is moved where it is not said what: in a conversation about a booking to be, it is only a correction."""
UNSURE = 0.5
"""The confidence that nothing is wanted, where no rule fits."""


@dataclass(frozen=True, slots=True)
class IntentRule:
    """`intent`, where all of `needs` are in the text and `unless` is not; `timed` wants a date or a time as well."""

    intent: Intent
    confidence: float
    needs: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str]
    timed: bool


def _rule(
    intent: Intent, confidence: float, *needs: str, unless: str = cues.NOTHING, timed: bool = False
) -> IntentRule:
    return IntentRule(intent, confidence, tuple(map(re.compile, needs)), re.compile(unless), timed)


RULES = (
    _rule(Intent.OTHER, 0.9, cues.THANKS, cues.words("all", "help", "nothing", "not need", "booking")),
    _rule(
        Intent.CANCEL,
        0.95,
        cues.CANCEL,
        cues.BOOKING,
        unless=rf"{cues.NO_CANCEL}|{cues.KEPT}|\bclose to\b|\bend (?:of|at|by)\b",
    ),
    _rule(Intent.CANCEL, 0.9, cues.CANCEL_ALONE, unless=cues.KEPT),
    _rule(Intent.CANCEL, 0.9, cues.CANCEL_ALL, unless=rf"{cues.NO_CANCEL}|{cues.KEPT}"),
    _rule(
        Intent.CANCEL,
        0.8,
        cues.UNWANTED,
        unless=rf"\bnot need anything\b|{cues.ANOTHER_WISH}|{cues.KEPT}",
    ),
    _rule(Intent.CANCEL, 0.8, rf"\b{cues.NOT} (?:be )?(?:needed|necessary|required)\b", cues.BOOKING),
    _rule(
        Intent.CANCEL,
        0.7,
        r"\b(?:can't|cannot|can not|cant|unable to) (?:make it|come|attend)\b",
        unless=rf"how about|instead|{cues.CHANGE}",
    ),
    _rule(Intent.RESCHEDULE, 0.95, cues.words(r"reschedul\w+", r"rebook\w*", "postpone")),
    _rule(Intent.RESCHEDULE, 0.9, cues.CHANGE, cues.BOOKING, cues.EXISTING),
    _rule(Intent.RESCHEDULE, 0.9, cues.CHANGE, cues.MY_TIME, r"\bto\b"),
    _rule(Intent.RESCHEDULE, LIKELY, cues.MOVE_IT, unless=cues.ELSEWHERE),
    _rule(Intent.RESCHEDULE, LIKELY, cues.UNABLE_INSTEAD),
    _rule(Intent.OTHER, 0.9, cues.KEPT),
    _rule(Intent.AVAILABILITY, 0.8, cues.ASKING, cues.DIARY, unless=cues.OTHERS_DIARY),
    _rule(Intent.AVAILABILITY, 0.7, cues.MY_DAY, timed=True, unless=cues.ELSEWHERE),
    _rule(Intent.OTHER, 0.7, cues.FACTS, unless=cues.ASKS_TO_BOOK),
    _rule(Intent.BOOK, 0.9, cues.BOOK, unless=cues.ELSEWHERE),
    _rule(Intent.BOOK, 0.9, cues.ROOM, unless=cues.ELSEWHERE),
    _rule(Intent.BOOK, 0.8, cues.SEE, cues.PROVIDER),
    _rule(Intent.BOOK, 0.7, cues.GO_THERE),
    _rule(Intent.BOOK, 0.7, cues.REPLY, timed=True, unless=rf"{cues.ELSEWHERE}|\b(?:what|who|whose)\b"),
)


def intent_of(text: str, lower: str, *, timed: bool) -> Read[Intent]:
    """Return what `text` wants, from its plain form `lower`; `timed`: it names a date or a time.

    The words shown are the first of those that decided.
    """
    for rule in RULES:
        if timed or not rule.timed:
            found = [need.search(lower) for need in rule.needs]
            if found[0] and all(found) and not rule.unless.search(lower):
                start, end = found[0].span()
                return Read(rule.intent, text[start:end], start, end, rule.confidence)
    return Read(Intent.OTHER, "", 0, 0, UNSURE)
