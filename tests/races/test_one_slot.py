"""Fifty callers, one slot: exactly one gets it, on both databases, through a real gunicorn.

The control takes the guards away and shows that this very test sees the double bookings they prevent.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from app.extensions import db
from app.models import Allocation, Booking, BookingHistory, Service, Staff
from tests.conftest import make_application
from tests.factories import make_service, make_user, make_working_staff, token_for
from tests.races.audit import double_bookings, overlaps
from tests.servers import Answer, Server, raw_request, release_together, serving

CALLERS = 50
ROUNDS = int(os.environ.get("RACE_ROUNDS", "10"))
CONTROL_ROUNDS = 5
SLOTS_A_DAY = 8
FIRST_DAY = (datetime.now(UTC) + timedelta(days=2)).replace(hour=9, minute=0, second=0, microsecond=0)


@pytest.fixture
def beside(database_url: str) -> Iterator[Flask]:
    """An application beside the server's, on the same database, to prepare and to look."""
    app = make_application(database_url)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@contextmanager
def racing(database_url: str, application: str = "run:app") -> Iterator[Server]:
    """Serve with several processes of several threads; on SQLite fewer, as its writers stand in one line."""
    workers, threads = (2, 4) if database_url.startswith("sqlite") else (4, 8)
    limit = {"CLIENT_BOOKING_LIMIT": "10000"}  # the same clients ask in every round
    with serving(database_url, workers=workers, threads=threads, application=application, **limit) as server:
        yield server


def slot(nth: int) -> str:
    """Return the nth slot of an hour, a new one for each round."""
    day, hour = divmod(nth, SLOTS_A_DAY)
    return f"{FIRST_DAY + timedelta(days=day, hours=hour):%Y-%m-%dT%H:%M:%SZ}"


def run_rounds(server: Server, rounds: int, body: Callable[[int], dict[str, object]]) -> list[list[Answer]]:
    """Let fifty clients ask for the same thing at the same moment, once a round."""
    tokens = [token_for(make_user()) for _ in range(CALLERS)]
    return [
        release_together(
            server.host,
            server.port,
            [raw_request("POST", "/api/bookings", json=body(nth), token=token) for token in tokens],
        )
        for nth in range(rounds)
    ]


def outcomes(answers: list[Answer]) -> Counter[tuple[int, str]]:
    """Count answers by status and code."""
    return Counter((answer.status, answer.json.get("code", "")) for answer in answers)


def report(name: str, dialect: str, rounds: list[list[Answer]]) -> None:
    """Print the figures; `pytest -s` shows them."""
    seconds = sorted(answer.seconds for answers in rounds for answer in answers)
    total = sum((outcomes(answers) for answers in rounds), Counter[tuple[int, str]]())
    p99 = seconds[int(len(seconds) * 0.99) - 1]
    print(f"{name} on {dialect}: {len(rounds)} rounds, {dict(total)}, p99 {p99 * 1000:.0f} ms")  # noqa: T201


def prepared() -> tuple[Service, Staff]:
    """Write a service of an hour and one who performs it."""
    service = make_service()
    return service, make_working_staff(service)


@pytest.mark.race
def test_one_of_fifty_gets_the_slot(beside: Flask, database_url: str, dialect: str) -> None:
    """BK-01: one 201, forty-nine 409 slot_taken, no 5xx, no overlap, in every round."""
    service, staff = prepared()
    with racing(database_url) as server:
        rounds = run_rounds(
            server,
            ROUNDS,
            lambda nth: {"service_id": service.id, "staff_id": staff.id, "starts_at": slot(nth)},
        )
    report("one slot", dialect, rounds)
    for answers in rounds:
        assert outcomes(answers) == {(201, ""): 1, (409, "slot_taken"): CALLERS - 1}
    assert (double_bookings(), overlaps()) == (0, 0)
    for table in (Booking, Allocation, BookingHistory):
        assert db.session.scalar(select(func.count()).select_from(table)) == ROUNDS


@pytest.mark.race
def test_any_of_three_is_three_different_ones(beside: Flask, database_url: str, dialect: str) -> None:
    """BK-31: as many winners as free staff, each with another of them."""
    service = make_service()
    staff = {make_working_staff(service).id for _ in range(3)}
    with racing(database_url) as server:
        rounds = run_rounds(server, 5, lambda nth: {"service_id": service.id, "starts_at": slot(nth)})
    report("any of three", dialect, rounds)
    for answers in rounds:
        assert outcomes(answers) == {(201, ""): 3, (409, "slot_taken"): CALLERS - 3}
        assert {a.json["items"][0]["staff_id"] for a in answers if a.status == 201} == staff
    assert (double_bookings(), overlaps()) == (0, 0)


@pytest.mark.race
def test_partial_overlaps(beside: Flask, database_url: str, dialect: str) -> None:
    """Starts a quarter of an hour apart: whoever wins, no two of the winners share time."""
    service, staff = prepared()
    tokens = [token_for(make_user()) for _ in range(CALLERS)]
    starts = [slot(0)[:14] + f"{15 * (n % 4):02}:00Z" for n in range(CALLERS)]
    with racing(database_url) as server:
        answers = release_together(
            server.host,
            server.port,
            [
                raw_request("POST", "/api/bookings", token=token, json=body)
                for token, start in zip(tokens, starts, strict=True)
                for body in [{"service_id": service.id, "staff_id": staff.id, "starts_at": start}]
            ],
        )
    report("partial overlaps", dialect, [answers])
    assert outcomes(answers) == {(201, ""): 1, (409, "slot_taken"): CALLERS - 1}
    assert (double_bookings(), overlaps()) == (0, 0)


@pytest.mark.race
def test_without_the_guards_the_race_is_seen(beside: Flask, database_url: str, dialect: str) -> None:
    """The control: check, then act, without the database's rule; double bookings must show."""
    service, staff = prepared()
    drop_the_rule()
    with racing(database_url, "tests.races.unguarded:app") as server:
        rounds = run_rounds(
            server,
            CONTROL_ROUNDS,
            lambda nth: {"service_id": service.id, "staff_id": staff.id, "starts_at": slot(nth)},
        )
    report("control", dialect, rounds)
    assert double_bookings() > 0
    assert any(outcomes(answers)[(201, "")] > 1 for answers in rounds)


def drop_the_rule() -> None:
    """Take away what the database itself refuses by."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("ALTER TABLE allocations DROP CONSTRAINT allocation_no_overlap"))
    else:
        for verb in ("insert", "update"):
            connection.execute(text(f"DROP TRIGGER allocation_no_overlap_{verb}"))
    db.session.commit()
