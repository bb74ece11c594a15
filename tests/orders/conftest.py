"""What tests of orders begin with: a Monday morning, and people."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kit import clock
from app.models import Role, User
from tests.factories import make_user
from tests.orders.till import NOW


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user()


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
