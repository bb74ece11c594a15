"""What makes a trial clean: `make faults` has the trials."""

import dataclasses

import pytest

from tests.faults.count import Count
from tests.faults.trial import Report
from tests.faults.writes import Breaches

CLEAN = Count(
    acknowledged=3,
    refused=1,
    unknown=1,
    was_written=1,
    was_not=0,
    lost=0,
    twice=0,
    refused_yet_there=0,
    nobodys=0,
    unsettled=0,
)


def failures(found: Count) -> list[str]:
    """Return what a trial with these counts complains of."""
    return [*Report("x", 1.0, {"all": found}, {}, 0, 0.0, Breaches(), "").failures]


def test_a_clean_trial() -> None:
    assert (CLEAN.is_clean, failures(CLEAN)) == (True, [])


@pytest.mark.parametrize("what", ["lost", "twice", "refused_yet_there", "nobodys", "unsettled"])
def test_a_broken_promise(what: str) -> None:
    found = dataclasses.replace(CLEAN, **{what: 1})
    assert (found.is_clean, len(failures(found))) == (False, 1)


def test_where_nothing_was_acknowledged_nothing_was_tried() -> None:
    found = dataclasses.replace(CLEAN, acknowledged=0)
    assert (found.is_clean, failures(found)) == (False, ["Nothing was acknowledged: nothing could be lost."])
