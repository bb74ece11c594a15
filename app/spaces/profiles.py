"""Spaces as they are shown."""

from collections.abc import Sequence
from typing import Any

from app.images.service import images_of
from app.images.subjects import Kind
from app.models import Space

# fmt: off
SHOWN = (
    "id", "owner_id", "name", "description", "address", "city", "country", "latitude", "longitude", "timezone",
    "capacity", "amenities", "price_per_hour", "min_minutes", "max_minutes", "instant_booking", "min_notice_minutes",
    "max_advance_days", "cancellation_window_minutes", "status", "rating", "version", "created_at",
)
# fmt: on


def profiles(spaces: Sequence[Space]) -> list[dict[str, Any]]:
    """Return what everybody sees of each, its pictures read in one statement for all."""
    pictures = images_of(Kind.RESOURCE, [space.id for space in spaces])
    return [
        {name: getattr(space, name) for name in SHOWN} | {"deposit": _deposit(space), "images": pictures[space.id]}
        for space in spaces
    ]


def _deposit(space: Space) -> dict[str, Any]:
    return {name: getattr(space, name) for name in ("deposit_type", "deposit_value")}


def profile(space: Space) -> dict[str, Any]:
    """Return what everybody sees of one."""
    (shown,) = profiles([space])
    return shown
