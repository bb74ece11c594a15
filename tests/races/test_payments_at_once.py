"""Fifty callers pay for the same thing, give the same money back, or tell the same, at the same moment."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from app.extensions import db
from app.integrations.payments.places import PLACES
from app.kit.clock import utcnow
from app.models import BookingStatus, DepositType, PaymentState, Role
from tests.conftest import make_application
from tests.databases import Copy
from tests.factories import make_product, make_service, make_working_staff
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_fake import serving as stripe_serving
from tests.papers import leave_papers_blank
from tests.races.bookings import booked
from tests.races.callers import CALLERS, ROUNDS, SETTINGS, Arena, Call, Caller, failed, outcomes, report, slot
from tests.races.conftest import beside
from tests.races.shop import ordered
from tests.races.tills import (
    PAYMENTS,
    booking_of,
    entries_of,
    gives_back,
    let_expire,
    payments_of,
    pays,
    refunds_of,
    told,
    wrong_money,
)
from tests.races.workers import workers_beside
from tests.servers import PRELOADED, Answer, release_together, serving

PRICE = 1200
SOME = 100
MOMENT, MOMENTS = timedelta(milliseconds=15), 8
"""A booking expires at so many different moments about that at which its money comes."""


@pytest.fixture(autouse=True)
def papers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave those blank that the workers beside the server draw."""
    leave_papers_blank(monkeypatch)


class Tab:
    """An order of 1,200 of the first client's, and what was paid for it, new for each round."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.owner = arena, arena.clients[0]
        self.order = self.payment = 0

    def renew(self) -> dict[str, object]:
        """Order."""
        self.order = ordered(self.owner, {make_product(1, price_amount=PRICE).id: 1})
        return {"order_id": self.order}

    def in_cash(self, _nth: int) -> list[Call]:
        """PAY-51: all of them record the same money."""
        return [pays(self.arena.admin, self.renew())] * CALLERS

    def back(self, _nth: int) -> list[Call]:
        """All of them give some back."""
        (answer,) = self.arena.release([pays(self.arena.admin, self.renew())])
        self.payment = answer.json["id"]
        return [gives_back(self.arena.admin, self.payment, SOME)] * CALLERS

    def by_card(self, nth: int, key: str) -> list[Call]:
        """Fifty requests for one payment by card; `key` names the nth."""
        thing = self.renew()
        return [pays(self.owner, thing, "card", key.format(nth=nth, one=one)) for one in range(CALLERS)]


@pytest.mark.race
def test_recorded_once(guarded: Arena) -> None:
    """PAY-51: one payment; all others hear that nothing is due."""
    tab = Tab(guarded)
    for answers in guarded.rounds("cash", tab.in_cash):
        assert outcomes(answers) == {(201, ""): 1, (409, "nothing_due"): CALLERS - 1}
        (payment,) = payments_of(order_id=tab.order)
        assert (payment.captured_amount, entries_of(payment.id), wrong_money()) == (PRICE, 1, [])


@pytest.mark.race
def test_given_back_as_often_as_it_lasts(guarded: Arena) -> None:
    """Twelve times a hundred of 1,200, and never more."""
    tab, lasts = Tab(guarded), PRICE // SOME
    for answers in guarded.rounds("refunds", tab.back):
        assert outcomes(answers) == {(201, ""): lasts, (409, "refund_exceeds_payment"): CALLERS - lasts}
        assert (refunds_of(tab.payment), wrong_money()) == ([SOME] * lasts, [])


@pytest.mark.race
def test_without_the_lock_it_is_paid_twice(unguarded: Arena) -> None:
    """The control: look what is owed, let go, and write that it was paid."""
    tab = Tab(unguarded)

    def is_wrong(answers: list[Answer]) -> bool:
        return bool(failed(answers)) or len(payments_of(order_id=tab.order)) > 1

    assert unguarded.catches("bill", tab.in_cash, is_wrong)


@pytest.mark.race
def test_without_the_lock_too_much_goes_back(unguarded: Arena) -> None:
    """The control: look how much is left, let go, and give some back: the sums are wrong, or the database refuses."""
    tab = Tab(unguarded)

    def is_wrong(answers: list[Answer]) -> bool:
        return bool(failed(answers) or wrong_money()) or sum(refunds_of(tab.payment)) > PRICE

    assert unguarded.catches("payment", tab.back, is_wrong)


@pytest.fixture(scope="module")
def stripe() -> Iterator[StripeFake]:
    """Stripe."""
    with stripe_serving(StripeFake()) as fake:
        yield fake


@pytest.fixture(scope="module")
def paying(new_database: Callable[[str], Copy], dialect: str, stripe: StripeFake) -> Iterator[Arena]:
    """A server that talks to Stripe, one for all of these tests, and the application beside it, for the workers."""
    url, settings = new_database(dialect).url, SETTINGS | stripe.environment
    app = make_application(url, **settings)
    with serving(url, workers=2, threads=8, **settings, **PRELOADED) as server:
        with app.app_context():
            clients, admin = [Caller.signed_in()], Caller.signed_in(Role.ADMIN)
        yield Arena(server, app, clients, admin)
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def arena(paying: Arena) -> Iterator[Arena]:
    """The same; the test and its factories have a session beside it."""
    with beside(paying):
        yield paying


@pytest.mark.race
def test_one_key(arena: Arena, stripe: StripeFake) -> None:
    """PAY-02: one payment, begun once at the provider; all others have its answer, or hear that it is on its way."""
    tab, before = Tab(arena), len(stripe.intents)
    for nth, answers in enumerate(arena.rounds("one key", lambda nth: tab.by_card(nth, "key-{nth}"))):
        assert set(outcomes(answers)) <= {(201, ""), (409, "request_in_progress")}
        assert len({answer.body for answer in answers if answer.status == 201}) == 1
        (payment,) = payments_of(order_id=tab.order)
        assert payment.status is PaymentState.REQUIRES_ACTION
        assert len(stripe.intents) == before + nth + 1


@pytest.mark.race
def test_two_tabs(arena: Arena, stripe: StripeFake) -> None:
    """PAY-29: each with a key of its own; one payment waits, all others hear of it."""
    tab, before = Tab(arena), len(stripe.intents)
    for nth, answers in enumerate(arena.rounds("two tabs", lambda nth: tab.by_card(nth, "key-{nth}-{one}"))):
        assert outcomes(answers) == {(201, ""): 1, (409, "payment_in_progress"): CALLERS - 1}
        assert len(payments_of(order_id=tab.order)) == 1
        assert len(stripe.intents) == before + nth + 1


@pytest.mark.race
def test_told_and_asked(arena: Arena, stripe: StripeFake) -> None:
    """PAY-15: Stripe tells while the client asks: one capture, and everybody hears 200."""
    tab, past = Tab(arena), []
    for _ in range(ROUNDS):
        (begun,) = arena.release([pays(tab.owner, tab.renew(), "card")])
        stripe.pay(begun.json["next_action"]["client_secret"])
        event = next(one for one in stripe.events if one["type"] == "payment_intent.succeeded" and _is_of(one, begun))
        ask = Call(tab.owner, f"{PAYMENTS}/{begun.json['id']}/sync").raw(None)
        other = event | {"id": f"{event['id']}again"}
        both = [ask, *[told(event), told(other)] * 2] * PLACES  # all who ask may wait, whichever process they come to
        past.append(release_together(arena.server.host, arena.server.port, both))
        assert outcomes(past[-1]) == {(200, ""): len(both)}
        (payment,) = payments_of(order_id=tab.order)
        assert (payment.status, payment.captured_amount) == (PaymentState.SUCCEEDED, PRICE)
        assert (entries_of(payment.id), wrong_money()) == (1, [])
    report("told/asked", db.engine.dialect.name, past)


@pytest.mark.race
def test_refunded_and_told(arena: Arena, stripe: StripeFake) -> None:
    """PAY-55: an admin gives money back while Stripe tells of that refund: there is one."""
    tab, past = Tab(arena), []
    with workers_beside(arena) as workers:
        for _ in range(ROUNDS):
            (begun,) = arena.release([pays(tab.owner, tab.renew(), "card")])
            stripe.pay(begun.json["next_action"]["client_secret"])
            arena.release([Call(tab.owner, f"{PAYMENTS}/{begun.json['id']}/sync")])
            seen = len(stripe.events)
            workers.begin()
            (made,) = arena.release([gives_back(arena.admin, begun.json["id"], SOME)])
            news = [told(event) for event in stripe.events[seen:]] * 4
            past.append(release_together(arena.server.host, arena.server.port, news))
            workers.end()
            assert (made.status, outcomes(past[-1])) == (201, {(200, ""): len(news)})
            assert (refunds_of(begun.json["id"]), wrong_money()) == ([SOME], [])
    report("refund/told", db.engine.dialect.name, past)


@pytest.mark.race
def test_paid_or_expired(arena: Arena, stripe: StripeFake) -> None:
    """PAY-33: money comes at the moment at which the booking expires: confirmed and paid, or all of it goes back.

    `RACE_ROUNDS=500` is the long run.
    """
    service = make_service(deposit_type=DepositType.FIXED, deposit_value=1000)
    staff, owner, past = make_working_staff(service), arena.clients[0], []
    with workers_beside(arena) as workers:
        for nth in range(max(ROUNDS, MOMENTS)):
            booking_id = booked(owner, service, staff, slot(nth))
            (begun,) = arena.release([pays(owner, {"booking_id": booking_id}, "card")])
            seen = len(stripe.events)
            stripe.pay(begun.json["next_action"]["client_secret"])
            workers.begin()
            let_expire(booking_id, utcnow() + MOMENT * (nth % MOMENTS))
            news = [told(event) for event in stripe.events[seen:]]
            past.append(release_together(arena.server.host, arena.server.port, news))
            time.sleep((MOMENT * MOMENTS).total_seconds())
            workers.end()
            (payment,) = payments_of(booking_id=booking_id)
            assert payment.status is PaymentState.SUCCEEDED
            if payment.counted:
                assert booking_of(booking_id) == (BookingStatus.CONFIRMED, 1000)
            else:
                assert booking_of(booking_id) == (BookingStatus.EXPIRED, 0)
                assert payment.refunded_amount == 1000
            assert wrong_money() == []
    report("paid/expired", db.engine.dialect.name, past)


def _is_of(event: dict[str, object], begun: Answer) -> bool:
    return begun.json["reference"] in str(event)
