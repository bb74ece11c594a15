"""A forgotten password: a link by mail, which works once and tells nobody who has an account."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.kit import clock
from app.models import Role, User
from app.transactions import transaction
from tests.api import Api
from tests.auth.links import link_in, token_in
from tests.conftest import make_application
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, sign_in
from tests.mailbox import Mailbox

FORGOT, RESET = "/api/auth/password/forgot", "/api/auth/password/reset"
EMAIL, NEW = "ada@example.test", "a brand new password"
NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


@pytest.fixture
def ada(app: Flask) -> User:
    """An account with a password."""
    return make_user(email=EMAIL, password_hash=PASSWORD_HASH)


def forgot(api: Api, email: str = EMAIL, **headers: str) -> None:
    """Ask for a link."""
    answer = api.post(FORGOT, {"email": email}, headers=headers)
    assert (answer.status_code, answer.data) == (202, b"")


def signs_in(api: Api, password: str) -> bool:
    """Say whether Ada can sign in with it."""
    return bool(api.post("/api/auth/login", {"email": EMAIL, "password": password}).status_code == 200)


def test_the_link_replaces_the_password_and_ends_all_sessions(api: Api, ada: User, mailbox: Mailbox) -> None:
    """Once; the address counts as proved; the owner is told."""
    session = sign_in(ada)
    forgot(api, " ADA@example.test ")
    (mail,) = mailbox.deliver()
    page, token = link_in(mail)
    assert (mail["To"], page) == (EMAIL, "http://127.0.0.1:5000/reset-password")
    answer = api.post(RESET, {"token": token, "password": NEW})
    assert (answer.status_code, answer.data) == (204, b"")
    assert (signs_in(api, PASSWORD), signs_in(api, NEW)) == (False, True)
    assert api.get("/api/users/me", token=session.access_token).json["code"] == "token_revoked"
    refused = api.post("/api/auth/refresh", {"refresh_token": session.refresh_token})
    assert refused.json["code"] == "token_revoked"
    assert api.get("/api/users/me", token=sign_in(ada).access_token).json["email_verified"] is True
    (told,) = mailbox.deliver()
    assert (told["To"], "password was changed" in told["Subject"]) == (EMAIL, True)
    again = api.post(RESET, {"token": token, "password": "yet another password"})
    assert (again.status_code, again.json["code"]) == (400, "link_invalid")
    assert signs_in(api, NEW)


def test_mail_goes_only_to_who_has_an_account(api: Api, ada: User, mailbox: Mailbox) -> None:
    """AU-04: unknown, deactivated, without a login: the same 202, one task each, and no mail."""
    make_user(email="gone@example.test", is_active=False)
    make_user(email="walkin@example.test", has_login=False)
    for email in (EMAIL, "nobody@example.test", "gone@example.test", "walkin@example.test", "no address at all"):
        forgot(api, email)
    assert db.session.scalar(text("SELECT count(*) FROM outbox_events")) == 5
    db.session.commit()
    assert [mail["To"] for mail in mailbox.deliver()] == [EMAIL]


@pytest.mark.parametrize("variant", ["\u212aada@example.test", "\uff41da@example.test", "ad\u0101@example.test"])
def test_mail_goes_to_the_stored_address(api: Api, mailbox: Mailbox, app: Flask, variant: str) -> None:
    """AU-13: letters that look or fold alike lead to the account's own mailbox, or nowhere."""
    make_user(email="kada@example.test", password_hash=PASSWORD_HASH)
    make_user(email=EMAIL)
    forgot(api, variant)
    assert {mail["To"] for mail in mailbox.deliver()} <= {"kada@example.test", EMAIL}


def test_links_are_never_made_from_the_request(api: Api, ada: User, mailbox: Mailbox) -> None:
    """AU-24: whatever the Host header and its companions say."""
    forgot(api, **{"Host": "evil.test", "X-Forwarded-Host": "evil.test", "Origin": "https://evil.test"})
    (mail,) = mailbox.deliver()
    assert "evil" not in mail.as_string()
    assert link_in(mail)[0] == "http://127.0.0.1:5000/reset-password"


def test_links_lead_to_the_frontend_where_there_is_one(database_url: str, mailbox: Mailbox) -> None:
    """And we have no pages of our own then."""
    app = make_application(database_url, FRONTEND_URL="https://salon.example/app/")
    with app.app_context():
        make_user(email=EMAIL)
        forgot(Api(app.test_client()))
        (mail,) = mailbox.deliver()
    assert link_in(mail)[0] == "https://salon.example/app/reset-password"
    assert app.test_client().get("/reset-password").status_code == 404


def test_only_the_newest_link_works_and_for_an_hour(api: Api, ada: User, mailbox: Mailbox) -> None:
    """AU-23: the first of two, and one after its time, are 400."""
    with clock.frozen(NOON):
        forgot(api)
        (first,) = mailbox.deliver()
        forgot(api)
        (second,) = mailbox.deliver()
        assert api.post(RESET, {"token": token_in(first), "password": NEW}).status_code == 400
    with clock.frozen(NOON + timedelta(hours=1)):
        assert api.post(RESET, {"token": token_in(second), "password": NEW}).status_code == 400
        assert signs_in(api, PASSWORD)
    with clock.frozen(NOON + timedelta(minutes=59)):
        assert api.post(RESET, {"token": token_in(second), "password": NEW}).status_code == 204


def test_a_refused_password_costs_no_token(api: Api, ada: User, mailbox: Mailbox) -> None:
    """422 names the field; the link still works."""
    forgot(api)
    token = token_in(mailbox.deliver()[0])
    for password in ("short", "password123", EMAIL, "x" * 73, 12345678):
        answer = api.post(RESET, {"token": token, "password": password})
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["password"])
    assert api.post(RESET, {"token": token, "password": NEW}).status_code == 204


def test_one_of_ten_uses_at_once(app: Flask, ada: User, api: Api, mailbox: Mailbox) -> None:
    """AU-22: ten passwords, one token: one counts. Those that found the token good wait for a hash, or are busy."""
    forgot(api)
    token = token_in(mailbox.deliver()[0])

    def use(nth: int) -> int:
        answer = Api(app.test_client()).post(RESET, {"token": token, "password": f"{NEW} {nth}"})
        return int(answer.status_code)

    with ThreadPoolExecutor(10) as callers:
        statuses = list(callers.map(use, range(10)))
    assert statuses.count(204) == 1
    assert set(statuses) <= {204, 400, 503}
    assert [signs_in(api, f"{NEW} {nth}") for nth in range(10)] == [status == 204 for status in statuses]


def test_at_most_five_mails_an_hour(api: Api, ada: User, mailbox: Mailbox) -> None:
    """AU-28: however often asked, the same 202."""
    with clock.frozen(NOON):
        for _ in range(20):
            forgot(api)
        assert len(mailbox.deliver()) == 5
    with clock.frozen(NOON + timedelta(hours=1)):
        forgot(api)
        assert len(mailbox.deliver()) == 1


def test_tokens_that_are_not_ours(api: Api, ada: User) -> None:
    """400, before any password is hashed; a bearer token is none (TK-04)."""
    for token in ("x", "\u00e9", "0" * 43, sign_in(ada).access_token[:200]):
        answer = api.post(RESET, {"token": token, "password": NEW})
        assert (answer.status_code, answer.json["code"]) == (400, "link_invalid")
    for wrong in ("", None, 5, "x" * 201):
        assert api.post(RESET, {"token": wrong, "password": NEW}).status_code == 422
    assert signs_in(api, PASSWORD)


def test_the_database_knows_no_token(api: Api, ada: User, mailbox: Mailbox) -> None:
    """TK-20: neither the tables nor the outbox hold what is in the mail, nor the address in the outbox."""
    forgot(api)
    token = token_in(mailbox.deliver()[0])
    queries = ("SELECT * FROM one_time_tokens", "SELECT * FROM outbox_events")
    known = str([db.session.execute(text(query)).all() for query in queries])
    assert token not in known
    assert api.get("/api/users/me", token=token).status_code == 401
    assert EMAIL not in str(db.session.execute(text("SELECT payload FROM outbox_events")).all())


def test_a_mail_sent_twice_has_one_token(api: Api, ada: User, mailbox: Mailbox) -> None:
    """The worker dies between sending and noting it: the second mail is the first."""
    forgot(api)
    first = token_in(mailbox.deliver()[0])
    with transaction():
        db.session.execute(text("UPDATE outbox_events SET done_at = NULL, claimed_until = NULL"))
    (again,) = mailbox.deliver()
    assert token_in(again) == first
    assert api.post(RESET, {"token": first, "password": NEW}).status_code == 204


def test_an_invited_person_chooses_the_password(api: Api, app: Flask, mailbox: Mailbox) -> None:
    """Within seven days; then it can sign in, its address proved."""
    with clock.frozen(NOON):
        admin = sign_in(make_user(Role.ADMIN)).access_token
        fields = {"email": EMAIL, "first_name": "Ada", "role": "staff"}
        assert api.post("/api/users", fields, token=admin).status_code == 201
        assert not signs_in(api, PASSWORD)
        (mail,) = mailbox.deliver()
    with clock.frozen(NOON + timedelta(days=6)):
        assert api.post(RESET, {"token": token_in(mail), "password": NEW}).status_code == 204
        answer = api.post("/api/auth/login", {"email": EMAIL, "password": NEW}).json["user"]
        assert (answer["role"], answer["email_verified"]) == ("staff", True)


def test_a_reset_unlocks(api: Api, ada: User, mailbox: Mailbox) -> None:
    """Whoever reads the mail is the owner, however many wrong passwords somebody tried."""
    with transaction():
        db.session.execute(text("UPDATE users SET locked_until = '2999-01-01 00:00:00.000000'"))
    assert not signs_in(api, PASSWORD)
    forgot(api)
    token = token_in(mailbox.deliver()[0])
    assert api.post(RESET, {"token": token, "password": NEW}).status_code == 204
    assert signs_in(api, NEW)


def test_a_reset_ends_all_other_links(api: Api, ada: User, mailbox: Mailbox) -> None:
    """The email that a thief had asked for, and an invitation that was never followed."""
    theirs = {"email": "thief@evil.test", "current_password": PASSWORD}
    api.patch("/api/users/me", theirs, token=sign_in(ada).access_token)
    stolen = next(token_in(mail) for mail in mailbox.deliver() if mail["To"] == "thief@evil.test")
    forgot(api)
    assert api.post(RESET, {"token": token_in(mailbox.deliver()[0]), "password": NEW}).status_code == 204
    taken = api.post("/api/auth/email/verify", {"token": stolen})
    assert (taken.status_code, taken.json["code"]) == (400, "link_invalid")
    assert signs_in(api, NEW)


def invite(api: Api) -> None:
    """Let an admin make Ada's account."""
    admin = sign_in(make_user(Role.ADMIN)).access_token
    fields = {"email": EMAIL, "first_name": "Ada", "role": "staff"}
    assert api.post("/api/users", fields, token=admin).status_code == 201


def test_an_invitation_ends_with_the_first_password(api: Api, app: Flask, mailbox: Mailbox) -> None:
    """However it was chosen."""
    invite(api)
    (invitation,) = mailbox.deliver()
    forgot(api)
    assert api.post(RESET, {"token": token_in(mailbox.deliver()[0]), "password": NEW}).status_code == 204
    again = api.post(RESET, {"token": token_in(invitation), "password": "yet another password"})
    assert (again.status_code, again.json["code"]) == (400, "link_invalid")
    assert signs_in(api, NEW)


def test_nobody_is_invited_who_is_here_already(api: Api, app: Flask, mailbox: Mailbox) -> None:
    """A mail that was held up is not sent once there is a password."""
    invite(api)
    with transaction():
        db.session.execute(text("UPDATE users SET password_hash = 'h' WHERE role = 'staff'"))
    assert mailbox.deliver() == []
