"""Fifty callers want the same goods, or something of the same order, at the same moment."""

import time
from datetime import timedelta
from random import Random

import pytest

from app.extensions import db
from app.kit.clock import utcnow
from app.models import OrderStep
from tests.factories import make_product
from tests.races.callers import CALLERS, Arena, Call, Caller, failed, outcomes, won
from tests.races.shop import ORDERS, let_lapse, ordered, promised, shelf, steps_of, wants, wrong_books
from tests.races.workers import workers_beside
from tests.servers import Answer

HALF = CALLERS // 2
PLENTY = 100_000
LAPSED, TAKERS = 6, 10
"""Units that overdue orders keep, and callers who want one."""

MOMENT, MOMENTS = timedelta(milliseconds=15), 8
"""An order ends at so many different moments about that at which those arrive who cancel it."""


class Goods:
    """So many products with so many units each, new ones for each round."""

    def __init__(self, arena: Arena, units: int, products: int = 1) -> None:
        self.arena, self.units, self.products = arena, units, products
        self.ids: list[int] = []

    def renew(self) -> list[int]:
        """Put new ones on the shelf."""
        self.ids = [make_product(self.units).id for _ in range(self.products)]
        return self.ids

    def the_last(self, _nth: int) -> list[Call]:
        """ST-01: fifty want one of it."""
        (product,) = self.renew()
        return [wants(client, {product: 1}) for client in self.arena.clients]

    def crosswise(self, _nth: int) -> list[Call]:
        """Half want the one and then the other, half the other and then the one: nobody waits for a deadlock."""
        one, other = self.renew()
        clients = enumerate(self.arena.clients)
        return [wants(client, {one: 1, other: 1} if n % 2 else {other: 1, one: 1}) for n, client in clients]

    def deliveries_and_wishes(self, _nth: int) -> list[Call]:
        """ST-11: it is ordered while deliveries come."""
        (product,) = self.renew()
        path = f"/api/products/{product}"
        sku = self._sku(path)
        put = f"/api/inventory/{sku}/stock"
        comes = Call(self.arena.admin, put, {"delta": 1, "reason": "receipt"}, method="PUT")
        return [call for client in self.arena.clients[:HALF] for call in (wants(client, {product: 1}), comes)]

    def _sku(self, path: str) -> str:
        return str(self.arena.app.test_client().get(path).json["sku"])  # type: ignore[index]  # it has a body


@pytest.mark.race
@pytest.mark.parametrize("units", [1, 7])
def test_as_many_as_there_are(guarded: Arena, units: int) -> None:
    """201 for so many, 409 out_of_stock for all others; every unit is promised once."""
    goods = Goods(guarded, units)
    for answers in guarded.rounds(f"the last {units}", goods.the_last):
        assert outcomes(answers) == {(201, ""): units, (409, "out_of_stock"): CALLERS - units}
        assert shelf(goods.ids) == {goods.ids[0]: (units, units)}
        assert wrong_books(goods.ids) == []


@pytest.mark.race
def test_two_baskets_crosswise(guarded: Arena) -> None:
    """No deadlock, and of each as many are promised as there are."""
    goods = Goods(guarded, 20, products=2)
    for answers in guarded.rounds("baskets crosswise", goods.crosswise):
        assert outcomes(answers) == {(201, ""): 20, (409, "out_of_stock"): CALLERS - 20}
        assert set(shelf(goods.ids).values()) == {(20, 20)}
        assert wrong_books(goods.ids) == []


@pytest.mark.race
def test_deliveries_beside_orders(guarded: Arena) -> None:
    """ST-11: all of both are there; no delivery gets in the way of an order, or the other way round."""
    goods = Goods(guarded, HALF)
    for answers in guarded.rounds("deliveries/orders", goods.deliveries_and_wishes):
        assert {status for status, _ in outcomes(answers)} == {200, 201}
        assert shelf(goods.ids) == {goods.ids[0]: (2 * HALF, HALF)}
        assert wrong_books(goods.ids) == []


class Comings:
    """Orders of three of five products, some given up while others are made: the shelves are wanted in any order."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.random = arena, Random(1)  # noqa: S311  # the same again
        self.ids = [make_product(PLENTY).id for _ in range(5)]

    def and_goings(self, _nth: int) -> list[Call]:
        """Half cancel, half order."""
        clients = enumerate(self.arena.clients)
        return [wants(one, self._basket()) if n % 2 else self._cancels(one) for n, one in clients]

    def _cancels(self, client: Caller) -> Call:
        return Call(client, f"{ORDERS}/{ordered(client, self._basket())}/cancel")

    def _basket(self) -> dict[int, int]:
        return dict.fromkeys(self.random.sample(self.ids, 3), 1)


@pytest.mark.race
def test_orders_beside_cancellations(guarded: Arena) -> None:
    """Nobody waits in a circle, and what is given up is to be had again."""
    comings = Comings(guarded)
    for answers in guarded.rounds("orders/cancellations", comings.and_goings, least=4):
        assert outcomes(answers) == {(201, ""): HALF, (200, ""): HALF}
        assert {one: kept for one, (_, kept) in shelf(comings.ids).items()} == promised(comings.ids)
        assert wrong_books(comings.ids) == []


@pytest.mark.race
def test_without_the_lock_beforehand_they_wait_in_a_circle(unguarded: Arena) -> None:
    """The control, on PostgreSQL: the UPDATE alone locks the products, in whatever order it meets them."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("one writer at a time")
    assert unguarded.catches("shelf order", Comings(unguarded).and_goings, failed)


class Lapsed:
    """All of something, kept by orders that nobody has paid in time, new for each round."""

    def __init__(self, arena: Arena, orders: int) -> None:
        self.arena, self.orders, self.product = arena, orders, 0

    def wanted(self, _nth: int) -> list[Call]:
        """Everybody wants one."""
        self.product = make_product(LAPSED).id
        for client in self.arena.clients[: self.orders]:
            let_lapse(ordered(client, {self.product: LAPSED // self.orders}), utcnow() - MOMENT)
        return [wants(client, {self.product: 1}) for client in self.arena.clients[:TAKERS]]


@pytest.mark.race
@pytest.mark.parametrize("orders", [1, LAPSED])
def test_what_has_lapsed_is_for_all(guarded: Arena, orders: int) -> None:
    """Of those who wait for the same overdue orders, as many are served as there is of it."""
    lapsed = Lapsed(guarded, orders)
    for answers in guarded.rounds(f"{orders} lapsed", lapsed.wanted):
        assert outcomes(answers) == {(201, ""): LAPSED, (409, "out_of_stock"): TAKERS - LAPSED}
        assert shelf([lapsed.product]) == {lapsed.product: (LAPSED, LAPSED)}
        assert wrong_books([lapsed.product]) == []


class Disputed:
    """An order of two units of something of which eight more are promised to others, new for each round."""

    def __init__(self, arena: Arena) -> None:
        self.arena, self.owner = arena, arena.clients[0]
        self.id = self.product = 0

    def renew(self) -> None:
        """Order."""
        self.product = make_product(10).id
        ordered(self.arena.clients[1], {self.product: 8})
        self.id = ordered(self.owner, {self.product: 2})

    def cancel_and_fulfil(self, _nth: int) -> list[Call]:
        """Its client cancels it, while it is handed out."""
        self.renew()
        path = f"{ORDERS}/{self.id}"
        fetch = Call(self.arena.admin, path, {"fulfilment_status": "fulfilled"}, method="PATCH")
        return [Call(self.owner, f"{path}/cancel"), fetch] * HALF

    def cancel_as_it_expires(self, nth: int) -> list[Call]:
        """ST-10: its client cancels it at the moment at which it expires, while somebody else wants it."""
        self.renew()
        let_lapse(self.id, utcnow() + MOMENT * (nth % MOMENTS))
        cancel = Call(self.owner, f"{ORDERS}/{self.id}/cancel")
        return [cancel, wants(self.arena.clients[2], {self.product: 2}), cancel, cancel]


@pytest.mark.race
def test_cancelled_or_handed_over(guarded: Arena) -> None:
    """One of the two; what is cancelled lies on the shelf, what is handed over does not."""
    disputed = Disputed(guarded)
    for answers in guarded.rounds("cancel/fulfil", disputed.cancel_and_fulfil):
        cancels, fetches = answers[::2], answers[1::2]
        assert set(outcomes(answers)) <= {(200, ""), (409, "invalid_transition")}
        steps = steps_of(disputed.id)
        if steps == [OrderStep.CREATE, OrderStep.CANCEL]:
            assert (len(won(cancels)), len(won(fetches))) == (HALF, 0)
            assert shelf([disputed.product]) == {disputed.product: (10, 8)}
        else:
            assert steps == [OrderStep.CREATE, OrderStep.FULFIL]
            assert (len(won(cancels)), len(won(fetches))) == (0, 1)
            assert shelf([disputed.product]) == {disputed.product: (8, 8)}
        assert wrong_books([disputed.product]) == []


@pytest.mark.race
def test_cancelled_or_expired(guarded: Arena) -> None:
    """ST-10: it ends in one way, its stock is given back once, and perhaps somebody else has it by then.

    `RACE_ROUNDS=200` is the long run.
    """
    disputed = Disputed(guarded)
    ends = set()
    with workers_beside(guarded) as workers:
        workers.begin()
        for first, wish, *others in guarded.rounds("cancel/expire", disputed.cancel_as_it_expires, least=MOMENTS):
            time.sleep((MOMENT * MOMENTS).total_seconds())
            workers.end()
            assert set(outcomes([first, *others])) <= {(200, ""), (409, "invalid_transition")}
            assert wish.status in {201, 409}
            created, end = steps_of(disputed.id)
            assert created is OrderStep.CREATE
            assert (end is OrderStep.CANCEL) == bool(won([first, *others]))
            ends.add(end)
            taken = 8 + 2 * (wish.status == 201)
            assert shelf([disputed.product]) == {disputed.product: (10, taken)}
            assert promised([disputed.product]) == {disputed.product: taken}
            assert wrong_books([disputed.product]) == []
            workers.begin()
        workers.end()
    assert ends == {OrderStep.CANCEL, OrderStep.EXPIRE}, "neither moment was met"


@pytest.mark.race
def test_without_the_lock_both_is_seen(unguarded: Arena) -> None:
    """The control: the order is read before the lock; it is cancelled, and handed over all the same, or fails."""
    disputed = Disputed(unguarded)

    def is_wrong(answers: list[Answer]) -> bool:
        return bool(failed(answers)) or len(steps_of(disputed.id)) > 2

    assert unguarded.catches("order status", disputed.cancel_and_fulfil, is_wrong)


@pytest.mark.race
def test_without_the_condition_too_many_are_promised(unguarded: Arena) -> None:
    """The control: look how much there is, let go, and write how much is left; the lines add up to more than that."""
    goods = Goods(unguarded, 1)
    caught = unguarded.catches("stock", goods.the_last, lambda _: promised(goods.ids)[goods.ids[0]] > 1)
    assert caught
    assert wrong_books(goods.ids) == goods.ids
