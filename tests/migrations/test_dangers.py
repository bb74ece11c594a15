"""Every migration is read for what would make programs wait, or break those that are older than it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.extensions import db
from tests.cases import each_case
from tests.conftest import make_application
from tests.databases import Copy
from tests.migrations.dangers import LANDED, Statement, dangers
from tests.migrations.recorded import Recorded, recorded, recorded_from, revisions
from tests.migrations.samples.copies import CARELESS, with_samples

ADD = "ALTER TABLE bookings ADD"

# What is dangerous, how it is said, and its gentle twin.
TWINS = [
    ("an index without CONCURRENTLY", "CREATE INDEX a ON bookings (b)", "CREATE INDEX CONCURRENTLY a ON bookings (b)"),
    ("an index without CONCURRENTLY", "CREATE UNIQUE INDEX a ON bookings (b)", "CREATE INDEX a ON fresh (b)"),
    (
        "a constraint without NOT VALID",
        f"{ADD} CONSTRAINT a CHECK (b > 0)",
        f"{ADD} CONSTRAINT a CHECK (b > 0) NOT VALID",
    ),
    (
        "a constraint without NOT VALID",
        f"{ADD} CONSTRAINT a FOREIGN KEY(b) REFERENCES users (id)",
        f"{ADD} CONSTRAINT a FOREIGN KEY(b) REFERENCES users (id) NOT VALID",
    ),
    ("a key without USING INDEX", f"{ADD} CONSTRAINT a UNIQUE (b)", f"{ADD} CONSTRAINT a UNIQUE USING INDEX b"),
    ("a CHECK in a new column", f"{ADD} COLUMN b INTEGER CONSTRAINT c CHECK (b > 0)", f"{ADD} COLUMN b INTEGER"),
    (
        "a new type",
        "ALTER TABLE bookings ALTER COLUMN b TYPE TEXT",
        "ALTER TABLE bookings ALTER COLUMN b SET DEFAULT 1",
    ),
    (
        "a computed column",
        f"{ADD} COLUMN b INTEGER GENERATED ALWAYS AS (1) STORED",
        f"{ADD} COLUMN b INTEGER DEFAULT 1 NOT NULL",
    ),
    ("a computed column", f"{ADD} COLUMN b BIGSERIAL", f"{ADD} COLUMN serialised BOOLEAN"),
    (
        "a default worked out for each row",
        f"{ADD} COLUMN b UUID DEFAULT gen_random_uuid()",
        f"{ADD} COLUMN b TIMESTAMP DEFAULT now() NOT NULL",
    ),
    ("a default worked out for each row", f"{ADD} COLUMN b FLOAT DEFAULT random()", f"{ADD} COLUMN b TEXT DEFAULT ''"),
    ("another rewrite", "VACUUM FULL bookings", "VACUUM bookings"),
    ("another rewrite", "LOCK TABLE bookings", "SET lock_timeout = 0"),
    ("a column that must be given", f"{ADD} COLUMN b INTEGER NOT NULL", f"{ADD} COLUMN b INTEGER DEFAULT 0 NOT NULL"),
    ("a column taken away", "ALTER TABLE bookings DROP COLUMN b", "ALTER TABLE bookings DROP CONSTRAINT b"),
    ("a table taken away", "DROP TABLE bookings", "DROP INDEX ix_bookings"),
    ("another name", "ALTER TABLE bookings RENAME COLUMN a TO b", "ALTER TABLE fresh RENAME COLUMN a TO b"),
    ("another name", "ALTER TABLE bookings RENAME TO b", "ALTER INDEX a RENAME TO b"),
    ("rows changed all at once", "UPDATE bookings SET a = 1 WHERE b = 1", "UPDATE fresh SET a = 1"),
    ("rows changed all at once", "DELETE FROM bookings", "INSERT INTO bookings (a) VALUES (1)"),
]


@each_case(("danger", "sql", "twin"), TWINS)
def test_a_danger_is_seen_and_its_gentle_twin_is_none(danger: str, sql: str, twin: str) -> None:
    assert dangers([Statement(sql)], {"bookings", "users"}, up=True) == [f"{danger}: bookings"]
    assert dangers([Statement(twin)], {"bookings", "users"}, up=True) == []


def test_not_null_wants_a_check_that_was_validated_by_itself() -> None:
    check = Statement("ALTER TABLE bookings ADD CONSTRAINT c CHECK (b IS NOT NULL) NOT VALID")
    validation = "ALTER TABLE bookings VALIDATE CONSTRAINT c"
    last = Statement("ALTER TABLE bookings ALTER COLUMN b SET NOT NULL")
    assert dangers([check, Statement(validation, alone=True), last], ["bookings"], up=True) == []
    assert dangers([check, last], ["bookings"], up=True) == ["NOT NULL without a validated CHECK: bookings"]
    assert dangers([check, Statement(validation), last], ["bookings"], up=True) == [
        "a validation in a longer transaction: bookings"
    ]


def test_rows_are_changed_a_few_at_a_time_each_time_for_good() -> None:
    update = "UPDATE bookings SET a = 1"
    assert dangers([Statement(f"{update} WHERE id < 9", alone=True)], ["bookings"], up=True) == []
    assert dangers([Statement(update, alone=True)], ["bookings"], up=True) == ["rows changed all at once: bookings"]


def test_what_a_step_back_takes_away_was_its_own() -> None:
    assert dangers([Statement("ALTER TABLE bookings DROP COLUMN b")], ["bookings"], up=False) == []
    assert dangers([Statement("CREATE INDEX a ON bookings (b)")], ["bookings"], up=False) != []


@pytest.fixture
def walk(new_database: Callable[[str], Copy]) -> Any:
    """The dangers of every migration in both directions, on PostgreSQL."""
    with make_application(new_database("postgresql").url).app_context():
        yield list(recorded())
        db.engine.dispose()


def found_in(walk: list[Recorded]) -> dict[str, list[str]]:
    """Return what was found in each migration that has dangers."""
    found: dict[str, list[str]] = {}
    for one in walk:
        if one.dangers:
            found.setdefault(one.revision, []).extend(one.dangers)
    return found


def test_no_migration_is_dangerous_but_those_of_before_the_first_release(walk: list[Recorded]) -> None:
    """Where a column or a table goes for good, no running program uses it: then list the number, and say so there."""
    assert [one.revision for one in walk] == [*revisions()[::-1], *revisions()]
    found = found_in(walk)
    assert {revision: what for revision, what in found.items() if revision not in LANDED} == {}
    assert set(found) == LANDED


def test_the_samples_are_gentle_but_for_the_careless_one(new_database: Callable[[str], Copy], tmp_path: Path) -> None:
    with make_application(new_database("postgresql").url).app_context() as context:
        head = revisions()[-1]
        context.app.extensions["migrate"].directory = str(with_samples(tmp_path, head))
        found = found_in(list(recorded_from(head)))
        db.engine.dispose()
    assert found == {CARELESS: ["a new type: bookings", "written anew: bookings"] * 2}
