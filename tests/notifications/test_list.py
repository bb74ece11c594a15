"""`GET /api/notifications`: what was sent, to whom, how often tried; never its words."""

from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.integrations import mail, sms
from app.jobs.worker import work_once
from app.kit import clock
from app.models import NoticeChannel, Notification, Role, Service, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW, made, one
from tests.conftest import CountStatements
from tests.factories import make_product, make_user, token_for
from tests.mailbox import Mailbox
from tests.notifications.letters import step
from tests.orders.till import order

pytestmark = pytest.mark.usefixtures("monday_morning")

PATH = "/api/notifications"


@pytest.fixture
def admin(api: Api) -> User:
    """Who may look."""
    return make_user(Role.ADMIN)


def listed(api: Api, admin: User, **query: Any) -> list[dict[str, Any]]:
    """Return what an admin sees."""
    answer = api.get(PATH, query=query, token=token_for(admin))
    assert answer.status_code == 200, answer.json
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def test_one_of_each(api: Api, mailbox: Mailbox, admin: User, ada: User, service: Service, staff: Staff) -> None:
    booking = made(api, ada, one(service, "10:00"))
    mailbox.deliver()
    (found,) = listed(api, admin)
    assert found == {
        "id": found["id"],
        "kind": "booking_confirmed",
        "channel": "email",
        "user_id": ada.id,
        "address": ada.email,
        "about_type": "booking",
        "about_id": booking["id"],
        "status": "sent",
        "reason": "",
        "attempts": 1,
        "created_at": "2030-01-07T06:00:00Z",
        "sent_at": "2030-01-07T06:00:00Z",
    }


def test_filters(
    api: Api, admin: User, ada: User, eve: User, service: Service, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By status, by whom, by booking."""
    first, second = made(api, ada, one(service, "10:00")), made(api, eve, one(service, "11:00"))
    work_once()
    step(api, ada, first, "cancel")
    monkeypatch.setattr(mail, "send", fail)
    work_once()
    assert [one["kind"] for one in listed(api, admin, status="queued")] == ["booking_cancelled"]
    assert [one["attempts"] for one in listed(api, admin, status="queued")] == [1]
    assert [one["about_id"] for one in listed(api, admin, status="sent")] == [second["id"], first["id"]]
    assert [one["about_id"] for one in listed(api, admin, user_id=eve.id)] == [second["id"]]
    assert [one["kind"] for one in listed(api, admin, booking_id=first["id"])] == [
        "booking_cancelled",
        "booking_confirmed",
    ]
    assert listed(api, admin, status="failed") == []
    assert api.get(PATH, query={"status": "lost"}, token=token_for(admin)).json["errors"].keys() == {"status"}


def test_of_an_order(api: Api, admin: User, ada: User) -> None:
    """Not of a booking that has the same number."""
    bought, other = (order(api, ada, (make_product(5), 1)).json["id"] for _ in range(2))
    work_once()
    told = {"kind": "booking_moved", "channel": NoticeChannel.EMAIL, "user_id": ada.id, "attempts": 0}
    with transaction():
        db.session.add(Notification(about_type="booking", about_id=bought, **told))
    assert [(one["kind"], one["about_id"]) for one in listed(api, admin, order_id=bought)] == [("order_placed", bought)]
    assert [one["kind"] for one in listed(api, admin, booking_id=bought)] == ["booking_moved"]
    assert [one["about_id"] for one in listed(api, admin, order_id=other)] == [other]
    refused = api.get(PATH, query={"order_id": "x"}, token=token_for(admin))
    assert (refused.status_code, list(refused.json["errors"])) == (422, ["order_id"])


def fail(_message: object) -> None:
    """Reach nobody."""
    raise OSError


def test_a_number_that_takes_nothing(
    api: Api, mailbox: Mailbox, admin: User, service: Service, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Has failed at once, and is not tried again; the mail goes all the same."""

    def refuse(_message: object) -> None:
        raise sms.NumberRefused("twilio 21211")

    monkeypatch.setattr(sms, "send", refuse)
    made(api, make_user(phone="+254712345678"), one(service, "10:00"))
    work_once()
    assert len(mailbox.collect()) == 1
    (found,) = listed(api, admin, status="failed")
    assert (found["channel"], found["reason"], found["attempts"]) == ("sms", "twilio 21211", 1)
    with clock.frozen(NOW + timedelta(days=1)):
        assert work_once() == 0


def test_account_mails_too(api: Api, mailbox: Mailbox, admin: User, ada: User) -> None:
    """Of which no word and no link is kept."""
    api.post("/api/auth/password/forgot", {"email": ada.email})
    api.post("/api/auth/password/forgot", {"email": "nobody@example.test"})
    mailbox.deliver()
    (found,) = listed(api, admin)
    assert (found["kind"], found["about_type"], found["about_id"]) == ("reset_password", "user", ada.id)
    assert (found["status"], found["address"]) == ("sent", ada.email)


@pytest.mark.parametrize("size", [3, 30])
def test_costs(
    api: Api, mailbox: Mailbox, admin: User, ada: User, count_statements: CountStatements, size: int
) -> None:
    """Two statements, however many."""
    token = token_for(admin)
    for _ in range(size):
        api.post("/api/auth/email/resend", token=token_for(make_user()))
    mailbox.deliver()
    with count_statements() as statements:
        assert len(api.get(PATH, query={"limit": 100}, token=token).json["items"]) == size
    assert len(statements) == 2
