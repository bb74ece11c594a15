"""Fixtures: an account with Cloudinary."""

from collections.abc import Iterator

import pytest

from tests.integrations.images.cloudinary_server import Account, cloudinary_server
from tests.processes import free_port


@pytest.fixture
def account() -> Iterator[Account]:
    """An account, with a server of its own."""
    with cloudinary_server(free_port()) as running:
        yield running
