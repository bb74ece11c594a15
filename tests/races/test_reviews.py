"""Fifty tabs with one review, and fifty callers who change, hide and remove reviews of the same things."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import func, select, text

from app.extensions import db
from app.models import Review, Service, User
from app.reviews.recount import find_wrong_counts
from app.transactions import reading
from tests.factories import make_review, make_service, make_staff, make_visit
from tests.races.callers import CALLERS, Arena, Call, Caller, Race, outcomes, won
from tests.servers import Answer

REVIEWS = "/api/reviews"
ONE_REVIEW = "uq_reviews_booking_id"


class Visited:
    """Two services and two staff members, and visits to them, new ones for each round."""

    def __init__(self, arena: Arena) -> None:
        self.services = [make_service(), make_service()]
        self.staff = [make_staff(), make_staff()]
        self.arena, self.bookings = arena, 0

    def visit(self, caller: Caller, nth: int = 0) -> int:
        """Let a caller have visited: both services in one order or the other; return the booking."""
        client = db.session.get_one(User, caller.actor.id)
        services = self.services[:: 1 if nth % 2 else -1]
        booking = make_visit(client, *services, staff=self.staff[nth % 2])
        self.bookings = booking.id
        return booking.id

    def tabs(self, _nth: int) -> list[Call]:
        """One client reviews one visit in fifty tabs."""
        booking_id, client = self.visit(self.arena.clients[0]), self.arena.clients[0]
        return [Call(client, REVIEWS, {"booking_id": booking_id, "rating": 1 + n % 5}) for n in range(CALLERS)]

    def crowd(self, _nth: int) -> list[Call]:
        """Everybody reviews a visit of the own, half of them with the same staff member, all of the same services."""
        clients = self.arena.clients
        visits = [(one, self.visit(one, nth)) for nth, one in enumerate(clients)]
        return [Call(one, REVIEWS, {"booking_id": visit, "rating": 1 + visit % 5}) for one, visit in visits]

    def quarrel(self, _nth: int) -> list[Call]:
        """Five reviews are each changed, hidden, published, answered and removed, all at once."""
        client, admin = self.arena.clients[0], self.arena.admin
        paths = [f"{REVIEWS}/{self._written(client, nth)}" for nth in range(5)]
        calls = [
            call
            for n in range(CALLERS // 5 - 1)
            for path in [paths[n % 5]]
            for call in (
                Call(client, path, {"rating": 1 + n % 5}, "PATCH"),
                Call(admin, f"{path}/hide", {"reason": "Rude."}),
                Call(admin, path, {"rating": 5 - n % 5}, "PATCH"),
                Call(admin, f"{path}/publish"),
                Call(admin, f"{path}/reply", {"text": "Thank you."}),
            )
        ]
        return [*calls, Call(client, paths[0], {}, "DELETE"), Call(admin, paths[1], {}, "DELETE")]

    def changes(self, _nth: int) -> list[Call]:
        """Reviews of the same things are given other stars, each by one caller."""
        clients = self.arena.clients
        written = [(one, self._written(one, nth)) for nth, one in enumerate(clients)]
        return [Call(one, f"{REVIEWS}/{review_id}", {"rating": 1}, "PATCH") for one, review_id in written]

    def _written(self, caller: Caller, nth: int) -> int:
        self.visit(caller, nth)
        booking = make_visit(db.session.get_one(User, caller.actor.id), *self.services, staff=self.staff[nth % 2])
        return make_review(booking, 5).id


def reviews_of(booking_id: int) -> int:
    """Count the reviews of a booking."""
    with reading():
        return db.session.scalar(select(func.count()).select_from(Review).where(Review.booking_id == booking_id)) or 0


def wrong_counts() -> list[str]:
    """Return what a recount finds wrong."""
    with reading():
        return list(find_wrong_counts())


@pytest.mark.race
def test_one_of_fifty_tabs_is_heard(guarded: Arena) -> None:
    """One 201, forty-nine 409; one row, counted once."""
    visited = Visited(guarded)
    for answers in guarded.rounds("review/review", visited.tabs):
        assert outcomes(answers) == {(201, ""): 1, (409, "already_reviewed"): CALLERS - 1}
        assert (reviews_of(visited.bookings), wrong_counts()) == (1, [])


@pytest.mark.race
def test_everybody_is_counted(guarded: Arena) -> None:
    """Fifty 201 on things named in one order and the other: none waits for another in a ring, none is lost."""
    visited = Visited(guarded)
    for answers in guarded.rounds("reviews of the same things", visited.crowd):
        assert outcomes(answers) == {(201, ""): CALLERS}
        assert wrong_counts() == []
    with reading():
        counted = db.session.get_one(Service, visited.services[0].id, populate_existing=True).rating.count
    assert counted % CALLERS == 0
    assert counted > 0


@pytest.mark.race
def test_whoever_wins_the_counts_are_right(guarded: Arena) -> None:
    """Changed, hidden, published, answered and removed at once: 200, 204, or 404 after the removal; 409 to the author
    of what is hidden.
    """
    visited = Visited(guarded)
    for answers in guarded.rounds("review/hide/delete", visited.quarrel):
        assert set(outcomes(answers)) <= {(200, ""), (204, ""), (404, "not_found"), (409, "review_hidden")}
        assert wrong_counts() == []


def is_reviewed_twice(answers: Sequence[Answer]) -> bool:
    """Say whether one booking has two reviews."""
    return len(won(answers)) > 1


def is_miscounted(_answers: Sequence[Answer]) -> bool:
    """Say whether a count is off."""
    return bool(wrong_counts())


CONTROLS: dict[str, tuple[str, Callable[[Visited], Race], Callable[[list[Answer]], bool]]] = {
    # what goes wrong: without which guard, what is asked, how it is seen
    "two reviews of one visit": ("one review", lambda visited: visited.tabs, is_reviewed_twice),
    "counts are lost": ("count", lambda visited: visited.changes, is_miscounted),
}


@pytest.mark.race
@pytest.mark.parametrize("name", CONTROLS)
def test_without_the_guard_the_race_is_seen(unguarded: Arena, name: str) -> None:
    """The control: without the unique index, whoever looks first writes; counts are read, and written back."""
    without, race_of, is_wrong = CONTROLS[name]
    with db.engine.begin() as connection:
        connection.execute(text(f"DROP INDEX IF EXISTS {ONE_REVIEW}"))
    visited = Visited(unguarded)
    assert unguarded.catches(without, race_of(visited), is_wrong)
