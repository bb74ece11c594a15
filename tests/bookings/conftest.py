"""What most tests of the booking room begin with: a Monday morning, people, and something to book.

A test file that wants another service, say, has its own fixture of that name; whoever performs it, performs that one.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.kit import clock
from app.models import Role, Service, Space, Staff, User
from tests.api import Api
from tests.bookings.desk import NOW
from tests.bookings.waiting import Salon
from tests.factories import make_service, make_space, make_user, make_working_staff, set_hours


@pytest.fixture
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def hourly(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let work start every hour from opening."""
    monkeypatch.setitem(app.extensions, "business", replace(app.extensions["business"], slot_minutes=60))


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
def owner(app: Flask) -> User:
    """Whose the space is."""
    return make_user(Role.OWNER)


@pytest.fixture
def service(app: Flask) -> Service:
    """A service of an hour."""
    return make_service()


@pytest.fixture
def staff(service: Service) -> Staff:
    """Somebody who performs it, 09:00 to 17:00."""
    return make_working_staff(service)


@pytest.fixture
def space(owner: User) -> Space:
    """A space at 1,000.00 an hour, 09:00 to 17:00."""
    space = make_space(owner, max_minutes=240)
    set_hours(space)
    return space


@pytest.fixture
def salon(api: Api) -> Salon:
    """Jane's."""
    return Salon(api)
