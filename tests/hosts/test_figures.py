"""What `make hosts` counts as held: only what was really done."""

import pytest

from tests.hosts.callers import Tally


def tally(*kept: str) -> Tally:
    found = Tally(kept=set(kept))
    found.answers.update({200: 3, 201: 2})
    return found


@pytest.mark.parametrize("status", [401, 404, 409, 422, 429, 500, 503])
def test_a_refusal_is_a_failure(status: int) -> None:
    """Every request is one that should be carried out: a rolling restart of a house that refuses all proves nothing."""
    refused = tally()
    assert refused.failed == 0
    refused.answers[status] += 4
    assert refused.failed == 4


def test_nothing_kept_is_not_all_kept() -> None:
    assert tally("A").is_kept_by({"A"})
    assert not tally("A").is_kept_by({"A", "B"})
    assert not tally("A").is_kept_by(set())
    assert not tally().is_kept_by(set())
