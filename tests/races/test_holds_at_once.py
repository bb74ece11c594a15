"""Fifty callers want to hold one time; or book it at the very moment at which a hold of it ends."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.bookings.request import Asked, Request
from app.bookings.service import create_hold
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Allocation, Hold
from app.transactions import transaction
from tests.factories import make_service, make_working_staff
from tests.races.callers import CALLERS, Arena, Call, Caller, on_day, outcomes, won
from tests.servers import Answer

OFTEN = 10
"""Every so-manyeth call is the holder's: some come before the hold ends, some after it."""

SOON = 8
"""So many different moments, 25 ms apart, at which holds end."""


class Slot:
    """An hour of Jane's, another one for each round."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.service = arena, make_service()
        self.jane = make_working_staff(self.service)

    def holds(self, nth: int) -> list[Call]:
        """All want to hold it."""
        return [Call(client, "/api/bookings/holds", self._wish(nth)) for client in self.arena.clients]

    def holder_and_others(self, nth: int) -> list[Call]:
        """BK-25: whoever holds it books it, while its hold ends and all others want to book it."""
        holder, *others = self.arena.clients
        own = {"hold_id": self._held(holder, nth)}
        calls = [Call(other, "/api/bookings", self._wish(nth)) for other in others[: CALLERS - CALLERS // OFTEN]]
        for n in range(0, CALLERS, OFTEN):
            calls.insert(n, Call(holder, "/api/bookings", self._wish(nth) | own))
        return calls

    def _held(self, holder: Caller, nth: int) -> int:
        """Return the id of a hold that ends in a moment."""
        starts_at = datetime.fromisoformat(on_day(nth))
        wanted = Request(starts_at=starts_at, parts=(Asked(self.service.id, self.jane.id),))
        with transaction():
            hold = create_hold(actor=holder.actor, request=wanted).hold
        end = {"expires_at": utcnow() + timedelta(milliseconds=50 + 25 * (nth % SOON))}
        with transaction():
            db.session.execute(update(Hold).where(Hold.id == hold.id).values(end))
            db.session.execute(update(Allocation).where(Allocation.hold_id == hold.id).values(end))
        return hold.id

    def _wish(self, nth: int) -> dict[str, object]:
        return {"service_id": self.service.id, "staff_id": self.jane.id, "starts_at": on_day(nth)}


def split(answers: list[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Return the holder's answers, and those of the others."""
    return answers[::OFTEN], [answer for n, answer in enumerate(answers) if n % OFTEN]


@pytest.mark.race
def test_one_of_fifty_holds_the_slot(guarded: Arena) -> None:
    """One 201, forty-nine 409 slot_taken; what is given back can be held again."""
    slot = Slot(guarded)
    for answers in guarded.rounds("hold/hold", slot.holds):
        assert outcomes(answers) == {(201, ""): 1, (409, "slot_taken"): CALLERS - 1}
        (winner,) = (n for n, answer in enumerate(answers) if answer.status == 201)
        hold = f"/api/bookings/holds/{answers[winner].json['id']}"
        (released,) = guarded.release([Call(guarded.clients[winner], hold, method="DELETE")])
        assert released.status == 204


@pytest.mark.race
def test_a_hold_that_ends_has_one_heir(guarded: Arena) -> None:
    """The holder books in time, or somebody else does after it: never both."""
    slot, heirs = Slot(guarded), Counter[str]()
    for answers in guarded.rounds("hold expiry/confirm", slot.holder_and_others):
        holders, others = split(answers)
        assert len(won(answers)) <= 1
        assert set(outcomes(holders)) <= {(201, ""), (409, "hold_expired"), (409, "slot_taken")}
        assert set(outcomes(others)) <= {(201, ""), (409, "slot_taken")}
        heirs["the holder" if won(holders) else "another" if won(others) else "nobody"] += 1
    print(f"  booked by: {dict(heirs)}")


@pytest.mark.race
def test_without_the_check_the_race_is_seen(unguarded: Arena) -> None:
    """The control: look, then hold; several have it."""
    assert unguarded.catches("check", Slot(unguarded).holds, lambda answers: len(won(answers)) > 1)


@pytest.mark.race
def test_without_a_look_at_the_clock_the_race_is_seen(unguarded: Arena) -> None:
    """The control: whoever has seen the hold alive books its time; somebody else has booked it meanwhile."""
    assert unguarded.catches("hold", Slot(unguarded).holder_and_others, lambda answers: all(map(won, split(answers))))
