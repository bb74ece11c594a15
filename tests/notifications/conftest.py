"""Fixtures: those of the booking room, and a frontend."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from tests.bookings.conftest import ada, clerk, eve, hourly, monday_morning, owner, service, space, staff

__all__ = ["ada", "clerk", "eve", "hourly", "monday_morning", "owner", "service", "space", "staff"]


@pytest.fixture
def with_frontend(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what lets there be a frontend from now on."""
    settings = replace(app.extensions["settings"], frontend_url="https://app.example")
    return lambda: monkeypatch.setitem(app.extensions, "settings", settings)
