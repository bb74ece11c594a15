"""Goods that come back, as a refund will let them."""

import pytest

from app.kit.errors import Invalid, NotFound, Refusal
from app.models import MOST_STOCK, Product, ProductKind, Role, User
from app.orders import service
from app.orders.errors import InvalidTransition
from app.products import stock
from app.products.errors import TooMuchStock
from app.security.actor import Actor
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_product
from tests.orders.till import everything, fulfil, order, sell, steps_of, stock_of


def give_back(clerk: User, order_id: int, *goods: tuple[Product, int]) -> None:
    """Let them come back."""
    with transaction():
        quantities = {product.id: quantity for product, quantity in goods}
        service.take_back(Actor(clerk.id, Role.STAFF), order_id, quantities, reason="Leaks")


def test_in_parts(api: Api, clerk: User) -> None:
    """As often as wished, no more than was sold; the history says so."""
    oil, comb = make_product(9), make_product(9)
    sold = sell(api, clerk, (oil, 3), (comb, 1)).json["id"]
    give_back(clerk, sold, (oil, 1))
    give_back(clerk, sold, (oil, 2), (comb, 1))
    assert stock_of(oil, comb) == [(9, 0), (9, 0)]
    assert steps_of(api, clerk, sold) == ["sell", "return", "return"]


def test_what_does_not_come_back(api: Api, ada: User, clerk: User) -> None:
    """More than is outside, what was never sold, what is in the house, cards, and nothing at all."""
    oil, comb, card = make_product(9), make_product(9), make_product(kind=ProductKind.GIFT_CARD)
    sold = sell(api, clerk, (oil, 3), (card, 1)).json["id"]
    waiting = order(api, ada, (oil, 1)).json["id"]
    give_back(clerk, sold, (oil, 1))
    before = everything()
    refusals: list[tuple[int, tuple[Product, int], type[Refusal]]] = [
        (sold, (oil, 3), Invalid),
        (sold, (oil, 0), Invalid),
        (sold, (oil, -1), Invalid),
        (sold, (comb, 1), Invalid),
        (sold, (card, 1), Invalid),
        (waiting, (oil, 1), InvalidTransition),
        (2**40, (oil, 1), NotFound),
    ]
    for order_id, goods, refusal in refusals:
        with pytest.raises(refusal):
            give_back(clerk, order_id, goods)
    assert everything() == before
    fulfil(api, clerk, waiting, "fulfilled")
    give_back(clerk, waiting, (oil, 1))
    assert stock_of(oil) == [(7, 0)]


def test_what_has_no_shelf(api: Api, clerk: User) -> None:
    """Of what is not tracked nothing would say how often it came back: it does not."""
    tea = make_product(tracked=False)
    sold = sell(api, clerk, (tea, 2)).json["id"]
    before = everything()
    with pytest.raises(Invalid):
        give_back(clerk, sold, (tea, 1))
    assert everything() == before


def test_a_full_shelf(api: Api, clerk: User) -> None:
    """What would make more than there can be is refused, and nothing changes."""
    oil = make_product(MOST_STOCK)
    sold = sell(api, clerk, (oil, 1)).json["id"]
    with transaction():
        stock.receive({oil.id: 1}, stock.Because(reason="receipt"))
    before = everything()
    with pytest.raises(TooMuchStock):
        give_back(clerk, sold, (oil, 1))
    with pytest.raises(TooMuchStock), transaction():
        stock.receive({oil.id: 1}, stock.Because(reason="receipt"))
    assert everything() == before
