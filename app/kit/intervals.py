"""Half-open intervals of instants as pairs of whole seconds since the epoch: plain integers sort and merge fast."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from math import inf

Span = tuple[int, int]
"""`[start, end)` in seconds since 1970-01-01T00:00Z, `start < end`."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def to_seconds(at: datetime) -> int:
    """Return the last whole second not after the instant `at`."""
    return (at - EPOCH) // SECOND


def to_seconds_up(at: datetime) -> int:
    """Return the first whole second not before the instant `at`."""
    return -((EPOCH - at) // SECOND)


def to_instant(seconds: int) -> datetime:
    """Return the instant, aware in UTC."""
    return EPOCH + timedelta(seconds=seconds)


def to_span(starts_at: datetime, ends_at: datetime) -> Span:
    """Return the smallest span of whole seconds around an interval."""
    return to_seconds(starts_at), to_seconds_up(ends_at)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the union of `spans`, sorted, touching ones joined."""
    ordered = sorted(spans)
    if not ordered:
        return []
    union: list[Span] = []
    begin, until = ordered[0]
    for start, end in ordered:
        if start > until:
            union.append((begin, until))
            begin, until = start, end
        elif end > until:
            until = end
    return [*union, (begin, until)]


def containing(spans: Sequence[Span], at: int) -> Span | None:
    """Return the one of sorted, disjoint `spans` that holds the second `at`."""
    index = bisect_right(spans, (at, inf)) - 1
    return spans[index] if index >= 0 and at < spans[index][1] else None


def meeting(spans: Sequence[Span], span: Span) -> Sequence[Span]:
    """Return those of sorted, disjoint `spans` that share time with `span`."""
    start, end = span
    first = bisect_right(spans, start, key=lambda other: other[1])
    return spans[first : bisect_left(spans, end, key=lambda other: other[0])]


def without(span: Span, taken: Sequence[Span]) -> list[Span]:
    """Return the parts of `span` that none of sorted, disjoint `taken` holds."""
    free, at = [], span[0]
    for start, end in meeting(taken, span):
        if start > at:
            free.append((at, start))
        at = max(at, end)
    return [*free, (at, span[1])] if at < span[1] else free
