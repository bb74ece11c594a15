"""Proving an email address, and changing it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db
from app.kit import clock
from app.models import Booking, Role, User
from app.transactions import transaction
from tests.api import Api
from tests.auth.links import link_in, token_in
from tests.conftest import make_application
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_booking,
    make_service,
    make_user,
    make_working_staff,
    token_for,
)
from tests.mailbox import Mailbox, text_of

VERIFY, RESEND, ME = "/api/auth/email/verify", "/api/auth/email/resend", "/api/users/me"
EMAIL, OTHER = "ada@example.test", "ada.new@example.test"
SIGNUP = {"email": EMAIL, "password": PASSWORD, "first_name": "Ada", "last_name": "W"}
NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


@pytest.fixture
def ada(app: Flask) -> User:
    """An account with a password, its address not proved."""
    return make_user(email=EMAIL, password_hash=PASSWORD_HASH)


def me(api: Api, user: User) -> Any:
    """Return the account as it sees itself."""
    return api.get(ME, token=token_for(user)).json


def test_registering_brings_a_link_that_proves_the_address(api: Api, app: Flask, mailbox: Mailbox) -> None:
    """Unproved addresses work meanwhile; the link works once."""
    session = api.post("/api/auth/register", SIGNUP).json
    assert session["user"]["email_verified"] is False
    (mail,) = mailbox.deliver()
    page, token = link_in(mail)
    assert (mail["To"], page) == (EMAIL, "http://127.0.0.1:5000/verify-email")
    answer = api.post(VERIFY, {"token": token})
    assert (answer.status_code, answer.data) == (204, b"")
    assert api.get(ME, token=session["access_token"]).json["email_verified"] is True
    again = api.post(VERIFY, {"token": token})
    assert (again.status_code, again.json["code"]) == (400, "link_invalid")


def test_the_link_is_mailed_again_on_request(api: Api, ada: User, mailbox: Mailbox) -> None:
    """202 always; only the newest works; none is sent once the address is proved."""
    token = token_for(ada)
    for _ in range(2):
        assert api.post(RESEND, token=token).status_code == 202
    first, second = (token_in(mail) for mail in mailbox.deliver())
    assert [api.post(VERIFY, {"token": one}).status_code for one in (first, second)] == [400, 204]
    assert api.post(RESEND, token=token).status_code == 202
    assert mailbox.deliver() == []
    assert api.post(RESEND).status_code == 401


def test_links_end_after_three_days(api: Api, ada: User, mailbox: Mailbox) -> None:
    """And are good for nothing else than they were sent for."""
    with clock.frozen(NOON):
        api.post(RESEND, token=token_for(ada))
        token = token_in(mailbox.deliver()[0])
        reset = api.post("/api/auth/password/reset", {"token": token, "password": "a brand new password"})
        assert reset.json["code"] == "link_invalid"
    with clock.frozen(NOON + timedelta(days=3)):
        assert api.post(VERIFY, {"token": token}).status_code == 400
        assert me(api, ada)["email_verified"] is False


def test_a_new_address_is_confirmed_from_there_first(api: Api, ada: User, mailbox: Mailbox) -> None:
    """AU-25: the password is needed; the old address is told, and counts until then."""
    answer = api.patch(ME, {"email": OTHER, "current_password": PASSWORD, "bio": "x"}, token=token_for(ada))
    assert (answer.status_code, answer.json["email"], answer.json["bio"]) == (200, EMAIL, "x")
    to_new, to_old = sorted(mailbox.deliver(), key=lambda mail: mail["To"] == EMAIL)
    assert (to_new["To"], to_old["To"]) == (OTHER, EMAIL)
    assert "token=" not in text_of(to_old)
    assert api.post(VERIFY, {"token": token_in(to_new)}).status_code == 204
    assert (me(api, ada)["email"], me(api, ada)["email_verified"]) == (OTHER, True)
    for email, status in ((EMAIL, 401), (OTHER, 200)):
        assert api.post("/api/auth/login", {"email": email, "password": PASSWORD}).status_code == status


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 422, "validation_failed"),
        ({"current_password": "not this one"}, 403, "wrong_password"),
        ({"current_password": ""}, 403, "wrong_password"),
    ],
)
def test_without_the_password_nothing_changes(
    api: Api, ada: User, mailbox: Mailbox, fields: dict[str, str], status: int, code: str
) -> None:
    """AU-25: not even the rest of the request."""
    before = me(api, ada)
    answer = api.patch(ME, {"email": OTHER, "bio": "changed", **fields}, token=token_for(ada))
    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert me(api, ada) == before
    assert mailbox.deliver() == []


def test_an_address_that_somebody_has_by_then(api: Api, ada: User, mailbox: Mailbox) -> None:
    """Asking tells nothing; following the link is 409, and the account stays as it is."""
    make_user(email=OTHER)
    answer = api.patch(ME, {"email": OTHER, "current_password": PASSWORD}, token=token_for(ada))
    assert answer.status_code == 200
    token = next(token_in(mail) for mail in mailbox.deliver() if mail["To"] == OTHER)
    answer = api.post(VERIFY, {"token": token})
    assert (answer.status_code, answer.json["code"]) == (409, "email_taken")
    assert me(api, ada)["email"] == EMAIL


def test_only_the_last_address_asked_for_counts(api: Api, ada: User, mailbox: Mailbox) -> None:
    """A second wish ends the first; a link to the old address proves it no more once it has changed."""
    for email in ("first@example.test", OTHER):
        api.patch(ME, {"email": email, "current_password": PASSWORD}, token=token_for(ada))
    api.post(RESEND, token=token_for(ada))
    mails = {mail["To"]: mail for mail in mailbox.deliver() if "token=" in text_of(mail)}
    assert set(mails) == {OTHER, EMAIL}
    assert api.post(VERIFY, {"token": token_in(mails[OTHER])}).status_code == 204
    assert api.post(VERIFY, {"token": token_in(mails[EMAIL])}).status_code == 400
    assert me(api, ada)["email"] == OTHER


def test_a_walk_in_becomes_the_account_that_proves_its_address(api: Api, app: Flask, mailbox: Mailbox) -> None:
    """Registering alone shows nothing of what staff wrote down; proving the address brings the bookings along."""
    with clock.frozen(NOON):
        staff = token_for(make_user(Role.STAFF))
        fields = {"first_name": "Ada", "phone": "0712345678", "email": EMAIL}
        walk_in = api.post("/api/clients", fields, token=staff).json
        service = make_service()
        client = make_user()
        booking = make_booking(client, service, make_working_staff(service), NOON + timedelta(days=2))
        reassign(booking.id, walk_in["id"])
        token = api.post("/api/auth/register", SIGNUP).json["access_token"]
        assert api.get("/api/bookings", token=token).json["items"] == []
        assert api.post(VERIFY, {"token": token_in(mailbox.deliver()[0])}).status_code == 204
        assert [one["id"] for one in api.get("/api/bookings", token=token).json["items"]] == [booking.id]
        assert api.get(ME, token=token).json["phone"] == "+254712345678"
        assert api.get(f"/api/users/{walk_in['id']}", token=staff).status_code == 404


@pytest.mark.parametrize(
    ("written", "registers"),
    [
        ("anna@strasse.test", "anna@stra\u00dfe.test"),  # two domains, of two owners
        ("anna@stra\u00dfe.test", "anna@strasse.test"),
        ("strau\u00df@x.test", "strauss@x.test"),  # two names at one provider
        ("strauss@x.test", "strau\u00df@x.test"),
        ("anna@x.test", "\uff41nna@x.test"),  # full width a
    ],
    ids=ascii,
)
def test_only_the_very_address_claims(api: Api, mailbox: Mailbox, written: str, registers: str) -> None:
    """AU-13: what folds alike may be somebody else's; bookings and phone numbers wait for the walk-in's own."""
    staff = token_for(make_user(Role.STAFF))
    fields = {"first_name": "Anna", "phone": "0712345678", "email": written}
    walk_in = api.post("/api/clients", fields, token=staff).json
    stranger = api.post("/api/auth/register", SIGNUP | {"email": registers}).json["access_token"]
    (mail,) = mailbox.deliver()
    assert api.post(VERIFY, {"token": token_in(mail)}).status_code == 204
    assert (api.get(ME, token=stranger).json["phone"], walk_in["phone"]) == (None, "+254712345678")
    assert api.get(f"/api/users/{walk_in['id']}", token=staff).json == walk_in


def test_the_same_address_in_another_spelling_claims(api: Api, mailbox: Mailbox) -> None:
    """The domain in punycode or not, capitals anywhere, accents composed or not."""
    staff = token_for(make_user(Role.STAFF))
    fields = {"first_name": "Anna", "phone": "0712345678", "email": "Ann\u00e9@STRA\u1e9eE.test"}
    assert api.post("/api/clients", fields, token=staff).status_code == 201
    signup = SIGNUP | {"email": "aNNE\u0301@xn--strae-oqa.test"}
    token = api.post("/api/auth/register", signup).json["access_token"]
    (mail,) = mailbox.deliver()
    assert api.post(VERIFY, {"token": token_in(mail)}).status_code == 204
    assert api.get(ME, token=token).json["phone"] == "+254712345678"


def test_links_written_at_a_change_of_keys_work(database_url: str) -> None:
    """A mail asked for under the old key and sent under the new one; and the other way round, one mailed before."""
    old, new = "k1-" + "a" * 32, "k2-" + "b" * 32
    apps = [make_application(database_url, SECRET_KEY=keys) for keys in (old, f"{new},{old}", new)]
    before, after, later = (Api(app.test_client()) for app in apps)
    with apps[0].app_context():
        ada = make_user(email=EMAIL, password_hash=PASSWORD_HASH)
        api_token = token_for(ada)
        change = {"email": OTHER, "current_password": PASSWORD}
        assert before.patch(ME, change, token=api_token).status_code == 200
    with apps[1].app_context():
        mails = {mail["To"]: mail for mail in Mailbox(apps[1].extensions["settings"].mail.folder).deliver()}
    assert later.post(VERIFY, {"token": token_in(mails[OTHER])}).status_code == 204
    login = {"email": OTHER, "password": PASSWORD}
    assert after.post("/api/auth/login", login).json["user"]["email_verified"] is True


def test_a_mail_whose_key_is_gone_is_not_sent(database_url: str) -> None:
    """Its link could not work; the warning to the old address goes all the same."""
    apps = [make_application(database_url, SECRET_KEY=key * 32) for key in ("a1", "b2")]
    with apps[0].app_context():
        ada = make_user(email=EMAIL, password_hash=PASSWORD_HASH)
        change = {"email": OTHER, "current_password": PASSWORD}
        assert Api(apps[0].test_client()).patch(ME, change, token=token_for(ada)).status_code == 200
    with apps[1].app_context():
        assert [mail["To"] for mail in Mailbox(apps[1].extensions["settings"].mail.folder).deliver()] == [EMAIL]


def reassign(booking_id: int, client_id: int) -> None:
    """Let a booking be somebody else's."""
    with transaction():
        db.session.execute(update(Booking).where(Booking.id == booking_id).values(client_id=client_id))


def test_the_sixth_change_within_an_hour_is_refused(api: Api, ada: User, mailbox: Mailbox) -> None:
    """429, and nothing of the request is done; an hour later it is."""
    with clock.frozen(NOON):
        token = token_for(ada)
        asked = {"email": OTHER, "current_password": PASSWORD}
        for _ in range(5):
            assert api.patch(ME, asked, token=token).status_code == 200
        sixth = api.patch(ME, asked | {"bio": "changed"}, token=token)
        assert (sixth.status_code, sixth.json["code"], sixth.headers["Retry-After"]) == (429, "too_many_mails", "3600")
        assert api.get(ME, token=token).json["bio"] == ""
    with clock.frozen(NOON + timedelta(hours=1)):
        assert api.patch(ME, asked | {"bio": "changed"}, token=token_for(ada)).json["bio"] == "changed"
