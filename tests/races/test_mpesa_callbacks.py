"""PAY-23: M-Pesa's callback ten times at the same moment, a forged one among them, while workers ask Daraja."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import EntryKind, LedgerEntry, Payment, PaymentState, ProviderEvent, Role, Verdict
from app.transactions import reading
from tests.conftest import make_application
from tests.factories import make_product
from tests.integrations.payments import daraja_fake as fake
from tests.races.callers import (
    CONTROL,
    CONTROL_ROUNDS,
    ROUNDS,
    SETTINGS,
    WITHOUT,
    Arena,
    Caller,
    failed,
    outcomes,
    report,
)
from tests.races.shop import ordered
from tests.races.workers import workers_beside
from tests.servers import PRELOADED, Answer, raw_request, release_together, serving

TIMES = 10
LEAST_ROUNDS = 2


@pytest.fixture
def daraja() -> Iterator[fake.Daraja]:
    """Daraja."""
    with fake.serving(fake.Daraja()) as daraja:
        yield daraja


@pytest.fixture
def app(database_url: str, daraja: fake.Daraja) -> Iterator[Flask]:
    """The application beside the server, for the workers."""
    app = make_application(database_url, **SETTINGS, **daraja.environment)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def arena(app: Flask, database_url: str, daraja: fake.Daraja) -> Iterator[Arena]:
    """A server that talks to Daraja."""
    with serving(database_url, workers=2, threads=4, **SETTINGS, **PRELOADED, **daraja.environment) as server:
        yield Arena(server, app, [Caller.signed_in()], Caller.signed_in(Role.ADMIN))


@pytest.fixture
def control(app: Flask, database_url: str, daraja: fake.Daraja) -> Iterator[Arena]:
    """The same, with the control in its place."""
    settings = SETTINGS | PRELOADED | daraja.environment
    with serving(database_url, workers=2, threads=4, application=CONTROL, **settings) as server:
        yield Arena(server, app, [Caller.signed_in()], Caller.signed_in(Role.ADMIN))


def callback(push: fake.Push, said: dict[str, Any], **headers: str) -> bytes:
    """Return a callback to the address of a push."""
    return raw_request("POST", urlsplit(push.callback_url).path, json=said, headers=headers)


def begin(arena: Arena, daraja: fake.Daraja) -> fake.Push:
    """Order, pay, and enter the PIN."""
    client = arena.clients[0]
    body = {"order_id": ordered(client, {make_product(1).id: 1}), "method": "mpesa", "phone": "0712345678"}
    (answer,) = sent(arena, [raw_request("POST", "/api/payments", json=body, token=client.token)])
    assert answer.status == 201
    push = daraja.pushed(answer.json["reference"])
    daraja.end(push)
    return push


def sent(arena: Arena, requests: list[bytes]) -> list[Answer]:
    """Send them all at the same moment."""
    return release_together(arena.server.host, arena.server.port, requests)


def written(reference: str) -> tuple[PaymentState, list[int], list[Verdict | None]]:
    """Return how a payment stands, what the books have of it, and what became of its callbacks."""
    with reading():
        payment = db.session.scalars(select(Payment).where(Payment.reference == reference)).one()
        booked = select(LedgerEntry.amount).where(LedgerEntry.payment_id == payment.id)
        booked = booked.where(LedgerEntry.kind == EntryKind.PAYMENT)
        verdicts = select(ProviderEvent.verdict).where(ProviderEvent.payment_id == payment.id)
        return payment.status, list(db.session.scalars(booked)), sorted(db.session.scalars(verdicts), key=str)


@pytest.mark.race
def test_one_callback_ten_times(arena: Arena, daraja: fake.Daraja) -> None:
    """200 each; one event, one row in the books. A callback about other money changes nothing."""
    past = []
    with workers_beside(arena) as workers:
        for _ in range(max(ROUNDS, LEAST_ROUNDS)):
            push = begin(arena, daraja)
            forged = fake.Push(**{**vars(push), "amount": 20})
            workers.begin()
            calls = [callback(push, daraja.callback(push))] * TIMES + [callback(push, daraja.callback(forged))]
            past.append(sent(arena, calls))
            workers.end()
            assert outcomes(past[-1]) == {(200, ""): TIMES + 1}
            expected = (PaymentState.SUCCEEDED, [1200], [Verdict.APPLIED, Verdict.MISMATCH])
            assert written(push.reference) == expected
    report("one callback ten times", db.engine.dialect.name, past)
    assert sum(daraja.books.values()) == 12 * len(past)


@pytest.mark.race
def test_looking_whether_it_is_there_lets_it_in_twice(control: Arena, daraja: fake.Daraja) -> None:
    """The control: look whether the message is kept, let go, and keep it: the database refuses the second, with 500."""

    def breaks() -> bool:
        push = begin(control, daraja)
        return bool(failed(sent(control, [callback(push, daraja.callback(push), **{WITHOUT: "message"})] * TIMES)))

    assert any(breaks() for _ in range(CONTROL_ROUNDS))
