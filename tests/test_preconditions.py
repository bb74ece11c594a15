"""`If-Match` on every route that honours it: who has not seen what is there changes nothing."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import (
    Assignment,
    Booking,
    BookingHistory,
    Order,
    PendingReason,
    Product,
    Resource,
    Role,
    Service,
    ServiceConsumable,
    Space,
)
from app.models import BookingStatus as Status
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.security.actor import Actor
from app.transactions import transaction
from app.web import openapi
from tests.access.world import link_to, link_to_order
from tests.api import Api
from tests.bookings.desk import NOW, everything
from tests.factories import (
    assign,
    make_booking,
    make_product,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_working_staff,
    token_for,
)

TEN = NOW + timedelta(hours=4)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def confirmed(starts_at: datetime = TEN) -> int:
    """Return the id of a confirmed booking."""
    service, staff = make_service(), make_staff()
    assign(staff, service)
    return make_booking(make_user(), service, staff, starts_at).id


def pending() -> int:
    """Return the id of a booking that waits for approval."""
    waiting = {"status": Status.PENDING, "pending_reason": PendingReason.APPROVAL, "expires_at": TEN}
    return make_booking(make_user(), make_service(), make_staff(), TEN, **waiting).id


def begun() -> int:
    """Return the id of a booking that has begun."""
    return confirmed(NOW - timedelta(minutes=5))


def ordered() -> int:
    """Return the id of an open order."""
    client, product = make_user(), make_product(tracked=False)
    with transaction():
        return place_order(actor=Actor(client.id, client.role), wanted=Wanted([Item(product.id, 1)])).id


def stocked() -> int:
    """Return the SKU, a number, of a product without stock."""
    return int(make_product(sku=str(next(_skus))).sku)


def using() -> int:
    """Return the id of a service that uses something."""
    service = make_service()
    with transaction():
        db.session.add(ServiceConsumable(service_id=service.id, product_id=make_product().id, quantity=1))
    return service.id


def linked() -> str:
    """Return the token of the link to a booking that may be moved."""
    service = make_service()
    return link_to(make_booking(make_user(), service, make_working_staff(service), TEN).id)


def linked_order() -> str:
    """Return the token of the link to an open order."""
    return link_to_order(ordered())


_skus = count(1_000_000)

Thing = int | str
Row = tuple[Callable[[], Thing], Any]

ROUTES: dict[tuple[str, str], Row] = {
    # method and path: what makes such a thing, and a body that changes it
    ("PATCH", "/api/bookings/{booking_id}"): (confirmed, {"notes": "Hi"}),
    ("DELETE", "/api/bookings/{booking_id}"): (confirmed, None),
    ("POST", "/api/bookings/{booking_id}/approve"): (pending, {}),
    ("POST", "/api/bookings/{booking_id}/decline"): (pending, {}),
    ("POST", "/api/bookings/{booking_id}/cancel"): (confirmed, {}),
    ("POST", "/api/bookings/{booking_id}/complete"): (begun, {}),
    ("POST", "/api/bookings/{booking_id}/no-show"): (begun, {}),
    ("POST", "/api/bookings/manage/{token}/cancel"): (linked, {}),
    ("POST", "/api/bookings/manage/{token}/move"): (linked, {"starts_at": (TEN + timedelta(hours=2)).isoformat()}),
    ("PATCH", "/api/services/{service_id}"): (lambda: make_service().id, {"name": "New"}),
    ("DELETE", "/api/services/{service_id}"): (lambda: make_service().id, None),
    ("PUT", "/api/services/{service_id}/consumables"): (using, {"items": []}),
    ("PATCH", "/api/staff/{staff_id}"): (lambda: make_staff().id, {"name": "New"}),
    ("DELETE", "/api/staff/{staff_id}"): (lambda: make_staff().id, None),
    ("PATCH", "/api/spaces/{space_id}"): (lambda: make_space().id, {"capacity": 3}),
    ("PUT", "/api/spaces/{space_id}"): (lambda: make_space().id, {"name": "New"}),
    ("DELETE", "/api/spaces/{space_id}"): (lambda: make_space().id, None),
    ("PATCH", "/api/orders/{order_id}"): (ordered, {"fulfilment_status": "ready"}),
    ("POST", "/api/orders/{order_id}/cancel"): (ordered, {}),
    ("POST", "/api/orders/manage/{token}/cancel"): (linked_order, {}),
    ("PATCH", "/api/products/{product_id}"): (lambda: make_product().id, {"name": "New"}),
    ("DELETE", "/api/products/{product_id}"): (lambda: make_product().id, None),
    ("PUT", "/api/inventory/{sku}/stock"): (stocked, {"delta": 1, "reason": "receipt"}),
    # a status in the body of a PATCH takes a step, by the same version
    ("PATCH", "/api/bookings/{booking_id}?status"): (confirmed, {"status": "cancelled"}),
}


THINGS = ("booking_id", "service_id", "staff_id", "space_id", "order_id", "product_id", "sku", "token")


def ask(api: Api, admin: str, route: tuple[str, str], thing: Thing, seen: str | None) -> Any:
    """Ask for the change of a thing by somebody who has seen a version of it."""
    method, path = route
    place = path.partition("?")[0].format(**dict.fromkeys(THINGS, thing))
    headers = {} if seen is None else {"If-Match": seen}
    return api.call(method, place, json=ROUTES[route][1], token=admin, headers=headers)


def all_of_it() -> list[Any]:
    """Return every row that these routes change."""
    rows = [
        tuple(row)
        for model in (Service, ServiceConsumable, Assignment, Order, Product)
        for row in db.session.execute(select(*model.__table__.c))
    ]
    rows += [tuple(row) for table in (Resource, Space) for row in db.session.execute(select(*table.__table__.c))]
    return [sorted(rows, key=repr), everything()]


STALE = ('"2"', '"0"', '"2", "3"', 'W/"1"', '""', "", "garbage", '"1', "2", '"01"', '"-1"', "0x1")
FRESH = ('"1"', "*", '"7", "1"', '"7","1"', None)


@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_stale(api: Api, admin: str, route: tuple[str, str]) -> None:
    """412, and nothing is changed; a weak tag matches nothing (RFC 9110 §13.1.1), nor does what is no tag."""
    thing = ROUTES[route][0]()
    before = all_of_it()
    for seen in STALE:
        answer = ask(api, admin, route, thing, seen)
        assert (answer.status_code, answer.json["code"]) == (412, "version_conflict"), seen
    assert all_of_it() == before


@pytest.mark.parametrize("route", ROUTES, ids="-".join)
def test_fresh(api: Api, admin: str, route: tuple[str, str]) -> None:
    """The version that is there, any, one of several, or none asked for: done."""
    for seen in FRESH:
        thing = ROUTES[route][0]()
        before = all_of_it()
        answer = ask(api, admin, route, thing, seen)
        assert answer.status_code in {200, 204}, answer.json
        assert all_of_it() != before


def test_no_route_is_left_out(app: Flask) -> None:
    """Every one that says it honours the header is in the table."""
    paths = openapi.document(app)["paths"]
    found = {
        (method.upper(), path)
        for path, operations in paths.items()
        for method, operation in operations.items()
        if isinstance(operation, dict) and any(p.get("name") == "If-Match" for p in operation.get("parameters", ()))
    }
    assert found - set(ROUTES) == set()
    assert {route for route in ROUTES if "?" not in route[1]} - found == set()


def test_each_change_is_a_version(api: Api, admin: str) -> None:
    """What one answer shows is what the next change asks for."""
    path = f"/api/bookings/{confirmed()}"
    versions = [1]
    for notes in ("One", "Two"):
        seen = {"If-Match": f'"{versions[-1]}"'}
        answer = api.patch(path, {"notes": notes}, token=admin, headers=seen)
        versions.append(answer.json["version"])
    assert versions == [1, 2, 3]
    assert db.session.query(BookingHistory).count() == 2


def test_what_is_not_there_comes_first(api: Api, admin: str) -> None:
    """404 and 403 before 412: a version says nothing to who may not see, or not do it."""
    stale = {"If-Match": '"9"'}
    booking = confirmed()
    stranger, staff = token_for(make_user()), token_for(make_user(Role.STAFF))
    assert api.patch(f"/api/bookings/{2**62}", {}, token=admin, headers=stale).status_code == 404
    assert api.patch(f"/api/bookings/{booking}", {}, token=stranger, headers=stale).status_code == 404
    assert api.delete(f"/api/bookings/{booking}", token=staff, headers=stale).status_code == 403
    assert api.patch(f"/api/bookings/{booking}", {"x": 1}, token=admin, headers=stale).status_code == 422
    assert db.session.get_one(Booking, booking).version == 1


def test_repeating_what_is_done(api: Api, admin: str) -> None:
    """Cancelling twice succeeds, but not with the version of before; nor is a stale DELETE of it 204."""
    path = f"/api/bookings/{confirmed()}"
    first = {"If-Match": '"1"'}
    assert api.post(f"{path}/cancel", {}, token=admin, headers=first).status_code == 200
    assert api.post(f"{path}/cancel", {}, token=admin, headers=first).status_code == 412
    assert api.delete(path, token=admin, headers=first).status_code == 412
    assert api.post(f"{path}/cancel", {}, token=admin, headers={"If-Match": '"2"'}).json["version"] == 2
