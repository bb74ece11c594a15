"""Which intervals of a space can be had: what is shown is what is accepted."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.bookings.errors import BeyondHorizon, DurationOutOfRange, NoticeTooShort, NotOnGrid, PartyTooLarge
from app.bookings.lettings import House, free_times, price_of, reasons_against_letting
from app.diary.diaries import Diary
from app.diary.errors import OutsideOpeningHours, SlotTaken
from app.kit.intervals import Span, merged
from tests.cases import each_case

MINUTE, HOUR = 60, 3600
DAY: Span = (0, 24 * HOUR)
STEP = 15 * MINUTE


def house(**told: int) -> House:
    """Return what a space demands: at least an hour, at most four, for ten people, any time of the day."""
    usual = {"grid": STEP, "earliest": 0, "latest": DAY[1], "shortest": HOUR, "longest": 4 * HOUR, "capacity": 10}
    return House(**(usual | told))


def space(*taken: Span, openings: tuple[Span, ...] = ((9 * HOUR, 17 * HOUR),)) -> Diary:
    return Diary(1, "UTC", list(openings), merged(taken))


@each_case(
    ("span", "people", "reasons"),
    [
        ((10 * HOUR, 11 * HOUR), 10, []),
        ((13 * HOUR, 17 * HOUR), 1, []),
        ((10 * HOUR, 10 * HOUR + 45 * MINUTE), 1, [DurationOutOfRange]),
        ((10 * HOUR, 14 * HOUR + STEP), 11, [DurationOutOfRange, PartyTooLarge, SlotTaken]),
        ((16 * HOUR, 18 * HOUR), 1, [BeyondHorizon, OutsideOpeningHours, NotOnGrid]),
        ((10 * HOUR, 11 * HOUR + 60), 1, [NotOnGrid]),
        ((10 * HOUR + 60, 11 * HOUR + 60), 1, [NotOnGrid]),
        ((11 * HOUR + STEP, 12 * HOUR + STEP), 1, [SlotTaken]),
        ((11 * HOUR, 12 * HOUR), 1, []),
        ((6 * HOUR, 7 * HOUR), 1, [NoticeTooShort, OutsideOpeningHours, NotOnGrid]),
        ((16 * HOUR, 17 * HOUR), 1, [BeyondHorizon]),
    ],
)
def test_reasons(span: Span, people: int, reasons: list[object]) -> None:
    terms = house(earliest=8 * HOUR, latest=15 * HOUR)
    diary = space((12 * HOUR, 13 * HOUR))
    assert reasons_against_letting(diary, terms, span, people) == reasons


SPANS = st.lists(
    st.tuples(st.integers(0, 90), st.integers(1, 20)).map(lambda t: (t[0] * STEP, (t[0] + t[1]) * STEP)), max_size=4
)


@settings(max_examples=60, deadline=None)
@given(SPANS, SPANS, st.integers(0, 40), st.integers(50, 96), st.sampled_from([15, 30, 45]))
def test_what_is_shown_is_all_that_can_be_had(
    openings: list[Span], taken: list[Span], earliest: int, latest: int, minutes: int
) -> None:
    """Every lawful interval inside a free time is accepted, and none that is not inside one."""
    terms = house(
        earliest=earliest * STEP, latest=latest * STEP, shortest=minutes * MINUTE, longest=2 * HOUR, grid=STEP
    )
    diary = space(*taken, openings=tuple(openings))
    free = free_times(diary, terms, DAY)
    for span in combinations(range(0, DAY[1] + 1, STEP), 2):
        if minutes * MINUTE <= span[1] - span[0] <= 2 * HOUR:
            shown = any(start <= span[0] and span[1] <= end for start, end in free)
            beyond = span[0] <= terms.latest < span[1]
            assert (not reasons_against_letting(diary, terms, span, 1)) is shown or beyond, span


def test_too_short_a_time_is_not_shown() -> None:
    assert free_times(space((10 * HOUR, 16 * HOUR + STEP)), house(), DAY) == [(9 * HOUR, 10 * HOUR)]


def test_a_time_begins_and_ends_on_the_grid() -> None:
    """Somebody came at five past ten; what is left begins at the next quarter, and ends where the horizon allows."""
    diary = space((9 * HOUR, 10 * HOUR + 5 * MINUTE))
    shown = free_times(diary, house(latest=13 * HOUR + 7 * MINUTE), DAY)
    assert shown == [(10 * HOUR + STEP, 13 * HOUR)]


@each_case(
    ("hourly", "minutes", "price"),
    [(1000, 60, 1000), (1000, 15, 250), (999, 30, 500), (1001, 15, 250), (1001, 45, 751), (1, 29, 0), (1, 30, 1)],
)
def test_prices_are_rounded_once_half_up(hourly: int, minutes: int, price: int) -> None:
    assert price_of(hourly, (0, minutes * MINUTE)) == price
