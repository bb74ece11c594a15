"""The world that the tests of access ask in."""

from collections.abc import Iterator

import pytest

from app.kit import clock
from tests.access.world import NOW, World, make_world
from tests.api import Api


@pytest.fixture
def world(api: Api) -> Iterator[World]:
    """A fresh world, in which time stands still."""
    with clock.frozen(NOW):
        yield make_world(api)
