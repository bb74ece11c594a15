"""A few faults: nothing that was acknowledged is lost, nothing is there twice. `make faults` takes minutes."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.faults.faults import (
    Fault,
    cut_before_answer,
    cut_callers,
    cut_on_commit,
    kill_forgetful_postgresql,
    kill_postgresql,
    kill_web_worker,
    kill_worker,
)
from tests.faults.house import FORGETFUL, on_postgresql, on_sqlite
from tests.faults.trial import Report, Trial

FEW: dict[str, Sequence[Fault]] = {
    "postgresql": (kill_postgresql, cut_on_commit, kill_web_worker),
    "sqlite": (cut_before_answer, kill_worker, cut_callers, kill_web_worker),
}
WRITERS = 8


def tried(dialect: str, folder: Path) -> Report:
    """Return the report of each of the few faults once."""
    with (on_postgresql if dialect == "postgresql" else on_sqlite)(folder) as house:
        return Trial(dialect, FEW[dialect], 0, WRITERS).of(house)


@pytest.mark.race
def test_what_is_acknowledged_is_there_once(dialect: str, tmp_path: Path) -> None:
    """What is unknown is settled by repeating its key; and nobody sees a server error other than 503."""
    report = tried(dialect, tmp_path)
    assert [*report.failures] == [], str(report)
    found = report.counts["all"]
    assert min(found.acknowledged, found.refused, found.unknown) > 0, str(report)


@pytest.mark.race
@pytest.mark.databases("postgresql")  # whose `synchronous_commit` it is
def test_a_loss_would_be_seen(dialect: str, tmp_path: Path) -> None:
    """The control: a PostgreSQL that acknowledges what it has not written anywhere loses it when it is killed."""
    with on_postgresql(tmp_path, FORGETFUL) as house:
        report = Trial("control", [kill_forgetful_postgresql], 0, WRITERS).of(house)
    assert report.counts["all"].lost > 0, str(report)


@pytest.mark.race
@pytest.mark.databases("sqlite")  # it is about the writers
def test_what_is_there_twice_would_be_seen(dialect: str, tmp_path: Path) -> None:
    """The control: writers who repeat what they do not know under a new key order or pay twice, but book once."""
    with on_sqlite(tmp_path) as house:
        report = Trial("control", [cut_before_answer] * 3, 0, WRITERS, forgets_keys=True).of(house)
    assert report.counts["all"].twice > 0, str(report)
    assert report.counts["booking"].twice == 0, str(report)
