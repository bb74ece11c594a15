"""What tests of the waitlist share: somebody who waits, somebody who gives way, and what is offered."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.jobs.worker import work_once
from app.models import Hold, OutboxEvent, Service, Staff, User, WaitlistOffer
from tests.api import Api
from tests.bookings.desk import MONDAY, at
from tests.factories import make_service, make_user, make_working_staff, token_for

PATH = "/api/bookings/waitlist"
WEEK = {"from": MONDAY, "to": "2030-01-13"}
LIFETIME = timedelta(minutes=15)
"""How long an offer stands."""


@dataclass
class Salon:
    """A service of an hour by Jane, who works from nine to five, and whoever wants it."""

    api: Api
    service: Service = field(default_factory=lambda: make_service(name="Haircut"))
    jane: Staff = field(init=False)
    busy: User = field(default_factory=make_user)

    def __post_init__(self) -> None:
        """Hire Jane."""
        self.jane = make_working_staff(self.service, name="Jane")

    def book(self, clock: str, who: User | None = None, **fields: Any) -> Any:
        """Book an hour of Jane's; return the answer."""
        asked = {"service_id": self.service.id, "staff_id": self.jane.id, "starts_at": at(clock)}
        return self.api.post("/api/bookings", asked | fields, token=token_for(who or self.busy))

    def booked(self, clock: str, **fields: Any) -> dict[str, Any]:
        """Book an hour of Jane's, which must succeed."""
        answer = self.book(clock, **fields)
        assert answer.status_code == 201, answer.json
        found: dict[str, Any] = answer.json
        return found

    def cancel(self, booking: dict[str, Any]) -> None:
        """Cancel what was booked by whoever is busy."""
        answer = self.api.post(f"/api/bookings/{booking['id']}/cancel", {}, token=token_for(self.busy))
        assert answer.status_code == 200, answer.json

    def cancel_with_somebody_waiting(self) -> "Waiting":
        """Free ten o'clock, which is offered at once; return who waits."""
        booking, ada = self.booked("10:00"), self.waits()
        self.cancel(booking)
        work()
        return ada

    def join(self, who: User, **fields: Any) -> Any:
        """Let somebody wait for the service this week; return the answer."""
        body = {"service_id": self.service.id} | WEEK | fields
        return self.api.post(PATH, body, token=token_for(who))

    def waits(self, who: User | None = None, **fields: Any) -> "Waiting":
        """Let somebody wait, which must succeed."""
        who = who or make_user()
        answer = self.join(who, **fields)
        assert answer.status_code == 201, answer.json
        return Waiting(self.api, who, answer.json["id"])


@dataclass
class Waiting:
    """Somebody who waits."""

    api: Api
    who: User
    entry_id: int

    @property
    def path(self) -> str:
        """Where the entry is."""
        return f"{PATH}/{self.entry_id}"

    @property
    def entry(self) -> Any:
        """The entry as its client sees it."""
        return self.api.get(self.path, token=token_for(self.who)).json

    @property
    def seen(self) -> tuple[str, str | None]:
        """Return the status, and when the offer starts."""
        entry = self.entry
        return entry["status"], entry["offer"] and entry["offer"]["starts_at"][11:16]

    def decline(self, body: dict[str, Any] | None = None) -> Any:
        """Decline the present offer; return the answer."""
        return self.api.post(f"{self.path}/decline", body or {}, token=token_for(self.who))

    def leave(self) -> int:
        """Wait no more; return the status."""
        status: int = self.api.delete(self.path, token=token_for(self.who)).status_code
        return status


def work() -> None:
    """Carry out all that is due; nothing may fail."""
    work_once()
    failed = db.session.execute(select(OutboxEvent.topic, OutboxEvent.last_error).where(OutboxEvent.attempts > 1)).all()
    db.session.commit()
    assert failed == []


def states(waiting: Sequence[Waiting]) -> list[tuple[str, str | None]]:
    """Carry out all that is due, and return how each of them stands."""
    work()
    return [one.seen for one in waiting]


def offers() -> list[tuple[int, str, str]]:
    """Return (entry, start, state) of every offer, in the order in which they were made."""
    rows = db.session.scalars(select(WaitlistOffer).order_by(WaitlistOffer.id)).all()
    db.session.commit()
    return [(offer.entry_id, f"{offer.starts_at:%H:%M}", offer.state.value) for offer in rows]


def living_holds(now: datetime) -> int:
    """Count the holds that have not ended."""
    found = len(db.session.scalars(select(Hold.id).where(Hold.expires_at > now)).all())
    db.session.commit()
    return found
