"""`.ci/run`: which parts it runs, and that one failure fails the whole; `make`, `node` and `npm` are stand-ins."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.databases import PROJECT

MAKE = 'for word; do case $word in -*) ;; *) echo "made $word"; [ "$word" != "$BROKEN" ] || exit 1 ;; esac; done'
NPM = '[ "$1" = view ] && [ "$ANSWERS" = yes ]'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with `.ci/run` alone, and programs that say what they were asked for."""
    (tmp_path / ".ci").mkdir()
    (tmp_path / "postman").mkdir()
    shutil.copy(PROJECT / ".ci" / "run", tmp_path / ".ci" / "run")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, what in {"make": MAKE, "npm": NPM, "node": "exit 0"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{what}\n", encoding="utf-8")
        (programs / name).chmod(0o755)
    return tmp_path


def run(project: Path, *, answers: str = "yes", broken: str = "") -> tuple[int, str]:
    """Run it; return its exit code and what it made."""
    path = f"{project / 'bin'}:{os.environ['PATH']}"
    environment = {"PATH": path, "ANSWERS": answers, "BROKEN": broken}
    done = subprocess.run([project / ".ci" / "run"], env=environment, check=False, capture_output=True, text=True)
    made = [line.removeprefix("made ") for line in done.stdout.splitlines() if line.startswith("made ")]
    return done.returncode, " ".join(made)


def test_everything_is_run(project: Path) -> None:
    assert run(project) == (0, "test lint e2e")


@pytest.mark.parametrize("broken", ["test", "lint", "e2e"])
def test_one_failure_fails_the_whole_and_the_rest_is_run(project: Path, broken: str) -> None:
    assert run(project, broken=broken) == (1, "test lint e2e")


def test_what_npm_cannot_install_is_no_reason_to_leave_out(project: Path) -> None:
    """Such as a broken lock file: npm answers, so that what needs it is tried, and fails."""
    assert run(project, broken="postman/node_modules/.installed") == (0, "test lint e2e")


def test_without_a_registry_the_rest_is_run(project: Path) -> None:
    assert run(project, answers="no") == (0, "test lint")


def test_what_takes_long_is_tried_each_night() -> None:
    """Each by a target that there is."""
    nightly = yaml.safe_load((PROJECT / ".github" / "workflows" / "nightly.yml").read_text(encoding="utf-8"))
    tried = nightly["jobs"]["trials"]["strategy"]["matrix"]["target"]
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert set(tried) == {"faults", "hosts", "long", "sabotage", "fuzz"}
    assert all(f"\n{target}: " in makefile for target in tried)
