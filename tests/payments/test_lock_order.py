"""What a refund locks, in the one order of all: payments, then products, then the numbers of what is issued."""

import re

import pytest

from app.models import User
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import make_product, token_for
from tests.payments.desk import give_back, ordered, pay, read

LOCK = re.compile(r"FROM (payments|products)\b.*FOR NO KEY UPDATE|INSERT INTO (invoice_series)", re.DOTALL)

pytestmark = pytest.mark.databases("postgresql")  # SQLite's writers stand in line for the whole of it


def locked(statements: list[str]) -> list[str]:
    """Return the tables in the order in which rows of them were first locked."""
    found = (LOCK.search(one) for one in statements)
    return list(dict.fromkeys(match[1] or match[2] for match in found if match))


def test_a_refund_with_goods(api: Api, ada: User, clerk: User, admin: User, count_statements: CountStatements) -> None:
    product = make_product(5)
    goods = [{"product_id": product.id, "quantity": 1}]
    sale = {"items": goods, "method": "cash", "client_id": ada.id}
    sold = api.post("/api/sales", sale, token=token_for(clerk)).json
    (paid,) = read(api, ada, f"?order_id={sold['id']}")["items"]
    with count_statements() as statements:
        assert give_back(api, admin, paid["id"], items=goods).status_code == 201
    assert locked(statements) == ["payments", "products", "invoice_series"]


def test_a_cancelled_order(api: Api, ada: User, clerk: User, count_statements: CountStatements) -> None:
    order = ordered(api, ada)
    pay(api, clerk, order)
    with count_statements() as statements:
        assert api.post(f"/api/orders/{order['id']}/cancel", {}, token=token_for(ada)).status_code == 200
    assert locked(statements) == ["payments", "products", "invoice_series"]
