"""Which time of which resource a booking takes. Pure.

Neighbouring items of one staff member are one run: the first one's buffer before it, the last one's after it. What a
booking takes of one resource is merged, so that its own buffers never stand in its way.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from app.diary.allocations import Taken
from app.kit.intervals import Span, merged, to_instant, to_span
from app.models import BookingItem


def taken_by(items: Sequence[BookingItem], space_id: int | None = None) -> list[Taken]:
    """Return what the items take of the staff who do them; where a space is let, of the space instead."""
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for resource_id, run in _runs(items, space_id):
        spans[resource_id].append(to_span(run[0].occupied[0], run[-1].occupied[1]))
    return [
        (resource_id, to_instant(start), to_instant(end))
        for resource_id, taken in sorted(spans.items())
        for start, end in merged(taken)
    ]


def _runs(items: Sequence[BookingItem], space_id: int | None) -> Iterator[tuple[int, list[BookingItem]]]:
    in_order = sorted(items, key=lambda item: item.position)
    for staff_id, run in groupby(in_order, key=lambda item: item.staff_id):
        resource_id = space_id if staff_id is None else staff_id
        assert resource_id is not None  # noqa: S101  # an item without staff is a space's, says the table
        yield resource_id, list(run)
