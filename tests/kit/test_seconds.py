"""Seconds that the database counts are those that Python counts."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit.intervals import to_seconds, to_seconds_up
from app.kit.seconds import Seconds, SecondsUp
from app.models import Closure
from app.transactions import transaction


@pytest.mark.parametrize("year", [1969, 1970, 2030, 9998])
@pytest.mark.parametrize("microsecond", [0, 1, 499_999, 500_000, 999_999])
def test_whole_seconds(app: Flask, year: int, microsecond: int) -> None:
    """The last one before an instant and the first one after it; at a whole second, that one."""
    at = datetime(year, 12, 31, 23, 59, 58, microsecond, tzinfo=UTC)
    with transaction():
        db.session.add(Closure(starts_at=at, ends_at=at.replace(second=59)))
    found = db.session.execute(select(Seconds(Closure.starts_at), SecondsUp(Closure.starts_at))).one()
    assert tuple(found) == (to_seconds(at), to_seconds_up(at))
