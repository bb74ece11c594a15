"""`kill -9` at each step between our commits and Daraja's answers, of a real server or worker: both books agree then.

Four of the twenty crashes, as each takes seconds; `CRASHES=all` tries them all.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from tests.conftest import make_application
from tests.factories import token_for
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.crashing import (
    AFTER,
    BEFORE,
    HEARD,
    crashes,
    server_killed_while,
    worker_killed_while,
)
from tests.integrations.payments.daraja_callbacks import deliveries
from tests.integrations.payments.daraja_http import Fault
from tests.integrations.payments.mpesa.till import PAYMENTS, Till, our_books
from tests.mailbox import Mailbox
from tests.servers import raw_request

KEY = "the-same"
TOKEN, PUSH, QUERY = "token", "push", "query"
GIVEN_UP = timedelta(minutes=5)


@pytest.fixture
def daraja() -> Iterator[fake.Daraja]:
    """Daraja, by the clock on the wall: the server is another process."""
    with fake.serving(fake.Daraja()) as daraja:
        yield daraja


@pytest.fixture
def till(database_url: str, daraja: fake.Daraja) -> Iterator[Till]:
    """A client with an order of KES 2,000, and an application beside the server that is killed."""
    application = make_application(database_url, **daraja.environment)
    with application.app_context():
        yield Till(application.test_client(), Mailbox(application.extensions["settings"].mail.folder))
        db.session.remove()
        db.engine.dispose()


def silent(daraja: fake.Daraja, operation: str, *, after: bool) -> Any:
    """Let Daraja keep its next answer to itself; return how one sees that it was asked."""
    daraja.faults[operation] = [Fault(seconds=HEARD, after=after)]
    return lambda: not daraja.faults[operation]


def by_repeating(till: Till) -> None:
    """Send the same request again, to another server: nobody is asked to pay twice."""
    again = till.pay(key=KEY)
    assert (again.status_code, again.json["status"]) == (201, "pending")


def by_asking(till: Till) -> None:
    """Let the client look what became of it."""
    (payment,) = till.listed()
    assert till.api.post(f"{PAYMENTS}/{payment['id']}/sync", token=token_for(till.owner)).status_code == 200


def by_waiting(till: Till) -> None:
    """Leave it to the worker."""
    till.work(GIVEN_UP)


@crashes(
    [TOKEN, PUSH],
    [by_repeating, by_asking, by_waiting],
    [(TOKEN, BEFORE, by_waiting), (PUSH, AFTER, by_repeating)],
)
def test_while_the_phone_is_asked(till: Till, daraja: fake.Daraja, operation: str, after: bool, recovered: Any) -> None:
    """A prompt that was sent is paid once, and its message counts; where there is none, another payment can begin."""
    body = {"order_id": till.order_id, "method": "mpesa", "phone": "0712345678"}
    request = raw_request("POST", PAYMENTS, json=body, token=token_for(till.owner), headers={"Idempotency-Key": KEY})
    server_killed_while(daraja.environment, request, silent(daraja, operation, after=after))
    recovered(till)
    was_sent = (operation, after) == (PUSH, AFTER)
    assert len(daraja.pushes) == was_sent
    if was_sent:
        (push,) = daraja.pushes.values()
        daraja.end(push)
        assert [till.arrive(one) for one in deliveries(daraja)] == [200]
    till.work(GIVEN_UP)
    (payment,) = till.listed()
    assert (payment["status"], till.order_status()) == (("succeeded", "paid") if was_sent else ("failed", "unpaid"))
    assert our_books() == daraja.books
    assert len(daraja.pushes) == was_sent
    assert till.pay().status_code == (409 if was_sent else 201)


@crashes([QUERY], [by_asking, by_waiting], [(QUERY, AFTER, by_asking)])
def test_while_daraja_is_asked(till: Till, daraja: fake.Daraja, operation: str, after: bool, recovered: Any) -> None:
    """It is asked again, and the payment counts once."""
    payment = till.pay().json
    daraja.end(daraja.pushed(payment["reference"]))
    request = raw_request("POST", f"{PAYMENTS}/{payment['id']}/sync", json={}, token=token_for(till.owner))
    server_killed_while(daraja.environment, request, silent(daraja, operation, after=after))
    recovered(till)
    assert till.seen(payment["id"])["status"] == "succeeded"
    assert our_books() == daraja.books == {payment["reference"]: 2000}


@crashes([QUERY], [by_asking, by_waiting], [(QUERY, BEFORE, by_waiting)])
def test_while_a_worker_asks(till: Till, daraja: fake.Daraja, operation: str, after: bool, recovered: Any) -> None:
    """Because of a callback, which is then read by another worker: applied once, and the second finds it done."""
    payment = till.pay().json
    daraja.end(daraja.pushed(payment["reference"]))
    heard = silent(daraja, operation, after=after)
    assert [till.arrive(one) for one in deliveries(daraja)] == [200]
    worker_killed_while(daraja.environment, heard)
    recovered(till)
    till.work(GIVEN_UP)
    assert till.seen(payment["id"])["status"] == "succeeded"
    assert set(till.verdicts()) <= {"applied", "duplicate"}
    assert our_books() == daraja.books == {payment["reference"]: 2000}
