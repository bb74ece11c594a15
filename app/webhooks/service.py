"""The verbs of endpoints. Admins alone have them."""

from contextlib import suppress
from typing import Any

from sqlalchemy import Select, update

from app.audit.service import record
from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.kit.errors import NotFound
from app.models import MOST_WEBHOOKS, DisabledBy, Webhook, WebhookDelivery
from app.security.actor import Actor
from app.transactions import locked, refusing
from app.webhooks import queries
from app.webhooks.errors import SecretJustRotated, TooManyWebhooks
from app.webhooks.outcomes import disable, thing_of
from app.webhooks.policy import SECRETS_OVERLAP
from app.webhooks.sealing import is_readable, new_secret, seal, signing
from app.webhooks.turns import end_rest, plan

Issued = tuple[Webhook, str]
"""An endpoint and its new secret, which is shown this once."""


def list_webhooks() -> Select[Webhook]:
    """Return the select of all endpoints."""
    return queries.webhooks()


def get_webhook(webhook_id: int) -> Webhook:
    """Return an endpoint. Raises `NotFound`."""
    webhook = db.session.get(Webhook, webhook_id, populate_existing=True)
    if webhook is None:
        raise NotFound
    return webhook


def create_webhook(actor: Actor, fields: dict[str, Any]) -> Issued:
    """Add an endpoint; it is told of what happens from now on. Raises `TooManyWebhooks`."""
    secret = new_secret()
    webhook = _numbered(fields | {"secret": seal(secret)})
    record("webhooks.created", actor_id=actor.id, thing=thing_of(webhook), after={"events": webhook.events})
    return webhook, secret


def change_webhook(actor: Actor, webhook_id: int, fields: dict[str, Any]) -> Webhook:
    """Change the fields given. What waits goes to another address at once; failures at the old one are forgotten.

    `active` true sends it again what waits, at once, and what comes. Raises `NotFound`.
    """
    webhook = locked(Webhook, webhook_id)
    active = fields.pop("active", None)
    is_moved = fields.get("url", webhook.url) != webhook.url
    before = {"active": webhook.active, "events": webhook.events}
    for name, value in fields.items():
        setattr(webhook, name, value)
    _switch(webhook, active=webhook.active if active is None else active)
    if is_moved or active:
        _begin_anew(webhook, is_moved=is_moved)
    webhook.updated_at = utcnow()
    db.session.flush()
    after = {"active": webhook.active, "events": webhook.events, "changed": sorted(fields)}
    record("webhooks.changed", actor_id=actor.id, thing=thing_of(webhook), before=before, after=after)
    return webhook


def delete_webhook(actor: Actor, webhook_id: int) -> None:
    """Remove an endpoint, and all that was or is to be delivered to it. Raises `NotFound`."""
    webhook = locked(Webhook, webhook_id)
    told = {"events": webhook.events}
    db.session.delete(webhook)
    db.session.flush()
    record("webhooks.deleted", actor_id=actor.id, thing=thing_of(webhook), before=told)


def rotate_secret(actor: Actor, webhook_id: int) -> Issued:
    """Give an endpoint a new secret; for a day the one of before signs as well, or else the last that can be read.

    Raises `NotFound`, `SecretJustRotated`.
    """
    webhook, secret, now = locked(Webhook, webhook_id), new_secret(), utcnow()
    if len(signing(webhook, now)) > 1:
        raise SecretJustRotated
    if is_readable(webhook.secret):
        webhook.old_secret, webhook.old_secret_until = webhook.secret, now + SECRETS_OVERLAP
    webhook.secret, webhook.updated_at = seal(secret), now
    db.session.flush()
    record("webhooks.secret_rotated", actor_id=actor.id, thing=thing_of(webhook))
    return webhook, secret


class _NumberTaken(TooManyWebhooks):
    """Somebody else has just taken the number."""


def _numbered(fields: dict[str, Any]) -> Webhook:
    """Write an endpoint under the first number that is free; of two at once, the database lets one have it."""
    taken = set(db.session.scalars(queries.numbers()))
    for number in range(1, MOST_WEBHOOKS + 1):
        with suppress(_NumberTaken):
            if number not in taken:
                return _written(Webhook(number=number, **fields))
    raise TooManyWebhooks


def _written(webhook: Webhook) -> Webhook:
    with refusing("unique", _NumberTaken):
        db.session.add(webhook)
    return webhook


def _switch(webhook: Webhook, *, active: bool) -> None:
    """Switch a locked endpoint on or off, where it is not already."""
    if not active:
        disable(webhook, DisabledBy.ADMIN, utcnow())
    else:
        webhook.disabled_by = webhook.disabled_at = None


def _begin_anew(webhook: Webhook, *, is_moved: bool) -> None:
    """Forget a locked endpoint's failures, and send what waits for it now; a call may be under way, to its address."""
    now = utcnow()
    webhook.failures, webhook.failing_since = 0, None
    if is_moved:
        webhook.free_at = None
    end_rest(webhook)
    waiting = update(WebhookDelivery).where(*queries.waiting(webhook.id, now))
    db.session.execute(waiting.values(next_attempt_at=now), execution_options=BULK)
    plan(webhook)
