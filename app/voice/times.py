"""Times to offer, from the engine that decides about every booking: the very functions that the API's search calls."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from app.bookings import service as bookings
from app.bookings.request import Asked, Request
from app.bookings.service import Days
from app.bookings.wishes import NOTHING, Own
from app.kit.clock import utcnow
from app.kit.intervals import Span, merged, to_instant, to_span, without
from app.voice.excluding import excluded_ids, is_day_excluded, is_excluded
from app.voice.turn import Turn

MOST_OPTIONS = 5
AHEAD = timedelta(days=13)
"""How far it is looked where no day, or no end, was named: two weeks."""

FURTHEST = timedelta(days=61)
"""What is asked of the engine at a time, at most."""

Option = dict[str, Any]
"""A slot, as `SlotOut` shows it."""


def asked_for(turn: Turn) -> Asked:
    """Return the service that was named, and by whom."""
    service_id = turn.talk.id_of("service")
    assert service_id is not None  # noqa: S101  # it is asked for first
    return Asked(service_id, turn.talk.id_of("staff"), not_by=excluded_ids(turn.talk, "staff"))


def days_of(turn: Turn) -> Days:
    """Return the days that were named, from today on; the coming two weeks where none were."""
    today = utcnow().astimezone(turn.zone).date()
    first, last = turn.talk.days
    begin = max(today, first or today)
    end = last or (begin + AHEAD)
    return Days(begin, max(begin, min(end, begin + FURTHEST)), turn.zone.key)


def slots_on(turn: Turn, parts: Sequence[Asked], days: Days, own: Own = NOTHING) -> list[Option]:
    """Return all slots of some days that are wanted, in order."""
    return wanted(turn, chain.from_iterable(day["slots"] for day in bookings.list_slots(parts, days, own).days))


def wanted(turn: Turn, options: Iterable[Option]) -> list[Option]:
    """Return those options that begin when, and are done by whom, the client has not said no to."""
    not_by, found = excluded_ids(turn.talk, "staff"), []
    for option in options:
        able = [staff_id for staff_id in option.get("staff_ids", ()) if staff_id not in not_by]
        is_done = able or not option.get("staff_ids")
        if is_done and not is_excluded(turn.talk, option["starts_at"].astimezone(turn.zone)):
            found.append(option | {"staff_ids": able} if "staff_ids" in option else option)
    return found


def open_times(turn: Turn, space_id: int) -> list[Option]:
    """Return when a space is free on the days that were named, without what is left out."""
    whole = chain.from_iterable(day["open"] for day in bookings.list_open_times(space_id, days_of(turn)).days)
    found = []
    for option in on_named(turn, whole):
        day = option["starts_at"].astimezone(turn.zone).date()
        if not is_day_excluded(turn.talk, day):
            spans = without(to_span(option["starts_at"], option["ends_at"]), merged(_left_out(turn, day)))
            found += [_open(to_instant(start), to_instant(end)) for start, end in spans]
    return found


def fitting(turn: Turn, spans: Iterable[Option], end_of: Callable[[datetime], datetime]) -> list[Option]:
    """Return the starts at the times that were named from which there is time enough."""
    found = []
    for span in spans:
        day = span["starts_at"].astimezone(turn.zone).date()
        starts = [turn.at(day, clock) for clock in turn.talk.times]
        found += [_open(at, end_of(at)) for at in starts if span["starts_at"] <= at and end_of(at) <= span["ends_at"]]
    return found


def _open(starts_at: datetime, ends_at: datetime) -> Option:
    return {"starts_at": starts_at, "ends_at": ends_at, "staff_ids": []}


def _left_out(turn: Turn, day: date) -> Iterator[Span]:
    """Yield the windows of a day that are left out; one over midnight is at both its ends."""
    dawn, dusk = turn.at(day, time()), turn.at(day + timedelta(days=1), time())
    for one in turn.talk.excluded:
        if one["kind"] == "window":
            begin = turn.at(day, time.fromisoformat(one["from"])) if one["from"] else dawn
            end = turn.at(day, time.fromisoformat(one["to"])) if one["to"] else dusk
            yield from [to_span(begin, end)] if begin < end else [to_span(dawn, end), to_span(begin, dusk)]


def on_named(turn: Turn, options: Iterable[Option]) -> list[Option]:
    """Return those options that are on a day that was named: of "Tuesday or Thursday" nothing between the two."""
    return [option for option in options if turn.talk.takes(option["starts_at"].astimezone(turn.zone).date())]


def within(turn: Turn, options: Iterable[Option]) -> list[Option]:
    """Return those options that start in the window, or at the time, that was named; all where none was."""
    times = turn.talk.times
    found = []
    for option in options:
        clock = option["starts_at"].astimezone(turn.zone).time()
        if clock in times or (not times and turn.talk.is_in_window(clock)):
            found.append(option)
    return found


def spread(options: Sequence[Option]) -> list[Option]:
    """Return up to five of many, from the first to the last, each start once."""
    once = list({option["starts_at"]: option for option in options}.values())
    if len(once) <= MOST_OPTIONS:
        return once
    steps = MOST_OPTIONS - 1
    return [once[number * (len(once) - 1) // steps] for number in range(MOST_OPTIONS)]


def by_days(turn: Turn, options: Iterable[Option]) -> list[Option]:
    """Return the first option of each of the first five days."""
    first: dict[date, Option] = {}
    for option in options:
        first.setdefault(option["starts_at"].astimezone(turn.zone).date(), option)
    return list(first.values())[:MOST_OPTIONS]


def offer(turn: Turn, options: Sequence[Option]) -> list[Option]:
    """Return what to offer of many: one for each of several days, or spread over one day."""
    days = {option["starts_at"].astimezone(turn.zone).date() for option in options}
    return by_days(turn, options) if len(days) > 1 else spread(options)


def check(turn: Turn, request: Request) -> tuple[bool, list[str], list[Option]]:
    """Say whether something can be had at an instant; if not, why, and what is near and wanted."""
    found = bookings.check_start(request)
    return found.available, found.reasons, wanted(turn, found.alternatives)


def kept(options: Iterable[Option]) -> list[dict[str, Any]]:
    """Return what a conversation keeps of the options it has named: when each begins, and who can do it then."""
    return [{"starts_at": one["starts_at"].isoformat(), "staff_ids": one.get("staff_ids", [])} for one in options]


def told(turn: Turn, options: Sequence[Option]) -> str:
    """Return options as they are said, each day named once."""
    days: dict[str, list[str]] = {}
    for option in options:
        days.setdefault(turn.day(option["starts_at"]), []).append(turn.clock(option["starts_at"]))
    return "; ".join(f"{day} at {', '.join(clocks)}" for day, clocks in days.items())
