"""Fifty bookings move into one free time at the same moment, or into each other's."""

import pytest

from app.models import Service, Staff
from tests.factories import make_service, make_working_staff
from tests.races.bookings import booked, places_of
from tests.races.callers import CALLERS, Arena, Call, failed, outcomes, slot, won

PAIRS = CALLERS // 2
FREE = 100
"""Slots from here on are free at first."""


class Movers:
    """Jane and Zoe, each with twenty-five bookings, those of one at the same times as those of the other."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.service: Service = make_service()
        self.jane, self.zoe = (make_working_staff(self.service) for _ in range(2))
        self.ids = [booked(client, self.service, self.of(n), slot(n // 2)) for n, client in enumerate(arena.clients)]

    def of(self, n: int) -> Staff:
        """Return whose the nth booking is at first."""
        return self.zoe if n % 2 else self.jane

    def into_one_slot(self, nth: int) -> list[Call]:
        """All want one and the same free hour of Jane's."""
        return [self._moved(n, {"starts_at": slot(FREE + nth), "staff_id": self.jane.id}) for n in range(CALLERS)]

    def into_each_others(self, _nth: int) -> list[Call]:
        """BK-17: each wants what another has, who wants what it has."""
        return [self._moved(n, {"staff_id": self.of(n + 1).id}) for n in range(CALLERS)]

    def _moved(self, n: int, change: dict[str, object]) -> Call:
        return Call(self.arena.clients[n], f"/api/bookings/{self.ids[n]}", change, "PATCH")


@pytest.mark.race
def test_one_of_fifty_moves_into_the_free_slot(guarded: Arena) -> None:
    """One 200, forty-nine 409 slot_taken; every booking still has exactly one place."""
    movers = Movers(guarded)
    for answers in guarded.rounds("move/move, one free slot", movers.into_one_slot):
        assert outcomes(answers) == {(200, ""): 1, (409, "slot_taken"): CALLERS - 1}
        assert set(places_of(movers.jane, movers.zoe)) == set(movers.ids)


@pytest.mark.race
def test_nobody_moves_into_what_is_not_free(guarded: Arena) -> None:
    """All 409 slot_taken, none 5xx; everything is where it was."""
    movers = Movers(guarded)
    before = places_of(movers.jane, movers.zoe)
    for answers in guarded.rounds("move/move, swapping", movers.into_each_others):
        assert outcomes(answers) == {(409, "slot_taken"): CALLERS}
        assert places_of(movers.jane, movers.zoe) == before


@pytest.mark.race
def test_without_the_check_the_race_is_seen(unguarded: Arena) -> None:
    """The control: look, then move; two bookings share one hour."""
    movers = Movers(unguarded)
    assert unguarded.catches("check", movers.into_one_slot, lambda answers: len(won(answers)) > 1)


@pytest.mark.race
@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start
def test_without_an_order_of_locks_the_deadlock_is_seen(unguarded: Arena) -> None:
    """The control: each locks what it has, and then what it wants."""
    movers = Movers(unguarded)
    assert unguarded.catches("order", movers.into_each_others, failed)
