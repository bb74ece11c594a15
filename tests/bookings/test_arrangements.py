"""Arrangements of several parts against everything that could be tried: each combination of staff, one by one."""

from collections.abc import Callable
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from app.bookings.arrangements import Arrangement, Rank
from app.bookings.availability import Terms
from app.bookings.errors import NotOnGrid
from app.bookings.one_part import Outcomes, by_start
from app.bookings.reach import Offer, Parts
from app.diary.diaries import Diary
from app.diary.errors import OutsideOpeningHours, SlotTaken
from app.kit.intervals import Span, merged

MINUTE = 60
GRID = 15 * MINUTE
DAY: Span = (0, 24 * 3600)
MOST_TOLD = 24
ANN, BEN = 1, 2


def offer(staff_id: int, minutes: int, before: int = 0, after: int = 0, price: int = 100) -> Offer:
    """Return an offer; times in minutes, at any time of the day."""
    return Offer(staff_id, price, Terms(minutes * MINUTE, before * MINUTE, after * MINUTE, GRID, 0, DAY[1]))


def diary(staff_id: int, *taken: tuple[int, int], opens: int = 9, closes: int = 17) -> Diary:
    """Return a day open from nine to five UTC unless told; `taken` in minutes since nine."""
    nine = 9 * 60
    spans = [((nine + start) * MINUTE, (nine + end) * MINUTE) for start, end in taken]
    return Diary(staff_id, "UTC", [(opens * 3600, closes * 3600)], merged(spans))


Team = tuple[Offer, ...]


def by_trying(parts: Parts, diaries: dict[int, Diary], start: int) -> list[Team]:
    """Return every combination of offers that can be had at a start, checked as a person would."""
    return [team for team in product(*parts) if runs_end(team, diaries, start) is not None]


def come_to(teams: list[Team]) -> Outcomes:
    """Return what comes of a visit by any of `teams`, and who is in those of which the same comes."""
    found: dict[tuple[int, int], list[set[int]]] = {}
    for team in teams:
        outcome = sum(one.price for one in team), sum(one.terms.duration for one in team)
        for members, one in zip(found.setdefault(outcome, [set() for _ in team]), team, strict=True):
            members.add(one.staff_id)
    return {outcome: tuple(map(frozenset, some)) for outcome, some in found.items()}


def from_then(start: int, outcomes: Outcomes) -> Outcomes:
    """Return outcomes by their end in place of their length."""
    return {(price, start + length): teams for (price, length), teams in outcomes.items()}


def fairest(teams: list[Team], rank: Callable[[int], int]) -> Team:
    """Return the team whose first is the fairest; of several, the second; and so on."""
    return min(teams, key=lambda team: [(rank(one.staff_id), one.staff_id) for one in team])


def at_any_start(rank: Rank) -> Callable[[int], Rank]:
    """Return the same rank for each start."""
    return lambda _start: rank


def listed(found_by: Arrangement, rank: Rank) -> dict[int, Outcomes]:
    """Return what is listed of a day, by its starts: each outcome once, by length, then price."""
    rows = found_by.rows_in(DAY, at_any_start(rank))
    assert [row[1:3] for row in rows] == sorted(row[1:3] for row in rows)
    found = by_start(rows)
    assert sum(map(len, found.values())) == sum(len(row.starts) for row in rows)
    return found


def runs_end(team: tuple[Offer, ...], diaries: dict[int, Diary], start: int) -> int | None:
    """Return when the team would be done; None where some of it is closed, taken, or off the grid."""
    opens = diaries[team[0].staff_id].openings[0][0]
    if (start - opens) % GRID:
        return None
    at = start
    for index, one in enumerate(team):
        begin, end = at, at + one.terms.duration
        alone_before = index == 0 or team[index - 1].staff_id != one.staff_id
        alone_after = index == len(team) - 1 or team[index + 1].staff_id != one.staff_id
        first = begin - (one.terms.before if alone_before else 0)
        last = end + (one.terms.after if alone_after else 0)
        (open_from, open_to), *_ = diaries[one.staff_id].openings
        if begin < open_from or end > open_to:
            return None
        if any(taken_from < last and first < taken_to for taken_from, taken_to in diaries[one.staff_id].taken):
            return None
        at = end
    return at


OFFERS = st.builds(
    offer,
    st.integers(1, 3),
    st.sampled_from([15, 20, 45, 60]),
    st.sampled_from([0, 10, 30]),
    st.sampled_from([0, 10, 45]),
    st.sampled_from([100, 250]),
)
PARTS = st.lists(st.lists(OFFERS, min_size=1, max_size=3, unique_by=lambda o: o.staff_id), min_size=1, max_size=3)
TAKEN = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)).map(lambda t: (t[0] * 15, (t[0] + t[1]) * 15)))


@settings(max_examples=200, deadline=None)
@given(PARTS, TAKEN, TAKEN, TAKEN)
def test_every_combination_is_found_and_no_other(
    parts: Parts, ann: list[tuple[int, int]], ben: list[tuple[int, int]], cid: list[tuple[int, int]]
) -> None:
    """Every start of the day, listed and chosen: the same as trying all; the fairest alone where these are too many."""
    diaries = {1: diary(1, *ann), 2: diary(2, *ben, opens=10), 3: diary(3, *cid, closes=15)}
    found_by = Arrangement(parts, diaries, DAY)
    possible = {start: by_trying(parts, diaries, start) for start in range(*DAY, GRID)}
    all_told = len(parts) == 1 or len(parts) * len(come_to(list(product(*parts)))) <= MOST_TOLD
    expected: dict[int, Outcomes] = {}
    for start, teams in possible.items():
        for rank in (int, int.__neg__):
            team = found_by.arrange(start, rank)
            assert team == (list(fairest(teams, rank)) if teams else None)
        assert teams or found_by.reasons(start)
        if teams:
            expected[start] = from_then(start, come_to(teams if all_told else [fairest(teams, int.__neg__)]))
    assert listed(found_by, int.__neg__) == expected


@settings(max_examples=100, deadline=None)
@given(PARTS, TAKEN, TAKEN)
def test_who_can_do_all_of_it_alone(parts: Parts, ann: list[tuple[int, int]], ben: list[tuple[int, int]]) -> None:
    """The same as trying teams of one alone."""
    diaries = {1: diary(1, *ann), 2: diary(2, *ben, opens=10), 3: diary(3)}
    expected = {}
    for start in range(*DAY, GRID):
        teams = [team for team in by_trying(parts, diaries, start) if len({one.staff_id for one in team}) == 1]
        if teams:
            expected[start] = {outcome: who[:1] for outcome, who in from_then(start, come_to(teams)).items()}
    assert Arrangement(parts, diaries, DAY).alone_in(DAY) == expected


def test_too_many_to_try() -> None:
    """Ten parts by any of twenty, each with a price and a length of the own: more teams than there are seconds."""
    parts = [[offer(n, 20 + n, 5, 5, 100 + n**3) for n in range(20)]] * 10
    found_by = Arrangement(parts, {n: diary(n, (15 * n, 15 * n + 10)) for n in range(20)}, DAY)
    told = listed(found_by, int.__neg__)
    assert len(told) > 10
    for start, outcomes in told.items():
        team = found_by.arrange(start, rank=int.__neg__)
        assert team is not None
        assert outcomes == from_then(start, come_to([tuple(team)]))
    assert found_by.arrange(16 * 3600, rank=int) is None


def test_one_run_needs_no_buffers_inside() -> None:
    """Ann has an hour and a half between two others: colour and cut fit, although each has a buffer."""
    busy = diary(ANN, (0, 60), (165, 480))
    colour, cut = offer(ANN, 60, after=30), offer(ANN, 30, before=15, after=15)
    ten = 10 * 3600
    assert listed(Arrangement([[colour], [cut]], {ANN: busy}, DAY), abs) == {
        ten: {(200, ten + 90 * MINUTE): (frozenset({ANN}), frozenset({ANN}))}
    }
    assert listed(Arrangement([[colour]], {ANN: busy}, DAY), abs).keys() == {ten, ten + GRID}


def test_the_fairest_who_can_go_on() -> None:
    """Ben has done less, but only Ann's part can be followed by one that somebody can do."""
    parts = [[offer(ANN, 30), offer(BEN, 45)], [offer(ANN, 30)]]
    diaries = {ANN: diary(ANN, (60, 480)), BEN: diary(BEN)}
    nine = 9 * 3600
    chosen = Arrangement(parts, diaries, DAY).arrange(nine, rank={ANN: 60, BEN: 0}.__getitem__)
    assert chosen is not None
    assert [one.staff_id for one in chosen] == [ANN, ANN]


def test_why_a_visit_cannot_be() -> None:
    """Of those who came furthest: the second part is what fails at noon, the first one at eight."""
    parts = [[offer(ANN, 60)], [offer(BEN, 60)]]
    found_by = Arrangement(parts, {ANN: diary(ANN), BEN: diary(BEN, (240, 300))}, DAY)
    assert found_by.reasons(12 * 3600) == [SlotTaken]
    assert found_by.reasons(8 * 3600) == [OutsideOpeningHours, NotOnGrid]
    assert found_by.reasons(16 * 3600) == [OutsideOpeningHours]
    early = Arrangement([[offer(ANN, 60)], [offer(ANN, 60)]], {ANN: diary(ANN, (360, 420))}, DAY)
    assert early.reasons(15 * 3600 + 30 * 60) == [OutsideOpeningHours, SlotTaken]  # as of one part of two hours
