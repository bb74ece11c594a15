import re

from app.kit.references import new_reference


def test_a_reference_is_a_prefix_and_six_unmistakable_letters() -> None:
    assert all(re.fullmatch(r"BK-[2-9A-HJ-NP-Z]{6}", new_reference("BK")) for _ in range(500))


def test_references_differ() -> None:
    assert len({new_reference("BK") for _ in range(1000)}) > 990
