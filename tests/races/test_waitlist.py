"""Freed time is wanted by those who wait and by everybody else: one of them gets it, however many workers offer it.

Fifty callers ask a real server while workers carry out what is due, each round in a salon of its own.
"""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.bookings.waitlist import offering
from app.bookings.waitlist.offering import OFFER_FREED
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Allocation, Hold, OfferState, OutboxEvent, WaitlistEntry, WaitlistOffer, WaitState
from app.transactions import reading, transaction
from tests.factories import assign, make_service, make_staff, set_hours
from tests.races.audit import overlaps
from tests.races.bookings import booked
from tests.races.callers import CALLERS, FIRST_DAY, Arena, Call, Caller, on_day, outcomes, won
from tests.races.workers import Workers, offer_on_sight, workers_beside
from tests.servers import Answer

HALF = CALLERS // 2
OFTEN = 10
"""Every so-manyeth call is that of whoever has the offer."""

SOON, MOMENT = 8, 0.015
"""So many different moments, and the seconds between two of them, at which offers are made, or end."""

WAITLIST = "/api/bookings/waitlist"
DAYS = {"from": f"{FIRST_DAY:%Y-%m-%d}", "to": f"{FIRST_DAY + timedelta(days=7):%Y-%m-%d}"}


class Salon:
    """Jane's, who does things of an hour and of half an hour; another Jane's for each round."""

    def __init__(self, arena: Arena, workers: Workers) -> None:
        self.arena, self.workers = arena, workers
        self.renew()

    def renew(self, closes: str = "17:00") -> None:
        """Open anew at nine, with nobody in line."""
        self.hour, self.half = make_service(), make_service(duration_minutes=30)
        self.jane = make_staff()
        set_hours(self.jane, closes=closes)
        for service in (self.hour, self.half):
            assign(self.jane, service)
        self.line: list[int] = []

    def wish(self) -> dict[str, object]:
        """Return what all want: the first hour of the day."""
        return {"service_id": self.hour.id, "staff_id": self.jane.id, "starts_at": on_day(0)}

    def waits(self) -> Caller:
        """Let somebody new wait for the hour; return who."""
        client = Caller.signed_in()
        (answer,) = self.arena.release([Call(client, WAITLIST, {"service_id": self.hour.id, **DAYS})])
        assert answer.status == 201, answer.body
        self.line.append(answer.json["id"])
        return client

    def free(self, *, moment: int = 0) -> None:
        """Book the hour and cancel it, of which the workers learn so many moments later."""
        owner = self.arena.clients[-1]
        cancel = Call(owner, f"/api/bookings/{booked(owner, self.hour, self.jane, on_day(0))}/cancel")
        (answer,) = self.arena.release([cancel])
        assert answer.status == 200, answer.body
        waiting = update(OutboxEvent).where(OutboxEvent.topic == OFFER_FREED, OutboxEvent.done_at.is_(None))
        with transaction():
            db.session.execute(waiting.values(due_at=utcnow() + timedelta(seconds=MOMENT * moment)))

    def offered_and_booked(self, nth: int) -> list[Call]:
        """The hour is free; all want it, while a worker is about to offer it to who waits."""
        self.renew()
        self.waits()
        late = nth % SOON - SOON // 2
        self.free(moment=max(0, late))
        self.workers.begin()
        time.sleep(MOMENT * max(0, -late))
        return [Call(client, "/api/bookings", self.wish()) for client in self.arena.clients]

    def accepted_and_booked(self, nth: int) -> list[Call]:
        """Who has the offer accepts it, while all others want to book it; in every other round it ends meanwhile."""
        self.renew()
        patient = self.waits()
        self.free()
        self.workers.end()
        offer = self.open_offers()[0]
        if nth % 2:
            end_soon(offer.hold_id, 0.05 + MOMENT * (nth % SOON))
        others = self.arena.clients[: CALLERS - CALLERS // OFTEN]
        calls = [Call(other, "/api/bookings", self.wish()) for other in others]
        for n in range(0, CALLERS, OFTEN):
            calls.insert(n, Call(patient, "/api/bookings", self.wish() | {"hold_id": offer.hold_id}))
        return calls

    def freed_twice(self, nth: int, *, waiting: int = 3, apart: int = 30) -> list[Call]:
        """Two bookings, so many minutes apart, are all that Jane has time for; both are cancelled at once."""
        self.renew(closes="10:00" if apart == 30 else "11:00")
        service = self.half if apart == 30 else self.hour
        owners = self.arena.clients[-1], self.arena.clients[-2]
        ids = [booked(owner, service, self.jane, on_day(0, n * apart)) for n, owner in enumerate(owners)]
        for _ in range(waiting):
            self.waits()
        self.workers.begin()
        pairs = zip(owners, ids, strict=True)
        return [Call(owner, f"/api/bookings/{one}/cancel") for owner, one in pairs] * HALF

    def open_offers(self) -> list[WaitlistOffer]:
        """Return the offers of Jane's time that stand."""
        standing = select(WaitlistOffer).where(
            WaitlistOffer.staff_id == self.jane.id, WaitlistOffer.state == OfferState.OPEN
        )
        with reading():
            return list(db.session.scalars(standing.order_by(WaitlistOffer.id)))

    def holds(self) -> int:
        """Count the holds of Jane's time."""
        with reading():
            held = select(Allocation.id).where(Allocation.resource_id == self.jane.id, Allocation.hold_id.is_not(None))
            return len(db.session.scalars(held).all())

    def first_in_line(self) -> WaitlistEntry:
        """Return how the first one who waited stands."""
        with reading():
            return db.session.get_one(WaitlistEntry, self.line[0], populate_existing=True)


def end_soon(hold_id: int, seconds: float) -> None:
    """Let an offer, and its hold, end in a moment."""
    end = {"expires_at": utcnow() + timedelta(seconds=seconds)}
    with transaction():
        db.session.execute(update(Hold).where(Hold.id == hold_id).values(end))
        db.session.execute(update(Allocation).where(Allocation.hold_id == hold_id).values(end))
        db.session.execute(update(WaitlistOffer).where(WaitlistOffer.hold_id == hold_id).values(end))


def split(answers: list[Answer]) -> tuple[list[Answer], list[Answer]]:
    """Return the answers to whoever had the offer, and those to the others."""
    return answers[::OFTEN], [answer for n, answer in enumerate(answers) if n % OFTEN]


@pytest.fixture
def salon(guarded: Arena) -> Iterator[Salon]:
    """Jane's, and workers."""
    with workers_beside(guarded) as workers:
        yield Salon(guarded, workers)


@pytest.fixture
def open_salon(unguarded: Arena) -> Iterator[Salon]:
    """The same beside the control."""
    with workers_beside(unguarded) as workers:
        yield Salon(unguarded, workers)


@pytest.mark.race
def test_an_offer_against_bookings_of_others(guarded: Arena, salon: Salon) -> None:
    """Either who waits has it, or one of those who book; never two, never nobody, and no answer but these."""
    heirs = Counter[str]()
    for answers in guarded.rounds("waitlist offer/book", salon.offered_and_booked):
        salon.workers.end()
        offers, bookings = salon.open_offers(), won(answers)
        assert len(offers) + len(bookings) == 1
        assert outcomes(answers).keys() <= {(201, ""), (409, "slot_taken")}
        assert (salon.holds(), overlaps()) == (len(offers), 0)
        heirs["who waits" if offers else "another"] += 1
    print(f"  had by: {dict(heirs)}")


@pytest.mark.race
def test_without_the_check_an_offer_is_booked_by_another(open_salon: Salon) -> None:
    """The control: who has seen the hour free books it, when it is offered to who waits."""

    def given_twice(answers: list[Answer]) -> bool:
        open_salon.workers.end()
        return bool(open_salon.open_offers()) and bool(won(answers))

    later = SOON // 2  # than all have looked
    assert open_salon.arena.catches("check", lambda nth: open_salon.offered_and_booked(nth + later), given_twice)


@pytest.mark.race
def test_an_offer_is_accepted_or_ends(guarded: Arena, salon: Salon) -> None:
    """Who has the offer books it once, if it stands; where it ends, that one or another, never both."""
    heirs = Counter[str]()
    for answers in guarded.rounds("waitlist accept/book", salon.accepted_and_booked, least=2):
        holders, others = split(answers)
        assert outcomes(holders).keys() <= {(201, ""), (409, "hold_expired"), (409, "slot_taken")}
        assert outcomes(others).keys() <= {(201, ""), (409, "slot_taken")}
        assert len(won(answers)) <= 1
        entry, accepted = salon.first_in_line(), won(holders)
        assert entry.state is (WaitState.BOOKED if accepted else WaitState.WAITING)
        assert entry.booking_id == (accepted[0].json["id"] if accepted else None)
        heirs["who waits" if accepted else "another" if won(others) else "nobody"] += 1
    print(f"  booked by: {dict(heirs)}")
    assert heirs["who waits"] >= sum(heirs.values()) // 2  # in every other round the offer stands


@pytest.mark.race
def test_without_a_look_at_the_clock_both_have_it(open_salon: Salon) -> None:
    """The control: who has seen the offer stand books its time; somebody else has booked it meanwhile."""
    arena = open_salon.arena
    assert arena.catches(
        "hold", lambda nth: open_salon.accepted_and_booked(2 * nth + 1), lambda answers: all(map(won, split(answers)))
    )


@pytest.mark.race
def test_an_hour_freed_by_two(guarded: Arena, salon: Salon) -> None:
    """Two halves of an hour are freed at once, three wait for the hour: the first has one offer, nobody else any."""
    for answers in guarded.rounds("waitlist freed twice", salon.freed_twice):
        salon.workers.end()
        assert outcomes(answers) == {(200, ""): CALLERS}
        assert [(offer.entry_id, offer.starts_at) for offer in salon.open_offers()] == [(salon.line[0], hour_of(0))]
        assert (salon.holds(), overlaps()) == (1, 0)


@pytest.mark.race
def test_two_hours_for_one(guarded: Arena, salon: Salon) -> None:
    """Two hours are freed at once, one waits: there is one offer, of one of them."""
    for answers in guarded.rounds(
        "waitlist two hours, one wish", lambda nth: salon.freed_twice(nth, waiting=1, apart=60)
    ):
        salon.workers.end()
        assert outcomes(answers) == {(200, ""): CALLERS}
        (offer,) = salon.open_offers()
        assert (offer.entry_id, offer.starts_at in {hour_of(0), hour_of(1)}) == (salon.line[0], True)
        assert (salon.holds(), overlaps()) == (1, 0)


@pytest.mark.race
def test_careless_workers_give_one_hour_twice(open_salon: Salon, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: look, let go, offer; two who wait are offered time that overlaps."""
    monkeypatch.setattr(offering, "make_offer", offer_on_sight)

    def offered_twice(_answers: list[Answer]) -> bool:
        open_salon.workers.end()
        return len(open_salon.open_offers()) > 1 and overlaps() > 0

    assert open_salon.arena.catches("no guard of the server's", open_salon.freed_twice, offered_twice)


def hour_of(nth: int) -> datetime:
    """Return the start of an hour of the day."""
    return datetime.fromisoformat(on_day(0, 60 * nth))
