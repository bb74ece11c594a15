"""`kill -9` at each step between our commits and Stripe's answers, on a real server: afterwards the books agree.

Six of the twenty-six crashes, as each takes seconds; `CRASHES=all` tries them all.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.jobs.worker import work_once
from app.kit.clock import frozen, utcnow
from app.ledger.queries import change_of
from app.models import Account, Payment
from app.transactions import reading
from tests.api import Api
from tests.conftest import make_application
from tests.integrations.payments.crashing import AFTER, BEFORE, HEARD, crashes, server_killed_while, worker_killed_while
from tests.integrations.payments.stripe_desk import Desk, money
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_http import Fault
from tests.servers import raw_request

KEY = {"Idempotency-Key": "the-same"}

Json = dict[str, Any]


@pytest.fixture
def desk(database_url: str, fake: StripeFake) -> Iterator[Desk]:
    """A client, an admin and Stripe, with an application beside the server that is killed."""
    application = make_application(database_url, **fake.environment)
    with application.app_context():
        yield Desk(Api(application.test_client()), fake)
        db.session.remove()
        db.engine.dispose()


def killed_while(desk: Desk, path: str, body: Json, token: str, fault: Fault) -> None:
    """Send a request to a server that is killed while Stripe keeps its answer to itself."""
    desk.fake.faults = [fault]
    request = raw_request("POST", path, json=body, token=token, headers=KEY)
    server_killed_while(desk.fake.environment, request, lambda: not desk.fake.faults)


def by_repeating(desk: Desk, path: str, body: Json, token: str) -> None:
    """Send the same request again, to another server."""
    assert desk.api.post(path, body, token=token, headers=KEY).status_code == 201


def by_waiting(desk: Desk, path: str, body: Json, token: str) -> None:
    """Leave it to the worker."""
    for minutes in (2, 5, 9):
        with frozen(utcnow() + timedelta(minutes=minutes)):
            work_once()


def by_asking(desk: Desk, path: str, body: Json, token: str) -> None:
    """Let the client look what became of it."""
    (payment,) = desk.api.get("/api/payments", token=desk.client).json["items"]
    assert desk.api.post(f"/api/payments/{payment['id']}/sync", {}, token=desk.client).status_code == 200


Recovery = Callable[[Desk, str, Json, str], None]


def the_books_agree(desk: Desk) -> dict[str, tuple[int, int]]:
    """Return what came and went back, by both books."""
    with reading():
        found = db.session.scalars(select(Payment)).all()
        held = db.session.execute(select(change_of(Account.STRIPE))).scalar_one()
    ours = {payment.reference: (payment.captured_amount, payment.refunded_amount) for payment in found}
    assert ours == desk.fake.books
    assert held == sum(came - gone for came, gone in ours.values())
    return ours


BEGINS, CHARGES, RETURNS = "create_payment_intent", "confirm_payment_intent", "create_refund"


@crashes([BEGINS], [by_repeating, by_waiting, by_asking], [(BEGINS, BEFORE, by_waiting), (BEGINS, AFTER, by_repeating)])
def test_while_a_payment_begins(desk: Desk, operation: str, after: bool, recovered: Recovery) -> None:
    """PAY-08: there is one payment, here and there, under its key too; its page can be shown, and it is paid once."""
    body = {"booking_id": desk.booking, "method": "card"}
    killed_while(desk, "/api/payments", body, desk.client, Fault(operation, seconds=HEARD, after=after))
    recovered(desk, "/api/payments", body, desk.client)
    (payment,) = desk.api.get("/api/payments", token=desk.client).json["items"]
    assert (payment["status"], len(desk.fake.intents)) == ("requires_action", 1)
    desk.fake.pay(payment["next_action"]["client_secret"])
    desk.tell()
    assert list(the_books_agree(desk).values()) == [(4500, 0)]


@crashes([BEGINS, CHARGES], [by_repeating, by_waiting, by_asking], [(CHARGES, AFTER, by_asking)])
def test_while_a_stored_card_is_charged(desk: Desk, operation: str, after: bool, recovered: Recovery) -> None:
    """It is charged once."""
    setup = desk.api.post("/api/payments/methods", {}, token=desk.client).json
    desk.fake.store(setup["client_secret"])
    (card,) = desk.api.get("/api/payments/methods", token=desk.client).json["items"]
    body = {"booking_id": desk.booking, "method": "card", "payment_method_id": card["id"]}
    killed_while(desk, "/api/payments", body, desk.client, Fault(operation, seconds=HEARD, after=after))
    recovered(desk, "/api/payments", body, desk.client)
    assert list(the_books_agree(desk).values()) == [(4500, 0)]
    assert len(desk.fake.charges) == 1


@crashes([RETURNS], [by_repeating, by_waiting], [(RETURNS, BEFORE, by_repeating), (RETURNS, AFTER, by_waiting)])
def test_while_money_goes_back(desk: Desk, operation: str, after: bool, recovered: Recovery) -> None:
    """It goes back once."""
    payment = desk.paid()
    body = {"payment_id": payment["id"], "amount": money(1000), "reason": "Came late"}
    killed_while(desk, "/api/payments/refund", body, desk.admin, Fault(operation, seconds=HEARD, after=after))
    recovered(desk, "/api/payments/refund", body, desk.admin)
    assert list(the_books_agree(desk).values()) == [(4500, 1000)]
    assert len(desk.fake.refunds) == 1


def by_another_worker(desk: Desk) -> None:
    """Leave it to another worker, once nobody believes in the first any more."""
    with frozen(utcnow() + timedelta(minutes=5)):
        work_once()


def by_being_told(desk: Desk) -> None:
    """Hear of it from Stripe, before another worker takes it up."""
    desk.tell()
    by_another_worker(desk)


@crashes([RETURNS], [by_another_worker, by_being_told], [(RETURNS, AFTER, by_another_worker)])
def test_while_a_worker_gives_money_back(desk: Desk, operation: str, after: bool, recovered: Any) -> None:
    """Of a booking that was cancelled; it goes back once."""
    desk.paid()
    cancelled = desk.api.post(f"/api/bookings/{desk.booking}/cancel", {"reason": "ill"}, token=desk.client)
    assert cancelled.status_code == 200
    desk.fake.faults = [Fault(operation, seconds=HEARD, after=after)]
    worker_killed_while(desk.fake.environment, lambda: not desk.fake.faults)
    recovered(desk)
    desk.tell()
    assert list(the_books_agree(desk).values()) == [(4500, 4500)]
    assert len(desk.fake.refunds) == 1
