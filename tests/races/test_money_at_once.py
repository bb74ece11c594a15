"""Money that comes, goes back and is given up at the same moment, of the same few orders and bookings.

`MONEY_CALLS=2000 pytest -rP tests/races/test_money_at_once.py` is the long run.
"""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.kit.clock import utcnow
from app.ledger.queries import change_of
from app.models import Account, Invoice, InvoiceKind, Payment, Refund, RefundState, Role
from app.security.actor import Actor
from app.transactions import reading
from tests.conftest import make_application
from tests.factories import make_booking, make_product, make_service, make_staff, make_user, token_for
from tests.integrations.payments import daraja_fake, stripe_fake
from tests.integrations.payments.daraja_fake import Daraja
from tests.integrations.payments.mpesa.till import our_books
from tests.integrations.payments.stripe_fake import StripeFake
from tests.races.callers import SETTINGS, Arena, Call, Caller, failed, report
from tests.races.shop import ordered
from tests.races.tills import PAYMENTS, gives_back, pays, told
from tests.races.workers import workers_beside
from tests.servers import PRELOADED, Answer, raw_request, release_together, serving

CALLS = int(os.environ.get("MONEY_CALLS", "50"))
AT_ONCE, OF_EACH = 50, 10
PRICE = 120_000

Request = bytes


class Street:
    """A client who pays in all kinds of ways, and what can happen next to each of these payments."""

    def __init__(self, arena: Arena, stripe: StripeFake, daraja: Daraja) -> None:
        self.arena, self.stripe, self.daraja = arena, stripe, daraja
        self.owner, self.admin = make_user(), arena.admin
        self.client = Caller(Actor(self.owner.id, self.owner.role), token_for(self.owner))
        self.goods = make_product(CALLS, price_amount=PRICE)
        self.service, self.staff = make_service(price_amount=PRICE), make_staff()
        self.chance = Random(CALLS)  # noqa: S311  # the same street again
        self.begun = 0

    def calls(self, _nth: int) -> list[Request]:
        """Return fifty calls about five things, ten about each."""
        kinds = (self.card, self.arriving_card, self.arriving_phone, self.cash, self.visit)
        menus = [kind() for kind in kinds]
        found = [self.chance.choice(menu)() for menu in menus for _ in range(OF_EACH)]
        self.chance.shuffle(found)
        return found

    def card(self) -> list[Callable[[], Request]]:
        """An order that is paid by card: it has an invoice."""
        order_id, begun = self._begin("card")
        self.stripe.pay(begun.json["next_action"]["client_secret"])
        self._send(self._asks(begun))
        return [self._refund(begun), self._refund(begun), self._cancels_order(order_id), self._gives_up(begun)]

    def arriving_card(self) -> list[Callable[[], Request]]:
        """One that was paid this moment, of which we do not know yet."""
        order_id, begun = self._begin("card")
        self.stripe.pay(begun.json["next_action"]["client_secret"])
        event = next(one for one in reversed(self.stripe.events) if one["type"] == "payment_intent.succeeded")
        return [
            lambda: told(event),
            lambda: self._asks(begun),
            self._refund(begun),
            self._gives_up(begun),
            self._cancels_order(order_id),
        ]

    def arriving_phone(self) -> list[Callable[[], Request]]:
        """The same by M-Pesa."""
        self.begun += 1
        order_id, begun = self._begin("mpesa", phone=f"07{10_000_000 + self.begun}")
        push = self.daraja.pushed(begun.json["reference"])
        self.daraja.end(push)
        path, said = urlsplit(push.callback_url).path, self.daraja.callback(push)
        return [
            lambda: raw_request("POST", path, json=said),
            lambda: self._asks(begun),
            self._refund(begun),
            self._gives_up(begun),
            self._cancels_order(order_id),
        ]

    def cash(self) -> list[Callable[[], Request]]:
        """An order that is paid in cash, and taken back, by whoever is first."""
        order_id = self._order()
        paid = self._send(pays(self.admin, {"order_id": order_id, "amount": {"amount": PRICE // 2}}).raw(None))
        rest = pays(self.admin, {"order_id": order_id}).raw(None)
        return [lambda: rest, self._refund(paid), self._cancels_order(order_id)]

    def visit(self) -> list[Callable[[], Request]]:
        """A visit that has been paid, and is over: it is completed, cancelled, and paid back."""
        booking = make_booking(self.owner, self.service, self.staff, utcnow() - timedelta(hours=1))
        thing: dict[str, object] = {"booking_id": booking.id}
        begun = self._send(pays(self.client, thing, "card").raw(None))
        self.stripe.pay(begun.json["next_action"]["client_secret"])
        self._send(self._asks(begun))
        steps = [Call(self.admin, f"/api/bookings/{booking.id}/{step}").raw(None) for step in ("complete", "cancel")]
        return [lambda: steps[0], lambda: steps[1], self._refund(begun)]

    def _order(self) -> int:
        return ordered(self.client, {self.goods.id: 1})

    def _begin(self, method: str, **more: object) -> tuple[int, Answer]:
        order_id = self._order()
        return order_id, self._send(pays(self.client, {"order_id": order_id, **more}, method).raw(None))

    def _send(self, request: Request) -> Answer:
        (answer,) = release_together(self.arena.server.host, self.arena.server.port, [request])
        assert answer.status < 300, answer.body
        return answer

    def _asks(self, begun: Answer) -> Request:
        return Call(self.client, f"{PAYMENTS}/{begun.json['id']}/sync").raw(None)

    def _gives_up(self, begun: Answer) -> Callable[[], Request]:
        return lambda: Call(self.client, f"{PAYMENTS}/{begun.json['id']}/cancel").raw(None)

    def _cancels_order(self, order_id: int) -> Callable[[], Request]:
        return lambda: Call(self.client, f"/api/orders/{order_id}/cancel").raw(None)

    def _refund(self, begun: Answer) -> Callable[[], Request]:
        return lambda: gives_back(self.admin, begun.json["id"], self.chance.randint(1, PRICE // 3)).raw(None)


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
def app(database_url: str, stripe: StripeFake, daraja: Daraja) -> Iterator[Flask]:
    """The application beside the server, for the workers."""
    app = make_application(database_url, **SETTINGS, **stripe.environment, **daraja.environment)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def arena(app: Flask, database_url: str, stripe: StripeFake, daraja: Daraja) -> Iterator[Arena]:
    """A server that talks to both."""
    settings = SETTINGS | PRELOADED | stripe.environment | daraja.environment
    with serving(database_url, workers=2, threads=8, **settings) as server:
        yield Arena(server, app, [], Caller.signed_in(Role.ADMIN))


def payments() -> list[tuple[Payment, int]]:
    """Return all payments, with what the refunds that did not fail come to."""
    back = func.coalesce(func.sum(Refund.amount), 0)
    found = select(Payment, back).outerjoin(
        Refund, (Refund.payment_id == Payment.id) & (Refund.status != RefundState.FAILED)
    )
    with reading():
        return [(payment, int(gone)) for payment, gone in db.session.execute(found.group_by(Payment.id))]


def held(account: Account) -> int:
    """Return what the books have in an account."""
    with reading():
        return int(db.session.execute(select(change_of(account))).scalar_one())


def numbers() -> dict[InvoiceKind, list[int]]:
    """Return the numbers of each series, in order; they were all issued in one year."""
    found: dict[InvoiceKind, list[int]] = {}
    with reading():
        for kind, number in db.session.execute(select(Invoice.kind, Invoice.sequence).order_by(Invoice.sequence)):
            found.setdefault(kind, []).append(number)
    return found


@pytest.mark.race
def test_money_at_once(app: Flask, arena: Arena, stripe: StripeFake, daraja: Daraja) -> None:
    """Nobody gets back more than has come, all books agree to the cent, and no number is missing."""
    street, past = Street(arena, stripe, daraja), []
    with workers_beside(arena) as workers:
        for nth in range(max(1, CALLS // AT_ONCE)):
            calls = street.calls(nth)
            workers.begin()
            past.append(release_together(arena.server.host, arena.server.port, calls))
            workers.end()
            assert failed(past[-1]) == []
    ours = {payment.reference: (payment.captured_amount, payment.refunded_amount) for payment, _ in payments()}
    assert [payment.reference for payment, gone in payments() if gone > payment.captured_amount] == []
    assert {name: sums for name, sums in ours.items() if name in stripe.books} == stripe.books
    assert held(Account.STRIPE) == sum(came - gone for came, gone in stripe.books.values())
    assert {name: sum_ for name, sum_ in our_books().items() if name in daraja.books} == daraja.books
    assert held(Account.MPESA) == 100 * sum(daraja.books.values())
    by_hand = [sums for name, sums in ours.items() if name not in stripe.books.keys() | daraja.books.keys()]
    assert held(Account.CASH) == sum(came - gone for came, gone in by_hand)
    issued = numbers()
    assert issued.keys() >= {InvoiceKind.INVOICE, InvoiceKind.CREDIT_NOTE}
    assert all(series == [*range(1, len(series) + 1)] for series in issued.values())
    audit = app.test_cli_runner().invoke(args=["audit"])
    assert (audit.exit_code, audit.output) == (0, "Everything adds up.\n")
    report("money at once", db.engine.dialect.name, past)
    print({str(kind): len(series) for kind, series in issued.items()}, len(ours), "payments")
