"""A booking and its mail: both or neither, whatever becomes of the process that took it."""

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs.worker import work_once
from app.models import Booking
from app.transactions import reading
from tests.conftest import make_application
from tests.factories import make_service, make_user, make_working_staff, token_for
from tests.integrations.mail.servers import HOST, Inbox, read, receiving
from tests.servers import Server, raw_request, serving
from tests.tortures.dying import WHEN
from tests.tortures.torture import without_connections


@pytest.fixture
def inbox() -> Iterator[tuple[Inbox, int]]:
    """A mail server, and its port."""
    with receiving() as running:
        yield running


@pytest.fixture
def beside(database_url: str, inbox: tuple[Inbox, int]) -> Iterator[Flask]:
    """The application whose worker mails what the server's processes announce."""
    mailing = {"MAIL_SERVER": HOST, "MAIL_PORT": str(inbox[1]), "MAIL_USE_TLS": "false"}
    with without_connections(make_application(database_url, **mailing)) as app, app.app_context():
        yield app


def book(server: Server, when: str, token: str) -> int | None:
    """Ask for a booking tomorrow; return the status of the answer, None where there is none."""
    service = make_service()
    make_working_staff(service)
    starts_at = (datetime.now(UTC) + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    wish = {"service_id": service.id, "starts_at": starts_at.isoformat(), "for_self": True}
    caller = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        request = raw_request("POST", "/api/bookings", json=wish, token=token, headers={WHEN: when})
        caller.connect()
        caller.sock.sendall(request)
        answer = http.client.HTTPResponse(caller.sock)
        answer.begin()
    except (http.client.RemoteDisconnected, ConnectionResetError):
        return None
    else:
        return answer.status
    finally:
        caller.close()


def bookings() -> int:
    """Return how many there are."""
    with reading():
        return db.session.scalar(select(func.count()).select_from(Booking)) or 0


@pytest.mark.race
def test_both_or_neither(beside: Flask, database_url: str, inbox: tuple[Inbox, int]) -> None:
    """One mail for one booking, and none for none: also where nobody was told that it was taken."""
    outcomes = (("committed", None, 1), ("uncommitted", 500, 0), ("never", 201, 1))
    with serving(database_url, workers=1, application="tests.tortures.dying:app") as server:
        for when, status, booked in outcomes:
            had, email = bookings(), f"{when}@example.test"
            assert book(server, when, token_for(make_user(email=email, email_verified=True))) == status
            work_once()
            work_once()
            mails = [read(envelope) for envelope in inbox[0].envelopes if envelope.rcpt_tos == [email]]
            assert (bookings() - had, len(mails)) == (booked, booked), when
