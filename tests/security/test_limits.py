"""How often one may ask, who is counted together, and what is told to those who must wait."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Booking, Role, User
from app.security import limits
from app.security.guards import guard_of
from app.web.openapi import document, operations
from tests.api import Api
from tests.auth.links import token_in
from tests.conftest import CountStatements, make_application
from tests.factories import (
    PASSWORD,
    PASSWORD_HASH,
    make_booking,
    make_service,
    make_user,
    make_working_staff,
    sign_in,
    token_for,
)
from tests.mailbox import Mailbox

NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)
EMAIL = "ada@example.test"
SECRET = "of Dialogflow's alone 0123456789"
FORGOT = "/api/auth/password/forgot"

Limited = Callable[..., Api]


@pytest.fixture(scope="module")
def limited_applications() -> Iterator[dict[str, Flask]]:
    """The applications with limits that were made for tests of this file, by database and settings."""
    made: dict[str, Flask] = {}
    yield made
    for one in made.values():
        with one.app_context():
            db.engine.dispose()


@pytest.fixture
def limited(app: Flask, limited_applications: dict[str, Flask]) -> Limited:
    """Return a function that tells how to call an application with limits, on the test's database.

    To make one takes longer than most tests: those with the same settings share it, each from a count of nothing.
    """
    url = app.config["SQLALCHEMY_DATABASE_URI"]

    def make(**more: str) -> Api:
        name = f"{url} {sorted(more.items())}"
        if name not in limited_applications:
            limited_applications[name] = make_application(url, RATELIMIT_ENABLED="true", **more)
        application = limited_applications[name]
        for limiter in application.extensions["limiter"]:
            limiter.storage.reset()
        with application.app_context():
            db.engine.dispose()  # the file of SQLite is another one for each test
        return Api(application.test_client())

    return make


@pytest.fixture
def ada(app: Flask) -> User:
    """An account with a password."""
    return make_user(email=EMAIL, password_hash=PASSWORD_HASH)


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Stop the clock."""
    with clock.frozen(NOON):
        yield


def come_from(api: Api, address: str) -> None:
    """Let the requests that follow come from another address."""
    api.client.environ_base["REMOTE_ADDR"] = address


def log_in(api: Api, email: str = EMAIL, password: str = PASSWORD, **headers: str) -> Any:
    """Try to sign in."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return api.post("/api/auth/login", {"email": email, "password": password}, headers=sent)


def must_wait(answer: Any, seconds: int) -> None:
    """Check that the caller was told to come back in so many seconds."""
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_requests"), answer.json
    assert answer.mimetype == "application/problem+json"
    assert answer.json.keys() == {"type", "title", "status", "detail", "instance", "code", "request_id"}
    assert answer.headers.getlist("Retry-After") == [str(seconds)]


def test_one_address_signs_in_ten_times_a_minute(limited: Limited, at_noon: None) -> None:
    """Whichever accounts it tries; another address is not concerned."""
    api = limited()
    tried = [log_in(api, f"user{n}@example.test").status_code for n in range(10)]
    assert tried == [401] * 10
    must_wait(log_in(api, "other@example.test"), 60)
    come_from(api, "198.51.100.7")
    assert log_in(api, "other@example.test").status_code == 401


def test_the_window_moves(limited: Limited) -> None:
    """There is no minute that begins for everybody, at whose turn twice as many get through."""
    api = limited()
    for second in range(10):
        with clock.frozen(NOON + timedelta(seconds=50 + second)):
            assert log_in(api, f"user{second}@example.test").status_code == 401
    for later, wait in ((60.0, 50), (75.0, 35), (109.5, 1)):
        with clock.frozen(NOON + timedelta(seconds=later)):
            must_wait(log_in(api), wait)
    with clock.frozen(NOON + timedelta(seconds=110)):
        assert log_in(api).status_code == 401
        must_wait(log_in(api), 1)


def test_one_account_is_signed_in_to_ten_times_a_minute(limited: Limited, ada: User, at_noon: None) -> None:
    """From however many addresses, in whatever spelling, and also with the right password."""
    api = limited()
    spellings = [EMAIL, "ADA@Example.TEST", f"  {EMAIL} ", "\uff41da@example.test", EMAIL] * 2
    for n, spelling in enumerate(spellings):
        come_from(api, f"198.51.100.{n}")
        assert log_in(api, spelling).status_code == 200
    come_from(api, "198.51.100.99")
    must_wait(log_in(api), 60)
    assert log_in(api, "bob@example.test").status_code == 401


def test_ten_failures_close_an_account_for_a_quarter_of_an_hour(limited: Limited, ada: User) -> None:
    """AU-15: the 11th waits, even with the right password, which works afterwards. Others are not concerned."""
    api = limited()
    make_user(email="bob@example.test", password_hash=PASSWORD_HASH)
    for n in range(10):
        come_from(api, f"198.51.100.{n}")
        with clock.frozen(NOON + timedelta(seconds=80 * n)):
            assert log_in(api, password="wrong password").status_code == 401
    come_from(api, "203.0.113.1")
    with clock.frozen(NOON + timedelta(minutes=14)):
        must_wait(log_in(api, password="wrong password"), 60)
        must_wait(log_in(api), 60)
        assert log_in(api, "bob@example.test").status_code == 200
    with clock.frozen(NOON + timedelta(minutes=15)):
        assert log_in(api).status_code == 200


def test_whoever_is_kept_from_signing_in_may_ask_for_another_password(
    limited: Limited, ada: User, mailbox: Mailbox
) -> None:
    """AU-15: failures that a stranger makes close no other door; the limits by the minute hold there as well."""
    api = limited()
    for n in range(10):
        come_from(api, f"198.51.100.{n}")
        with clock.frozen(NOON):
            assert log_in(api, password="wrong password").status_code == 401
    come_from(api, "203.0.113.1")
    with clock.frozen(NOON + timedelta(seconds=60)):
        must_wait(log_in(api), 840)
        assert [api.post(FORGOT, {"email": EMAIL}).status_code for _ in range(9)] == [202] * 9
        must_wait(api.post(FORGOT, {"email": EMAIL}), 60)
        body = {"token": token_in(mailbox.deliver()[-1]), "password": "a brand new password"}
        come_from(api, "203.0.113.2")
        assert api.post("/api/auth/password/reset", body).status_code == 204
    taken = {"email": EMAIL, "password": PASSWORD, "first_name": "Ada", "last_name": ""}
    with clock.frozen(NOON + timedelta(minutes=3)):
        assert api.post("/api/auth/register", taken).json["code"] == "email_taken"


def test_refused_registrations_close_no_account(limited: Limited, ada: User, at_noon: None) -> None:
    """403 is no wrong password everywhere."""
    api = limited(OWNER_SIGNUP="false")
    owner = {"email": EMAIL, "password": PASSWORD, "first_name": "Ada", "last_name": "", "role": "owner"}
    for n in range(10):
        come_from(api, f"198.51.100.{n}")
        assert api.post("/api/auth/register", owner).status_code == 403
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert log_in(api).status_code == 200


def test_eleven_failures_in_a_row_close_it_as_well(limited: Limited, ada: User, at_noon: None) -> None:
    """AU-15: within one minute; what is told is the time after which it really opens, not the shorter limit's."""
    api = limited()
    for n in range(10):
        come_from(api, f"198.51.100.{n}")
        assert log_in(api, password="wrong password").status_code == 401
    come_from(api, "203.0.113.1")
    must_wait(log_in(api), 900)


def test_signing_in_rightly_is_no_failure(limited: Limited, ada: User) -> None:
    api = limited(RATELIMIT_SIGN_IN="1000/minute")
    with clock.frozen(NOON):
        assert [log_in(api).status_code for _ in range(15)] == [200] * 15
        assert [log_in(api, password="wrong password").status_code for _ in range(11)] == [401] * 10 + [429]


def test_a_forged_header_makes_no_new_address(limited: Limited, ada: User, at_noon: None) -> None:
    """AU-16: a new X-Forwarded-For each time."""
    api = limited()
    for n in range(10):
        assert log_in(api, f"user{n}@example.test", X_Forwarded_For=f"198.51.100.{n}").status_code == 401
    must_wait(log_in(api, X_Forwarded_For="198.51.100.99"), 60)


def test_behind_a_proxy_that_is_trusted_callers_have_their_own_address(limited: Limited, at_noon: None) -> None:
    api = limited(TRUSTED_PROXIES="1", RATELIMIT_SIGN_IN="1/minute")
    assert log_in(api, X_Forwarded_For="198.51.100.1").status_code == 401
    must_wait(log_in(api, "bob@example.test", X_Forwarded_For="203.0.113.9, 198.51.100.1"), 60)
    assert log_in(api, "eve@example.test", X_Forwarded_For="198.51.100.2").status_code == 401


def test_whoever_is_signed_in_stays_so_while_the_account_is_closed(limited: Limited, ada: User) -> None:
    """AU-19: an attacker locks the victim's account; its sessions live, refresh and access, and the lock ends."""
    api = limited()
    with clock.frozen(NOON):
        tokens = sign_in(ada)
        for _ in range(10):
            assert log_in(api, password="wrong password").status_code == 401
        must_wait(log_in(api), 900)
        assert api.get("/api/users/me", token=tokens.access_token).status_code == 200
        renewed = api.post("/api/auth/refresh", {"refresh_token": tokens.refresh_token})
        assert renewed.status_code == 200
        assert api.get("/api/users/me", token=renewed.json["access_token"]).status_code == 200
    with clock.frozen(NOON + timedelta(minutes=15)):
        assert log_in(api).status_code == 200


def test_confirming_by_the_password_is_limited_by_account(limited: Limited, ada: User, at_noon: None) -> None:
    """A stolen access token does not help to try passwords; an email in the body names nobody else."""
    api, token = limited(), token_for(ada)
    body = {"current_password": "wrong password", "new_password": "a new horse battery"}
    for n in range(10):
        come_from(api, f"198.51.100.{n}")
        assert api.put("/api/users/me/password", body, token=token).status_code == 403
    come_from(api, "203.0.113.1")
    must_wait(api.put("/api/users/me/password", {**body, "email": "bob@example.test"}, token=token), 900)
    other = token_for(make_user(password_hash=PASSWORD_HASH))
    assert api.put("/api/users/me/password", body, token=other).status_code == 403


def test_changing_the_profile_is_limited_so_where_it_tries_the_password(
    limited: Limited, ada: User, at_noon: None
) -> None:
    api, token = limited(RATELIMIT_SIGN_IN="2/minute"), token_for(ada)
    body = {"email": "new@example.test", "current_password": "wrong password"}
    assert [api.patch("/api/users/me", body, token=token).status_code for _ in range(3)] == [403, 403, 429]
    assert [api.patch("/api/users/me", {"bio": "x"}, token=token).status_code for _ in range(5)] == [200] * 5


@pytest.mark.parametrize(("path", "status"), [("/api/payments", 404), ("/api/payments/deposit", 409)])
def test_paying_is_limited_so_where_it_tries_the_code_of_a_gift_card(
    limited: Limited, ada: User, at_noon: None, path: str, status: int
) -> None:
    """Together with asking for balances: both say whether there is a card of that code."""
    api, token = limited(RATELIMIT_SIGN_IN="3/minute"), token_for(ada)
    service = make_service()
    booking = make_booking(ada, service, make_working_staff(service), NOON + timedelta(days=1))
    body = {"booking_id": booking.id, "method": "gift_card", "code": "7F3K-9QXA-M2PD-HT46"}
    assert [api.post(path, body, token=token).status_code for _ in range(2)] == [status] * 2
    assert api.post("/api/gift-cards/balance", {"code": body["code"]}, token=token).status_code == 404
    must_wait(api.post(path, body, token=token), 60)
    no_code = {"booking_id": booking.id, "method": "cash"}
    assert [api.post(path, no_code, token=token).status_code for _ in range(5)] == [403] * 5


def test_every_view_that_takes_credentials_is_limited(app: Flask) -> None:
    """All that is open to anybody below /api/auth, but for the refresh, whose tokens cannot be guessed; and more."""
    views = [(rule.rule, app.view_functions[rule.endpoint]) for rule in app.url_map.iter_rules()]
    marked = {(rule, mark) for rule, view in views if (mark := getattr(view, "limited_as", None))}
    guards = [(rule, guard_of(view)) for rule, view in views if rule.startswith("/api/auth/")]
    open_doors = {rule for rule, guard in guards if guard and guard.public}
    assert open_doors - {rule for rule, _ in marked} == {"/api/auth/refresh"}
    assert marked == {
        ("/api/auth/login", limits.SIGN_IN),
        ("/api/auth/register", limits.LINK),
        ("/api/auth/password/forgot", limits.LINK),
        ("/api/auth/password/reset", limits.LINK),
        ("/api/auth/email/verify", limits.LINK),
        ("/api/auth/email/resend", limits.LINK),
        ("/api/gift-cards/balance", limits.LINK),
        ("/api/payments", limits.CODE),
        ("/api/payments/deposit", limits.CODE),
        ("/api/users/me/password", limits.SIGN_IN),
        ("/api/users/me/erase", limits.SIGN_IN),
        ("/api/users/me", limits.CONFIRMATION),
        *((f"/api/bookings/manage/<token:token>{rest}", limits.LINK) for rest in ("", "/cancel", "/move")),
        *((f"/{room}/manage/<token:token>", limits.LINK) for room in ("bookings", "orders")),
        *((f"/api/orders/manage/<token:token>{rest}", limits.LINK) for rest in ("", "/cancel")),
        *((f"/{things}/manage/<token:token>", limits.LINK) for things in ("bookings", "orders")),
        *((f"/api/voice/{rest}", limits.BOOKING) for rest in ("booking", "booking/confirm", "dialogflow")),
        ("/api/bookings", limits.BOOKING),
        ("/api/bookings/holds", limits.BOOKING),
        ("/api/bookings/series", limits.BOOKING),
        ("/api/orders", limits.BOOKING),
        ("/api/payments/webhooks/stripe", limits.FREE),
        ("/api/payments/webhooks/mpesa/<token:secret>", limits.FREE),
    }


def test_callers_are_told_apart_by_their_account(limited: Limited, ada: User, at_noon: None) -> None:
    """Wherever an account calls from, it is one caller; people behind one address are several."""
    api, token, other = limited(RATELIMIT_CALLER="3/minute"), token_for(ada), token_for(make_user())
    for n in range(3):
        come_from(api, f"198.51.100.{n}")
        assert api.get("/api/users/me", token=token).status_code == 200
    must_wait(api.get("/api/services", token=token), 60)
    assert api.get("/api/users/me", token=other).status_code == 200
    assert api.get("/api/services").status_code == 200


@pytest.mark.parametrize("token", [None, "e30.e30.forged", "expired"])
def test_whoever_proves_no_account_is_an_address(token: str | None, limited: Limited, ada: User, at_noon: None) -> None:
    if token == "expired":
        with clock.frozen(NOON - timedelta(days=1)):
            token = token_for(ada)
    api = limited(RATELIMIT_CALLER="2/minute")
    assert [api.get("/api/users/me", token=token).status_code for _ in range(3)] == [401, 401, 429]
    come_from(api, "198.51.100.7")
    assert api.get("/api/users/me", token=token).status_code == 401
    assert api.get("/api/users/me", token=token_for(ada)).status_code == 200


def test_one_customer_of_a_network_is_one_address(limited: Limited, at_noon: None) -> None:
    """64 bits of IPv6 are one; IPv4 in IPv6's clothes is IPv4."""
    api = limited(RATELIMIT_CALLER="1/minute")

    def ask(address: str) -> int:
        come_from(api, address)
        return int(api.get("/api/users/me").status_code)

    assert [ask("2001:db8::1"), ask("2001:db8::ffff:2"), ask("2001:db8:0:1::1")] == [401, 429, 401]
    assert [ask("::ffff:198.51.100.1"), ask("198.51.100.1"), ask("::ffff:198.51.100.2")] == [401, 429, 401]


def test_what_is_no_path_counts_too(limited: Limited, at_noon: None) -> None:
    api = limited(RATELIMIT_CALLER="2/minute")
    asked = [api.get("/api/nothing"), api.put("/api/auth/login"), api.get("/api/nothing")]
    assert [answer.status_code for answer in asked] == [404, 405, 429]


@pytest.mark.parametrize("path", ["/healthz", "/openapi.json", "/apidocs/", "/redoc", "/static/docs.css"])
def test_pages_of_the_system_are_free(path: str, limited: Limited) -> None:
    api = limited(RATELIMIT_CALLER="1/hour")
    for _ in range(3):
        with api.get(path) as answer:
            assert answer.status_code == 200


def test_preflights_are_free(limited: Limited) -> None:
    """A page could not read their refusal, and would think that we are down."""
    api = limited(RATELIMIT_CALLER="1/hour", RATELIMIT_SIGN_IN="1/hour")
    for path in ("/api/users/me", "/api/auth/login"):
        assert [api.call("OPTIONS", path).status_code for _ in range(3)] == [200] * 3


def test_signing_in_does_not_use_up_what_the_rest_may(limited: Limited, ada: User, at_noon: None) -> None:
    api = limited(RATELIMIT_CALLER="1/minute")
    assert log_in(api).status_code == 200
    assert api.get("/api/services").status_code == 200
    must_wait(api.get("/api/services"), 60)
    assert log_in(api).status_code == 200


def test_a_refusal_asks_nothing_of_the_database(
    limited: Limited, ada: User, at_noon: None, count_statements: CountStatements
) -> None:
    """It comes before the guard looks the token up."""
    token = token_for(ada)
    api = limited(RATELIMIT_CALLER="1/minute", RATELIMIT_SIGN_IN="1/minute")
    application = api.client.application
    assert api.get("/api/users/me", token=token).status_code == 200
    assert log_in(api).status_code == 200
    with application.app_context(), count_statements() as statements:
        must_wait(api.get("/api/users/me", token=token), 60)
        must_wait(log_in(api), 60)
    assert statements == []


def test_clients_make_only_so_many_bookings(
    limited: Limited, ada: User, at_noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SE-11: booking and cancelling for ever is refused by the limit of the flow; reading and cancelling are not."""
    assert limits.BOOKINGS == "60/10 minutes"
    monkeypatch.setattr(limits, "BOOKINGS", "3/10 minutes")
    service = make_service()
    make_working_staff(service)
    body = {"service_id": service.id, "starts_at": "2030-01-08T10:00:00Z"}
    api, token = limited(), token_for(ada)
    closed = {**body, "starts_at": "2030-01-08T20:00:00Z"}
    for _ in range(3):
        assert api.post("/api/bookings", closed, token=token).status_code == 409  # makes none, does not count
        booked = api.post("/api/bookings", body, token=token)
        assert booked.status_code == 201
        assert api.post(f"/api/bookings/{booked.json['id']}/cancel", {}, token=token).status_code == 200
    must_wait(api.post("/api/bookings", body, token=token), 600)
    assert api.get("/api/bookings", token=token).json["items"][0]["status"] == "cancelled"
    assert db.session.query(Booking).count() == 3
    db.session.commit()
    assert api.post("/api/bookings", body, token=token_for(make_user())).status_code == 201


def test_proposals_of_a_conversation_count_as_holds(
    limited: Limited, ada: User, at_noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SE-11: however a time is held. Words that hold none do not count."""
    monkeypatch.setattr(limits, "BOOKINGS", "2/10 minutes")
    make_working_staff(make_service(name="Massage"))
    api, token = limited(), token_for(ada)
    for hour in (1, 2):
        for text in ("no", "when are you free for a massage?", f"book a massage tomorrow at {hour} pm"):
            answer = api.post("/api/voice/booking", {"text": text}, token=token)
            assert answer.status_code == 200, answer.json
    must_wait(api.post("/api/voice/booking", {"text": "book a massage tomorrow at 3 pm"}, token=token), 600)
    hold = {"service_id": 1, "starts_at": "2030-01-08T10:00:00Z"}
    must_wait(api.post("/api/bookings/holds", hold, token=token), 600)


@pytest.mark.parametrize("is_cx", [False, True], ids=["ES", "CX"])
def test_dialogflow_counts_by_the_client(
    is_cx: bool, limited: Limited, ada: User, at_noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SE-11: all come from Google's addresses; it is the client behind the token who may hold so much."""
    monkeypatch.setattr(limits, "BOOKINGS", "2/10 minutes")
    make_working_staff(make_service(name="Massage"))
    api = limited(DIALOGFLOW_SECRET=SECRET)

    def says(text: str, token: str) -> Any:
        payload = {"access_token": token}
        es = {"session": text, "queryResult": {"queryText": text}, "originalDetectIntentRequest": {"payload": payload}}
        cx = {"sessionInfo": {"session": text}, "text": text, "payload": payload}
        return api.post("/api/voice/dialogflow", cx if is_cx else es, headers={"X-Dialogflow-Secret": SECRET})

    ours, theirs = token_for(ada), token_for(make_user())
    for hour in (1, 2):
        assert says("hello", ours).status_code == 200
        assert says(f"book a massage tomorrow at {hour} pm", ours).json["payload"]["parlour"]["proposal"]
    must_wait(says("book a massage tomorrow at 3 pm", ours), 600)
    assert says("book a massage tomorrow at 3 pm", theirs).status_code == 200


def test_guessing_the_secret_of_dialogflow_is_slow(limited: Limited, ada: User, at_noon: None) -> None:
    """SE-11: from one address; Dialogflow itself, which has it, is not kept waiting."""
    api, body = limited(DIALOGFLOW_SECRET=SECRET), {"session": "s", "queryResult": {"queryText": "hello"}}

    def sends(secret: str) -> Any:
        return api.post("/api/voice/dialogflow", body, headers={"X-Dialogflow-Secret": secret})

    assert [sends(f"guess {n}").status_code for n in range(10)] == [401] * 10
    must_wait(sends(SECRET), 900)
    come_from(api, "198.51.100.7")
    assert [sends(SECRET).status_code for _ in range(12)] == [200] * 12


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_the_house_books_for_as_many_as_come(
    role: Role, limited: Limited, app: Flask, at_noon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SE-11: staff and admins are no clients."""
    monkeypatch.setattr(limits, "BOOKINGS", "1/10 minutes")
    service = make_service()
    make_working_staff(service)
    api, token, client = limited(), token_for(make_user(role)), make_user()
    for hour in (9, 10, 11):
        body = {"service_id": service.id, "starts_at": f"2030-01-08T{hour:02}:00:00Z", "client_id": client.id}
        assert api.post("/api/bookings", body, token=token).status_code == 201


def test_limits_can_be_switched_off(api: Api, ada: User) -> None:
    """RATELIMIT_ENABLED=false, as in the other tests."""
    assert [log_in(api, password="wrong password").status_code for _ in range(15)] == [401] * 15


def test_every_operation_tells_that_it_may_refuse(app: Flask) -> None:
    for operation in operations(document(app)):
        refusal = operation["responses"]["429"]
        assert "too_many_requests" in refusal["content"]["application/problem+json"]["examples"]
        assert refusal["headers"]["Retry-After"]["schema"] == {"type": "integer", "minimum": 1}
