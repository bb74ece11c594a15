"""What becomes of orders when their client is exported, erased, or turns out to have an account."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import IdempotencyKey, Order, OrderHistory, Product, User
from app.orders import service
from app.transactions import transaction
from app.users.service.claiming import claim_walk_in
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_product, make_user, token_for
from tests.orders.till import NOW, ORDERS, cancel, everything, fulfil, order, stock_of

DELIVERY = {"fulfilment": "delivery", "address": "1 High Street", "notes": "Ring twice"}


@pytest.fixture
def mary(app: object) -> User:
    """A client with a password."""
    return make_user(password_hash=PASSWORD_HASH)


@pytest.fixture
def oil(app: object) -> Product:
    return make_product(50)


def erase(api: Api, who: User) -> Any:
    """Let somebody erase itself."""
    return api.post("/api/users/me/erase", {"password": PASSWORD}, token=token_for(who))


def test_an_export_has_them_all(api: Api, mary: User, eve: User, oil: Product) -> None:
    """With their histories; nobody else's."""
    first, second = order(api, mary, (oil, 1)).json, order(api, mary, (oil, 2), **DELIVERY).json
    order(api, eve, (oil, 3))
    cancel(api, mary, first["id"], reason="Twice")
    found = api.get("/api/users/me/export", token=token_for(mary)).json["orders"]
    assert [one["id"] for one in found] == [second["id"], first["id"]]
    assert {name: found[0][name] for name in second} == second
    assert [change["reason"] for change in found[1]["history"]] == ["", "Twice"]


def test_no_answer_about_it_is_kept_for_anybody(api: Api, mary: User, eve: User, clerk: User, oil: Product) -> None:
    """Of what staff ordered for it under a key nothing is repeated; of what they ordered for others all is."""
    for number, who in enumerate((mary, eve)):
        body = {"items": [{"product_id": oil.id, "quantity": 1}], "client_id": who.id, **DELIVERY}
        made = api.post(ORDERS, body, token=token_for(clerk), headers={"Idempotency-Key": f"key-{number}"})
        assert made.status_code == 201
    assert erase(api, mary).status_code == 204
    assert db.session.scalars(select(IdempotencyKey.key)).all() == ["key-1"]


def test_what_is_erased(api: Api, mary: User, eve: User, oil: Product) -> None:
    """What is open and unpaid is cancelled, its stock given back; what was written about any goes, the rest stays."""
    given_up = order(api, mary, (oil, 1), **DELIVERY).json["id"]
    cancel(api, mary, given_up, reason="Too dear for Mary")
    waiting, also = order(api, mary, (oil, 2), notes="For Mary").json["id"], order(api, mary, (oil, 4)).json["id"]
    kept = order(api, eve, (oil, 3), **DELIVERY).json
    assert erase(api, mary).status_code == 204
    assert stock_of(oil) == [(50, 3)]
    rows = {one.id: one for one in db.session.scalars(select(Order).where(Order.client_id == mary.id))}
    assert {one.status.value for one in rows.values()} == {"cancelled"}
    assert {(one.notes, one.address or "") for one in rows.values()} == {("", "")}
    assert set(rows) == {given_up, waiting, also}
    reasons = select(OrderHistory.reason).where(OrderHistory.order_id.in_(rows))
    assert set(db.session.scalars(reasons)) == {""}
    db.session.commit()
    assert api.get(f"{ORDERS}/{kept['id']}", token=token_for(eve)).json == kept


def test_what_is_overdue_is_no_obstacle(api: Api, mary: User, oil: Product) -> None:
    """It has expired, and says so."""
    made = order(api, mary, (oil, 2)).json["id"]
    with clock.frozen(NOW + timedelta(hours=1)):
        assert erase(api, mary).status_code == 204
    assert db.session.get_one(Order, made, populate_existing=True).status.value == "expired"
    db.session.commit()
    assert stock_of(oil) == [(50, 0)]


@pytest.mark.parametrize("state", ["paid", "partly", "fetched"])
def test_who_is_owed_or_owes_is_not_forgotten(
    api: Api, mary: User, clerk: User, admin: User, oil: Product, state: str
) -> None:
    """409 that names the orders; nothing changes."""
    made, other = order(api, mary, (oil, 1)).json, order(api, mary, (oil, 1)).json
    if state == "fetched":
        fulfil(api, clerk, made["id"], "fulfilled")
    else:
        with transaction():
            service.record_payment(made["id"], made["total"]["amount"] if state == "paid" else 1)
    before = everything()
    answer = erase(api, mary)
    assert (answer.status_code, answer.json["code"]) == (409, "open_orders")
    assert answer.json["orders"] == [{"order_id": made["id"], "reference": made["reference"]}]
    assert everything() == before
    assert api.get(f"{ORDERS}/{other['id']}", token=token_for(mary)).json["status"] == "open"


def test_what_a_walk_in_bought_is_the_accounts(api: Api, clerk: User, eve: User, oil: Product) -> None:
    """Others' stay theirs."""
    walk_in = make_user(has_login=False, email="ann@example.test")
    made = order(api, clerk, (oil, 1), client_id=walk_in.id).json
    theirs = order(api, eve, (oil, 1)).json
    account = make_user(email="ann@example.test")
    with transaction():
        claim_walk_in(db.session.get_one(User, account.id, populate_existing=True))
    found = api.get(ORDERS, token=token_for(account)).json["items"]
    assert [(one["id"], one["version"]) for one in found] == [(made["id"], made["version"] + 1)]
    assert api.get(f"{ORDERS}/{theirs['id']}", token=token_for(eve)).json == theirs
