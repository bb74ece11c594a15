"""Slots that are written as JSON at once are, byte for byte, those that are shown one by one."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from app.bookings.slots import Alike, Slot, by_day, cut_by_day
from app.bookings.written_slots import written_by_day
from app.diary.openings import wall_seconds
from app.kit.intervals import to_instant
from app.kit.money import Money
from app.web.json_gate import written

HOUR, DAY = 3600, 86_400
SUNDAY = date(2030, 3, 31)
ZONES = ("UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Africa/Monrovia")
NINE = int(datetime(2030, 3, 31, 9, tzinfo=UTC).timestamp())


def alike(length: int, runs: list[range], *, price: int = 4500, teams: tuple[frozenset[int], ...] = ()) -> Alike:
    """Return slots of the services 5, 6 and so on by these teams."""
    start, services = runs[0].start, tuple(range(5, 5 + len(teams)))
    slot = Slot(to_instant(start), to_instant(start + length), Money(price, "KES"), services, teams, frozenset({9, 2}))
    return Alike(slot, length, runs)


def test_a_day_as_it_is_written() -> None:
    """Where slots follow one another, and where those of two prices have the same starts."""
    hourly = alike(HOUR, [range(NINE, NINE + 2 * HOUR, HOUR)], teams=(frozenset({3, 1}),))
    (day,) = written_by_day([hourly], SUNDAY, SUNDAY, "UTC")
    terms = '"staff_ids":[1,3],"price":{"amount":4500,"currency":"KES"}}'
    nine = '{"starts_at":"2030-03-31T09:00:00Z","ends_at":"2030-03-31T10:00:00Z",' + terms
    ten = '{"starts_at":"2030-03-31T10:00:00Z","ends_at":"2030-03-31T11:00:00Z",' + terms
    assert written(day).decode() == f'{{"date":"2030-03-31","slots":[{nine},{ten}]}}'
    dear = alike(HOUR, hourly.runs, price=9000, teams=(frozenset({4}),))
    (day,) = written_by_day([hourly, dear], SUNDAY, SUNDAY, "UTC")
    other = '"staff_ids":[4],"price":{"amount":9000,"currency":"KES"}}'
    both = [nine, nine.replace(terms, other), ten, ten.replace(terms, other)]
    assert written(day).decode() == f'{{"date":"2030-03-31","slots":[{",".join(both)}]}}'


def test_a_run_is_cut_at_midnight() -> None:
    """What begins just then is of the new day; the day on which the clocks change has 23 hours."""
    dawn = wall_seconds(SUNDAY, 0, "Europe/Berlin")
    run = range(dawn, dawn + 30 * HOUR, HOUR)
    days = cut_by_day([(run, "kind")], SUNDAY, SUNDAY + timedelta(days=2), "Europe/Berlin")
    found = [(day.day, [(len(run), run.start - dawn, kind) for run, kind in runs]) for day, runs in days]
    assert found == [(31, [(23, 0, "kind")]), (1, [(7, 23 * HOUR, "kind")]), (2, [])]


@pytest.mark.parametrize("seed", range(60))
def test_any_slots(seed: int) -> None:
    """Of several lengths, prices and teams, on grids beside one another, in zones with odd offsets, over midnights."""
    random = Random(seed)  # noqa: S311  # to be repeated, not to be guessed
    zone = random.choice(ZONES)
    first = random.choice([SUNDAY, date(2030, 10, 26), date(1971, 12, 31), date(2030, 6, 1)])
    last = first + timedelta(days=random.choice([0, 1, 5]))
    begin, end = wall_seconds(first, 0, zone), wall_seconds(last + timedelta(days=1), 0, zone)
    terms = sorted({(random.choice([1200, HOUR, DAY]), random.choice([0, 4500])) for _ in range(random.choice([1, 3]))})
    kinds = [
        alike(length, _runs(random, begin, end, phase), price=price, teams=_teams(random))
        for length, price in terms
        for phase in random.sample(range(3), random.choice([1, 2]))
    ]
    shown = by_day(kinds, first, last, zone)
    assert sum(len(day["slots"]) for day in shown) == sum(len(run) for kind in kinds for run in kind.runs)
    assert written(written_by_day(kinds, first, last, zone)) == written(shown)


def _runs(random: Random, begin: int, end: int, phase: int) -> list[range]:
    """Return runs on a quarter of an hour, so many seconds beside those of another phase."""
    cuts = sorted({begin, *(begin + 900 * random.randrange((end - begin) // 900) for _ in range(5))})
    return [range(cut + phase, cut + phase + 900 * random.choice([1, 1, 2]), 900) for cut in cuts[::3]]


def _teams(random: Random) -> tuple[frozenset[int], ...]:
    return tuple(frozenset(random.sample(range(1, 9), 3)) for _ in range(random.choice([0, 1, 2, 3])))
