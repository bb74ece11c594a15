"""The diaries of resources over a span: when each is open and when it is taken."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar

from app import lookups
from app.diary.cause import NOBODY, Cause
from app.diary.openings import WallHours, days_around, openings
from app.diary.statements import DIARIES, HOURS, Values, own_values
from app.kit.intervals import Span, merged, to_instant

Zones = Mapping[int, str]
"""The resources asked about: id to IANA time zone."""

Key = TypeVar("Key")
_Hours = defaultdict[int, defaultdict[Key, list[WallHours]]]
_Taken = defaultdict[int | None, list[Span]]

Reader = Callable[[Zones, Span, datetime, Cause], "dict[int, Diary]"]
"""What answers with the diaries of resources over a span, at the present instant; see `load_diaries`."""


@dataclass(slots=True)
class Diary:
    """One resource's openings, and what of its time is taken."""

    resource_id: int
    timezone: str
    openings: list[Span]
    taken: list[Span] = field(default_factory=list)
    open: list[Span] = field(init=False)

    def __post_init__(self) -> None:
        """Join touching openings, so that work may run from one into the next."""
        self.open = merged(self.openings)


def load_diaries(zones: Zones, span: Span, now: datetime, own: Cause = NOBODY) -> dict[int, Diary]:
    """Return the diary of each resource over `span`, in one statement.

    What has lapsed at `now` counts as free, and so does what is taken by `own`.
    """
    begin, end = span
    interval = {"now": now, "begin": begin, "starts_at": to_instant(begin), "ends_at": to_instant(end)}
    return _read(DIARIES, zones, span, interval | own_values(own))


def load_openings(zones: Zones, span: Span) -> dict[int, Diary]:
    """Return the diaries without anything that is taken, in one statement."""
    return _read(HOURS, zones, span, {})


def _read(statement: lookups.Columns, zones: Zones, span: Span, values: Values) -> dict[int, Diary]:
    days = {timezone: days_around(span, timezone) for timezone in set(zones.values())}
    if not days:
        return {}
    dates = {"first": min(d[0] for d in days.values()), "last": max(d[-1] for d in days.values())}
    rows = lookups.rows(statement, {"resource_ids": list(zones), **dates, **values})
    weekly, dated, taken = _sorted(rows)
    return {
        one: Diary(one, timezone, openings(days[timezone], weekly[one], dated[one], timezone), _of(one, taken))
        for one, timezone in zones.items()
    }


def _sorted(rows: Iterable[Any]) -> tuple[_Hours[int], _Hours[date], _Taken]:
    """Return the hours of weekdays; those of the dates that have their own, none where the date is closed; and what is
    taken, of None by closures of everybody.
    """
    weekly: _Hours[int] = defaultdict(lambda: defaultdict(list))
    dated: _Hours[date] = defaultdict(lambda: defaultdict(list))
    taken: _Taken = defaultdict(list)
    for resource_id, weekday, day, begin, end in rows:
        if weekday is None and day is None:
            taken[resource_id].append((begin, end))
            continue
        found = dated[resource_id][day] if weekday is None else weekly[resource_id][weekday]
        if begin is not None:
            found.append((begin, end))
    return weekly, dated, taken


def _of(resource_id: int, taken: _Taken) -> list[Span]:
    """Return what is taken of a resource, without what has ended before the span began."""
    return merged([span for one in (None, resource_id) for span in taken[one] if span[1] and span[0] < span[1]])
