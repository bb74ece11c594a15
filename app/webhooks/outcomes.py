"""What follows from an attempt: for the delivery, and for the endpoint."""

from datetime import datetime

from app.audit.service import Thing, record
from app.extensions import db
from app.integrations.webhooks import Outcome
from app.jobs.events import announce
from app.kit.clock import utcnow
from app.models import DeliveryStatus, DisabledBy, Webhook, WebhookDelivery
from app.webhooks.catalogue import TEST
from app.webhooks.policy import has_failed_too_long, rest_after, wait_after

DISABLED = "webhook.disabled"
"""An endpoint is sent nothing any more, and no admin did it; about: `webhook_id`."""


def note(webhook: Webhook, delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Write down what came of a call, for both: they are locked. A test that fails is not held against the endpoint."""
    now = utcnow()
    note_attempt(delivery, outcome)
    if outcome.ok or delivery.event != TEST:
        _count(webhook, outcome, now)
    _let_rest(webhook, outcome, now)
    if outcome.gone:
        disable(webhook, DisabledBy.GONE, now)
    elif has_failed_too_long(webhook.failures, webhook.failing_since, now):
        disable(webhook, DisabledBy.FAILING, now)
    db.session.flush()


def note_attempt(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Write down what came of an attempt, for the locked delivery alone."""
    now = utcnow()
    delivery.attempts += 1
    delivery.last_attempt_at, delivery.last_ms = now, round(outcome.seconds * 1000)
    delivery.last_status, delivery.last_error = outcome.status, outcome.error
    if outcome.ok:
        end(delivery, DeliveryStatus.DELIVERED, now)
    else:
        _try_again(delivery, outcome, now)
    db.session.flush()


def end(delivery: WebhookDelivery, status: DeliveryStatus, now: datetime) -> None:
    """Try no more."""
    delivery.status, delivery.next_attempt_at = status, None
    delivery.delivered_at = now if status is DeliveryStatus.DELIVERED else None


def disable(webhook: Webhook, by: DisabledBy, now: datetime) -> None:
    """Send a locked endpoint nothing any more; what waits, waits on. Where no admin did it, it is announced."""
    if not webhook.active:
        return
    webhook.disabled_by, webhook.disabled_at = by, now
    if by is DisabledBy.ADMIN:
        return
    record("webhooks.disabled", actor_id=None, thing=thing_of(webhook), after={"by": by.value})
    announce(DISABLED, webhook_id=webhook.id)


def thing_of(webhook: Webhook) -> Thing:
    """Return an endpoint as the audit log names it."""
    return Thing("webhook", webhook.id)


def _count(webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    """Count the endpoint's failures in a row."""
    webhook.failures = 0 if outcome.ok else webhook.failures + 1
    webhook.failing_since = None if outcome.ok else webhook.failing_since or now


def _let_rest(webhook: Webhook, outcome: Outcome, now: datetime) -> None:
    """Leave the endpoint alone for a while where it fails or is slow."""
    rest = rest_after(outcome.seconds, webhook.failures)
    webhook.free_at = now + rest if rest else None


def _try_again(delivery: WebhookDelivery, outcome: Outcome, now: datetime) -> None:
    """Plan another attempt, unless the receiver wants none, or it would come too late."""
    at = now + wait_after(delivery.attempts - (delivery.asked_after or 0))
    if delivery.status is not DeliveryStatus.PENDING:
        return  # somebody else was faster, and is done with it
    if outcome.gone or at >= delivery.give_up_at:
        end(delivery, DeliveryStatus.FAILED, now)
    else:
        delivery.next_attempt_at = at
