"""What tests of the books begin with."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from app.models import Booking
from tests.factories import make_booking, make_service, make_staff, make_user

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def booking(app: Flask) -> Booking:
    """A confirmed booking of 4,500."""
    return make_booking(make_user(), make_service(), make_staff(), NINE)
