"""The demo's shop is believable, adds up, and is written once."""

import pytest
from flask import Flask

from app.commands import CHECKS
from app.transactions import reading
from demo.goods import CARDS, GOODS, USES
from demo.regulars import COUNT
from demo.salon import DEMO_LOGINS, PASSWORD
from demo.shop import PICTURED, SALES, add_shop
from tests.api import Api


def test_nobody_sells_in_an_empty_house(app: Flask) -> None:
    """Nothing is written where there is nobody."""
    assert not add_shop()


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_the_shop_is_written_once(app: Flask, api: Api) -> None:
    """Products with pictures, two of them low; orders in every state, sales, cards, a package; true books."""
    assert not add_shop()
    login = {"email": DEMO_LOGINS["admin"], "password": PASSWORD}
    token = api.post("/api/auth/login", login).json["access_token"]

    def listed(path: str, **query: str) -> list[dict[str, object]]:
        items: list[dict[str, object]] = api.get(path, query={"limit": 100} | query, token=token).json["items"]
        return items

    products = listed("/api/products")
    assert len(products) == len(GOODS) + len(CARDS) + 1
    assert sum(bool(product["images"]) for product in products) == PICTURED
    assert {item["sku"] for item in listed("/api/inventory", low_stock="true")} == {"CANDLE-LAVENDER", "POLISH-PLUM-15"}
    assert len(listed("/api/orders", channel="in_person")) == len(SALES) + COUNT
    states = {(order["status"], order["payment_status"], order["fulfilment_status"]) for order in listed("/api/orders")}
    assert states == {
        ("open", "unpaid", "unfulfilled"),
        ("open", "paid", "unfulfilled"),
        ("open", "unpaid", "ready"),
        ("open", "paid", "shipped"),
        ("completed", "paid", "fulfilled"),
        ("completed", "partially_refunded", "fulfilled"),
        ("open", "paid", "ready"),
        ("cancelled", "unpaid", "unfulfilled"),
        ("expired", "unpaid", "unfulfilled"),
    }
    assert [card["status"] for card in listed("/api/gift-cards")] == ["active", "active"]
    assert [package["visits_left"] for package in listed("/api/packages")] == [5]
    assert {one["kind"] for one in listed("/api/inventory/TOWEL-ONCE/movements")} == {"receipt", "consumption"}
    services = {service["name"]: service["id"] for service in listed("/api/services")}
    assert all(listed(f"/api/services/{services[name]}/consumables") for name in USES)
    assert listed("/api/inventory/forecast", days="14")
    with reading():
        assert [line for checks in CHECKS.values() for check in checks for line in check()] == []
