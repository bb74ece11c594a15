"""What orders announce: each step once, in its transaction, and nothing that was refused or rehearsed."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.jobs.events import EVENT
from app.kit import clock
from app.models import FulfilmentStatus, Order, OrderStatus, OrderStep, OutboxEvent, ProductKind, User
from app.orders.service import record_payment
from app.orders.service.expiry import expire_order
from app.orders.service.record import events_of
from app.transactions import reading, transaction
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_product, token_for
from tests.orders.till import NOW, ORDERS, cancel, fulfil, items, order, sell

OPEN, COMPLETED, CANCELLED, EXPIRED = (
    OrderStatus.OPEN,
    OrderStatus.COMPLETED,
    OrderStatus.CANCELLED,
    OrderStatus.EXPIRED,
)
DELIVERY = {"fulfilment": "delivery", "address": "1 High Street"}


def told(order_id: int) -> list[str]:
    """Return what was announced of an order, in order: each in line with the rest of it."""
    with reading():
        found = select(OutboxEvent).where(OutboxEvent.topic == EVENT, OutboxEvent.subject == f"order:{order_id}")
        rows = db.session.scalars(found.order_by(OutboxEvent.id)).all()
        assert all(row.payload["about"] == {"order_id": order_id} for row in rows)
        return [row.payload["name"] for row in rows]


def pay(order_id: int, amount: int) -> None:
    """Let money come."""
    with transaction():
        record_payment(order_id, amount)


@each_case(
    ("step", "before", "fields", "expected"),
    [
        (OrderStep.CREATE, None, {}, ["order.placed"]),
        (OrderStep.PAY, OPEN, {"paid_amount": 1}, []),
        (OrderStep.PAY, OPEN, {"paid_amount": 2}, ["order.paid"]),
        (OrderStep.PAY, OPEN, {"paid_amount": 2, "status": COMPLETED}, ["order.paid", "order.completed"]),
        (OrderStep.FULFIL, OPEN, {"fulfilment_status": FulfilmentStatus.READY}, ["order.ready"]),
        (OrderStep.FULFIL, OPEN, {"fulfilment_status": FulfilmentStatus.SHIPPED}, ["order.shipped"]),
        (OrderStep.FULFIL, OPEN, {"fulfilment_status": FulfilmentStatus.FULFILLED}, ["order.fulfilled"]),
        (
            OrderStep.FULFIL,
            OPEN,
            {"fulfilment_status": FulfilmentStatus.FULFILLED, "status": COMPLETED},
            ["order.fulfilled", "order.completed"],
        ),
        (OrderStep.SELL, None, {"paid_amount": 2, "status": COMPLETED}, ["order.paid", "order.completed"]),
        (OrderStep.CANCEL, OPEN, {"status": CANCELLED}, ["order.cancelled"]),
        (OrderStep.EXPIRE, OPEN, {"status": EXPIRED}, ["order.expired"]),
        (OrderStep.RETURN, COMPLETED, {"paid_amount": 2, "status": COMPLETED}, []),
    ],
)
def test_what_follows_from_a_step(
    step: OrderStep, before: OrderStatus | None, fields: dict[str, Any], expected: list[str]
) -> None:
    asked = {"status": OPEN, "fulfilment_status": FulfilmentStatus.UNFULFILLED, "total_amount": 2, "paid_amount": 0}
    assert events_of(step, before, Order(**(asked | fields))) == expected


def test_from_the_first_to_the_last(api: Api, ada: User, clerk: User) -> None:
    """Of money in two parts, the second is told."""
    made = order(api, ada, (make_product(5), 3), **DELIVERY).json
    pay(made["id"], 1)
    pay(made["id"], made["total"]["amount"] - 1)
    for step in ("ready", "shipped", "fulfilled"):
        fulfil(api, clerk, made["id"], step)
    expected = ["placed", "paid", "ready", "shipped", "fulfilled", "completed"]
    assert told(made["id"]) == [f"order.{name}" for name in expected]


def test_sales_and_what_costs_nothing(api: Api, ada: User, clerk: User) -> None:
    sold = sell(api, clerk, (make_product(5), 1)).json
    assert told(sold["id"]) == ["order.paid", "order.completed"]
    given = order(api, ada, (make_product(kind=ProductKind.GIFT_CARD, price_amount=0), 1)).json
    assert told(given["id"]) == ["order.placed", "order.paid", "order.completed"]


def test_cancelled_once(api: Api, ada: User) -> None:
    made = order(api, ada, (make_product(5), 3)).json
    cancel(api, ada, made["id"])
    cancel(api, ada, made["id"])
    assert told(made["id"]) == ["order.placed", "order.cancelled"]


def test_expired_once(api: Api, ada: User, eve: User) -> None:
    """Whether its task comes up or somebody wants its goods."""
    oil = make_product(5)
    made = order(api, ada, (oil, 5)).json
    with clock.frozen(NOW.replace(hour=7)):
        assert order(api, eve, (oil, 5)).status_code == 201
        with transaction():
            expire_order(made["id"])
    assert told(made["id"]) == ["order.placed", "order.expired"]


def test_what_was_refused_or_rehearsed(api: Api, ada: User, clerk: User) -> None:
    """Is announced to nobody."""
    oil = make_product(5)
    made = order(api, ada, (oil, 3)).json
    assert order(api, ada, (oil, 3)).status_code == 409
    body = {"items": items([(oil, 1)])}
    assert api.post(f"{ORDERS}?dry_run=true", body, token=token_for(ada)).status_code == 200
    assert fulfil(api, clerk, made["id"], "shipped").status_code == 409
    with reading():
        names = [row["name"] for row in db.session.scalars(select(OutboxEvent.payload)) if "name" in row]
    assert names == ["order.placed"]
