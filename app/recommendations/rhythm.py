"""Which services a client is due for, from its own rhythm, shrunk towards everybody's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from app.recommendations.reasons import CLIENTS_NEEDED

EVERYBODY_COUNTS = 2
"""Everybody's rhythm weighs as much as so many gaps of the client's own."""
EARLIEST, LATEST = 0.75, 1.25
"""One is due from the first to the second of these parts of the expected gap."""

Visits = Mapping[int, Iterable[date]]
"""Of one client: when it had each service, in any order; days by the business's clocks."""


@dataclass(frozen=True, slots=True)
class Due:
    """A service that the client usually has again by now."""

    service: int
    due_on: date
    usual_interval_days: int
    score: float  # 1 on the day itself, 0.75 at either end of the window
    because: tuple[date, ...]  # when the client had it


def population_gaps(clients: Iterable[Visits]) -> dict[int, float]:
    """Return the median gap, in days, between two visits of one client for the same service.

    Without the services that fewer than three clients have had twice.
    """
    gaps: dict[int, list[float]] = {}
    people: dict[int, int] = {}
    for visits in clients:
        for service, dates in visits.items():
            own = _gaps(sorted(set(dates)))
            gaps.setdefault(service, []).extend(own)
            people[service] = people.get(service, 0) + bool(own)
    return {service: float(median(found)) for service, found in gaps.items() if people[service] >= CLIENTS_NEEDED}


def expected_gap(own: list[int], population: float | None) -> float | None:
    """Return after how many days a client comes again: (n·own median + 2·population median) / (n + 2), n own gaps.

    The more gaps of its own a client has, the less everybody's count. Without either, the other; None without both.
    """
    if not own or population is None:
        return median(own) if own else population
    return (len(own) * median(own) + EVERYBODY_COUNTS * population) / (len(own) + EVERYBODY_COUNTS)


def due(history: Visits, population: Mapping[int, float], today: date) -> list[Due]:
    """Return the services that a client is due for `today`, the one nearest to its day first.

    Due is who had the service at least twice, and last so long ago that 0.75 to 1.25 of the expected gap are over.
    `population` has everybody's gaps, or the business's own word where it has one (`rebook_after_days`).
    """
    found = (_due(service, sorted(set(dates)), population.get(service), today) for service, dates in history.items())
    return sorted((one for one in found if one), key=lambda one: (-one.score, one.due_on, one.service))


def _due(service: int, dates: list[date], population: float | None, today: date) -> Due | None:
    own = _gaps(dates)
    gap = expected_gap(own, population) if own else None
    if gap is None:
        return None
    over = (today - dates[-1]).days / gap
    if not EARLIEST <= over <= LATEST:
        return None
    days = round(gap)
    return Due(service, dates[-1] + timedelta(days), days, round(1 - abs(1 - over), 6), tuple(dates))


def _gaps(dates: list[date]) -> list[int]:
    return [(later - earlier).days for earlier, later in pairwise(dates)]
