"""Without a guard of money: whoever saw what is owed, or left, pays it, or gives it back."""

from typing import Any

from app.extensions import db
from app.models import Order, Payment
from app.orders.service import get_order, paid
from app.payments.bills import of_order
from app.payments.service import beginning, returning
from app.security.actor import Actor
from tests.races.unguarded.leaving_out import Function, go_on_with, instead_of, looking


@instead_of(beginning, "lock_visible", "bill")
def look_at_the_bill(_real: Function, actor: Actor, *, booking_id: int | None, order_id: int | None) -> Any:
    """Look what is owed, and let go."""
    with looking():
        return None if order_id is None else of_order(get_order(actor, order_id))


@instead_of(paid, "lock_any_order", "bill")
def count_what_was_seen(_real: Function, order_id: int) -> Order:
    """Go on with the order as it was read; the version counter does not notice."""
    order = db.session.get_one(Order, order_id)
    go_on_with(order)
    return order


@instead_of(returning, "lock_payment", "payment")
def look_at_the_payment(_real: Function, payment_id: int) -> Any:
    """Look how much is left of it, and let go."""
    with looking():
        payment = db.session.get_one(Payment, payment_id)
    return None, payment
