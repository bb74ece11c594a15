from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.kit.intervals import (
    EPOCH,
    Span,
    containing,
    meeting,
    merged,
    to_instant,
    to_seconds,
    to_seconds_up,
    to_span,
    without,
)

END = 40


span = st.tuples(st.integers(0, END - 1), st.integers(1, 8)).map(lambda pair: (pair[0], sum(pair)))
spans = st.lists(span, max_size=8)


def seconds_of(some: Sequence[Span]) -> set[int]:
    """Return every second that lies in one of the spans: the slow, obvious way."""
    return {second for start, end in some for second in range(start, end)}


def test_an_instant_survives_seconds_and_back() -> None:
    at = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    assert to_instant(to_seconds(at)) == at
    assert to_instant(to_seconds(at)).tzinfo is UTC
    assert to_seconds(at.astimezone(timezone(timedelta(hours=3)))) == to_seconds(at)


@given(st.integers(-(10**15), 10**15))
def test_the_whole_seconds_around_an_instant(microseconds: int) -> None:
    at = EPOCH + timedelta(microseconds=microseconds)
    assert to_instant(to_seconds(at)) <= at <= to_instant(to_seconds_up(at))
    assert to_seconds_up(at) - to_seconds(at) == (1 if at.microsecond else 0)


def test_a_span_holds_the_interval_it_was_made_from() -> None:
    half = timedelta(microseconds=500_000)
    assert to_span(EPOCH + half, EPOCH + timedelta(seconds=2) + half) == (0, 3)


@given(spans)
def test_merging_keeps_every_second_and_separates_what_is_left(some: list[Span]) -> None:
    union = merged(some)
    assert seconds_of(union) == seconds_of(some)
    assert all(before[1] < after[0] for before, after in pairwise(union))


def test_touching_spans_become_one() -> None:
    assert merged([(10, 20), (0, 10)]) == [(0, 20)]


@given(spans, st.integers(-1, END + 9))
def test_the_span_that_holds_a_second(some: list[Span], at: int) -> None:
    union = merged(some)
    assert containing(union, at) == next((one for one in union if one[0] <= at < one[1]), None)


@given(spans, span)
def test_the_spans_that_share_time_with_another(some: list[Span], other: Span) -> None:
    union, (start, end) = merged(some), other
    assert list(meeting(union, (start, end))) == [one for one in union if one[0] < end and start < one[1]]


@given(spans, span)
def test_what_is_free_is_what_is_not_taken(some: list[Span], other: Span) -> None:
    taken = merged(some)
    free = without(other, taken)
    assert seconds_of(free) == seconds_of([other]) - seconds_of(taken)
    assert free == merged(free)
    assert all(start < end for start, end in free)
