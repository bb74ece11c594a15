"""What a clock that went wrong has put off: endpoints and deliveries that would wait until that time comes."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, select, update

from app.extensions import BULK, db
from app.jobs.clocks import CLOCKS_DIFFER
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.models import DeliveryStatus, Webhook, WebhookDelivery
from app.webhooks.policy import LONGEST_PAUSE, LONGEST_WAIT, RETRIED_FOR
from app.webhooks.turns import take_turn

WAITS: Final = 2 * LONGEST_WAIT
"""Longer than any pause before another attempt."""

RESTS: Final = 2 * LONGEST_PAUSE
"""Longer than any endpoint rests."""


def connect() -> None:
    """Look every minute; called once by `create_app`."""
    every(timedelta(minutes=1), "webhooks.bring_back", bring_back)


def bring_back() -> None:
    """Take back rests, pauses and failures that lie too far ahead to be true; whoever waited has a turn now."""
    now = utcnow()
    rests = Webhook.free_at > now + CLOCKS_DIFFER + RESTS
    is_pending = WebhookDelivery.status == DeliveryStatus.PENDING
    waits = (is_pending, WebhookDelivery.next_attempt_at > now + CLOCKS_DIFFER + WAITS)
    delayed = Webhook.id.in_(select(WebhookDelivery.webhook_id).where(*waits))
    found = select(Webhook.id).where(Webhook.disabled_at.is_(None), rests | delayed).order_by(Webhook.id)
    waiting = db.session.scalars(found.with_for_update(key_share=True)).all()
    _set(Webhook, (rests,), free_at=None)
    _set(Webhook, (Webhook.failing_since > now + CLOCKS_DIFFER,), failing_since=now)
    _set(WebhookDelivery, waits, next_attempt_at=now)
    far = (is_pending, WebhookDelivery.give_up_at > now + CLOCKS_DIFFER + RETRIED_FOR)
    _set(WebhookDelivery, far, give_up_at=now + RETRIED_FOR)
    for webhook_id in waiting:
        take_turn(webhook_id, now)


def _set(table: type[Any], rules: tuple[ColumnElement[bool], ...], **values: datetime | None) -> None:
    db.session.execute(update(table).where(*rules).values(values), execution_options=BULK)
