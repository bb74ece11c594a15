"""A client asks for the last of what it may have, twice at the same moment: the second is told that it was the last."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.bookings import service as bookings
from app.bookings.request import Asked, Request
from app.bookings.service.holds import MOST_HOLDS
from app.bookings.waitlist import service as waitlist
from app.bookings.waitlist.matching import Window
from app.bookings.waitlist.service import MOST_ENTRIES, Wanted
from app.extensions import business
from app.kit import clock
from app.models import Role, Service, User
from app.security.actor import Actor
from app.transactions import transaction
from tests.factories import make_booking, make_service, make_staff, make_user, make_working_staff, token_for
from tests.races.standing import overtaken

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
NINE = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def monday_morning(app: Flask) -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def service(app: Flask) -> Service:
    """Something that many can do at the same time."""
    made = make_service()
    for _ in range(6):
        make_working_staff(made)
    return made


@pytest.fixture
def ada(app: Flask) -> User:
    """A client."""
    return make_user()


def asked(service: Service, hour: int) -> Request:
    """Return the request for an hour of Monday."""
    return Request(NINE + timedelta(hours=hour), (Asked(service.id),))


def test_the_last_hold(app: Flask, service: Service, ada: User) -> None:
    actor, token = Actor(ada.id, Role.CLIENT), token_for(ada)
    for hour in range(MOST_HOLDS - 1):
        with transaction():
            bookings.create_hold(actor=actor, request=asked(service, hour))
    body = {"service_id": service.id, "starts_at": "2030-01-07T15:00:00Z"}
    answer = overtaken(
        app,
        lambda: bookings.create_hold(actor=actor, request=asked(service, 5)),
        lambda api: api.post("/api/bookings/holds", body, token=token),
    )
    assert (answer.status_code, answer.json["code"]) == (429, "too_many_holds")


def test_the_last_booking(app: Flask, service: Service, ada: User) -> None:
    actor, token = Actor(ada.id, Role.CLIENT), token_for(ada)
    for n in range(business.booking_limit - 1):
        make_booking(ada, service, make_staff(), NOW + timedelta(days=n + 1))
    body = {"service_id": service.id, "starts_at": "2030-01-07T15:00:00Z"}
    answer = overtaken(
        app,
        lambda: bookings.create_booking(actor=actor, request=asked(service, 5)),
        lambda api: api.post("/api/bookings", body, token=token),
    )
    assert (answer.status_code, answer.json["code"]) == (409, "client_limit")


def test_the_last_place_on_the_waitlist(app: Flask, service: Service, ada: User) -> None:
    actor, token = Actor(ada.id, Role.CLIENT), token_for(ada)

    def join(day: int) -> None:
        window = Window(NOW.date(), NOW.date() + timedelta(days=day), frozenset(range(7)), (), "UTC")
        waitlist.join(actor, Wanted(Asked(service.id), window))

    for day in range(MOST_ENTRIES - 1):
        with transaction():
            join(day)
    body = {"service_id": service.id, "from": "2030-01-09", "to": "2030-01-10"}
    answer = overtaken(app, lambda: join(20), lambda api: api.post("/api/bookings/waitlist", body, token=token))
    assert (answer.status_code, answer.json["code"]) == (409, "waitlist_full")
