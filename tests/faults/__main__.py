"""Strike the house, and say what came of it: `python -m tests.faults`. Ends with 1 where a promise was not kept."""

import os
import sys
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path

from tests.faults.faults import ANYWHERE, ON_POSTGRESQL, kill_forgetful_postgresql
from tests.faults.house import FORGETFUL, House, on_postgresql, on_sqlite
from tests.faults.trial import Report, Trial

SECONDS = float(os.environ.get("FAULT_SECONDS", "180"))
CONTROL_SECONDS = 10


def main() -> None:
    """Try both databases; then the control, which shows that a loss would have been seen."""
    kept = []
    with tempfile.TemporaryDirectory(prefix="parlour-faults-") as folder:
        everything = [fault for both in zip(ON_POSTGRESQL, ANYWHERE, strict=True) for fault in both]
        for trial, house in (
            (Trial("PostgreSQL", everything, SECONDS), on_postgresql(_new(folder, "postgresql"))),
            (Trial("SQLite", ANYWHERE, SECONDS / 2), on_sqlite(_new(folder, "sqlite"))),
        ):
            kept.append(not [*_told(trial, house).failures])
        control = Trial("Control: synchronous_commit=off", [kill_forgetful_postgresql], CONTROL_SECONDS)
        lost = _told(control, on_postgresql(_new(folder, "control"), FORGETFUL)).counts["all"].lost
    print(f"The control {'sees' if lost else 'DOES NOT SEE'} a loss. All promises kept: {all(kept)}", flush=True)
    sys.exit(not (lost and all(kept)))


def _told(trial: Trial, house: AbstractContextManager[House]) -> Report:
    with house as found:
        report = trial.of(found)
    print(f"{report}\n", flush=True)
    return report


def _new(folder: str, name: str) -> Path:
    new = Path(folder) / name
    new.mkdir()
    return new


if __name__ == "__main__":
    main()
