"""What a request needs is held by others, or is not there: it is told to try again, and has changed nothing."""

import re
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.database import engine_options
from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, BookingStatus, Role
from config import WEB_THREADS
from tests.api import Api
from tests.conftest import make_application
from tests.factories import make_booking, make_service, make_staff, make_user, token_for
from tests.processes import free_port

pytestmark = pytest.mark.databases("postgresql")  # SQLite's writers wait for each other, and nobody holds a row


def test_a_row_that_somebody_holds(api: Api) -> None:
    """A console has locked a booking and idles: whoever cancels it is answered after two seconds; others at once."""
    staff, service, boss = make_staff(), make_service(), token_for(make_user(Role.ADMIN))
    starts_at = utcnow() + timedelta(days=2)
    held, other = (make_booking(make_user(), service, staff, starts_at + timedelta(days=day)) for day in (0, 1))
    console = create_engine(db.engine.url)
    with console.connect() as connection:
        connection.execute(text("SELECT FROM bookings WHERE id = :id FOR UPDATE"), {"id": held.id})
        began = time.monotonic()
        answer = api.post(f"/api/bookings/{held.id}/cancel", {}, token=boss)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert 1.9 < time.monotonic() - began < 6
        assert api.post(f"/api/bookings/{other.id}/cancel", {}, token=boss).status_code == 200
    console.dispose()
    assert db.session.get_one(Booking, held.id, populate_existing=True).status is BookingStatus.CONFIRMED
    assert api.post(f"/api/bookings/{held.id}/cancel", {}, token=boss).status_code == 200


def test_every_connection_is_in_use(app: Flask, api: Api) -> None:
    """Nobody hangs: 503 after the pool's time-out; and once a connection is back, all is as before."""
    pool = engine_options(str(db.engine.url), WEB_THREADS)
    db.session.remove()
    with ExitStack() as held:
        for _ in range(db.engine.pool.size() + pool["max_overflow"]):  # type: ignore[attr-defined]  # a QueuePool's
            held.enter_context(db.engine.connect())
        began = time.monotonic()
        answer = api.get("/api/services")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert time.monotonic() - began >= pool["pool_timeout"]
    assert api.get("/api/services").status_code == 200


def test_no_route_fails_without_its_database(app: Flask) -> None:
    """Where nobody listens: whatever is asked is refused for what it is, or answered with 503; nothing is a 500."""
    token = token_for(make_user(Role.ADMIN))
    away = make_application(f"postgresql://parlour@127.0.0.1:{free_port()}/parlour")
    client = Api(away.test_client())
    answers: Counter[int] = Counter()
    for rule in away.url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            path = re.sub("<[^>]+>", "1", rule.rule)
            answer = client.call(method, path, json=None if method == "GET" else {}, token=token)
            answers[answer.status_code] += 1
            assert answer.status_code < 500 or (answer.status_code, answer.headers["Retry-After"]) == (503, "1"), path
    assert answers[503] > 100
    assert client.get("/healthz").status_code == 200
