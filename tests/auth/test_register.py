"""`POST /api/auth/register`: who gets an account, who does not, and that a refusal makes none."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import User
from tests.api import Api
from tests.conftest import make_application

PASSWORD = "correct horse battery"
ADA = {"email": "Ada@Example.test", "password": PASSWORD, "first_name": "Ada", "last_name": "Wanjiku"}


def accounts() -> int:
    """Count the accounts."""
    found = db.session.scalar(select(func.count()).select_from(User)) or 0
    db.session.commit()
    return found


def test_a_new_account_is_signed_in(api: Api) -> None:
    """201 with the user, never a hash, and a token that works."""
    fields = ADA | {"phone": "0712 345 678", "country": "KE", "timezone": "Africa/Nairobi", "role": "owner"}
    answer = api.post("/api/auth/register", fields)
    assert answer.status_code == 201, answer.json
    assert answer.headers["Location"] == "/api/users/me"
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    user = answer.json["user"]
    created_at = user.pop("created_at")
    assert created_at.endswith("Z")
    assert user | {"id": 0} == {
        "id": 0,
        "email": "Ada@example.test",
        "first_name": "Ada",
        "last_name": "Wanjiku",
        "name": "Ada Wanjiku",
        "phone": "+254712345678",
        "country": "KE",
        "timezone": "Africa/Nairobi",
        "bio": "",
        "avatar_url": None,
        "role": "owner",
        "is_active": True,
        "email_verified": False,
    }
    assert "hash" not in answer.text
    me = api.get("/api/users/me", token=answer.json["access_token"])
    assert me.json == user | {"created_at": created_at}


@pytest.mark.parametrize(
    "email",
    ["ada@example.test", "ADA@EXAMPLE.TEST", "  ada@example.test ", "ａda@example.test"],  # noqa: RUF001  # full width
)
def test_an_address_has_one_account(api: Api, email: str) -> None:
    """AU-11, AU-13: in any case, with spaces, in look-alike width."""
    assert api.post("/api/auth/register", ADA).status_code == 201
    answer = api.post("/api/auth/register", ADA | {"email": email})
    assert answer.status_code in {409, 422}
    assert answer.json["code"] in {"email_taken", "validation_failed"}
    assert accounts() == 1


def test_one_of_many_at_once(app: Flask, api: Api) -> None:
    """Eight register one address at the same moment: one account."""

    def register(n: int) -> int:
        caller = Api(app.test_client())
        return int(caller.post("/api/auth/register", ADA | {"first_name": f"Ada {n}"}).status_code)

    with ThreadPoolExecutor(8) as callers:
        statuses = sorted(callers.map(register, range(8)))
    assert statuses == [201] + [409] * 7
    assert accounts() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "é" * 37}, "password"),
        ({"password": "password123"}, "password"),
        ({"password": "PassWord1"}, "password"),
        ({"password": "ada@example.test"}, "password"),
        ({"password": "abc\u0000defgh"}, "password"),
        ({"password": "x" * 100_000}, "password"),
        ({"password": 12345678}, "password"),
        ({"email": "a@b@c.test"}, "email"),
        ({"email": "nobody"}, "email"),
        ({"email": "a@x.test\r\nBcc: b@x.test"}, "email"),
        ({"email": "a" * 250 + "@x.test"}, "email"),
        ({"email": None}, "email"),
        ({"first_name": " "}, "first_name"),
        ({"first_name": "A\r\nB"}, "first_name"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"phone": "12345"}, "phone"),
        ({"country": "XX"}, "country"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"role": "admin"}, "role"),
        ({"role": "staff"}, "role"),
        ({"roles": ["admin"]}, "roles"),
        ({"is_admin": True}, "is_admin"),
        ({"is_active": True}, "is_active"),
        ({"email_verified": True}, "email_verified"),
        ({"id": 1}, "id"),
        ({"token_version": 0}, "token_version"),
    ],
)
def test_what_is_not_accepted(api: Api, fields: dict[str, Any], field: str) -> None:
    """AU-08, AU-10, AU-14, AZ-07: 422 with the field named, and no account."""
    answer = api.post("/api/auth/register", ADA | fields)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert accounts() == 0


def test_owners_only_where_the_business_allows(app: Flask) -> None:
    """OWNER_SIGNUP=false refuses the role and makes no account."""
    closed = make_application(app.config["SQLALCHEMY_DATABASE_URI"], OWNER_SIGNUP="false")
    with closed.app_context():
        answer = Api(closed.test_client()).post("/api/auth/register", ADA | {"role": "owner"})
        assert (answer.status_code, answer.json["code"]) == (403, "owner_signup_closed")
        assert accounts() == 0
        db.engine.dispose()
