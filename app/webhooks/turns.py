"""An endpoint's turns. In each, one delivery is tried; afterwards another turn is planned, where there is more."""

from datetime import datetime, timedelta

from app.extensions import db
from app.integrations.webhooks import TOTAL_SECONDS
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.models import Webhook
from app.webhooks import queries
from app.webhooks.queries import TURN

AWAY = 2 * timedelta(seconds=TOTAL_SECONDS)
"""How long an endpoint is taken for a call whose end nobody has noted; a worker may have died over it."""


def take(webhook: Webhook) -> None:
    """Mark a locked endpoint as being called, so that nobody else calls it."""
    webhook.free_at = utcnow() + AWAY


def end_rest(webhook: Webhook) -> None:
    """Let a locked endpoint rest no longer, as somebody is waiting for it; but a call may be under way."""
    if webhook.free_at is not None:
        webhook.free_at = min(webhook.free_at, utcnow() + AWAY)


def take_turn(webhook_id: int, at: datetime) -> None:
    """Give a locked endpoint a turn, unless one waits that comes no later: however much is to be sent, one suffices.

    That one has yet to take the lock, and then finds what is written now. One that is in a worker's hands may not.
    """
    if not db.session.scalar(queries.turn_by(webhook_id, at, utcnow())):
        enqueue(TURN, {"webhook_id": webhook_id}, due_at=at, subject=queries.subject_of(webhook_id))


def plan(webhook: Webhook) -> None:
    """Give a locked endpoint its next turn, where something waits for one."""
    now = utcnow()
    due_at = db.session.scalar(queries.earliest_attempt(webhook.id, now))
    if due_at is not None and webhook.active:
        take_turn(webhook.id, max(due_at, webhook.free_at or now, now))
