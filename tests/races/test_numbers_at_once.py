"""Fifty invoices, or one invoice fifty times, at the same moment: a number each, and no gap between them."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kit.clock import utcnow
from app.models import Invoice, InvoiceKind, InvoiceSeries, PaymentMethod
from app.transactions import reading
from tests.factories import make_booking, make_service, make_staff, make_user, make_visit
from tests.ledger.money import bill, found_wrong, pay
from tests.races.callers import CALLERS, Arena, Call, failed, outcomes, won
from tests.servers import Answer

REFUND = "/api/payments/refund"


class Visits:
    """Visits that have begun, each with a staff member of its own, new ones for each round."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.client = arena, make_user()
        self.service = make_service()

    def begun(self) -> int:
        """Write one, and return its id."""
        return make_booking(self.client, self.service, make_staff(), utcnow() - timedelta(hours=1)).id

    def each(self, _nth: int) -> list[Call]:
        """INV-01: fifty are completed."""
        return [self.complete(self.begun()) for _ in range(CALLERS)]

    def one(self, _nth: int) -> list[Call]:
        """INV-03: one is completed by fifty."""
        return [self.complete(self.begun())] * CALLERS

    def complete(self, booking_id: int) -> Call:
        """Return the call by which a visit is completed."""
        return Call(self.arena.admin, f"/api/bookings/{booking_id}/complete")

    def refunds(self, _nth: int) -> list[Call]:
        """INV-07: what was paid for one is refunded, all of it, by fifty."""
        booking = make_visit(self.client, self.service, staff=make_staff())
        payment = pay(booking, booking.total_amount, PaymentMethod.CASH)
        bill(booking)
        return [Call(self.arena.admin, REFUND, {"payment_id": payment.id, "reason": "Sorry."})] * CALLERS


def numbers(kind: InvoiceKind = InvoiceKind.INVOICE) -> list[int]:
    """Return the numbers of a series, in order; they were all issued in one year."""
    with reading():
        return list(db.session.scalars(select(Invoice.sequence).where(Invoice.kind == kind).order_by(Invoice.sequence)))


def gaps() -> list[str]:
    """Return what the audit says of numbers."""
    return [line for line in found_wrong() if "counter" in line]


@pytest.mark.race
def test_fifty_invoices(guarded: Arena) -> None:
    """INV-01: numbers unique and without a gap."""
    visits, before = Visits(guarded), len(numbers())
    for answers in guarded.rounds("fifty invoices", visits.each):
        assert outcomes(answers) == {(200, ""): CALLERS}
        before += CALLERS
        assert numbers() == list(range(1, before + 1))
        assert gaps() == []


@pytest.mark.race
def test_one_invoice(guarded: Arena) -> None:
    """INV-03: whoever completes it, it is billed once; what was refused has taken no number."""
    visits = Visits(guarded)
    for answers in guarded.rounds("one invoice", visits.one):
        before = len(numbers())
        assert outcomes(answers) == {(200, ""): 1, (409, "invalid_transition"): CALLERS - 1}
        assert numbers() == list(range(1, before + 1))
        assert gaps() == []


@pytest.mark.race
def test_one_credit_note(guarded: Arena) -> None:
    """INV-07: of fifty who refund all of it one does, and there is one credit note."""
    visits, before = Visits(guarded), len(numbers(InvoiceKind.CREDIT_NOTE))
    for answers in guarded.rounds("one credit note", visits.refunds):
        assert (len(won(answers)), {answer.status for answer in answers}) == (1, {201, 409})
        before += 1
        assert numbers(InvoiceKind.CREDIT_NOTE) == list(range(1, before + 1))
        assert found_wrong() == []


@pytest.mark.race
def test_without_the_counter_numbers_collide(unguarded: Arena) -> None:
    """The control: look for the highest number, let go, and take the next; two take the same, and one of them fails."""
    visits = Visits(unguarded)

    def is_wrong(answers: list[Answer]) -> bool:
        return bool(failed(answers))

    assert unguarded.catches("numbers", visits.each, is_wrong)
    with reading():
        assert db.session.scalars(select(InvoiceSeries)).all() == []
