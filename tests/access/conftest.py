"""The world that the tests of access ask in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from tests.access.world import NOW, World, make_world
from tests.api import Api
from tests.databases import Copy, SQLiteCopy

Saved = list[tuple[Path, World]]


@pytest.fixture(scope="session")
def saved() -> Saved:
    """The world as it was written first, and the file that has it."""
    return []


@pytest.fixture
def world(api: Api, applications: Callable[[str], tuple[Flask, Copy]], dialect: str, saved: Saved) -> Iterator[World]:
    """A fresh world, in which time stands still. On SQLite it is written once, and then copied."""
    copy = applications(dialect)[1]
    with clock.frozen(NOW):
        yield _copied(api, copy, saved) if isinstance(copy, SQLiteCopy) else make_world(api)


def _copied(api: Api, copy: SQLiteCopy, saved: Saved) -> World:
    if saved:
        copy.restore(db.engine, saved[0][0])
    else:
        world = make_world(api)
        db.session.remove()
        saved.append((copy.save(db.engine), world))
    return saved[0][1]
