"""What tests of conversations begin with: a Monday morning in a salon."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kit import clock
from tests.api import Api
from tests.voice.desk import NOW, Client, Parlour


@pytest.fixture
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it nine in the morning of a Monday, in Nairobi."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def parlour(monday_morning: None) -> Parlour:
    """A salon."""
    return Parlour.opened()


@pytest.fixture
def ada(parlour: Parlour, api: Api) -> Client:
    """A client who speaks."""
    return Client(api)
