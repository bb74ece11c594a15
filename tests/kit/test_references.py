import re

from app.kit.references import new_name, new_reference


def test_a_reference_is_a_prefix_and_six_unmistakable_letters() -> None:
    assert all(re.fullmatch(r"BK-[2-9A-HJ-NP-Z]{6}", new_reference("BK")) for _ in range(500))


def test_references_differ() -> None:
    assert len({new_reference("BK") for _ in range(1000)}) > 990


def test_names_never_come_twice() -> None:
    """They are file names on any system: no capitals, nothing but letters and digits."""
    names = {new_name() for _ in range(1000)}
    assert len(names) == 1000
    assert all(re.fullmatch("[0-9a-z]{26}", name) for name in names)
