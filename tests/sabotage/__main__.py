"""`python -m tests.sabotage`: take the guards of the table out one by one, each in a copy, and see a test notice.

First the tests of the table pass with every guard in place. Then each guard is taken out of a copy of the project, and
its tests must fail there: fail, and not break before they begin. JOBS (the number of processors) copies are tried at a
time; ONLY names the guards to try, by a part of their names. Ends with 1 where a guard is missed by nobody.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.databases import PROJECT, originals
from tests.postgres import postgresql_server
from tests.sabotage.guard import Guard, Moved
from tests.sabotage.table import GUARDS

JOBS = int(os.environ.get("JOBS", os.cpu_count() or 1))
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".*_cache", ".hypothesis", "__pycache__", "instance", "node_modules")


@dataclass(frozen=True, slots=True)
class Result:
    """How pytest ended: its exit code, the tests that it ran and those that failed, and what kept tests from beginning.

    `absent` are those that were asked for and did not run.
    """

    code: int
    failed: list[str]
    broken: list[str]
    absent: list[str]
    output: str

    @property
    def is_whole(self) -> bool:
        """Say whether every test that was asked for ran, and passed."""
        return self.code == pytest.ExitCode.OK and not (self.failed or self.broken or self.absent)

    @property
    def is_noticed(self) -> bool:
        """Say whether a test failed, and nothing else went wrong."""
        return self.code == pytest.ExitCode.TESTS_FAILED and bool(self.failed) and not self.broken


def main() -> None:
    """Tell all of it."""
    chosen = [guard for guard in GUARDS if os.environ.get("ONLY", "") in guard.name]
    try:
        for guard in chosen:
            guard.check()
    except Moved as moved:
        sys.exit(str(moved))
    with tempfile.TemporaryDirectory(prefix="parlour-sabotage-") as folder, postgresql_server() as server:
        os.environ["TEST_DATABASE_URL"] = server
        began = time.monotonic()
        with originals() as ready:
            noticed = try_all(chosen, Path(folder), json.dumps(ready))
    print(f"{sum(noticed)} of {len(chosen)} guards are missed when they are gone ({time.monotonic() - began:.0f} s)")
    sys.exit(not all(noticed))


def try_all(guards: Sequence[Guard], folder: Path, ready: str) -> list[bool]:
    """Say of each guard whether it is missed; end where a test fails with all of them in place."""
    whole = with_all_guards(folder, ready, guards)
    if not whole.is_whole:
        wrong = [*whole.failed, *whole.broken, *whole.absent]
        sys.exit(f"With all guards in place pytest ends with {whole.code}: {wrong}\n{whole.output}")
    print("With all guards in place, all of these tests pass.", flush=True)
    with ThreadPoolExecutor(JOBS) as pool:
        return list(pool.map(partial(is_missed, folder, ready), guards))


def with_all_guards(folder: Path, ready: str, guards: Iterable[Guard]) -> Result:
    """Run the tests of these guards on a copy in which nothing was changed."""
    tests = dict.fromkeys(test for guard in guards for test in guard.tests)
    return run(copied(folder / "whole"), ready, tests, "-n", str(JOBS))


def is_missed(folder: Path, ready: str, guard: Guard) -> bool:
    """Take a guard out of a copy, run its tests, print a line, and say whether one failed."""
    copy = copied(folder / f"{GUARDS.index(guard)}")
    guard.take_out(copy)
    # What is taken out of a migration shows in a database that was migrated without it.
    result = run(copy, "" if guard.file.startswith("migrations/") else ready, guard.tests, "-x")
    shutil.rmtree(copy)
    gone = f"NOBODY NOTICES: pytest ends with {result.code} {result.broken}\n{result.output}"
    found = f"fails: {result.failed[0]}" if result.is_noticed else gone
    print(f"{guard.name:<48} {found}", flush=True)
    return result.is_noticed


def copied(place: Path) -> Path:
    """Return a copy of the project."""
    return Path(shutil.copytree(PROJECT, place, ignore=LEFT_OUT))


def run(copy: Path, ready: str, tests: Iterable[str], *options: str) -> Result:
    """Run tests in a copy, on both databases: copies of those that are `ready`, or migrated by the copy."""
    report, asked = copy / "report.xml", list(tests)
    quiet = ("-q", "--tb=short", "-p", "no:cacheprovider", f"--junitxml={report}")
    command = [sys.executable, "-m", "pytest", *quiet, *options, *(test.removesuffix("::") for test in asked)]
    environment = os.environ | {"TEST_ORIGINALS": ready, "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTHONPATH", None)
    ended = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if not report.exists():
        return Result(ended.returncode, [], ["pytest itself"], asked, ended.stdout + ended.stderr)
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314  # pytest's own
    return Result(
        ended.returncode,
        failed=[str(case.get("name")) for case in cases if case.find("failure") is not None],
        broken=[str(case.get("name")) for case in cases if case.find("error") is not None],
        absent=[test for test in asked if not any(_is_of(test, case) for case in cases)],
        output=ended.stdout[-3000:],
    )


def _is_of(test: str, case: ET.Element) -> bool:
    """Say whether a case that ran, and was not left out, is one of a test of the table."""
    path, _, function = test.partition("::")
    is_there = case.get("classname") == path.removesuffix(".py").replace("/", ".") and case.find("skipped") is None
    return is_there and function in {"", str(case.get("name")).partition("[")[0]}


if __name__ == "__main__":
    main()
