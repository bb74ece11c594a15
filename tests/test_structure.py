"""The rules of the house that no tool checks: see pyproject.toml for those that one does."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.cases import each_case

PROJECT = Path(__file__).parent.parent
SOURCES = sorted((PROJECT / "app").rglob("*.py"))
LONGEST_FUNCTION = 50
LONGEST_FILE = 300
WITHOUT_FLASK = {"service", "queries", "permissions", "models", "kit"}
FLASK_ITSELF = {"flask", "flask_smorest", "flask_jwt_extended", "werkzeug"}

each_source = each_case("path", SOURCES)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions of a file, the nested ones too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported(path: Path) -> set[str]:
    """Return the top-level names of the packages that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def is_part_without_flask(path: Path) -> bool:
    """Say whether a file, by its path in the project, belongs to what knows nothing of the web."""
    return bool({part.removesuffix(".py") for part in path.parts} & WITHOUT_FLASK)


@each_source
def test_no_function_is_long(path: Path) -> None:
    sizes = {function.name: (function.end_lineno or 0) - function.lineno + 1 for function in functions(path)}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}


@each_source
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_what_knows_nothing_of_the_web_imports_nothing_of_it() -> None:
    found = {str(path.relative_to(PROJECT)): imported(path) & FLASK_ITSELF for path in SOURCES}
    assert [path for path, packages in found.items() if packages and is_part_without_flask(Path(path))] == []


def test_only_the_clock_reads_the_time() -> None:
    readers = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in SOURCES
        if path != PROJECT / "app" / "kit" / "clock.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "utcnow", "today"}
        and ast.unparse(node.value) in {"datetime", "date", "datetime.datetime", "datetime.date"}
    ]
    assert readers == []
