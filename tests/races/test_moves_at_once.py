"""Fifty bookings move into one free time at the same moment, or into each other's; or one moves twice."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from app.bookings.request import Request
from app.bookings.service import create_booking
from app.extensions import db
from app.models import Booking, Service, Space, Staff
from app.transactions import reading, transaction
from tests.factories import make_service, make_space, make_working_staff, set_hours
from tests.races.bookings import booked, places_of
from tests.races.callers import CALLERS, Arena, Call, Caller, failed, on_day, outcomes, slot, won
from tests.servers import Answer

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


Interval = tuple[datetime, datetime]
Outcome = tuple[list[Interval | None], Interval]
"""What each of two callers was told, None being a refusal; and what there is at last."""


class Lettings:
    """Twenty-five lettings, one a day from ten to noon; each is given a new start and a new end at the same moment."""

    NEW = ((3, 6), (4, 3))
    """In hours after nine; the second end is no end after that start."""

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.ids: list[int] = []
        self.changes: list[tuple[datetime, datetime]] = []

    def both_ends(self, _nth: int) -> list[Call]:
        """Each client moves its letting of a new space, and lengthens or shortens it."""
        space, days = make_space(max_minutes=24 * 60), range(PAIRS)
        set_hours(space, "00:00", "24:00")
        self.ids = [self._let(space, client, day) for client, day in zip(self.arena.clients, days, strict=False)]
        self.changes = [(clock(day, self.NEW[day % 2][0]), clock(day, self.NEW[day % 2][1])) for day in days]
        return [
            Call(client, f"/api/bookings/{booking_id}", {name: at.isoformat()}, "PATCH")
            for client, booking_id, ends in zip(self.arena.clients, self.ids, self.changes, strict=False)
            for name, at in zip(("starts_at", "ends_at"), ends, strict=True)
        ]

    def torn(self, answers: Sequence[Answer]) -> list[Outcome]:
        """Return what has come about that comes about by neither of the two changes being first."""
        pairs = zip(answers[::2], answers[1::2], strict=True)
        found = [
            (changes, ([told(one), told(other)], self._at_last(booking_id)))
            for (one, other), changes, booking_id in zip(pairs, self.changes, self.ids, strict=False)
        ]
        return [outcome for changes, outcome in found if outcome not in (start_first(*changes), end_first(*changes))]

    def _let(self, space: Space, client: Caller, day: int) -> int:
        asked = Request(starts_at=clock(day, 1), ends_at=clock(day, 3), space_id=space.id)
        with transaction():
            return create_booking(actor=client.actor, request=asked).id

    def _at_last(self, booking_id: int) -> Interval:
        with reading():
            columns = select(Booking.starts_at, Booking.ends_at).where(Booking.id == booking_id)
            starts_at, ends_at = db.session.execute(columns).one()
        return starts_at, ends_at


def clock(day: int, hours: int) -> datetime:
    """Return the instant so many hours after nine on a day."""
    return datetime.fromisoformat(on_day(day, 60 * hours))


def told(answer: Answer) -> Interval | None:
    """Return the interval that an answer tells of; None where it says that there is none like that."""
    assert answer.status in {200, 422}, answer.body
    if answer.status == 422:
        return None
    return datetime.fromisoformat(answer.json["starts_at"]), datetime.fromisoformat(answer.json["ends_at"])


def start_first(start: datetime, end: datetime) -> Outcome:
    """Return what comes of two hours to which a new start is given, and then an end."""
    moved = start, start + timedelta(hours=2)
    return ([moved, None], moved) if end <= start else ([moved, (start, end)], (start, end))


def end_first(start: datetime, end: datetime) -> Outcome:
    """Return what comes of a letting from ten on to which a new end is given, and then a start."""
    longer = start.replace(hour=10), end
    moved = start, start + (end - longer[0])
    return [moved, longer], moved


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
def test_one_booking_moves_twice(guarded: Arena) -> None:
    """Each change is one of the booking as it is by then: what is left out stays as the other one has left it."""
    lettings = Lettings(guarded)
    for answers in guarded.rounds("move/move, one booking", lettings.both_ends, least=2):
        assert lettings.torn(answers) == []


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


@pytest.mark.race
def test_without_the_present_row_the_race_is_seen(unguarded: Arena) -> None:
    """The control: each reckons with the interval that it has seen before."""
    lettings = Lettings(unguarded)
    assert unguarded.catches("row", lettings.both_ends, lettings.torn)
