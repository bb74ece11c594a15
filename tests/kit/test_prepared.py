"""Statements that are prepared on a real PostgreSQL: what they answer, and what may come between."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Numeric,
    Select,
    String,
    Table,
    bindparam,
    create_engine,
    event,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from app.database import engine_options
from app.kit import prepared
from app.kit.among import among
from app.kit.prepared import MOST, PLAIN, PREPARED, USES, carry_out
from app.web.outages import is_outage
from tests.databases import Copy

NAMES = Table(
    "names", MetaData(), Column("id", Integer, primary_key=True), Column("name", String(10)), Column("size", Integer)
)
NAMED: Select[Any] = (
    select(NAMES.c.id, NAMES.c.name).where(NAMES.c.name == bindparam("name")).execution_options(**PREPARED)
)
ANN = {"name": "Ann"}


@pytest.fixture
def engine(new_database: Callable[[str], Copy]) -> Iterator[Engine]:
    """An engine of a process that has just begun, on a database with Ann and Bob."""
    engine = engine_on(new_database("postgresql").url)
    with engine.begin() as connection:
        NAMES.create(connection)
        connection.execute(insert(NAMES), [{"id": 1, "name": "Ann", "size": 10}, {"id": 2, "name": "Bob", "size": 20}])
    yield engine
    engine.dispose()


def engine_on(url: str) -> Engine:
    """Return an engine as the application makes it."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"), **engine_options(url, 5))
    event.listen(engine, "do_execute", carry_out)
    return engine


def known(connection: Connection) -> list[str]:
    """Return what the session has prepared."""
    return list(connection.scalars(text("SELECT statement FROM pg_prepared_statements")))


def ask(connection: Connection, times: int = USES) -> list[Any]:
    """Ask for Ann so often; return the last answer."""
    found: list[Any] = []
    for _ in range(times):
        found = [tuple(row) for row in connection.execute(NAMED, ANN)]
    return found


def autocommit(engine: Engine) -> Connection:
    """Return a connection as a request has it that only reads."""
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def change_type(engine: Engine) -> None:
    """Change what the statement answers with, as a migration beside requests does."""
    with engine.begin() as other:
        other.execute(text("ALTER TABLE names ALTER COLUMN name TYPE varchar(20)"))


def test_the_third_use_prepares(engine: Engine) -> None:
    with autocommit(engine) as connection:
        assert ask(connection, USES - 1) == [(1, "Ann")]
        assert known(connection) == []
        assert ask(connection, 1) == [(1, "Ann")]
        (statement,) = known(connection)
        assert "(VARCHAR(10)) AS SELECT names.id, names.name" in statement
        assert "names.name = $1" in statement
        assert connection.execute(NAMED, {"name": "Bob"}).all() == [(2, "Bob")]
        assert connection.execute(NAMED, {"name": "O'Hara %s $1"}).all() == []
        plans = connection.execute(text("SELECT generic_plans, custom_plans FROM pg_prepared_statements")).one()
        assert tuple(plans) == (3, 0)


def test_others_are_left_alone(engine: Engine) -> None:
    """What is not marked, what is marked as not to be, and what has lists of values."""
    bare = select(NAMES.c.id)
    unlike = [bare, NAMED.execution_options(**PLAIN), bare.where(NAMES.c.id.in_([1, 2])).execution_options(**PREPARED)]
    with autocommit(engine) as connection:
        for _ in range(USES + 1):
            for statement in unlike:
                connection.execute(statement, ANN if statement is unlike[1] else {}).all()
        assert known(connection) == []


def test_lists_are_arrays(engine: Engine) -> None:
    """Of any length, none too, they are one statement."""
    statement = select(NAMES.c.id).where(among(NAMES.c.id, "ids")).order_by(NAMES.c.id).execution_options(**PREPARED)
    with autocommit(engine) as connection:
        for ids, found in (([1, 2, 3], [1, 2]), ([], []), ([2], [2]), ({1}, [1]), ([2**40, 2], [2])):
            assert connection.scalars(statement, {"ids": ids}).all() == found
        assert len(known(connection)) == 1


def test_values_keep_their_kinds(engine: Engine) -> None:
    """A factor stays a fraction beside whole numbers, and what is too wide for its column finds nothing."""
    factor = bindparam("factor", type_=Numeric())
    larger = select(NAMES.c.size * factor).where(NAMES.c.id == 1).execution_options(**PREPARED)
    sized = select(NAMES.c.id).where(NAMES.c.size == bindparam("size")).execution_options(**PREPARED)
    those = select(NAMES.c.id).where(among(NAMES.c.name, "names")).execution_options(**PREPARED)
    with autocommit(engine) as connection:
        connection.execute(insert(NAMES), {"id": 3, "name": "Bartholome", "size": 30})
        for _ in range(USES + 1):
            assert connection.scalar(larger, {"factor": Decimal("1.5")}) == Decimal("15.0")
            assert connection.scalar(sized, {"size": 2**40}) is None
            assert connection.scalar(sized, {"size": 20}) == 2
            assert connection.execute(NAMED, {"name": "Bartholomew"}).all() == []
            assert connection.execute(those, {"names": ["Bartholomew", "Bob"]}).all() == [(2,)]
        assert len(known(connection)) == 4


def test_what_is_written(engine: Engine) -> None:
    """Writing answers as it did: rows, their number, and refusals by constraints, of which no row is told."""
    adding = insert(NAMES).returning(NAMES.c.id).execution_options(**PREPARED)
    clearing = NAMES.delete().where(NAMES.c.id > bindparam("least")).execution_options(**PREPARED)
    with engine.connect() as connection:
        for number in range(3, 3 + USES + 1):
            assert connection.scalar(adding, {"id": number, "name": None, "size": 1}) == number
        for left in (USES + 1, 0, 0, 0):
            assert connection.execute(clearing, {"least": 2}).rowcount == left
        assert len(known(connection)) == 2
        connection.commit()
        with pytest.raises(IntegrityError) as refused:
            connection.execute(adding, {"id": 1, "name": "Cy", "size": 1})
        assert getattr(refused.value.orig, "pgcode", None) == "23505"


def test_a_type_changes_between_requests_that_read(engine: Engine) -> None:
    """Nobody notices, and what is asked often is prepared again."""
    with autocommit(engine) as connection, autocommit(engine) as another:
        ask(connection)
        ask(another)
        change_type(engine)
        assert ask(connection, 1) == [(1, "Ann")]
        assert ask(connection) == [(1, "Ann")]
        assert len(known(connection)) == 1
        assert ask(another, USES - 1) == [(1, "Ann")]  # it has forgotten as well
        assert ask(another, 2) == [(1, "Ann")]
        assert len(known(another)) == 1


def test_a_type_changes_before_a_transaction(engine: Engine) -> None:
    """Its first statement is what finds out: nothing has happened in it yet, and it goes on."""
    with engine.connect() as connection:
        ask(connection)
        connection.commit()
        change_type(engine)
        assert ask(connection, 1) == [(1, "Ann")]
        connection.execute(text("UPDATE names SET size = 11 WHERE id = 1"))
        connection.commit()
        assert connection.scalar(text("SELECT size FROM names WHERE id = 1")) == 11


def test_a_type_changes_under_a_transaction(engine: Engine) -> None:
    """It is an outage, all of it is rolled back, and the next attempt succeeds: on every connection of the process."""
    with engine.connect() as connection, engine.connect() as another:
        for one in (connection, another):
            ask(one)
            one.commit()
        connection.execute(text("INSERT INTO names VALUES (3, 'Cy', 1)"))
        connection.commit()
        connection.execute(text("SELECT 1"))
        change_type(engine)
        with pytest.raises(OperationalError) as lost:
            ask(connection, 1)
        assert is_outage(lost.value)
        connection.rollback()
        for one in (another, connection):
            one.execute(text("UPDATE names SET size = size + 1 WHERE id = 3"))
            assert ask(one) == [(1, "Ann")]
            one.commit()
        assert connection.scalar(text("SELECT size FROM names WHERE id = 3")) == 3


@pytest.mark.parametrize("forgotten", ["DEALLOCATE ALL", "DISCARD ALL"])
def test_somebody_drops_what_was_prepared(engine: Engine, forgotten: str) -> None:
    with autocommit(engine) as connection:
        ask(connection)
        connection.execute(text(forgotten))
        assert ask(connection, 1) == [(1, "Ann")]
        ask(connection)
        assert len(known(connection)) == 1


def test_a_new_connection_prepares_anew(engine: Engine) -> None:
    with engine.connect() as connection:
        ask(connection)
        connection.invalidate()
        connection.rollback()
        assert ask(connection, 1) == [(1, "Ann")]
        assert known(connection) == []
        ask(connection)
        assert len(known(connection)) == 1


def test_what_cannot_be_prepared_spoils_no_transaction(engine: Engine) -> None:
    """PostgreSQL cannot tell what to add without types: it is sent as it is, and what was written before stays."""
    doubtful = text("SELECT :one + :two").execution_options(**PREPARED)
    with engine.connect() as connection:
        connection.execute(text("UPDATE names SET size = 12 WHERE id = 1"))
        for _ in range(USES + 1):
            assert connection.scalar(doubtful, {"one": 1, "two": 2}) == 3
        connection.commit()
        assert connection.scalar(text("SELECT size FROM names WHERE id = 1")) == 12
        assert known(connection) == []


def test_no_connection_prepares_without_an_end(engine: Engine) -> None:
    with autocommit(engine) as connection:
        for number in range(MOST + 5):
            statement = select(NAMES.c.id).limit(number + 1).where(text(f"{number} = {number}"))
            for _ in range(USES):
                connection.execute(statement.execution_options(**PREPARED)).all()
        assert len(known(connection)) == MOST


def test_behind_a_pooler_nothing_is_prepared(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """It tells the client a process id of its own, and the next transaction has another of PostgreSQL's connections."""
    monkeypatch.setattr(prepared, "told_pid", lambda _connection: 1)
    with autocommit(engine) as connection:
        assert ask(connection, USES + 1) == [(1, "Ann")]
        assert known(connection) == []


def test_other_errors_are_told_as_they_are(engine: Engine) -> None:
    """A table that is gone is no reason to ask again."""
    with autocommit(engine) as connection:
        ask(connection)
        with engine.begin() as other:
            other.execute(text("DROP TABLE names"))
        with pytest.raises(DBAPIError) as gone:
            ask(connection, 1)
        assert getattr(gone.value.orig, "pgcode", None) == "42P01"
