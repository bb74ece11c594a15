"""Fields and words of earlier backends: what each is called here, so that a refusal can say so."""

from collections.abc import Collection
from typing import Final

_START, _END = ("starts_at", "opens", "from"), ("ends_at", "closes", "to")
_STAFF, _CLIENT = ("staff_id",), ("client_id",)

RENAMED: Final[dict[str, tuple[str, ...]]] = {
    "start_time": _START,
    "start": _START,
    "date": _START,
    "time": _START,
    "appointment_time": _START,
    "open_time": _START,
    "end_time": _END,
    "end": _END,
    "close_time": _END,
    "day_of_week": ("weekday",),
    "user_id": _CLIENT,
    "customer_id": _CLIENT,
    "employee_id": _STAFF,
    "stylist_id": _STAFF,
    "duration": ("duration_minutes",),
    "is_active": ("active",),
    "is_available": ("status",),
    "title": ("name",),
    "name": ("first_name",),
    "full_name": ("name", "first_name"),
    "username": ("email", "name"),
    "phone_number": ("phone",),
    "old_password": ("current_password",),
    "guests": ("party_size",),
    "max_capacity": ("capacity",),
    "location": ("address",),
    "hourly_rate": ("price_per_hour",),
    "price": ("price_per_hour",),
    "special_requests": ("notes",),
    "comments": ("notes", "comment"),
    "message": ("content", "notes", "text"),
    "text": ("content", "comment"),
    "stars": ("rating",),
    "qty": ("quantity",),
    "quantity": ("on_hand",),
    "products": ("items",),
    "payment_method": ("method",),
    "reorder_point": ("reorder_level",),
    "low_stock_threshold": ("reorder_level",),
}
"""The new names of each: of these, the first that the shape at hand has is told."""

MOVED: Final = {
    "user_id": "it is whoever is signed in",
    "customer_id": "it is whoever is signed in",
    "is_available": "it is the status, which PATCH changes",
    "payment_method": "it is sent as method to POST /api/payments",
    "stock": "stock is set as on_hand by PUT /api/inventory/{sku}/stock",
    "stock_quantity": "stock is set as on_hand by PUT /api/inventory/{sku}/stock",
    "on_hand": "stock is set by PUT /api/inventory/{sku}/stock",
    "image_url": "images are sent to the path that ends in /images",
    "images": "images are sent to the path that ends in /images",
    "avatar_url": "the picture is sent by PUT /api/users/me/avatar",
    "password_confirmation": "a password is sent once",
    "confirm_password": "a password is sent once",
}
"""Fields of earlier backends that have an endpoint of their own here, or none."""


WORDS: Final = {"approved": "confirmed", "rejected": "declined", "customer": "client", "user": "client"}
"""Words of earlier backends for a status or a role."""


def new_name(name: str, known: Collection[str]) -> str | None:
    """Return what `name` is called in a shape that has the `known` fields; None: nothing that is known."""
    return next((candidate for candidate in RENAMED.get(name, ()) if candidate in known), None)
