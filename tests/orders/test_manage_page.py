"""What a browser shows of an order by its mailed link: a page that reads, and one button that cancels."""

import pytest

from app.models import User
from app.orders.service import record_payment
from app.transactions import transaction
from tests.access.world import link_to_order
from tests.api import Api
from tests.bookings.test_manage_page import page, press
from tests.factories import make_product
from tests.orders.till import ORDERS, everything, order, stock_of


def test_cancelling(api: Api, ada: User) -> None:
    """Lines, total and reference; one button, whose press frees the stock."""
    oil = make_product(5, name="<b>Oil</b>")
    made = order(api, ada, (oil, 3)).json
    path = f"{ORDERS}/manage/{link_to_order(made['id'])}"
    before = everything()
    shown = page(api, path)
    assert (shown.status_code, shown.mimetype, shown.headers["Vary"]) == (200, "text/html", "Accept")
    assert "3 × &lt;b&gt;Oil&lt;/b&gt;" in shown.text
    assert made["reference"] in shown.text
    assert everything() == before
    assert press(api, shown, path).status_code == 303
    after = everything()
    assert press(api, shown, path).status_code == 303
    assert page(api, path.removeprefix("/api")).headers["Location"] == path
    assert everything() == after
    assert ("Cancelled" in page(api, path).text, "<form" in page(api, path).text) == (True, False)
    assert stock_of(oil) == [(5, 0)]
    assert api.get(path).headers["Vary"] == "Accept"


def test_paid_meanwhile(api: Api, ada: User) -> None:
    """An old button does nothing, and neither does one that was never shown."""
    made = order(api, ada, (make_product(5), 1)).json
    path = f"{ORDERS}/manage/{link_to_order(made['id'])}"
    shown = page(api, path)
    with transaction():
        record_payment(made["id"], made["total"]["amount"])
    before = everything()
    assert press(api, shown, path).status_code in {409, 412}
    assert api.client.post(path.removeprefix("/api")).status_code == 412
    assert everything() == before


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_link_that_opens_nothing(api: Api, method: str) -> None:
    path = f"{ORDERS if method == 'GET' else '/orders'}/manage/1-{'A' * 27}"
    answer = api.client.open(path, method=method, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
