"""The mail that tells admins of an endpoint's end."""

from flask import current_app

from app.extensions import business, db
from app.integrations.mail import Message, send
from app.jobs.outbox import Task, delivers
from app.models import DisabledBy, Role, User, Webhook
from app.webhooks.outcomes import MAIL_DISABLED

WHY = {
    DisabledBy.GONE: "it answered that it is gone for good (410)",
    DisabledBy.FAILING: "for a day it has answered nothing but errors, or not at all",
}


def connect() -> None:
    """Send it when its task is due; called once by `create_app`."""
    delivers(MAIL_DISABLED, _telling, send)


def _telling(task: Task) -> Message | None:
    """Compose the mail, unless the endpoint is gone, or told again, by now. It names no address: those hold secrets."""
    webhook = db.session.get(Webhook, task.payload["webhook_id"], populate_existing=True)
    admin = _recipient(task.payload["user_id"])
    if webhook is None or webhook.disabled_by not in WHY or admin is None or admin.email is None:
        return None
    path = f"{current_app.extensions['settings'].public_base_url}/api/webhooks/{webhook.id}"
    name = f"Webhook {webhook.id}" + (f" ({webhook.description})" if webhook.description else "")
    text = (
        f"Hello,\n\n{name} is told of nothing any more: {WHY[webhook.disabled_by]}.\n\n"
        f"What was to be delivered:\n{path}/deliveries?status=pending\n\n"
        f'To go on, send PATCH {path} with {{"active": true}}. What waits is delivered then, up to three days after it '
        f"happened.\n\n{business.name}\n"
    )
    subject = f"A webhook was disabled – {business.name}"
    return Message(to=admin.email, subject=subject, text=text, message_id=task.reference)


def _recipient(user_id: int) -> User | None:
    """Lock and return the admin: either it is erased first, or its mail goes."""
    user = db.session.get(User, user_id, populate_existing=True, with_for_update={"key_share": True})
    return user if user is not None and user.is_active and user.role is Role.ADMIN else None
