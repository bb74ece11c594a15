"""The engine against a slow oracle: what it offers and what it refuses is the same thing."""

from hypothesis import given, settings
from hypothesis import strategies as st

from app.bookings.availability import Terms, offered_starts, reasons_against
from app.bookings.errors import BeyondHorizon, NoticeTooShort, NotOnGrid
from app.diary.diaries import Diary
from app.diary.errors import OutsideOpeningHours, SlotTaken
from app.kit.intervals import Span, merged

HOUR = 3600
DAY = (0, 24 * HOUR)


def diary(openings: list[Span], taken: list[Span] | None = None) -> Diary:
    """Return a diary in UTC."""
    return Diary(1, "UTC", sorted(openings), taken=merged(taken or []))


def terms(minutes: int, *, before: int = 0, after: int = 0, grid: int = 15, earliest: int = 0) -> Terms:
    """Return terms in minutes, without a horizon in the way."""
    return Terms(minutes * 60, before * 60, after * 60, grid * 60, earliest, 10**9)


def clocks(starts: list[int]) -> list[str]:
    """Return starts as the clock shows them."""
    return [f"{start // HOUR:02}:{start % HOUR // 60:02}" for start in starts]


def test_work_ends_by_closing_and_starts_on_the_grid_from_opening() -> None:
    """A 90-minute piece of work in 09:10-12:00 starts every half hour from 09:10 to 10:10."""
    day = diary([(9 * HOUR + 600, 12 * HOUR)])
    assert clocks(offered_starts(day, terms(90, grid=30), DAY)) == ["09:10", "09:40", "10:10"]


def test_buffers_may_spill_outside_hours_but_not_into_what_is_taken() -> None:
    """BF-01, BF-03: buffers of both sides keep clear of a booking, and only of that."""
    day = diary([(9 * HOUR, 12 * HOUR)], taken=[(10 * HOUR, 11 * HOUR)])
    assert clocks(offered_starts(day, terms(30, before=30, after=15), DAY)) == ["09:00", "09:15", "11:30"]


def test_touching_openings_are_one() -> None:
    """Work runs over midnight where one opening ends as the next begins."""
    day = diary([(22 * HOUR, 24 * HOUR), (24 * HOUR, 25 * HOUR)])
    assert clocks(offered_starts(day, terms(120, grid=60), (0, 48 * HOUR))) == ["22:00", "23:00"]


def test_overlapping_openings_offer_the_grids_of_both_once() -> None:
    """A start that two openings share is listed once."""
    day = diary([(9 * HOUR, 11 * HOUR), (10 * HOUR, 12 * HOUR)])
    assert clocks(offered_starts(day, terms(60, grid=60), DAY)) == ["09:00", "10:00", "11:00"]


def test_reasons_come_by_precedence() -> None:
    """Every reason that holds is given, first the one that answers."""
    day = diary([(9 * HOUR, 12 * HOUR)], taken=[(9 * HOUR, 10 * HOUR)])
    strict = terms(60, earliest=11 * HOUR)
    assert reasons_against(day, strict, 9 * HOUR + 1) == [NoticeTooShort, NotOnGrid, SlotTaken]
    assert reasons_against(day, strict, 11 * HOUR + 900) == [OutsideOpeningHours]
    assert reasons_against(day, strict, 10**9 + 1)[0] is BeyondHorizon
    assert reasons_against(day, strict, 11 * HOUR) == []
    assert reasons_against(day, strict, 11 * HOUR, whole_second=False) == [NotOnGrid]


spans = st.tuples(st.integers(0, 2000), st.integers(1, 400)).map(lambda p: (p[0] * 60, (p[0] + p[1]) * 60))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(spans, max_size=4),
    st.lists(spans, max_size=6),
    st.builds(
        terms,
        st.integers(1, 200),
        before=st.integers(0, 60),
        after=st.integers(0, 60),
        grid=st.sampled_from([5, 10, 15, 60]),
        earliest=st.integers(0, 60_000),
    ),
    spans,
)
def test_offered_is_exactly_what_has_no_reason_against_it(
    openings: list[Span], taken: list[Span], work: Terms, window: Span
) -> None:
    """BK-35: minute by minute, a start is listed if and only if nothing speaks against it."""
    day = diary(openings, taken)
    expected = [s for s in range(*window, 60) if not reasons_against(day, work, s) and by_hand(day, work, s)]
    assert offered_starts(day, work, window) == expected
    unlisted = set(range(*window, 60)) - set(expected)
    assert all(reasons_against(day, work, s) and not by_hand(day, work, s) for s in unlisted)


def by_hand(day: Diary, work: Terms, start: int) -> bool:
    """Decide minute by minute, without any of the engine's sorting."""
    minutes = range(start, start + work.duration, 60)
    is_open = all(any(opens <= m < closes for opens, closes in day.openings) for m in minutes)
    buffered = range(start - work.before, start + work.duration + work.after, 60)
    is_free = not any(begin <= m < end for m in buffered for begin, end in day.taken)
    on_grid = any(o <= start < c and (start - o) % work.grid == 0 for o, c in day.openings)
    return is_open and is_free and on_grid and work.earliest <= start <= work.latest
