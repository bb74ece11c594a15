"""Rows that are known whole: written together, with the defaults of their columns, and none of them where one fails."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.kit.inserts import Row, row_for, row_of
from app.models import Category, Hold, OutboxEvent
from app.transactions import adopt, insert_rows, insert_unless_taken, transaction
from tests.conftest import CountStatements
from tests.factories import make_user

SOON = datetime(2030, 1, 7, 6, tzinfo=UTC)


def task(told: list[int], **values: Any) -> Row:
    """Return the row of a task, whose id is told."""
    return row_of(OutboxEvent, {"topic": "t", "payload": {"a": 1}, "due_at": SOON} | values, told.append)


def test_together(app: Flask, count_statements: CountStatements) -> None:
    """In one statement on PostgreSQL; ids come in order; what is left out has its default."""
    client, told = make_user(), list[int]()
    hold = row_of(Hold, {"client_id": client.id, "expires_at": SOON})
    with transaction(), count_statements() as statements:
        ids = insert_rows([task(told), hold, task(told, subject="x:1")])
    assert len(statements) == (1 if db.engine.dialect.name == "postgresql" else 3)
    assert told == [ids[0], ids[2]]
    first, last = (db.session.get_one(OutboxEvent, n) for n in told)
    held = db.session.get_one(Hold, ids[1])
    assert (first.subject, first.payload, first.attempts, last.subject) == (None, {"a": 1}, 0, "x:1")
    assert (held.client_id, held.expires_at) == (client.id, SOON)
    assert insert_rows([]) == []


def test_all_or_none(app: Flask) -> None:
    """Where one is refused, none is there, and nobody is told of one that was written with it."""
    told: list[int] = []
    with pytest.raises(IntegrityError), transaction():
        insert_rows([task(told), task(told, attempts=-1)])
    assert db.session.scalar(select(func.count()).select_from(OutboxEvent)) == 0
    assert told == []


def test_unless_taken(app: Flask) -> None:
    """The second of a name is not written, and what was written before it stays."""
    with transaction():
        first = insert_unless_taken(row_for(Category(name="Hair")), "name")
        assert first is not None
        assert insert_unless_taken(row_for(Category(name="Hair")), "name") is None
    assert list(db.session.scalars(select(Category.id))) == [first]


def test_adopted(app: Flask) -> None:
    """The session has it as if it had written it: changes are written, and it is not read again."""
    with transaction():
        hair = Category(name="Hair")
        row = row_for(hair)
        adopt((hair, row, insert_rows([row])[0]))
        assert (hair.id, hair.description, hair.position) == (hair.id, "", 0)
        assert db.session.get(Category, hair.id) is hair
        hair.position = 7
    assert list(db.session.scalars(select(Category.position))) == [7]
