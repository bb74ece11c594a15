"""`POST /api/sales`: rung up, paid and gone at once."""

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import Booking, OutboxEvent, ProductKind, Role, User
from tests.api import Api
from tests.cases import each_case
from tests.factories import (
    make_booking,
    make_product,
    make_service,
    make_space,
    make_space_booking,
    make_staff,
    make_user,
    token_for,
)
from tests.orders.till import NOW, ORDERS, SALES, everything, sell, steps_of, stock_of

TOLD_OF_A_SALE = ("order.completed", "order.paid", "payment.succeeded")


def make_visit_of(client: User) -> Booking:
    """Write a visit of this morning."""
    return make_booking(client, make_service(), make_staff(), NOW - timedelta(minutes=30))


def test_a_sale(api: Api, clerk: User) -> None:
    """Completed, paid, handed over; on hand goes down at once, and nobody is asked who it was."""
    oil = make_product(5, price_amount=1500)
    answer = sell(api, clerk, (oil, 2), notes="Wrapped")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{ORDERS}/{answer.json['id']}")
    sold = answer.json
    expected = {
        "channel": "in_person",
        "client_id": None,
        "booking_id": None,
        "status": "completed",
        "payment_status": "paid",
        "fulfilment_status": "fulfilled",
        "method": "cash",
        "expires_at": None,
        "notes": "Wrapped",
        "amount_paid": {"amount": 3000, "currency": "KES"},
    }
    assert {name: sold[name] for name in expected} == expected
    assert stock_of(oil) == [(3, 0)]
    assert steps_of(api, clerk, sold["id"]) == ["sell"]
    assert api.get(answer.headers["Location"], token=token_for(clerk)).json == sold


def test_to_a_client(api: Api, clerk: User, ada: User) -> None:
    """Who sees it among its orders; also one that is blocked, whom staff serve if they like."""
    oil = make_product(5)
    sold = sell(api, clerk, (oil, 1), client_id=ada.id).json
    assert api.get(ORDERS, token=token_for(ada)).json["items"] == [sold]
    assert sell(api, clerk, (oil, 1), client_id=make_user(is_blocked=True).id).status_code == 201
    assert sell(api, clerk, (oil, 1), client_id=make_user(has_login=False).id).status_code == 201


def test_at_a_visit(api: Api, clerk: User, ada: User, eve: User) -> None:
    """To its client, named or not; to nobody else."""
    oil, visit = make_product(5), make_visit_of(ada)
    for more in ({}, {"client_id": ada.id}, {"client_id": None}):
        sold = sell(api, clerk, (oil, 1), booking_id=visit.id, **more).json
        assert (sold["booking_id"], sold["client_id"]) == (visit.id, ada.id)
    mine = make_visit_of(make_user(Role.STAFF))
    assert sell(api, clerk, (oil, 1), booking_id=mine.id).json["client_id"] == mine.client_id
    before = everything()
    answer = sell(api, clerk, (oil, 1), booking_id=visit.id, client_id=eve.id)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["client_id"])
    assert everything() == before


def test_at_what_the_seller_does_not_see(api: Api, clerk: User, admin: User, ada: User) -> None:
    """404 naming the booking: staff see nothing of spaces, admins do."""
    oil, let = make_product(5), make_space_booking(ada, make_space(), NOW)
    before = everything()
    for booking_id in (let.id, 2**62):
        answer = sell(api, clerk, (oil, 1), booking_id=booking_id)
        assert (answer.status_code, list(answer.json["errors"])) == (404, ["booking_id"])
    assert everything() == before
    assert sell(api, admin, (oil, 1), booking_id=let.id).json["client_id"] == ada.id


def test_who_sells(api: Api, ada: User) -> None:
    """Staff and admins, nobody else."""
    oil = make_product(5)
    before = everything()
    for who in (ada, make_user(Role.OWNER)):
        assert sell(api, who, (oil, 1)).status_code == 403
    assert api.post(SALES, {}).status_code == 401
    assert everything() == before


@each_case(
    ("change", "status", "field"),
    [
        ({"method": None}, 422, "method"),
        ({"method": "cheque"}, 422, "method"),
        ({"method": "card"}, 422, "method"),
        ({"items": []}, 422, "items"),
        ({"items": [{"sku": "nobody's", "quantity": 1}]}, 404, "items.0.sku"),
        ({"client_id": 2**62}, 404, "client_id"),
        ({"client_id": "1"}, 422, "client_id"),
        ({"total": 1}, 422, "total"),
        ({"fulfilment": "delivery"}, 422, "fulfilment"),
    ],
)
def test_bad_input(api: Api, clerk: User, change: dict[str, Any], status: int, field: str) -> None:
    """The field is named, and nothing is sold."""
    oil = make_product(5)
    before = everything()
    answer = sell(api, clerk, (oil, 1), **change)
    assert (answer.status_code, list(answer.json["errors"])) == (status, [field])
    assert everything() == before


def test_more_than_there_is(api: Api, clerk: User, ada: User) -> None:
    """What others were promised is not there: 409 naming the line, and nothing is sold."""
    oil, comb = make_product(5), make_product(5)
    api.post(ORDERS, {"items": [{"product_id": oil.id, "quantity": 4}]}, token=token_for(ada))
    before = everything()
    answer = sell(api, clerk, (comb, 1), (oil, 2))
    assert (answer.status_code, answer.json["code"]) == (409, "out_of_stock")
    assert answer.json["lines"] == [{"index": 1, "product_id": oil.id, "sku": oil.sku, "requested": 2, "available": 1}]
    assert everything() == before


def test_packages_and_cards(api: Api, clerk: User, ada: User) -> None:
    """Visits need a client; a card is whoever's it is given to. Both are there at once."""
    package, card = make_product(kind=ProductKind.PACKAGE), make_product(kind=ProductKind.GIFT_CARD)
    before = everything()
    answer = sell(api, clerk, (card, 1), (package, 1))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["client_id"])
    assert everything() == before
    assert sell(api, clerk, (card, 2)).status_code == 201
    assert sell(api, clerk, (package, 1), booking_id=make_visit_of(ada).id).status_code == 201
    assert len(api.get("/api/gift-cards", token=token_for(clerk)).json["items"]) == 2
    assert len(api.get("/api/packages", token=token_for(ada)).json["items"]) == 1


def test_a_repetition(api: Api, clerk: User) -> None:
    """A second click under the same key sells nothing more, and gives out no second card."""
    card = make_product(kind=ProductKind.GIFT_CARD)
    asked = {"items": [{"product_id": card.id, "quantity": 1}], "method": "card_terminal"}
    token, headers = token_for(clerk), {"Idempotency-Key": "k1"}
    first, again = (api.post(SALES, asked, token=token, headers=headers) for _ in range(2))
    assert (again.status_code, again.json, again.headers["Idempotent-Replayed"]) == (201, first.json, "true")
    assert len(api.get("/api/gift-cards", token=token).json["items"]) == 1


def test_a_rehearsal(api: Api, clerk: User) -> None:
    """The would-be sale; nothing is written."""
    oil = make_product(5)
    before = everything()
    asked = {"items": [{"product_id": oil.id, "quantity": 5}], "method": "mpesa"}
    answer = api.post(SALES, asked, token=token_for(clerk), query={"dry_run": "true"})
    assert (answer.status_code, answer.json["id"], answer.json["status"]) == (200, None, "completed")
    assert everything() == before


def test_it_runs_low(api: Api, clerk: User) -> None:
    """One event when the shelf falls to the reorder level, and none while it stays there."""
    oil = make_product(5, reorder_level=3)
    for _ in range(3):
        assert sell(api, clerk, (oil, 1)).status_code == 201
    names = [payload["name"] for (payload,) in db.session.query(OutboxEvent.payload)]
    db.session.commit()
    assert sorted(names) == sorted([*TOLD_OF_A_SALE * 3, "product.low_stock"])
