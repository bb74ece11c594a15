"""What the databases themselves say of webhooks and deliveries, broken on purpose, past all of our code."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import MOST_WEBHOOKS, Webhook, WebhookDelivery
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_delivery, make_webhook
from tests.models.test_constraints import refused, refused_by_database

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)


@pytest.fixture
def delivery(app: Flask) -> WebhookDelivery:
    """A delivery that waits, to a webhook that is active."""
    return make_delivery(make_webhook())


@each_case(
    ("model", "values", "name"),
    [
        (Webhook, {"number": 0}, "ck_webhooks_number"),
        (Webhook, {"number": MOST_WEBHOOKS + 1}, "ck_webhooks_number"),
        (Webhook, {"url": ""}, "ck_webhooks_url"),
        (Webhook, {"url": "file:///etc/passwd"}, "ck_webhooks_url"),
        (Webhook, {"secret": ""}, "ck_webhooks_secret"),
        (Webhook, {"old_secret": "sealed"}, "ck_webhooks_old_secret"),
        (Webhook, {"old_secret_until": NINE}, "ck_webhooks_old_secret"),
        (Webhook, {"disabled_at": NINE}, "ck_webhooks_disabled"),
        (Webhook, {"disabled_by": "gone"}, "ck_webhooks_disabled"),
        (Webhook, {"failures": -1, "failing_since": NINE}, "ck_webhooks_failures"),
        (Webhook, {"failures": 1}, "ck_webhooks_failures"),
        (Webhook, {"failing_since": NINE}, "ck_webhooks_failures"),
        (WebhookDelivery, {"attempts": -1}, "ck_webhook_deliveries_attempts"),
        (WebhookDelivery, {"asked_after": -1}, "ck_webhook_deliveries_asked_after"),
        (WebhookDelivery, {"asked_after": 1}, "ck_webhook_deliveries_asked_after"),
        (WebhookDelivery, {"next_attempt_at": None}, "ck_webhook_deliveries_next_attempt"),
        (WebhookDelivery, {"status": "failed"}, "ck_webhook_deliveries_next_attempt"),
        (WebhookDelivery, {"delivered_at": NINE}, "ck_webhook_deliveries_delivered"),
        (WebhookDelivery, {"status": "delivered", "next_attempt_at": None}, "ck_webhook_deliveries_delivered"),
        (WebhookDelivery, {"last_status": 99}, "ck_webhook_deliveries_last_status"),
        (WebhookDelivery, {"last_status": 1000}, "ck_webhook_deliveries_last_status"),
        (WebhookDelivery, {"last_ms": -1}, "ck_webhook_deliveries_last_ms"),
    ],
)
def test_unlawful_values_are_refused(delivery: WebhookDelivery, model: Any, values: dict[str, Any], name: str) -> None:
    """One row of everything is there; no update may make it unlawful."""
    refused(update(model.__table__).values(values), name)


@pytest.mark.parametrize(("table", "column"), [("webhooks", "disabled_by"), ("webhook_deliveries", "status")])
def test_there_are_no_other_words(delivery: WebhookDelivery, table: str, column: str) -> None:
    caught = refused_by_database(table, {column: "maybe"})
    assert f"ck_{table}_" in str(caught.value)


def test_each_number_is_there_once(delivery: WebhookDelivery) -> None:
    """So that there are no more than so many, whoever writes them."""
    with pytest.raises(IntegrityError) as caught:
        make_webhook()
    assert "number" in str(caught.value.orig)
    make_webhook(number=2)


@pytest.mark.parametrize(("same", "name"), [({"key": "msg_1"}, "key"), ({"event_key": "1-now"}, "event_key")])
def test_an_endpoint_is_told_of_an_event_once(delivery: WebhookDelivery, same: dict[str, str], name: str) -> None:
    """And no two messages have one name; tests, which are no events, are sent as often as wished."""
    webhook, other = Webhook(id=delivery.webhook_id), make_webhook(number=2)
    make_delivery(webhook, key="msg_1", event_key="1-now")
    with pytest.raises(IntegrityError) as caught:
        make_delivery(webhook, **({"key": "msg_2", "event_key": "2-now"} | same))
    assert name in str(caught.value.orig)
    make_delivery(other, key="msg_3", event_key="1-now")
    for key in ("msg_4", "msg_5"):
        make_delivery(webhook, key=key, event_key=None)


def test_deliveries_go_with_their_webhook(delivery: WebhookDelivery) -> None:
    """And none is left without one."""
    with transaction():
        db.session.execute(delete(Webhook))
        assert db.session.scalars(select(WebhookDelivery.id)).all() == []
    row = {column.key: getattr(delivery, column.key) for column in WebhookDelivery.__table__.columns}
    with pytest.raises(IntegrityError), transaction():
        db.session.execute(insert(WebhookDelivery).values(row))
