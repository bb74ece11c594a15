"""Booking, and asking what is free: what is missing is asked for, one thing at a time; then times are offered."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta

from app.bookings import service as bookings
from app.bookings.errors import PRECEDENCE, TooManyHolds
from app.bookings.request import Request
from app.models import BookingKind
from app.users.errors import ClientBlocked
from app.voice import times
from app.voice.asking import ask_day, ask_gone, ask_somebody_else, ask_subject, ask_unclear, performers
from app.voice.proposals import is_alive, propose_booking, request_of
from app.voice.talk import readings
from app.voice.turn import Reply, Status, Turn, ask, listed
from app.voice.understanding import Intent

SIGN_IN = "Sign in to book."
NOBODY_ELSE = "Nobody else does that. With whom do you want it?"
NOT_THEN = "Nothing is free then. "
RETRYABLE = tuple(set(PRECEDENCE) - {ClientBlocked})
HOLDS_ENOUGH = (
    "As many times as can be held at once are held for you already. Confirm one of them, or wait some minutes; then say"
    " yes."
)
REASONS = {
    "resource_inactive": "That is not to be had any more.",
    "duration_out_of_range": "It is not let for so short or so long a time.",
    "party_too_large": "It does not take so many people.",
    "notice_too_short": "That is too soon, or over.",
    "beyond_horizon": "Bookings are not taken that far ahead.",
    "outside_opening_hours": "It is not open then.",
    "not_on_grid": "Bookings do not start at that minute.",
}
"""What is said of a time that cannot be had; of all others, that it is taken."""


def arrange(turn: Turn) -> Reply:
    """Ask for what is missing, or offer times, or propose a booking."""
    asked = ask_gone(turn) or ask_unclear(turn) or ask_subject(turn) or ask_day(turn)
    if asked:
        return asked
    return _let(turn) if "space" in turn.talk.said else _served(turn)


def offer_instead(turn: Turn) -> None:
    """Let what the refusal of a proposal has named instead be what there is to choose from, in its order."""
    proposal = turn.talk.proposal
    if proposal is not None and proposal["action"] == "book" and not is_alive(proposal):
        found = times.check(turn, request_of(proposal | {"hold_id": None}))
        turn.talk.options = times.kept(found[2])


def _books(turn: Turn) -> bool:
    return turn.talk.intent is Intent.BOOK and turn.actor is not None


def _served(turn: Turn) -> Reply:
    """Answer a wish for a service."""
    if _books(turn) and turn.talk.day and turn.talk.times:
        return _at_once(turn, lambda start: _visit(turn, start))
    return _offered(turn)


def _visit(turn: Turn, start: datetime) -> Request:
    people = turn.talk.said["party_size"]["value"] if "party_size" in turn.talk.said else 1
    return Request(starts_at=start, parts=(times.asked_for(turn),), party_size=people, for_self=True)


def _offered(turn: Turn) -> Reply:
    """Offer what is free in the days and the time that were named; where nothing is, what is free near them."""
    parts, days = [times.asked_for(turn)], times.days_of(turn)
    found = times.within(turn, times.on_named(turn, times.slots_on(turn, parts, days)))
    if len(found) == 1 and _books(turn) and turn.talk.times:
        return _proposed(turn, _visit(turn, found[0]["starts_at"]))
    if found:
        return _told(turn, "There is ", times.offer(turn, found))
    later = replace(days, last=days.first + 2 * times.AHEAD)
    whole = times.slots_on(turn, parts, later)
    near = times.within(turn, whole) or whole
    if not near:
        return _nothing(turn)
    return _told(turn, f"{NOT_THEN}There is ", times.offer(turn, near))


def _nothing(turn: Turn) -> Reply:
    """Say that nothing is free for weeks: the staff member who was named may not do it at all."""
    able = [one.id for one in performers(turn)]
    if "staff" not in turn.talk.said:
        return ask("date", "Nothing is free in those weeks. On which other day?") if able else ask("staff", NOBODY_ELSE)
    if turn.talk.id_of("staff") not in able:
        return ask_somebody_else(turn, f"{turn.name_of('staff')} does not do that.")
    return ask(
        "staff", f"{turn.name_of('staff')} has no time for that in those weeks. With whom else, or on which other day?"
    )


def _told(turn: Turn, before: str, options: list[times.Option]) -> Reply:
    """Return options, to be chosen from where a booking is wanted."""
    text = f"{before}{times.told(turn, options)}."
    if _books(turn) and "date" not in turn.talk.said:
        return ask("date", f"On which day do you want to come? {text}", options=options)
    if _books(turn):
        return ask("time", f"{text} Which do you want?", options=options)
    return Reply(Status.ANSWER, f"{text} {SIGN_IN}" if turn.actor is None else text, options=options)


def _at_once(turn: Turn, request_at: Callable[[datetime], Request]) -> Reply:
    """Propose what was asked for, if it can be had; of two halves of the day that both can, ask which is meant."""
    day = turn.talk.day
    assert day is not None  # noqa: S101  # asked before
    requests = [request_at(turn.at(day, clock)) for clock in turn.talk.times]
    verdicts = [times.check(turn, request) for request in requests]
    free = [request for request, verdict in zip(requests, verdicts, strict=True) if verdict[0]]
    if len(free) == 1 and free[0] in requests[: turn.talk.named_times]:
        return _proposed(turn, free[0])
    if free:
        return _which_half(turn, free)
    return refused(turn, verdicts[0][1], verdicts[0][2])


def _which_half(turn: Turn, free: Sequence[Request]) -> Reply:
    """Ask whether the other half of the day is meant, or which."""
    clocks = listed([turn.clock(request.starts_at) for request in free])
    options = [{"starts_at": one.starts_at, "ends_at": one.ends_at or one.starts_at, "staff_ids": []} for one in free]
    if free[0].kind is BookingKind.SERVICE:
        slots = times.slots_on(turn, free[0].parts, times.days_of(turn))
        options = [slot for slot in slots if slot["starts_at"] in {one.starts_at for one in free}]
    return ask("time", f"Do you mean {clocks}?", options=options)


def _proposed(turn: Turn, request: Request) -> Reply:
    """Propose a booking; where somebody has just taken the time, offer what is near.

    Where too many times are held already, the wish is kept, and any word of the client's tries again.
    """
    assert turn.actor is not None  # noqa: S101  # nobody else books
    try:
        return propose_booking(turn, turn.actor, request)
    except TooManyHolds:
        return ask("hold", HOLDS_ENOUGH)
    except RETRYABLE as refusal:
        return refused(turn, [refusal.code], bookings.alternatives_for(request))


def refused(turn: Turn, reasons: Sequence[str], near: Sequence[times.Option]) -> Reply:
    """Say why a time cannot be had, and what can."""
    if reasons[0] == "staff_not_assigned" and "staff" not in turn.talk.said:
        return ask("staff", NOBODY_ELSE)
    if reasons[0] == "staff_not_assigned":
        return ask_somebody_else(turn, f"{turn.name_of('staff')} does not do that.")
    if reasons[0] == "party_too_large":
        del turn.talk.said["party_size"]
        return ask("party_size", f"{REASONS['party_too_large']} For how many people?")
    why = REASONS.get(reasons[0], "That time is taken.")
    options = sorted(near, key=lambda option: option["starts_at"])
    if not options:
        return ask("date", f"{why} On which other day, and when?")
    return ask("time", f"{why} There is {times.told(turn, options)}. Which do you want?", options=options)


def _let(turn: Turn) -> Reply:
    """Answer a wish for a space: it is let from when until when, and for how many."""
    talk = turn.talk
    if _books(turn) and talk.times and "until" in talk.said and not talk.day:
        fitting = times.fitting(turn, _open_times(turn), lambda start: _end_of(turn, start))
        if len(fitting) != 1:
            return _told(turn, "There is ", times.offer(turn, fitting)) if fitting else _open(turn, NOT_THEN)
        talk.settle_on(fitting[0]["starts_at"], turn.zone)
    if not _books(turn) or not talk.day or not talk.times:
        return _open(turn)
    if "until" not in talk.said:
        return ask("until", "Until what time?")
    if "party_size" not in talk.said:
        return ask("party_size", "For how many people?")
    return _at_once(turn, lambda start: _letting(turn, start))


def _open_times(turn: Turn) -> list[times.Option]:
    space_id = turn.talk.id_of("space")
    assert space_id is not None  # noqa: S101  # what is wanted here is a space
    return times.open_times(turn, space_id)


def _open(turn: Turn, before: str = "") -> Reply:
    """Say when a space is free."""
    found = _open_times(turn)[: times.MOST_OPTIONS]
    if not found:
        return ask("date", "Nothing is free then. On which other day?")
    spans = [f"{turn.day(a)} from {turn.clock(a)} to {turn.clock(b)}" for a, b in map(_ends, found)]
    text = f"{before}It is free on {'; '.join(spans)}."
    if _books(turn):
        asked = "time" if turn.talk.day else "date"
        return ask(asked, f"{text} From when until when do you want it?", options=found)
    return Reply(Status.ANSWER, f"{text} {SIGN_IN}" if turn.actor is None else text, options=found)


def _ends(option: times.Option) -> tuple[datetime, datetime]:
    return option["starts_at"], option["ends_at"]


def _letting(turn: Turn, start: datetime) -> Request:
    """Return the letting from a start until the time that was named."""
    return Request(
        starts_at=start,
        ends_at=_end_of(turn, start),
        space_id=turn.talk.id_of("space"),
        party_size=turn.talk.said["party_size"]["value"],
        for_self=True,
    )


def _end_of(turn: Turn, start: datetime) -> datetime:
    """Return when a letting from a start ends: at the next of the readings of the time that was named."""
    local, clocks = start.astimezone(turn.zone), readings(turn.talk.said["until"])
    later = [clock for clock in clocks if clock > f"{local:%H:%M}"]
    day = local.date() if later else local.date() + timedelta(days=1)
    return turn.at(day, time.fromisoformat(min(later or clocks)))
