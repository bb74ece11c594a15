"""The table of guards is true: `make sabotage` tries it, which takes minutes."""

import pytest

from tests.sabotage.guard import Guard, Moved
from tests.sabotage.table import GUARDS


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
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
    ],
)
def test_one_that_has_moved_is_told(text: str, test: str) -> None:
    guard = Guard("moved", "tests/sabotage/table.py", text, "", (test,))
    with pytest.raises(Moved, match="moved"):
        guard.check()
