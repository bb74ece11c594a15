"""What is looked after again and again: turns that were lost, events that were given up, old rows, old keys."""

from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import case, func, update

from app.extensions import BULK, db
from app.jobs.cleaning import Kept, forget
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.models import DeliveryStatus, Webhook, WebhookDelivery
from app.webhooks import queries
from app.webhooks.policy import KEPT_AFTER
from app.webhooks.sealing import seal_anew
from app.webhooks.turns import take_turn

NOT_TRIED: Final = "It was not tried in time."

DELIVERIES = Kept(WebhookDelivery.give_up_at, KEPT_AFTER)


def connect() -> None:
    """Do all this from time to time; called once by `create_app`."""
    every(timedelta(minutes=5), "webhooks.look_after", look_after)
    every(timedelta(hours=1), "webhooks.forget", partial(forget, DELIVERIES))
    every(timedelta(days=1), "webhooks.seal_anew", seal_all_anew)


def look_after() -> None:
    """Give up what is too old, and a turn to whoever has something due and none: a task of the outbox may have died."""
    now = utcnow()
    over = (WebhookDelivery.status == DeliveryStatus.PENDING, WebhookDelivery.give_up_at <= now)
    is_untried = WebhookDelivery.attempts == func.coalesce(WebhookDelivery.asked_after, 0)
    said = case((is_untried, NOT_TRIED), else_=WebhookDelivery.last_error)
    ended = {"status": DeliveryStatus.FAILED, "next_attempt_at": None, "last_error": said}
    db.session.execute(update(WebhookDelivery).where(*over).values(ended), execution_options=BULK)
    for webhook_id in db.session.scalars(queries.left_behind(now)).all():
        take_turn(webhook_id, now)


def seal_all_anew() -> None:
    """Seal all secrets by the key of now, so that the key of before can go; drop old secrets whose day is over."""
    now = utcnow()
    for webhook in db.session.scalars(queries.webhooks().order_by(Webhook.id).with_for_update(key_share=True)).all():
        webhook.secret = seal_anew(webhook.secret)
        if webhook.old_secret is not None and webhook.old_secret_until is not None:
            is_over = webhook.old_secret_until <= now
            webhook.old_secret = None if is_over else seal_anew(webhook.old_secret)
            webhook.old_secret_until = None if is_over else webhook.old_secret_until
