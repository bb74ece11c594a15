"""Freed time is wanted by those who wait and by everybody else: one of them gets it, however many workers offer it.

`RACE_ROUNDS` says how many rounds each race has. The control looks, lets go, and acts, without the database's rule: it
gives one hour to two clients.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.bookings.request import Asked, Request
from app.bookings.waitlist import offering
from app.bookings.waitlist.freed import Freed
from app.bookings.waitlist.offering import Match, announce, find_match
from app.bookings.wishes import NOTHING, read_wish
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.kit.clock import utcnow
from app.kit.intervals import to_instant
from app.models import OutboxEvent, User, WaitlistEntry, WaitlistOffer
from app.transactions import reading, transaction
from tests.api import Api
from tests.bookings.waiting import NOW, Salon, Waiting, living_holds, offers
from tests.factories import make_user, token_for
from tests.races.audit import double_bookings, overlaps
from tests.races.callers import drop_the_rule

ROUNDS = int(os.environ.get("RACE_ROUNDS", "2"))
TEN = NOW + timedelta(hours=4)
HOUR = timedelta(hours=1)
WINDOW: dict[str, Any] = {"from": "2030-01-07", "to": "2030-02-28"}


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def salon(api: Api) -> Salon:
    """Jane's."""
    return Salon(api)


def at_once(app: Flask, *those: Callable[[], Any]) -> list[Any]:
    """Call all of them at the same moment, each in a context of its own, and return what they return."""
    start = threading.Barrier(len(those))

    def call(one: Callable[[], Any]) -> Any:
        with app.app_context():
            start.wait(10)
            return one()

    with ThreadPoolExecutor(len(those)) as pool:
        return list(pool.map(call, those))


def freed_on(salon: Salon, nth: int, workers: int = 1) -> datetime:
    """Free an hour of Jane's on a new day, and leave a task about it for each of the workers; return its start."""
    starts_at = TEN + timedelta(days=nth)
    with transaction():
        for _ in range(workers):
            announce(Freed(salon.jane.id, starts_at, starts_at + HOUR))
    return starts_at


def dead_tasks() -> Sequence[str | None]:
    """Return what tasks have failed of for good."""
    found = db.session.scalars(select(OutboxEvent.last_error).where(OutboxEvent.last_error.is_not(None))).all()
    db.session.commit()
    return found


@pytest.mark.race
def test_an_offer_against_bookings_of_others(app: Flask, salon: Salon) -> None:
    """Either who waits has it, or one of those who book; never two, and no answer but 201 and slot_taken."""
    salon.waits(**WINDOW)
    tokens = [token_for(make_user()) for _ in range(4)]
    for nth in range(ROUNDS):
        starts_at = freed_on(salon, nth)
        body = {"service_id": salon.service.id, "staff_id": salon.jane.id, "starts_at": starts_at.isoformat()}
        answers = at_once(app, work_once, *(book(app, body, token) for token in tokens))[1:]
        codes = Counter((answer.status_code, answer.json.get("code")) for answer in answers)
        open_offers = [state for _, _, state in offers() if state == "open"]
        won = codes.pop((201, None), 0)
        assert won + len(open_offers) == 1
        assert codes == {(409, "slot_taken"): 4 - won}
        assert (double_bookings(), overlaps(), living_holds(NOW)) == (0, 0, len(open_offers))
        end_offers(salon)


def book(app: Flask, body: dict[str, Any], token: str) -> Callable[[], Any]:
    """Return a function that asks for a booking."""
    return lambda: Api(app.test_client()).post("/api/bookings", body, token=token)


def end_offers(salon: Salon) -> None:
    """Let whoever has an offer decline, so that the next round begins with nobody's."""
    rows = db.session.execute(
        select(WaitlistEntry.id, User).join(User, User.id == WaitlistEntry.client_id).where(offered_ones())
    ).all()
    db.session.commit()
    for entry_id, user in rows:
        assert Waiting(salon.api, user, entry_id).decline().status_code == 200


def offered_ones() -> Any:
    """Select the entries that have an open offer."""
    return WaitlistEntry.id.in_(select(WaitlistOffer.entry_id).where(WaitlistOffer.state == "open"))


@pytest.mark.race
def test_several_workers_at_once(app: Flask, salon: Salon) -> None:
    """One hour, four tasks, four workers, three in line: exactly one hold, and it is the first one's."""
    line = [salon.waits(**WINDOW) for _ in range(3)]
    for nth in range(ROUNDS):
        freed_on(salon, nth, workers=4)
        at_once(app, *[work_once] * 4)
        assert [entry for entry, _, state in offers() if state == "open"] == [line[0].entry_id]
        assert (living_holds(NOW), overlaps()) == (1, 0)
        assert dead_tasks() == []
        retire(line.pop(0))
        line.append(salon.waits(**WINDOW))
        with transaction():
            db.session.query(OutboxEvent).filter(OutboxEvent.done_at.is_(None)).delete()


def retire(one: Waiting) -> None:
    """Take somebody off the list."""
    assert one.leave() == 204


@pytest.mark.race
def test_two_wishes_of_one_client(app: Flask, salon: Salon) -> None:
    """Two hours, two workers, one entry: it has one offer."""
    ada = salon.waits(**WINDOW)
    freed_on(salon, 0)
    freed_on(salon, 1)
    at_once(app, work_once, work_once)
    assert [(entry, state) for entry, _, state in offers()] == [(ada.entry_id, "open")]
    assert (living_holds(NOW), overlaps(), dead_tasks()) == (1, 0, [])


@pytest.mark.race
def test_the_control_gives_one_hour_twice(app: Flask, salon: Salon) -> None:
    """Look, let go, act: and two clients are offered the same hour."""
    line = [salon.waits(**WINDOW) for _ in range(2)]
    freed = Freed(salon.jane.id, TEN, TEN + HOUR)
    drop_the_rule()
    looked = threading.Barrier(2)
    at_once(app, *(look_then_act(freed, one, looked) for one in line))
    assert [state for _, _, state in offers()] == ["open", "open"]
    assert overlaps() > 0


def look_then_act(freed: Freed, one: Waiting, looked: threading.Barrier) -> Callable[[], None]:
    """Return a worker as rivals build it, for one of those who wait."""

    def offer() -> None:
        with reading():
            seen = find_match(freed, utcnow())
            assert seen is not None
            match = Match(one.entry_id, one.who.id, seen.service_id, seen.visit)
            wished = Request(to_instant(match.visit[0]), (Asked(match.service_id, freed.staff_id),))
            plan = read_wish(wished).plan(wished.starts_at, utcnow(), NOTHING)
        looked.wait(10)
        with transaction():
            offering._write(db.session.get_one(WaitlistEntry, one.entry_id), freed.staff_id, plan)  # type: ignore[arg-type]

    return offer
