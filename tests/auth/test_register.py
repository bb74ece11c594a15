"""`POST /api/auth/register`: who gets an account, who does not, and that a refusal makes none."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import User
from app.security.passwords import AT_ONCE, WAITING
from tests.api import Api
from tests.cases import each_case
from tests.conftest import make_application
from tests.databases import refused_by_shape

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
        "locale": None,
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
    ("first", "second"),
    [
        ("Ada@Example.test", "ada@example.test"),
        ("Ada@Example.test", "ADA@EXAMPLE.TEST"),
        ("Ada@Example.test", "  ada@example.test "),
        ("k@x.test", "\u212a@x.test"),  # KELVIN SIGN
        ("k@x.test", "\uff4b@x.test"),  # full width
        ("s@x.test", "\u017f@x.test"),  # LONG S
        ("i\u0307@x.test", "\u0130@x.test"),  # I WITH DOT ABOVE: where lower() of the two databases differ
        ("ss@x.test", "\u1e9e@x.test"),  # CAPITAL SHARP S
        ("\u00e9@x.test", "e\u0301@x.test"),
        ("ada@m\u00fcnchen.de", "ada@xn--mnchen-3ya.de"),
        ("ada@x.test", "ada@x\u3002test"),  # IDEOGRAPHIC FULL STOP
        ("ada@stra\u00dfe.test", "ADA@STRA\u1e9eE.test"),  # CAPITAL SHARP S
        ("ada@stra\u00dfe.test", "ada@xn--strae-oqa.test"),
    ],
    ids=ascii,
)
def test_an_address_has_one_account(api: Api, first: str, second: str) -> None:
    """AU-11, AU-13: in any case, with spaces, in look-alikes; whichever was first, either signs in to it.

    AU-03 would hide that it is taken; the contract has `email_taken`, so the limits of the route keep it from telling
    many, and nothing of the account is shown.
    """
    made = api.post("/api/auth/register", ADA | {"email": first})
    assert made.status_code == 201, made.json
    answer = api.post("/api/auth/register", ADA | {"email": second})
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert made.json["user"]["email"] not in answer.text
    assert accounts() == 1
    for written in (first, second):
        signed_in = api.post("/api/auth/login", {"email": written, "password": PASSWORD})
        assert (signed_in.status_code, signed_in.json.get("user")) == (200, made.json["user"])


@pytest.mark.parametrize(
    "domains", [("stra\u00dfe.test", "strasse.test"), ("\u03c3\u03b1\u03c2.test", "\u03c3\u03b1\u03c3.test")]
)
def test_domains_that_fold_alike_are_other_domains(api: Api, domains: tuple[str, str]) -> None:
    """AU-13: ß is not ss to IDNA 2008, nor a final sigma a sigma: they may belong to anybody."""
    for email in (f"ada@{domain}" for domain in domains):
        answer = api.post("/api/auth/register", ADA | {"email": email})
        assert (answer.status_code, answer.json["user"]["email"]) == (201, email)
        assert api.post("/api/auth/login", {"email": email, "password": PASSWORD}).json["user"]["email"] == email
    assert accounts() == 2


def test_letters_that_only_look_alike_are_other_letters(api: Api) -> None:
    """AU-13: a dotless i is no i in any language; its owner is somebody else."""
    for email in ("i@x.test", "\u0131@x.test", "\u0456@x.test"):
        answer = api.post("/api/auth/register", ADA | {"email": email})
        assert (answer.status_code, answer.json["user"]["email"]) == (201, email)
    assert accounts() == 3


def test_the_least_that_is_needed(api: Api) -> None:
    """A client, without phone, country and zone."""
    user = api.post("/api/auth/register", ADA | {"last_name": ""}).json["user"]
    assert (user["role"], user["name"], user["email_verified"]) == ("client", "Ada", False)
    assert [user[name] for name in ("phone", "country", "timezone", "avatar_url", "bio")] == [
        None,
        None,
        None,
        None,
        "",
    ]


@each_case("field", ["email", "password", "first_name", "last_name"])
def test_what_is_required(api: Api, field: str) -> None:
    """422 names what is missing, or null."""
    for fields in ({name: ADA[name] for name in ADA if name != field}, ADA | {field: None}):
        answer = api.post("/api/auth/register", fields)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert accounts() == 0


@pytest.mark.parametrize(
    "password", ["abcd\u00e9fg1", "x" * 71 + "y", "\u00e9" * 36, " leading and trailing ", "\U0001f600" * 8]
)
def test_passwords_at_the_limits(api: Api, password: str) -> None:
    """Eight characters, 72 bytes, spaces and all: what was registered signs in, and nothing shorter."""
    assert api.post("/api/auth/register", ADA | {"password": password}).status_code == 201
    for typed, status in ((password, 200), (password[:-1], 401), (password + "x", 401)):
        assert api.post("/api/auth/login", {"email": ADA["email"], "password": typed}).status_code == status


@pytest.mark.parametrize("path", ["/api/auth/register", "/api/auth/login"])
def test_long_passwords_are_refused_before_they_are_hashed(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """AU-08: 422 in no time; a body past 1 MiB is 413."""
    for name in ("hashpw", "checkpw"):
        monkeypatch.setattr(f"app.security.passwords.bcrypt.{name}", None)
    body = ADA if path.endswith("register") else {"email": ADA["email"]}
    begun = time.perf_counter()
    answer = api.post(path, body | {"password": "x" * 1_000_000})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["password"])
    assert time.perf_counter() - begun < 0.5  # 50 ms on a machine that does nothing else
    assert api.post(path, body | {"password": "x" * 1_100_000}).status_code == 413


def test_one_of_many_at_once(app: Flask, api: Api) -> None:
    """As many as may hash or wait register one address at the same moment: one account."""
    most = AT_ONCE + WAITING

    def register(n: int) -> int:
        caller = Api(app.test_client())
        return int(caller.post("/api/auth/register", ADA | {"first_name": f"Ada {n}"}).status_code)

    with ThreadPoolExecutor(most) as callers:
        statuses = sorted(callers.map(register, range(most)))
    assert statuses == [201] + [409] * (most - 1)
    assert accounts() == 1


@refused_by_shape
@each_case(
    ("fields", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "1234567"}, "password"),
        ({"password": "x" * 73}, "password"),
        ({"password": "\ufdfa" * 8}, "password"),  # 264 bytes in its normal form
        ({"password": "\uff50assword1"}, "password"),  # full width p
        ({"password": "ADA@example.test"}, "password"),
        ({"password": "test parlour"}, "password"),
        ({"email": "ada.wanjiku@x.test", "password": "Ada.Wanjiku"}, "password"),
        ({"email": "ada.wanjiku@x.test", "password": "\uff21da.wanjiku"}, "password"),  # full width A
        ({"password": " " * 8}, "password"),
        ({"password": "\u00a0" * 8}, "password"),  # NO-BREAK SPACE
        ({"password": "\u200b" * 8}, "password"),  # ZERO WIDTH SPACE
        ({"password": " \u200b\u3000\u2028\ufeff\t\u00ad "}, "password"),
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
        ({"email": "a@" + "x" * 64 + ".test"}, "email"),
        ({"email": "\ufdfa" * 20 + "@x.test"}, "email"),  # 360 characters in its normal form
        ({"email": "a@x"}, "email"),
        ({"email": "a@"}, "email"),
        ({"email": "@x.test"}, "email"),
        ({"email": '"a b"@x.test'}, "email"),
        ({"email": "Ada <a@x.test>"}, "email"),
        ({"email": "a@[127.0.0.1]"}, "email"),
        ({"email": "a@x.test\nx"}, "email"),
        ({"email": "a\u200b@x.test"}, "email"),
        ({"email": "a\u202e@x.test"}, "email"),
        ({"email": "a\u0000@x.test"}, "email"),
        ({"email": ["a@x.test"]}, "email"),
        ({"email": 5}, "email"),
        ({"email": None}, "email"),
        ({"first_name": " "}, "first_name"),
        ({"first_name": "A\r\nB"}, "first_name"),
        ({"first_name": "x" * 101}, "first_name"),
        ({"last_name": "x" * 101}, "last_name"),
        ({"phone": "12345"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": None}, "phone"),
        ({"country": "XX"}, "country"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"role": "admin"}, "role"),
        ({"role": "staff"}, "role"),
        ({"role": "Client"}, "role"),
        ({"role": ""}, "role"),
        ({"role": None}, "role"),
        ({"role": ["client"]}, "role"),
        ({"roles": ["admin"]}, "roles"),
        ({"is_admin": True}, "is_admin"),
        ({"is_active": True}, "is_active"),
        ({"email_verified": True}, "email_verified"),
        ({"id": 1}, "id"),
        ({"balance": 100}, "balance"),
        ({"is_blocked": False}, "is_blocked"),
        ({"password_hash": "x"}, "password_hash"),
        ({"email_key": "a@x.test"}, "email_key"),
        ({"user": {"id": 1}}, "user"),
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
        assert Api(closed.test_client()).post("/api/auth/register", ADA).status_code == 201
        db.engine.dispose()
