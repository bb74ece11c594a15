"""`/api/webhooks`: endpoints of others that are told what happens here."""

from typing import Any

from app.models import Role, Webhook, WebhookDelivery
from app.security.guards import current_actor, roles
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of
from app.webhooks import deliveries, service
from app.webhooks.catalogue import CHOICES, EVENTS
from app.webhooks.errors import SecretJustRotated, TooManyWebhooks, WebhookDisabled
from app.webhooks.schemas import (
    DeliveriesQuery,
    DeliveryOut,
    EventOut,
    WebhookChangesIn,
    WebhookIn,
    WebhookIssuedOut,
    WebhookOut,
    WebhooksQuery,
)

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/webhooks")


@blueprint.get("")
@roles(Role.ADMIN)
@blueprint.arguments(WebhooksQuery, location="query")
@blueprint.response(200, list_of(WebhookOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the webhooks."""
    return paginate(service.list_webhooks(), {"created_at": Webhook.created_at}, query)


@blueprint.post("")
@roles(Role.ADMIN)
@blueprint.arguments(WebhookIn)
@transactional
@blueprint.response(201, WebhookIssuedOut)
@blueprint.refuses(TooManyWebhooks)
def create(fields: dict[str, Any]) -> Any:
    """Have an address told of events. The answer shows its secret, this once.

    Requests are signed as the Standard Webhooks specification has it, tried for three days, and may come more than
    once: know them by their `webhook-id`.
    """
    webhook, secret = service.create_webhook(current_actor(), fields)
    return created(_issued(webhook, secret), f"/api/webhooks/{webhook.id}")


@blueprint.get("/events")
@roles(Role.ADMIN)
@blueprint.response(200, list_of(EventOut))
def events() -> Any:
    """List the events that a webhook may be told of."""
    return {
        "items": [{"name": name, "description": EVENTS[name].description} for name in CHOICES],
        "next_cursor": None,
    }


@blueprint.get("/<id:webhook_id>")
@roles(Role.ADMIN)
@blueprint.response(200, WebhookOut)
def read(webhook_id: int) -> Any:
    """Read one webhook."""
    return service.get_webhook(webhook_id)


@blueprint.patch("/<id:webhook_id>")
@roles(Role.ADMIN)
@blueprint.arguments(WebhookChangesIn)
@transactional
@blueprint.response(200, WebhookOut)
def change(fields: dict[str, Any], webhook_id: int) -> Any:
    """Change a webhook. At another address, or with `active` true, what waits for it is sent at once."""
    return service.change_webhook(current_actor(), webhook_id, fields)


@blueprint.delete("/<id:webhook_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
def delete(webhook_id: int) -> None:
    """Remove a webhook with all its deliveries, those that wait too."""
    service.delete_webhook(current_actor(), webhook_id)


@blueprint.post("/<id:webhook_id>/rotate-secret")
@roles(Role.ADMIN)
@transactional
@blueprint.response(200, WebhookIssuedOut)
@blueprint.refuses(SecretJustRotated)
def rotate_secret(webhook_id: int) -> Any:
    """Give a webhook a new secret, shown this once; for a day the old one signs beside it.

    Until that day is over there is no third one: 409.
    """
    return _issued(*service.rotate_secret(current_actor(), webhook_id))


@blueprint.post("/<id:webhook_id>/test")
@roles(Role.ADMIN)
@transactional
@blueprint.response(202, DeliveryOut)
@blueprint.refuses(WebhookDisabled)
def test(webhook_id: int) -> Any:
    """Send a `webhook.test` event, and look at its delivery to see whether it arrived."""
    return deliveries.send_test(webhook_id)


@blueprint.get("/<id:webhook_id>/deliveries")
@roles(Role.ADMIN)
@blueprint.arguments(DeliveriesQuery, location="query")
@blueprint.response(200, list_of(DeliveryOut))
def list_deliveries(query: dict[str, Any], webhook_id: int) -> Any:
    """List what was delivered to a webhook, is to be, or was given up, for thirty days."""
    found = deliveries.list_deliveries(webhook_id, query["status"])
    return paginate(found, {"created_at": WebhookDelivery.created_at}, query)


@blueprint.post("/<id:webhook_id>/deliveries/<id:delivery_id>/replay")
@roles(Role.ADMIN)
@transactional
@blueprint.response(202, DeliveryOut)
@blueprint.refuses(WebhookDisabled)
def replay(webhook_id: int, delivery_id: int) -> Any:
    """Deliver an event once more, whatever became of it, under the same `webhook-id`."""
    return deliveries.replay(current_actor(), webhook_id, delivery_id)


def _issued(webhook: Webhook, secret: str) -> dict[str, Any]:
    shown: dict[str, Any] = WebhookOut().dump(webhook)
    return shown | {"secret": secret}
