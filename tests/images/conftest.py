"""Fixtures: a thing with an album, who keeps it, and where the files are."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import Role
from tests.api import Api
from tests.factories import make_service, make_user, token_for
from tests.images.files import encoded, scene

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
GOOD = encoded(scene(300, 200))

Add = Callable[..., Any]


@pytest.fixture
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def album(app: Flask) -> str:
    """The path of the album of a service."""
    return f"/api/services/{make_service().id}/images"


@pytest.fixture
def add(api: Api, album: str, admin: str, uploads: Path) -> Add:
    """Return a function that adds a picture to the album as the admin, and returns the answer."""

    def send(content: bytes = GOOD, **parts: str) -> Any:
        return api.post(album, form={"image": content, **parts}, token=admin)

    return send
