"""The demo, as `seed.py` writes it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from seed import add_demo
from tests.databases import Copy, SQLiteCopy


@pytest.fixture(scope="session")
def saved() -> list[Path]:
    """The file that has it, once it was written."""
    return []


@pytest.fixture
def demo(app: Flask, applications: Callable[[str], tuple[Flask, Copy]], saved: list[Path]) -> None:
    """All of it, on SQLite: written once, and then copied. On PostgreSQL `seed.py` itself is tried."""
    copy = applications("sqlite")[1]
    assert isinstance(copy, SQLiteCopy)
    if saved:
        copy.restore(db.engine, saved[0])
    else:
        assert add_demo()
        db.session.remove()
        saved.append(copy.save(db.engine))
