"""`GET /api/reports/ledger` and its table: the books of a period."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.kit import clock
from app.kit.csv_text import read
from app.models import PaymentMethod, Role, User
from app.reports import ledger
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_booking, make_service, make_staff, make_user, token_for
from tests.ledger.money import bill, give_back, pay
from tests.orders.till import NOW

LEDGER, TABLE = "/api/reports/ledger", "/api/reports/ledger.csv"
WEEK = {"from": "2030-01-08", "to": "2030-01-14"}


@pytest.fixture
def admin(app: Flask) -> User:
    """Who may read the books."""
    return make_user(Role.ADMIN)


@pytest.fixture
def kept(app: Flask) -> None:
    """Money came on Monday, was billed on Tuesday, and went back in part a week later."""
    booking = make_booking(make_user(), make_service(), make_staff(), NOW)
    with clock.frozen(NOW):
        payment = pay(booking, 4500)
    with clock.frozen(NOW + timedelta(days=1)):
        bill(booking)
        pay(booking, 100, PaymentMethod.CASH, counted=False)
    with clock.frozen(NOW + timedelta(days=8)):
        give_back(payment, 500)


def report(api: Api, who: User, **query: Any) -> Any:
    """Return the books of a week."""
    answer = api.get(LEDGER, query=WEEK | query, token=token_for(who))
    assert answer.status_code == 200, answer.json
    return answer.json


def amounts(account: dict[str, Any]) -> list[int]:
    """Return the four amounts of an account."""
    return [account[name]["amount"] for name in ("opening", "debits", "credits", "balance")]


def test_a_week(api: Api, admin: User, kept: None) -> None:
    """What each account began with, what came and went, and what it ends with; all of it adds up to nothing."""
    found = report(api, admin)
    assert {one["account"]: amounts(one) for one in found["accounts"]} == {
        "cash": [0, 100, 0, 100],
        "stripe": [4500, 0, 0, 4500],
        "receivable": [-4500, 4500, 100, -100],
        "revenue": [0, 0, 4500, -4500],
    }
    for nth in (0, 3):
        assert sum(amounts(one)[nth] for one in found["accounts"]) == 0
    shown = [(one["kind"], one["debit"], one["credit"], one["amount"]["amount"]) for one in found["items"]]
    assert shown == [("invoice", "receivable", "revenue", 4500), ("payment", "cash", "receivable", 100)]
    assert found["items"][0]["invoice_id"] is not None


def test_page_by_page(api: Api, admin: User, kept: None) -> None:
    """The entries; the accounts of the whole period stand on the first, which alone adds up all there ever was."""
    first = report(api, admin, limit=1, include_total="true")
    second = report(api, admin, limit=1, cursor=first["next_cursor"])
    assert (first["total"], second["next_cursor"]) == (2, None)
    assert first["accounts"] == report(api, admin)["accounts"]
    assert "accounts" not in second
    assert [one["kind"] for one in (*first["items"], *second["items"])] == ["invoice", "payment"]


def test_days_are_those_of_the_house(api: Api, admin: User, app: Flask) -> None:
    """Monday ends there at nine in the evening, UTC."""
    booking = make_booking(make_user(), make_service(), make_staff(), NOW)
    with clock.frozen(NOW.replace(hour=20, minute=59)):
        pay(booking, 1)
    with clock.frozen(NOW.replace(hour=21)):
        pay(booking, 2)
    assert [one["amount"]["amount"] for one in report(api, admin)["items"]] == [2]


def test_a_table(api: Api, admin: User, kept: None) -> None:
    """Every entry, its cause, and its amount in minor units."""
    answer = api.get(TABLE, query=WEEK, token=token_for(admin))
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="ledger-2030-01-08-2030-01-14.csv"'
    columns, lines = read(answer.data)
    assert columns[:7] == ["id", "posted_at", "kind", "debit", "credit", "amount", "currency"]
    assert [line.cells["amount"] for line in lines] == ["4500", "100"]
    assert lines[0].cells["posted_at"] == "2030-01-08T06:00:00.000000Z"
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in lines for cell in line.cells.values())


@pytest.mark.parametrize("at_a_time", [1, 2, 3, 4, 1000])
def test_a_long_table(api: Api, admin: User, app: Flask, monkeypatch: pytest.MonkeyPatch, at_a_time: int) -> None:
    """It is read and sent bit by bit, each entry once, also of those that were posted at the same instant."""
    monkeypatch.setattr(ledger, "AT_A_TIME", at_a_time)
    booking = make_booking(make_user(), make_service(), make_staff(), NOW)
    for hours in (24, 24, 24, 25):
        with clock.frozen(NOW + timedelta(hours=hours)):
            pay(booking, 1, PaymentMethod.CASH)
    answer = api.get(TABLE, query=WEEK, token=token_for(admin))
    assert answer.is_streamed
    _, lines = read(answer.data)
    numbers = [int(line.cells["id"]) for line in lines]
    assert (len(numbers), numbers) == (4, sorted(set(numbers)))


@each_case("path", [LEDGER, TABLE])
@each_case(
    ("query", "field"),
    [
        ({}, "from"),
        ({"from": "2030-01-08"}, "to"),
        ({"from": "2030-01-08", "to": "2030-01-07"}, "to"),
        ({"from": "2030-01-01", "to": "2031-01-02"}, "to"),
        ({"from": "x", "to": "2030-01-07"}, "from"),
    ],
)
def test_bad_periods(api: Api, admin: User, path: str, query: dict[str, str], field: str) -> None:
    answer = api.get(path, query=query, token=token_for(admin))
    assert (answer.status_code, field in answer.json["errors"]) == (422, True)


@pytest.mark.parametrize("path", [LEDGER, TABLE])
def test_nobody_else(api: Api, app: Flask, path: str) -> None:
    for role in (Role.CLIENT, Role.OWNER, Role.STAFF):
        assert api.get(path, query=WEEK, token=token_for(make_user(role))).status_code == 403
    assert api.get(path, query=WEEK).status_code == 401


def test_what_it_costs(api: Api, admin: User, kept: None, count_statements: CountStatements) -> None:
    """The token, a page, the accounts."""
    token = token_for(admin)
    with count_statements() as statements:
        api.get(LEDGER, query=WEEK, token=token)
    assert len(statements) == 3


def test_currencies_are_kept_apart(api: Api, admin: User, app: Flask) -> None:
    """Where the house has changed its own after money had come."""
    with clock.frozen(NOW + timedelta(days=1)):
        for currency, amount in (("KES", 4500), ("EUR", 700)):
            pay(make_booking(make_user(), make_service(), make_staff(), NOW, currency=currency), amount)
    found = report(api, admin)["accounts"]
    assert [(one["account"], one["balance"]["currency"], one["balance"]["amount"]) for one in found] == [
        ("stripe", "EUR", 700),
        ("stripe", "KES", 4500),
        ("receivable", "EUR", -700),
        ("receivable", "KES", -4500),
    ]
