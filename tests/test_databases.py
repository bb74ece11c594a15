"""A copy of a database is like its original again after each test, and as strict."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import AuditEntry, StockMovement
from app.transactions import transaction
from tests.databases import Copy
from tests.emptying import filled
from tests.factories import make_product, make_user

TABLES = {"users", "products", "stock_movements", "audit_entries"}


@pytest.fixture
def restore(app: Flask, applications: Callable[[str], tuple[Flask, Copy]], dialect: str) -> Callable[[], None]:
    """Make the database as it is before every test."""
    copy = applications(dialect)[1]

    def empty() -> None:
        db.session.remove()
        copy.restore(db.engine)

    return empty


def fill() -> None:
    """Write rows, also into what is append-only."""
    make_product(5)
    make_user()
    with transaction():
        db.session.add(AuditEntry(action="test", object_type="test", object_id=1))


def rows() -> set[str]:
    """Return which of those tables have rows."""
    with transaction():
        return filled(db.session.connection(), TABLES)


def test_it_is_emptied_time_and_again(restore: Callable[[], None]) -> None:
    for _ in range(3):
        fill()
        assert rows() == TABLES
        restore()
        assert rows() == set()


@pytest.mark.parametrize("kind", [AuditEntry, StockMovement])
def test_what_is_append_only_is_so_afterwards(restore: Callable[[], None], kind: type[AuditEntry]) -> None:
    fill()
    restore()
    fill()
    with pytest.raises(Exception, match="append_only"), transaction():
        db.session.query(kind).delete()


@pytest.mark.databases("sqlite")  # PostgreSQL's copies keep what a test makes of the schema
def test_a_schema_that_was_changed_is_copied_anew(restore: Callable[[], None]) -> None:
    with transaction():
        db.session.execute(text("DROP TABLE stock_movements"))
    for _ in range(2):
        restore()
        fill()
        assert "stock_movements" in rows()
