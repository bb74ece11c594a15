"""`/api/users/me`: one's own account, and nothing else of it than one's profile."""

from typing import Any

import pytest
from flask import Flask

from app.models import Role, User
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_user, token_for

PATH = "/api/users/me"


@pytest.fixture
def ada(app: Flask) -> User:
    """An account."""
    return make_user(first_name="Ada", last_name="Wanjiku", phone="+254712345678")


def test_all_that_an_account_shows(api: Api, ada: User) -> None:
    """The exact answer; nothing of passwords and versions."""
    shown = api.get(PATH, token=token_for(ada)).json
    assert shown.pop("created_at").endswith("Z")
    assert shown == {
        "id": ada.id,
        "email": ada.email,
        "first_name": "Ada",
        "last_name": "Wanjiku",
        "name": "Ada Wanjiku",
        "phone": "+254712345678",
        "country": None,
        "timezone": None,
        "locale": None,
        "bio": "",
        "avatar_url": None,
        "role": "client",
        "is_active": True,
        "email_verified": False,
    }


def test_each_sees_and_changes_only_itself(api: Api, ada: User) -> None:
    """Whatever the query says (AZ-09)."""
    other = make_user(Role.ADMIN)
    for path in (PATH, f"{PATH}?user_id={other.id}&id={other.id}"):
        assert api.get(path, token=token_for(ada)).json["id"] == ada.id
        assert api.patch(path, {"bio": "mine"}, token=token_for(ada)).json["id"] == ada.id
    assert api.get(PATH, token=token_for(other)).json["bio"] == ""


@pytest.mark.parametrize(
    ("fields", "phone"),
    [
        ({"phone": "0712 345 678"}, "+254712345678"),  # the business's country
        ({"phone": "(030) 123456", "country": "DE"}, "+4930123456"),
        ({"phone": "+44 20 7946 0958", "country": "DE"}, "+442079460958"),
        ({"phone": "tel:+254-712-345-678"}, "+254712345678"),
        ({"phone": "\u0660\u0667\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668"}, "+254712345678"),
        ({"phone": None}, None),
    ],
)
def test_a_phone_number_has_one_form(api: Api, ada: User, fields: dict[str, Any], phone: str | None) -> None:
    """E.164, read as in the country given, else the account's, else the business's."""
    assert api.patch(PATH, fields, token=token_for(ada)).json["phone"] == phone


def test_a_local_number_is_read_as_in_the_accounts_country(api: Api, ada: User) -> None:
    """Once the country is set; a later change of it leaves the number."""
    token = token_for(ada)
    api.patch(PATH, {"country": "DE"}, token=token)
    assert api.patch(PATH, {"phone": "030 123456"}, token=token).json["phone"] == "+4930123456"
    assert api.patch(PATH, {"country": "US"}, token=token).json["phone"] == "+4930123456"
    cleared = api.patch(PATH, {"country": None, "phone": "0712345678"}, token=token)
    assert (cleared.json["country"], cleared.json["phone"]) == (None, "+254712345678")


def test_a_profile_changes_field_by_field(api: Api, ada: User) -> None:
    """What is left out stays; null where it is allowed."""
    token = token_for(ada)
    before = api.get(PATH, token=token)
    assert before.headers["Cache-Control"] == "no-store"
    changes = {"first_name": " Adaeze ", "timezone": "Europe/Berlin", "phone": "+4930123456", "bio": "Two\nlines"}
    changes["locale"] = "pt-BR"
    after = api.patch(PATH, changes, token=token).json
    assert after == before.json | {
        "first_name": "Adaeze",
        "name": "Adaeze Wanjiku",
        "timezone": "Europe/Berlin",
        "locale": "pt-BR",
        "phone": "+4930123456",
        "bio": "Two\nlines",
    }
    assert api.patch(PATH, {"phone": None, "timezone": None}, token=token).json["phone"] is None
    assert api.patch(PATH, {}, token=token).json["first_name"] == "Adaeze"


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        ({"role": "admin"}, "role"),
        ({"is_active": False}, "is_active"),
        ({"is_blocked": False}, "is_blocked"),
        ({"blocked": False}, "blocked"),
        ({"email": "b@example.test"}, "current_password"),
        ({"email": "nobody", "current_password": "x"}, "email"),
        ({"email_verified": True}, "email_verified"),
        ({"password": "another password"}, "password"),
        ({"id": 7}, "id"),
        ({"token_version": 1}, "token_version"),
        ({"first_name": None}, "first_name"),
        ({"first_name": ""}, "first_name"),
        ({"last_name": 5}, "last_name"),
        ({"phone": "not a number"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": 254712345678}, "phone"),
        ({"phone": "+254712345678" * 3}, "phone"),
        ({"first_name": "  "}, "first_name"),
        ({"first_name": "A\u0000"}, "first_name"),
        ({"first_name": "A\nB"}, "first_name"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"last_name": None}, "last_name"),
        ({"bio": None}, "bio"),
        ({"timezone": ""}, "timezone"),
        ({"locale": ""}, "locale"),
        ({"locale": "en_GB"}, "locale"),
        ({"locale": "../en"}, "locale"),
        ({"locale": "xx"}, "locale"),
        ({"timezone": "../etc/passwd"}, "timezone"),
        ({"country": "KEN"}, "country"),
        ({"avatar_url": "https://x.test/a.png"}, "avatar_url"),
        ({"created_at": "2020-01-01T00:00:00Z"}, "created_at"),
        ({"password_hash": "x"}, "password_hash"),
        ({"email_key": "x"}, "email_key"),
        ({"user": {"role": "admin"}}, "user"),
        ({"roles": ["admin"]}, "roles"),
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
