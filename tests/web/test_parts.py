"""Pages of things that have parts: each thing once, with all of its parts, in order."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ForeignKey, Integer, String, event, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.extensions import db
from app.web.pagination import Directed, Order, Rows, page_args
from app.web.parts import paginate_with_parts
from tests.web.listing import listing

Args = page_args(default="name", keys=("name",))
MOST_PARTS = 4


class Base(DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "things"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(20))


class Part(Base):
    __tablename__ = "parts"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    thing_id: Mapped[int] = mapped_column(ForeignKey("things.id"))
    position: Mapped[int] = mapped_column(Integer)


THINGS, PARTS = Thing.__table__, Part.__table__
EXPECTED: dict[int, list[int | None]] = {number: [*range(number % MOST_PARTS)] or [None] for number in range(1, 24)}
"""The positions of each thing's parts; one row without a part for a thing that has none."""


@pytest.fixture(autouse=True)
def app() -> Iterator[Flask]:
    """An application with 23 things of five names, each of none to three parts that were added in another order."""
    with listing(Base) as app:
        for number in EXPECTED:
            db.session.add(Thing(id=number, name=f"n{number % 5}"))
            for position in reversed(range(number % MOST_PARTS)):
                db.session.add(Part(id=100 * position + number, thing_id=number, position=position))
        db.session.commit()
        yield app


def join(page: Rows, directed: Directed) -> Rows:
    """Return the select of things beside their parts."""
    things = page.subquery()
    *own, value, key = things.c
    joined = select(*own, PARTS.c.position, value, key).join_from(things, PARTS, PARTS.c.thing_id == key, isouter=True)
    return joined.order_by(*directed(value, key), PARTS.c.position)


def page_of(**query: str) -> dict[str, Any]:
    args = Args().load(query)
    order = Order(args["sort"], Thing.name, Thing.id)
    return paginate_with_parts(select(THINGS.c.id, THINGS.c.name), order, args, {}, join)


def pages(**query: str) -> list[list[Any]]:
    """Return all pages, by following the cursors."""
    page = page_of(**query)
    found = [page["items"]]
    while page["next_cursor"]:
        page = page_of(**query, cursor=page["next_cursor"])
        found.append(page["items"])
    return found


@pytest.mark.parametrize("sort", ["name", "-name"])
@pytest.mark.parametrize("limit", ["1", "7", "22", "23"])
def test_every_thing_comes_once_in_order_with_all_its_parts_in_theirs(sort: str, limit: str) -> None:
    found = pages(sort=sort, limit=limit)
    things = [thing for page in found for thing in page]
    names = [(rows[0].name, rows[0].id) for rows in things]
    assert names == sorted(((f"n{number % 5}", number) for number in EXPECTED), reverse=sort == "-name")
    assert {rows[0].id: [row.position for row in rows] for rows in things} == EXPECTED
    assert [len(page) for page in found[:-1]] == [int(limit)] * (len(found) - 1)
    assert len(found) == -(-23 // int(limit))


def test_a_page_and_its_parts_are_one_statement() -> None:
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    page_of(limit="7")
    assert len(statements) == 1


def test_the_total_counts_things_and_not_parts() -> None:
    assert page_of(include_total="true", limit="2")["total"] == 23
    assert "total" not in page_of(limit="2")
