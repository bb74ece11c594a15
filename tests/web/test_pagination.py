"""Pages: every row once, in order, whatever is added meanwhile."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Integer, Select, String, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from app.extensions import db
from app.kit.columns import UtcDateTime
from app.kit.errors import Invalid
from app.web.pagination import PageArgs, page_args, paginate, sort_by
from tests.cases import each_case
from tests.web.listing import listing

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
Args = page_args(default="name", keys=("name", "made_at", "id"))


class Base(DeclarativeBase):
    pass


class Row(Base):
    __tablename__ = "rows"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(20), index=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime())


SORTS: dict[str, Any] = {"name": Row.name, "made_at": Row.made_at, "id": Row.id}


@pytest.fixture
def app() -> Iterator[Flask]:
    """An application with one table in memory: 23 rows, with ties in both keys."""
    with listing(Base) as app:
        for number in range(23):
            made_at = BEGAN + timedelta(microseconds=number // 2)
            db.session.add(Row(id=number + 1, name=f"n{number % 5}", made_at=made_at))
        db.session.commit()
        yield app
        db.session.remove()
        db.engine.dispose()


def pages(statement: Select[*tuple[Any, ...]], **query: str) -> list[list[Any]]:
    """Return all pages, by following the cursors."""
    found, cursor = [], None
    while True:
        page = paginate(statement, SORTS, Args().load(query if cursor is None else query | {"cursor": cursor}))
        found.append(page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.mark.usefixtures("app")
@each_case("sort", ["name", "-name", "made_at", "-made_at", "id", "-id"])
@each_case("limit", ["1", "7", "23", "100"])
def test_every_row_comes_once_and_in_order(sort: str, limit: str) -> None:
    found = pages(select(Row), sort=sort, limit=limit)
    rows = [row for page in found for row in page]
    key = sort.removeprefix("-")
    expected = sorted(rows, key=lambda row: (getattr(row, key), row.id), reverse=sort.startswith("-"))
    assert rows == expected
    assert len({row.id for row in rows}) == 23
    assert all(len(page) == int(limit) for page in found[:-1])


@pytest.mark.usefixtures("app")
def test_rows_added_meanwhile_neither_repeat_nor_hide_others() -> None:
    first = paginate(select(Row), SORTS, Args().load({"limit": "5"}))
    db.session.add_all([Row(name="a", made_at=BEGAN), Row(name="n0", made_at=BEGAN), Row(name="z", made_at=BEGAN)])
    db.session.flush()
    second = paginate(select(Row), SORTS, Args().load({"limit": "100", "cursor": first["next_cursor"]}))
    seen = {row.id for row in first["items"]}
    rest = [row.id for row in second["items"]]
    assert not seen & set(rest)
    assert seen | set(rest) >= set(range(1, 24))


@pytest.mark.usefixtures("app")
def test_columns_and_joins_can_be_paged() -> None:
    found = pages(select(Row.id, Row.name).where(Row.id > 3), limit="6")
    assert sorted(row.id for page in found for row in page) == list(range(4, 24))
    assert found[0][0].name == "n0"


@pytest.mark.usefixtures("app")
def test_the_total_is_counted_only_when_asked_for() -> None:
    statement = select(Row).where(Row.id > 3)
    assert "total" not in paginate(statement, SORTS, Args().load({}))
    assert paginate(statement, SORTS, Args().load({"include_total": "true", "limit": "2"}))["total"] == 20


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("cursor", ["x", "", "null", "é", "A" * 40, "A" * 2048])
def test_a_bad_cursor_is_refused_and_named(cursor: str) -> None:
    args = {**Args().load({}), "cursor": cursor}
    with pytest.raises(Invalid) as refusal:
        paginate(select(Row), SORTS, args)
    assert list(refusal.value.errors) == ["cursor"]


@pytest.mark.usefixtures("app")
def test_a_cursor_serves_only_the_order_it_was_made_for() -> None:
    cursor = paginate(select(Row), SORTS, Args().load({"limit": "2"}))["next_cursor"]
    for sort in ("-name", "made_at", "id"):
        with pytest.raises(Invalid):
            paginate(select(Row), SORTS, Args().load({"sort": sort, "cursor": cursor}))


@pytest.mark.usefixtures("app")
def test_a_tampered_cursor_is_refused() -> None:
    cursor = paginate(select(Row), SORTS, Args().load({"limit": "2"}))["next_cursor"]
    for at in (0, len(cursor) // 2):
        changed = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]
        with pytest.raises(Invalid):
            paginate(select(Row), SORTS, Args().load({"cursor": changed}))


@pytest.mark.usefixtures("app")
def test_the_comparison_is_served_by_the_index() -> None:
    statements: list[str] = []
    cursor = paginate(select(Row), SORTS, Args().load({"limit": "2"}))["next_cursor"]
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    paginate(select(Row), SORTS, Args().load({"limit": "2", "cursor": cursor}))
    plan = db.session.execute(text("EXPLAIN QUERY PLAN " + statements[-1].replace("?", "1"))).all()
    assert any("SEARCH rows USING INDEX" in str(step) for step in plan)


@each_case(
    "query",
    [{"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"sort": "price"}, {"sort": "--name"}, {"cursor": ""}],
)
def test_wrong_arguments_are_refused(query: dict[str, str]) -> None:
    assert list(Args().validate(query)) == list(query)


def test_a_list_with_filters_says_its_sorts() -> None:
    class Filtered(PageArgs):
        sort = sort_by("name", default="-name")

    assert Filtered().load({}) == {"limit": 20, "include_total": False, "sort": "-name"}
