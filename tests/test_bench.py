"""What measures is kept in order: it imports, all floors read its statements, and its table is the printed one."""

import importlib
from pathlib import Path

import pytest

from bench.floors.statements import for_pgbench, numbered, statements, works, yields
from bench.rows import ROWS
from bench.table import HEAD

PROJECT = Path(__file__).parent.parent
PROGRAMS = [path.stem for path in sorted((PROJECT / "bench").glob("*.py")) if not path.stem.startswith("__")]


@pytest.mark.parametrize("name", [*PROGRAMS, "__main__", "floors.bare"])
def test_programs_import(name: str) -> None:
    """What they need of the application is where they look for it."""
    importlib.import_module(f"bench.{name}")


def test_floors_have_the_statements_of_every_row() -> None:
    """And none that no row asks for."""
    assert {row.work for row in ROWS if row.work} == set(works())
    assert all(statements(work) for work in works())


@pytest.mark.parametrize("work", works())
def test_values_are_named_for_every_floor(work: str) -> None:
    """None is left as psycopg2 writes it, and what a statement yields is named before it is used."""
    known = {name for one in statements(work) for name in numbered(one)[1] if not name.endswith("_id")}
    for one in statements(work):
        text, names = numbered(one)
        assert "%(" not in text
        assert known.issuperset(names)
        known |= {one.rpartition(" ")[2]} if yields(one) else set()
    assert "%(" not in for_pgbench(work)


def test_the_table_in_the_docs_is_the_one_that_is_printed() -> None:
    """With the same columns and the same rows, in the same order."""
    lines = (PROJECT / "docs" / "performance.md").read_text().splitlines()
    first = lines.index(f"| {' | '.join(HEAD)} |")
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines[first + 2 :]][: len(ROWS)] == [
        row.name for row in ROWS
    ]
    assert not lines[first + 2 + len(ROWS)].startswith("|")
