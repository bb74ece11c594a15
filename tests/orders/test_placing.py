"""`POST /api/orders`: all of it is kept, or none."""

from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.models import Product, ProductKind, Role, User
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_product, make_user, token_for
from tests.orders.till import ORDERS, everything, order, stock_of


def test_an_order(api: Api, ada: User) -> None:
    """It has copies of what was ordered, keeps it for half an hour, and is its client's."""
    oil, comb = make_product(10, price_amount=1500, name="Oil"), make_product(3, price_amount=250)
    answer = order(api, ada, (oil, 2), (comb, 3), notes="Ring twice")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{ORDERS}/{answer.json['id']}")
    made = answer.json
    assert made["reference"].startswith("OR-")
    assert [made[name] for name in ("channel", "status", "payment_status", "fulfilment_status", "fulfilment")] == [
        "online",
        "open",
        "unpaid",
        "unfulfilled",
        "pickup",
    ]
    assert (made["client_id"], made["expires_at"], made["notes"]) == (ada.id, "2030-01-07T06:30:00Z", "Ring twice")
    assert made["items"][0] == {
        "product_id": oil.id,
        "kind": "retail",
        "sku": oil.sku,
        "name": "Oil",
        "quantity": 2,
        "unit_price": {"amount": 1500, "currency": "KES"},
        "total": {"amount": 3000, "currency": "KES"},
    }
    amounts = {name: made[name]["amount"] for name in ("subtotal", "tax", "total", "amount_paid")}
    assert amounts == {"subtotal": 3750, "tax": 0, "total": 3750, "amount_paid": 0}
    assert stock_of(oil, comb) == [(10, 2), (3, 3)]
    read = api.get(answer.headers["Location"], token=token_for(ada))
    assert (read.json, read.headers["Cache-Control"]) == (made, "no-store")


def test_by_sku_in_any_capitals(api: Api, ada: User) -> None:
    """The same product by id and by SKU is one line (ST-04)."""
    oil = make_product(3, sku="Oil-1")
    asked = [{"sku": "oil-1", "quantity": 1}, {"product_id": oil.id, "quantity": 2}]
    made = api.post(ORDERS, {"items": asked}, token=token_for(ada)).json
    assert [(line["sku"], line["quantity"]) for line in made["items"]] == [("Oil-1", 3)]
    assert stock_of(oil) == [(3, 3)]


def test_the_last_one_on_two_lines(api: Api, ada: User) -> None:
    """ST-04: what is asked for is summed before it is taken."""
    last = make_product(1)
    before = everything()
    answer = order(api, ada, (last, 1), (last, 1))
    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert answer.json["lines"] == [
        {"index": 0, "product_id": last.id, "sku": last.sku, "requested": 2, "available": 1}
    ]
    assert everything() == before


def test_the_third_line_is_out_of_stock(api: Api, ada: User) -> None:
    """ST-13: no order, no stock, no task; and the answer says which lines, and how many can be had."""
    here, there, short, gone = make_product(9), make_product(9), make_product(2), make_product(0)
    before = everything()
    answer = order(api, ada, (here, 1), (there, 2), (short, 3), (gone, 1))
    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert answer.json["errors"] == {"items.2": ["2 can be had."], "items.3": ["0 can be had."]}
    assert [(line["index"], line["available"]) for line in answer.json["lines"]] == [(2, 2), (3, 0)]
    assert everything() == before


def test_no_stock_is_kept_of_everything(api: Api, ada: User) -> None:
    """ST-19: of what is not tracked there is always enough; of what is, and has none, there is none."""
    endless, none = make_product(tracked=False), make_product(0)
    assert order(api, ada, (endless, 10_000)).status_code == 201
    assert order(api, ada, (none, 1)).status_code == 409
    assert stock_of(endless, none) == [(0, 0), (0, 0)]


def test_what_is_retired_is_not_sold(api: Api, ada: User) -> None:
    """ST-12: 409 naming the lines; the older order keeps its name and price."""
    oil, comb = make_product(9, name="Oil"), make_product(9)
    older = order(api, ada, (oil, 1)).json
    with transaction():
        retired = {"active": False, "name": "Gone", "price_amount": 1}
        db.session.execute(update(Product).where(Product.id == oil.id).values(retired))
    before = everything()
    answer = order(api, ada, (comb, 1), (oil, 1))
    assert (answer.status_code, answer.json["code"]) == (409, "not_available")
    assert (list(answer.json["errors"]), answer.json["lines"][0]["sku"]) == (["items.1"], oil.sku)
    assert everything() == before
    read = api.get(f"{ORDERS}/{older['id']}", token=token_for(ada)).json
    assert (read["items"], read["total"]) == (older["items"], older["total"])


def test_another_price_than_the_cart_showed(api: Api, ada: User) -> None:
    """409 naming the line and the price now; the right price, or none, is taken."""
    oil = make_product(9, price_amount=1500)
    before = everything()
    asked = {"product_id": oil.id, "quantity": 1, "unit_price": {"amount": 1499}}
    answer = api.post(ORDERS, {"items": [asked]}, token=token_for(ada))
    assert (answer.status_code, answer.json["code"]) == (409, "price_changed")
    assert list(answer.json["errors"]) == ["items.0.unit_price"]
    assert answer.json["lines"][0]["unit_price"] == {"amount": 1500, "currency": "KES"}
    assert everything() == before
    right = asked | {"unit_price": {"amount": 1500, "currency": "KES"}}
    assert api.post(ORDERS, {"items": [right]}, token=token_for(ada)).status_code == 201


ITEM = {"product_id": 1, "quantity": 1}


@refused_by_shape
@each_case(
    ("body", "field"),
    [
        ({}, "items"),
        ({"items": []}, "items"),
        ({"items": {}}, "items"),
        ({"items": [7]}, "items.0"),
        ({"items": [ITEM | {"quantity": 0}]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": -5}]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": -5}, ITEM]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": 10**12}]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": 10_001}]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": 1.0}]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": "1"}]}, "items.0.quantity"),
        ({"items": [ITEM | {"quantity": True}]}, "items.0.quantity"),
        ({"items": [{"product_id": 1}]}, "items.0.quantity"),
        ({"items": [{"quantity": 1}]}, "items.0.product_id"),
        ({"items": [ITEM | {"sku": "A"}]}, "items.0.product_id"),
        ({"items": [{"sku": "", "quantity": 1}]}, "items.0.sku"),
        ({"items": [{"sku": "A\0", "quantity": 1}]}, None),
        ({"items": [ITEM | {"product_id": 2**63}]}, "items.0.product_id"),
        # PAY-50: a price in another currency; an order has one, the house's.
        ({"items": [ITEM | {"unit_price": {"amount": 1, "currency": "EUR"}}]}, "items.0.unit_price.currency"),
        ({"items": [ITEM | {"price": 0}]}, "items.0.price"),
        ({"items": [ITEM], "total": 0}, "total"),
        ({"items": [ITEM], "fulfilment": "drone"}, "fulfilment"),
        ({"items": [ITEM], "fulfilment": "delivery"}, "address"),
        ({"items": [ITEM], "fulfilment": "delivery", "address": ""}, "address"),
        ({"items": [ITEM], "address": "1 High Street"}, "address"),
        ({"items": [ITEM], "notes": "x" * 2001}, "notes"),
        ({"items": [ITEM], "user_id": 1}, "user_id"),
    ],
)
def test_bad_input(api: Api, ada: User, body: dict[str, Any], field: str | None) -> None:
    """ST-05 and the like: 422 (of a NUL 400 or 422) that names the field; nothing changes."""
    make_product(9)
    before = everything()
    answer = api.post(ORDERS, body, token=token_for(ada))
    assert answer.status_code in {400, 422}
    assert field is None or (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert everything() == before


def test_too_many_lines(api: Api, ada: User) -> None:
    """ST-17: a hundred are taken, a hundred and one are not; what is larger than any body is refused by its size."""
    products = [make_product(2) for _ in range(100)]
    assert order(api, ada, *((one, 1) for one in products)).status_code == 201
    answer = order(api, ada, *((one, 1) for one in products), (products[0], 1))
    assert (answer.status_code, answer.json["code"], list(answer.json["errors"])) == (422, "too_many_lines", ["items"])
    assert order(api, ada, *[(products[0], 1)] * 10_000).json["code"] == "too_many_lines"
    assert order(api, ada, *[(products[0], 1)] * 50_000).status_code == 413


def test_too_many_of_one(api: Api, ada: User) -> None:
    """The sum of two lines counts; of packages and gift cards a hundred are the most."""
    oil, card = make_product(20_000), make_product(kind=ProductKind.GIFT_CARD)
    before = everything()
    answer = order(api, ada, (oil, 6000), (oil, 6000))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["items.1.quantity"])
    assert list(order(api, ada, (card, 101)).json["errors"]) == ["items.0.quantity"]
    assert everything() == before


def test_more_money_than_there_is(api: Api, ada: User) -> None:
    """422, and no number that a column cannot hold."""
    gold = make_product(10_000, price_amount=10**15)
    answer = order(api, ada, (gold, 10_000))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["items"])


@pytest.mark.parametrize("named", [{"product_id": 2**62}, {"sku": "nobody's"}])
def test_what_does_not_exist(api: Api, ada: User, named: dict[str, Any]) -> None:
    """404 that names the field."""
    here = make_product(9)
    before = everything()
    asked = [{"product_id": here.id, "quantity": 1}, named | {"quantity": 1}]
    answer = api.post(ORDERS, {"items": asked}, token=token_for(ada))
    assert (answer.status_code, list(answer.json["errors"])) == (404, [f"items.1.{next(iter(named))}"])
    assert everything() == before


def test_for_whom(api: Api, ada: User, eve: User, clerk: User) -> None:
    """Staff for a client or for themselves; a client for itself alone, whatever it says."""
    oil = make_product(9)
    assert order(api, clerk, (oil, 1), client_id=ada.id).json["client_id"] == ada.id
    assert order(api, clerk, (oil, 1)).json["client_id"] == clerk.id
    assert order(api, ada, (oil, 1), client_id=ada.id).json["client_id"] == ada.id
    before = everything()
    for who, whom in ((ada, eve.id), (make_user(Role.OWNER), eve.id), (clerk, 2**62)):
        answer = order(api, who, (oil, 1), client_id=whom)
        assert (answer.status_code, list(answer.json["errors"])) == (404, ["client_id"])
    assert order(api, clerk, (oil, 1), client_id=make_user(is_active=False).id).status_code == 404
    assert everything() == before


def test_blocked_clients(api: Api, clerk: User) -> None:
    """409, whoever orders for them."""
    oil, blocked = make_product(9), make_user(is_blocked=True)
    before = everything()
    for who, more in ((blocked, {}), (clerk, {"client_id": blocked.id})):
        answer = order(api, who, (oil, 1), **more)
        assert (answer.status_code, answer.json["code"]) == (409, "client_blocked")
    assert everything() == before
    assert api.post(ORDERS, {"items": [ITEM]}).status_code == 401


def test_a_delivery(api: Api, ada: User) -> None:
    """It has an address."""
    made = order(api, ada, (make_product(1), 1), fulfilment="delivery", address="1 High Street").json
    assert (made["fulfilment"], made["address"]) == ("delivery", "1 High Street")


def test_what_costs_nothing_is_paid(api: Api, ada: User) -> None:
    """It does not expire."""
    made = order(api, ada, (make_product(1, price_amount=0), 1)).json
    assert (made["status"], made["payment_status"], made["expires_at"]) == ("open", "paid", None)


def test_a_rehearsal(api: Api, ada: User) -> None:
    """The same checks and the would-be body; nothing is written, and no key is spent."""
    oil = make_product(2)
    before = everything()
    asked = {"items": [{"product_id": oil.id, "quantity": 2}]}
    headers = {"Idempotency-Key": "k1"}
    said = api.post(ORDERS, asked, token=token_for(ada), query={"dry_run": "true"}, headers=headers)
    assert (said.status_code, said.json["id"], said.json["reference"]) == (200, None, None)
    assert everything() == before
    real = api.post(ORDERS, asked, token=token_for(ada), headers=headers)
    assert (real.status_code, said.json) == (201, real.json | {"id": None, "reference": None})
    again = api.post(ORDERS, asked, token=token_for(ada), query={"dry_run": "true"})
    assert (again.status_code, again.json["code"]) == (409, "out_of_stock")


def test_a_repetition(api: Api, ada: User, eve: User) -> None:
    """The same key: the first answer; another body: 422; another caller: an order of its own."""
    oil = make_product(9)
    asked = {"items": [{"product_id": oil.id, "quantity": 2}]}
    token, headers = token_for(ada), {"Idempotency-Key": "k1"}
    first = api.post(ORDERS, asked, token=token, headers=headers)
    again = api.post(ORDERS, asked, token=token, headers=headers)
    assert (again.status_code, again.json) == (201, first.json)
    assert (again.headers["Idempotent-Replayed"], again.headers["Location"]) == ("true", first.headers["Location"])
    other = api.post(ORDERS, asked | {"notes": "x"}, token=token, headers=headers)
    assert (other.status_code, other.json["code"]) == (422, "idempotency_key_reused")
    assert api.post(ORDERS, asked, token=token_for(eve), headers=headers).json["id"] != first.json["id"]
    assert stock_of(oil) == [(9, 4)]


def test_a_reference_that_is_taken(api: Api, ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one is tried."""
    oil = make_product(9)
    words = iter(["OR-AAAAAA", "OR-AAAAAA", "OR-BBBBBB"])
    monkeypatch.setattr("app.orders.service.create.new_reference", lambda _: next(words))
    references = [order(api, ada, (oil, 1)).json["reference"] for _ in range(2)]
    assert references == ["OR-AAAAAA", "OR-BBBBBB"]
    assert stock_of(oil) == [(9, 2)]
