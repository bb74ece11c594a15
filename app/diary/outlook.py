"""The diaries of a long span, read once for many questions about parts of it."""

from collections.abc import Iterable
from datetime import datetime

from app.diary.allocations import Taken
from app.diary.cause import NOBODY, Cause
from app.diary.diaries import Diary, Zones, load_diaries
from app.kit.intervals import Span, meeting, merged, to_span


class Outlook:
    """Answers as `load_diaries` does, without asking the database again; what is planned meanwhile is taken.

    A resource is read, in one statement with others, when it is first asked about. Outside the span nothing is known:
    nothing seems open there.
    """

    def __init__(self, span: Span) -> None:
        """Look at `span`."""
        self.span = span
        self._known: dict[int, Diary] = {}

    def __call__(self, zones: Zones, span: Span, now: datetime, own: Cause = NOBODY) -> dict[int, Diary]:
        """Return the diary of each resource over a part of the span."""
        unknown = {resource_id: zone for resource_id, zone in zones.items() if resource_id not in self._known}
        if unknown:
            self._known |= load_diaries(unknown, self.span, now, own)
        return {resource_id: _part(self._known[resource_id], span) for resource_id in zones}

    def take(self, taken: Iterable[Taken]) -> None:
        """Count as taken what is planned, of resources that have been asked about."""
        for resource_id, starts_at, ends_at in taken:
            diary = self._known[resource_id]
            diary.taken = merged([*diary.taken, to_span(starts_at, ends_at)])


def _part(diary: Diary, span: Span) -> Diary:
    begin, end = span
    openings = [opening for opening in diary.openings if opening[0] < end and begin < opening[1]]
    return Diary(diary.resource_id, diary.timezone, openings, list(meeting(diary.taken, span)))
