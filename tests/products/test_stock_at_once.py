"""One shelf, and many threads that take from it at the same moment, each on its own connection; and a control without
the guard, which must be caught."""

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import BULK, business, db
from app.kit.errors import Refusal
from app.models import Channel, Order, Product, User
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.products import recount, stock
from app.products.low_stock import Change, Counters
from app.products.stock import Because
from app.security.actor import Actor
from app.transactions import reading, transaction
from tests.factories import make_booking, make_product, make_service, make_staff, make_user

CALLERS = 8
ROUNDS = 5
WAIT = 0.3
"""Seconds for which somebody waits for what another changes."""

Act = Callable[[int], Any]


def at_once(app: Flask, act: Act) -> Counter[str]:
    """Let all callers act at the same moment; count what they were answered."""
    barrier = Barrier(CALLERS)

    def call(number: int) -> str:
        with app.app_context():
            barrier.wait()
            try:
                with transaction():
                    act(number)
            except Refusal as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(call, range(CALLERS)))


def make_orders(client: User) -> list[int]:
    """Write an empty order for each caller to act for; return their ids."""
    amounts = dict.fromkeys(("subtotal_amount", "tax_amount", "total_amount"), 0)
    fields = {"channel": Channel.ONLINE, "client_id": client.id, "currency": business.currency} | amounts
    orders = [Order(reference=f"OR-{client.id}-{number}", **fields) for number in range(CALLERS)]
    with transaction():
        db.session.add_all(orders)
    return [order.id for order in orders]


def counters(product: Product) -> tuple[int, int]:
    """Return what is on hand and what is reserved."""
    with reading():
        on_hand, reserved = db.session.query(Product.on_hand, Product.reserved).filter_by(id=product.id).one()
    return on_hand, reserved


def off() -> list[str]:
    """Return what the audit says of counters and balances."""
    with reading():
        return [*recount.find_wrong_counters(), *recount.find_broken_balances()]


several_rounds = pytest.mark.parametrize("nth", range(ROUNDS))


@several_rounds
def test_the_last_bottles_are_promised_once(app: Flask, nth: int) -> None:
    """Of eight who want two of five, two get them."""
    product, orders = make_product(5), make_orders(make_user())
    said = at_once(app, lambda n: stock.reserve({product.id: 2}, Because(order_id=orders[n])))
    assert (said, counters(product)) == ({"done": 2, "out_of_stock": 6}, (5, 4))
    assert off() == []


def test_the_control_sells_more_than_there_is(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes down what it has seen, less what it takes, is caught by the audit."""
    product, orders = make_product(5), make_orders(make_user())

    def write_what_was_seen(changes: dict[int, Change]) -> dict[int, Counters]:
        change = changes[product.id]
        after = Counters(product.on_hand + change.on_hand, product.reserved + change.reserved, product.reorder_level)
        these = update(Product).where(Product.id == product.id)
        db.session.execute(these.values(on_hand=after.on_hand, reserved=after.reserved).execution_options(**BULK))
        return {product.id: after}

    monkeypatch.setattr(stock, "_change_counters", write_what_was_seen)
    said = at_once(app, lambda n: stock.reserve({product.id: 2}, Because(order_id=orders[n])))
    assert said == {"done": CALLERS}  # sixteen of five
    assert counters(product) == (5, 2)
    assert any(f"product {product.id} " in line and "make 5 and 16" in line for line in off())
    assert any("by the one before it and its change" in line for line in off())


@several_rounds
def test_everything_or_nothing_whatever_the_order(app: Flask, nth: int) -> None:
    """Baskets of the same products, named in every order: nobody waits in a circle, and nothing is half reserved."""
    products, orders = [make_product(3) for _ in range(4)], make_orders(make_user())

    def take(number: int) -> None:
        basket = [one.id for one in random.sample(products, 4)]
        stock.reserve(dict.fromkeys(basket, 1), Because(order_id=orders[number]))

    assert at_once(app, take) == {"done": 3, "out_of_stock": 5}
    assert {counters(product) for product in products} == {(3, 3)}
    assert off() == []


@several_rounds
def test_a_count_while_others_take(app: Flask, nth: int) -> None:
    """What is promised while somebody counts is neither lost nor promised again."""
    product, orders = make_product(10), make_orders(make_user())

    def act(number: int) -> None:
        if number == 0:
            stock.count(product.id, 6, Because(reason="counted"))
        else:
            stock.reserve({product.id: 1}, Because(order_id=orders[number]))

    said = at_once(app, act)
    if said["stock_reserved"]:  # all seven came first
        assert (said, counters(product)) == ({"done": 7, "stock_reserved": 1}, (10, 7))
    else:
        assert (said, counters(product)) == ({"done": 7, "out_of_stock": 1}, (6, 6))
    assert off() == []


def test_deliveries_and_breakages(app: Flask) -> None:
    """Every delta counts, in any order."""
    product = make_product(100)
    said = at_once(app, lambda n: stock.adjust(product.id, n + 1 if n % 2 else -(n + 1), Because(reason="moved")))
    assert (said, counters(product)) == ({"done": CALLERS}, (100 + 4, 0))
    assert off() == []


def meanwhile(app: Flask, change: Callable[[], Any], act: Callable[[], Any]) -> str:
    """Change something, and let somebody else act before it is committed; return what that one was answered."""

    def call() -> str:
        with app.app_context():
            try:
                with transaction():
                    act()
            except Refusal as refusal:
                return refusal.code
            return "done"

    with ThreadPoolExecutor(1) as pool:
        with transaction():
            change()
            db.session.flush()
            called = pool.submit(call)
            time.sleep(WAIT)
        return called.result()


def test_whoever_waits_for_a_delivery_has_it(app: Flask) -> None:
    """What was committed during the wait counts: nobody is told that there are ten of the one it wants."""
    product, order = make_product(0), make_orders(make_user())[0]
    said = meanwhile(
        app,
        lambda: stock.adjust(product.id, 10, Because(reason="receipt")),
        lambda: stock.reserve({product.id: 1}, Because(order_id=order)),
    )
    assert (said, counters(product)) == ("done", (10, 1))
    assert off() == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [({"active": False}, "not_available"), ({"price_amount": 99_999}, "price_changed")],
    ids=["retired", "repriced"],
)
def test_whoever_waits_sees_what_has_changed(app: Flask, change: dict[str, Any], expected: str) -> None:
    """What is retired, or costs something else, when its turn has come, is not ordered; nothing is kept."""
    product, client = make_product(10), make_user()
    wanted = Wanted([Item(product.id, 1, product.price)])
    these = update(Product).where(Product.id == product.id).values(change)
    said = meanwhile(
        app,
        lambda: db.session.execute(these.execution_options(**BULK)),
        lambda: place_order(actor=Actor(client.id, client.role), wanted=wanted),
    )
    assert (said, counters(product)) == (expected, (10, 0))
    assert off() == []


def test_one_bottle_is_used_by_one(app: Flask) -> None:
    """The others are told what was missing; nobody is refused, and nothing is used twice."""
    product, service, staff = make_product(3), make_service(), make_staff()
    client = make_user()
    bookings = [make_booking(client, service, staff, product.created_at).id for _ in range(CALLERS)]
    missing: list[int] = []

    def use(number: int) -> None:
        missing.extend(stock.consume({product.id: 1}, Because(booking_id=bookings[number])).values())

    assert at_once(app, use) == {"done": CALLERS}
    assert (counters(product), missing) == ((0, 0), [1] * 5)
    assert off() == []
