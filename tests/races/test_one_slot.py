"""Fifty callers, one time: exactly those get it for whom there is room, on both databases, through a real gunicorn.

The control takes the guards away and shows that these very races see the double bookings they prevent.
"""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.models import Space
from tests.factories import make_service, make_space, make_working_staff, set_hours
from tests.races.audit import double_bookings
from tests.races.callers import CALLERS, Arena, Call, Race, failed, on_day, outcomes, slot

HOUR = 60
QUARTERS = (0, 15, 30, 45)


@dataclass(frozen=True, slots=True)
class Scene:
    """What fifty ask for: in which round, which caller what; how many get it, and how often each client clicks."""

    asked: Callable[[int, int], dict[str, object]]
    winners: int = 1
    clicks: int = 1

    def race(self, arena: Arena) -> Race:
        """Return the calls of a round."""
        callers = [(n, arena.clients[n // self.clicks]) for n in range(CALLERS)]
        return lambda nth: [Call(client, "/api/bookings", self.asked(nth, n)) for n, client in callers]


def one_slot() -> Scene:
    """BK-01: all ask for the same hour of the same staff member."""
    service = make_service()
    jane = make_working_staff(service)
    return Scene(lambda nth, _: {"service_id": service.id, "staff_id": jane.id, "starts_at": on_day(nth)})


def partial_overlap() -> Scene:
    """Starts a quarter of an hour apart: each shares time with each."""
    service = make_service()
    jane = make_working_staff(service)
    wanted = {"service_id": service.id, "staff_id": jane.id}
    return Scene(lambda nth, n: wanted | {"starts_at": on_day(nth, QUARTERS[n % 4])})


def any_of_three() -> Scene:
    """BK-31: as many winners as free staff."""
    service = make_service()
    for _ in range(3):
        make_working_staff(service)
    return Scene(lambda nth, _: {"service_id": service.id, "starts_at": on_day(nth)}, winners=3)


def visits_crosswise() -> Scene:
    """Half want Jane and then Zoe, half Zoe and then Jane: one of each can be had, and nobody waits for a deadlock."""
    service = make_service()
    jane, zoe = (make_working_staff(service) for _ in range(2))
    first = [{"service_id": service.id, "staff_id": one.id} for one in (jane, zoe)]
    return Scene(lambda nth, n: {"items": first[:: 1 if n % 2 else -1], "starts_at": on_day(nth)}, winners=2)


def one_space() -> Scene:
    """Lettings of an hour that start a quarter of an hour apart."""
    return _lettings_of(make_space())


def requests_to_an_owner() -> Scene:
    """The same, where the owner is asked first: what waits for the owner is taken, so that nobody else waits too."""
    return _lettings_of(make_space(instant_booking=False))


def _lettings_of(space: Space) -> Scene:
    set_hours(space)

    def asked(nth: int, n: int) -> dict[str, object]:
        start = QUARTERS[n % 4]
        return {"space_id": space.id, "starts_at": on_day(nth, start), "ends_at": on_day(nth, start + HOUR)}

    return Scene(asked)


def double_click() -> Scene:
    """BK-34: twenty-five clients ask for a time of their own, twice, without a key."""
    service, clients = make_service(), CALLERS // 2
    jane = make_working_staff(service)
    wanted = {"service_id": service.id, "staff_id": jane.id}
    return Scene(lambda nth, n: wanted | {"starts_at": slot(clients * nth + n // 2)}, winners=clients, clicks=2)


LEAST = {"one slot": 5}
"""Rounds of the race that everything stands on, in every run of the suite."""

SCENES = {
    scene.__name__.replace("_", " "): scene
    for scene in (
        one_slot,
        partial_overlap,
        any_of_three,
        visits_crosswise,
        one_space,
        requests_to_an_owner,
        double_click,
    )
}


@pytest.mark.race
@pytest.mark.parametrize("name", SCENES)
def test_as_many_as_there_is_room_for(guarded: Arena, name: str) -> None:
    """201 for the winners, 409 slot_taken for all others, no overlap, in every round."""
    scene = SCENES[name]()
    expected = {(201, ""): scene.winners, (409, "slot_taken"): CALLERS - scene.winners}
    for answers in guarded.rounds(name, scene.race(guarded), least=LEAST.get(name, 1)):
        assert outcomes(answers) == expected


@pytest.mark.race
@pytest.mark.parametrize("name", SCENES)
def test_without_the_check_the_race_is_seen(unguarded: Arena, name: str) -> None:
    """The control: look, then act; the audit finds double bookings."""
    before = double_bookings()
    assert unguarded.catches("check", SCENES[name]().race(unguarded), lambda _: double_bookings() > before)


@pytest.mark.race
@pytest.mark.databases("postgresql")  # SQLite's writers stand in line from the start
def test_without_an_order_of_locks_the_deadlock_is_seen(unguarded: Arena) -> None:
    """The control: who locks Jane, and then Zoe, waits for who has locked Zoe, and wants Jane."""
    assert unguarded.catches("order", visits_crosswise().race(unguarded), failed)
