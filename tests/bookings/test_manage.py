"""Links by which clients look after a booking without signing in: signed, theirs alone, harmless to follow."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.bookings.manage.tokens import BOOKING_LINKS
from app.bookings.service import record_payment
from app.bookings.service.read import load_booking_with_client
from app.extensions import db
from app.kit import clock
from app.kit.keys import derive_key
from app.models import DepositType, Role, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, THURSDAY, at, everything, made, one
from tests.cases import each_case
from tests.conftest import make_application
from tests.factories import PASSWORD, PASSWORD_HASH, make_service, make_user, make_working_staff, token_for

pytestmark = pytest.mark.usefixtures("monday_morning")

WEEK = timedelta(days=7)


@pytest.fixture
def booking(api: Api, ada: User, service: Service, staff: Staff) -> dict[str, Any]:
    """Thursday at ten, UTC."""
    return made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})


def link(booking: dict[str, Any]) -> str:
    """Return the path of a booking's link, as a mail of this moment would have it."""
    found = load_booking_with_client(booking["id"])
    assert found is not None
    token = BOOKING_LINKS.token_of(found, found.client)
    db.session.commit()
    return f"{BOOKINGS}/manage/{token}"


def test_what_it_shows(api: Api, booking: dict[str, Any]) -> None:
    """The booking, what can be done to it, and what cancelling would cost; no cache keeps it, and nothing changes."""
    path, before = link(booking), everything()
    answer = api.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    free = {"amount": 0, "currency": "KES"}
    assert answer.json == {
        "booking": api.get(f"{BOOKINGS}/{booking['id']}", token=token_for(made_by(booking))).json,
        "may_cancel": True,
        "may_move": True,
        "cancellation": {"free_until": at("10:00", "2030-01-09"), "fee": free, "refund": free},
        "link_expires_at": at("11:00", "2030-01-17"),
    }
    api.client.head(path)
    assert everything() == before


def made_by(booking: dict[str, Any]) -> User:
    """Return the client."""
    found = db.session.get_one(User, booking["client_id"])
    db.session.commit()
    return found


def test_cancelling(api: Api, booking: dict[str, Any]) -> None:
    """By the very policy; a second time changes nothing."""
    path = link(booking)
    answer = api.post(f"{path}/cancel", {"reason": "I have to work."})
    assert (answer.status_code, answer.json["booking"]["status"]) == (200, "cancelled")
    assert answer.json["booking"]["cancelled"]["by"] == booking["client_id"]
    assert (answer.json["may_cancel"], answer.json["may_move"]) == (False, False)
    before = everything()
    assert api.post(f"{path}/cancel").status_code == 200
    assert everything() == before


def test_moving(api: Api, booking: dict[str, Any]) -> None:
    """The same link goes on working."""
    path = link(booking)
    answer = api.post(f"{path}/move", {"starts_at": at("14:00", THURSDAY)})
    assert (answer.status_code, answer.json["booking"]["starts_at"]) == (200, at("14:00", THURSDAY))
    assert api.get(path).json["booking"]["starts_at"] == at("14:00", THURSDAY)


def test_moving_on_the_clients_terms(api: Api, ada: User, eve: User, service: Service, booking: dict[str, Any]) -> None:
    """What is taken is refused, with what is near, and nothing changes."""
    made(api, eve, one(service, "14:00") | {"starts_at": at("14:00", THURSDAY)})
    path, before = link(booking), everything()
    answer = api.post(f"{path}/move", {"starts_at": at("14:00", THURSDAY)})
    assert (answer.status_code, answer.json["code"], len(answer.json["alternatives"])) == (409, "slot_taken", 5)
    assert everything() == before


def test_a_clients_rights_and_no_more(api: Api, service: Service, staff: Staff) -> None:
    """An admin's own booking, by its link, keeps to the notice: whoever has the link is not an admin."""
    with transaction():
        db.session.get_one(Service, service.id).min_notice_minutes = 600
    admin = make_user(Role.ADMIN)
    asked = one(service, "10:00", for_self=True) | {"starts_at": at("10:00", THURSDAY)}
    path = link(made(api, admin, asked))
    answer = api.post(f"{path}/move", {"starts_at": at("12:00")})
    assert (answer.status_code, answer.json["code"]) == (409, "notice_too_short")


@each_case(
    ("body", "rest", "field"),
    [
        ({"status": "confirmed"}, "/move", "status"),
        ({"notes": "x"}, "/move", "notes"),
        ({"starts_at": "tomorrow"}, "/move", "starts_at"),
        ({"waive_fee": True}, "/cancel", "waive_fee"),
        ({"reason": "x" * 501}, "/cancel", "reason"),
    ],
)
def test_what_it_does_not_take(api: Api, booking: dict[str, Any], body: Any, rest: str, field: str) -> None:
    path, before = link(booking), everything()
    answer = api.post(path + rest, body)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert everything() == before


def test_late(api: Api, ada: User, clerk: User) -> None:
    """The quote is what cancelling then takes; after the start there is none, and nothing can be done."""
    service = make_service(deposit_type=DepositType.FIXED, deposit_value=1000)
    make_working_staff(service)
    booking = made(api, ada, one(service, "10:00"))
    with transaction():
        record_payment(booking["id"], 1000)
    path = link(booking)
    assert api.get(path).json["cancellation"]["fee"]["amount"] == 1000
    with clock.frozen(NOW + timedelta(hours=4)):
        seen = api.get(path).json
        assert (seen["may_cancel"], seen["may_move"], seen["cancellation"]) == (False, False, None)
        for rest in ("/cancel", "/move"):
            body = {"starts_at": at("15:00")} if rest == "/move" else {}
            answer = api.post(path + rest, body)
            assert (answer.status_code, answer.json["code"]) == (409, "booking_started")


def test_if_match(api: Api, booking: dict[str, Any]) -> None:
    """Who has seen an older version is told so."""
    path = link(booking)
    stale = {"If-Match": '"77"'}
    assert api.post(f"{path}/cancel", {}, headers=stale).status_code == 412
    assert api.post(f"{path}/move", {"starts_at": at("14:00", THURSDAY)}, headers=stale).status_code == 412
    assert api.post(f"{path}/cancel", {}, headers={"If-Match": f'"{booking["version"]}"'}).status_code == 200


def gone(api: Api, path: str) -> None:
    """Check that a link opens nothing, by no method."""
    for method, rest in (("GET", ""), ("POST", "/cancel"), ("POST", "/move")):
        answer = api.call(method, path + rest, json={} if rest else None)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found"), answer.json


def test_forged(api: Api, eve: User, service: Service, booking: dict[str, Any]) -> None:
    """Neither another booking's signature, nor a part of one, nor anything else."""
    other = made(api, eve, one(service, "12:00"))
    path = link(booking)
    signature = path.partition(f"manage/{booking['id']}-")[2]
    for token in (
        f"{other['id']}-{signature}",
        f"{booking['id']}-{signature[:-1]}",
        f"{booking['id']}-{'A' * 27}",
        f"0{booking['id']}-{signature}",
        f"{2**63}-{signature}",
        f"{booking['id']}",
        "-",
        "x" * 200,
    ):
        gone(api, f"{BOOKINGS}/manage/{token}")


def test_until_a_week_after_its_end(api: Api, ada: User, booking: dict[str, Any]) -> None:
    """Wherever it was moved to."""
    path, end = link(booking), NOW.replace(hour=11) + timedelta(days=3)
    with clock.frozen(end + WEEK - timedelta(seconds=1)):
        assert api.get(path).status_code == 200
    with clock.frozen(end + WEEK):
        gone(api, path)
    api.post(f"{path}/move", {"starts_at": at("10:00", "2030-01-14")})
    with clock.frozen(end + WEEK):
        assert api.get(path).status_code == 200


def test_another_email(api: Api, ada: User, booking: dict[str, Any]) -> None:
    """Whoever reads the old mailbox, looks after nothing any more."""
    path = link(booking)
    with transaction():
        user = db.session.get_one(User, ada.id)
        user.email, user.email_key = "other@example.test", "other@example.test"
    gone(api, path)
    assert api.get(link(booking)).status_code == 200


def test_another_client(api: Api, ada: User, eve: User, booking: dict[str, Any]) -> None:
    """Of whom the booking is not, the link is not either."""
    path = link(booking)
    with transaction():
        found = load_booking_with_client(booking["id"])
        assert found is not None
        found.client_id = eve.id
    gone(api, path)


def test_nobody(api: Api, service: Service, staff: Staff) -> None:
    """An erased client's link opens nothing, nor does a deactivated one's."""
    cleo = make_user(password_hash=PASSWORD_HASH)
    booking = made(api, cleo, one(service, "10:00"))
    path = link(booking)
    api.post(f"{path}/cancel")
    with transaction():
        db.session.get_one(User, cleo.id).is_active = False
    gone(api, path)
    with transaction():
        db.session.get_one(User, cleo.id).is_active = True
    assert api.get(path).status_code == 200
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(cleo)).status_code == 204
    gone(api, path)


def test_keys_change(app: Flask, api: Api, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Links of an older key work as long as it is listed."""
    path, new = link(booking), derive_key("another secret", "booking link")
    monkeypatch.setitem(app.config, "BOOKING_LINK_KEYS", (new, *app.config["BOOKING_LINK_KEYS"]))
    assert api.get(path).status_code == 200
    assert link(booking) != path
    monkeypatch.setitem(app.config, "BOOKING_LINK_KEYS", (new,))
    gone(api, path)


def test_guessing_is_limited(database_url: str) -> None:
    """By network address, as all that tries credentials is."""
    application = make_application(database_url, RATELIMIT_ENABLED="true")
    with application.app_context():
        api = Api(application.test_client())
        seen = [api.get(f"{BOOKINGS}/manage/1-{'A' * 27}").status_code for _ in range(11)]
        db.engine.dispose()
    assert seen == [404] * 10 + [429]


def test_the_log_has_no_token(api: Api, booking: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    """Whoever reads the log, may not look after bookings."""
    path = link(booking)
    with caplog.at_level("INFO"):
        api.get(path)
        api.post(f"{path}/cancel")
    token = path.rpartition("/")[2]
    assert "manage/TOKEN" in caplog.text
    assert token not in caplog.text
