"""What measures is kept in order: it imports, all floors read its statements, and its table is the printed one."""

import importlib
from itertools import pairwise
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

import pytest

from bench.chart import HEIGHT, NAME_HEIGHT, Line, chart
from bench.floors.statements import for_pgbench, numbered, statements, works, yields
from bench.house import House
from bench.load import Call
from bench.mix import mixed
from bench.rows import HELLO, ROWS, Row
from bench.table import HEAD

PROJECT = Path(__file__).parent.parent
SVG = "{http://www.w3.org/2000/svg}"
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


def test_the_mix_asks_every_row_by_turns() -> None:
    """Also one whose calls have come to an end: it begins again."""

    def counted(name: str, count: int) -> Row:
        return Row(name, lambda _house, _caller: (Call("GET", f"/{name}/{n}") for n in range(count)), HELLO, None)

    rows = [counted("a", 1), counted("b", 3)]
    asked = [call.path for call in mixed(cast("House", None), 0, 7, rows)]
    assert asked == ["/a/0", "/b/0", "/a/0", "/b/1", "/a/0", "/b/2", "/a/0"]


def test_the_chart_says_what_grows_too_much() -> None:
    """It is XML; lines that cost the same have names that can be read, all of them within it."""
    lines = [Line("level & calm", (2.0, 2.1)), Line("steep", (2.0, 2.6)), *(Line(f"{n}", (2.0, 2.1)) for n in range(9))]
    root = ET.fromstring(chart([10_000, 1_000_000], lines))  # noqa: S314  # our own
    texts = [node for node in root.iter(f"{SVG}text") if "×" in (node.text or "") and "ms" in (node.text or "")]
    assert sorted(node.text or "" for node in texts)[-2:] == ["2.1 ms, ×1.05: level & calm", "2.6 ms, ×1.30: steep"]
    places = sorted(float(node.attrib["y"]) for node in texts)
    assert all(later - earlier >= NAME_HEIGHT for earlier, later in pairwise(places))
    assert 0 < places[0] <= places[-1] < HEIGHT
    assert len([node for node in root.iter(f"{SVG}path") if node.get("class") == "line steep"]) == 1


def test_the_docs_show_the_chart() -> None:
    """And it is there."""
    docs = PROJECT / "docs"
    assert "](growth.svg)" in (docs / "performance.md").read_text()
    assert ET.parse(docs / "growth.svg").getroot().tag == f"{SVG}svg"  # noqa: S314  # our own
