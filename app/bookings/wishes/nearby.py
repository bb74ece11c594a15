"""Slots near a wish, picked out of kinds of them: of a month's thousands, few are made."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from app.bookings.slots import MOST_ALTERNATIVES, Alike, Slot, nearest
from app.kit.intervals import Span, to_instant, to_seconds


def nearest_others(kinds: Iterable[Alike], starts_at: datetime) -> list[Slot]:
    """Return up to five slots at other times than the wished one, nearest first."""
    wished = to_seconds(starts_at)
    near = (kind.at(start) for kind in kinds for run in kind.runs for start in _around(run, wished))
    return nearest((slot for slot in near if slot.starts_at != starts_at), starts_at)


def span_of(slots: Iterable[Slot], starts_at: datetime, looked_at: Span) -> Span:
    """Return the seconds in which these slots, and the wished one, start; of those that are looked at."""
    starts = [to_seconds(starts_at), *(to_seconds(slot.starts_at) for slot in slots)]
    return max(looked_at[0], min(starts)), min(looked_at[1], max(starts) + 1)


def slots_at(kinds: Iterable[Alike], starts_at: datetime) -> Iterator[Slot]:
    """Yield the slots that start at an instant."""
    start = to_seconds(starts_at)
    if to_instant(start) == starts_at:
        yield from (kind.at(start) for kind in kinds for run in kind.runs if start in run)


def _around(run: range, at: int) -> range:
    """Return the last six starts of a run until `at`, and the first five after it: of others none is nearer."""
    last = max(-1, min(len(run) - 1, (at - run.start) // run.step))
    return run[max(0, last - MOST_ALTERNATIVES) : last + MOST_ALTERNATIVES + 1]
