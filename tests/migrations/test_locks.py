"""A migration that meets a table in use makes nobody wait for long, and comes through as soon as it may."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import flask_migrate
import psycopg2
import pytest
from flask import Flask
from psycopg2.extensions import connection as Connection  # noqa: N812  # a type, named as types are
from sqlalchemy import create_engine, inspect, text

from app.extensions import db
from tests.conftest import make_application
from tests.databases import Copy

IN_USE_SECONDS = 4.0
LONGEST_SECONDS = 2.0


@pytest.fixture
def busy(new_database: Callable[[str], Copy]) -> Iterator[Flask]:
    """An application on a PostgreSQL database of its own, at migration 0025."""
    app = make_application(new_database("postgresql").url)
    with app.app_context():
        flask_migrate.downgrade(revision="0025")
        yield app
        db.engine.dispose()


def connect() -> Connection:
    """Return a connection of somebody else."""
    return psycopg2.connect(str(db.engine.url.render_as_string(hide_password=False)).replace("+psycopg2", ""))


@contextmanager
def in_use(table: str) -> Iterator[None]:
    """Have a transaction that reads a table stay open for a while."""
    reader = connect()
    with reader.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  # our own names
    leaving = threading.Timer(IN_USE_SECONDS, reader.rollback)
    leaving.start()
    try:
        yield
    finally:
        leaving.join()
        reader.close()


@contextmanager
def readers_of(table: str) -> Iterator[list[float]]:
    """Have somebody read a table again and again; yield how many seconds each time took."""
    seconds: list[float] = []
    stopping, reader = threading.Event(), connect()
    reader.autocommit = True

    def read() -> None:
        with reader.cursor() as cursor:
            while not stopping.is_set():
                began = time.perf_counter()
                cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  # our own names
                seconds.append(time.perf_counter() - began)
                time.sleep(0.01)

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield seconds
    finally:
        stopping.set()
        thread.join()
        reader.close()


def columns(table: str) -> set[str]:
    """Return the names of a table's columns."""
    return {column["name"] for column in inspect(db.engine).get_columns(table)}


def revision() -> str | None:
    """Return where the database is."""
    with db.engine.connect() as connection:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        return found


def test_who_comes_after_a_waiting_migration_hardly_waits(busy: Flask) -> None:
    with in_use("bookings"), readers_of("bookings") as seconds:
        began = time.perf_counter()
        flask_migrate.downgrade(revision="0024")
        taken = time.perf_counter() - began
    assert (revision(), "credited_amount" in columns("bookings")) == ("0024", False)
    assert taken > IN_USE_SECONDS / 2  # it was in its way
    assert max(seconds) < LONGEST_SECONDS


def test_two_steps_down_are_two_however_often_the_second_is_tried(busy: Flask) -> None:
    """And while the second waits, the first is done: nobody waits for its tables."""
    with in_use("webhook_deliveries"), readers_of("bookings") as seconds:
        flask_migrate.downgrade(revision="-2")
    assert revision() == "0023"
    assert "asked_after" not in columns("webhook_deliveries")
    assert max(seconds) < LONGEST_SECONDS


def test_another_error_is_not_tried_again(busy: Flask) -> None:
    other = create_engine(db.engine.url)
    with other.begin() as connection:
        connection.execute(text("ALTER TABLE bookings DROP COLUMN credited_amount"))
    other.dispose()
    began = time.perf_counter()
    with pytest.raises(Exception, match="credited_amount"):
        flask_migrate.downgrade(revision="0024")
    assert time.perf_counter() - began < IN_USE_SECONDS
    assert revision() == "0025"
