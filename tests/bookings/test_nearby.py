"""Slots near a wish, picked out of kinds of them: the same that would be found among all slots."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.bookings.slots import Alike, Slot, nearest
from app.bookings.wishes.nearby import nearest_others, slots_at, span_of
from app.kit.intervals import to_instant, to_seconds
from app.kit.money import Money

WISHED = datetime(2030, 1, 7, 10, tzinfo=UTC)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
MINUTES = st.integers(min_value=-600, max_value=600).map(lambda minutes: WISHED + timedelta(minutes=minutes))


def slot(starts_at: datetime, price: int = 100) -> Slot:
    """Return an hour."""
    return Slot(starts_at, starts_at + HOUR, Money(price, "KES"))


def run(starts_at: datetime, count: int, step: timedelta) -> range:
    """Return so many starts."""
    first, seconds = to_seconds(starts_at), int(step.total_seconds())
    return range(first, first + count * seconds, seconds)


def alike(price: int, runs: list[range]) -> Alike:
    """Return hours at a price."""
    return Alike(slot(to_instant(runs[0].start), price), 3600, runs)


RUNS = st.builds(run, MINUTES, st.integers(1, 40), st.sampled_from([timedelta(minutes=n) for n in (5, 15, 60)]))
KINDS = st.lists(st.builds(alike, st.integers(1, 3), st.lists(RUNS, min_size=1, max_size=3)), max_size=6)


@given(KINDS, MINUTES)
def test_the_nearest_of_all(kinds: list[Alike], wished: datetime) -> None:
    """Whether the wish is before a run, in it, on one of its starts, or behind it."""
    others = [one for kind in kinds for one in kind.slots if one.starts_at != wished]
    assert nearest_others(kinds, wished) == nearest(others, wished)


def test_a_wish_at_an_end() -> None:
    """Five before the last start, five after the first."""
    ten = alike(100, [run(WISHED, 10, QUARTER)])
    last = WISHED + 9 * QUARTER
    assert nearest_others([ten], last) == [slot(last - n * QUARTER) for n in range(1, 6)]
    assert nearest_others([ten], WISHED) == [slot(WISHED + n * QUARTER) for n in range(1, 6)]


@given(KINDS, MINUTES)
def test_all_at_one_instant(kinds: list[Alike], at: datetime) -> None:
    """In the order of the kinds."""
    assert list(slots_at(kinds, at)) == [one for kind in kinds for one in kind.slots if one.starts_at == at]


def test_a_run_of_one() -> None:
    """Its step, a second, leads nowhere."""
    alone = alike(100, [run(WISHED, 1, timedelta(seconds=1))])
    assert list(slots_at([alone], WISHED)) == [slot(WISHED)]
    assert list(slots_at([alone], WISHED + timedelta(seconds=1))) == []
    assert list(slots_at([alone], WISHED + timedelta(microseconds=1))) == []


def test_the_span_of_slots_and_wish() -> None:
    """To the last start and no farther; and never outside of what is looked at."""
    at, everywhere = to_seconds(WISHED), (0, 2**40)
    assert span_of([slot(WISHED + HOUR)], WISHED, everywhere) == (at, at + 3601)
    assert span_of([slot(WISHED - HOUR)], WISHED, everywhere) == (at - 3600, at + 1)
    assert span_of([slot(WISHED + HOUR)], WISHED, (at + 60, at + 7200)) == (at + 60, at + 3601)
    assert span_of([slot(WISHED - HOUR)], WISHED, (at - 3600, at - 60)) == (at - 3600, at - 60)
    assert span_of([], to_instant(at), everywhere) == (at, at + 1)
