"""For how long something was open, without its closures and those of the whole business; and how much was booked."""

from collections import defaultdict
from collections.abc import Mapping

from app.diary import queries
from app.diary.diaries import Diary, load_openings
from app.extensions import db
from app.kit.intervals import Span, meeting, merged, to_instant, to_span, without


def open_times(zones: Mapping[int, str], span: Span) -> dict[int, Diary]:
    """Return the diaries of resources by id, in three statements; what is closed besides the hours counts as taken."""
    diaries = load_openings(zones, span)
    closed: defaultdict[int | None, list[Span]] = defaultdict(list)
    for closure in db.session.scalars(queries.closures_meeting(diaries.keys(), *map(to_instant, span))):
        closed[closure.resource_id].append(to_span(closure.starts_at, closure.ends_at))
    for resource_id, diary in diaries.items():
        diary.taken = merged(closed[resource_id] + closed[None])
    return diaries


def open_minutes(diary: Diary, span: Span) -> int:
    """Return the minutes of `span` in which it was open."""
    parts = ((max(begin, span[0]), min(end, span[1])) for begin, end in meeting(diary.open, span))
    return sum(end - begin for part in parts for begin, end in without(part, diary.taken)) // 60


def share(part: int, whole: int) -> float | None:
    """Return a part of a whole, to three decimals; None of nothing."""
    return round(part / whole, 3) if whole else None
