"""Work that is done by several connections at once, where the database has more than one writer."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import current_app

from app.extensions import db

Item = TypeVar("Item")

WRITERS = 4
"""Each keeps a CPU of PostgreSQL's busy; while it does, others make their rows: threads will do."""


def abreast(work: Callable[[Item], None], items: Iterable[Item]) -> Iterator[None]:
    """Do `work` for each of the items, some at a time on PostgreSQL, and yield after each, in their order.

    `work` commits by itself. After the first failure no other is begun.
    """
    if db.engine.dialect.name != "postgresql":
        yield from map(work, items)
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001  # threads need it itself

    def work_there(item: Item) -> None:
        with app.app_context():
            work(item)

    with ThreadPoolExecutor(WRITERS) as writers:
        yield from writers.map(work_there, items)
