"""`understand`: a whole utterance in, everything that it says of a booking out."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from app.voice.understanding import (
    answers,
    clocks,
    corrections,
    cues,
    dates,
    entities,
    holidays,
    lengths,
    moves,
    parts,
    party,
    periods,
    ranges,
    relative,
    weekdays,
)
from app.voice.understanding.answer import Intent, OpeningHours, Read, Slot, Understanding, Window
from app.voice.understanding.catalogue import Catalogue, Entity, Kind
from app.voice.understanding.combine import (
    Spoken,
    chosen,
    dated,
    day_left_out,
    days_left_out,
    left_out,
    other_days,
    read,
    spoken,
    wanted,
)
from app.voice.understanding.intents import intent_of
from app.voice.understanding.meaning import Context, Meaning
from app.voice.understanding.negation import names_left_out
from app.voice.understanding.problems import is_far, problem_of
from app.voice.understanding.rules import Rule, apply
from app.voice.understanding.text import plain
from app.voice.understanding.timing import LIKELY, SURE, Day, times_left_out, timing, windows_of_day
from app.voice.understanding.tokens import Token, tokenize

TIMES: tuple[tuple[Rule, ...], ...] = (
    (
        *clocks.RULES,
        *dates.RULES,
        *weekdays.RULES,
        *lengths.RULES,
        *periods.RULES,
        *holidays.RULES,
        *relative.COUNTED,
        *corrections.RESUMED,
    ),
    (*periods.WIDER, *relative.RULES, *parts.RULES),
)
"""The rules for what names a time, in the order in which they are applied: each level sees what the one before made."""
TOGETHER: tuple[tuple[Rule, ...], ...] = (
    ranges.RULES,
    ranges.JOINED,
    corrections.RULES,
    party.COUNTS,
    party.TOGETHER,
)
"""The rules for what several of those say together, in order."""
LEVELS = (*TIMES, *TOGETHER)
MONTH_FIRST = frozenset({"", "US", "PH", "PR", "GU", "AS", "VI", "UM", "MP", "FM", "MH", "PW"})
"""The regions that write 2/3 for February 3 (Unicode CLDR), and no region at all."""
MOVING = re.compile(r"\b(?:move|change|reschedule|shift|switch|push|postpone|bring)\b")
UNWANTED = re.compile(rf"\b{cues.NOT} (?:\w+ )?{cues.NEED}\b")
BOOKING = re.compile(rf"{cues.BOOKING}|{cues.BOOK}|\bbooked\b")
ABOUT_OWN = frozenset({Intent.CANCEL, Intent.RESCHEDULE})
NOTHING = Read(Intent.OTHER, "", 0, 0, 0.0)
SECOND_WISH = re.compile(r"\bcancel\b[^.;]*?(?P<then>[,.;]? (?:and|then)(?: then)? (?:book|reserve|schedule|make)\b.*)")
NAMED = 0.95
"""Words that are a name with this confidence say nothing of time: August Barbershop, Salon 21."""


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
    """Return what `text` says. This is what `app.voice.understanding.understand` calls. Raises `TextTooLong`."""
    lower = without_second_wish(plain(text))
    here = Context(now.astimezone(zone), month_first=month_first(locale), moving=bool(MOVING.search(lower)))
    named = entities.find(text[: len(lower.rstrip())], catalogue) if catalogue else []
    tokens = read_tokens(without_names(lower, named), here, asked)
    unwanted = left_out(tokens)
    found = wanted(spoken(tokens), unwanted)
    old = [one for one in found if one.is_old]
    said = _timed(text, lower, [one for one in found if not one.is_old], hours, here)
    if old:
        said = _moved(said, _timed(text, lower, old, hours, here))
    timed = bool(said.date or said.time or said.window or said.daypart)
    said = replace(said, intent=_intent(text, lower, named, timed=timed))
    said = _without(said, unwanted, found, Day.of(said.date.value if said.date else None, hours, here))
    windows = _on_days(unwanted, found, hours, here)
    return _naming(replace(said, excluded_windows=(*said.excluded_windows, *windows)), lower, named)


def _timed(text: str, lower: str, found: list[Spoken], hours: OpeningHours | None, here: Context) -> Understanding:
    """Return what is said of days, times and people; nothing of names and the intent yet."""
    dating = dated(found, here, booking=bool(BOOKING.search(lower)))
    time = timing(text, found, Day.of(dating[1] if dating else None, hours, here))
    return Understanding(
        intent=NOTHING,
        date=read(text, *dating, SURE) if dating and not is_far(dating[1], here) else None,
        problem=problem_of(text, found, dating, here),
        time=time.time,
        window=time.window,
        daypart=time.daypart,
        t_alt=time.t_alt,
        other_dates=other_days(found, dating, here),
        other_times=time.other_times,
        party_size=_party(text, found),
    )


def _moved(said: Understanding, old: Understanding) -> Understanding:
    """Return the same, with when the booking is now; one that is moved to no other day stays on its own."""
    return replace(said, date=said.date or old.date, old_date=old.date, old_time=old.time)


def _without(said: Understanding, meanings: Sequence[Meaning], found: Sequence[Spoken], day: Day) -> Understanding:
    """Return the same with the days and times that are left out."""
    times, windows = times_left_out(meanings, day)
    return replace(
        said,
        excluded_dates=days_left_out(meanings, found),
        excluded_times=times,
        excluded_windows=windows,
    )


def _on_days(
    unwanted: Sequence[Meaning], found: Sequence[Spoken], hours: OpeningHours | None, here: Context
) -> list[Window]:
    """Return the times that are left out of one day alone."""
    days = [(one, day_left_out(one, found)) for one in unwanted if one.is_of_day]
    return [window for one, on in days if on for window in windows_of_day(one, on, Day.of(on, hours, here))]


def _naming(said: Understanding, lower: str, named: Sequence[Read[Entity]]) -> Understanding:
    """Return the same with the names, those apart that are left out; who does not want a booking means that one."""
    gone = said.intent.value is Intent.CANCEL and UNWANTED.search(lower)
    unwanted = set() if gone else names_left_out(lower, named)
    candidates = [one for one in named if one.value not in unwanted]
    return replace(
        said,
        services=entities.of_kind(candidates, Kind.SERVICE),
        staff=entities.of_kind(candidates, Kind.STAFF),
        spaces=entities.of_kind(candidates, Kind.SPACE),
        excluded=tuple(one for one in named if one.value in unwanted),
    )


def _intent(text: str, lower: str, named: Sequence[Read[Entity]], *, timed: bool) -> Read[Intent]:
    """Return what is wanted. "Move my manicure", where a manicure is a service, moves a booking."""
    plain_intent = intent_of(text, lower, timed=timed)
    booked = lower
    for one in named:
        if one.confidence >= NAMED and one.value.kind is not Kind.STAFF:
            booked = booked[: one.start] + "slot".ljust(one.end - one.start)[: one.end - one.start] + booked[one.end :]
    found = intent_of(text, booked, timed=timed)
    return found if found.value in ABOUT_OWN else plain_intent


def month_first(locale: str) -> bool:
    """Say whether 2/3 is February 3 there."""
    return locale.replace("_", "-").partition("-")[2].upper() in MONTH_FIRST


def without_second_wish(lower: str) -> str:
    """Return the text without what is to be booked behind a cancellation: one thing is done at a time."""
    wish = SECOND_WISH.search(lower)
    return lower[: wish.start("then")].ljust(len(lower)) if wish else lower


def without_names(lower: str, named: Sequence[Read[Entity]]) -> str:
    """Return the text with what are surely names of several words blotted out."""
    for one in named:
        if one.confidence >= NAMED and " " in one.text:
            lower = lower[: one.start] + "x" * (one.end - one.start) + lower[one.end :]
    return lower


def read_tokens(lower: str, here: Context, asked: Slot | None = None) -> list[Token]:
    """Return the tokens of a plain text, those that say something replaced by what they mean."""
    tokens = tokenize(lower)
    for rules in TIMES:
        tokens = apply(rules, tokens, here)
    tokens = moves.parted(tokens, here)
    for rules in TOGETHER:
        tokens = apply(rules, tokens, here)
    return answers.taken(tokens, here, asked)


def _party(text: str, found: list[Spoken]) -> Read[int] | None:
    """Return how many come; less surely where the number stands alone: "for four"."""
    size = chosen(found, lambda meaning: meaning.people)
    if not size:
        return None
    return read(text, size, size.meaning.people, SURE if "PERSONS" in size.token.values else LIKELY)
