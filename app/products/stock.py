"""The one door to stock: a change of products' counters is one conditional UPDATE, and a row of the ledger for each.

The UPDATE takes effect only where the counters stay lawful (`0 <= reserved <= on_hand`), so that of two who want the
last unit one is refused, whatever each has read before. The products are locked first, in the order of their ids and
by a statement of its own: two baskets never wait for each other, and whoever has waited sees what has become of the
counters meanwhile. All or nothing is the transaction's matter: what raises, rolls back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import select

from app.extensions import db
from app.kit.clock import utcnow
from app.models import MOST_STOCK, MovementKind, Product
from app.products import queries
from app.products.errors import NotTracked, OutOfStock, StockReserved, TooMuchStock
from app.products.low_stock import Change, Counters, announce_crossings, announce_shortfalls
from app.transactions import locked

Quantities = Mapping[int, int]
"""Units by product id; each product once, each number above 0."""


@dataclass(frozen=True, slots=True)
class Because:
    """Why stock changes: who does it (None: the system), what for, and of which order or booking."""

    actor_id: int | None = None
    reason: str = ""
    order_id: int | None = None
    booking_id: int | None = None


class Standing(NamedTuple):
    """A product as it is, and stays, once it is locked."""

    sku: str
    active: bool
    price_amount: int
    tracked: bool
    available: int


Standings = Mapping[int, Standing]


def lock(product_ids: Collection[int]) -> Standings:
    """Lock products, in the order of their ids, and return them as they are now, by id."""
    found = db.session.execute(queries.LOCK, {"ids": list(product_ids)})
    return {row[0]: Standing(*row[1:]) for row in found}


def available(product_ids: Collection[int]) -> dict[int, int]:
    """Return how much is there of products, not locked, that nobody was promised."""
    found = select(Product.id, Product.on_hand - Product.reserved).where(Product.id.in_(product_ids))
    return dict(db.session.execute(found).all())


def reserve(quantities: Quantities, because: Because) -> Standings:
    """Promise units to an order: all, or `OutOfStock` naming each product of which there are too few.

    Return the products as they were when they were locked: they may have changed while others were waited for.
    """
    return _take(MovementKind.RESERVATION, {id_: Change(0, n) for id_, n in quantities.items()}, quantities, because)


def release(quantities: Quantities, because: Because) -> None:
    """Take back what was promised to an order that will not be had."""
    _move_all(MovementKind.RELEASE, {id_: Change(0, -n) for id_, n in quantities.items()}, because)


def hand_over(quantities: Quantities, because: Because) -> None:
    """Let go what was promised to an order: it leaves the house."""
    _move_all(MovementKind.SALE, {id_: Change(-n, -n) for id_, n in quantities.items()}, because)


def sell(quantities: Quantities, because: Because) -> Standings:
    """Sell units over the counter that nobody was promised: all, or `OutOfStock`. Return what `reserve` does."""
    return _take(MovementKind.SALE, {id_: Change(-n, 0) for id_, n in quantities.items()}, quantities, because)


def take_back(quantities: Quantities, because: Because) -> None:
    """Put what an order returns on the shelf again. Raises `TooMuchStock`."""
    _bring(MovementKind.RETURN, quantities, because)


def receive(quantities: Quantities, because: Because) -> None:
    """Put on the shelf what has come in. Raises `TooMuchStock`."""
    _bring(MovementKind.RECEIPT, quantities, because)


def adjust(product_id: int, delta: int, because: Because) -> None:
    """Add to what is on hand, or take from it, after a look or a delivery; nothing happens where `delta` is 0.

    What comes with the reason `receipt` is a receipt, all else a correction. Raises `NotTracked`, `OutOfStock` where
    less than nothing would be left, `StockReserved` where less than what is promised, `TooMuchStock`.
    """
    if delta == 0:
        return
    kind = MovementKind.RECEIPT if delta > 0 and because.reason == MovementKind.RECEIPT else MovementKind.CORRECTION
    # one row needs no lock beforehand: the UPDATE itself waits for it, and looks again
    if _write(kind, {product_id: Change(delta, 0)}, because):
        _refuse_adjustment(product_id, delta)


def count(product_id: int, on_hand: int, because: Because) -> None:
    """Write down how many units were counted; no movement, where it is as many as were thought.

    Raises `NotTracked`, `StockReserved`.
    """
    product = _locked(product_id)
    if not product.tracked:
        raise NotTracked
    adjust(product_id, on_hand - product.on_hand, because)


def consume(quantities: Quantities, because: Because) -> dict[int, int]:
    """Use units up, as far as there are any that nobody was promised; return what was missing, by product id.

    What was missing is recorded and announced. Products of which no stock is kept are left out.
    """
    there = lock(quantities)
    used = {one: min(quantities[one], product.available) for one, product in there.items() if product.tracked}
    missing = {product_id: quantities[product_id] - n for product_id, n in used.items() if n < quantities[product_id]}
    _write(MovementKind.CONSUMPTION, {product_id: Change(-n, 0) for product_id, n in used.items()}, because, missing)
    announce_shortfalls(missing, because.booking_id)
    return missing


def _take(kind: MovementKind, changes: Mapping[int, Change], quantities: Quantities, because: Because) -> Standings:
    """Take units of all these products, or raise `OutOfStock`; return them as they were when they were locked."""
    products = lock(changes)
    short = _refused(products, _write(kind, changes, because))
    if short:
        raise OutOfStock(
            extra={
                "products": [
                    {"product_id": one, "requested": quantities[one], "available": products[one].available}
                    for one in short
                ]
            }
        )
    return products


def _bring(kind: MovementKind, quantities: Quantities, because: Because) -> None:
    """Put units on the shelf. Raises `TooMuchStock`."""
    changes = {id_: Change(n, 0) for id_, n in quantities.items()}
    products = lock(changes)
    full = _refused(products, _write(kind, changes, because))
    if full:
        raise TooMuchStock(f"Of {', '.join(products[one].sku for one in full)} more than {MOST_STOCK} would be there.")


def _move_all(kind: MovementKind, changes: Mapping[int, Change], because: Because) -> None:
    """Write movements of which none can be refused, unless the counters are not what the ledger says."""
    wrong = _refused(lock(changes), _write(kind, changes, because))
    assert not wrong, f"the counters of products {wrong} do not allow {kind}"  # noqa: S101  # see the docstring


def _refused(products: Standings, unchanged: list[int]) -> list[int]:
    """Return which of those that were not changed were refused: of what is not tracked there is always enough."""
    return [one for one in unchanged if products[one].tracked]


def _write(
    kind: MovementKind, changes: Mapping[int, Change], because: Because, shortfalls: Mapping[int, int] | None = None
) -> list[int]:
    """Change the counters, of several products locked ones, and write the ledger; return what was not changed."""
    done = _change_counters(changes)
    if done:
        rows = [
            {
                "product_id": product_id,
                "kind": kind,
                "on_hand_change": changes[product_id].on_hand,
                "reserved_change": changes[product_id].reserved,
                "on_hand_after": counters.on_hand,
                "reserved_after": counters.reserved,
                "shortfall": (shortfalls or {}).get(product_id, 0),
                "reason": because.reason,
                "actor_id": because.actor_id,
                "order_id": because.order_id,
                "booking_id": because.booking_id,
            }
            for product_id, counters in done.items()
        ]
        db.session.execute(queries.MOVE, rows)
        announce_crossings({id_: (counters, changes[id_]) for id_, counters in done.items()})
    return sorted(changes.keys() - done.keys())


def _change_counters(changes: Mapping[int, Change]) -> dict[int, Counters]:
    """Add to the counters of products where they stay lawful, and return them as they are then; one statement.

    Several are locked already, by another statement: one that waited for them itself would, on PostgreSQL, go by the
    counters from before its wait, and wait in no order.
    """
    if not changes:
        return {}
    values: dict[str, Any] = {"ids": list(changes), "now": utcnow()}
    for n, (product_id, change) in enumerate(changes.items()):
        values |= {f"id_{n}": product_id, f"on_hand_{n}": change.on_hand, f"reserved_{n}": change.reserved}
    changed = db.session.execute(queries.counting(len(changes)), values)
    return {row[0]: Counters(*row[1:]) for row in changed}


def _refuse_adjustment(product_id: int, delta: int) -> None:
    """Raise what stands against adding `delta` to what is on hand."""
    product = _locked(product_id)
    if not product.tracked:
        raise NotTracked
    if delta > 0:
        raise TooMuchStock(f"{product.on_hand} are there already; {MOST_STOCK} are the most.")
    if product.on_hand + delta < 0:
        raise OutOfStock(f"{product.on_hand} are there.")
    raise StockReserved(f"{product.on_hand} are there, and {product.reserved} of them are reserved.")


def _locked(product_id: int) -> Product:
    return locked(Product, product_id)
