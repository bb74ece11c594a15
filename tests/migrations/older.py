"""Older programs, from the history of the project: a migration runs beside the program that was there before it."""

import subprocess
from pathlib import Path

from tests.databases import PROJECT

VERSIONS = "migrations/versions"


class NoHistory(RuntimeError):
    """There is no history of the project here, or one that does not go back far enough."""


def commit_before(revision: str) -> str:
    """Return the newest commit all of whose migrations are older than `revision`. Raises `NoHistory`."""
    names = {path.name for path in (PROJECT / VERSIONS).glob("[0-9]*.py")}
    older = {name for name in names if name[:4] < revision}
    for commit in _git("rev-list", "--first-parent", "HEAD").split():
        there = {Path(line).name for line in _git("ls-tree", "--name-only", commit, f"{VERSIONS}/").split()}
        if there and there <= older:
            return commit
    raise NoHistory(f"No commit before migration {revision}: this needs the whole history of the project.")


def put_there(commit: str, folder: Path) -> Path:
    """Write the files of a commit into a folder of their own; return it."""
    place, archive = folder / commit[:12], folder / f"{commit[:12]}.tar"
    if not place.exists():
        _git("archive", f"--output={archive}", commit)
        place.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(place)], check=True)  # noqa: S607  # wherever it is
    return place


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
