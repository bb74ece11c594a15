"""Fixtures of what is found and read."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kit import clock
from tests.recommendations.house import NOW, House, make_house


@pytest.fixture
def house(app: Flask) -> Iterator[House]:  # it pushes the context that the session lives in
    """A small house with regulars, on a Monday morning; nothing has been worked out."""
    with clock.frozen(NOW):
        yield make_house()
