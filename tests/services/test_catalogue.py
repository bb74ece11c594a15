"""`GET /api/services`: filters, orders and pages."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Role, Service
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import assign, make_category, make_service, make_staff, make_user, token_for

PATH = "/api/services"
NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)


@pytest.fixture
def catalogue(app: Flask) -> dict[str, Service]:
    """Five services, one of them retired; by name."""
    hair, nails = make_category("Hair"), make_category("Nails")
    rows = (
        make_service(name="Cut", category=hair, price_amount=100, description="Scissors and 100% care"),
        make_service(name="Colour", category=hair, price_amount=300),
        make_service(name="Blow_dry", category=hair, price_amount=200),
        make_service(name="Mani\\cure", category=nails, price_amount=200),
        make_service(name="Perm", category=hair, price_amount=250, active=False),
    )
    return {row.name: row for row in rows}


def names(api: Api, **query: Any) -> list[str]:
    """List the names of what is found."""
    answer = api.get(PATH, query=query)
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["items"]]


ALL = ["Blow_dry", "Colour", "Cut", "Mani\\cure"]


@each_case(
    ("query", "found"),
    [
        ({}, ALL),
        ({"q": "c"}, ["Colour", "Cut", "Mani\\cure"]),
        ({"q": "CUT"}, ["Cut"]),
        ({"q": "scissors"}, ["Cut"]),
        ({"q": "%"}, ["Cut"]),
        ({"q": "100%"}, ["Cut"]),
        ({"q": "_"}, ["Blow_dry"]),
        ({"q": "w_d"}, ["Blow_dry"]),
        ({"q": "\\"}, ["Mani\\cure"]),
        ({"q": "C_t"}, []),
        ({"q": "'; --"}, []),
        ({"q": "perm"}, []),
        ({"q": ""}, ALL),
        ({"q": "  cut  "}, ["Cut"]),
        ({"category": "Nails"}, ["Mani\\cure"]),
        ({"category": "nails"}, []),
        ({"category": "None such"}, []),
        ({"price_min": 200}, ["Blow_dry", "Colour", "Mani\\cure"]),
        ({"price_max": 200}, ["Blow_dry", "Cut", "Mani\\cure"]),
        ({"price_min": 200, "price_max": 200}, ["Blow_dry", "Mani\\cure"]),
        ({"price_min": 201, "price_max": 200}, []),
        ({"price_min": 10**15}, []),
        ({"active": "true"}, ALL),
        ({"active": "false"}, []),
        ({"staff_id": 999_999_999}, []),
        ({"category": "Hair", "price_min": 150, "q": "o"}, ["Blow_dry", "Colour"]),
        ({"unknown": "ignored"}, ALL),
        ({"sort": "-name"}, ALL[::-1]),
        ({"sort": "price"}, ["Cut", "Blow_dry", "Mani\\cure", "Colour"]),
        ({"sort": "-price"}, ["Colour", "Mani\\cure", "Blow_dry", "Cut"]),
        ({"sort": "created_at"}, ["Cut", "Colour", "Blow_dry", "Mani\\cure"]),
        ({"sort": "-created_at"}, ["Mani\\cure", "Blow_dry", "Colour", "Cut"]),
    ],
)
def test_filters_and_sorts(api: Api, catalogue: dict[str, Service], query: dict[str, Any], found: list[str]) -> None:
    """Each alone, and together."""
    assert names(api, **query) == found


def test_what_somebody_performs(api: Api, catalogue: dict[str, Service]) -> None:
    """`staff_id`, together with another filter; retired services do not come back by it."""
    staff = make_staff()
    for name in ("Cut", "Colour", "Perm"):
        assign(staff, catalogue[name])
    assert names(api, staff_id=staff.id) == ["Colour", "Cut"]
    assert names(api, staff_id=staff.id, price_max=150) == ["Cut"]


def test_staff_find_what_is_retired(api: Api, catalogue: dict[str, Service]) -> None:
    """`active=false` shows it to them, and only it."""
    for role in (Role.STAFF, Role.ADMIN):
        answer = api.get(PATH, query={"active": "false"}, token=token_for(make_user(role)))
        assert [one["name"] for one in answer.json["items"]] == ["Perm"]


@refused_by_shape
@each_case(
    ("query", "field"),
    [
        ({"q": "x" * 201}, "q"),
        ({"q": "nul\0"}, "q"),
        ({"price_min": -1}, "price_min"),
        ({"price_max": "a"}, "price_max"),
        ({"price_max": "1.5"}, "price_max"),
        ({"price_max": 10**30}, "price_max"),
        ({"active": "yes"}, "active"),
        ({"active": "True"}, "active"),
        ({"staff_id": 0}, "staff_id"),
        ({"staff_id": 2**63}, "staff_id"),
        ({"sort": "duration"}, "sort"),
        ({"sort": "--name"}, "sort"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"include_total": "1"}, "include_total"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": ""}, "cursor"),
        ({"cursor": "A" * 3000}, "cursor"),
        ({"page": 2}, "cursor"),
        ({"per_page": 2}, "cursor"),
    ],
)
def test_wrong_queries(api: Api, query: dict[str, Any], field: str) -> None:
    """422 naming the parameter."""
    answer = api.get(PATH, query=query)
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_a_cursor_belongs_to_its_list_and_order(api: Api, catalogue: dict[str, Service]) -> None:
    """Elsewhere, or edited, it is refused."""
    cursor = api.get(PATH, query={"limit": 1}).json["next_cursor"]
    edited = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for path, query in (
        (PATH, {"cursor": cursor, "sort": "-name"}),
        (PATH, {"cursor": cursor, "sort": "price"}),
        (PATH, {"cursor": edited}),
        ("/api/staff", {"cursor": cursor}),
    ):
        answer = api.get(path, query=query)
        assert (answer.status_code, list(answer.json["errors"])) == (422, ["cursor"])


def test_the_total_counts_what_is_found(api: Api, catalogue: dict[str, Service]) -> None:
    """Only where it is asked for; of all pages, on each."""
    assert "total" not in api.get(PATH).json
    first = api.get(PATH, query={"include_total": "true", "category": "Hair", "limit": 2}).json
    again = {"include_total": "true", "category": "Hair", "limit": 2, "cursor": first["next_cursor"]}
    last = api.get(PATH, query=again).json
    assert [(page["total"], len(page["items"])) for page in (first, last)] == [(3, 2), (3, 1)]
    assert last["next_cursor"] is None


def test_a_full_last_page_has_no_next(api: Api, catalogue: dict[str, Service]) -> None:
    """Nobody is sent to an empty page."""
    assert api.get(PATH, query={"limit": 4}).json["next_cursor"] is None


def make_many(count: int) -> list[int]:
    """Write services in one go; return their ids."""
    category = make_category()
    columns = {"category_id": category.id, "duration_minutes": 30, "price_amount": 1, "currency": "KES"}
    rows = [Service(name=f"Same {n % 3}", **columns) for n in range(count)]
    with transaction():
        db.session.add_all(rows)
    return [row.id for row in rows]


def pages(api: Api, **query: Any) -> Iterator[list[int]]:
    """Read a list to its end, page by page."""
    cursor: dict[str, str] = {}
    while True:
        page = api.get(PATH, query=query | cursor).json
        yield [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            return
        cursor = {"cursor": page["next_cursor"]}


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "price", "-price", "name", "-name"])
def test_rows_of_one_instant_in_pages_of_seven(api: Api, sort: str) -> None:
    """PG-01: 200 rows with the same values of the sort key; each exactly once."""
    with clock.frozen(NOW):
        ids = make_many(200)
    found = list(pages(api, sort=sort, limit=7))
    assert [len(page) for page in found] == [7] * 28 + [4]
    flat = [one for page in found for one in page]
    assert sorted(flat) == ids
    if sort.endswith(("created_at", "price")):
        assert flat == (ids[::-1] if sort.startswith("-") else ids)


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "name"])
def test_rows_come_and_go_while_somebody_reads(api: Api, sort: str) -> None:
    """PG-02: what was there all along appears exactly once."""
    ids = make_many(60)
    seen: list[int] = []
    doomed = iter(ids[::4])
    for page in pages(api, sort=sort, limit=7):
        seen += page
        make_many(2)
        with transaction():
            db.session.delete(db.session.get_one(Service, next(doomed)))
    gone = set(ids[::4]) - set(doomed)
    stayed = set(ids) - gone
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)
