"""Who asks for the shop's products."""

import pytest
from flask import Flask

from app.models import Role
from tests.factories import make_user, token_for


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def staff(app: Flask) -> str:
    """A staff member's token."""
    return token_for(make_user(Role.STAFF))
