"""The demo's money is believable: paid in every way that needs no provider, in part owed, in part given back."""

from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.commands import CHECKS
from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingStatus, Invoice, InvoiceKind, Payment, Refund
from app.transactions import reading


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_the_books(app: Flask) -> None:
    """Deposits, what was left, a gift card, something brought back; nothing was paid in the future; it adds up."""
    with reading():
        payments = db.session.scalars(select(Payment)).all()
        kinds = Counter(db.session.scalars(select(Invoice.kind)))
        returned = db.session.execute(select(func.count()).select_from(Refund)).scalar_one()
        done = db.session.scalars(select(Booking).where(Booking.status == BookingStatus.COMPLETED)).all()
        wrong = [line for checks in CHECKS.values() for check in checks for line in check()]
    assert wrong == []
    assert {one.method.value for one in payments} == {"cash", "card_terminal", "gift_card", "mpesa"}
    assert {one.purpose.value for one in payments} == {"deposit", "balance", "full"}
    assert max(one.created_at for one in payments) <= clock.utcnow()
    assert (returned, kinds[InvoiceKind.CREDIT_NOTE]) == (1, 1)
    assert kinds[InvoiceKind.INVOICE] >= len(done) >= 60
    owed = [one for one in done if one.balance_due.amount]
    assert 0 < len(owed) < len(done) / 5
