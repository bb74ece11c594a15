"""What became of a notice is known however its task ends: nothing waits for ever in the list."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.integrations import mail
from app.jobs import carrying
from app.jobs.claims import claim_due
from app.jobs.worker import work_once
from app.kit import clock
from app.models import OutboxEvent, Role, Service, Staff, User
from app.notifications.delivery import MAIL_POLICY
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW, THURSDAY, at, made, one
from tests.factories import make_user, token_for
from tests.mailbox import Mailbox
from tests.notifications.letters import noted

pytestmark = pytest.mark.usefixtures("monday_morning")

JOBS = "/api/jobs"
LEASE = timedelta(seconds=10)


@pytest.fixture
def admin(api: Api) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


@pytest.fixture
def booking(api: Api, ada: User, service: Service, staff: Staff) -> dict[str, Any]:
    """A booking that has been announced, of which no mail has been tried."""
    found = made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    carrying.carry_out(claim_due(1)[0])
    return found


def kill_every_worker() -> None:
    """Let as many workers begin the next task as may, and none of them come back."""
    for n in range(MAIL_POLICY.attempts + 1):
        with clock.frozen(NOW + n * LEASE):
            claim_due(1)


def dead_job(api: Api, admin: str) -> int:
    """Return the id of the one task that was given up."""
    (job,) = api.get(JOBS, token=admin).json["items"]
    found: int = job["id"]
    return found


def test_every_worker_was_killed_over_it(booking: dict[str, Any]) -> None:
    """Before any of them could note anything."""
    assert noted() == [("booking_confirmed", "email", "queued", "")]
    kill_every_worker()
    assert noted() == [("booking_confirmed", "email", "failed", "No attempt came to an end.")]


def test_replayed(api: Api, admin: str, mailbox: Mailbox, booking: dict[str, Any]) -> None:
    """It waits again from that moment on, and is sent."""
    kill_every_worker()
    with clock.frozen(NOW + timedelta(minutes=10)):
        assert api.post(f"{JOBS}/{dead_job(api, admin)}/replay", token=admin).status_code == 200
        assert noted() == [("booking_confirmed", "email", "queued", "")]
        assert len(mailbox.deliver()) == 1
    assert noted() == [("booking_confirmed", "email", "sent", "")]


def test_dropped(api: Api, admin: str, booking: dict[str, Any]) -> None:
    """It has failed, and stays so."""
    kill_every_worker()
    assert api.delete(f"{JOBS}/{dead_job(api, admin)}", token=admin).status_code == 204
    assert [status for _, _, status, _ in noted()] == ["failed"]


def test_it_could_never_be_written(app: Any, booking: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A mistake of ours, at each attempt: what the attempt wrote is taken back, and that it has failed is noted."""

    def fail(*_about: object, **_more: object) -> None:
        raise ZeroDivisionError("ada@example.test")

    monkeypatch.setattr("app.notifications.delivery.write_letter", fail)
    for n in range(MAIL_POLICY.attempts):
        with clock.frozen(NOW + n * timedelta(minutes=70)):
            work_once()
    assert noted() == [("booking_confirmed", "email", "failed", "ZeroDivisionError")]


def test_mails_about_accounts(api: Api, admin: str, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose row is written at the first attempt, and which a link stands behind."""

    def refuse(_message: object) -> None:
        raise mail.AddressRefused("SMTPRecipientsRefused 550 5.1.1")

    with monkeypatch.context() as refusing:
        refusing.setattr(mail, "send", refuse)
        api.post("/api/auth/password/forgot", {"email": ada.email})
        work_once()
    assert noted() == [("reset_password", "email", "failed", "SMTPRecipientsRefused 550 5.1.1")]
    assert api.post(f"{JOBS}/{dead_job(api, admin)}/replay", token=admin).status_code == 200
    assert noted() == [("reset_password", "email", "queued", "")]


def test_what_was_settled_stays(api: Api, admin: str, mailbox: Mailbox, booking: dict[str, Any]) -> None:
    """Sent is sent, whatever becomes of the task after it."""
    assert len(mailbox.deliver()) == 1
    with transaction():
        db.session.execute(update(OutboxEvent).where(OutboxEvent.topic == "notifications.email").values(done_at=None))
    kill_every_worker()
    assert noted() == [("booking_confirmed", "email", "sent", "")]
    assert api.post(f"{JOBS}/{dead_job(api, admin)}/replay", token=admin).status_code == 200
    assert noted() == [("booking_confirmed", "email", "sent", "")]
    assert mailbox.deliver() == []
