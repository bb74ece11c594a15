"""INSERT that knows what to do where such a row is there already: each database has its own, and they are alike."""

from typing import Any, Final

from sqlalchemy.dialects import postgresql, sqlite

_INSERTS: Final = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


def insert_into(model: type[Any], dialect: str) -> Any:
    """Return the dialect's INSERT, with `on_conflict_do_nothing` and `…_do_update`, for which they share no type."""
    return _INSERTS[dialect](model)
