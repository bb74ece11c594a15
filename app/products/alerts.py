"""What admins hear of stock: a warning in the log, and a mail to each of them."""

from typing import Any

import structlog

from app.extensions import business, db
from app.integrations.mail import Message, send
from app.jobs.outbox import Task, delivers, enqueue, handles
from app.kit.clock import utcnow
from app.models import Booking, Product, Role, User
from app.products.low_stock import LOW_STOCK, SHORTFALL
from app.users.admins import reachable_admins

MAIL_LOW_STOCK = "product.mail_low_stock"
MAIL_SHORTFALL = "product.mail_shortfall"

log = structlog.get_logger(__name__)


def connect() -> None:
    """Warn when these tasks are due; called once by `create_app`."""
    handles(LOW_STOCK, _warn_of_low_stock)
    handles(SHORTFALL, _warn_of_shortfall)
    delivers(MAIL_LOW_STOCK, _low_stock_mail, send)
    delivers(MAIL_SHORTFALL, _shortfall_mail, send)


def _warn_of_low_stock(payload: dict[str, Any]) -> None:
    log.warning("low_stock", **payload)
    _mail_admins(MAIL_LOW_STOCK, payload)


def _warn_of_shortfall(payload: dict[str, Any]) -> None:
    log.warning("stock_shortfall", **payload)
    _mail_admins(MAIL_SHORTFALL, payload)


def _mail_admins(topic: str, payload: dict[str, Any]) -> None:
    for user_id in reachable_admins():
        enqueue(topic, {**payload, "user_id": user_id}, due_at=utcnow())


def _low_stock_mail(task: Task) -> Message | None:
    """Compose the mail with the numbers of now; none where the product has been filled up, or retired."""
    product = db.session.get_one(Product, task.payload["product_id"], populate_existing=True)
    if not product.is_low:
        return None
    text = f"of {_called(product)} there are {product.available} left; it is reordered at {product.reorder_level}."
    return _message(task, f"Running low: {_one_line(product.name)}", text)


def _shortfall_mail(task: Task) -> Message | None:
    product = db.session.get_one(Product, task.payload["product_id"], populate_existing=True)
    booking = db.session.get_one(Booking, task.payload["booking_id"])
    text = (
        f"booking {booking.reference} has used {task.payload['missing']} more of {_called(product)} than were there"
        f" for it. {product.on_hand} are there by our books: please count."
    )
    return _message(task, f"Used more than there was: {_one_line(product.name)}", text)


def _message(task: Task, subject: str, text: str) -> Message | None:
    """Return the mail to the admin whom the task names, if they still are one."""
    admin = db.session.get(User, task.payload["user_id"], populate_existing=True, with_for_update={"key_share": True})
    if admin is None or admin.email is None or not admin.is_active or admin.role is not Role.ADMIN:
        return None
    body = f"Hello,\n\n{text}\n\n{business.name}\n"
    return Message(to=admin.email, subject=subject, text=body, message_id=task.reference)


def _called(product: Product) -> str:
    return f"{product.name} ({product.sku})"


def _one_line(name: str) -> str:
    """Return a name without what may break a line, which a subject must not."""
    return " ".join(name.split())
