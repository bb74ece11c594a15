"""The catalogue under a lease: what is not asked for again, and whatever changes it is shown."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, Table, delete, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.sql.visitors import iterate

from app import catalogue
from app.catalogue import TABLES, lease_of
from app.extensions import BULK, db
from app.models import Assignment, Category, Role, Service
from app.services.queries import SHOWN_SERVICE, Filters, services
from app.transactions import transaction
from app.web.front import Front
from config import SettingsError, load_settings
from tests.api import Api
from tests.catalogue.conftest import Clock
from tests.conftest import CountStatements, make_application
from tests.databases import Copy
from tests.factories import (
    assign,
    make_service,
    make_staff,
    make_user,
    token_for,
)
from tests.settings import environment

ORIGIN = {"Origin": "https://elsewhere.example"}
"""What the front hands on to Flask."""


def shown(api: Api, path: str, **options: Any) -> tuple[int, Any]:
    """Return what somebody who is not signed in is shown."""
    answer = api.get(path, **options)
    return answer.status_code, answer.json


@pytest.mark.parametrize("headers", [{}, ORIGIN], ids=["in front", "by Flask"])
@pytest.mark.parametrize(
    "path", ["/api/services", "/api/services/{id}", "/api/services?q=cut&category=Hair&include_total=true", "/services"]
)
def test_what_is_known_is_not_asked_for(
    api: Api, count_statements: CountStatements, path: str, headers: dict[str, str]
) -> None:
    """Not by anybody, until the lease is over; then once, and the rows of an equal state not at all."""
    path = path.format(id=make_service(name="A cut").id)
    first = api.get(path, headers=headers)
    with count_statements() as statements:
        again = api.get(path, headers=headers)
        known = api.get(path, headers=headers | {"If-None-Match": first.headers["ETag"]})
    assert (again.data, known.status_code, statements) == (first.data, 304, [])


def test_an_equal_state_is_enough(api: Api, clock: Clock, count_statements: CountStatements) -> None:
    """A lease that has run out is renewed by one statement; what was read in that state, holds."""
    make_service()
    first = api.get("/api/services")
    clock.seconds += 5
    with count_statements() as statements:
        again = api.get("/api/services")
    assert (again.data, len(statements)) == (first.data, 1)
    assert "xmin" in statements[0]


CHANGES: dict[str, Any] = {
    "another value": update(Service).values(price_amount=1),
    "one less": delete(Service),
    "its category": update(Category).values(name="Nails"),
    "its rating": update(Service).values(rating_5=2),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
def test_what_others_change_is_seen_when_the_lease_is_over(api: Api, clock: Clock, change: str) -> None:
    """Whoever did it, by whatever means."""
    service = make_service()
    paths = ("/api/services", f"/api/services/{service.id}")
    before = [shown(api, path) for path in paths]
    with transaction():
        db.session.execute(CHANGES[change], execution_options=BULK)
    assert [shown(api, path) for path in paths] == before
    clock.seconds += 0.1
    assert [shown(api, path) != said for path, said in zip(paths, before, strict=True)] == [True, True]


def test_what_others_add_is_seen_when_the_lease_is_over(api: Api, clock: Clock) -> None:
    make_service()
    assert len(shown(api, "/api/services")[1]["items"]) == 1
    make_service()
    assert len(shown(api, "/api/services")[1]["items"]) == 1
    clock.seconds += 0.1
    assert len(shown(api, "/api/services")[1]["items"]) == 2


def number_of(connection: Connection) -> int:
    """Return the number of the transaction that the connection is in; it has one from now on."""
    return int(connection.execute(text("SELECT pg_current_xact_id()::text")).scalar_one())


def overtaken(first: Service, second: Service) -> Connection:
    """Write the one service in transaction n - 1, the other in n + 1; return the connection on which n goes on.

    Other tests take numbers from the same server: it is tried until nobody has come between.
    """
    older, newer = db.engine.connect(), db.engine.connect()
    while True:
        numbers = []
        for connection, service in ((newer, first), (older, None), (newer, second)):
            numbers.append(number_of(connection))
            if service is not None:
                connection.execute(update(Service).where(Service.id == service.id).values(price_amount=2))
                connection.commit()
        if numbers[0] + numbers[2] == 2 * numbers[1]:
            newer.close()
            return older
        older.rollback()


def test_transactions_that_end_in_another_order(app: Flask, api: Api, clock: Clock) -> None:
    """Numbers of transactions that come to the same sum are not the same state."""
    with overtaken(make_service(), make_service()) as older:
        before = api.get("/api/services").json["items"]
        older.execute(update(Service).values(price_amount=9))
        older.commit()
    clock.seconds += 0.1
    after = api.get("/api/services").json["items"]
    assert [[service["price"]["amount"] for service in seen] for seen in (before, after)] == [[2, 2], [9, 9]]


def test_what_follows_from_other_tables_is_asked_for(api: Api) -> None:
    """Who performs a service is no part of the state."""
    service, staff = make_service(), make_staff()
    for asked in (f"staff_id={staff.id}", f"staff%5Fid={staff.id}"):
        path = f"/api/services?{asked}"
        assert shown(api, path)[1]["items"] == []
        assign(staff, service)
        assert [one["id"] for one in shown(api, path)[1]["items"]] == [service.id]
        with transaction():
            db.session.execute(delete(Assignment))


def test_the_state_is_of_all_tables_that_are_shown() -> None:
    """Lists with every filter but `staff_id`, which is not leased, read no others."""
    wanted = Filters(q="cut", category="Hair", price_min=1, price_max=2, active=True)
    for statement in (SHOWN_SERVICE, services(None, wanted)):
        assert {part.name for part in iterate(statement) if isinstance(part, Table)} == set(TABLES)


def test_who_is_signed_in_is_shown_more(api: Api, count_statements: CountStatements) -> None:
    """And asks each time: nobody else is answered the same, before or after."""
    make_service(active=False)
    admin, path = token_for(make_user(Role.ADMIN)), "/api/services?active=false"
    for _ in range(2):
        assert shown(api, path) == (200, {"items": [], "next_cursor": None})
        with count_statements() as statements:
            assert len(shown(api, path, token=admin)[1]["items"]) == 1
        assert len(statements) == 2
        assert shown(api, path, headers={"Authorization": ""})[0] == 401


def test_where_the_state_cannot_be_asked(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The services are asked for as if there were no leases."""
    service = make_service(price_amount=100)
    path = f"/api/services/{service.id}"
    assert shown(api, path)[1]["price"]["amount"] == 100
    clock.seconds += 1

    def fail(*_: object) -> None:
        raise OperationalError("SELECT", None, Exception("away"))

    monkeypatch.setattr(catalogue, "_ask", fail)
    for price in (200, 300):
        with transaction():
            db.session.execute(update(Service).values(price_amount=price))
        assert shown(api, path)[1]["price"]["amount"] == price


@pytest.mark.parametrize("milliseconds", ["0", "100"])
@pytest.mark.databases("sqlite", "postgresql")
def test_where_there_is_no_lease(new_database: Callable[[str], Copy], dialect: str, milliseconds: str) -> None:
    """SQLite is asked each time, and so is PostgreSQL where the settings say so."""
    app = make_application(new_database(dialect).url, CATALOGUE_LEASE_MS=milliseconds)
    with app.app_context():
        db.engine.dispose()
    assert (lease_of(app) is None, isinstance(app.wsgi_app, Front)) == (
        (False, True) if (dialect, milliseconds) == ("postgresql", "100") else (True, False)
    )


@pytest.mark.parametrize("value", ["-1", "1001", "soon"])
def test_wrong_settings(value: str) -> None:
    with pytest.raises(SettingsError, match=r"^CATALOGUE_LEASE_MS: "):
        load_settings(environment("sqlite://") | {"CATALOGUE_LEASE_MS": value})
