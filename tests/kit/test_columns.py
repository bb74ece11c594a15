from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Dialect, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.schema import CreateTable

from app.kit.columns import NAMING, UtcDateTime, word_of

DIALECTS: tuple[Dialect, ...] = (
    sqlite.dialect(),
    postgresql.dialect(),  # type: ignore[no-untyped-call]  # SQLAlchemy left it so
)

# Without a zone, which Hypothesis draws; a day from the ends of time, so that every zone can express them.
EARLIEST = datetime(1, 1, 2)  # noqa: DTZ001
LATEST = datetime(9999, 12, 30)  # noqa: DTZ001


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize("target", DIALECTS, ids=lambda dialect: dialect.name)
@given(at=st.datetimes(EARLIEST, LATEST, timezones=st.timezones()))
def test_an_instant_is_stored_and_read_as_itself_in_utc(target: Dialect, at: datetime) -> None:
    column = UtcDateTime()
    stored = column.process_bind_param(at, target)
    read = column.process_result_value(stored, target)
    assert read == at.astimezone(UTC)
    assert read.tzinfo is UTC


def test_a_naive_time_is_refused_before_it_reaches_the_database() -> None:
    events = Table("events", MetaData(), Column("at", UtcDateTime))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        events.create(connection)
        with pytest.raises(StatementError, match="naive"):
            connection.execute(insert(events).values(at=datetime(2026, 1, 1)))  # noqa: DTZ001  # the very point
    engine.dispose()


def test_sqlite_keeps_instants_as_text_of_one_width_that_sorts_by_time() -> None:
    zone = timezone(timedelta(hours=-5))
    instants = [datetime(2026, 1, 1, 23, tzinfo=zone), datetime(2026, 1, 2, 3, tzinfo=UTC)]
    column, dialect = UtcDateTime().load_dialect_impl(DIALECTS[0]), DIALECTS[0]
    write = column.bind_processor(dialect)
    assert write is not None
    texts = [write(UtcDateTime().process_bind_param(at, dialect)) for at in instants]
    assert texts == ["2026-01-02 04:00:00.000000", "2026-01-02 03:00:00.000000"]


def test_a_word_column_takes_its_words_and_no_other() -> None:
    paints = Table(
        "paints",
        MetaData(naming_convention=NAMING),
        Column("id", Integer, primary_key=True),
        Column("colour", word_of(Colour, "colour")),
    )
    assert "CONSTRAINT ck_paints_colour CHECK (colour IN ('red'))" in str(CreateTable(paints))
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        paints.create(connection)
        connection.execute(insert(paints).values(colour=Colour.RED))
        assert connection.scalar(select(paints.c.colour)) is Colour.RED
        with pytest.raises(IntegrityError):
            connection.exec_driver_sql("INSERT INTO paints (colour) VALUES ('RED')")
    engine.dispose()
