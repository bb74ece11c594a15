"""What services use: said by admins, booked when a visit is completed; a shortage is written down and told, and stops
nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.kit import clock
from app.models import Booking, MovementKind, Product, ProductKind, Role, Service, Staff, StockMovement, User
from app.products import stock
from app.transactions import reading, transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_booking, make_product, make_service, make_staff, make_user, make_visit, token_for
from tests.mailbox import Mailbox, text_of

NOW = datetime(2030, 1, 7, 10, 30, tzinfo=UTC)
BEGUN = NOW - timedelta(minutes=30)


@pytest.fixture(autouse=True)
def half_past_ten(app: Flask) -> Iterator[None]:
    """Make it a moment after visits of ten o'clock have begun."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def boss(app: Flask) -> User:
    """An admin, who is told of shortages."""
    return make_user(Role.ADMIN)


@pytest.fixture
def admin(boss: User) -> str:
    """The admin's token."""
    return token_for(boss)


@pytest.fixture
def service(app: Flask) -> Service:
    """A service that uses nothing yet."""
    return make_service()


@pytest.fixture
def staff(app: Flask) -> Staff:
    """Who performs it."""
    return make_staff()


def use(api: Api, token: str, service: Service, *items: tuple[str, int]) -> Any:
    """Say what a service uses."""
    body = {"items": [{"sku": sku, "quantity": quantity} for sku, quantity in items]}
    return api.put(f"/api/services/{service.id}/consumables", body, token=token)


def complete(api: Api, token: str, booking: Booking) -> Any:
    """Complete a booking."""
    return api.post(f"/api/bookings/{booking.id}/complete", {}, token=token)


def counters(product: Product) -> tuple[int, int]:
    """Return what is on hand and reserved, as it is now."""
    with reading():
        on_hand, reserved = db.session.execute(
            select(Product.on_hand, Product.reserved).where(Product.id == product.id)
        ).one()
    return on_hand, reserved


def consumed(booking: Booking) -> list[tuple[int, int, int]]:
    """Return (product, taken, shortfall) of what a booking has used, by product."""
    columns = (StockMovement.product_id, StockMovement.on_hand_change, StockMovement.shortfall)
    found = select(*columns).where(
        StockMovement.booking_id == booking.id, StockMovement.kind == MovementKind.CONSUMPTION
    )
    with reading():
        rows = db.session.execute(found.order_by(StockMovement.product_id))
        return [(product_id, change, shortfall) for product_id, change, shortfall in rows]


def test_what_a_service_uses(api: Api, admin: str, service: Service) -> None:
    """Found by SKU in any capitals, shown by SKU; said again, it replaces what was said."""
    towel, oil = make_product(sku="Towel", name="Towel"), make_product(sku="OIL-1", name="Oil")
    answer = use(api, admin, service, ("towel", 2), ("oil-1", 1))
    assert answer.status_code == 200
    assert answer.json == {
        "version": 2,
        "items": [
            {"sku": "OIL-1", "quantity": 1, "product_id": oil.id, "name": "Oil"},
            {"sku": "Towel", "quantity": 2, "product_id": towel.id, "name": "Towel"},
        ],
    }
    url = f"/api/services/{service.id}/consumables"
    assert api.get(url, token=admin).json == answer.json
    assert [item["quantity"] for item in use(api, admin, service, ("TOWEL", 9)).json["items"]] == [9]
    assert use(api, admin, service).json == {"version": 4, "items": []} == api.get(url, token=admin).json


def test_each_change_is_a_version_of_the_service(api: Api, admin: str, service: Service) -> None:
    """Who has seen it, changes it; what is said already is no change, and makes no version."""
    oil, url = make_product(), f"/api/services/{service.id}"
    body = {"items": [{"sku": oil.sku, "quantity": 1}]}
    for seen in ('"1"', '"2"', "*"):
        answer = api.put(f"{url}/consumables", body, token=admin, headers={"If-Match": seen})
        assert (answer.status_code, answer.json["version"]) == (200, 2)
    assert api.get(url).json["version"] == 2
    first = {"If-Match": '"1"'}
    assert api.put(f"{url}/consumables", {"items": []}, token=admin, headers=first).status_code == 412
    assert api.patch(url, {"name": "New"}, token=admin, headers=first).status_code == 412
    assert len(api.get(f"{url}/consumables", token=admin).json["items"]) == 1


@pytest.fixture
def used(api: Api, admin: str, service: Service) -> Any:
    """What the service uses: three of a product; a package and a gift card are there too."""
    make_product(sku="A")
    make_product(sku="PACK", kind=ProductKind.PACKAGE)
    make_product(sku="CARD", kind=ProductKind.GIFT_CARD)
    return use(api, admin, service, ("A", 3)).json


@each_case(
    ("items", "status", "field"),
    [
        ([{"sku": "A", "quantity": 1}, {"sku": "a", "quantity": 2}], 422, "items.1.sku"),
        ([{"sku": "A", "quantity": 1}, {"sku": "nowhere", "quantity": 2}], 404, "items.1.sku"),
        ([{"sku": "PACK", "quantity": 1}], 422, "items.0.sku"),
        ([{"sku": "CARD", "quantity": 1}], 422, "items.0.sku"),
        ([{"sku": "A", "quantity": 0}], 422, "items.0.quantity"),
        ([{"sku": "A", "quantity": -5}], 422, "items.0.quantity"),
        ([{"sku": "A", "quantity": 10**12}], 422, "items.0.quantity"),
        ([{"sku": "A", "quantity": 1.0}], 422, "items.0.quantity"),
        ([{"sku": "A"}], 422, "items.0.quantity"),
        ([{"sku": 1, "quantity": 1}], 422, "items.0.sku"),
        ([{"sku": "A\x00", "quantity": 1}], 422, "items.0.sku"),
        ([{"sku": "A", "quantity": 1, "product_id": 1}], 422, "items.0.product_id"),
        ([{"sku": f"S{n}", "quantity": 1} for n in range(51)], 422, "items"),
        ({}, 422, "items"),
        (None, 422, "items"),
    ],
)
def test_bad_input_changes_nothing(
    api: Api, admin: str, service: Service, used: Any, items: Any, status: int, field: str
) -> None:
    """Refused with the field named."""
    url = f"/api/services/{service.id}/consumables"
    answer = api.put(url, {"items": items}, token=admin)
    assert answer.status_code == status, answer.text
    assert list(answer.json["errors"]) == [field]
    assert api.get(url, token=admin).json == used


def test_completing_uses_it_up(api: Api, admin: str, boss: User, service: Service, staff: Staff) -> None:
    """Of every part of the visit, each product once; nothing else of a booking's life does."""
    oil, towel, other = make_product(10), make_product(10), make_service()
    use(api, admin, service, (oil.sku, 2), (towel.sku, 1))
    use(api, admin, other, (towel.sku, 3))
    booking = make_visit(make_user(), service, other, service, staff=staff, status="confirmed")
    missed = make_booking(make_user(), service, staff, BEGUN)
    assert api.post(f"/api/bookings/{missed.id}/no-show", {}, token=admin).status_code == 200
    assert (counters(oil), counters(towel)) == ((10, 0), (10, 0))
    assert complete(api, admin, booking).status_code == 200
    assert (counters(oil), counters(towel)) == ((6, 0), (5, 0))
    assert consumed(booking) == [(oil.id, -4, 0), (towel.id, -5, 0)]
    with reading():
        assert set(
            db.session.scalars(select(StockMovement.actor_id).where(StockMovement.booking_id == booking.id))
        ) == {boss.id}


def test_a_booking_uses_it_once(api: Api, admin: str, service: Service, staff: Staff) -> None:
    """The second completion is refused, and takes nothing."""
    oil = make_product(10)
    use(api, admin, service, (oil.sku, 2))
    booking = make_booking(make_user(), service, staff, BEGUN)
    assert [complete(api, admin, booking).status_code for _ in range(2)] == [200, 409]
    assert counters(oil) == (8, 0)


def test_a_shortage_stops_nobody(
    api: Api, admin: str, boss: User, service: Service, staff: Staff, mailbox: Mailbox
) -> None:
    """What orders were promised stays theirs; the rest is taken, the shortfall recorded, and the admin told."""
    oil, none_kept = make_product(3, name="Argan oil"), make_product(tracked=False)
    with transaction():
        db.session.execute(update(Product).where(Product.id == oil.id).values(reserved=1))
    use(api, admin, service, (oil.sku, 5), (none_kept.sku, 5))
    booking = make_booking(make_user(), service, staff, BEGUN)
    assert complete(api, admin, booking).json["status"] == "completed"
    assert counters(oil) == (1, 1)
    assert consumed(booking) == [(oil.id, -2, 3)]
    shortages = [mail for mail in mailbox.deliver() if mail["Subject"].startswith("Used more")]
    assert [mail["To"] for mail in shortages] == [boss.email]
    assert "Argan oil: 3 more" in text_of(shortages[0])
    later = make_booking(make_user(), service, staff, BEGUN)
    assert complete(api, admin, later).status_code == 200
    assert consumed(later) == [(oil.id, 0, 5)]


def test_two_completions_and_the_last_bottle(app: Flask, api: Api, admin: str, service: Service, staff: Staff) -> None:
    """At the same moment, with two products each: both are completed, one takes it, one falls short."""
    products = [make_product(1), make_product(1)]
    use(api, admin, service, *((product.sku, 1) for product in products))
    for _ in range(5):
        bookings = [make_booking(make_user(), service, staff, BEGUN) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda booking: complete(Api(app.test_client()), admin, booking), bookings))
        assert [answer.status_code for answer in answers] == [200] * 4
        for product in products:
            assert counters(product) == (0, 0)
            fates = sorted(one[1:] for booking in bookings for one in consumed(booking) if one[0] == product.id)
            assert fates == [(-1, 0), (0, 1), (0, 1), (0, 1)]
            with transaction():
                stock.adjust(product.id, 1, stock.Because(reason="receipt"))


def test_completing_costs_as_many_statements_however_much_is_used(
    api: Api, admin: str, staff: Staff, count_statements: CountStatements
) -> None:
    """A service that uses nothing costs less."""
    costs = {}
    for size in (0, 1, 5):
        service = make_service()
        use(api, admin, service, *((make_product(9).sku, 1) for _ in range(size)))
        booking = make_booking(make_user(), service, staff, BEGUN)
        with count_statements() as statements:
            assert complete(api, admin, booking).status_code == 200
        costs[size] = len(statements)
    assert costs[0] < costs[1] == costs[5]
