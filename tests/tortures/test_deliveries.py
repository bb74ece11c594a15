"""Whatever providers say, however often and late, and whoever lies: the end is what the truth among it comes to.

The server is killed in one of a hundred deliveries, and a worker beside it. `DELIVERIES=10000` is the long run.
"""

import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import IO, Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.jobs.worker import work_once
from app.kit.clock import frozen, utcnow
from app.ledger.queries import change_of
from app.models import Account, Payment, ProviderEvent, Verdict
from app.transactions import reading
from tests.api import Api
from tests.conftest import make_application
from tests.integrations.payments import daraja_fake, stripe_fake
from tests.integrations.payments.daraja_fake import Daraja
from tests.integrations.payments.mpesa.till import our_books
from tests.integrations.payments.stripe_fake import StripeFake
from tests.papers import leave_papers_blank
from tests.races.callers import SETTINGS
from tests.settings import process_environment
from tests.tortures.customers import Customers, End, fold_cards, fold_phones
from tests.tortures.letters import Letter, Post, Truth, of_mpesa, of_stripe
from tests.tortures.mortal import Mortal, mortal
from tests.tortures.torture import without_connections
from tests.tortures.workers import embedded

DELIVERIES = int(os.environ.get("DELIVERIES", "60"))
SEED = int(os.environ.get("DELIVERIES_SEED", "8"))
KILLED_IN = 100
LOT = 300
"""So many deliveries are made at a time: within the minute after which we ask about payments by ourselves."""

KEPT_BACK = 0.1
LATER = timedelta(minutes=10)
"""When another worker carries out what a killed one held."""

FORGED_ANSWERS = {400, 404}


class Mail:
    """What is on its way because of what customers do; some of it is kept back for the next lot."""

    def __init__(self, customers: Customers) -> None:
        self.customers, self.chance = customers, customers.chance
        self.told = 0
        self.waiting: list[Letter] = []
        self.mistaken: set[bytes] = set()

    def lot(self, size: int) -> list[Letter]:
        """Let people pay until there is so much to be delivered, and return that."""
        while len(self.waiting) < size * (1 + KEPT_BACK):
            self.customers.by_card()
            self.customers.by_phone()
            self._write()
        kept_back = self.chance.sample(self.waiting, int(size * KEPT_BACK))
        found = [one for one in self.waiting if one not in kept_back]
        self.waiting = kept_back
        return found

    def rest(self) -> list[Letter]:
        """Return all that is left, and what has come about since."""
        self._write()
        found, self.waiting = self.waiting, []
        return found

    def _write(self) -> None:
        stripe, daraja = self.customers.stripe, self.customers.daraja
        events = stripe.events[self.told :]
        self.told += len(events)
        news = [letter for event in events if _is_ours(event) for letter in of_stripe(stripe, event, self.chance)]
        while daraja.outbox:
            news += of_mpesa(daraja, daraja.outbox.pop(), self.chance)
        self.mistaken |= {one.body for one in news if one.truth is Truth.MISTAKEN}
        self.waiting += news


def _is_ours(event: dict[str, Any]) -> bool:
    return bool(event["type"] != "charge.succeeded")  # nobody has asked for these


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave those blank that this process draws; the workers beside it draw theirs."""
    leave_papers_blank(monkeypatch)


@pytest.fixture
def stripe() -> Iterator[StripeFake]:
    """Stripe."""
    with stripe_fake.serving(StripeFake()) as fake:
        yield fake


@pytest.fixture
def daraja() -> Iterator[Daraja]:
    """Daraja."""
    with daraja_fake.serving(Daraja()) as fake:
        yield fake


@pytest.fixture
def settings(stripe: StripeFake, daraja: Daraja) -> dict[str, str]:
    """What the server, the workers, and the application beside them have in common."""
    return SETTINGS | stripe.environment | daraja.environment


@pytest.fixture
def shop(database_url: str, settings: dict[str, str]) -> Iterator[Flask]:
    """The application beside the server."""
    with without_connections(make_application(database_url, **settings)) as app, app.app_context():
        yield app


@pytest.fixture
def server(database_url: str, settings: dict[str, str]) -> Iterator[Mortal]:
    """The server that is killed."""
    with mortal(database_url, **settings) as found:
        yield found


@pytest.fixture
def log() -> Iterator[IO[str]]:
    """What the workers say; shown where the test fails."""
    with tempfile.TemporaryFile("w+", prefix="parlour-torture-") as file:
        yield file
        file.seek(0)
        print(file.read()[-4000:])


def ours() -> dict[str, End]:
    """Return how all payments stand."""
    with reading():
        found = db.session.scalars(select(Payment)).all()
    return {
        one.reference: End(
            str(one.status), one.captured_amount, one.refunded_amount + one.refunding_amount, one.counted
        )
        for one in found
    }


def verdicts() -> Counter[str]:
    """Return what became of everything that was kept."""
    with reading():
        return Counter(map(str, db.session.scalars(select(ProviderEvent.verdict))))


def held(account: Account) -> int:
    """Return what the books have in an account."""
    with reading():
        return int(db.session.execute(select(change_of(account))).scalar_one())


def deliver_all(mail: Mail, post: Post, database_url: str, settings: dict[str, str], log: IO[str]) -> None:
    """Deliver everything, lot by lot, while the server and workers are killed; then what follows from that."""
    sent = 0
    with embedded(process_environment(database_url, **settings), log, number=1) as workers:
        while sent < DELIVERIES:
            lot = mail.lot(min(LOT, DELIVERIES))
            post.deliver(lot, kills=max(1, round(len(lot) / KILLED_IN)))
            workers.kill_one()
            sent += len(lot)
    for _ in range(3):
        with frozen(utcnow() + LATER):
            work_once()
        post.deliver(mail.rest(), kills=0)


@pytest.mark.race
def test_deliveries(
    shop: Flask,
    server: Mortal,
    stripe: StripeFake,
    daraja: Daraja,
    database_url: str,
    settings: dict[str, str],
    log: IO[str],
) -> None:
    """Nothing forged is believed, nothing of another amount applied; all books agree; the audit finds nothing."""
    chance = Random(SEED)  # noqa: S311  # any people, the same each time
    mail = Mail(Customers(Api(shop.test_client()), stripe, daraja, chance))
    post = Post(server, chance)
    deliver_all(mail, post, database_url, settings, log)
    undue = mail.customers.undue
    assert ours() == fold_cards(stripe.events, undue) | fold_phones(daraja, undue)
    assert {status for (truth, status) in post.answers if truth is Truth.FORGED} <= FORGED_ANSWERS | {0}
    assert {status for (truth, status) in post.answers if truth is Truth.TRUE} <= {200, 0}
    assert verdicts().keys() <= {str(one) for one in Verdict}
    assert verdicts()["unknown"] == 0
    assert 0 < post.answers[Truth.MISTAKEN, 200] <= verdicts()["mismatch"] <= len(mail.mistaken)
    assert {name: (end.came, end.back) for name, end in ours().items() if name in stripe.books} == stripe.books
    assert held(Account.STRIPE) == sum(came - gone for came, gone in stripe.books.values())
    assert {name: held for name, held in our_books().items() if name not in stripe.books} == daraja.books
    audit = shop.test_cli_runner().invoke(args=["audit"])
    assert (audit.exit_code, audit.output) == (0, "Everything adds up.\n")
    report(post, len(ours()), len(undue))


def report(post: Post, payments: int, undue: int) -> None:
    """Print the figures; `pytest -rP` shows them."""
    figures = {f"{truth} {status}": count for (truth, status), count in sorted(post.answers.items())}
    sent = sum(post.answers.values())
    print(f"{db.engine.dialect.name}: {sent} deliveries about {payments} payments, {undue} of them undue")
    print(figures, dict(verdicts()), f"{post.server.kills} kills")
