"""Whatever is sent to whichever route, the answer is the right 4xx problem, and nothing has changed.

The routes are those of the running application: one that is added is tried without being named here.
"""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from itertools import product
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.bookings.service.read import load_booking
from app.extensions import db
from app.invoices.service import issue_for_booking
from app.kit.clock import utcnow
from app.models import (
    Assignment,
    Booking,
    BookingSeries,
    Closure,
    CuratedLink,
    Hold,
    Role,
    Service,
    User,
    WaitlistEntry,
)
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.security.actor import Actor
from app.transactions import transaction
from app.web import openapi
from app.web.examples import sample
from tests.access.world import given_up, link_to, link_to_order
from tests.databases import refused_by_shape
from tests.factories import (
    claims_of,
    make_alias,
    make_booking,
    make_card,
    make_delivery,
    make_image,
    make_payment,
    make_product,
    make_refund,
    make_review,
    make_service,
    make_space,
    make_testimonial,
    make_user,
    make_webhook,
    make_working_staff,
    token_for,
)
from tests.hostile import BAD_DATES, BAD_IDS, BAD_LIMITS, BODIES, JSON, TYPES, VALUES
from tests.images.files import encoded, scene
from tests.prepaid.bought import make_gift_card, make_package

FORM = "multipart/form-data"
PICTURE = encoded(scene(30, 20))
OBJECT = b'{"name": "x"}'
TAKEN = {("1.5", "latitude"), ("1.5", "longitude")}
"""What some field takes all the same."""


BAD_PAGES = [*(f"limit={limit}" for limit in BAD_LIMITS), "page=1", "per_page=5", "cursor=x"]

PLACE = re.compile(r"<(\w+):(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, with what the document says about it."""

    method: str
    rule: str
    operation: dict[str, Any]

    @property
    def fields(self) -> list[str]:
        """The names of the members that its body may have."""
        content = self.operation.get("requestBody", {}).get("content", {})
        return list(content[JSON]["schema"]["properties"]) if JSON in content else []

    @property
    def takes_form(self) -> bool:
        """Whether its body is a form: what is no form is refused by other tests."""
        return FORM in self.operation.get("requestBody", {}).get("content", {})

    @property
    def query(self) -> str:
        """The parameters that its query must have."""
        wanted = [one for one in self.operation["parameters"] if one["in"] == "query" and one.get("required")]
        found = [f"{one['name']}={sample(one['schema'])}" for one in wanted]
        return "&".join([*found, *["service_id=1"] * (self.rule in OF_SOMETHING)])

    def options(self) -> dict[str, Any]:
        """Return a query and a body that it would accept."""
        content = self.operation.get("requestBody", {}).get("content")
        if self.takes_form:
            return {"data": {"image": (BytesIO(PICTURE), "a file")}, "content_type": FORM}
        body = {"data": json.dumps(content[JSON]["example"]), "content_type": JSON} if content else {}
        return {"query_string": self.query, **body}


OF_SOMETHING = {"/api/bookings/availability", "/api/bookings/check-availability"}
"""They ask about a service or a space, of which the document cannot say that one is needed."""


@pytest.fixture
def places(app: Flask) -> dict[str, str]:
    """One of everything, by the name that paths give it."""
    service = make_service()
    staff = make_working_staff(service)
    away = datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 2, tzinfo=UTC)
    closure = Closure(resource_id=staff.id, starts_at=away[0], ends_at=away[1], reason="")
    with transaction():
        db.session.add(closure)
    client = make_user()
    booking = make_booking(client, service, staff, utcnow().replace(microsecond=0))
    assignment_id = db.session.scalars(select(Assignment.id)).one()
    db.session.rollback()
    session_id = claims_of(token_for(make_user()))["sid"]
    hold = Hold(client_id=booking.client_id, expires_at=utcnow() + timedelta(minutes=10))
    with transaction():
        db.session.add(hold)
    ids = {
        "session_id": session_id,
        "user_id": booking.client_id,
        "client_id": booking.client_id,
        "service_id": service.id,
        "staff_id": staff.id,
        "booking_id": booking.id,
        "closure_id": closure.id,
        "hold_id": hold.id,
        "space_id": make_space().id,
        "entry_id": waiting(service.id, booking.client_id),
        "series_id": repeating(booking),
    }
    ids["alias_id"] = make_alias(service_id=service.id).id
    ids["image_id"] = make_image(service_id=service.id).id
    ids |= {"review_id": make_review(booking).id, "testimonial_id": make_testimonial(make_user()).id}
    more: dict[str, int | str] = {
        "category_id": service.category_id,
        "assignment_id": assignment_id,
        "day": "2026-12-01",
    }
    more |= told() | {"token": link_to(booking.id)} | money(client, booking)
    return {name: str(value) for name, value in (ids | more | bought(client, service)).items()}


def money(client: User, booking: Booking) -> dict[str, int]:
    """Let a client have paid, of which some is on its way back; return the ids, and those of an invoice and a card."""
    payment, whole = make_payment(booking, refunding_amount=10), load_booking(booking.id)
    assert whole is not None
    with transaction():
        ids = {"invoice_id": issue_for_booking(whole).id}
    return ids | {"payment_id": payment.id, "refund_id": make_refund(payment).id, "card_id": make_card(client).id}


def told() -> dict[str, int]:
    """Write an endpoint of ours, what it was told, and a task that was given up; return their ids."""
    webhook = make_webhook()
    return {"webhook_id": webhook.id, "delivery_id": make_delivery(webhook).id, "job_id": given_up()}


def bought(client: User, service: Service) -> dict[str, Any]:
    """Let a client have bought a card and a package; return their ids, and those of orders, a link and what is sold."""
    product, card, package = make_product(9), make_gift_card(client), make_package(client, service)
    link = CuratedLink(from_product_id=product.id, to_service_id=service.id)
    with transaction():
        db.session.add(link)
    ids = {"product_id": product.id, "gift_card_id": card.id, "package_id": package.id, "order_id": card.order_id}
    with transaction():
        ordered = place_order(actor=Actor(client.id, client.role), wanted=Wanted([Item(product.id, 1)]))
    return ids | {"sku": product.sku, "order_token": link_to_order(ordered.id), "link_id": link.id}


def repeating(booking: Booking) -> int:
    """Make a booking one of a series; return the series' id."""
    series = BookingSeries(client_id=booking.client_id, every_weeks=1, timezone="UTC")
    with transaction():
        db.session.add(series)
        db.session.flush()
        db.session.merge(booking).series_id = series.id
    return series.id


def waiting(service_id: int, client_id: int) -> int:
    """Let somebody wait for a service; return the entry's id."""
    today = utcnow().replace(microsecond=0)
    entry = WaitlistEntry(client_id=client_id, service_id=service_id, timezone="UTC")
    entry.first_day, entry.last_day = today.date(), today.date() + timedelta(days=9)
    entry.starts_at, entry.ends_at = today, today + timedelta(days=9)
    with transaction():
        db.session.add(entry)
    return entry.id


@pytest.fixture
def routes(app: Flask) -> list[Route]:
    """Every documented route; that all are documented is tested elsewhere."""
    return documented(app)


@cache
def documented(app: Flask) -> list[Route]:
    """Read the document of an application, once."""
    whole = openapi.document(app)
    return [
        Route(method, rule.rule, operation)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if (operation := resolved(whole, rule.rule, method))
    ]


@pytest.fixture
def as_admin(client: FlaskClient) -> dict[str, str]:
    return {"Authorization": f"Bearer {token_for(make_user(Role.ADMIN))}"}


@pytest.fixture
def unchanged(app: Flask, places: dict[str, str], as_admin: dict[str, str]) -> Iterator[None]:
    """Compare every row of every table before and after the test."""
    before = everything()
    yield
    assert everything() == before


def resolved(whole: dict[str, Any], rule: str, method: str) -> dict[str, Any] | None:
    """Return the operation with its path's parameters and its body's schema in place."""
    path = whole["paths"].get(PLACE.sub(r"{\2}", rule), {})
    if method.lower() not in path:
        return None
    operation = json.loads(json.dumps(path[method.lower()]))
    operation["parameters"] = [*path.get("parameters", []), *operation.get("parameters", [])]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["schema"] = whole["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
    return dict(operation)


def everything() -> dict[str, list[Any]]:
    """Return all rows of all tables, and hold no transaction that would keep others from writing."""
    tables = db.metadata.tables.items()
    found = {name: sorted(db.session.execute(select(table)).all(), key=repr) for name, table in tables}
    db.session.rollback()
    return found


def filled(rule: str, places: dict[str, str]) -> str:
    if rule.startswith("/api/orders/manage/"):
        places = places | {"token": places["order_token"]}
    return PLACE.sub(lambda found: places[found[2]], rule)


def off(answers: Iterator[tuple[str, Any]], status: int) -> dict[str, Any]:
    """Return the answers that are not problems of `status`, by what was asked."""
    return {
        asked: (answer.status_code, answer.get_data(as_text=True)[:300])
        for asked, answer in answers
        if (answer.status_code, answer.mimetype) != (status, "application/problem+json")
    }


def writing(routes: list[Route]) -> list[Route]:
    found = [route for route in routes if route.method != "GET" and not route.takes_form]
    assert len(found) > 20
    return found


Ask = Callable[..., Any]


@pytest.fixture
def ask(client: FlaskClient, as_admin: dict[str, str]) -> Ask:
    """Return a function that sends one request as an admin."""

    def send(method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> Any:
        return client.open(path, method=method, headers=as_admin | (headers or {}), **options)

    return send


@refused_by_shape
@pytest.mark.usefixtures("unchanged")
def test_a_body_that_is_no_object(routes: list[Route], places: dict[str, str], ask: Ask) -> None:
    for kind, (body, status) in BODIES.items():
        answers = (
            (
                f"{route.method} {route.rule}: {kind}",
                ask(route.method, filled(route.rule, places), data=body, content_type=JSON),
            )
            for route in writing(routes)
        )
        assert off(answers, status) == {}


@refused_by_shape
@pytest.mark.usefixtures("unchanged")
def test_a_body_of_another_type(routes: list[Route], places: dict[str, str], ask: Ask) -> None:
    answers = (
        (
            f"{route.method} {route.rule}: {kind}",
            ask(
                route.method,
                filled(route.rule, places),
                headers,
                data=gzip.compress(OBJECT) if kind == "gzip" else OBJECT,
            ),
        )
        for kind, headers in TYPES.items()
        for route in writing(routes)
    )
    assert off(answers, 415) == {}


@refused_by_shape
@pytest.mark.usefixtures("unchanged")
def test_a_value_that_no_field_takes(routes: list[Route], places: dict[str, str], ask: Ask) -> None:
    fields = [(route, field) for route in routes if route.fields for field in (*route.fields, "unknown")]

    def answers() -> Iterator[tuple[str, Any]]:
        for (route, field), (kind, value) in product(fields, VALUES.items()):
            if (kind, field) in TAKEN:
                continue
            body = f'{{"{field}": {value}}}'
            answer = ask(route.method, filled(route.rule, places), data=body, content_type=JSON)
            blamed = {name.partition(".")[0] for name in (answer.json or {}).get("errors", {})}
            assert field in blamed, (route.method, route.rule, field, kind, answer.text)
            yield f"{route.method} {route.rule} {field}: {kind}", answer

    assert off(answers(), 422) == {}


@pytest.mark.parametrize(("kind", "wrong"), [("id", BAD_IDS), ("date", BAD_DATES)], ids=["id", "date"])
@pytest.mark.usefixtures("unchanged")
def test_a_path_that_names_nothing(
    kind: str, wrong: list[str], routes: list[Route], places: dict[str, str], ask: Ask
) -> None:
    wanted = [(route, name) for route in routes for one, name in PLACE.findall(route.rule) if one == kind]
    answers = (
        (
            f"{route.method} {route.rule}: {name} {value}",
            ask(route.method, filled(route.rule, places | {name: value}), **route.options()),
        )
        for route, name in wanted
        for value in wrong
    )
    assert wanted
    assert off(answers, 404) == {}


def test_a_page_that_cannot_be(routes: list[Route], places: dict[str, str], ask: Ask) -> None:
    lists = [route for route in routes if any(one["name"] == "cursor" for one in route.operation["parameters"])]
    assert len(lists) > 5
    for route, wrong in product(lists, BAD_PAGES):
        answer = ask("GET", f"{filled(route.rule, places)}?{route.query}&{wrong}")
        assert answer.status_code == 422, (route.rule, wrong, answer.text)
        assert ("limit" if wrong.startswith("limit") else "cursor") in answer.json["errors"], (route.rule, wrong)


FEEDS = {"/api/staff/<id:staff_id>/calendar.ics", "/api/users/<id:user_id>/calendar.ics"}
"""To who has no token for it, a feed is not there."""


def test_a_parameter_that_nobody_knows(routes: list[Route], places: dict[str, str], ask: Ask) -> None:
    for route in routes:
        if route.method == "GET" and route.rule not in FEEDS:
            query = route.query.replace("service_id=1", f"service_id={places['service_id']}")
            answer = ask("GET", f"{filled(route.rule, places)}?{query}&utm_source=x")
            assert answer.status_code == 200, (route.rule, answer.text)
