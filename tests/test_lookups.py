"""Looking up rows without a session, where a request only reads."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, bindparam, event, select

from app import lookups
from app.extensions import db
from app.models import Category
from app.transactions import expect_writing, transaction

NAMED = select(Category.__table__.c.name).where(Category.__table__.c.name == bindparam("name"))


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    expect_writing(True)


@pytest.fixture
def taken(app: Flask) -> list[Engine]:
    """Return one entry for each connection that the pool hands out, as it grows."""
    seen: list[Engine] = []
    event.listen(db.engine, "checkout", lambda *_: seen.append(db.engine))
    return seen


def test_what_is_committed_is_found(app: Flask) -> None:
    with transaction():
        db.session.add(Category(name="Hair"))
    for writing in (True, False):
        expect_writing(writing)
        assert [row.name for row in lookups.rows(NAMED, {"name": "Hair"})] == ["Hair"]
        found = lookups.row(NAMED, {"name": "Hair"})
        assert found is not None
        assert found.name == "Hair"
        assert lookups.row(NAMED, {"name": "Nails"}) is None
        db.session.rollback()


def test_no_session_is_opened(app: Flask) -> None:
    db.session.remove()
    expect_writing(False)
    lookups.rows(NAMED, {"name": "Hair"})
    assert not db.session.registry.has()


def test_no_request_has_two_connections(taken: list[Engine]) -> None:
    """Who has begun to read by the session goes on by it."""
    db.session.remove()
    expect_writing(False)
    db.session.execute(NAMED, {"name": "Hair"})
    lookups.rows(NAMED, {"name": "Hair"})
    assert len(taken) == 1
    db.session.remove()


def test_whoever_writes_sees_what_is_not_committed(app: Flask) -> None:
    expect_writing(True)
    db.session.add(Category(name="Hair"))
    db.session.flush()
    assert lookups.row(NAMED, {"name": "Hair"}) is not None
    db.session.rollback()
    assert lookups.row(NAMED, {"name": "Hair"}) is None
    db.session.rollback()
