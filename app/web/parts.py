"""Lists of things that have parts, such as bookings: a page and the parts of its things are read by one statement."""

from collections.abc import Callable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from app.web.pagination import Directed, Order, Pages, Rows, Values, asked_total, pages_of

Join = Callable[[Rows, Directed], Rows]
"""What makes of the select of a page that of its rows beside their parts.

A row comes once for each of its parts, once at least. Its last two columns, the place in the list, stay the last two
and are ordered by, as the second argument says, before anything else.
"""

_KEY = itemgetter(-1)


def paginate_with_parts(
    statement: Rows, order: Order, args: Mapping[str, Any], values: Values, join: Join
) -> dict[str, Any]:
    """Return one page as `paginate` does, of a statement of columns: an item is the list of a thing's joined rows.

    Raises `Invalid` for a cursor that is not one of this list in this order.
    """
    pages = pages_of(statement, order, lambda: Pages(statement, order, lambda page: join(page, order.directed)))
    things = [list(rows) for _, rows in groupby(pages.read(args, values), _KEY)]
    page = things[: args["limit"]]
    next_cursor = order.cursor(page[-1][-1]) if len(things) > len(page) else None
    return {"items": page, "next_cursor": next_cursor, **asked_total(statement, order, args, values)}
