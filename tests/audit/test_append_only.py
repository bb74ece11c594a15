"""What was written stays as it was written, whoever has the database's password."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import IntegrityError

from app.audit.service import Thing, record
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.origin import Origin, set_origin
from app.models import AuditEntry
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_user

CHANGES: dict[str, Callable[[], Any]] = {
    "id": lambda: 7,
    "actor_id": lambda: make_user().id,
    "action": lambda: "things.undone",
    "object_type": lambda: "other",
    "object_id": lambda: 8,
    "before": lambda: {"a": 1},
    "after": lambda: None,
    "address": lambda: "192.0.2.2",
    "request_id": lambda: "other",
    "created_at": utcnow,
}


@pytest.fixture
def entry(app: Flask) -> AuditEntry:
    """An entry with everything in it."""
    set_origin(Origin("192.0.2.1", "r-1", ""))
    with transaction():
        record("things.done", actor_id=make_user().id, thing=Thing("thing", 7), after={"a": 2})
    set_origin(Origin())
    found = db.session.scalars(select(AuditEntry)).one()
    db.session.commit()
    return found


def refused(statement: Any) -> None:
    """Run a statement that the database must refuse."""
    with pytest.raises(IntegrityError, match="audit_append_only"), transaction():
        db.session.execute(statement)


@each_case("column", CHANGES)
def test_nothing_is_changed(entry: AuditEntry, column: str) -> None:
    """Neither alone nor together with the address being forgotten."""
    value = CHANGES[column]()
    refused(update(AuditEntry).values({column: value}))
    if column != "address":
        refused(update(AuditEntry).values({column: value, "address": None}))


def test_nothing_is_removed(entry: AuditEntry) -> None:
    refused(delete(AuditEntry))


@pytest.mark.databases("sqlite")  # PostgreSQL has no such word
@pytest.mark.parametrize("verb", ["INSERT OR REPLACE", "REPLACE"])
def test_nothing_is_replaced(entry: AuditEntry, verb: str) -> None:
    """SQLite would remove the old row without asking the triggers for DELETE."""
    row = f"VALUES ({entry.id}, 'things.forged', '', '', '2030-01-01 00:00:00.000000')"
    refused(text(f"{verb} INTO audit_entries (id, action, object_type, request_id, created_at) {row}"))
    assert db.session.scalar(select(AuditEntry.action)) == "things.done"


@pytest.mark.databases("postgresql")  # SQLite's word for it is DELETE
@pytest.mark.parametrize("tables", ["audit_entries", "users CASCADE"])
def test_the_log_is_not_emptied(entry: AuditEntry, tables: str) -> None:
    """PostgreSQL asks no trigger for rows when it truncates; nor is the log emptied along with what it refers to."""
    refused(text(f"TRUNCATE {tables}"))
    assert db.session.scalar(select(AuditEntry.action)) == "things.done"


def test_an_address_may_be_forgotten(entry: AuditEntry) -> None:
    """Once and for all; the rest stays."""
    assert entry.address == "192.0.2.1"
    for _ in range(2):
        with transaction():
            db.session.execute(update(AuditEntry).values(address=None))
    now = db.session.scalars(select(AuditEntry).execution_options(populate_existing=True)).one()
    assert (now.address, now.action, now.after, now.request_id) == (None, "things.done", {"a": 2}, "r-1")
    db.session.commit()
    refused(update(AuditEntry).values(address="192.0.2.1"))


def test_a_request_id_may_be_forgotten_with_it(entry: AuditEntry) -> None:
    """Whoever sent it may have written anything; never alone, and never for another one."""
    refused(update(AuditEntry).values(request_id=""))
    for _ in range(2):
        with transaction():
            db.session.execute(update(AuditEntry).values(address=None, request_id=""))
    now = db.session.scalars(select(AuditEntry).execution_options(populate_existing=True)).one()
    assert (now.address, now.action, now.after, now.request_id) == (None, "things.done", {"a": 2}, "")
    db.session.commit()
    refused(update(AuditEntry).values(request_id="r-1"))
