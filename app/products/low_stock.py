"""The moments that admins hear of: a product runs low, or is used up beyond what was there (product.md §6)."""

from collections.abc import Mapping
from typing import NamedTuple

from app.jobs.outbox import enqueue
from app.kit.clock import utcnow

LOW_STOCK = "product.low_stock"
"""The outbox topic under which a crossing is announced; payload: `product_id`, `available`."""


SHORTFALL = "product.shortfall"
"""The topic under which a shortfall is announced; payload: `product_id`, `missing`, `booking_id`."""


class Counters(NamedTuple):
    """A product's counters as they are after a change, and its reorder level."""

    on_hand: int
    reserved: int
    reorder_level: int


class Change(NamedTuple):
    """What one movement adds to the two counters."""

    on_hand: int
    reserved: int


def announce_crossings(changed: Mapping[int, tuple[Counters, Change]]) -> None:
    """Leave one task for each product that has run low by its change: it was above its level before."""
    for product_id, (after, change) in changed.items():
        available = after.on_hand - after.reserved
        before = available - (change.on_hand - change.reserved)
        if available <= after.reorder_level < before:
            enqueue(LOW_STOCK, {"product_id": product_id, "available": available}, due_at=utcnow())


def announce_shortfalls(missing: Mapping[int, int], booking_id: int | None) -> None:
    """Leave one task for each product of which a booking has used more than was there."""
    for product_id, units in missing.items():
        enqueue(SHORTFALL, {"product_id": product_id, "missing": units, "booking_id": booking_id}, due_at=utcnow())
