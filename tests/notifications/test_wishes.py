"""Who wants what by which way: all of it, but what was switched off; agreements are always told of by mail."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.integrations import sms
from app.kit import clock
from app.models import MutedNotice, Service, Staff, User
from app.notifications.reminders import remind
from app.notifications.unsubscribing import link_to_unsubscribe
from app.transactions import reading, transaction
from tests.api import Api
from tests.bookings.desk import NOW, THURSDAY, at, made, one
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import PASSWORD, PASSWORD_HASH, make_booking, make_user, token_for
from tests.mailbox import Mailbox, html_of, text_of
from tests.notifications.letters import noted, step

pytestmark = pytest.mark.usefixtures("monday_morning")

PATH = "/api/users/me/notification-preferences"
REQUIRED = {
    "approval_asked", "booking_approved", "booking_cancelled", "booking_confirmed", "booking_declined",
    "booking_deposit_due", "booking_expired", "booking_moved", "booking_requested", "confirm_email", "email_changing",
    "gift_cards", "invitation", "order_cancelled", "order_expired", "order_placed", "order_ready", "order_shipped",
    "password_changed", "payment_failed", "receipt", "refund", "refund_by_hand", "refund_stuck", "reset_password",
    "verify_email", "webhook_disabled",
}  # fmt: skip
OPTIONAL = {"low_stock", "reminder_day", "reminder_soon", "shortfall", "waitlist_offer"}
TEXTS = {"booking_cancelled", "booking_confirmed", "reminder_soon"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """The texts that are sent: to whom, and their words."""
    texts: list[tuple[str, str]] = []
    monkeypatch.setattr(sms, "send", lambda message: texts.append((message.to, message.text)))
    return texts


def muted() -> list[tuple[int, str, str]]:
    """Return what is switched off, by whom."""
    with reading():
        rows = db.session.execute(select(MutedNotice.user_id, MutedNotice.kind, MutedNotice.channel)).all()
        return sorted((user_id, kind, channel.value) for user_id, kind, channel in rows)


def change(api: Api, who: User, **wanted: Any) -> Any:
    """Change what somebody wants."""
    return api.patch(PATH, wanted, token=token_for(who))


def test_everything_at_first(api: Api, ada: User) -> None:
    """And it says what cannot be switched off."""
    found = api.get(PATH, token=token_for(ada)).json
    assert found == {
        "email": dict.fromkeys(sorted(REQUIRED | OPTIONAL), True),
        "sms": dict.fromkeys(sorted(TEXTS), True),
        "required": sorted(f"email.{kind}" for kind in REQUIRED),
    }


def test_off_and_on(api: Api, ada: User, eve: User) -> None:
    """What is left out stays; it is one's own alone; twice is once."""
    off: dict[str, Any] = {"email": {"reminder_day": False}, "sms": {"booking_confirmed": False}}
    change(api, ada, **off)
    found = change(api, ada, **off).json
    assert (found["email"]["reminder_day"], found["sms"]["booking_confirmed"]) == (False, False)
    assert muted() == [(ada.id, "booking_confirmed", "sms"), (ada.id, "reminder_day", "email")]
    found = change(api, ada, email={"reminder_day": True}).json
    assert (found["email"]["reminder_day"], found["sms"]["booking_confirmed"]) == (True, False)
    assert api.get(PATH, token=token_for(eve)).json["sms"]["booking_confirmed"] is True


@refused_by_shape
@each_case(
    ("wanted", "fields"),
    [
        ({"email": {"booking_confirmed": False}}, ["email.booking_confirmed"]),
        ({"email": {"reset_password": False, "reminder_day": False}}, ["email.reset_password"]),
        ({"email": {"newsletter": False}}, ["email.newsletter"]),
        ({"sms": {"reset_password": False}}, ["sms.reset_password"]),
        ({"sms": {"reminder_soon": 0}}, ["sms.reminder_soon"]),
        ({"fax": {}}, ["fax"]),
        ({"email": None}, ["email"]),
        ({"required": []}, ["required"]),
    ],
)
def test_what_cannot_be(api: Api, ada: User, wanted: dict[str, Any], fields: list[str]) -> None:
    """422 with the field; and nothing changes, not even what could."""
    answer = change(api, ada, **wanted)
    assert (answer.status_code, list(answer.json["errors"])) == (422, fields)
    assert muted() == []


def test_a_wish_is_heeded_when_it_would_be_sent(
    api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff
) -> None:
    """Also where it was said after the reminder was written."""
    make_booking(ada, service, staff, NOW + timedelta(hours=6))
    with clock.frozen(NOW + timedelta(hours=4)):
        with transaction():
            remind()
        change(api, ada, email={"reminder_soon": False})
        assert mailbox.deliver() == []
    assert noted() == [("reminder_soon", "email", "suppressed", "switched_off")]


def test_texts(api: Api, mailbox: Mailbox, service: Service, staff: Staff, sent: list[tuple[str, str]]) -> None:
    """A confirmation, a cancellation, and a reminder two hours before; to whoever has a phone and wants them."""
    ada = make_user(phone="+254712345678")
    booking = made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    mailbox.deliver()
    reference = booking["reference"]
    when = "Thursday, January 10, 2030, 10:00 AM"
    assert sent == [("+254712345678", f"Test Parlour: {service.name} on {when} is confirmed. {reference}")]
    with clock.frozen(NOW.replace(hour=8) + timedelta(days=3)):
        with transaction():
            remind()
        mailbox.deliver()
    assert sent[1:] == [("+254712345678", f"Test Parlour: see you for {service.name} on {when}. {reference}")]
    change(api, ada, sms={"booking_cancelled": False})
    step(api, ada, booking, "cancel")
    mailbox.deliver()
    assert len(sent) == 2
    assert ("booking_cancelled", "sms", "suppressed", "switched_off") in noted()
    assert all(text.isascii() and len(text) <= 160 for _, text in sent)


def reminded(mailbox: Mailbox, client: User, service: Service, staff: Staff) -> Any:
    """Return the mail that reminds a client."""
    make_booking(client, service, staff, NOW + timedelta(hours=6))
    with clock.frozen(NOW + timedelta(hours=4)), transaction():
        remind()
    with clock.frozen(NOW + timedelta(hours=4)):
        (mail,) = mailbox.deliver()
    return mail


def test_one_click(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """RFC 8058: a POST of a form to the URL in the header, without cookies or tokens, switches it off."""
    mail = reminded(mailbox, ada, service, staff)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = mail["List-Unsubscribe"].strip("<>")
    assert url in text_of(mail)
    assert url in html_of(mail)
    path = url.removeprefix("http://127.0.0.1:5000")
    assert api.get(path).status_code == 200
    assert muted() == []
    for _ in (1, 2):
        answer = api.client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.data) == (204, b"")
    assert muted() == [(ada.id, "reminder_soon", "email")]


def test_the_page(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """Its button posts what the gate takes from everybody."""
    path = reminded(mailbox, ada, service, staff)["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:5000")
    page = api.get(path)
    assert (page.mimetype, page.headers["Cache-Control"]) == ("text/html", "no-store")
    assert f'data-path="{path}"' in page.text
    assert api.post(path, {"token": ""}).status_code == 204
    assert len(muted()) == 1


def test_what_tells_of_an_agreement_has_no_such_link(
    api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff
) -> None:
    made(api, ada, one(service, "10:00"))
    (mail,) = mailbox.deliver()
    assert mail["List-Unsubscribe"] is None


def test_forged_links(app: Flask, api: Api, ada: User, eve: User) -> None:
    """Nobody switches off what is somebody else's, or another kind."""
    path = link_to_unsubscribe(ada, "reminder_day").removeprefix("http://127.0.0.1:5000")
    signature = path.rpartition("-")[2]
    for token in (f"{eve.id}-reminder_day-{signature}", f"{ada.id}-reminder_soon-{signature}", "1-2-3", "x"):
        for method in ("GET", "POST"):
            assert api.call(method, f"/unsubscribe/{token}").status_code == 404
    required = link_to_unsubscribe(ada, "booking_confirmed").removeprefix("http://127.0.0.1:5000")
    assert api.post(required).status_code == 204
    assert muted() == []


def test_an_old_link(app: Flask, api: Api, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works for ever, also once there is a newer key; not once its own is dropped."""
    path, new = link_to_unsubscribe(ada, "reminder_day").removeprefix("http://127.0.0.1:5000"), b"k" * 32
    with clock.frozen(NOW + timedelta(days=3650)):
        monkeypatch.setitem(app.config, "UNSUBSCRIBE_KEYS", (new,))
        assert api.post(path).status_code == 404
        assert muted() == []
        monkeypatch.undo()
        monkeypatch.setitem(app.config, "UNSUBSCRIBE_KEYS", (new, *app.config["UNSUBSCRIBE_KEYS"]))
        assert api.post(path).status_code == 204
    assert muted() == [(ada.id, "reminder_day", "email")]


def test_whoever_is_gone(app: Flask, api: Api) -> None:
    """Takes their wishes along; an old link switches nothing off."""
    cleo = make_user(password_hash=PASSWORD_HASH)
    path = link_to_unsubscribe(cleo, "reminder_day").removeprefix("http://127.0.0.1:5000")
    change(api, cleo, sms={"reminder_soon": False})
    export = api.get("/api/users/me/export", token=token_for(cleo)).json
    assert export["switched_off_notices"] == [{"kind": "reminder_soon", "channel": "sms"}]
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(cleo)).status_code == 204
    assert api.post(path).status_code == 204
    assert muted() == []


def test_a_walk_in_that_is_claimed(app: Flask, api: Api, mailbox: Mailbox, service: Service, staff: Staff) -> None:
    """The account does not want what the walk-in did not, and was told what it was."""
    wanda = make_user(has_login=False, email="wanda@example.test")
    reminded(mailbox, wanda, service, staff)
    api.post(link_to_unsubscribe(wanda, "reminder_day").removeprefix("http://127.0.0.1:5000"))
    body = {"email": "wanda@example.test", "password": "correct horse battery", "first_name": "W", "last_name": "X"}
    account = api.post("/api/auth/register", body).json
    (mail,) = mailbox.deliver()
    token = text_of(mail).partition("token=")[2].split()[0]
    assert api.post("/api/auth/email/verify", {"token": token}).status_code == 204
    assert muted() == [(account["user"]["id"], "reminder_day", "email")]
    export = api.get("/api/users/me/export", token=account["access_token"]).json
    assert {one["kind"] for one in export["notifications"]} == {"reminder_soon", "verify_email"}
