"""The table of guards is true: `make sabotage` tries it, which takes minutes."""

from pathlib import Path

import pytest

from tests.cases import each_case
from tests.sabotage.__main__ import Result, run
from tests.sabotage.guard import Guard, Moved
from tests.sabotage.table import GUARDS


@each_case("guard", GUARDS)
def test_a_guard_is_where_the_table_says(guard: Guard) -> None:
    guard.check()


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len({guard.name for guard in GUARDS}) == len(GUARDS) >= 30


@pytest.mark.parametrize(
    ("text", "test"),
    [
        ("There is no such line.", "tests/test_health.py::"),
        ("import", "tests/test_health.py::"),
        ("GUARDS = (", "tests/test_health.py::test_of_nothing"),
        ("GUARDS = (", "tests/sabotage/test_table.py::test_one_that_has"),
    ],
)
def test_one_that_has_moved_is_told(text: str, test: str) -> None:
    guard = Guard("moved", "tests/sabotage/table.py", text, "", (test,))
    with pytest.raises(Moved, match="moved"):
        guard.check()


SUITE = """
import pytest

def test_right(): pass
def test_wrong(): assert False
def test_left_out(): pytest.skip("Not here.")
@pytest.fixture
def thing(): raise OSError
def test_broken(thing): pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one file of tests."""
    (tmp_path / "test_it.py").write_text(SUITE, encoding="utf-8")
    return tmp_path


def tried(project: Path, *functions: str) -> Result:
    """Run tests of the file."""
    return run(project, "", [f"test_it.py::{function}" for function in functions])


def test_what_failed_is_noticed(project: Path) -> None:
    assert tried(project, "test_right").is_whole
    assert tried(project, "test_wrong").is_noticed
    assert tried(project, "").failed == ["test_wrong"]


@pytest.mark.parametrize(
    "functions",
    [["test_of_nothing"], ["test_right", "test_of_nothing"], ["test_left_out"], ["test_right", "test_left_out"]],
)
def test_tests_that_did_not_run_prove_nothing(project: Path, functions: list[str]) -> None:
    """One stale name empties the whole run; nothing failed then, and nothing passed."""
    result = tried(project, *functions)
    assert (result.is_whole, result.is_noticed) == (False, False)


def test_a_test_that_cannot_begin_has_noticed_nothing(project: Path) -> None:
    result = tried(project, "test_wrong", "test_broken")
    assert (result.is_whole, result.is_noticed, result.broken) == (False, False, ["test_broken"])
