"""A refund of an order that has issued gift cards or packages takes these back, or is refused."""

from typing import Any

import pytest

from app.extensions import db
from app.integrations.payments import Status
from app.models import ProductKind, Service, User
from app.transactions import reading
from tests.api import Api
from tests.factories import make_product, token_for
from tests.ledger.money import found_wrong
from tests.payments.desk import booked, everything, give_back, ordered, pay, read, tell
from tests.payments.refusals import refused
from tests.payments.scripted import Scripted
from tests.prepaid.bought import CHECKS


def bought(api: Api, client: User, *kinds: dict[str, Any]) -> dict[str, Any]:
    """Order one unit of each of some new products of 1,000."""
    items = [
        {"product_id": make_product(0 if kind else 5, price_amount=1000, **kind).id, "quantity": 1} for kind in kinds
    ]
    made: dict[str, Any] = api.post("/api/orders", {"items": items}, token=token_for(client)).json
    return made


CARD: dict[str, Any] = {"kind": ProductKind.GIFT_CARD, "card_amount": 1000}
GOODS: dict[str, Any] = {}


def card_of(api: Api, client: User, order: dict[str, Any]) -> dict[str, Any]:
    """Return the gift card that an order has issued."""
    found: dict[str, Any] = api.get(f"/api/gift-cards?order_id={order['id']}", token=token_for(client)).json["items"][0]
    return found


def package_of(service: Service) -> dict[str, Any]:
    """Return the terms of a package of five visits."""
    return {"kind": ProductKind.PACKAGE, "package_service_id": service.id, "package_visits": 5, "valid_days": 90}


def test_what_was_issued_is_void(api: Api, ada: User, clerk: User, admin: User) -> None:
    """Given back whole, in one request, nothing is left to be spent."""
    booking = booked(ada)
    order = bought(api, ada, CARD, package_of(db.session.get_one(Service, booking.items[0].service_id)))
    paid = pay(api, clerk, order).json
    card = card_of(api, ada, order)
    assert give_back(api, admin, paid["id"]).status_code == 201
    assert refused(pay(api, ada, booking, "gift_card", code=card["code"], amount={"amount": 1}), 409, "prepaid_void")
    assert refused(pay(api, ada, booking, "package"), 409, "no_package")
    assert found_wrong() == []


def test_what_was_used_keeps_its_money(api: Api, ada: User, clerk: User, admin: User) -> None:
    """Nobody has both."""
    order = bought(api, ada, CARD)
    paid = pay(api, clerk, order).json
    pay(api, ada, booked(ada), "gift_card", code=card_of(api, ada, order)["code"], amount={"amount": 1})
    before = everything()
    assert refused(give_back(api, admin, paid["id"]), 409, "prepaid_used")
    assert everything() == before


def test_goods_go_back_first(api: Api, ada: User, clerk: User, admin: User) -> None:
    """As much as they cost leaves the card; what goes beyond is all that is left, or refused."""
    order = bought(api, ada, CARD, GOODS)
    paid = pay(api, clerk, order).json
    assert give_back(api, admin, paid["id"], 1000).status_code == 201
    assert card_of(api, ada, order)["status"] == "active"
    before = everything()
    assert refused(give_back(api, admin, paid["id"], 999), 409, "prepaid_whole_only")
    assert refused(give_back(api, admin, paid["id"], 1001), 409, "refund_exceeds_payment")
    assert everything() == before
    assert give_back(api, admin, paid["id"], 1000).status_code == 201
    assert card_of(api, ada, order)["status"] == "void"


def test_of_several_payments(api: Api, ada: User, clerk: User, admin: User) -> None:
    """The first that goes back takes what was issued along; the other follows."""
    order = bought(api, ada, CARD)
    first, second = pay(api, clerk, order, amount={"amount": 400}).json, pay(api, clerk, order).json
    assert give_back(api, admin, first["id"]).status_code == 201
    assert card_of(api, ada, order)["status"] == "void"
    assert give_back(api, admin, second["id"], 100).status_code == 201
    assert found_wrong() == []


@pytest.mark.parametrize("used", [0, 300])
def test_a_dispute(api: Api, ada: User, admin: User, stripe: Scripted, used: int) -> None:
    """The money is gone: so is what is left on the card, and what a refund puts back on it."""
    stripe.starts = Status.SUCCEEDED
    order = bought(api, ada, CARD)
    paid = pay(api, ada, order, "card").json
    card = card_of(api, ada, order)
    spent = used and pay(api, ada, booked(ada), "gift_card", code=card["code"], amount={"amount": used}).json
    seen = {"provider_reference": "dp_1", "reference": None, "amount": 1000, "status": "succeeded", "is_dispute": True}
    named = {"provider_reference": paid["provider_reference"], "payment_reference": paid["reference"]}
    assert tell(api, "evt_1", **named, refund=seen).status_code == 200
    assert read(api, ada, f"/{paid['id']}")["refunded"]["amount"] == 1000
    assert card_of(api, ada, order)["status"] == "void"
    if spent:
        assert give_back(api, admin, spent["id"]).status_code == 201
        assert card_of(api, ada, order)["balance"]["amount"] == 0
    assert found_wrong() == []


def test_an_order_of_goods_alone(api: Api, ada: User, clerk: User, admin: User) -> None:
    """Has nothing to take back."""
    paid = pay(api, clerk, ordered(api, ada)).json
    assert give_back(api, admin, paid["id"], 1).status_code == 201


def test_a_part_that_went_back_is_missing(api: Api, ada: User, clerk: User, admin: User) -> None:
    """The rest does not buy the whole: what was not paid for is not issued, and lapses."""
    order = bought(api, ada, CARD)
    paid = pay(api, clerk, order, amount={"amount": 400}).json
    assert give_back(api, admin, paid["id"]).status_code == 201
    before = everything()
    assert refused(pay(api, clerk, order), 409, "not_payable")
    assert everything() == before
    with reading():
        assert [line for check in CHECKS for line in check()] == []
