"""Slots near a wish, picked out of stretches of them: of a month's thousands, few are made."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from app.bookings.slots import MOST_ALTERNATIVES, Slot, Stretch, nearest
from app.kit.intervals import Span, to_seconds


def nearest_others(stretches: Iterable[Stretch], starts_at: datetime) -> list[Slot]:
    """Return up to five slots at other times than the wished one, nearest first."""
    near = (slot for stretch in stretches for slot in _around(stretch, starts_at))
    return nearest((slot for slot in near if slot.starts_at != starts_at), starts_at)


def span_of(slots: Iterable[Slot], starts_at: datetime, looked_at: Span) -> Span:
    """Return the seconds in which these slots, and the wished one, start; of those that are looked at."""
    starts = [to_seconds(starts_at), *(to_seconds(slot.starts_at) for slot in slots)]
    return max(looked_at[0], min(starts)), min(looked_at[1], max(starts) + 1)


def slots_at(stretches: Iterable[Stretch], starts_at: datetime) -> Iterator[Slot]:
    """Yield the slots that start at an instant."""
    for stretch in stretches:
        n, rest = divmod(starts_at - stretch.first.starts_at, stretch.step)
        if not rest and 0 <= n < stretch.count:
            yield _nth(stretch, n)


def _around(stretch: Stretch, at: datetime) -> Iterator[Slot]:
    """Yield the last six slots of a stretch until `at`, and the first five after it: of others none is nearer."""
    last = max(-1, min(stretch.count - 1, (at - stretch.first.starts_at) // stretch.step))
    for n in range(max(0, last - MOST_ALTERNATIVES), min(stretch.count, last + MOST_ALTERNATIVES + 1)):
        yield _nth(stretch, n)


def _nth(stretch: Stretch, n: int) -> Slot:
    first, later = stretch.first, n * stretch.step
    return replace(first, starts_at=first.starts_at + later, ends_at=first.ends_at + later)
