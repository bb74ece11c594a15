"""What happens at the connections: one that is lost, and what a process may wait for."""

import os
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from psycopg2.extensions import TRANSACTION_STATUS_IDLE, TRANSACTION_STATUS_INTRANS
from sqlalchemy import create_engine, text

from app.extensions import db
from app.security.guards import public
from app.transactions import expect_writing, reading
from config import WEB_THREADS
from tests.conftest import make_application
from tests.databases import Copy


def die() -> None:
    """Let the server close this session's connection, as it does with one that idles in a transaction."""
    pid = db.session.scalar(text("SELECT pg_backend_pid()"))
    other = create_engine(db.engine.url)
    with other.connect() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    other.dispose()


@pytest.fixture
def doomed(new_database: Callable[[str], Copy]) -> Flask:
    """An application with a view that has read everything when its connection is lost."""
    app = make_application(new_database("postgresql").url)

    @public
    def last_words() -> str:
        die()
        return "All is read."

    app.add_url_rule("/doomed", view_func=last_words, methods=["GET", "POST"])
    return app


def test_connections_that_were_closed_while_idle_are_replaced(doomed: Flask) -> None:
    """As a restart of PostgreSQL leaves a process: all of its connections are closed, and no caller hears of it."""
    client = doomed.test_client()
    with doomed.app_context():
        held = [db.engine.connect() for _ in range(WEB_THREADS)]
        pids = [connection.scalar(text("SELECT pg_backend_pid()")) for connection in held]
        for connection in held:
            connection.close()
        other = create_engine(db.engine.url)
        with other.connect() as killer:
            killer.execute(text("SELECT pg_terminate_backend(pid, 5000) FROM unnest(:pids) pid"), {"pids": pids})
        other.dispose()
        for _ in range(WEB_THREADS + 1):
            assert client.get("/api/services").status_code == 200
        db.engine.dispose()


def test_a_message_to_an_idle_connection_is_no_loss(doomed: Flask) -> None:
    """The server says that a setting has changed; the connection stays."""
    with doomed.app_context():
        with db.engine.connect() as connection:
            pid = connection.scalar(text("SELECT pg_backend_pid()"))
            connection.execute(text("LISTEN news"))
            connection.commit()
        other = create_engine(db.engine.url)
        with other.begin() as speaker:
            speaker.execute(text("NOTIFY news, 'hello'"))
        other.dispose()
        time.sleep(0.2)  # until it has come
        with db.engine.connect() as connection:
            assert connection.scalar(text("SELECT pg_backend_pid()")) == pid
        db.engine.dispose()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_lost_after_the_last_read_spoils_nothing(doomed: Flask, method: str) -> None:
    """The answer goes out, no error passes by the problems, and the next request has a connection that works."""
    client = doomed.test_client()
    for _ in (1, 2):
        answer = client.open("/doomed", method=method)
        assert (answer.status_code, answer.text) == (200, "All is read.")
    answer = client.get("/api/services")
    assert (answer.status_code, answer.json) == (200, {"items": [], "next_cursor": None})
    with doomed.app_context():
        db.engine.dispose()


@pytest.mark.skipif(sys.platform != "linux", reason="Other systems count otherwise.")
@pytest.mark.databases("postgresql")  # SQLite has no host
def test_a_host_that_has_vanished_is_given_up(app: Flask) -> None:
    """A worker would wait for it for two hours, with every thread."""
    connection = db.session.connection().connection.dbapi_connection
    assert connection is not None
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        options = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT, socket.TCP_USER_TIMEOUT)
        assert [end.getsockopt(socket.IPPROTO_TCP, option) for option in options] == [30, 10, 3, 60_000]


@pytest.mark.databases("postgresql")
@pytest.mark.parametrize(("method", "status"), [("GET", TRANSACTION_STATUS_IDLE), ("POST", TRANSACTION_STATUS_INTRANS)])
def test_what_only_reads_takes_no_transaction(app: Flask, method: str, status: int) -> None:
    """It would cost two round trips; what writes has one, and commands too, which say `SET LOCAL` before they read."""
    with app.test_request_context(method=method):
        app.preprocess_request()
        assert asked() == status
        db.session.rollback()
        expect_writing(True)
    with reading():
        assert asked() == TRANSACTION_STATUS_INTRANS


@pytest.mark.databases("postgresql")
def test_whoever_says_how_transactions_are_isolated_has_it_so(app: Flask) -> None:
    """As demo data does, which holds a lock for minutes: in a transaction it would be idle for too long."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        driver: Any = connection.connection.dbapi_connection
        connection.execute(text("SELECT 1"))
        assert driver.info.transaction_status == TRANSACTION_STATUS_IDLE


def asked() -> int:
    """Ask something, and return how PostgreSQL's connection stands after it."""
    driver: Any = db.session.connection().connection.dbapi_connection
    db.session.execute(text("SELECT 1"))
    return int(driver.info.transaction_status)
