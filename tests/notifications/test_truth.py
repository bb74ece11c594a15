"""A mail says how things are when it is sent: nothing undone is announced, nothing announced is lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.integrations import mail
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Notification, OutboxEvent, Role, Service, Staff, User
from app.notifications import delivery
from app.notifications.delivery import MAIL_POLICY
from app.notifications.record import note_sent
from app.transactions import reading, transaction
from config import Mail
from tests.api import Api
from tests.bookings.desk import BOOKINGS, NOW, THURSDAY, at, made, one, refused
from tests.factories import PASSWORD, PASSWORD_HASH, make_service, make_user, make_working_staff, token_for
from tests.integrations.mail import servers
from tests.mailbox import Mailbox, text_of
from tests.notifications.letters import moved, noted, step, subjects

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def booking(api: Api, ada: User, service: Service, staff: Staff) -> dict[str, Any]:
    """Thursday at ten, of which nobody has been told yet."""
    return made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})


def test_cancelled_meanwhile(api: Api, mailbox: Mailbox, ada: User, booking: dict[str, Any]) -> None:
    """Only the cancellation is told of."""
    step(api, ada, booking, "cancel")
    assert subjects(mailbox.deliver()) == ["Cancelled"]
    assert noted() == [("booking_confirmed", "email", "suppressed", "over"), ("booking_cancelled", "email", "sent", "")]


def test_moved_meanwhile(api: Api, mailbox: Mailbox, ada: User, booking: dict[str, Any]) -> None:
    """The confirmation has the new time, and two changes are one mail: the later one's."""
    moved(api, ada, booking, at("12:00", THURSDAY))
    moved(api, ada, booking, at("14:00", THURSDAY))
    mails = mailbox.deliver()
    assert subjects(mails) == ["Confirmed", "Changed"]
    assert all("2:00 PM–3:00 PM" in text_of(mail) for mail in mails)
    assert ("booking_moved", "email", "suppressed", "overtaken") in noted()


def test_approved_and_cancelled_meanwhile(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """Neither is anybody asked to decide what is decided."""
    service = make_service(requires_approval=True)
    make_working_staff(service, user_id=make_user(Role.STAFF).id)
    asked = made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    step(api, clerk, asked, "approve")
    assert subjects(mailbox.deliver()) == ["Confirmed"]


def test_what_was_refused_or_rehearsed(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """Is told to nobody."""
    asked = one(service, "10:00")
    refused(api, ada, asked | {"starts_at": at("03:00", THURSDAY)})
    assert api.post(f"{BOOKINGS}?dry_run=true", asked, token=token_for(ada)).status_code == 200
    assert mailbox.deliver() == []


def test_rolled_back(
    api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EM-04: a booking that fails after it was announced."""

    def fail(*_args: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("app.bookings.service.create.give_back", fail)
    assert api.post(BOOKINGS, one(service, "10:00"), token=token_for(ada)).status_code == 500
    assert mailbox.deliver() == []


def test_erased_meanwhile(api: Api, mailbox: Mailbox, service: Service, staff: Staff) -> None:
    """Whoever is erased gets no mail any more, and no address of theirs stays."""
    cleo = make_user(password_hash=PASSWORD_HASH)
    booking = made(api, cleo, one(service, "10:00"))
    mailbox.deliver()
    step(api, cleo, booking, "cancel")
    with reading():
        (address,) = db.session.scalars(select(Notification.address)).all()
    assert address == cleo.email
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(cleo)).status_code == 204
    assert mailbox.deliver() == []
    with reading():
        assert set(db.session.scalars(select(Notification.address))) == {None}


def test_deactivated_meanwhile(mailbox: Mailbox, ada: User, booking: dict[str, Any]) -> None:
    with transaction():
        db.session.execute(update(User).where(User.id == ada.id).values(is_active=False))
    assert mailbox.deliver() == []
    assert noted() == [("booking_confirmed", "email", "suppressed", "gone")]


def test_one_persons_mails_wait_for_each_other(
    api: Api, mailbox: Mailbox, ada: User, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the confirmation cannot be sent, the change is not sent before it."""
    sent: list[str] = []

    def send(message: Any) -> None:
        if message.subject.startswith("Confirmed") and not sent:
            sent.append("failed")
            raise OSError
        sent.append(message.subject.partition(":")[0])

    monkeypatch.setattr(mail, "send", send)
    work_once()
    moved(api, ada, booking, at("14:00", THURSDAY))
    work_once()
    assert sent == ["failed"]
    with clock.frozen(NOW + timedelta(minutes=1)):
        work_once()
    assert sent == ["failed", "Confirmed", "Changed"]


@contextmanager
def mailing_to(app: Flask, monkeypatch: pytest.MonkeyPatch, settings: Mail) -> Iterator[None]:
    """Send by a server inside the block."""
    with monkeypatch.context() as patched:
        everything = app.extensions["settings"]
        patched.setitem(app.extensions, "settings", replace(everything, mail=settings))
        yield


def rows() -> list[tuple[str, int]]:
    """Return (status, attempts) of every notification."""
    with reading():
        found = db.session.execute(select(Notification.status, Notification.attempts).order_by(Notification.id))
        return [(status.value, attempts) for status, attempts in found]


def test_a_server_that_fails_hangs_and_takes_it_at_last(
    app: Flask, ada: User, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One mail arrives, under the name that every attempt had."""
    with mailing_to(app, monkeypatch, servers.settings(1)):
        work_once()
    assert rows() == [("queued", 1)]
    with (
        servers.replying("220 hello", "250 ok") as port,
        clock.frozen(NOW + timedelta(minutes=1)),
        mailing_to(app, monkeypatch, servers.settings(port, timeout_seconds=0.2)),
    ):
        work_once()
    assert rows() == [("queued", 2)]
    with (
        servers.receiving() as (inbox, port),
        clock.frozen(NOW + timedelta(minutes=2)),
        mailing_to(app, monkeypatch, servers.settings(port)),
    ):
        work_once()
        work_once()
    (envelope,) = inbox.envelopes
    with reading():
        name = db.session.scalars(select(OutboxEvent.id).where(OutboxEvent.topic == "notifications.email")).one()
    received = servers.read(envelope)
    assert received["Message-ID"].startswith(f"<{name}-20300107T060000")
    assert (received["To"], received.get_content_type()) == (ada.email, "multipart/mixed")
    assert rows() == [("sent", 3)]


def test_one_name_at_each_attempt(
    app: Flask, api: Api, ada: User, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that takes the mail and fails to say so gets it again under the same Message-ID; others differ."""
    names: list[str] = []

    def take_and_fail(message: mail.Message) -> None:
        names.append(message.message_id)
        if len(names) < 3:
            raise OSError

    monkeypatch.setattr(mail, "send", take_and_fail)
    for minutes in range(3):
        with clock.frozen(NOW + timedelta(minutes=minutes)):
            work_once()
    step(api, ada, booking, "cancel")
    work_once()
    assert len(names) == 4
    assert len(set(names[:3])) == 1
    assert names[3] != names[0]


def test_given_up(app: Flask, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """After the last attempt it has failed; tried again by somebody's will, it waits again."""

    def fail(_message: object) -> None:
        raise OSError

    monkeypatch.setattr(mail, "send", fail)
    now = NOW
    for _ in range(MAIL_POLICY.attempts):
        with clock.frozen(now):
            work_once()
        now += timedelta(minutes=70)
    assert noted() == [("booking_confirmed", "email", "failed", "OSError")]
    assert rows() == [("failed", MAIL_POLICY.attempts)]


def test_a_note_that_fails_sends_nothing_again(
    mailbox: Mailbox, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database is gone for a moment after the mail has left: the mail goes out once."""
    tries: list[Any] = []

    def busy(*about: Any) -> None:
        tries.append(about)
        if len(tries) < delivery.NOTING_TRIES:
            raise OperationalError("", {}, Exception("gone"))
        note_sent(*about)

    monkeypatch.setattr(delivery, "note_sent", busy)
    monkeypatch.setattr(delivery, "NOTING_PAUSE_SECONDS", 0)
    assert subjects(mailbox.deliver()) == ["Confirmed"]
    assert noted() == [("booking_confirmed", "email", "sent", "")]
    with clock.frozen(NOW + timedelta(hours=3)):
        assert mailbox.deliver() == []


def test_an_address_that_is_refused_for_good(booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried once, and what is told of next does not wait for it."""
    tried: list[str] = []

    def refuse(message: mail.Message) -> None:
        tried.append(message.to)
        raise mail.AddressRefused("SMTPRecipientsRefused 550 5.1.1")

    monkeypatch.setattr(mail, "send", refuse)
    for hours in range(30):
        with clock.frozen(NOW + timedelta(hours=hours)):
            work_once()
    assert len(tried) == 1
    assert noted() == [("booking_confirmed", "email", "failed", "SMTPRecipientsRefused 550 5.1.1")]
