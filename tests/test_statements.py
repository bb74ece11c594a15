"""How many SQL statements a request costs: a fixed number, however much there is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Closure, DayHours, Role, Service, Staff
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.security.actor import Actor
from app.transactions import transaction
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import (
    assign,
    make_booking,
    make_product,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_visit,
    make_working_staff,
    set_hours,
    token_for,
)

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
FEW, MANY = 3, 30
MONDAY = {"from": "2030-01-07", "to": "2030-01-07"}
MONTH = {"from": "2030-01-07", "to": "2030-02-06"}
OVER = {"from": "2029-12-01", "to": "2030-01-06"}
TEN = "2030-01-07T10:00:00Z"


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@dataclass(frozen=True)
class House:
    """A business with `size` of everything, and who asks."""

    size: int
    service: Service
    staff: Staff
    booking_id: int
    client_id: int
    space_id: int
    order_id: int
    tokens: dict[str, str]


def build(size: int) -> House:
    """Fill the database: `size` services, staff, assignments, and bookings from Tuesday on."""
    service, client = make_service(name="Pompadour"), make_user()
    first = make_working_staff(service, name="Amina")
    colleagues = [first]
    for _ in range(size - 1):
        colleague = make_staff()
        set_hours(colleague, weekdays=[0])
        assign(colleague, service)
        assign(first, make_service())
        colleagues.append(colleague)
    spaces = [make_space() for _ in range(size)]
    for space in spaces:
        set_hours(space)
    start = NOW + timedelta(days=1)
    rows = [make_booking(client, service, one, start + timedelta(hours=n)) for n, one in enumerate(colleagues)]
    tokens = {
        "client": token_for(client),
        "admin": token_for(make_user(Role.ADMIN)),
        "newcomer": token_for(make_user()),
    }
    products = [make_product(1000) for _ in range(3)]
    wanted = Wanted([Item(product.id, 2) for product in products])
    with transaction():
        orders = [place_order(actor=Actor(client.id, client.role), wanted=wanted).id for _ in range(size)]
    return House(size, service, first, rows[0].id, client.id, spaces[0].id, orders[0], tokens)


Ask = Callable[[Api, House], Any]


def read(path: str, who: str = "admin", **query: Any) -> Ask:
    """Return a GET; `{service}`, `{staff}`, `{booking}` in the path and the query become ids of the house."""

    def ask(api: Api, house: House) -> Any:
        ids = {
            "service": house.service.id,
            "staff": house.staff.id,
            "booking": house.booking_id,
            "client": house.client_id,
            "space": house.space_id,
            "order": house.order_id,
        }
        filled = {name: str(value).format(**ids) for name, value in query.items()}
        return api.get(path.format(**ids), query=filled, token=house.tokens.get(who))

    return ask


def book(starts_at: str, **fields: str) -> Ask:
    """Return a POST of a booking by somebody who has none."""

    def ask(api: Api, house: House) -> Any:
        body: dict[str, Any] = {"service_id": house.service.id, "starts_at": starts_at}
        if "staff" in fields:
            body["staff_id"] = house.staff.id
        return api.post("/api/bookings", json=body, token=house.tokens["newcomer"])

    return ask


def repeat(**query: str) -> Ask:
    """Return a POST of a series of five, with somebody, by somebody who has none."""

    def ask(api: Api, house: House) -> Any:
        often = {"every_weeks": 1, "count": 5}
        body = {"service_id": house.service.id, "staff_id": house.staff.id, "starts_at": TEN, "repeat": often}
        return api.post("/api/bookings/series", json=body, query=query, token=house.tokens["newcomer"])

    return ask


LIST: dict[str, Any] = {"limit": 100}


def say(text: str) -> Ask:
    """Return a turn of a new conversation, by somebody who has no bookings."""

    def ask(api: Api, house: House) -> Any:
        said = text.format(service=house.service.name, staff=house.staff.name)
        return api.post("/api/voice/booking", {"text": said}, token=house.tokens["newcomer"])

    return ask


AN_HOUR = {"available_from": TEN, "available_to": "2030-01-07T11:00:00Z"}
SLOTS = {"service_id": "{service}"}


def handle(method: str, rest: str, body: dict[str, str]) -> Ask:
    """Return a step of the order of three lines, taken by an admin."""

    def ask(api: Api, house: House) -> Any:
        return api.call(method, f"/api/orders/{house.order_id}{rest}", json=body, token=house.tokens["admin"])

    return ask


COSTS: dict[str, tuple[int, int, Ask]] = {
    # what is asked: statements, status, request. A token costs one.
    "services": (1, 200, read("/api/services", "anonymous", **LIST)),
    "services, with a total": (2, 200, read("/api/services", "anonymous", include_total="true", **LIST)),
    "services, every filter": (
        2,
        200,
        read("/api/services", q="s", category="Hair", price_min=1, price_max=9999, staff_id="{staff}", **LIST),
    ),
    "a service": (1, 200, read("/api/services/{service}", "anonymous")),
    "users": (2, 200, read("/api/users", **LIST)),
    "users, every filter and a total": (
        3,
        200,
        read("/api/users", q="a", role="client", is_active="true", sort="-email", include_total="true", **LIST),
    ),
    "the audit log": (2, 200, read("/api/audit", object_type="user", action="auth.login", **LIST)),
    "a user": (2, 200, read("/api/users/{client}")),
    "recommendations": (9, 200, read("/api/recommendations/me", "client")),
    "somebody's recommendations": (10, 200, read("/api/recommendations/client/{client}")),
    "an account with recommendations": (10, 200, read("/api/users/{client}", include="recommendations")),
    "all about oneself": (29, 200, read("/api/users/me/export", "client")),
    "oneself": (1, 200, read("/api/users/{client}", "client")),
    "categories": (1, 200, read("/api/services/categories", "anonymous")),
    "a service's staff": (3, 200, read("/api/services/{service}/staff", "anonymous", **LIST)),
    "staff": (2, 200, read("/api/staff", "anonymous", **LIST)),
    "a staff member": (2, 200, read("/api/staff/{staff}", "anonymous")),
    "hours": (2, 200, read("/api/staff/{staff}/hours", "anonymous")),
    "spaces": (2, 200, read("/api/spaces", "anonymous", **LIST)),
    "a space": (2, 200, read("/api/spaces/{space}", "anonymous")),
    "spaces that are free": (4, 200, read("/api/spaces", "anonymous", **AN_HOUR, **LIST)),
    "a report on spaces": (5, 200, read("/api/reports/spaces", **MONTH, **LIST)),
    "a summary": (9, 200, read("/api/reports/summary", **MONTH)),
    "bookings by day": (2, 200, read("/api/reports/bookings.csv", **MONTH)),
    "utilisation": (5, 200, read("/api/reports/utilisation.csv", **MONTH)),
    "revenue by day": (2, 200, read("/api/reports/revenue.csv", **MONTH)),
    "the dashboard": (11, 200, read("/api/reports/dashboard")),
    "assignments": (2, 200, read("/api/services/assignments", **LIST)),
    "a vague wish": (8, 200, say("book something on thursday")),
    "a wish for a service": (10, 200, say("book {service} next week")),
    "a wish with a time, held": (22, 200, say("book {service} with {staff} today at 10 am")),
    "what is free": (10, 200, say("when are you free for {service} this week?")),
    "bookings": (2, 200, read("/api/bookings", "client", **LIST)),
    "bookings, every filter": (
        2,
        200,
        read("/api/bookings", status="confirmed", kind="service", service_id="{service}", **MONTH, **LIST),
    ),
    "a booking": (2, 200, read("/api/bookings/{booking}", "client")),
    "its history": (4, 200, read("/api/bookings/{booking}/history", "client")),
    "availability of a day": (2, 200, read("/api/bookings/availability", "anonymous", **SLOTS, **MONDAY)),
    "availability of a month": (2, 200, read("/api/bookings/availability", "anonymous", **SLOTS, **MONTH)),
    "availability of days that are over": (1, 200, read("/api/bookings/availability", "anonymous", **SLOTS, **OVER)),
    "availability of one": (
        2,
        200,
        read("/api/bookings/availability", "anonymous", staff_id="{staff}", **SLOTS, **MONDAY),
    ),
    "a start that can be had": (3, 200, read("/api/bookings/check-availability", "anonymous", starts_at=TEN, **SLOTS)),
    "a start that cannot": (
        3,
        200,
        read("/api/bookings/check-availability", "anonymous", starts_at="2030-01-07T10:01:00Z", **SLOTS),
    ),
    "a calendar": (5, 200, read("/api/staff/{staff}/calendar", **MONTH)),
    "the schedule of a day": (5, 200, read("/api/staff/schedule", **MONDAY)),
    "the schedule of a month": (5, 200, read("/api/staff/schedule", **MONTH)),
    "a booking with anybody": (10, 201, book(TEN)),  # one to see who has least to do
    "a booking with somebody": (9, 201, book(TEN, staff="this one")),
    "a series of five": (18, 201, repeat()),  # two for each date
    "a series of five, rehearsed": (6, 200, repeat(dry_run="true")),
    "orders": (3, 200, read("/api/orders", "client", **LIST)),
    "orders, every filter and a total": (
        4,
        200,
        read(
            "/api/orders",
            status="open",
            payment_status="unpaid",
            fulfilment_status="unfulfilled",
            channel="online",
            client_id="{client}",
            sort="-total",
            include_total="true",
            **MONTH,
            **LIST,
        ),
    ),
    "an order": (3, 200, read("/api/orders/{order}", "client")),
    "an order's history": (4, 200, read("/api/orders/{order}/history", "client")),
    "an order cancelled": (12, 200, handle("POST", "/cancel", {})),
    "an order fulfilled": (10, 200, handle("PATCH", "", {"fulfilment_status": "fulfilled"})),
    "a booking between two slots": (8, 409, book("2030-01-07T10:01:00Z")),
    "a booking at night": (8, 409, book("2030-01-07T23:00:00Z")),
}


REVIEW_COSTS = {"write": 12, "change": 12, "reply": 11, "hide": 11, "publish": 11, "read": 3, "delete": 10}


ROW_BY_ROW = {"a booking with anybody": 3, "a booking with somebody": 3, "a series of five": 15}
"""What SQLite needs more: it inserts what follows from a booking row by row."""

CHANGES = {"a booking with anybody", "a booking with somebody", "a series of five"}
CHANGES |= {"an order cancelled", "an order fulfilled"}
"""What costs as stated in a house that nothing else was asked of; all others leave it as it is."""


@pytest.mark.parametrize("size", [1, FEW, MANY])
@pytest.mark.parametrize("what", sorted(CHANGES))
def test_a_change_costs(api: Api, count_statements: CountStatements, what: str, size: int) -> None:
    """The same with three and thirty of everything; with one there may be nothing to choose from."""
    assert wrong_cost(what, api, build(size), count_statements) is None


@pytest.mark.parametrize("size", [1, FEW, MANY])
def test_a_question_costs(api: Api, count_statements: CountStatements, size: int) -> None:
    """The same, in one house for all that changes nothing: what was asked before makes nothing cheaper."""
    house, questions = build(size), COSTS.keys() - CHANGES
    wrong = {what: wrong_cost(what, api, house, count_statements) for what in sorted(questions)}
    assert {what: why for what, why in wrong.items() if why} == {}


def wrong_cost(what: str, api: Api, house: House, count_statements: CountStatements) -> str | None:
    """Ask; return the answer or the statements where they are not those of `COSTS`."""
    expected, status, ask = COSTS[what]
    expected += ROW_BY_ROW.get(what, 0) if db.engine.dialect.name == "sqlite" else 0
    with count_statements() as statements:
        answer = ask(api, house)
    if answer.status_code != status:
        return str(answer.text)
    right = len(statements) == expected or (len(statements) < expected and house.size == 1)
    return None if right else f"{len(statements)}:\n" + "\n\n".join(statements)


@pytest.mark.parametrize("days", [1, 7, 31, 62])
def test_availability_is_cheap(api: Api, count_statements: CountStatements, days: int) -> None:
    """At most eight statements for any range, with time off and dated hours in it: the bench measures the engine."""
    house = build(FEW)
    last = NOW.date() + timedelta(days=days - 1)
    with transaction():
        db.session.add(Closure(resource_id=house.staff.id, starts_at=NOW, ends_at=NOW + timedelta(days=1), reason=""))
        db.session.add(DayHours(resource_id=house.staff.id, date=last, opens=600, closes=660))
    ask = read("/api/bookings/availability", "anonymous", **SLOTS, **{"from": NOW.date(), "to": last})
    with count_statements() as statements:
        answer = ask(api, house)
    assert (answer.status_code, len(answer.json["days"])) == (200, days)
    assert 0 < len(statements) <= 8


def test_reviews_cost(api: Api, count_statements: CountStatements) -> None:
    """A fixed number each, of a visit of one service and of ten: neither subjects nor words are gone through singly."""
    admin = token_for(make_user(Role.ADMIN))
    for services in (1, 10):
        client, staff = make_user(), make_staff()
        token = token_for(client)
        visit = make_visit(client, *(make_service() for _ in range(services)), staff=staff)
        body: dict[str, Any] = {"booking_id": visit.id, "rating": 5}
        costs = {}
        with count_statements() as seen:
            made = api.post("/api/reviews", body, token=token).json["id"]
        costs["write"] = len(seen)
        asked: dict[str, tuple[str, str, dict[str, Any] | None]] = {
            "change": ("PATCH", "", {"rating": 1}),
            "reply": ("POST", "/reply", {"text": "Hm."}),
            "hide": ("POST", "/hide", {"reason": "Rude."}),
            "publish": ("POST", "/publish", {}),
            "read": ("GET", "", None),
            "delete": ("DELETE", "", None),
        }
        for name, (method, rest, sent) in asked.items():
            with count_statements() as seen:
                answer = api.call(method, f"/api/reviews/{made}{rest}", json=sent, token=admin)
            assert answer.status_code < 300
            costs[name] = len(seen)
        assert costs == REVIEW_COSTS, services


@pytest.mark.parametrize("lines", [1, 3, 10])
def test_buying_costs(api: Api, app: Flask, count_statements: CountStatements, lines: int) -> None:
    """The same for one line and for ten, but that SQLite inserts singly; a sale has the lines of an invoice too."""
    products = [make_product(1000) for _ in range(lines)]
    each = 0 if db.engine.dialect.name == "postgresql" else 1
    body = {"items": [{"sku": product.sku, "quantity": 2} for product in products]}
    for path, more, base, tables, who in (
        ("/api/orders", {}, 9 + 2 * each, 1, make_user()),
        ("/api/sales", {"method": "cash"}, 18, 2, make_user(Role.STAFF)),
    ):
        token = token_for(who)
        with count_statements() as statements:
            answer = api.post(path, body | more, token=token)
        assert answer.status_code == 201
        assert len(statements) == base + each * tables * (lines - 1), "\n\n".join(statements)
