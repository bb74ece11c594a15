"""What the databases themselves say of notifications and wishes, broken on purpose, past all of our code."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import MutedNotice, NoticeChannel, Notification, User
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_user
from tests.models.test_constraints import refused, refused_by_database

TEN = datetime(2030, 1, 7, 10, tzinfo=UTC)


@pytest.fixture
def row(app: Flask) -> dict[str, Any]:
    """A reminder that waits to be sent, which is written."""
    values = {
        "kind": "reminder_day",
        "channel": NoticeChannel.EMAIL,
        "user_id": make_user().id,
        "about_type": "booking",
        "about_id": 17,
        "concerns_at": TEN,
        "task_id": 1,
    }
    with transaction():
        db.session.execute(insert(Notification).values(values))
    return values


@each_case(
    ("values", "name"),
    [
        ({"attempts": -1}, "ck_notifications_attempts"),
        ({"sent_at": TEN}, "ck_notifications_sent"),
        ({"status": "sent"}, "ck_notifications_sent"),
        ({"status": "suppressed"}, "ck_notifications_reason"),
        ({"status": "failed"}, "ck_notifications_reason"),
        ({"about_id": None}, "ck_notifications_about"),
        ({"about_type": ""}, "ck_notifications_about"),
    ],
)
def test_unlawful_values_are_refused(row: dict[str, Any], values: dict[str, Any], name: str) -> None:
    refused(update(Notification.__table__).values(values), name)  # type: ignore[arg-type]  # a table


@pytest.mark.parametrize(("column", "name"), [("status", "status"), ("channel", "channel")])
def test_there_are_no_other_words(row: dict[str, Any], column: str, name: str) -> None:
    assert f"ck_notifications_{name}" in str(refused_by_database("notifications", {column: "gone"}).value)


def test_one_reminder_for_each_start(row: dict[str, Any]) -> None:
    """The one promise that several schedulers rely on; another start, kind or way is another reminder."""
    refused(insert(Notification).values(row | {"task_id": 2}), "about_id")
    others: list[dict[str, Any]] = [
        {"concerns_at": TEN.replace(hour=11)},
        {"kind": "reminder_soon"},
        {"channel": NoticeChannel.SMS},
        {"about_id": 18},
        {"concerns_at": None},
        {"concerns_at": None},
    ]
    for number, other in enumerate(others, start=3):
        with transaction():
            db.session.execute(insert(Notification).values(row | {"task_id": number} | other))


def test_a_task_sends_one(row: dict[str, Any]) -> None:
    refused(insert(Notification).values(row | {"concerns_at": None}), "task_id")


def test_a_wish_is_said_once(row: dict[str, Any]) -> None:
    """And by somebody, who is not removed from under it."""
    wish = {"user_id": row["user_id"], "kind": "reminder_day", "channel": NoticeChannel.EMAIL}
    with transaction():
        db.session.execute(insert(MutedNotice).values(wish))
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(insert(MutedNotice).values(wish))
    assert "ck_muted_notices_channel" in str(refused_by_database("muted_notices", {"channel": "fax"}).value)
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(delete(User).where(User.id == row["user_id"]))
