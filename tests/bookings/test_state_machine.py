"""Random histories of the desk against a model of it that a person could keep on paper.

The model is a list of intervals for each staff member, each with whose it is and until when it counts. After every step
both must agree: what was accepted, what was refused and why, what is taken by now, and where every booking stands.

`HISTORIES=2000 STEPS=40 pytest tests/bookings/test_state_machine.py` is the long run. A failure prints the history, and
the line that repeats it.
"""

import os
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar, Self

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import func, select

from app.bookings import service as desk
from app.bookings.request import Asked, Request
from app.bookings.service import Change, alternatives, deciding
from app.diary.closures import Absence, add_closure
from app.diary.errors import BookingsInTheWay
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.kit.errors import Refusal
from app.models import Allocation, Booking, Hold, Role, Service
from app.security.actor import Actor
from app.transactions import transaction
from tests.bookings.paper import (
    CLOSES,
    DAWN,
    HOLD_MINUTES,
    LONGEST_WAIT,
    OPENS,
    QUARTER,
    WORKS,
    Entry,
    Paper,
    instant,
    on_paper,
)
from tests.factories import assign, make_service, make_staff, make_user, set_hours

TIMES = st.one_of(
    st.integers(0, 3 * 24 * 4).map(lambda n: n * QUARTER),
    st.integers(OPENS // QUARTER, CLOSES // QUARTER).map(lambda n: n * QUARTER),
    st.integers(0, 3 * 1440),
)
PARTS = st.lists(st.integers(0, len(WORKS) - 1), min_size=1, max_size=2).map(tuple)
STAFF = st.integers(0, 1)
NTH = st.integers(0, 99)
"""Which of those there are; ids differ from run to run, and must not be drawn."""


class Desk(RuleBasedStateMachine):
    """What clients and staff do at the desk, in any order."""

    app: ClassVar[Flask]

    def __init__(self) -> None:
        """Begin with two staff members who perform everything, on an empty database."""
        super().__init__()
        self.stack, self.paper = ExitStack(), Paper(now=6 * 60)
        self.clock = self.stack.enter_context(_Hands())
        self.staff: list[int] = []
        self.before = 2**62

    def teardown(self) -> None:
        """Leave the clock and the database as they were."""
        self.stack.close()
        db.session.rollback()

    @initialize()
    def open_the_desk(self) -> None:
        """Write who works here and what they do; everybody else's diaries are not theirs."""
        self.services = [
            make_service(
                duration_minutes=work.minutes,
                buffer_before_minutes=work.before,
                buffer_after_minutes=work.after,
                requires_approval=work.approval,
            ).id
            for work in WORKS
        ]
        self.staff = [self._somebody() for _ in range(2)]
        self.clerk = Actor(make_user(Role.STAFF).id, Role.STAFF)
        self.before = db.session.scalar(select(func.max(Booking.id))) or 0
        db.session.rollback()

    def _somebody(self) -> int:
        staff = make_staff()
        set_hours(staff)
        for service in self.services:
            assign(staff, db.session.get_one(Service, service))
        return staff.id

    @rule(staff=STAFF, parts=PARTS, start=TIMES)
    def book(self, staff: int, parts: tuple[int, ...], start: int) -> None:
        """Somebody new asks for a visit with somebody."""
        wanted = self._wanted(staff, parts, start)
        said, booking = self._try(lambda: desk.create_booking(actor=self._client(), request=self._request(wanted)))
        assert said == self.paper.why_not(wanted)
        if booking is not None:
            self.paper.entries[booking] = wanted

    @rule(parts=PARTS, start=TIMES)
    def book_anybody(self, parts: tuple[int, ...], start: int) -> None:
        """Somebody asks for a visit with whoever is free: one of them alone, or two together."""
        request = self._request(self._wanted(0, parts, start), anybody=True)
        said, booking = self._try(lambda: desk.create_booking(actor=self._client(), request=request))
        against = [self.paper.why_not(self._wanted(staff, parts, start)) for staff in (0, 1)]
        assert said is None or all(against), (said, against)
        assert len(parts) > 1 or (said is None) is (None in against), (said, against)
        if booking is not None:
            self._note_team(booking, parts)

    @rule(staff=STAFF, parts=PARTS, start=TIMES)
    def hold(self, staff: int, parts: tuple[int, ...], start: int) -> None:
        """Somebody keeps a time for some minutes."""
        held = replace(
            self._wanted(staff, parts, start), until=self.paper.now + HOLD_MINUTES, is_hold=True, status="held"
        )
        said, hold = self._try(lambda: desk.create_hold(actor=self._client(), request=self._request(held)).hold)
        assert said == self.paper.why_not(held)
        if hold is not None:
            self.paper.holds[hold] = held

    @precondition(lambda self: self.paper.holds)
    @rule(nth=NTH)
    def take_over(self, nth: int) -> None:
        """The holder books what is held; by then it may have lapsed or been released."""
        hold_id = _nth(self.paper.holds, nth)
        held = self.paper.holds[hold_id]
        wanted = self._wanted(held.staff, held.parts, held.start)
        holder = Actor(self._holder(hold_id), Role.CLIENT)
        request = replace(self._request(wanted), hold_id=hold_id)
        said, booking = self._try(lambda: desk.create_booking(actor=holder, request=request))
        reason = self.paper.why_not(wanted, but=held)
        if not self.paper.counts(held) and reason in {None, "slot_taken"}:
            reason = "hold_expired"
        assert said == reason
        if booking is not None:
            self.paper.holds[hold_id] = replace(held, status="over")
            self.paper.entries[booking] = wanted

    @precondition(lambda self: self.paper.holds)
    @rule(nth=NTH)
    def release(self, nth: int) -> None:
        """The holder gives it back; again and again is the same."""
        hold_id = _nth(self.paper.holds, nth)
        holder = Actor(self._holder(hold_id), Role.CLIENT)
        said, _ = self._try(lambda: desk.release_hold(holder, hold_id))
        assert said is None
        self.paper.holds[hold_id] = replace(self.paper.holds[hold_id], status="over")

    @precondition(lambda self: self.paper.entries)
    @rule(nth=NTH, start=TIMES, by_staff=st.booleans(), staff=st.none() | STAFF)
    def move(self, nth: int, start: int, by_staff: bool, staff: int | None) -> None:
        """Its client, or the staff, moves a booking, perhaps to somebody else."""
        booking_id = _nth(self.paper.entries, nth)
        old = self.paper.entries[booking_id]
        actor = self.clerk if by_staff else Actor(self._client_of(booking_id), Role.CLIENT)
        until = old.until if old.until is None else min(old.until, start)
        new = replace(old, start=start, staff=old.staff if staff is None else staff, until=until)
        change = Change(starts_at=instant(start), staff_id=None if staff is None else self.staff[staff])
        said, _ = self._try(lambda: desk.reschedule(actor, booking_id, change))
        if not self.paper.counts(old) or old.status not in {"pending", "confirmed"}:
            assert said == "invalid_transition"
        elif not by_staff and self.paper.now >= old.start:
            assert said == "booking_started"
        elif (new.start, new.staff) == (old.start, old.staff):
            assert said is None
        else:
            assert said == self.paper.why_not(new, but=old, notice=not by_staff)
            if said is None:
                self.paper.entries[booking_id] = new

    @precondition(lambda self: self.paper.entries)
    @rule(nth=NTH, verb=st.sampled_from(["cancel", "approve", "decline"]))
    def step(self, nth: int, verb: str) -> None:
        """The staff take a step."""
        booking_id = _nth(self.paper.entries, nth)
        entry = self.paper.entries[booking_id]
        verbs = {"cancel": desk.cancel, "approve": desk.approve, "decline": desk.decline}
        said, _ = self._try(lambda: verbs[verb](self.clerk, booking_id))
        status, waits = self.paper.status(entry), entry.status == "pending"
        legal = {
            "cancel": status in {"pending", "confirmed", "cancelled"},
            "approve": status == "pending" and waits,
            "decline": status == "pending",
        }[verb]
        assert said == (None if legal else "invalid_transition")
        if legal and status != "cancelled":
            after = {"cancel": "cancelled", "approve": "confirmed", "decline": "declined"}[verb]
            self.paper.entries[booking_id] = replace(entry, status=after, until=None)

    @rule(
        staff=STAFF,
        start=st.integers(0, 3 * 24 * 12).map(lambda n: n * 5),
        length=st.integers(1, 60),
        force=st.booleans(),
    )
    def go_away(self, staff: int, start: int, length: int, force: bool) -> None:
        """Somebody takes time off; over bookings by force alone, and then around them."""
        gone = start, start + 5 * length
        clash = any(
            entry.staff == staff and not entry.is_hold and entry.taken[0] < gone[1] and gone[0] < entry.taken[1]
            for entry in self.paper.living()
        )
        absence = Absence(instant(gone[0]), instant(gone[1]))
        said, _ = self._try(
            lambda: add_closure(resource_id=self.staff[staff], absence=absence, force=force, actor_id=None)[0]
        )
        assert said == (BookingsInTheWay.code if clash and not force else None)
        if said is None:
            self.paper.away.append((staff, gone))

    @rule(minutes=st.sampled_from([0, 1, 5, 9, 10, 11, 60, 600, 1440]), sweep=st.booleans())
    def wait(self, minutes: int, sweep: bool) -> None:
        """Time passes; the worker may come by, or not."""
        self.paper.now += minutes
        self.clock.show(instant(self.paper.now))
        if sweep:
            work_once()
            db.session.rollback()

    @invariant()
    def the_same_is_taken(self) -> None:
        """In the table, but for what has lapsed, is what is on paper; closures have the rest of their time."""
        ours = Allocation.resource_id.in_(self.staff)
        rows = db.session.execute(select(*Allocation.__table__.c).where(ours)).all()
        db.session.rollback()
        now = instant(self.paper.now)
        living = [row for row in rows if row.expires_at is None or row.expires_at > now]
        spans = [(self.staff.index(r.resource_id), on_paper(r.starts_at), on_paper(r.ends_at), r) for r in living]
        mine = sorted(span[:3] for span in spans if span[3].closure_id is None)
        assert _joined(mine) == _joined(self.paper.taken_by_entries())
        for staff in range(len(self.staff)):
            covered = {minute for who, a, b, _ in spans if who == staff for minute in range(a, b, 5)}
            lapsed = self._lapsed(rows, staff, now)
            assert covered | lapsed >= self.paper.covered(staff) >= covered

    @invariant()
    def the_same_is_agreed(self) -> None:
        """Every booking stands where it stands on paper."""
        ours = db.session.scalars(select(Booking).where(Booking.id > self.before))
        found = {b.id: (b.status_at(instant(self.paper.now)), b.starts_at) for b in ours}
        db.session.rollback()
        assert {key: (self.paper.status(e), instant(e.start)) for key, e in self.paper.entries.items()} == found

    def _lapsed(self, rows: Any, staff: int, now: datetime) -> set[int]:
        over = [r for r in rows if r.expires_at is not None and r.expires_at <= now]
        mine = [r for r in over if self.staff.index(r.resource_id) == staff]
        return {minute for r in mine for minute in range(on_paper(r.starts_at), on_paper(r.ends_at), 5)}

    def _wanted(self, staff: int, parts: tuple[int, ...], start: int) -> Entry:
        asked = any(WORKS[part].approval for part in parts)
        until = min(self.paper.now + LONGEST_WAIT, start) if asked else None
        return Entry(staff, parts, start, until, status="pending" if asked else "confirmed")

    def _request(self, wanted: Entry, *, anybody: bool = False) -> Request:
        staff = None if anybody else self.staff[wanted.staff]
        parts = tuple(Asked(self.services[part], staff) for part in wanted.parts)
        return Request(starts_at=instant(wanted.start), parts=parts)

    def _note_team(self, booking_id: int, parts: tuple[int, ...]) -> None:
        """Write down who does it; a visit of two people is given up at once: paper has one line for each."""
        booking = db.session.get_one(Booking, booking_id)
        who = set(db.session.scalars(select(Allocation.resource_id).where(Allocation.booking_id == booking_id)))
        start = on_paper(booking.starts_at)
        db.session.rollback()
        wanted = self._wanted(self.staff.index(min(who)), parts, start)
        if len(who) > 1:
            self._try(lambda: desk.cancel(self.clerk, booking_id))
            wanted = replace(wanted, status="cancelled", until=None)
        self.paper.entries[booking_id] = wanted

    def _client(self) -> Actor:
        return Actor(make_user().id, Role.CLIENT)

    def _client_of(self, booking_id: int) -> int:
        client = db.session.get_one(Booking, booking_id).client_id
        db.session.rollback()
        return client

    def _holder(self, hold_id: int) -> int:
        client = db.session.get_one(Hold, hold_id).client_id
        db.session.rollback()
        return client

    def _try(self, act: Any) -> tuple[str | None, int | None]:
        """Return the code of a refusal, or the id of what was made."""
        try:
            with transaction():
                made = act()
                return None, made.id if made is not None else None
        except Refusal as refusal:
            return refusal.code, None
        finally:
            db.session.rollback()


class _Hands:
    """A clock whose hands can be set; afterwards it is as it was."""

    def __enter__(self) -> Self:
        self.stack = ExitStack()
        self.show(DAWN)
        return self

    def show(self, at: datetime) -> None:
        """Set them."""
        self.stack.enter_context(clock.frozen(at))

    def __exit__(self, *_error: object) -> None:
        self.stack.close()


def _joined(spans: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return the spans; work for no time at all is none."""
    return [span for span in spans if span[1] < span[2]]


def _nth(entries: dict[int, Entry], nth: int) -> int:
    return sorted(entries)[nth % len(entries)]


@pytest.fixture
def no_alternatives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let refusals look for nothing else: that is what takes their time."""
    for module in (alternatives, deciding):
        monkeypatch.setattr(module, "alternatives_to", lambda *_args: [])


def test_histories(app: Flask, no_alternatives: None) -> None:
    """Not one step differs from the paper."""
    Desk.app = app
    some = settings(
        max_examples=int(os.environ.get("HISTORIES", "12")),
        stateful_step_count=int(os.environ.get("STEPS", "15")),
        deadline=None,
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Desk, settings=some)
