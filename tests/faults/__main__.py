"""Strike the house, and say what came of it: `python -m tests.faults`. Ends with 1 where a promise was not kept."""

import os
import random
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from tests.faults.faults import ANYWHERE, ON_POSTGRESQL, cut_before_answer, kill_forgetful_postgresql
from tests.faults.house import FORGETFUL, House, on_postgresql, on_sqlite
from tests.faults.trial import Report, Trial

SECONDS = float(os.environ.get("FAULT_SECONDS", "180"))
CONTROL_SECONDS = 10
SEED = int(os.environ.get("SEED", random.randrange(10**6)))  # noqa: S311  # no secret
"""Of what strikes when, and whom; who is met there, no seed can say."""


def main() -> None:
    """Try both databases; then the controls, which show that a loss, and what is there twice, would have been seen."""
    random.seed(SEED)
    print(f"SEED={SEED}", flush=True)
    with tempfile.TemporaryDirectory(prefix="parlour-faults-") as name:
        folder = Path(name)
        held = [_is_kept(folder), *_is_seen(folder)]
    print(f"All promises kept, a loss seen, what is there twice seen: {held}", flush=True)
    sys.exit(not all(held))


def _is_kept(folder: Path) -> bool:
    everything = [fault for both in zip(ON_POSTGRESQL, ANYWHERE, strict=True) for fault in both]
    reports = (
        _told(Trial("PostgreSQL", everything, SECONDS), on_postgresql(_new(folder, "postgresql"))),
        _told(Trial("SQLite", ANYWHERE, SECONDS / 2), on_sqlite(_new(folder, "sqlite"))),
    )
    return not [failure for report in reports for failure in report.failures]


def _is_seen(folder: Path) -> tuple[bool, bool]:
    forgetful = Trial("Control: synchronous_commit=off", [kill_forgetful_postgresql], CONTROL_SECONDS)
    keyless = Trial("Control: a new key each time", [cut_before_answer], CONTROL_SECONDS, forgets_keys=True)
    loss = _told(forgetful, on_postgresql(_new(folder, "forgetful"), FORGETFUL)).counts["all"]
    twice = _told(keyless, on_sqlite(_new(folder, "keyless"))).counts["all"]
    return loss.lost > 0, twice.twice > 0


def _told(trial: Trial, house: AbstractContextManager[House]) -> Report:
    with house as found:
        report = trial.of(found)
    print(f"{report}\n", flush=True)
    return report


def _new(folder: Path, name: str) -> Path:
    new = folder / name
    new.mkdir()
    return new


if __name__ == "__main__":
    main()
