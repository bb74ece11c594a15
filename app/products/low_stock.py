"""The moments that admins hear of: a product runs low, or is used up beyond what was there (product.md §6)."""

from collections.abc import Mapping
from typing import NamedTuple

import structlog

from app.jobs.events import Event, announce, listens

LOW_STOCK = "product.low_stock"
"""A product has fallen to its reorder level, or below; about: `product_id`, `available`."""

SHORTFALL = "product.shortfall"
"""A booking has used more of a product than was there; about: `product_id`, `missing`, `booking_id`."""

log = structlog.get_logger(__name__)


class Counters(NamedTuple):
    """A product's counters as they are after a change, and its reorder level."""

    on_hand: int
    reserved: int
    reorder_level: int


class Change(NamedTuple):
    """What one movement adds to the two counters."""

    on_hand: int
    reserved: int


def connect() -> None:
    """Warn in the log; called once by `create_app`."""
    listens({LOW_STOCK, SHORTFALL}, _warn)


def announce_crossings(changed: Mapping[int, tuple[Counters, Change]]) -> None:
    """Announce each product that has run low by its change: it was above its level before."""
    for product_id, (after, change) in changed.items():
        available = after.on_hand - after.reserved
        before = available - (change.on_hand - change.reserved)
        if available <= after.reorder_level < before:
            announce(LOW_STOCK, product_id=product_id, available=available)


def announce_shortfalls(missing: Mapping[int, int], booking_id: int | None) -> None:
    """Announce each product of which a booking has used more than was there."""
    for product_id, units in missing.items():
        announce(SHORTFALL, product_id=product_id, missing=units, booking_id=booking_id)


def _warn(event: Event) -> None:
    log.warning(event.name, **event.about)
