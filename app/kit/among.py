"""One of some values, as a statement that is always the same, however many they are.

PostgreSQL takes them as one array. SQLAlchemy's own `IN`, which SQLite has, is another statement for each number of
values, which has to be put together each time, and cannot be prepared (`app/kit/prepared.py`).
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, ColumnElement, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


class Among(FunctionElement[bool]):
    """Whether a column has one of the values that are bound under a name."""

    name = "among"
    inherit_cache = True
    type = Boolean()


def among(column: ColumnElement[Any], name: str) -> Among:
    """Return the condition that a column of numbers or words has one of the values that are bound as `name`."""
    return Among(column, bindparam(name, type_=ARRAY(_WIDEST[column.type.python_type], dimensions=1)))


_WIDEST: dict[type[Any], type[TypeEngine[Any]]] = {int: BigInteger, str: Text}
"""Of what the arrays are: SQLAlchemy casts them, and what does not fit the column would be refused, or cut."""


@compiles(Among, "postgresql")
def _any_of_array(condition: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = condition.clauses
    return f"{compiler.process(column, **options)} = ANY ({compiler.process(values, **options)})"


@compiles(Among, "sqlite")
def _in_list(condition: Among, compiler: SQLCompiler, **options: Any) -> str:
    column, values = condition.clauses
    return compiler.process(column.in_(bindparam(values.key, type_=column.type, expanding=True)), **options)
