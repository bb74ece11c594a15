"""`/api/jobs`: what admins see and do of work in the background."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs import outbox
from app.jobs.outbox import handles
from app.jobs.worker import work_once
from app.kit import clock
from app.models import AuditEntry, OutboxEvent, Role
from app.transactions import transaction
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import make_user, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
SECOND = timedelta(seconds=1)
PATH = "/api/jobs"


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def job(**fields: Any) -> int:
    """Write a task; return its id."""
    with transaction():
        row = OutboxEvent(**({"topic": "test.job", "payload": {}, "due_at": NOW} | fields))
        db.session.add(row)
    return row.id


def dead(**fields: Any) -> int:
    """Write a task that was given up."""
    return job(**({"dead_at": NOW, "attempts": 33, "last_error": "Boom: no paper"} | fields))


def test_a_dead_one_in_full(api: Api, admin: str) -> None:
    """Of its payload the ids alone: the rest may be half of a secret."""
    payload = {"user_id": 7, "nonce": "half a secret", "about": {"booking_id": 17}, "name": "booking.moved"}
    job_id = dead(payload=payload, subject="booking:17", due_at=NOW + SECOND)
    job()
    answer = api.get(PATH, token=admin)
    assert answer.json["items"] == [
        {
            "id": job_id,
            "topic": "test.job",
            "subject": "booking:17",
            "about": {"user_id": 7, "name": "booking.moved", "booking_id": 17},
            "status": "dead",
            "attempts": 33,
            "due_at": "2030-01-07T06:00:01Z",
            "ended_at": "2030-01-07T06:00:00Z",
            "last_error": "Boom: no paper",
            "created_at": "2030-01-07T06:00:00Z",
        }
    ]


def test_by_status(api: Api, admin: str) -> None:
    """The dead and the done, the latest first; the waiting, the longest due first. Page by page."""
    expected: dict[str, list[int]] = {}
    for n in range(3):
        at = NOW + n * SECOND
        for status, fields in (("waiting", {"due_at": at}), ("done", {"done_at": at}), ("dead", {"dead_at": at})):
            expected.setdefault(status, []).append(job(**fields))
    for status, ids in expected.items():
        wanted = ids if status == "waiting" else ids[::-1]
        first = api.get(PATH, query={"status": status, "limit": 2, "include_total": "true"}, token=admin).json
        second = api.get(PATH, query={"status": status, "cursor": first["next_cursor"]}, token=admin).json
        shown = first["items"] + second["items"]
        assert ([one["id"] for one in shown], {one["status"] for one in shown}) == (wanted, {status})
        assert (first["total"], second["next_cursor"]) == (3, None)


def test_replayed(api: Api, admin: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins anew, and is the same task: what it sends has the same name."""
    monkeypatch.setattr(outbox, "_handlers", {})
    seen: list[Any] = []
    handles("test.job", seen.append)
    job_id = dead(payload={"booking_id": 17}, due_at=NOW - SECOND, claimed_until=NOW + SECOND)
    answer = api.post(f"{PATH}/{job_id}/replay", token=admin)
    assert (answer.status_code, answer.json["status"], answer.json["attempts"]) == (200, "waiting", 0)
    assert (work_once(), seen) == (1, [{"booking_id": 17}])
    with transaction():
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "jobs.replayed")).one()
    assert (entry.object_type, entry.object_id) == ("job", job_id)
    assert entry.before == {"topic": "test.job", "subject": None}


def test_dropped(api: Api, admin: str) -> None:
    """It is gone; the audit log knows which it was."""
    job_id = dead(subject="booking:17")
    assert api.delete(f"{PATH}/{job_id}", token=admin).status_code == 204
    with transaction():
        assert db.session.get(OutboxEvent, job_id) is None
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "jobs.dropped")).one()
    assert (entry.object_id, entry.before) == (job_id, {"topic": "test.job", "subject": "booking:17"})
    assert api.delete(f"{PATH}/{job_id}", token=admin).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"done_at": NOW}])
def test_only_what_was_given_up(api: Api, admin: str, fields: dict[str, Any]) -> None:
    """409 for what is waiting or done; nothing changes."""
    job_id = job(attempts=1, **fields)
    for answer in (api.post(f"{PATH}/{job_id}/replay", token=admin), api.delete(f"{PATH}/{job_id}", token=admin)):
        assert (answer.status_code, answer.json["code"]) == (409, "job_not_dead")
    with transaction():
        row = db.session.get_one(OutboxEvent, job_id, populate_existing=True)
        assert (row.attempts, row.due_at, row.dead_at) == (1, NOW, None)
        assert db.session.scalars(select(AuditEntry.action)).all() == []


def test_no_such_job(api: Api, admin: str) -> None:
    assert api.post(f"{PATH}/{2**40}/replay", token=admin).status_code == 404


def test_a_status_that_is_none(api: Api, admin: str) -> None:
    answer = api.get(PATH, query={"status": "lost"}, token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["status"])


def test_the_state(api: Api, admin: str, count_statements: CountStatements) -> None:
    """Counted in two statements, whatever there is."""
    empty = {"waiting": 0, "due": 0, "oldest_seconds": 0, "in_hand": 0, "failing": 0, "dead": 0}
    assert api.get(f"{PATH}/state", token=admin).json == empty
    job(due_at=NOW - 90 * SECOND)
    job(due_at=NOW - 100 * SECOND, claimed_until=NOW + SECOND)
    job(due_at=NOW - 80 * SECOND, claimed_until=NOW - SECOND)
    job(due_at=NOW + SECOND, last_error="Boom")
    job(done_at=NOW, due_at=NOW - 900 * SECOND)
    dead()
    found = api.get(f"{PATH}/state", token=admin).json
    assert found == {"waiting": 4, "due": 2, "oldest_seconds": 90, "in_hand": 1, "failing": 1, "dead": 1}
