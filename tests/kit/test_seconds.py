"""Seconds that the database counts are those that Python counts."""

from datetime import UTC, datetime

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit.intervals import to_seconds, to_seconds_up
from app.kit.seconds import Seconds, SecondsUp
from app.models import Closure
from app.transactions import transaction
from tests.cases import each_case


@each_case("year", [1969, 1970, 2030, 9998])
@each_case("microsecond", [0, 1, 499_999, 500_000, 999_999])
def test_whole_seconds(app: Flask, year: int, microsecond: int) -> None:
    """The last one before an instant and the first one after it; at a whole second, that one."""
    at = datetime(year, 12, 31, 23, 59, 58, microsecond, tzinfo=UTC)
    closure = Closure(starts_at=at, ends_at=at.replace(second=59))
    with transaction():
        db.session.add(closure)
    counted = select(Seconds(Closure.starts_at), SecondsUp(Closure.starts_at))
    found = db.session.execute(counted.where(Closure.id == closure.id)).one()
    db.session.rollback()
    assert tuple(found) == (to_seconds(at), to_seconds_up(at))
