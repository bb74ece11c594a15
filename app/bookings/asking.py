"""What a request may ask for: one kind of thing at a time."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError

from app.bookings.request import Asked, Request

MOST_PARTY = 1000
"""People that one booking may be for."""


def check_one_kind(data: Mapping[str, Any], *names: str) -> None:
    """Refuse a request that has none, or several, of the fields `names`. Raises `ValidationError`."""
    given = [name for name in names if data.get(name)]
    if not given:
        raise ValidationError(f"Send one of {', '.join(names)}.", names[0])
    if len(given) > 1:
        raise ValidationError({name: [f"Send only one of {', '.join(names)}."] for name in given[1:]})


def check_ends(data: Mapping[str, Any], *, needed: bool) -> None:
    """Refuse an interval that is backwards or empty, or that lacks its end. Raises `ValidationError`."""
    ends_at = data.get("ends_at")
    if needed and ends_at is None:
        raise ValidationError("Missing data for required field.", "ends_at")
    if ends_at is not None and "starts_at" in data and ends_at <= data["starts_at"]:
        raise ValidationError("Must be after starts_at.", "ends_at")


def check_booking(data: Mapping[str, Any]) -> None:
    """Refuse a booking of nothing or of two things, and fields that belong to the other kind.

    Raises `ValidationError`.
    """
    check_one_kind(data, "service_id", "items", "space_id")
    is_space = "space_id" in data
    if is_space and data.get("staff_id"):
        raise ValidationError("A space is let without staff.", "staff_id")
    if "items" in data and data.get("staff_id"):
        raise ValidationError("Say it in the items.", "staff_id")
    if not is_space and "ends_at" in data:
        raise ValidationError("A service takes its time.", "ends_at")
    check_ends(data, needed=is_space)


def request_of(data: Mapping[str, Any]) -> Request:
    """Return what a checked body asks for."""
    whole = dict(data)
    service_id, staff_id = whole.pop("service_id", None), whole.pop("staff_id", None)
    alone = () if service_id is None else (Asked(service_id, staff_id),)
    items = enumerate(whole.pop("items", ()))
    several = tuple(Asked(item["service_id"], item.get("staff_id"), f"items.{n}.") for n, item in items)
    return Request(parts=several or alone, **whole)
