"""Who may do what to an order: the truth table."""

import pytest

from app.models import Order, Role
from app.orders.permissions import may_cancel, may_fulfil, may_order_for_others
from app.security.actor import Actor

ME, OTHER = 1, 2


@pytest.mark.parametrize(
    ("role", "cancels_others", "fulfils"),
    [(Role.CLIENT, False, False), (Role.OWNER, False, False), (Role.STAFF, False, True), (Role.ADMIN, True, True)],
)
def test_who_may(role: Role, cancels_others: bool, fulfils: bool) -> None:
    actor = Actor(ME, role)
    assert may_cancel(actor, Order(client_id=ME))
    assert may_cancel(actor, Order(client_id=OTHER)) is cancels_others
    assert may_cancel(actor, Order(client_id=None)) is cancels_others
    assert may_fulfil(actor) is may_order_for_others(actor) is fulfils
