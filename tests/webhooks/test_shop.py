"""What webhooks are told of the shop: orders and stock as the API shows them, but for what people wrote."""

from typing import Any

from app.models import User
from app.products import stock
from app.transactions import transaction
from tests.factories import make_booking, make_product, make_service, make_staff, make_user, token_for
from tests.integrations.webhooks.receivers import Receiver, receiving
from tests.orders.till import fulfil, order, sell
from tests.webhooks.house import House, payload


def heard(house: House, receiver: Receiver, webhook: Any) -> dict[str, Any]:
    """Let it be told; return the data of each event, by its name."""
    house.work()
    told = [payload(call, webhook["secret"]) for call in receiver.calls]
    return {one["type"]: one["data"] for one in told}


def test_an_order(house: House) -> None:
    """Its notes and its address are its client's."""
    client, oil = make_user(), make_product(5)
    how = {"fulfilment": "delivery", "address": "1 High Street", "notes": "Ring twice."}
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url, "order.placed", "order.shipped")
        made = order(house.api, client, (oil, 2), **how).json
        assert heard(house, receiver, webhook) == {"order.placed": without_words(made)}
        fulfil(house.api, house.admin, made["id"], "shipped")
        told = heard(house, receiver, webhook)["order.shipped"]
    assert told == without_words(read(house, f"/api/orders/{made['id']}", client))
    assert told["fulfilment_status"] == "shipped"


def test_a_sale(house: House) -> None:
    """Is paid and completed, and says so as orders do; its payment has come."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        sold = sell(house.api, house.admin, (make_product(5), 2)).json
        told = heard(house, receiver, webhook)
    assert told.pop("payment.succeeded")["order_id"] == sold["id"]
    assert told == {name: without_words(sold) for name in ("order.paid", "order.completed")}
    assert told["order.paid"]["channel"] == "in_person"


def test_stock(house: House) -> None:
    """As admins see it; of a shortfall also how much was missing, and for what."""
    soap = make_product(5, reorder_level=2)
    booking = make_booking(make_user(), make_service(), make_staff(), soap.created_at)
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url, "product.low_stock", "product.shortfall")
        with transaction():
            stock.consume({soap.id: 7}, stock.Because(booking_id=booking.id))
        told = heard(house, receiver, webhook)
    shown = read(house, f"/api/inventory/{soap.sku}", house.admin)
    assert (shown["on_hand"], shown["low_stock"]) == (0, True)
    assert told == {"product.low_stock": shown, "product.shortfall": shown | {"missing": 2, "booking_id": booking.id}}


def read(house: House, path: str, who: User) -> Any:
    """Return what somebody reads."""
    return house.api.get(path, token=token_for(who)).json


def without_words(made: dict[str, Any]) -> dict[str, Any]:
    """Return an order without what its client wrote."""
    return {name: value for name, value in made.items() if name not in {"notes", "address"}}
