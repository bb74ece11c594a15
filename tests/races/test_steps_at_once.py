"""Fifty callers decide about one booking at the same moment, or want what it gives up."""

from collections.abc import Callable

import pytest

from app.models import Step
from tests.factories import make_service, make_working_staff
from tests.races.bookings import booked, status_of, steps_of
from tests.races.callers import CALLERS, Arena, Call, Race, failed, on_day, outcomes, won

HALF = CALLERS // 2


class Disputed:
    """A booking that waits for approval, a new one for each round, and who wants something of it."""

    def __init__(self, arena: Arena, *, approval: bool = True) -> None:
        self.service = make_service(requires_approval=approval)
        self.jane = make_working_staff(self.service)
        self.arena, self.owner, self.id = arena, arena.clients[0], 0

    def renew(self, nth: int) -> None:
        """Book for the nth round."""
        self.id = booked(self.owner, self.service, self.jane, on_day(nth))

    def approvals(self, nth: int) -> list[Call]:
        """BK-06: fifty approve it."""
        self.renew(nth)
        return [Call(self.arena.admin, f"/api/bookings/{self.id}/approve")] * CALLERS

    def approvals_and_cancellations(self, nth: int) -> list[Call]:
        """Every other one approves it, while its client keeps cancelling it."""
        self.renew(nth)
        approve = Call(self.arena.admin, f"/api/bookings/{self.id}/approve")
        return [approve, Call(self.owner, f"/api/bookings/{self.id}/cancel")] * HALF

    def cancellation_and_wishes(self, nth: int) -> list[Call]:
        """Its client cancels it, while all others want its time."""
        self.renew(nth)
        wish = {"service_id": self.service.id, "staff_id": self.jane.id, "starts_at": on_day(nth)}
        others = [Call(client, "/api/bookings", wish) for client in self.arena.clients[1:]]
        return [Call(self.owner, f"/api/bookings/{self.id}/cancel"), *others]


@pytest.mark.race
def test_one_approval_counts(guarded: Arena) -> None:
    """One 200, forty-nine 409 invalid_transition, and one row of history."""
    disputed = Disputed(guarded)
    for answers in guarded.rounds("approve/approve", disputed.approvals):
        assert outcomes(answers) == {(200, ""): 1, (409, "invalid_transition"): CALLERS - 1}
        assert (status_of(disputed.id), steps_of(disputed.id)) == ("confirmed", [Step.CREATE, Step.APPROVE])


@pytest.mark.race
def test_what_is_cancelled_is_not_approved(guarded: Arena) -> None:
    """Cancelling succeeds, and succeeds again; at most one approval came before it, and none after."""
    disputed = Disputed(guarded)
    for answers in guarded.rounds("approve/cancel", disputed.approvals_and_cancellations):
        approvals, cancellations = answers[::2], answers[1::2]
        assert outcomes(cancellations) == {(200, ""): HALF}
        assert set(outcomes(approvals)) <= {(200, ""), (409, "invalid_transition")}
        assert steps_of(disputed.id) == [Step.CREATE, *[Step.APPROVE] * len(won(approvals)), Step.CANCEL]
        assert len(won(approvals)) <= 1
        assert status_of(disputed.id) == "cancelled"


@pytest.mark.race
def test_what_is_given_up_has_one_new_owner(guarded: Arena) -> None:
    """The cancellation succeeds; whoever comes first after it has the time, or nobody."""
    disputed = Disputed(guarded, approval=False)
    for cancelled, *wishes in guarded.rounds("cancel/rebook", disputed.cancellation_and_wishes):
        assert cancelled.status == 200
        assert len(won(wishes)) <= 1
        assert set(outcomes(wishes)) <= {(201, ""), (409, "slot_taken")}
        assert status_of(disputed.id) == "cancelled"


CONTROLS: dict[str, tuple[str, bool, Callable[[Disputed], Race]]] = {
    # what goes wrong: without which guard, whether it waits for approval, what is asked
    "approved twice": ("status", True, lambda disputed: disputed.approvals),
    "approved when cancelled": ("status", True, lambda disputed: disputed.approvals_and_cancellations),
    "two new owners": ("check", False, lambda disputed: disputed.cancellation_and_wishes),
}


@pytest.mark.race
@pytest.mark.parametrize("name", CONTROLS)
def test_without_the_guard_the_race_is_seen(unguarded: Arena, name: str) -> None:
    """The control: the status is read, or the time looked up, before the lock.

    What is approved when it is cancelled fails by the rule of the table: 500.
    """
    guard, approval, race_of = CONTROLS[name]
    disputed = Disputed(unguarded, approval=approval)
    wrong = {
        "approved twice": lambda _: steps_of(disputed.id).count(Step.APPROVE) > 1,
        "approved when cancelled": failed,
        "two new owners": lambda answers: len(won(answers[1:])) > 1,
    }
    assert unguarded.catches(guard, race_of(disputed), wrong[name])
