"""The diaries of resources over a span: when each is open and when it is taken."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from app.diary import queries
from app.diary.cause import NOBODY, Cause
from app.diary.openings import WallHours, days_around, openings
from app.extensions import db
from app.kit.intervals import Span, merged, to_instant, to_span
from app.models import Allocation

Zones = Mapping[int, str]
"""The resources asked about: id to IANA time zone."""

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
    """Return the diary of each resource over `span`, in four statements.

    What has lapsed at `now` counts as free, and so does what is taken by `own`.
    """
    diaries = load_openings(zones, span)
    _mark_taken(diaries, span, now, own)
    return diaries


def load_openings(zones: Zones, span: Span) -> dict[int, Diary]:
    """Return the diaries without anything that is taken, in two statements."""
    days = {timezone: days_around(span, timezone) for timezone in set(zones.values())}
    weekly = _weekly(zones)
    dated = _dated(zones, min(d[0] for d in days.values()), max(d[-1] for d in days.values())) if days else {}
    return {
        resource_id: Diary(
            resource_id, timezone, openings(days[timezone], weekly[resource_id], dated[resource_id], timezone)
        )
        for resource_id, timezone in zones.items()
    }


def _weekly(zones: Zones) -> Mapping[int, Mapping[int, list[WallHours]]]:
    weekly: defaultdict[int, defaultdict[int, list[WallHours]]] = defaultdict(lambda: defaultdict(list))
    for resource_id, weekday, opens, closes in db.session.execute(queries.weekly_hours(zones.keys())):
        weekly[resource_id][weekday].append((opens, closes))
    return weekly


def _dated(zones: Zones, first: date, last: date) -> Mapping[int, Mapping[date, list[WallHours]]]:
    dated: defaultdict[int, defaultdict[date, list[WallHours]]] = defaultdict(lambda: defaultdict(list))
    for resource_id, day, opens, closes in db.session.execute(queries.dated_hours(zones.keys(), first, last)):
        hours = dated[resource_id][day]
        if opens is not None:
            hours.append((opens, closes))
    return dated


def _mark_taken(diaries: Mapping[int, Diary], span: Span, now: datetime, own: Cause) -> None:
    interval = to_instant(span[0]), to_instant(span[1])
    for closure in db.session.scalars(queries.closures_meeting(diaries.keys(), *interval)):
        closed = to_span(closure.starts_at, closure.ends_at)
        for diary in [diaries[closure.resource_id]] if closure.resource_id else diaries.values():
            diary.taken.append(closed)
    columns = (Allocation.resource_id, Allocation.starts_at, Allocation.ends_at)
    rows = queries.allocations_meeting(diaries.keys(), *interval, *columns)
    rows = rows.where(queries.still_counting(now), *queries.not_taken_by(own))
    for resource_id, starts_at, ends_at in db.session.execute(rows):
        diaries[resource_id].taken.append(to_span(starts_at, ends_at))
    for diary in diaries.values():
        diary.taken = merged(diary.taken)
