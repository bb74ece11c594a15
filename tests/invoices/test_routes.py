"""`/api/invoices` and its like: who sees what, which of them, and as what."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.models import Booking, Role, Service, Staff, User
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import (
    make_booking,
    make_product,
    make_space,
    make_space_booking,
    make_user,
    token_for,
)
from tests.invoices.test_issuing import INVOICES, complete, invoices
from tests.orders.till import NOW, sell

BESIDE_PAYMENTS = "/api/payments/invoices"
PDF = "application/pdf"


@pytest.fixture
def billed(api: Api, clerk: User, begun: Booking) -> int:
    """The id of the invoice of Ada's visit."""
    complete(api, clerk, begun)
    found: int = invoices(api, clerk)[0]["id"]
    return found


def test_who_sees_what(api: Api, ada: User, clerk: User, admin: User, billed: int) -> None:
    """Clients their own, owners those of their spaces as well, staff and admins all; 404 to all others."""
    owner, rival = make_user(Role.OWNER), make_user(Role.OWNER)
    complete(api, admin, make_space_booking(ada, make_space(owner), NOW))
    complete(api, admin, make_space_booking(owner, make_space(rival), NOW))
    sell(api, clerk, (make_product(5), 1))
    by_number = {one["number"][-1]: one["id"] for one in invoices(api, admin)}
    seen = {ada: "12", owner: "23", rival: "3", make_user(): "", clerk: "1234", admin: "1234"}
    for who, numbers in seen.items():
        assert sorted(one["number"][-1] for one in invoices(api, who)) == list(numbers)
        for number, invoice_id in by_number.items():
            answer = api.get(f"{INVOICES}/{invoice_id}", token=token_for(who))
            assert answer.status_code == (200 if number in numbers else 404)


def test_beside_payments(api: Api, ada: User, billed: int) -> None:
    """The same list at the path that payments have."""
    answer = api.get(BESIDE_PAYMENTS, token=token_for(ada))
    assert answer.json == api.get(INVOICES, token=token_for(ada)).json
    assert [one["id"] for one in answer.json["items"]] == [billed]


def test_which(api: Api, ada: User, admin: User, service: Service, staff: Staff) -> None:
    """By days of the house's zone, both included; by kind, booking and order; the latest first."""
    bookings = []
    for day in range(3):
        with clock.frozen(NOW + timedelta(days=day, hours=14, minutes=59)):  # a minute to midnight there
            bookings.append(make_booking(ada, service, staff, NOW))
            complete(api, admin, bookings[-1])
    sold = sell(api, admin, (make_product(5), 1)).json

    def numbers(**query: Any) -> str:
        return "".join(one["number"][-1] for one in invoices(api, admin, **query))

    assert numbers() == "3214"
    assert numbers(sort="issued_at") == "4123"
    assert numbers(**{"from": "2030-01-08"}) == "32"
    assert numbers(to="2030-01-08") == "214"
    assert numbers(**{"from": "2030-01-08", "to": "2030-01-08"}) == "2"
    assert (numbers(kind="credit_note"), numbers(kind="invoice")) == ("", "3214")
    assert (numbers(booking_id=bookings[0].id), numbers(order_id=sold["id"])) == ("1", "4")


@each_case(
    ("query", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "2030-01-08", "to": "2030-01-07"}, "to"),
        ({"kind": "letter"}, "kind"),
        ({"booking_id": "x"}, "booking_id"),
        ({"order_id": "0"}, "order_id"),
        ({"sort": "total"}, "sort"),
        ({"page": "2"}, "cursor"),
    ],
)
def test_bad_questions(api: Api, ada: User, query: dict[str, str], field: str) -> None:
    """422, with the field named."""
    for path in (INVOICES, BESIDE_PAYMENTS):
        answer = api.get(path, query=query, token=token_for(ada))
        assert (answer.status_code, field in answer.json["errors"]) == (422, True)


@each_case(
    ("accept", "query", "kind"),
    [
        (None, {}, "application/json"),
        ("*/*", {}, "application/json"),
        ("application/json", {}, "application/json"),
        (PDF, {}, PDF),
        ("application/pdf;q=0.9, application/json;q=0.1", {}, PDF),
        ("text/html", {}, "application/json"),
        (None, {"format": "pdf"}, PDF),
        (PDF, {"format": "json"}, "application/json"),
    ],
)
def test_as_what(api: Api, ada: User, billed: int, accept: str | None, query: dict[str, str], kind: str) -> None:
    """What `?format=` says, else what `Accept` prefers, else JSON; kept by nobody."""
    headers = {"Accept": accept} if accept else {}
    answer = api.get(f"{INVOICES}/{billed}", token=token_for(ada), headers=headers, query=query)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, kind, "no-store")
    assert "Accept" in answer.headers["Vary"]
    if kind == PDF:
        assert answer.data.startswith(b"%PDF-")
        assert answer.headers["Content-Disposition"] == 'inline; filename="INV-2030-000001.pdf"'


def test_a_bad_format(api: Api, ada: User, billed: int) -> None:
    answer = api.get(f"{INVOICES}/{billed}", token=token_for(ada), query={"format": "docx"})
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["format"])


def test_the_file_is_the_same_each_time(api: Api, ada: User, billed: int) -> None:
    """And nobody else gets it."""
    asked = {"token": token_for(ada), "query": {"format": "pdf"}}
    first = api.get(f"{INVOICES}/{billed}", **asked).data
    with clock.frozen(NOW + timedelta(minutes=5)):
        assert api.get(f"{INVOICES}/{billed}", **asked).data == first
    stranger = api.get(f"{INVOICES}/{billed}", token=token_for(make_user()), query={"format": "pdf"})
    assert stranger.status_code == 404


@pytest.mark.parametrize("size", [2, 12])
def test_what_it_costs(
    api: Api, ada: User, admin: User, service: Service, staff: Staff, count_statements: CountStatements, size: int
) -> None:
    """The token, the documents, their lines: three statements, however many; completing takes as many for any."""
    for _ in range(size):
        complete(api, admin, make_booking(ada, service, staff, NOW))
    for who in (ada, make_user(Role.OWNER), admin):
        with count_statements() as statements:
            token = token_for(who)
            del statements[:]
            api.get(INVOICES, token=token, query={"limit": 100})
        assert len(statements) <= 3


def test_nobody_without_a_token(api: Api, app: Flask) -> None:
    for path in (INVOICES, BESIDE_PAYMENTS, f"{INVOICES}/1"):
        assert api.get(path).status_code == 401
