"""What the databases themselves say of conversations and other names, broken on purpose, past all of our code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import AliasKind, Hold, VoiceAlias, VoiceSession
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_alias, make_booking, make_service, make_session, make_space, make_staff, make_user
from tests.models.test_constraints import refused, refused_by_database

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
NAMES = "ck_voice_aliases_"
SESSIONS = "ck_voice_sessions_"


@pytest.fixture
def rows(app: Flask) -> dict[str, int]:
    """A conversation with somebody, one with nobody known, a name for a service and one for a space."""
    user, service = make_user(), make_service()
    make_session(user)
    booking = make_booking(user, service, make_staff(), NINE)
    hold = Hold(client_id=user.id, expires_at=NINE)
    with transaction():
        db.session.add(hold)
    make_alias(service_id=service.id, text_key="trim")
    space = make_space()
    make_alias(kind=AliasKind.SPACE, resource_id=space.id, text_key="trim")
    return {"user": user.id, "booking": booking.id, "hold": hold.id, "service": service.id, "space": space.id}


@each_case(
    ("values", "name"),
    [
        ({"expires_at": LONG_AGO}, "lifetime"),
        ({"key": ""}, "key"),
        ({"user_id": None, "confirm_hash": "h"}, "owner"),
        ({"hold_id": "hold"}, "hold"),
        ({"booking_id": "booking"}, "booking"),
    ],
)
def test_unlawful_conversations_are_refused(rows: dict[str, int], values: dict[str, Any], name: str) -> None:
    filled = {column: rows.get(value, value) if column.endswith("_id") else value for column, value in values.items()}
    refused(update(VoiceSession).values(filled), f"{SESSIONS}{name}")


@each_case(
    ("kind", "values", "name"),
    [
        ("service", {"text": ""}, "text"),
        ("service", {"text_key": ""}, "text_key"),
        ("service", {"service_id": None}, "thing"),
        ("service", {"resource_id": "space"}, "thing"),
        ("space", {"service_id": "service"}, "thing"),
        ("space", {"resource_id": None}, "thing"),
        ("space", {"kind": "service", "text_key": "x"}, "thing"),
    ],
)
def test_unlawful_names_are_refused(rows: dict[str, int], kind: str, values: dict[str, Any], name: str) -> None:
    filled = {column: rows.get(value, value) if column.endswith("_id") else value for column, value in values.items()}
    refused(update(VoiceAlias).where(VoiceAlias.kind == kind).values(filled), f"{NAMES}{name}")


def test_there_are_no_other_kinds(rows: dict[str, int]) -> None:
    caught = refused_by_database("voice_aliases", {"kind": "maybe"})
    assert NAMES in str(caught.value)


def test_a_name_means_one_thing_of_its_kind(rows: dict[str, int]) -> None:
    """One service and one space may be called the same; which is meant is asked then."""
    with pytest.raises(IntegrityError) as caught:
        make_alias(service_id=rows["service"], text_key="trim")
    assert "text_key" in str(caught.value.orig)
    make_alias(service_id=rows["service"], text_key="another")


@pytest.mark.parametrize("column", ["key", "confirm_hash", "hold_id"])
def test_each_is_of_one_conversation(rows: dict[str, int], column: str) -> None:
    """A key, a proposal and a hold: nobody else has them."""
    user = db.session.scalars(select(VoiceSession.user_id)).one()
    same: dict[str, Any] = {"key": "k", "confirm_hash": "h", "hold_id": rows["hold"]}
    make_session(user_id=user, **same)
    others: dict[str, Any] = {"key": "k2", "confirm_hash": "h2", "hold_id": None}
    with pytest.raises(IntegrityError) as caught:
        make_session(user_id=user, **(others | {column: same[column]}))
    assert column in str(caught.value.orig)
    make_session(user_id=user, **others)


@pytest.mark.parametrize("model", [VoiceSession, VoiceAlias])
def test_what_is_referred_to_is_there(rows: dict[str, int], model: Any) -> None:
    columns = {"user_id", "hold_id", "booking_id"} if model is VoiceSession else {"service_id"}
    more = {"confirm_hash": "h"} if model is VoiceSession else {}
    for column in columns:
        found = update(model.__table__).values({column: 2**40, **more})
        if model is VoiceAlias:
            found = found.where(VoiceAlias.kind == "service")
        with pytest.raises(IntegrityError) as caught, transaction():
            db.session.execute(found)
        assert "foreign key" in str(caught.value.orig).casefold()


def test_a_conversation_lasts(rows: dict[str, int]) -> None:
    """What is lawful is let through: the controls of all above."""
    with transaction():
        db.session.execute(
            update(VoiceSession).values(
                confirm_hash="h",
                hold_id=rows["hold"],
                booking_id=rows["booking"],
                expires_at=NINE + timedelta(days=9999),
            )
        )
