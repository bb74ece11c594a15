"""Lists, page by page: a cursor holds where the last page ended, so that page 10,000 costs what page 1 did.

The order is always (sort key, id): the id breaks ties, so nothing is shown twice or left out
when rows are added.
Sort columns must not be nullable, and want an index on (key, id).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import current_app
from marshmallow.validate import OneOf
from sqlalchemy import ColumnElement, Select, bindparam, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app import lookups
from app.extensions import db
from app.kit.cursor import Key, decode_cursor, encode_cursor
from app.kit.errors import Invalid
from app.web.fields import QueryFlag, QueryWhole, Text
from app.web.schemas import QuerySchema

MOST = 100
USUAL = 20
LONGEST_CURSOR = 2048
LEAST_BATCH = 60
"""How many rows, at least, are sifted at once: what costs is asking."""
ORDERED_BY = 2
"""How many columns an order adds."""
MOST_PAGES = 256
"""How many selects of pages are kept that were put together."""

Rows = Select[*tuple[Any, ...]]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]
Sift = Callable[[Sequence[Any]], Collection[Any]]
"""What tells which of some entities are wanted."""


def sort_by(*keys: str, default: str | None) -> Text:
    """Return the field `sort` of a list: one of `keys`, with `-` for descending, as `default` may be.

    A list that has no default chooses by what else is asked, and finds None.
    """
    words = [word for key in keys for word in (key, f"-{key}")]
    allowed = OneOf(words, error="Must be one of: {choices}.")
    said = {"description": "`-` for descending."}
    return Text(load_default=default, allow_none=default is None, validate=allowed, metadata=said)


class PageArgs(QuerySchema):
    """The query of every list. A list adds its filters, and `sort = sort_by(…)`."""

    limit = QueryWhole(min=1, max=MOST, load_default=USUAL)
    cursor = Text(min=1, max=LONGEST_CURSOR, metadata={"description": "next_cursor of the answer before."})
    include_total = QueryFlag(load_default=False)


def page_args(*, default: str, keys: Sequence[str]) -> type[PageArgs]:
    """Return the query of a list that has no filters, sorted by one of `keys`."""
    return type("ListQuery", (PageArgs,), {"sort": sort_by(*keys, default=default), "__doc__": PageArgs.__doc__})


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a list: by `column`, then by `key` (the id), both in the same direction."""

    name: str
    column: Column
    key: Column

    @property
    def descending(self) -> bool:
        """Whether the largest comes first."""
        return self.name.startswith("-")

    @property
    def scope(self) -> list[Key]:
        """What a cursor must say to fit: the list and its order."""
        return [str(self.key), self.name]

    def apply(self, statement: Rows) -> Rows:
        """Return `statement` in this order, its rows extended by the values of both columns."""
        columns = (self.column, self.key)
        ordered = [column.desc() if self.descending else column.asc() for column in columns]
        return statement.order_by(None).order_by(*ordered).add_columns(*columns)

    def after(self, statement: Rows) -> Rows:
        """Return only what follows the row at `page_value` and `page_key`, by one comparison that an index serves."""
        here = tuple_(self.column, self.key)
        there = tuple_(bindparam("page_value", type_=self.column.type), bindparam("page_key", type_=self.key.type))
        return statement.where(here < there if self.descending else here > there)

    def page(self, statement: Rows, *, goes_on: bool) -> Rows:
        """Return the select of a page of `statement`; what it wants to know, `asking` says."""
        wanted = self.apply(statement)
        return (self.after(wanted) if goes_on else wanted).limit(bindparam("page_limit"))

    def asking(self, cursor: str | None, limit: int) -> dict[str, Any]:
        """Return the values for a page of `limit` rows behind the cursor, or for the first one. Raises `Invalid`."""
        if cursor is None:
            return {"page_limit": limit}
        value, key = self._place(cursor)
        return {"page_limit": limit, "page_value": value, "page_key": key}

    def cursor(self, row: Sequence[Any]) -> str:
        """Return the cursor of the last row of a page."""
        return encode_cursor([*self.scope, row[-2], row[-1]], _cursor_key())

    def _place(self, cursor: str) -> tuple[Key, Key]:
        try:
            *scope, value, key = decode_cursor(cursor, _cursor_key())
        except ValueError:
            raise Invalid.field("cursor", "Is not a cursor of this list.") from None
        if scope != self.scope:
            raise Invalid.field("cursor", "Belongs to another list or another sort.")
        return value, key


_page_of_many = lru_cache(MOST_PAGES)(Order.page)


def paginate(
    statement: Rows,
    sorts: Mapping[str, Column],
    args: Mapping[str, Any],
    *,
    key: Column | None = None,
    values: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return one page of `statement`: `{"items", "next_cursor"}`, and `"total"` where it is asked for.

    `args` is what a `PageArgs` loaded; `sorts` maps its sort keys to columns; `key` is the id column, by
    default that of the first entity selected. An item is the entity, or a row of the columns selected.
    `values` are those of the parameters in `statement`: who gives them, even none, asks the same statement again and
    again, and its pages are put together once.
    Raises `Invalid` for a cursor that is not one of this list in this order.
    """
    order = Order(args["sort"], sorts[args["sort"].removeprefix("-")], _key(statement) if key is None else key)
    limit, cursor, given = args["limit"], args.get("cursor"), values or {}
    asked = {**given, **order.asking(cursor, limit + 1)}
    if values is None:
        rows = db.session.execute(order.page(statement, goes_on=cursor is not None), asked).all()
    else:
        rows = lookups.rows(_page_of_many(order, statement, goes_on=cursor is not None), asked)
    page = rows[:limit]
    single = bool(page) and len(page[0]) == 1 + ORDERED_BY
    found: dict[str, Any] = {
        "items": [row[0] for row in page] if single else page,
        "next_cursor": order.cursor(page[-1]) if len(rows) > len(page) else None,
    }
    return {**found, "total": _total(statement, order.key, given)} if args["include_total"] else found


def paginate_sifted(
    statement: Rows, order: Order, args: Mapping[str, Any], sift: Sift, *, batches: int
) -> dict[str, Any]:
    """Return one page of what `sift` lets pass of a statement's single entities, from at most so many batches.

    A page may be short, and still not be the last: where the batches are used up, `next_cursor` goes on behind the
    last one. Raises `Invalid` for a cursor that is not one of this list in this order.
    """
    limit, size, cursor = args["limit"], max(args["limit"] + 1, LEAST_BATCH), args.get("cursor")
    found: list[Any] = []
    for _ in range(batches):
        rows = db.session.execute(order.page(statement, goes_on=cursor is not None), order.asking(cursor, size)).all()
        passed = sift([row[0] for row in rows])
        found += (row for row in rows if row[0] in passed)
        if len(found) > limit:
            return {"items": [row[0] for row in found[:limit]], "next_cursor": order.cursor(found[limit - 1])}
        cursor = order.cursor(rows[-1]) if len(rows) == size else None
        if cursor is None:
            break
    return {"items": [row[0] for row in found], "next_cursor": cursor}


def _key(statement: Rows) -> Column:
    key: Column = statement.column_descriptions[0]["entity"].id
    return key


def _total(statement: Rows, key: Column, values: Mapping[str, Any]) -> int:
    ids = statement.with_only_columns(key, maintain_column_froms=True).order_by(None).subquery()
    return db.session.execute(select(func.count()).select_from(ids), values).scalar_one()


def _cursor_key() -> bytes:
    return bytes(current_app.extensions["cursor_key"])
