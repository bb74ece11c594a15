"""The selects of webhooks. They are the admins' alone: the guard has looked."""

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, literal, or_, select

from app.jobs.queries import WAITING
from app.models import DeliveryStatus, OutboxEvent, Webhook, WebhookDelivery

TURN: Final = "webhooks.turn"
"""The outbox topic of turns; payload: `webhook_id`."""

_SUBJECT: Final = "webhook:"
_TURNS: Final = (OutboxEvent.topic == TURN, *WAITING)
_PENDING = WebhookDelivery.status == DeliveryStatus.PENDING


def webhooks() -> Select[Webhook]:
    """Select all endpoints."""
    return select(Webhook)


def active_locked() -> Select[Webhook]:
    """Select those that are sent what they ask for, as they are now, and lock them."""
    active = select(Webhook).where(Webhook.disabled_at.is_(None)).order_by(Webhook.id)
    return active.with_for_update(key_share=True).execution_options(populate_existing=True)


def numbers() -> Select[int]:
    """Select the numbers that are taken."""
    return select(Webhook.number)


def deliveries_to(webhook_id: int, status: DeliveryStatus | None) -> Select[WebhookDelivery]:
    """Select what was, or is to be, delivered to an endpoint."""
    found = select(WebhookDelivery).where(WebhookDelivery.webhook_id == webhook_id)
    return found if status is None else found.where(WebhookDelivery.status == status)


def waiting(webhook_id: int, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of the deliveries that an endpoint has yet to get."""
    return (WebhookDelivery.webhook_id == webhook_id, _PENDING, WebhookDelivery.give_up_at > now)


def next_due(webhook_id: int, now: datetime) -> Select[WebhookDelivery]:
    """Select the delivery whose turn it is: of those that are due, and not given up, the longest due."""
    due = select(WebhookDelivery).where(*waiting(webhook_id, now), WebhookDelivery.next_attempt_at <= now)
    return due.order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id).limit(1)


def next_asked(webhook_id: int, now: datetime) -> Select[WebhookDelivery]:
    """Select the one of `next_due` that comes before all others, as an admin has asked for it and waits."""
    return next_due(webhook_id, now).where(WebhookDelivery.asked_after.is_not(None))


def earliest_attempt(webhook_id: int, now: datetime) -> Select[datetime | None]:
    """Select when the next delivery to an endpoint is due."""
    return select(func.min(WebhookDelivery.next_attempt_at)).where(*waiting(webhook_id, now))


def subject_of(webhook_id: int) -> str:
    """Return the subject of an endpoint's turns."""
    return f"{_SUBJECT}{webhook_id}"


def turn_by(webhook_id: int, at: datetime, now: datetime) -> Select[bool]:
    """Select whether an endpoint has a turn, due by an instant, that no worker has in its hands."""
    unclaimed = or_(OutboxEvent.claimed_until.is_(None), OutboxEvent.claimed_until <= now)
    turns = (*_TURNS, OutboxEvent.subject == subject_of(webhook_id), OutboxEvent.due_at <= at)
    return select(exists().where(*turns, unclaimed))


def left_behind(now: datetime) -> Select[int]:
    """Select the ids of the endpoints that have a delivery due, and no turn in which to make it."""
    due = exists().where(
        WebhookDelivery.webhook_id == Webhook.id,
        _PENDING,
        WebhookDelivery.give_up_at > now,
        WebhookDelivery.next_attempt_at <= now,
    )
    turn = exists().where(*_TURNS, OutboxEvent.subject == literal(_SUBJECT) + cast(Webhook.id, String))
    return select(Webhook.id).where(Webhook.disabled_at.is_(None), due, ~turn).order_by(Webhook.id)
