"""What the diary will use, beside what is there."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import BookingStatus, PendingReason, Role, Service, ServiceConsumable, Staff
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_booking, make_product, make_service, make_staff, make_user, make_visit, token_for

NOW = datetime(2030, 1, 7, 10, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def monday(app: Flask) -> Iterator[None]:
    """Make it half past ten on a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def worker(app: Flask) -> Staff:
    """Who performs everything."""
    return make_staff()


def using(**quantities: int) -> Service:
    """Return a service that uses so many of each product, by SKU; they are there ten times each, if they are new."""
    service = make_service()
    for sku, quantity in quantities.items():
        product = make_product(10, sku=sku)
        with transaction():
            row = ServiceConsumable(service_id=service.id, product_id=product.id, quantity=quantity)
            db.session.add(row)
    return service


def forecast(api: Api, token: str, **query: Any) -> Any:
    """Ask for the forecast."""
    answer = api.get("/api/inventory/forecast", query=query, token=token)
    assert answer.status_code == 200, answer.text
    return answer.json


def needs(answer: Any) -> dict[str, tuple[int, int, int, str | None]]:
    """Return what is available, needed, missing, and when it runs out, by SKU."""
    names = ("available", "needed", "shortage", "runs_out_on")
    return {item["sku"]: tuple(item[name] for name in names) for item in answer["items"]}


def test_what_the_diary_uses(api: Api, staff: str, worker: Staff) -> None:
    """Pending and confirmed bookings that are not over, also those that have begun; nothing else."""
    service, client = using(OIL=3), make_user()
    waiting = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL}
    make_booking(client, service, worker, NOW - HOUR / 2)
    make_booking(client, service, worker, NOW + DAY)
    make_booking(client, service, worker, NOW + 2 * DAY, **waiting, expires_at=NOW + DAY)
    assert needs(forecast(api, staff)) == {"OIL": (10, 9, 0, None)}
    make_booking(client, service, worker, NOW - 2 * HOUR)
    make_booking(client, service, worker, NOW + 3 * DAY, **waiting, expires_at=NOW)
    make_booking(client, service, worker, NOW + 15 * DAY)
    make_booking(client, make_service(), worker, NOW + DAY)
    for status in (BookingStatus.COMPLETED, BookingStatus.NO_SHOW, BookingStatus.DECLINED, BookingStatus.EXPIRED):
        make_booking(client, service, worker, NOW + HOUR, status=status)
    make_booking(client, service, worker, NOW + HOUR, status=BookingStatus.CANCELLED, cancelled_at=NOW)
    assert needs(forecast(api, staff)) == {"OIL": (10, 9, 0, None)}
    assert needs(forecast(api, staff, days=16)) == {"OIL": (10, 12, 2, "2030-01-22")}
    assert needs(forecast(api, staff, days=1)) == {"OIL": (10, 3, 0, None)}


def test_the_first_to_run_out_comes_first(api: Api, staff: str, worker: Staff) -> None:
    """With the day on which it does; a visit of two parts needs both of them, until it is completed."""
    few, many, enough = using(B=6), using(A=11), using(C=1)
    with clock.frozen(NOW + 3 * HOUR / 2):
        make_visit(make_user(), enough, few, staff=worker, status=BookingStatus.CONFIRMED)
    make_booking(make_user(), few, worker, NOW + 3 * DAY)
    make_booking(make_user(), many, worker, NOW + 5 * DAY)
    answer = forecast(api, staff)
    assert list(needs(answer).items()) == [
        ("B", (10, 12, 2, "2030-01-10")),
        ("A", (10, 11, 1, "2030-01-12")),
        ("C", (10, 1, 0, None)),
    ]
    assert (answer["from"], answer["to"]) == ("2030-01-07T10:30:00Z", "2030-01-21T10:30:00Z")


def test_a_day_is_the_business_day(app: Flask, api: Api, staff: str, worker: Staff) -> None:
    """What runs out at half past ten in the evening in UTC, has run out tomorrow in Nairobi."""
    zone = app.extensions["business"].timezone
    make_booking(make_user(), using(OIL=11), worker, NOW + 12 * HOUR)
    answer = forecast(api, staff)
    expected = {"UTC": "2030-01-07", "Africa/Nairobi": "2030-01-08"}[zone]
    assert (answer["timezone"], answer["items"][0]["runs_out_on"]) == (zone, expected)


def test_what_is_not_tracked_never_runs_out(api: Api, staff: str, worker: Staff) -> None:
    """It is not in the forecast; a retired product is, as long as it is used."""
    service, product, retired = make_service(), make_product(tracked=False), make_product(1, active=False, sku="OLD")
    with transaction():
        for one in (product, retired):
            db.session.add(ServiceConsumable(service_id=service.id, product_id=one.id, quantity=1))
    make_booking(make_user(), service, worker, NOW + DAY)
    assert needs(forecast(api, staff)) == {"OLD": (1, 1, 0, None)}


@each_case("days", ["0", "91", "-1", "1.5", "x", "", "99999999999999999999"])
def test_bad_days(api: Api, staff: str, days: str) -> None:
    """From 1 to 90."""
    answer = api.get("/api/inventory/forecast", query={"days": days}, token=staff)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["days"])


def test_who_may_ask(api: Api) -> None:
    """Staff and admins."""
    answers = {role: api.get("/api/inventory/forecast", token=token_for(make_user(role))).status_code for role in Role}
    assert answers == {Role.CLIENT: 403, Role.OWNER: 403, Role.STAFF: 200, Role.ADMIN: 200}


def test_it_costs_one_statement(api: Api, staff: str, worker: Staff, count_statements: CountStatements) -> None:
    """Beside the token's, however much is booked and used."""
    for n in range(5):
        service = using(**{f"S{n}": 1, f"T{n}": 2})
        for day in range(1, 6):
            make_booking(make_user(), service, worker, NOW + day * DAY)
    with count_statements() as statements:
        answer = forecast(api, staff)
    assert (len(answer["items"]), len(statements)) == (10, 2)
