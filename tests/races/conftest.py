"""The servers that races are run on, one of each kind for all of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.extensions import db
from tests.databases import Copy
from tests.races.callers import CONTROL, Arena, arena, drop_the_rule


@pytest.fixture(scope="package")
def guarded_arena(new_database: Callable[[str], Copy], dialect: str) -> Iterator[Arena]:
    """The application as it is."""
    with arena(new_database(dialect).url) as found:
        yield found


@pytest.fixture(scope="package")
def unguarded_arena(new_database: Callable[[str], Copy], dialect: str) -> Iterator[Arena]:
    """The control, on a database without the rule that no allocations overlap."""
    with arena(new_database(dialect).url, CONTROL) as found:
        with beside(found):
            drop_the_rule()
        yield found


@pytest.fixture
def guarded(guarded_arena: Arena) -> Iterator[Arena]:
    """The application as it is; the test and its factories have a session beside it."""
    with beside(guarded_arena):
        yield guarded_arena


@pytest.fixture
def unguarded(unguarded_arena: Arena) -> Iterator[Arena]:
    """The control; the test and its factories have a session beside it."""
    with beside(unguarded_arena):
        yield unguarded_arena


@contextmanager
def beside(found: Arena) -> Iterator[None]:
    """Push the context of the application beside a server."""
    with found.app.app_context():
        yield
        db.session.remove()
