"""What was earned, in `GET /api/reports/summary`, its table, and the dashboard: to the cent what the books say."""

import csv
import os
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from itertools import chain
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.kit.money import Money
from app.ledger import posting
from app.models import PaymentMethod, Role
from app.prepaid import service as prepaid
from app.prepaid.service import Because
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_product, make_user, token_for
from tests.ledger.money import bill, found_wrong, give_back, pay
from tests.prepaid.bought import make_gift_card, make_package
from tests.reports.earnings import (
    ACCOUNTS,
    House,
    abroad,
    amounts_of,
    in_the_books,
    instants,
    price_anew,
    something_happens,
)

NOW = datetime(2031, 1, 15, 9, tzinfo=UTC)
MONTH = {"from": "2031-01-01", "to": "2031-01-31"}
NOTHING = {what: {"amount": 0, "currency": "KES"} for what in ACCOUNTS.values()}


@pytest.fixture(autouse=True)
def berlin(app: Flask) -> Iterator[None]:
    """A business in Berlin that taxes by 16 %, on a Wednesday morning."""
    before = app.extensions["business"]
    app.extensions["business"] = replace(before, tax_rate_percent=Decimal(16), timezone="Europe/Berlin")
    with clock.frozen(NOW):
        yield
    app.extensions["business"] = before


@pytest.fixture
def house(api: Api) -> House:
    """A house where things may happen."""
    return House(api)


def read(api: Api, path: str, **query: str) -> Any:
    """Return what an admin reads below /api/reports."""
    answer = api.get(f"/api/reports/{path}", query=query, token=token_for(make_user(Role.ADMIN)))
    assert answer.status_code == 200, answer.json
    return answer


def revenue(api: Api, **query: str) -> Any:
    """Return what was earned."""
    return read(api, "summary", **(MONTH | query)).json["revenue"]


def table(api: Api, **query: str) -> list[dict[str, str]]:
    """Return the lines of the table."""
    return list(csv.DictReader(StringIO(read(api, "revenue.csv", **(MONTH | query)).data.decode("utf-8-sig"))))


def nets(shown: list[dict[str, Any]]) -> dict[int, int]:
    """Return net revenue by id."""
    return {one["id"]: one["net"]["amount"] for one in shown}


def test_random_histories(api: Api, house: House) -> None:
    """Sales, visits, lettings, fees, refunds, gift cards, packages, over New Year and the change of the clocks.

    Each day is what its entries say, and so is what all things have earned. `REVENUE_EVENTS=2000` is the long run.
    """
    random_, first, last = random.Random(10), date(2030, 12, 25), date(2031, 4, 5)  # noqa: S311  # no secret
    for at in instants(random_, first, last, int(os.environ.get("REVENUE_EVENTS", "40"))):
        with clock.frozen(at):
            something_happens(house, random_)
            if random_.random() < 0.1:
                abroad(house, random_.randint(1, 9_999))
    period = {"from": "2030-12-24", "to": "2031-04-06"}
    said, books = revenue(api, **period), in_the_books()
    of_day = defaultdict(list)
    for one in said["by_day"]:
        of_day[one["date"]].append(one)
    assert {day: sums for day, some in of_day.items() if (sums := amounts_of(*some))} == books
    lines = [shown(line) for line in table(api, **period)]
    of_line = defaultdict(list)
    for date_, line in lines:
        of_line[date_].append(line)
    assert {day: sums for day, some in of_line.items() if (sums := amounts_of(*some))} == books
    by_thing = (said[name] for name in ("by_service", "by_space", "by_product", "other"))
    assert amounts_of(*chain(*by_thing)) == amounts_of(*said["total"]) == amounts_of(*(line for _, line in lines))
    assert amounts_of(*said["by_staff"]) == amounts_of(*said["by_service"])
    assert {currency for currency, _ in amounts_of(*said["total"])} == {"KES", "USD"}
    assert {what for _, what in amounts_of(*said["total"])} == {*ACCOUNTS.values()}
    assert found_wrong() == []


def shown(line: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the day of a line, and the rest as the summary shows it."""
    amounts = {what: {"amount": int(line[what]), "currency": line["currency"]} for what in ACCOUNTS.values()}
    return line["date"], amounts


def test_nothing(api: Api) -> None:
    """Zeros in the currency of the business, for every day."""
    said = revenue(api)
    assert said["total"] == [NOTHING]
    assert (len(said["by_day"]), said["by_day"][0]) == (31, {"date": "2031-01-01", **NOTHING})
    assert [said[name] for name in ("by_service", "by_staff", "by_space", "by_product", "other")] == [[]] * 5
    assert table(api) == []
    assert all(some == [NOTHING] for some in read(api, "dashboard").json["revenue"].values())


def test_what_earned_it(api: Api, house: House) -> None:
    """Each service and who performed it, the space, each product; without tax, and with it beside."""
    cut, colour, _ = house.services
    oil, soap, _ = house.goods
    bill(house.visit(cut, colour))
    bill(house.letting())
    house.sale((oil, 3), (soap, 1))
    said = revenue(api)
    assert nets(said["by_service"]) == {cut.id: 2873, colour.id: 8622}
    assert nets(said["by_staff"]) == {house.staff[0].id: 2873 + 8622}
    assert nets(said["by_product"]) == {oil.id: 515, soap.id: 1}
    price = house.space.price_per_hour_amount
    (letting,) = said["by_space"]
    assert (letting["id"], letting["name"]) == (house.space.id, house.space.name)
    assert letting["net"]["amount"] + letting["tax"]["amount"] == price
    assert [one["tax"]["amount"] for one in said["by_service"]] == [1379, 460]
    assert said["other"] == []
    assert [one["id"] for one in said["by_service"]] == [colour.id, cut.id]  # what brought most first


def test_what_is_taken_back(api: Api, house: House) -> None:
    """Each line bears its share of a credit note, on the day of that; all of it leaves nothing of any."""
    cut, colour, _ = house.services
    booking = house.visit(cut, colour)
    payment = pay(booking, booking.total_amount)
    bill(booking)
    with clock.frozen(NOW + timedelta(days=1)):
        give_back(payment, 6667)
    later = revenue(api, **{"from": "2031-01-16"})
    assert amounts_of(*later["total"]) == {("KES", "net"): -5747, ("KES", "tax"): -920}
    assert nets(later["by_service"]) == {cut.id: -1436, colour.id: -4311}
    with clock.frozen(NOW + timedelta(days=2)):
        give_back(payment, 6667)
    whole = revenue(api)
    assert amounts_of(*whole["total"]) == {}
    assert all(abs(net) <= 1 for net in nets(whole["by_service"]).values())


def test_all_of_it_at_once_leaves_nothing_of_any(api: Api, house: House) -> None:
    """To the cent, of services and products of several tax rates."""
    booking, order = house.visit(*house.services), house.sale((house.goods[0], 3), (house.card, 1), (house.goods[2], 1))
    refunded = [pay(booking, booking.total_amount), pay(order, order.total_amount, counted=False)]
    bill(booking)
    for payment in refunded:
        give_back(payment, payment.captured_amount)
    said = revenue(api)
    assert amounts_of(*said["by_service"]) == {}
    assert all(net == 0 for net in nets(said["by_service"]).values())


def test_what_is_paid_ahead(api: Api, house: House) -> None:
    """A gift card is no revenue when it is sold, but of the service that it pays for; what is void, of itself."""
    house.sale((house.card, 2))
    assert revenue(api)["by_product"] == [{"id": house.card.id, "name": house.card.name, **NOTHING}]
    card = make_gift_card(value=4000)
    booking = house.visit(house.services[0])
    with transaction():
        prepaid.spend_gift_card(card.code, 3333, Because("PY-1"))
    pay(booking, 3333, PaymentMethod.GIFT_CARD, reference="PY-1")
    bill(booking)
    assert nets(revenue(api)["by_service"]) == {house.services[0].id: 2873}
    assert nets(revenue(api)["by_product"])[card.product_id] == -4000  # it was never sold in these books
    unused = make_gift_card(value=700)
    with transaction():
        prepaid.void_order(unused.order_id, Because())
    assert nets(revenue(api)["by_product"])[unused.product_id] == 0


def test_what_is_of_no_single_thing(api: Api, house: House) -> None:
    """The fee of a visit of one service is that one's; of two, or where two were agreed on as one, nobody's."""
    one, two = house.visit(house.services[0]), house.visit(*house.services[:2])
    for booking, fee in ((one, 100), (two, 200)):
        with transaction():
            posting.owed_as_fee(booking, Money(fee, "KES"))
    bill(house.visit(*house.services[:2], total_amount=1160))
    said = revenue(api)
    assert amounts_of(*said["by_service"]) == {("KES", "fees_kept"): 100}
    assert amounts_of(*said["other"]) == {("KES", "fees_kept"): 200, ("KES", "net"): 1000, ("KES", "tax"): 160}


@pytest.mark.parametrize("twice", [False, True])
def test_what_a_package_pays_of_a_longer_visit(api: Api, house: House, twice: bool) -> None:
    """More or less than the service costs: that is of its service, whatever else was booked, and be it twice."""
    cut, colour, _ = house.services
    make_package(house.client, cut, visits=1, price_amount=3000)
    before = nets(revenue(api)["by_service"])
    booking = house.visit(cut, colour, *[cut] * twice)
    with transaction():
        prepaid.spend_package(house.client.id, cut.id, Because("PY-1"))
    payment = pay(booking, 3333, PaymentMethod.PACKAGE, reference="PY-1")
    said = revenue(api)
    assert (before, nets(said["by_service"]), said["other"]) == ({}, {cut.id: -333}, [])
    with transaction():
        prepaid.give_back_visit("PY-1", Because("RF-1"))
    give_back(payment, 3333, reference="RF-1")
    assert nets(revenue(api)["by_service"]) == {cut.id: 0}


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2031-01-01", "2030-12-31T23:00", "2031-01-01T22:59"),
        ("2031-03-30", "2031-03-29T23:00", "2031-03-30T21:59"),
        ("2031-10-26", "2031-10-25T22:00", "2031-10-26T22:59"),
    ],
)
def test_days_are_the_businesss(api: Api, house: House, day: str, first: str, last: str) -> None:
    """New Year, and the days of 23 and 25 hours."""
    for text, minutes in ((first, -1), (first, 0), (last, 0), (last, 1)):
        with clock.frozen(datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(minutes=minutes)):
            house.sale((house.goods[1], 1))
    assert revenue(api, **{"from": day, "to": day})["total"][0]["net"]["amount"] == 2
    (line,) = table(api, **{"from": day, "to": day})
    assert (line["date"], line["net"]) == (day, "2")


def test_lately(api: Api, house: House) -> None:
    """Today, and the last seven and thirty days, today among them."""
    for back, units in ((0, 1), (6, 10), (7, 100), (29, 1000), (30, 7)):
        with clock.frozen(NOW - timedelta(days=back)):
            house.sale((house.goods[1], units))
    shown = read(api, "dashboard").json["revenue"]
    net = {name: some[0]["net"]["amount"] + some[0]["tax"]["amount"] for name, some in shown.items()}
    assert net == {"today": 1, "last_7_days": 11, "last_30_days": 1111}


def test_currencies_are_kept_apart(api: Api, house: House) -> None:
    """The business's first."""
    abroad(house, 500)
    house.sale((house.goods[1], 1))
    said = revenue(api)
    assert [(one["net"]["currency"], one["net"]["amount"]) for one in said["total"]] == [("KES", 1), ("USD", 500)]
    assert len(said["by_day"]) == 32


def test_no_cell_is_a_formula(api: Api, house: House) -> None:
    """OWASP."""
    house.sale((make_product(1, name="=HYPERLINK(1)", price_amount=116), 1))
    (line,) = table(api)
    assert line == {
        "date": "2031-01-15",
        **{f"{kind}_{what}": "" for kind in ("service", "staff", "space") for what in ("id", "name")},
        "product_id": line["product_id"],
        "product_name": "'=HYPERLINK(1)",
        "currency": "KES",
        "net": "100",
        "tax": "16",
        "fees_kept": "0",
        "breakage": "0",
    }


@pytest.mark.parametrize("price", [10**15, 10**13 + 7])
def test_the_largest_amounts(api: Api, house: House, price: int) -> None:
    """Shares are worked out without an overflow, and come to the whole."""
    booking = house.visit(*house.services)
    price_anew(booking, [price // 3] * 3)
    payment = pay(booking, price // 3 * 3)
    bill(booking)
    give_back(payment, price // 7)
    said = revenue(api)
    assert amounts_of(*said["by_service"]) == amounts_of(*said["total"]) == sum(in_the_books().values(), Counter())
