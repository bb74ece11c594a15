"""One proposal, confirmed by twenty requests at once: it is booked once, and all of them have that booking."""

from datetime import datetime

import pytest

from app.extensions import db
from app.models import Booking
from app.transactions import transaction
from app.voice import service
from tests.factories import make_service, make_working_staff
from tests.races.callers import Arena, Call, Caller, on_day, outcomes
from tests.servers import Answer

CLICKS = 20


class Proposals:
    """A cut at the opening of another day for each round, proposed to another client each time."""

    def __init__(self, arena: Arena, cut: str) -> None:
        self.arena = arena
        self.cut = make_service(name=cut)
        self.jane = make_working_staff(self.cut)

    def clicks(self, nth: int) -> list[Call]:
        """All are the client's yes to one proposal."""
        caller = self.arena.clients[nth % len(self.arena.clients)]
        body: dict[str, object] = {"confirm_token": self._proposed(caller, nth)}
        return [Call(caller, "/api/voice/booking/confirm", body) for _ in range(CLICKS)]

    def yes_and_others(self, nth: int) -> list[Call]:
        """One says yes, all others want to book the very time."""
        first, *others = self.clicks(nth)
        wish = {"service_id": self.cut.id, "staff_id": self.jane.id, "starts_at": on_day(nth)}
        rivals = [one for one in self.arena.clients if one != first.caller]
        return [first, *(Call(rival, "/api/bookings", dict(wish)) for rival, _ in zip(rivals, others, strict=False))]

    def _proposed(self, caller: Caller, nth: int) -> str:
        start = datetime.fromisoformat(on_day(nth))
        text = f"book a {self.cut.name} on {start:%B} {start.day}, {start.year} at {start:%H:%M}"
        with transaction():
            answered = service.speak(caller.actor, service.spoken(text))
        assert answered.reply.confirm_token, answered.reply.text
        return answered.reply.confirm_token


@pytest.mark.race
def test_a_proposal_is_booked_once(guarded: Arena) -> None:
    """201 for all, and one booking: the later ones are told of what the first has done."""
    proposals = Proposals(guarded, "Crew cut")
    for answers in guarded.rounds("voice/confirm", proposals.clicks):
        assert outcomes(answers) == {(201, ""): CLICKS}
        (booking_id,) = {answer.json["id"] for answer in answers}
        booking = db.session.get_one(Booking, booking_id)
        cuts = db.session.query(Booking).where(Booking.items.any(service_id=proposals.cut.id))
        made = cuts.filter_by(client_id=booking.client_id, starts_at=booking.starts_at).count()
        db.session.rollback()
        assert made == 1


@pytest.mark.race
def test_without_its_lock_a_proposal_is_refused_to_some(unguarded: Arena) -> None:
    """The control: who only looks whether it was confirmed spends the hold once more, or books twice."""
    proposals = Proposals(unguarded, "Bowl cut")

    def is_wrong(answers: list[Answer]) -> bool:
        return outcomes(answers) != {(201, ""): len(answers)} or len({one.json["id"] for one in answers}) > 1

    assert unguarded.catches("proposal", proposals.clicks, is_wrong)


@pytest.mark.race
def test_what_is_proposed_is_kept_from_others(guarded: Arena) -> None:
    """The hold keeps the time: the yes gets it, whoever comes first."""
    proposals = Proposals(guarded, "Pompadour")
    for answers in guarded.rounds("voice/book", proposals.yes_and_others):
        assert answers[0].status == 201
        assert outcomes(answers[1:]) == {(409, "slot_taken"): CLICKS - 1}
