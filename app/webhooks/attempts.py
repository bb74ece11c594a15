"""Trying to deliver: a request is made in one transaction, sent outside any, and what came of it noted in another."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import current_app
from standardwebhooks import Webhook as Signer

from app.extensions import db
from app.integrations.webhooks import Outcome, post
from app.jobs.outbox import Task, delivers
from app.jobs.policy import Policy
from app.kit.clock import utcnow
from app.models import Webhook, WebhookDelivery
from app.transactions import transaction
from app.webhooks import queries
from app.webhooks.catalogue import shown
from app.webhooks.outcomes import note, note_attempt
from app.webhooks.queries import TURN
from app.webhooks.sealing import signing
from app.webhooks.turns import plan, take

AT_ONCE = 2
"""How many endpoints are called at a time, over all workers: the other threads of a worker are there for mail."""

LOCK = {"key_share": True}

SECRET_GONE = Outcome(None, "The secret cannot be read any more. Rotate it.", 0.0)
UNSHOWN = Outcome(None, "It cannot be shown. The worker's log says why.", 0.0)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that is ready to be sent, and for which delivery."""

    webhook_id: int
    delivery_id: int
    url: str
    body: bytes
    headers: dict[str, str]


def connect() -> None:
    """Carry out turns; called once by `create_app`."""
    delivers(TURN, begin, send, Policy(at_once=AT_ONCE, ordered=False))


def begin(task: Task) -> Attempt | None:
    """Make the request of an endpoint's turn; None where there is nothing to send, or not now."""
    now = utcnow()
    webhook = lock_webhook(task.payload["webhook_id"])
    if webhook is None or not webhook.active:
        return None
    resting = webhook.free_at is not None and webhook.free_at > now
    delivery = None if resting else _next(webhook.id, now)
    attempt = None if delivery is None else _attempt(webhook, delivery)
    if attempt is None:
        plan(webhook)
    return attempt


def _next(webhook_id: int, now: datetime) -> WebhookDelivery | None:
    asked = db.session.scalars(queries.next_asked(webhook_id, now)).one_or_none()
    return asked or db.session.scalars(queries.next_due(webhook_id, now)).one_or_none()


def send(attempt: Attempt) -> None:
    """Send a request, and note what came of it. Killed in between, it is sent again under the same `webhook-id`.

    What an address says that is the endpoint's no more counts for nothing: all that waited goes to the new one.
    """
    outcome = post(attempt.url, attempt.body, attempt.headers)
    with transaction():
        webhook = lock_webhook(attempt.webhook_id)
        delivery = lock_delivery(attempt.delivery_id)
        if webhook is not None and delivery is not None and webhook.url == attempt.url:
            note(webhook, delivery, outcome)
            plan(webhook)


def _attempt(webhook: Webhook, delivery: WebhookDelivery) -> Attempt | None:
    """Return the request that delivers an event, as its thing is now, and keep other turns off meanwhile."""
    body = _body(delivery)
    if body is None:
        note_attempt(delivery, UNSHOWN)
        return None
    now = utcnow()
    secrets = signing(webhook, now)
    if not secrets:
        note(webhook, delivery, SECRET_GONE)
        return None
    take(webhook)
    headers = _headers(secrets, delivery.key, body, now)
    return Attempt(webhook.id, delivery.id, webhook.url, body.encode(), headers)


def _body(delivery: WebhookDelivery) -> str | None:
    """Return what is told of an event; None where that fails, be it in the database: its fault is no one else's."""
    try:
        with db.session.begin_nested():
            data = shown(delivery.event, delivery.about)
            payload = {"type": delivery.event, "timestamp": delivery.happened_at, "data": data}
            return current_app.json.dumps(payload)
    except Exception as error:  # whatever it is, the endpoint's other deliveries do not wait for it
        log.warning("webhook_not_shown", delivery_id=delivery.id, exc_info=error)
        return None


def _headers(secrets: list[str], key: str, body: str, now: datetime) -> dict[str, str]:
    """Sign as Standard Webhooks has it, while secrets change with both: a receiver takes the one that it knows."""
    signatures = [Signer(secret).sign(key, now, body) for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def lock_webhook(webhook_id: int) -> Webhook | None:
    """Lock an endpoint and return it as it is now: before its deliveries, always."""
    return db.session.get(Webhook, webhook_id, populate_existing=True, with_for_update=LOCK)


def lock_delivery(delivery_id: int) -> WebhookDelivery | None:
    """Lock a delivery and return it as it is now."""
    return db.session.get(WebhookDelivery, delivery_id, populate_existing=True, with_for_update=LOCK)
