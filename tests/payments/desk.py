"""What tests of payments share: asking, and seeing what a refusal must leave as it was."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.jobs.worker import work_once
from app.kit import clock
from app.models import (
    Booking,
    BookingStatus,
    GiftCardMovement,
    Invoice,
    LedgerEntry,
    Order,
    OutboxEvent,
    PackageMovement,
    Payment,
    PendingReason,
    ProviderEvent,
    Refund,
    User,
)
from app.transactions import reading
from tests.api import Api
from tests.factories import make_booking, make_product, make_service, make_working_staff, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1, hours=4)
PAYMENTS = "/api/payments"
WRITTEN = (
    Booking,
    GiftCardMovement,
    Invoice,
    LedgerEntry,
    Order,
    OutboxEvent,
    PackageMovement,
    Payment,
    ProviderEvent,
    Refund,
)


def booked(client: User, price: int = 4500, **fields: Any) -> Booking:
    """Write a confirmed booking of tomorrow, free to be cancelled until it starts."""
    service = make_service(price_amount=price)
    defaults: dict[str, Any] = {"cancel_free_until": TOMORROW}
    return make_booking(client, service, make_working_staff(service), TOMORROW, **(defaults | fields))


def awaiting_deposit(client: User, deposit: int = 1000, **fields: Any) -> Booking:
    """Write a booking of tomorrow that waits half an hour for its deposit."""
    waiting: dict[str, Any] = {
        "status": BookingStatus.PENDING,
        "pending_reason": PendingReason.DEPOSIT,
        "deposit_amount": deposit,
    }
    terms = {"expires_at": NOW + timedelta(minutes=30), "late_cancel_fee_amount": deposit}
    return booked(client, **(waiting | terms | fields))


def ordered(api: Api, client: User, price: int = 1200, quantity: int = 2) -> dict[str, Any]:
    """Order some units of a new product; return the order."""
    product = make_product(10, price_amount=price)
    body = {"items": [{"product_id": product.id, "quantity": quantity}]}
    made: dict[str, Any] = api.post("/api/orders", body, token=token_for(client)).json
    return made


def pay(api: Api, who: User, thing: Booking | dict[str, Any], method: str = "cash", **more: Any) -> Any:
    """POST a payment for a booking, or an order."""
    named = {"order_id": thing["id"]} if isinstance(thing, dict) else {"booking_id": thing.id}
    headers = {"Idempotency-Key": more.pop("key")} if "key" in more else None
    return api.post(PAYMENTS, named | {"method": method} | more, token=token_for(who), headers=headers)


def give_back(api: Api, who: User, payment_id: int, amount: int | None = None, **more: Any) -> Any:
    """POST a refund of a payment."""
    some = {} if amount is None else {"amount": {"amount": amount}}
    body = {"payment_id": payment_id, "reason": "It was not to be."} | some | more
    return api.post(f"{PAYMENTS}/refund", body, token=token_for(who))


def tell(api: Api, event_id: str, signature: str = "good", **said: Any) -> Any:
    """Let the signing provider say something."""
    headers = {"Stripe-Signature": signature}
    return api.post(f"{PAYMENTS}/webhooks/stripe", {"event_id": event_id} | said, headers=headers)


def succeeded(payment: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Return what a provider says of a payment that has come."""
    amount = {"amount": payment["amount"]["amount"], "currency": payment["amount"]["currency"]} | other
    named = {"provider_reference": payment["provider_reference"], "payment_reference": payment["reference"]}
    outcome = {"status": "succeeded", "provider_reference": payment["provider_reference"]} | amount
    return named | amount | {"outcome": outcome}


def sync(api: Api, who: User, payment_id: int) -> Any:
    """Let the provider be asked about a payment."""
    return api.post(f"{PAYMENTS}/{payment_id}/sync", token=token_for(who)).json


def read(api: Api, who: User, path: str) -> Any:
    """GET something of the payments."""
    return api.get(f"{PAYMENTS}{path}", token=token_for(who)).json


def work(after: timedelta = timedelta(0)) -> int:
    """Carry out what is due after a while."""
    with clock.frozen(NOW + after):
        return work_once()


def now_of(row: Any) -> Any:
    """Return a row as it is now."""
    with reading():
        return db.session.get_one(type(row), row.id, populate_existing=True)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that payments write, by table."""
    found = {
        model.__tablename__: sorted(map(tuple, db.session.execute(select(model.__table__))), key=repr)
        for model in WRITTEN
    }
    db.session.commit()
    return found
