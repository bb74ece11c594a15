"""Lists, page by page: a cursor holds where the last page ended, so that page 10,000 costs what page 1 did.

The order is always (sort key, id): the id breaks ties, so nothing is shown twice or left out
when rows are added.
Sort columns must not be nullable, and want an index on (key, id).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

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

Rows = Select[*tuple[Any, ...]]
Column = InstrumentedAttribute[Any] | ColumnElement[Any]
Directed = Callable[..., list[ColumnElement[Any]]]
"""What to order by for some columns to go in the direction of a list."""

Values = Mapping[str, Any]
"""What is bound to a statement, by name."""

NOTHING: Values = MappingProxyType({})
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
    within: Column | None = None
    """A column in which all rows of the list are equal, and with which the index begins that serves the order."""

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
        columns = self._columns(statement)
        within = () if self.within is None else (self.within,)
        return statement.order_by(None).order_by(*self.directed(*within, *columns)).add_columns(*columns)

    def directed(self, *columns: Column) -> list[ColumnElement[Any]]:
        """Return what to order by for these columns to go in the direction of the list."""
        return [column.desc() if self.descending else column.asc() for column in columns]

    def after(self, statement: Rows) -> Rows:
        """Return only what follows a row, by one comparison that an index serves; `place` binds which one."""
        here = tuple_(*self._columns(statement))
        there = tuple_(bindparam("place_value", type_=self.column.type), bindparam("place_key", type_=self.key.type))
        return statement.where(here < there if self.descending else here > there)

    def place(self, cursor: str) -> Values:
        """Return what to bind, so that the list goes on after the row that `cursor` names. Raises `Invalid`."""
        value, key = self._place(cursor)
        return {"place_value": value, "place_key": key}

    def cursor(self, row: Sequence[Any]) -> str:
        """Return the cursor of the last row of a page."""
        return encode_cursor([*self.scope, row[-2], row[-1]], _cursor_key())

    def _columns(self, statement: Rows) -> tuple[Column, Column]:
        """Return both columns; of a statement of tables alone those of the tables, or it would take entities' time."""
        if has_entity(statement):
            return self.column, self.key
        return _stored(self.column), _stored(self.key)

    def _place(self, cursor: str) -> tuple[Key, Key]:
        try:
            *scope, value, key = decode_cursor(cursor, _cursor_key())
        except ValueError:
            raise Invalid.field("cursor", "Is not a cursor of this list.") from None
        if scope != self.scope:
            raise Invalid.field("cursor", "Belongs to another list or another sort.")
        return value, key


class Pages:
    """The pages of a statement in one order, as statements: where one begins, and how long it is, is bound to them."""

    def __init__(self, statement: Rows, order: Order, widen: Callable[[Rows], Rows] = lambda page: page) -> None:
        """Take what is common to them; `widen` makes of the select of a page one that says more of its rows."""
        self.is_single = len(statement.column_descriptions) == 1
        self._ask = _of_entities if has_entity(statement) else lookups.rows
        self._order, self._widen = order, widen
        self._page = order.apply(statement).limit(bindparam("page_limit"))

    def read(self, args: Mapping[str, Any], values: Values) -> Sequence[Any]:
        """Return the rows of the page asked for, and one more where another page follows."""
        bound = {**values, "page_limit": args["limit"] + 1}
        if "cursor" in args:
            return self._ask(self._next, {**bound, **self._order.place(args["cursor"])})
        return self._ask(self._first, bound)

    @cached_property
    def _first(self) -> Rows:
        return self._widen(self._page)

    @cached_property
    def _next(self) -> Rows:
        return self._widen(self._order.after(self._page))


_pages: WeakKeyDictionary[Rows, dict[str, Pages]] = WeakKeyDictionary()
"""The pages of each statement, by order: of one that is made once, they are as well."""


def paginate(
    statement: Rows,
    sorts: Mapping[str, Column],
    args: Mapping[str, Any],
    *,
    key: Column | None = None,
    values: Values = NOTHING,
) -> dict[str, Any]:
    """Return one page of `statement`: `{"items", "next_cursor"}`, and `"total"` where it is asked for.

    `args` is what a `PageArgs` loaded; `sorts` maps its sort keys to columns; `key` is the id column, by
    default that of the first entity selected; `values` is what to bind to a statement that is made once. An item is
    the entity, or a row of the columns selected.
    Raises `Invalid` for a cursor that is not one of this list in this order.
    """
    order = Order(args["sort"], sorts[args["sort"].removeprefix("-")], _key(statement) if key is None else key)
    pages = pages_of(statement, order, lambda: Pages(statement, order))
    rows = pages.read(args, values)
    page = rows[: args["limit"]]
    found: dict[str, Any] = {
        "items": [row[0] for row in page] if pages.is_single else page,
        "next_cursor": order.cursor(page[-1]) if len(rows) > len(page) else None,
    }
    return {**found, **asked_total(statement, order, args, values)}


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
        wanted = order.apply(statement)
        if cursor:
            rows = db.session.execute(order.after(wanted).limit(size), order.place(cursor)).all()
        else:
            rows = db.session.execute(wanted.limit(size)).all()
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


def has_entity(statement: Rows) -> bool:
    """Say whether the statement is of mapped classes, or of their columns; not of tables' alone."""
    return any(column.get("entity") is not None for column in statement.column_descriptions)


def _of_entities(statement: Rows, values: Values) -> Sequence[Any]:
    return db.session.execute(statement, dict(values)).all()


def pages_of(statement: Rows, order: Order, make: Callable[[], Pages]) -> Pages:
    """Return the pages of the statement in the order: those made before, where it is a statement that is made once."""
    known = _pages.setdefault(statement, {})
    if order.name not in known:
        known[order.name] = make()
    return known[order.name]


def _stored(column: Column) -> Column:
    return column.property.columns[0] if isinstance(column, InstrumentedAttribute) else column


def asked_total(statement: Rows, order: Order, args: Mapping[str, Any], values: Values) -> dict[str, int]:
    """Return how many rows the statement has in all, as `total`; nothing where that is not asked for."""
    if not args["include_total"]:
        return {}
    ids = statement.with_only_columns(order.key, maintain_column_froms=True).order_by(None).subquery()
    return {"total": db.session.execute(select(func.count()).select_from(ids), dict(values)).scalar_one()}


def _cursor_key() -> bytes:
    return bytes(current_app.extensions["cursor_key"])
