"""What a statement of a migration may not do to a table that programs are using."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

TABLE = r"(?:IF EXISTS |ONLY )*(?P<table>\w+)"
STABLE = r"now\(\)|'[^']*'(::\w+)?|[-\w.]+(?!\w*\()"

SCANS = {
    "an index without CONCURRENTLY": rf"CREATE (UNIQUE )?INDEX (?!CONCURRENTLY)\w+ ON {TABLE}",
    "a constraint without NOT VALID": rf"ALTER TABLE {TABLE} .*ADD CONSTRAINT \w+ (CHECK|FOREIGN KEY)(?!.*NOT VALID)",
    "a key without USING INDEX": rf"ALTER TABLE {TABLE} .*ADD CONSTRAINT \w+ (UNIQUE|PRIMARY|EXCLUDE)(?!.*USING INDEX)",
    "a CHECK in a new column": rf"ALTER TABLE {TABLE} ADD COLUMN .*\bCHECK\b",
    "a new type": rf"ALTER TABLE {TABLE} .*ALTER (COLUMN )?\w+ (SET DATA )?TYPE",
    "a computed column": rf"ALTER TABLE {TABLE} ADD COLUMN .*(STORED|\w*SERIAL\b|AS IDENTITY)",
    "a default worked out for each row": rf"ALTER TABLE {TABLE} ADD COLUMN .*DEFAULT (?!{STABLE})",
    "another rewrite": rf"(VACUUM FULL|CLUSTER|REINDEX TABLE|LOCK TABLE|TRUNCATE)(?! CONCURRENTLY) {TABLE}",
}
"""What reads or writes a whole table while nobody else may use it."""

BREAKS = {
    "a column that must be given": rf"ALTER TABLE {TABLE} ADD COLUMN (?!.*(DEFAULT|GENERATED)).*NOT NULL",
    "a column taken away": rf"ALTER TABLE {TABLE} .*DROP COLUMN",
    "a table taken away": rf"DROP TABLE {TABLE}",
    "another name": rf"ALTER TABLE {TABLE} RENAME",
}
"""What programs older than the migration cannot work with."""

LANDED = frozenset(
    {"0002", "0006", "0007", "0008", "0011", "0012", "0013", "0015", "0017", "0024", "0025"},
)
"""Migrations with dangers in them that landed before the first release: no programs ran beside them. None is added."""

NOT_NULL = re.compile(rf"ALTER TABLE {TABLE} .*ALTER (COLUMN )?(?P<column>\w+) SET NOT NULL", re.IGNORECASE)
ROWS = re.compile(r"(UPDATE|DELETE FROM) (ONLY )?(?P<table>\w+)", re.IGNORECASE)
VALIDATION = re.compile(rf"ALTER TABLE {TABLE} VALIDATE CONSTRAINT", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Statement:
    """What was run; `alone` is what is a transaction of its own."""

    sql: str
    alone: bool = False

    @property
    def line(self) -> str:
        """Return it on one line, with single spaces."""
        return " ".join(self.sql.replace('"', "").split())


def dangers(statements: Collection[Statement], used: Collection[str], *, up: bool) -> list[str]:
    """Return what is dangerous in a migration, each as `what: table`; `used` are the tables that were there before."""
    lines = [statement.line for statement in statements]
    found = [
        f"{what}: {table}"
        for number, statement in enumerate(statements)
        for what, table in _dangers(statement, lines[:number], up=up)
        if table in used
    ]
    return sorted(set(found))


def _dangers(statement: Statement, before: list[str], *, up: bool) -> Iterator[tuple[str, str]]:
    line = statement.line
    for what, pattern in (SCANS | BREAKS if up else SCANS).items():
        if match := re.match(pattern, line, re.IGNORECASE):
            yield what, match["table"]
    if (match := NOT_NULL.match(line)) and not _is_known_full(match["column"], before):
        yield "NOT NULL without a validated CHECK", match["table"]
    if (match := ROWS.match(line)) and not (statement.alone and " WHERE " in line):
        yield "rows changed all at once", match["table"]
    if (match := VALIDATION.match(line)) and not statement.alone:
        yield "a validation in a longer transaction", match["table"]


def _is_known_full(column: str, before: list[str]) -> bool:
    checked = any(re.search(rf"CHECK \({column} IS NOT NULL\) NOT VALID", line, re.IGNORECASE) for line in before)
    return checked and any(VALIDATION.match(line) for line in before)
