"""What tests of payments begin with: a Monday morning, people, and providers that do as they are told."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kit import clock
from app.models import Role, User
from tests.factories import make_user
from tests.papers import leave_papers_blank
from tests.payments.desk import NOW
from tests.payments.scripted import Scripted, Unsigned


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave them blank: `tests/documents`, `tests/invoices` and `tests/notifications` look at what is drawn."""
    leave_papers_blank(monkeypatch)


@pytest.fixture
def stripe(app: Flask) -> Iterator[Scripted]:
    """The provider of cards."""
    scripted = Scripted()
    before = app.extensions["payments"]
    app.extensions["payments"] = before | {scripted.name: scripted}
    yield scripted
    app.extensions["payments"] = before


@pytest.fixture
def mpesa(app: Flask) -> Iterator[Unsigned]:
    """The provider that does not sign."""
    scripted = Unsigned()
    before = app.extensions["payments"]
    app.extensions["payments"] = before | {scripted.name: scripted}
    yield scripted
    app.extensions["payments"] = before


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user(phone="+254712345678")


@pytest.fixture
def eve(app: Flask) -> User:
    """Another client."""
    return make_user()


@pytest.fixture
def clerk(app: Flask) -> User:
    """Somebody of the staff."""
    return make_user(Role.STAFF)


@pytest.fixture
def admin(app: Flask) -> User:
    """An admin."""
    return make_user(Role.ADMIN)
