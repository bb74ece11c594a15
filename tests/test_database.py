"""What happens at the connections: one that is lost, and what a process may wait for."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.extensions import db
from app.security.guards import public
from tests.conftest import make_application
from tests.databases import Copy


def die() -> None:
    """Let the server close this session's connection, as it does with one that idles in a transaction."""
    pid = db.session.scalar(text("SELECT pg_backend_pid()"))
    other = create_engine(db.engine.url)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.dispose()


@pytest.fixture
def doomed(new_database: Callable[[str], Copy]) -> Flask:
    """An application with a view that has read everything when its connection is lost."""
    app = make_application(new_database("postgresql").url)

    @public
    def last_words() -> str:
        die()
        return "All is read."

    app.add_url_rule("/doomed", view_func=last_words)
    return app


def test_a_connection_lost_after_the_last_read_spoils_nothing(doomed: Flask) -> None:
    """The answer goes out, no error passes by the problems, and the next request has a connection that works."""
    client = doomed.test_client()
    for _ in (1, 2):
        answer = client.get("/doomed")
        assert (answer.status_code, answer.text) == (200, "All is read.")
    answer = client.get("/api/services")
    assert (answer.status_code, answer.json) == (200, {"items": [], "next_cursor": None})
    with doomed.app_context():
        db.engine.dispose()
