"""The diaries of resources over a span: when each is open and when it is taken."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from app.diary.cause import NOBODY, Cause
from app.diary.openings import WallHours, days_around, openings
from app.diary.statements import HOURS, TAKEN_OR_CLOSED, own_values
from app.extensions import db
from app.kit.intervals import Span, merged, to_instant, to_span

Zones = Mapping[int, str]
"""The resources asked about: id to IANA time zone."""

Key = TypeVar("Key")
_Hours = defaultdict[int, defaultdict[Key, list[WallHours]]]

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
    """Return the diary of each resource over `span`, in two statements.

    What has lapsed at `now` counts as free, and so does what is taken by `own`.
    """
    diaries = load_openings(zones, span)
    _mark_taken(diaries, span, now, own)
    return diaries


def load_openings(zones: Zones, span: Span) -> dict[int, Diary]:
    """Return the diaries without anything that is taken, in one statement."""
    days = {timezone: days_around(span, timezone) for timezone in set(zones.values())}
    if not days:
        return {}
    weekly, dated = _hours(zones, min(d[0] for d in days.values()), max(d[-1] for d in days.values()))
    return {
        resource_id: Diary(
            resource_id, timezone, openings(days[timezone], weekly[resource_id], dated[resource_id], timezone)
        )
        for resource_id, timezone in zones.items()
    }


def _hours(zones: Zones, first: date, last: date) -> tuple[_Hours[int], _Hours[date]]:
    """Return the hours of weekdays, and of the dates that have their own: none, where the date is closed."""
    weekly: _Hours[int] = defaultdict(lambda: defaultdict(list))
    dated: _Hours[date] = defaultdict(lambda: defaultdict(list))
    values = {"resource_ids": list(zones), "first": first, "last": last}
    for resource_id, weekday, day, opens, closes in db.session.execute(HOURS, values):
        found = dated[resource_id][day] if weekday is None else weekly[resource_id][weekday]
        if opens is not None:
            found.append((opens, closes))
    return weekly, dated


def _mark_taken(diaries: Mapping[int, Diary], span: Span, now: datetime, own: Cause) -> None:
    interval = {"starts_at": to_instant(span[0]), "ends_at": to_instant(span[1])}
    values = {"resource_ids": list(diaries), "now": now, **interval, **own_values(own)}
    for resource_id, starts_at, ends_at in db.session.execute(TAKEN_OR_CLOSED, values):
        if ends_at is None or ends_at <= starts_at:
            continue  # nothing reaches into the interval
        for diary in diaries.values() if resource_id is None else [diaries[resource_id]]:
            diary.taken.append(to_span(starts_at, ends_at))
    for diary in diaries.values():
        diary.taken = merged(diary.taken)
