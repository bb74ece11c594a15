"""The verbs of deliveries: looking at them, sending one again, trying an endpoint out."""

from sqlalchemy import Select

from app.audit.service import record
from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.models import DeliveryStatus, Webhook, WebhookDelivery
from app.security.actor import Actor
from app.transactions import locked
from app.webhooks import queries
from app.webhooks.catalogue import TEST
from app.webhooks.errors import WebhookDisabled
from app.webhooks.handlers import new_key
from app.webhooks.outcomes import thing_of
from app.webhooks.policy import RETRIED_FOR, TESTED_FOR
from app.webhooks.service import get_webhook
from app.webhooks.turns import end_rest, take_turn


def list_deliveries(webhook_id: int, status: DeliveryStatus | None) -> Select[WebhookDelivery]:
    """Return the select of an endpoint's deliveries. Raises `NotFound`."""
    return queries.deliveries_to(get_webhook(webhook_id).id, status)


def replay(actor: Actor, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    """Deliver an event again, whatever became of it, under the same `webhook-id`, as often and long as a new one.

    Raises `NotFound`, `WebhookDisabled`.
    """
    webhook = _enabled(webhook_id)
    delivery = locked(WebhookDelivery, delivery_id)
    if delivery.webhook_id != webhook.id:
        raise NotFound
    delivery.status, delivery.delivered_at = DeliveryStatus.PENDING, None
    _due(webhook, delivery)
    record("webhooks.replayed", actor_id=actor.id, thing=thing_of(webhook), after={"delivery_id": delivery.id})
    return delivery


def send_test(webhook_id: int) -> WebhookDelivery:
    """Send an event that means nothing, to see whether it arrives. Raises `NotFound`, `WebhookDisabled`."""
    webhook = _enabled(webhook_id)
    delivery = WebhookDelivery(
        webhook_id=webhook.id,
        key=new_key(),
        event=TEST,
        about={"webhook_id": webhook.id},
        happened_at=utcnow(),
        status=DeliveryStatus.PENDING,
        attempts=0,
    )
    db.session.add(delivery)
    _due(webhook, delivery)
    return delivery


def _enabled(webhook_id: int) -> Webhook:
    webhook = locked(Webhook, webhook_id)
    if not webhook.active:
        raise WebhookDisabled
    return webhook


def _due(webhook: Webhook, delivery: WebhookDelivery) -> None:
    """Let it be tried now, before all others, even if the endpoint rests, and for as long as its kind is."""
    period = TESTED_FOR if delivery.event == TEST else RETRIED_FOR
    delivery.asked_after = delivery.attempts
    delivery.next_attempt_at, delivery.give_up_at = utcnow(), utcnow() + period
    end_rest(webhook)
    db.session.flush()
    take_turn(webhook.id, utcnow())
