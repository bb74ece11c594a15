"""`/readyz`: the database, the migrations, and how late the work is."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.operations import readiness
from app.transactions import transaction
from tests.api import Api
from tests.conftest import CountStatements, make_application
from tests.databases import Copy


@pytest.fixture(autouse=True)
def not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look each time."""
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 0)


def wait_a_minute() -> None:
    """Have a task in line that nobody carries out for a minute."""
    with transaction():
        enqueue("nothing", {}, due_at=utcnow() - timedelta(seconds=60))


def test_ready(api: Api) -> None:
    """200 to everybody, with what was looked at; late work is told, and is no reason not to serve."""
    assert api.get("/readyz").json == {
        "status": "ok",
        "checks": {"database": "ok", "migrations": "ok", "queue": {"status": "ok", "oldest_seconds": 0}},
    }
    wait_a_minute()
    answer = api.get("/readyz")
    assert answer.status_code == 200
    assert 60 <= answer.json["checks"]["queue"]["oldest_seconds"] < 90


def test_late_work_where_that_matters(new_database: Callable[[str], Copy], dialect: str) -> None:
    """READY_QUEUE_SECONDS says from when on."""
    app = make_application(new_database(dialect).url, READY_QUEUE_SECONDS="30")
    api = Api(app.test_client())
    assert api.get("/readyz").status_code == 200
    with app.app_context():
        wait_a_minute()
        db.session.remove()
    answer = api.get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert answer.json["checks"]["queue"]["status"] == "late"
    with app.app_context():
        db.engine.dispose()


def test_migrations(new_database: Callable[[str], Copy], dialect: str) -> None:
    """An older database is not served; a newer one is, while an update rolls out."""
    app = make_application(new_database(dialect).url)
    api = Api(app.test_client())
    for version, status in (("0001", 503), ("9999", 200)):
        with app.app_context():
            db.session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
            db.session.commit()
        answer = api.get("/readyz")
        assert (answer.status_code, answer.json["checks"]["migrations"]) == (
            status,
            "ok" if status == 200 else "behind",
        )
    with app.app_context():
        db.engine.dispose()


def test_no_database() -> None:
    """503 with `Retry-After`; the process itself is well, and its other figures can be read."""
    api = Api(make_application("postgresql://nobody@127.0.0.1:9/none").test_client())
    answer = api.get("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    unknown = {"migrations": "unknown", "queue": {"status": "unknown"}}
    assert answer.json["checks"] == {"database": "away", **unknown}
    assert api.get("/healthz").status_code == 200
    figures = api.get("/metrics").text
    assert "parlour_database_up 0.0" in figures
    assert "parlour_tasks" not in figures


def test_whoever_asks_often_costs_next_to_nothing(
    app: Flask, api: Api, count_statements: CountStatements, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three statements, and for a second none at all."""
    api.get("/readyz")  # the migrations are read once
    monkeypatch.setattr(readiness, "KEPT_SECONDS", 3600)
    app.extensions["readiness"] = readiness.Verdicts()
    with count_statements() as statements:
        for _ in range(20):
            assert api.get("/readyz").status_code == 200
    assert len([one for one in statements if "outbox" in one or "alembic_version" in one]) <= 4
    assert len(statements) <= 5
