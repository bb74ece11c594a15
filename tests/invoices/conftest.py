"""What tests of invoices begin with: a house that taxes by 16 %, in Nairobi."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask

from app.kit import clock
from app.models import Booking, Role, Service, Staff, User
from tests.factories import make_booking, make_service, make_staff, make_user
from tests.orders.till import NOW

ADDRESS, TAX_NUMBER = "Moi Avenue 12\n00100 Nairobi", "P051234567X"


@pytest.fixture(autouse=True)
def house(app: Flask) -> Iterator[None]:
    """Tax what is sold, at nine in the morning of a Monday there."""
    before = app.extensions["business"]
    taxed = replace(before, tax_rate_percent=Decimal(16), address=ADDRESS, tax_number=TAX_NUMBER)
    app.extensions["business"] = taxed
    with clock.frozen(NOW):
        yield
    app.extensions["business"] = before


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user(first_name="Ada", last_name="Obi")


@pytest.fixture
def clerk(app: Flask) -> User:
    """Somebody of the staff."""
    return make_user(Role.STAFF)


@pytest.fixture
def admin(app: Flask) -> User:
    """An admin."""
    return make_user(Role.ADMIN)


@pytest.fixture
def service(app: Flask) -> Service:
    """A service at 4,640.00."""
    return make_service(name="Silk press", price_amount=464_000)


@pytest.fixture
def staff(app: Flask) -> Staff:
    """Who performs it."""
    return make_staff(name="Amina")


@pytest.fixture
def begun(ada: User, service: Service, staff: Staff) -> Booking:
    """A visit of Ada's that has begun."""
    return make_booking(ada, service, staff, NOW)
