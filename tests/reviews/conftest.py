"""Reviews are written at noon of a Monday."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.kit import clock
from tests.reviews.talk import NOW


@pytest.fixture(autouse=True)
def noon(app: Flask) -> Iterator[None]:
    """Let time stand still."""
    with clock.frozen(NOW):
        yield
