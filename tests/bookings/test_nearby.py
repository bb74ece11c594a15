"""Slots near a wish, picked out of stretches: the same that would be found among all slots."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.bookings.slots import Slot, Stretch, nearest
from app.bookings.wishes.nearby import nearest_others, slots_at, span_of
from app.kit.intervals import to_instant, to_seconds
from app.kit.money import Money

WISHED = datetime(2030, 1, 7, 10, tzinfo=UTC)
HOUR, QUARTER = timedelta(hours=1), timedelta(minutes=15)
MINUTES = st.integers(min_value=-600, max_value=600).map(lambda minutes: WISHED + timedelta(minutes=minutes))


def slot(starts_at: datetime, price: int = 100) -> Slot:
    """Return an hour."""
    return Slot(starts_at, starts_at + HOUR, Money(price, "KES"))


STRETCHES = st.lists(
    st.builds(
        lambda starts_at, price, count, step: Stretch(slot(starts_at, price), count, timedelta(minutes=step)),
        MINUTES,
        st.integers(1, 3),
        st.integers(1, 40),
        st.sampled_from([5, 15, 60]),
    ),
    max_size=6,
)


@given(STRETCHES, MINUTES)
def test_the_nearest_of_all(stretches: list[Stretch], wished: datetime) -> None:
    """Whether the wish is before a stretch, in it, on one of its starts, or behind it."""
    others = [one for stretch in stretches for one in stretch.slots if one.starts_at != wished]
    assert nearest_others(stretches, wished) == nearest(others, wished)


def test_a_wish_at_an_end() -> None:
    """Five before the last start, five after the first."""
    ten = Stretch(slot(WISHED), 10, QUARTER)
    last = WISHED + 9 * QUARTER
    assert nearest_others([ten], last) == [slot(last - n * QUARTER) for n in range(1, 6)]
    assert nearest_others([ten], WISHED) == [slot(WISHED + n * QUARTER) for n in range(1, 6)]


@given(STRETCHES, MINUTES)
def test_all_at_one_instant(stretches: list[Stretch], at: datetime) -> None:
    """In the order of the stretches."""
    assert list(slots_at(stretches, at)) == [
        one for stretch in stretches for one in stretch.slots if one.starts_at == at
    ]


def test_a_stretch_of_one() -> None:
    """Its step, a second, leads nowhere."""
    alone = Stretch(slot(WISHED), 1, timedelta(seconds=1))
    assert list(slots_at([alone], WISHED)) == [slot(WISHED)]
    assert list(slots_at([alone], WISHED + timedelta(seconds=1))) == []


def test_the_span_of_slots_and_wish() -> None:
    """To the last start and no farther; and never outside of what is looked at."""
    at, everywhere = to_seconds(WISHED), (0, 2**40)
    assert span_of([slot(WISHED + HOUR)], WISHED, everywhere) == (at, at + 3601)
    assert span_of([slot(WISHED - HOUR)], WISHED, everywhere) == (at - 3600, at + 1)
    assert span_of([slot(WISHED + HOUR)], WISHED, (at + 60, at + 7200)) == (at + 60, at + 3601)
    assert span_of([slot(WISHED - HOUR)], WISHED, (at - 3600, at - 60)) == (at - 3600, at - 60)
    assert span_of([], to_instant(at), everywhere) == (at, at + 1)
