"""Slots as the JSON that `SlotOut` shows: a month has thousands, and most of each is what others have too.

What slots of a kind have in common is written once; and a time once for the slots of all services and staff.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter

from orjson import Fragment

from app.bookings.slots import Alike, Day, cut_by_day
from app.kit.intervals import to_instant
from app.web.json_gate import written

MOST_TIMES = 1 << 14
"""How many times are remembered as text, a quarter of a kB each: all quarters of the hours of half a year."""

Kind = tuple[int, str]
"""How many seconds slots take; and the end of their JSON, from `staff_ids` on."""

Run = tuple[range, Kind]


def written_by_day(kinds: Iterable[Alike], first: date, last: date, timezone: str) -> list[Day]:
    """Return what `by_day` does, with the slots of each day written already."""
    runs = ((run, (alike.length, terms)) for alike in kinds for terms in [_terms(alike)] for run in alike.runs)
    days = cut_by_day(runs, first, last, timezone)
    return [{"date": day, "slots": Fragment(f"[{_slots_of(some)}]")} for day, some in days]


def _terms(alike: Alike) -> str:
    return written(alike.pattern.shown_terms()).decode().removeprefix("{")


def _slots_of(runs: Sequence[Run]) -> str:
    """Return all slots of a day, by start; the runs come by length, then price."""
    by_start = sorted(runs, key=lambda run: run[0].start) if len(runs) > 1 else runs
    if all(one[-1] < other.start for (one, _), (other, _) in pairwise(by_start)):
        return ",".join(f"{terms},".join(_times_of(run, length)) + terms for run, (length, terms) in by_start)
    slots = [
        (start, times + terms)
        for run, (length, terms) in runs
        for start, times in zip(run, _times_of(run, length), strict=True)
    ]
    return ",".join(slot for _, slot in sorted(slots, key=itemgetter(0)))


def _times_of(run: range, length: int) -> Iterable[str]:
    """Return the beginning of each slot's JSON, up to `staff_ids`."""
    return map(_times, run, range(run.start + length, run.stop + length, run.step))


@lru_cache(MOST_TIMES)
def _times(start: int, end: int) -> str:
    times = written({"starts_at": to_instant(start), "ends_at": to_instant(end)})
    return times.decode().removesuffix("}") + ","
