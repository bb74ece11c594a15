"""Who is told of what has happened: each endpoint that asked for it, in a delivery of its own."""

from app.extensions import db
from app.jobs.events import Event, listens
from app.kit.clock import utcnow
from app.kit.references import new_name
from app.models import Webhook, WebhookDelivery
from app.webhooks import queries
from app.webhooks.catalogue import CHOICES
from app.webhooks.policy import RETRIED_FOR
from app.webhooks.turns import take_turn


def connect() -> None:
    """Listen; called once by `create_app`."""
    listens(CHOICES, _on_event)


def _on_event(event: Event) -> None:
    """Write the deliveries of an event. It is told of once: the database refuses an endpoint the same event again."""
    wanting = [webhook for webhook in db.session.scalars(queries.active_locked()) if webhook.wants(event.name)]
    db.session.add_all(delivery_of(event, webhook) for webhook in wanting)
    db.session.flush()
    for webhook in wanting:
        take_turn(webhook.id, utcnow())


def delivery_of(event: Event, webhook: Webhook) -> WebhookDelivery:
    """Return the delivery of an event to an endpoint, due at once."""
    now = utcnow()
    return WebhookDelivery(
        webhook_id=webhook.id,
        key=new_key(),
        event=event.name,
        event_key=f"{event.id}-{event.happened_at:%Y%m%dT%H%M%S%f}",  # ids alone may come again in a new database
        about=dict(event.about),
        happened_at=event.happened_at,
        next_attempt_at=now,
        give_up_at=now + RETRIED_FOR,
    )


def new_key() -> str:
    """Return the `webhook-id` of a new delivery."""
    return f"msg_{new_name()}"
