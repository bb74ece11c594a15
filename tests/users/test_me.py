"""`/api/users/me`: one's own account, and nothing else of it than one's profile."""

from typing import Any

import pytest
from flask import Flask

from app.models import User
from tests.api import Api
from tests.factories import make_user, token_for

PATH = "/api/users/me"


@pytest.fixture
def ada(app: Flask) -> User:
    """An account."""
    return make_user(first_name="Ada", last_name="Wanjiku", phone="+254712345678")


def test_a_profile_changes_field_by_field(api: Api, ada: User) -> None:
    """What is left out stays; null where it is allowed."""
    token = token_for(ada)
    before = api.get(PATH, token=token)
    assert before.headers["Cache-Control"] == "no-store"
    changes = {"first_name": " Adaeze ", "timezone": "Europe/Berlin", "phone": "+4930123456", "bio": "Two\nlines"}
    after = api.patch(PATH, changes, token=token).json
    assert after == before.json | {
        "first_name": "Adaeze",
        "name": "Adaeze Wanjiku",
        "timezone": "Europe/Berlin",
        "phone": "+4930123456",
        "bio": "Two\nlines",
    }
    assert api.patch(PATH, {"phone": None, "timezone": None}, token=token).json["phone"] is None
    assert api.patch(PATH, {}, token=token).json["first_name"] == "Adaeze"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"role": "admin"}, "role"),
        ({"is_active": False}, "is_active"),
        ({"is_blocked": False}, "is_blocked"),
        ({"blocked": False}, "blocked"),
        ({"email": "b@example.test"}, "email"),
        ({"email_verified": True}, "email_verified"),
        ({"password": "another password"}, "password"),
        ({"id": 7}, "id"),
        ({"token_version": 1}, "token_version"),
        ({"first_name": None}, "first_name"),
        ({"first_name": ""}, "first_name"),
        ({"last_name": 5}, "last_name"),
        ({"phone": "not a number"}, "phone"),
        ({"timezone": "EST5EDT4"}, "timezone"),
        ({"country": "ke"}, "country"),
        ({"bio": "x" * 2001}, "bio"),
    ],
)
def test_nothing_else_can_be_changed(api: Api, ada: User, fields: dict[str, Any], field: str) -> None:
    """422 with the field named; not even the rest of the request is done."""
    token = token_for(ada)
    before = api.get(PATH, token=token).json
    answer = api.patch(PATH, {"last_name": "Changed"} | fields, token=token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert api.get(PATH, token=token).json == before
