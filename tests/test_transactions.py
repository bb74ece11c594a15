"""The edge commits once, or nothing has happened; promises are kept after it."""

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from app.extensions import db
from app.kit.errors import Conflict
from app.models import Category
from app.transactions import after_commit, expect_writing, first_after_commit, reading, transaction, transactional


def names() -> list[str]:
    """Return what is committed, as another connection sees it."""
    with db.engine.connect() as other:
        return list(other.execute(select(Category.name).order_by(Category.name)).scalars())


def add(name: str) -> None:
    """Write a row."""
    db.session.add(Category(name=name))
    db.session.flush()


class Refused(Exception):
    """Something goes wrong after a write."""


def add_and_fail(name: str) -> None:
    """Write a row, then go wrong."""
    add(name)
    raise Refused


def refuse(name: str, refusal: Conflict) -> None:
    """Write a row, then refuse it."""
    add(name)
    raise refusal


def test_all_of_it_or_none(app: Flask) -> None:
    """What raises has not happened."""
    with transaction():
        add("Hair")
    with pytest.raises(Refused), transaction():
        add_and_fail("Nails")
    assert names() == ["Hair"]


def test_promises_are_kept_after_the_commit_or_forgotten(app: Flask) -> None:
    """They see what was committed, in order, once."""
    kept: list[tuple[str, list[str]]] = []

    def keep(word: str) -> None:
        kept.append((word, names()))

    @transactional
    def view(name: str, *, fails: bool) -> str:
        add(name)
        after_commit(keep, f"{name} 1")
        after_commit(keep, f"{name} 2")
        if fails:
            raise Refused
        return name

    with pytest.raises(Refused):
        view("Lost", fails=True)
    assert view("Hair", fails=False) == "Hair"
    assert view("Nails", fails=False) == "Nails"
    assert kept == [
        ("Hair 1", ["Hair"]),
        ("Hair 2", ["Hair"]),
        ("Nails 1", ["Hair", "Nails"]),
        ("Nails 2", ["Hair", "Nails"]),
    ]


def test_a_refusal_tells_the_rest_once_all_is_taken_back(app: Flask) -> None:
    """What was refused is gone by then, and nobody's lock stands in the way; what it has said itself stays."""

    def rest() -> dict[str, object]:
        said.append((db.session().in_transaction(), names()))
        return {"rest": "told", "left": 2}

    said: list[tuple[bool, list[str]]] = []
    refusal = Conflict(extra={"left": 1})
    refusal.later = rest
    with pytest.raises(Conflict) as caught, transaction():
        refuse("Hair", refusal)
    assert caught.value.extra == {"rest": "told", "left": 1}
    assert said == [(False, [])]


def test_what_only_reads_is_ended_before_it_writes(app: Flask) -> None:
    """A view that has read without a transaction, as PostgreSQL's do, writes in one."""
    with app.test_request_context():
        expect_writing(False)
        found = db.session.scalars(select(Category)).all()
        with pytest.raises(Refused), transaction():
            add_and_fail("Nails")
        with transaction():
            add("Hair")
        expect_writing(True)
    assert (found, names()) == ([], ["Hair"])


def test_what_only_reads_cannot_write(app: Flask) -> None:
    """Not by mistake either, nor by a flush: on PostgreSQL, there would be nothing to roll back."""
    with app.test_request_context():
        expect_writing(False)
        with pytest.raises(RuntimeError, match="only reads"):
            db.session.execute(insert(Category).values(name="Nails"))
        with pytest.raises(RuntimeError, match="only reads"):
            add("Hair")
        db.session.remove()
        expect_writing(True)
    assert names() == []


def test_reading_takes_no_write_lock(app: Flask) -> None:
    """While one reads, another writes; what was read stays usable afterwards."""
    with transaction():
        add("Hair")
    with reading():
        found = db.session.scalars(select(Category)).one()
        with db.engine.connect() as other:
            other.exec_driver_sql("UPDATE service_categories SET position = 7")
            other.commit()
    assert (found.name, db.session.scalar(select(func.max(Category.position)))) == ("Hair", 7)
    db.session.commit()


def test_what_is_promised_first_is_kept_first(app: Flask) -> None:
    """Once, however often; and not at all where nothing was committed."""
    kept: list[str] = []

    def first() -> None:
        kept.append("first")

    def promise_and_fail() -> None:
        first_after_commit(first)
        raise Refused

    with pytest.raises(Refused), transaction():
        promise_and_fail()
    assert kept == []
    with transaction():
        after_commit(kept.append, "second")
        first_after_commit(first)
        first_after_commit(first)
    assert kept == ["first", "second"]
