"""Statements that PostgreSQL parses and plans once for each connection, in place of once for each request.

Whoever makes a statement that many requests ask marks it: `select(…).execution_options(**PREPARED)`. The third time
that a connection carries it out it is sent as `PREPARE`, and from then on as `EXECUTE` with its values; all else, rows
and errors included, is as it was. Only what is made once is marked, and what one plan serves whatever the values are:
`PLANS` has PostgreSQL keep to one. A bound `LIMIT` counts as a tenth of the rows in it: a list of few rows bears that,
one of everybody's does not.

What may come between:

- The schema changes under a plan (a migration beside requests), or somebody has dropped it (`DISCARD`). Where the
  statement is the first of its transaction, or there is none, it is sent as it is, and nobody notices. Later in a
  transaction PostgreSQL has given that up: `OperationalError`, an outage for the caller, who may try again. In either
  case the whole process begins a new era: each connection forgets what it had prepared.
- A pooler, which lends PostgreSQL's connections out by turns: nothing is prepared.
- PostgreSQL cannot tell a parameter's type: that statement is sent as it is.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import psycopg2
import structlog
from psycopg2.errors import FeatureNotSupported, InvalidSqlStatementName
from psycopg2.extensions import STATUS_READY
from psycopg2.extensions import connection as PostgreSQLConnection  # noqa: N812  # a type, named as types are
from sqlalchemy import Dialect
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import NullType

PREPARED: Final = {"prepared": True}
"""The execution options of a statement that is to be prepared."""

PLAIN: Final = {"prepared": False}
"""Those of one that was made of such a statement, and is not to be."""

PLANS: Final = "-c plan_cache_mode=force_generic_plan"
"""What a connection asks of PostgreSQL, which would else plan each page and window anew, as their length is bound."""

USES: Final = 3
"""From which use on a connection a statement is prepared there."""

MOST: Final = 64
"""How many statements a connection prepares. A plan takes some 50 kB of PostgreSQL's memory."""

MOST_COUNTED: Final = 512
"""Of how many a connection counts the uses, before it begins anew: of some there are many forms that few ask."""

UNFIT: Final = (
    psycopg2.errors.IndeterminateDatatype,
    psycopg2.errors.AmbiguousFunction,
    psycopg2.errors.UndefinedFunction,
)
"""How PostgreSQL says that it cannot tell a parameter's type, which will be so the next time."""

WIDE: Final = {"INTEGER": "BIGINT", "SMALLINT": "BIGINT"}
"""Numbers are as wide as they need, as they are where they stand in a statement."""

log = structlog.get_logger(__name__)


class _Era:
    """How often this process has had to forget what it had prepared."""

    number = 0


class PreparingConnection(PostgreSQLConnection):
    """A connection that knows what is prepared on it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what psycopg2's takes."""
        super().__init__(*args, **kwargs)
        self.is_pooled = False
        self.begin_era()

    def begin_era(self) -> None:
        """Forget what was prepared before."""
        self.era = _Era.number
        self.uses: Counter[str] = Counter()
        self.prepared: set[str] = set()

    def has_prepared(self, name: str) -> bool:
        """Say whether a statement of this name can be carried out by it."""
        if self.era != _Era.number:
            self.begin_era()
        return name in self.prepared

    def is_due(self, name: str) -> bool:
        """Count a use of a statement that is not prepared, and say whether it is to be from now on."""
        if self.is_pooled or len(self.prepared) >= MOST:
            return False
        if len(self.uses) >= MOST_COUNTED:
            self.uses.clear()
        self.uses[name] += 1
        return self.uses[name] >= USES


@dataclass(slots=True)
class _Form:
    """A statement under a name, as text: how it is prepared, and how it is carried out with its values."""

    name: str
    preparing: str
    executing: str
    is_fit: bool = True


class _Numbers(dict[str, str]):
    """The parameters of a statement: `$1` for the first one, and so on."""

    def __missing__(self, name: str) -> str:
        self[name] = f"${len(self) + 1}"
        return self[name]


def carry_out(cursor: Any, statement: str, values: Any, context: Any) -> bool:
    """Carry out a statement by its name, and say so; where that is not to be, leave it to be sent as it is.

    A listener of SQLAlchemy's event `do_execute`. Raises what psycopg2 does.
    """
    if not context.execution_options.get("prepared") or statement != context.compiled.string:
        return False  # it is not marked; or it has a list of values, each of which is a parameter
    form, connection = _form(context.compiled, context.dialect), cursor.connection
    if not form.is_fit:
        return False
    ready = connection.has_prepared(form.name) or (connection.is_due(form.name) and _prepare(cursor, connection, form))
    return ready and _execute(cursor, connection, form, values)


@lru_cache(maxsize=256)
def _form(compiled: SQLCompiler, dialect: Dialect) -> _Form:
    numbers = _Numbers()
    text = compiled.string % numbers
    types = ", ".join(_type(compiled, dialect, name) for name in numbers)
    name = f"parlour_{sha256(f'{types} {text}'.encode()).hexdigest()[:16]}"
    values = ", ".join(f"%({name})s" for name in numbers)
    if not numbers:
        return _Form(name, f"PREPARE {name} AS {text}", f"EXECUTE {name}")
    return _Form(name, f"PREPARE {name} ({types}) AS {text}", f"EXECUTE {name} ({values})")


def _type(compiled: SQLCompiler, dialect: Dialect, name: str) -> str:
    bound = compiled.binds.get(name)
    if bound is None or isinstance(bound.type, NullType):
        return "unknown"  # PostgreSQL sees what is asked of it
    said = dialect.type_compiler_instance.process(bound.type)
    return WIDE.get(said, said)


def _prepare(cursor: Any, connection: PreparingConnection, form: _Form) -> bool:
    """Prepare a statement; False where that cannot be. It spoils no transaction."""
    if not connection.prepared and not _begin(cursor, connection):
        return False
    try:
        cursor.execute(form.preparing if connection.autocommit else f"{_KEEP}; {form.preparing}; {_KEPT}")
    except psycopg2.OperationalError:
        raise  # it is lost, or took too long: so would the statement
    except psycopg2.Error as error:
        if not connection.autocommit:
            cursor.execute(f"{_GO_BACK}; {_KEPT}")
        form.is_fit = not isinstance(error, UNFIT)
        log.warning("statement_not_prepared", error=type(error).__name__, statement=form.preparing)
        return False
    connection.prepared.add(form.name)
    return True


_KEEP, _GO_BACK, _KEPT = "SAVEPOINT preparing", "ROLLBACK TO SAVEPOINT preparing", "RELEASE SAVEPOINT preparing"


def _begin(cursor: Any, connection: PreparingConnection) -> bool:
    """Drop what was prepared in an era before; False where a pooler is between.

    A pooler has to hand out process ids of its own making: it carries on whoever wants to cancel by them.
    """
    cursor.execute("SELECT pg_backend_pid()")
    connection.is_pooled = cursor.fetchone()[0] != told_pid(connection)
    if not connection.is_pooled:
        cursor.execute("DEALLOCATE ALL")
    return not connection.is_pooled


def told_pid(connection: PostgreSQLConnection) -> int:
    """Return the process id that the client was told as it connected."""
    return int(connection.info.backend_pid)


def _execute(cursor: Any, connection: PreparingConnection, form: _Form, values: Any) -> bool:
    """Carry out what is prepared; False where it is no more, and nothing is lost by sending the statement as it is."""
    is_first = connection.status == STATUS_READY
    try:
        cursor.execute(form.executing, values)
    except (FeatureNotSupported, InvalidSqlStatementName) as error:
        _Era.number += 1
        log.warning("prepared_statements_forgotten", error=type(error).__name__)
        if not is_first:
            raise psycopg2.OperationalError("What was prepared is no more: begin the transaction again.") from error
        connection.rollback()
        return False
    return True
