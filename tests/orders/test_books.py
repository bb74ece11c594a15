"""Random days of a shop against the same days on paper: every counter, every movement, every order, every refusal.

`OPERATIONS=20000 pytest tests/orders/test_books.py` is the long run; `BOOKS_SEED` chooses another one. A difference
says at which operation of which seed it came up.
"""

import os
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.commands import CHECKS
from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.kit.errors import Refusal
from app.models import BookingStatus, FulfilmentStatus, Order, Product, Role, SaleMethod, StockMovement
from app.orders import service as orders
from app.orders.basket import Item
from app.products import stock
from app.sales import service as sales
from app.security.actor import Actor
from app.transactions import reading, transaction
from tests.factories import make_booking, make_product, make_service, make_staff, make_user
from tests.orders.paper import RANK, Basket, Paper
from tests.orders.till import NOW

OPERATIONS = int(os.environ.get("OPERATIONS", "250"))
SEED = int(os.environ.get("BOOKS_SEED", "1"))
PRODUCTS = 6
LOOK_EVERY = 100
RECENT = 40
"""Orders among which one is chosen to do something with."""


class Shop:
    """The application, and the paper beside it."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # the same days again, if wished
        self.products = [make_product(price_amount=100 + n).id for n in range(PRODUCTS)]
        self.paper = Paper({product: 100 + n for n, product in enumerate(self.products)})
        self.client, self.clerk = make_user(), Actor(make_user(Role.STAFF).id, Role.STAFF)
        self.admin = Actor(make_user(Role.ADMIN).id, Role.ADMIN)
        self.service, self.staff = make_service(), make_staff()
        db.session.expunge_all()
        self.deeds: list[tuple[Callable[[], None], int]] = [
            (self.order, 30),
            (self.cancel, 8),
            (self.pass_time, 10),
            (self.sell, 10),
            (self.pay, 8),
            (self.fulfil, 12),
            (self.take_back, 6),
            (self.correct, 8),
            (self.count, 3),
            (self.consume, 5),
        ]

    def do_something(self) -> None:
        """Do one random thing, here and on paper."""
        deeds, weights = zip(*self.deeds, strict=True)
        with clock.frozen(NOW + timedelta(minutes=self.paper.now)):
            self.random.choices(deeds, weights)[0]()

    def order(self) -> None:
        """A client orders."""
        basket, expected = self._basket()
        wanted = orders.Wanted(self._items(basket))
        said, made = self._try(lambda: orders.place_order(actor=Actor(self.client.id, Role.CLIENT), wanted=wanted).id)
        assert said == expected
        if made is not None:
            self.paper.place(made, basket)

    def sell(self) -> None:
        """Somebody buys over the counter."""
        basket, expected = self._basket()
        wanted = sales.Wanted(self._items(basket), SaleMethod.CASH)
        said, made = self._try(lambda: sales.sell(actor=self.clerk, wanted=wanted).id)
        assert said == expected
        if made is not None:
            self.paper.sell(made, basket)

    def cancel(self) -> None:
        """Something is cancelled."""
        order = self._some_order()
        if order:
            said, _ = self._try(lambda: orders.cancel(self.admin, order))
            assert said == self.paper.cancel(order)

    def fulfil(self) -> None:
        """Something is put aside, or fetched."""
        order, come = self._some_order(), self.random.choice(RANK)
        if order:
            said, _ = self._try(lambda: orders.fulfil(self.clerk, order, FulfilmentStatus(come)))
            assert said == self.paper.fulfil(order, come)

    def pay(self) -> None:
        """Money comes, sometimes too little or too much."""
        order = self._some_order()
        if order:
            entry = self.paper.orders[order]
            amount = max(
                1, self.random.choice([1, entry.total - entry.paid, entry.total - entry.paid, entry.total + 1])
            )
            _, settlement = self._try(lambda: orders.record_payment(order, amount))
            assert settlement == self.paper.pay(order, amount)

    def take_back(self) -> None:
        """Something is brought back."""
        order = self._some_order()
        if order:
            product, units = self.random.choice([*self.paper.orders[order].basket]), self.random.randint(1, 3)
            said, _ = self._try(lambda: orders.take_back(self.clerk, order, {product: units}))
            assert said == self.paper.take_back(order, product, units)

    def correct(self) -> None:
        """Somebody corrects what lies on the shelf; more comes than goes."""
        product, delta = self.random.choice(self.products), self.random.randint(-6, 14)
        said, _ = self._try(lambda: stock.adjust(product, delta, stock.Because(reason="A look")))
        assert said == self.paper.adjust(product, delta)

    def count(self) -> None:
        """Somebody counts."""
        product, units = self.random.choice(self.products), self.random.randint(0, 20)
        said, _ = self._try(lambda: stock.count(product, units, stock.Because(reason="Counted")))
        assert said == self.paper.adjust(product, units - self.paper.shelf[product][0])

    def consume(self) -> None:
        """Work uses something up."""
        product, units = self.random.choice(self.products), self.random.randint(1, 4)
        visit = make_booking(self.client, self.service, self.staff, NOW, status=BookingStatus.COMPLETED)
        _, missing = self._try(lambda: stock.consume({product: units}, stock.Because(booking_id=visit.id)))
        expected = self.paper.consume(product, units)
        assert missing == ({product: expected} if expected else {})

    def pass_time(self) -> None:
        """Time passes; the worker may come by, or not."""
        self.paper.now += self.random.choice([1, 5, 10, 29, 30, 31])
        if self.random.random() < 0.5:
            with clock.frozen(NOW + timedelta(minutes=self.paper.now)):
                work_once()
            self.paper.sweep()

    def compare(self) -> None:
        """Look at everything: the shelves, each movement, and where every order stands."""
        with reading():
            shelves = {one: [on_hand, reserved] for one, on_hand, reserved in db.session.execute(SHELVES)}
            ledger = defaultdict(list)
            for product, *line in db.session.execute(LEDGER):
                ledger[product].append(tuple(line))
            now = NOW + timedelta(minutes=self.paper.now)
            found = db.session.scalars(select(Order)).all()
            standing = {one.id: (one.status_at(now), one.fulfilment_status, one.paid_amount) for one in found}
        assert shelves == {one: self.paper.shelf[one] for one in self.products}
        assert {one: ledger[one] for one in self.products} == {one: self.paper.ledger[one] for one in self.products}
        papers = self.paper.orders.items()
        assert standing == {key: (self.paper.status(one), one.come, one.paid) for key, one in papers}

    def _basket(self) -> tuple[Basket, str | None]:
        """Return something to ask for, by product id, and why it cannot be had, if it cannot."""
        chosen = sorted(self.random.sample(self.products, self.random.randint(1, 3)))
        basket = {product: self.random.randint(1, 5) for product in chosen}
        return basket, self.paper.why_not_taken(basket)

    def _items(self, basket: Basket) -> list[Item]:
        """Return its items in any order, one of them perhaps in two parts."""
        items = [Item(product, units) for product, units in basket.items()]
        first = items[0]
        if first.quantity > 1 and self.random.random() < 0.3:
            items = [Item(first.called, 1), *items[1:], Item(first.called, first.quantity - 1)]
        self.random.shuffle(items)
        return items

    def _some_order(self) -> int:
        """Return a recent order, or 0 where there is none."""
        return self.random.choice([*self.paper.orders][-RECENT:] or [0])

    def _try(self, act: Callable[[], Any]) -> tuple[str | None, Any]:
        """Return the code of a refusal, or what was done."""
        try:
            with transaction():
                return None, act()
        except Refusal as refusal:
            return refusal.code, None
        finally:
            db.session.expunge_all()


SHELVES = select(Product.id, Product.on_hand, Product.reserved)
LEDGER = select(
    StockMovement.product_id,
    StockMovement.kind,
    StockMovement.on_hand_change,
    StockMovement.reserved_change,
    StockMovement.on_hand_after,
    StockMovement.reserved_after,
    StockMovement.shortfall,
).order_by(StockMovement.id)


def off_by_audit() -> list[str]:
    """Return what `flask audit` finds."""
    with reading():
        return [line for checks in CHECKS.values() for check in checks for line in check()]


@pytest.mark.parametrize("seed", [SEED])
def test_the_books_are_those_on_paper(app: Flask, seed: int) -> None:
    """No difference at any operation, and nothing for the audit to say."""
    shop = Shop(seed)
    for nth in range(OPERATIONS):
        try:
            shop.do_something()
            if nth % LOOK_EVERY == 0:
                shop.compare()
        except AssertionError as difference:
            raise AssertionError(f"operation {nth} of seed {seed}") from difference
    shop.compare()
    assert off_by_audit() == []
    kinds = {line[0] for lines in shop.paper.ledger.values() for line in lines}
    assert kinds == {"correction", "reservation", "release", "sale", "return", "consumption"}
