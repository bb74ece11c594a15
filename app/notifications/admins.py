"""What admins are told: of stock that runs low or was used up, and of webhooks that are told nothing any more."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select

from app.bookings.service.read import load_booking
from app.extensions import business, db
from app.models import DisabledBy, Notification, Product, Role, StockMovement, User, Webhook
from app.notifications.notice import Facts, Notice
from app.users.admins import reachable_admins

Words = dict[str, Any]


def all_of_them(_about_id: int) -> Sequence[User]:
    """Return every admin who can be reached, whatever it is about."""
    return reachable_admins()


def telling(find: Callable[[int], Words | None]) -> Callable[[Notification, User], Facts | None]:
    """Return the facts that `find` has of a thing, for somebody who still is an admin."""

    def tell(notification: Notification, user: User) -> Facts | None:
        words = find(notification.about_id or 0) if user.role is Role.ADMIN else None
        return None if words is None else Facts(words | {"zone": ZoneInfo(business.timezone)})

    return tell


def what_is_low(product_id: int) -> Words | None:
    """Return the product with the numbers of now; None where it has been filled up, or retired."""
    product = db.session.get(Product, product_id, populate_existing=True)
    if product is None or not product.is_low:
        return None
    return {"product": product}


def what_was_missing(booking_id: int) -> Words | None:
    """Return what a booking has used beyond what was there: all products of it, so that one mail says it all."""
    booking = load_booking(booking_id)
    short = (StockMovement.booking_id == booking_id, StockMovement.shortfall > 0)
    found = select(StockMovement.shortfall, Product).join(Product, Product.id == StockMovement.product_id)
    rows = db.session.execute(found.where(*short).order_by(Product.sku_key)).all()
    missing = [{"units": units, "product": product} for units, product in rows]
    return None if booking is None or not missing else {"booking": booking, "missing": missing}


def what_is_disabled(webhook_id: int) -> Words | None:
    """Return an endpoint, unless it is gone, or told again, by now. Its address is not said: those hold secrets."""
    webhook = db.session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None or webhook.disabled_by in {None, DisabledBy.ADMIN}:
        return None
    path = f"{current_app.extensions['settings'].public_base_url}/api/webhooks/{webhook.id}"
    name = f"{webhook.id} ({webhook.description})" if webhook.description else str(webhook.id)
    return {"webhook": webhook, "name": name, "path": path}


NOTICES = (
    Notice("low_stock", "product.low_stock", "product", all_of_them, telling(what_is_low), optional=True),
    Notice("shortfall", "product.shortfall", "booking", all_of_them, telling(what_was_missing), optional=True),
    Notice("webhook_disabled", "webhook.disabled", "webhook", all_of_them, telling(what_is_disabled)),
)
