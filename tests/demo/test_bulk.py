"""Rows that are written in bulk are those that `INSERT` would write."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import BookingHistory, BookingStatus, Category, Step
from app.transactions import transaction
from demo.bulk import write_rows
from tests.factories import make_booking, make_service, make_user, make_working_staff

AT = datetime(2030, 1, 7, 10, tzinfo=UTC)
AWKWARD = "a\tb\\N \\ \r\n ü"


def test_text_comes_through_whole(app: Flask) -> None:
    """Also what means something to COPY; what a row does not name has its default."""
    with transaction():
        write_rows(Category, [{"name": AWKWARD}, {"name": "\\N"}])
    rows = db.session.execute(
        select(Category.name, Category.description, Category.position).order_by(Category.id)
    ).all()
    assert [tuple(row) for row in rows] == [(AWKWARD, "", 0), ("\\N", "", 0)]


def test_other_values_come_through_whole(app: Flask) -> None:
    """Words, instants, nothing, and documents."""
    service = make_service()
    booking = make_booking(make_user(), service, make_working_staff(service), AT)
    row: dict[str, Any] = {
        "booking_id": booking.id,
        "step": Step.CREATE,
        "from_status": None,
        "to_status": BookingStatus.CONFIRMED,
        "at": AT,
        "details": {"said": AWKWARD},
    }
    with transaction():
        write_rows(BookingHistory, [row])
    written = db.session.scalars(select(BookingHistory).order_by(BookingHistory.id.desc()).limit(1)).one()
    assert {name: getattr(written, name) for name in row} == row
