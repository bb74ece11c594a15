"""Several write at once where the database lets them, and nothing follows a failure."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Category
from app.transactions import transaction
from demo.abreast import WRITERS, abreast

COUNT = 20 * WRITERS


def test_all_is_done_once(app: Flask) -> None:
    """Each in a transaction of its own."""
    assert len(list(abreast(write, range(COUNT)))) == COUNT
    assert written() == {str(number) for number in range(COUNT)}


def test_nothing_follows_a_failure(app: Flask) -> None:
    """But for what was begun by then."""

    def fail_at_once(number: int) -> None:
        if number == 0:
            raise ValueError
        write(number)

    with pytest.raises(ValueError):
        list(abreast(fail_at_once, range(COUNT)))
    assert len(written()) < COUNT - 1


def write(number: int) -> None:
    """Write a row that says which it is."""
    with transaction():
        db.session.add(Category(name=str(number)))


def written() -> set[str]:
    """Return what was."""
    return set(db.session.scalars(select(Category.name)))
