"""What comes of one part, or of what one staff member does in one run, straight from the diaries.

Pure, in seconds since the epoch. Starts are told in rows: a month has thousands of starts, and few rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from app.bookings.availability import offered_runs
from app.bookings.reach import Diaries, Offer
from app.kit.intervals import Span

Teams = tuple[frozenset[int], ...]
"""For each part, the staff who do it in some arrangement."""

Outcomes = dict[tuple[int, int], Teams]
"""What may come of a visit: by its price and its end, who can take part."""


class Row(NamedTuple):
    """Starts from each of which the same comes: so many seconds, at a price, by any of these teams."""

    starts: range
    length: int
    price: int
    teams: Teams


def of_one_part(offers: Iterable[Offer], diaries: Diaries, window: Span) -> Iterator[Row]:
    """Yield the outcomes of one part straight from the diaries: many times as fast."""
    alike: defaultdict[tuple[int, int, int, int], list[tuple[range, int]]] = defaultdict(list)
    for offer in offers:
        for run in offered_runs(diaries[offer.staff_id], offer.terms, window):
            phase = run.start % run.step
            alike[offer.terms.duration, offer.price, run.step, phase].append((run, offer.staff_id))
    for (duration, price, _, _), runs in alike.items():
        for piece, staff in joined_runs(runs):
            yield Row(piece, duration, price, (staff,))


def by_start(rows: Iterable[Row]) -> dict[int, Outcomes]:
    """Return the outcomes of each start."""
    found: defaultdict[int, Outcomes] = defaultdict(dict)
    for starts, length, price, teams in rows:
        for start in starts:
            found[start][price, start + length] = teams
    return found


def joined_runs(runs: Iterable[tuple[range, int]]) -> Iterator[tuple[range, frozenset[int]]]:
    """Cut runs of starts on one grid wherever somebody's begins or ends; yield each piece, and whose it is."""
    changes: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    step = 1
    for run, one in runs:
        changes[run.start].append((one, 1))
        changes[run.stop].append((one, -1))
        step = run.step
    times: defaultdict[int, int] = defaultdict(int)
    for at, until in pairwise(sorted(changes)):
        for one, more in changes[at]:
            times[one] += more
            if not times[one]:
                del times[one]
        if times:
            yield range(at, until, step), frozenset(times)
