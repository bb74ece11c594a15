"""The one engine for search and write: which starts a diary offers, and why it offers no others.

Pure: everything it needs is in its arguments. Seconds since the epoch throughout.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from app.bookings import errors
from app.bookings.errors import Unavailability
from app.diary.diaries import Diary
from app.diary.errors import OutsideOpeningHours, SlotTaken
from app.kit.intervals import Span, containing, meeting


@dataclass(frozen=True, slots=True)
class Terms:
    """What a piece of work demands of a diary: its length, its buffers, the grid, and when it may start at all."""

    duration: int
    before: int
    after: int
    grid: int
    earliest: int
    latest: int

    def occupied(self, start: int) -> Span:
        """Return the time the work takes with its buffers."""
        return start - self.before, start + self.duration + self.after


def offered_runs(diary: Diary, terms: Terms, window: Span) -> Iterator[range]:
    """Yield every start in `window` that a booking would be accepted at, as runs on the grid of an opening.

    The work must lie in opening hours; its buffers may spill outside them, but into nothing taken.
    """
    first, end = max(window[0], terms.earliest), min(window[1], terms.latest + 1)
    ends = [taken_to for _, taken_to in diary.taken]
    for opening in diary.openings:
        if opening[1] <= first or end <= opening[0]:
            continue
        whole = containing(diary.open, opening[0])
        assert whole is not None  # noqa: S101  # `open` is the union of `openings`
        bounds = max(first, opening[0]), min(end, opening[1], whole[1] - terms.duration + 1)
        index = bisect_right(ends, bounds[0] - terms.before)
        for free in _startable(diary.taken[index:], terms, bounds):
            run = _on_grid(free, opening[0], terms.grid)
            if run:
                yield run


def offered_starts(diary: Diary, terms: Terms, window: Span) -> list[int]:
    """Return what `offered_runs` offers, each start once, in order."""
    return sorted(set(chain.from_iterable(offered_runs(diary, terms, window))))


def reasons_against(diary: Diary, terms: Terms, start: int, *, whole_second: bool = True) -> list[Unavailability]:
    """Return every reason why the diary does not offer `start`, in the order of precedence; none if it does."""
    checks = {
        errors.NoticeTooShort: start < terms.earliest,
        errors.BeyondHorizon: start > terms.latest,
        OutsideOpeningHours: not is_open(diary, terms, start),
        errors.NotOnGrid: not whole_second or not fits_grid(diary, terms.grid, start),
        SlotTaken: bool(meeting(diary.taken, terms.occupied(start))),
    }
    return [reason for reason, holds in checks.items() if holds]


def is_open(diary: Diary, terms: Terms, start: int) -> bool:
    """Say whether the work, its buffers aside, lies in opening hours."""
    whole = containing(diary.open, start)
    return whole is not None and start + terms.duration <= whole[1]


def is_offered(diary: Diary, terms: Terms, start: int) -> bool:
    """Say whether `offered_starts` has `start`."""
    return offered_starts(diary, terms, (start, start + 1)) == [start]


def fits_grid(diary: Diary, grid: int, at: int, *, ending: bool = False) -> bool:
    """Say whether `at` is a whole number of `grid` steps after an opening that it begins, or ends, in."""
    least, most = (1, 0) if ending else (0, -1)
    return any(opens + least <= at <= closes + most and (at - opens) % grid == 0 for opens, closes in diary.openings)


def _startable(taken: Iterable[Span], terms: Terms, bounds: Span) -> Iterator[Span]:
    """Yield the sub-intervals of `bounds` in which the work may start without touching anything `taken`.

    That is in order, from the first on that matters.
    """
    at, end = bounds
    for taken_from, taken_to in taken:
        if at >= end:
            return
        blocked_from = taken_from - terms.duration - terms.after + 1
        if blocked_from > at:
            yield at, min(blocked_from, end)
        at = max(at, taken_to + terms.before)
    if at < end:
        yield at, end


def _on_grid(span: Span, opens: int, grid: int) -> range:
    return range(_next_on_grid(span[0], opens, grid), _next_on_grid(span[1], opens, grid), grid)


def _next_on_grid(at: int, opens: int, grid: int) -> int:
    return at + (opens - at) % grid
