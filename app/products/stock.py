"""The one door to stock: a change of products' counters is one conditional UPDATE, and a row of the ledger for each.

The UPDATE takes effect only where the counters stay lawful (`0 <= reserved <= on_hand`), so that of two who want the
last unit one is refused, whatever each has read before. Several products are taken in the order of their ids, so that
two baskets never wait for each other. All or nothing is the transaction's matter: what raises, rolls back.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import case, insert, select, update

from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.models import MOST_STOCK, MovementKind, Product, StockMovement
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


def lock(product_ids: Collection[int]) -> None:
    """Lock products, in the order of their ids, before several changes of them that come in another order."""
    these = select(Product.id).where(Product.id.in_(product_ids)).order_by(Product.id)
    db.session.execute(these.with_for_update(key_share=True))


def reserve(quantities: Quantities, because: Because) -> None:
    """Promise units to an order: all, or `OutOfStock` naming each product of which there are too few."""
    missing = _move(MovementKind.RESERVATION, {id_: Change(0, n) for id_, n in quantities.items()}, because)
    _refuse_missing(missing, quantities)


def release(quantities: Quantities, because: Because) -> None:
    """Take back what was promised to an order that will not be had."""
    _move_all(MovementKind.RELEASE, {id_: Change(0, -n) for id_, n in quantities.items()}, because)


def hand_over(quantities: Quantities, because: Because) -> None:
    """Let go what was promised to an order: it leaves the house."""
    _move_all(MovementKind.SALE, {id_: Change(-n, -n) for id_, n in quantities.items()}, because)


def sell(quantities: Quantities, because: Because) -> None:
    """Sell units over the counter that nobody was promised: all, or `OutOfStock`."""
    missing = _move(MovementKind.SALE, {id_: Change(-n, 0) for id_, n in quantities.items()}, because)
    _refuse_missing(missing, quantities)


def take_back(quantities: Quantities, because: Because) -> None:
    """Put what an order returns on the shelf again."""
    _move_all(MovementKind.RETURN, {id_: Change(n, 0) for id_, n in quantities.items()}, because)


def receive(quantities: Quantities, because: Because) -> None:
    """Put on the shelf what has come in."""
    _move_all(MovementKind.RECEIPT, {id_: Change(n, 0) for id_, n in quantities.items()}, because)


def adjust(product_id: int, delta: int, because: Because) -> None:
    """Add to what is on hand, or take from it, after a look or a delivery; nothing happens where `delta` is 0.

    What comes with the reason `receipt` is a receipt, all else a correction. Raises `NotTracked`, `OutOfStock` where
    less than nothing would be left, `StockReserved` where less than what is promised, `TooMuchStock`.
    """
    if delta == 0:
        return
    kind = MovementKind.RECEIPT if delta > 0 and because.reason == MovementKind.RECEIPT else MovementKind.CORRECTION
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
    kept = select(Product.id, Product.on_hand - Product.reserved).where(Product.id.in_(quantities), Product.tracked)
    there = db.session.execute(kept.order_by(Product.id).with_for_update(key_share=True)).all()
    used = {product_id: min(quantities[product_id], available) for product_id, available in there}
    missing = {product_id: quantities[product_id] - n for product_id, n in used.items() if n < quantities[product_id]}
    _write(MovementKind.CONSUMPTION, {product_id: Change(-n, 0) for product_id, n in used.items()}, because, missing)
    announce_shortfalls(missing, because.booking_id)
    return missing


def _move_all(kind: MovementKind, changes: Mapping[int, Change], because: Because) -> None:
    """Write movements of which none can be refused, unless the counters are not what the ledger says."""
    missing = _move(kind, changes, because)
    assert not missing, f"the counters of products {missing} do not allow {kind}"  # noqa: S101  # see the docstring


def _move(kind: MovementKind, changes: Mapping[int, Change], because: Because) -> list[int]:
    """Write one movement of each product, as far as its counters allow; return those whose do not.

    Products of which no stock is kept are passed over: there is always enough.
    """
    refused = _write(kind, changes, because)
    untracked = select(Product.id).where(Product.id.in_(refused), ~Product.tracked)
    return sorted(set(refused) - set(db.session.scalars(untracked))) if refused else []


def _write(
    kind: MovementKind, changes: Mapping[int, Change], because: Because, shortfalls: Mapping[int, int] | None = None
) -> list[int]:
    """Change the counters and write the ledger; return the products whose counters did not allow it."""
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
        db.session.execute(insert(StockMovement), rows)
        announce_crossings({id_: (counters, changes[id_]) for id_, counters in done.items()})
    return sorted(changes.keys() - done.keys())


def _change_counters(changes: Mapping[int, Change]) -> dict[int, Counters]:
    """Add to the counters of products where they stay lawful, and return them as they are then; one statement.

    The rows are locked in the order of their ids before the first is changed, so that two baskets never wait for each
    other.
    """
    if not changes:
        return {}
    in_order = select(Product.id).where(Product.id.in_(changes)).order_by(Product.id).with_for_update(key_share=True)
    on_hand = Product.on_hand + case({one: change.on_hand for one, change in changes.items()}, value=Product.id)
    reserved = Product.reserved + case({one: change.reserved for one, change in changes.items()}, value=Product.id)
    changed = (
        update(Product)
        .where(Product.id.in_(in_order), Product.tracked)
        .where(reserved >= 0, reserved <= on_hand, on_hand <= MOST_STOCK)
        .values(on_hand=on_hand, reserved=reserved, version=Product.version + 1, updated_at=utcnow())
        .returning(Product.id, Product.on_hand, Product.reserved, Product.reorder_level)
        .execution_options(**BULK)
    )
    return {row[0]: Counters(*row[1:]) for row in db.session.execute(changed)}


def _refuse_missing(product_ids: list[int], wanted: Quantities) -> None:
    """Raise `OutOfStock` for these products, if there are any."""
    if product_ids:
        found = select(Product.id, Product.sku, Product.on_hand - Product.reserved).where(Product.id.in_(product_ids))
        raise OutOfStock(
            extra={
                "products": [
                    {"product_id": id_, "sku": sku, "requested": wanted[id_], "available": available}
                    for id_, sku, available in db.session.execute(found.order_by(Product.id))
                ]
            }
        )


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
