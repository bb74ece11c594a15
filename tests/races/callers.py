"""Fifty callers who ask at the same moment, round after round, on a real server; and what they were answered."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import Role
from app.security.actor import Actor
from tests.conftest import make_application
from tests.factories import make_user, token_for
from tests.races.audit import double_bookings, overlaps, strays
from tests.servers import PRELOADED, Answer, Server, raw_request, release_together, serving

CALLERS = 50
ROUNDS = int(os.environ.get("RACE_ROUNDS", "1"))
CONTROL_CALLERS = 16
CONTROL_ROUNDS = 20
"""Rounds in which a control must have been caught, by fewer callers; it ends at the first that is."""

SLOTS_A_DAY = 8
FIRST_DAY = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)
CLIENT_LIMIT = 1000
"""Bookings ahead that one client may have here: the same fifty ask in every race."""

SETTINGS = {"CLIENT_BOOKING_LIMIT": str(CLIENT_LIMIT), "ACCESS_TOKEN_EXPIRE": "1440"}
RULE = "allocation_no_overlap"
APPLICATION = "run:app"
CONTROL = "tests.races.unguarded:app"
WITHOUT = "Without"
"""The header by which a request to the control says which guard it goes without."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody signed in."""

    actor: Actor
    token: str

    @classmethod
    def signed_in(cls, role: Role = Role.CLIENT) -> "Caller":
        """Return somebody new of a role."""
        user = make_user(role)
        return cls(Actor(user.id, role), token_for(user))


@dataclass(frozen=True, slots=True)
class Call:
    """One request of one caller."""

    caller: Caller
    path: str
    body: dict[str, object] = field(default_factory=dict)
    method: str = "POST"
    key: str | None = None

    def raw(self, without: str | None) -> bytes:
        """Return the request as it is sent; `without` names the guard that the control leaves out."""
        named = {"Idempotency-Key": self.key, WITHOUT: without}
        headers = {name: value for name, value in named.items() if value is not None}
        return raw_request(self.method, self.path, json=self.body, token=self.caller.token, headers=headers)


Race = Callable[[int], Sequence[Call]]
"""Prepares the nth round and returns its calls."""


@dataclass(frozen=True, slots=True)
class Arena:
    """A running server, an application beside it on the same database, and the callers."""

    server: Server
    app: Flask
    clients: list[Caller]
    admin: Caller

    def rounds(self, name: str, race: Race, least: int = 1) -> Iterator[list[Answer]]:
        """Run `ROUNDS` rounds, at `least` so many, and yield the answers of each; then report.

        No round may fail or leave an overlap.
        """
        past = []
        for nth in range(max(ROUNDS, least)):
            past.append(self.release(race(nth)))
            broken = failed(past[-1]), double_bookings(), overlaps(), strays()
            assert broken == ([], 0, 0, 0), f"round {nth}: {broken}"
            yield past[-1]
        report(name, db.engine.dialect.name, past)

    def catches(self, without: str, race: Race, is_wrong: Callable[[list[Answer]], object]) -> bool:
        """Say whether within a few rounds something goes wrong where the guard `without` is left out."""
        rounds = (race(nth)[:CONTROL_CALLERS] for nth in range(CONTROL_ROUNDS))
        return any(is_wrong(self.release(calls, without)) for calls in rounds)

    def release(self, calls: Sequence[Call], without: str | None = None) -> list[Answer]:
        """Let all calls go at the same moment and return their answers, in the order of the calls."""
        raw = [call.raw(without) for call in calls]
        return release_together(self.server.host, self.server.port, raw)


@contextmanager
def arena(database_url: str, application: str = APPLICATION) -> Iterator[Arena]:
    """Serve with several processes of several threads; with fewer on SQLite, whose writers stand in line anyway."""
    app = make_application(database_url, **SETTINGS)
    workers = 4 if application == APPLICATION and not database_url.startswith("sqlite") else 2
    threads = 4 if database_url.startswith("sqlite") else 8
    asked = SETTINGS | PRELOADED
    with serving(database_url, workers=workers, threads=threads, application=application, **asked) as server:
        with app.app_context():
            clients, admin = [Caller.signed_in() for _ in range(CALLERS)], Caller.signed_in(Role.ADMIN)
        yield Arena(server, app, clients, admin)
    with app.app_context():
        db.engine.dispose()


def drop_the_rule() -> None:
    """Take away what the database itself refuses by."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE allocations DROP CONSTRAINT {RULE}"))
    else:
        for verb in ("insert", "update"):
            connection.execute(text(f"DROP TRIGGER {RULE}_{verb}"))
    db.session.commit()


def on_day(day: int, minutes: int = 0) -> str:
    """Return the instant so many minutes after the opening of a day: a new day for each round."""
    return f"{FIRST_DAY + timedelta(days=day, minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


def slot(nth: int) -> str:
    """Return the nth slot of an hour, eight a day."""
    day, hour = divmod(nth, SLOTS_A_DAY)
    return on_day(day, 60 * hour)


def outcomes(answers: Sequence[Answer]) -> Counter[tuple[int, str]]:
    """Count answers by status and code."""
    return Counter((answer.status, answer.json.get("code", "") if answer.body else "") for answer in answers)


def won(answers: Sequence[Answer]) -> list[Answer]:
    """Return the answers that say that something was done."""
    return [answer for answer in answers if answer.status < 300]


def failed(answers: Sequence[Answer]) -> list[bytes]:
    """Return what the server said where it failed."""
    return [answer.body for answer in answers if answer.status >= 500]


def report(name: str, dialect: str, rounds: list[list[Answer]]) -> None:
    """Print the figures; `pytest -s` shows them."""
    seconds = sorted(answer.seconds for answers in rounds for answer in answers)
    total = sum((outcomes(answers) for answers in rounds), Counter[tuple[int, str]]())
    counted = ", ".join(f"{status} {code}".strip() + f": {count}" for (status, code), count in sorted(total.items()))
    p99 = seconds[int(len(seconds) * 0.99) - 1]
    print(f"{name} on {dialect}: {len(rounds)} rounds; {counted}; p99 {p99 * 1000:.0f} ms")
