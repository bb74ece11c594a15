"""The statements of the floors, a file in `sql/` for each kind of work: those that the same request of ours takes.

Their values are whole numbers, named as psycopg2 does, `%(staff)s`; asyncpg wants `$1`, pgbench `:staff`. What a
statement returns as `…_id` is a value of the later ones.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).with_name("sql")
_NAMED = re.compile(r"%\((\w+)\)s")
_YIELDS = re.compile(r"RETURNING id AS \w+_id\Z")


def statements(work: str) -> list[str]:
    """Return the statements of a kind of work, in order."""
    lines = [line for line in (FOLDER / f"{work}.sql").read_text().splitlines() if not line.startswith("--")]
    return [one.strip() for one in "\n".join(lines).split(";\n") if one.strip(" ;\n")]


def works() -> list[str]:
    """Return what kinds of work there are."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


def yields(statement: str) -> bool:
    """Say whether what the statement returns is a value of later ones."""
    return _YIELDS.search(statement) is not None


def numbered(statement: str) -> tuple[str, list[str]]:
    """Return a statement as asyncpg wants it, and the names of its values in their order."""
    names = list(dict.fromkeys(_NAMED.findall(statement)))
    return _NAMED.sub(lambda found: f"${names.index(found[1]) + 1}", statement), names


def for_pgbench(work: str) -> str:
    """Return the statements as a script of pgbench, in one transaction where they are several."""
    parts = [_NAMED.sub(r":\1", one) + (" \\gset\n" if yields(one) else ";\n") for one in statements(work)]
    return "".join(parts) if len(parts) == 1 else "".join(["BEGIN;\n", *parts, "COMMIT;\n"])
