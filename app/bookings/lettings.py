"""Letting a space by time: which intervals its diary offers, and why it offers no others.

Pure, in seconds since the epoch, like `availability`: any start and end on the grid, inside opening hours, of a lawful
length.
"""

from dataclasses import dataclass

from app.bookings.availability import Terms, fits_grid, reasons_against
from app.bookings.errors import RANK, DurationOutOfRange, NotOnGrid, PartyTooLarge, Unavailability
from app.diary.diaries import Diary
from app.kit.intervals import Span, merged, without

HOUR = 3600


@dataclass(frozen=True, slots=True)
class House:
    """What a space demands of a letting: its grid, when it may start, how long it lasts, and for how many people."""

    grid: int
    earliest: int
    latest: int
    shortest: int
    longest: int
    capacity: int

    def terms(self, duration: int) -> Terms:
        """Return what a letting of `duration` demands of the diary."""
        return Terms(duration, 0, 0, self.grid, self.earliest, self.latest)

    @property
    def margin(self) -> int:
        """Seconds beyond a window by which it can be told whether the shortest letting fits into a time at its end."""
        return self.shortest + self.grid

    def nearest_length(self, duration: int) -> int:
        """Return the lawful length in whole steps of the grid that is nearest to `duration`, rather longer."""
        least, most = -(-self.shortest // self.grid), self.longest // self.grid
        return max(least, min(-(-duration // self.grid), most)) * self.grid


def price_of(hourly: int, span: Span) -> int:
    """Return the price of a letting in minor units: to the minute, rounded once, half up."""
    return (2 * hourly * (span[1] - span[0]) + HOUR) // (2 * HOUR)


def reasons_against_letting(
    diary: Diary, house: House, span: Span, party_size: int, *, whole_seconds: bool = True
) -> list[Unavailability]:
    """Return every reason why the space is not let for `span` to so many, in the order of precedence."""
    duration = span[1] - span[0]
    checks: dict[Unavailability, bool] = {
        DurationOutOfRange: not house.shortest <= duration <= house.longest,
        PartyTooLarge: party_size > house.capacity,
        NotOnGrid: not whole_seconds or not fits_grid(diary, house.grid, span[1], ending=True),
    }
    against = {reason for reason, holds in checks.items() if holds}
    return sorted(against.union(reasons_against(diary, house.terms(duration), span[0])), key=RANK.__getitem__)


def free_times(diary: Diary, house: House, window: Span) -> list[Span]:
    """Return the intervals of `window` in which every lawful length on the grid can be had, in order.

    An interval too short for the shortest letting is left out; one at an end of the window reaches as far beyond it as
    that takes. The diary is one over the window with `house.margin` around it.
    """
    bounds = max(window[0] - house.margin, house.earliest), min(window[1] + house.margin, house.latest)
    pieces = (
        _on_grid(free, opening[0], house.grid)
        for opening in diary.openings
        if opening[0] < bounds[1] and bounds[0] < opening[1]
        for free in without(_within(opening, bounds), diary.taken)
    )
    joined = merged(piece for piece in pieces if piece[0] < piece[1])
    return [piece for piece in joined if piece[1] - piece[0] >= house.shortest]


def _within(span: Span, bounds: Span) -> Span:
    return max(span[0], bounds[0]), min(span[1], bounds[1])


def _on_grid(span: Span, opens: int, grid: int) -> Span:
    return opens + -(-(span[0] - opens) // grid) * grid, opens + (span[1] - opens) // grid * grid
