"""The README's walk with curl, run line by line against a real server with demo data."""

import re
import subprocess
import sys
from datetime import date

import pytest

from tests.databases import PROJECT
from tests.servers import serving
from tests.settings import process_environment

README = (PROJECT / "README.md").read_text(encoding="utf-8")

PASSING = (
    (r'("(?:created_at|updated_at)":\s?)"[^"]*"', r"\1…"),
    (r'("request_id":\s?)"[0-9a-f]{32}"', r"\1…"),
    (r'("reference":\s?)"BK-[A-Z0-9]{6}"', r"\1…"),
    (r'^(\{"id":\s?)[0-9]+', r"\1…"),
)
"""What is another at every walk."""


def script(url: str) -> str:
    """Return the shell blocks of the walk as one script that calls `url`; each answer on a line of its own."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return "\necho\n".join(blocks).replace("http://127.0.0.1:5000", url)


def lasting(lines: list[str]) -> list[str]:
    """Return what is the same at every walk: without what passes, and with days counted from the first one shown."""
    found = re.search(r"\d{4}-\d\d-\d\d", lines[0])
    assert found
    day = date.fromisoformat(found[0])

    def counted(other: re.Match[str]) -> str:
        return f"day {(date.fromisoformat(other[0]) - day).days}"

    said = []
    for line in lines:
        for pattern, instead in PASSING:
            line = re.sub(pattern, instead, line)  # noqa: PLW2901  # one after the other
        said.append(re.sub(r"\d{4}-\d\d-\d\d", counted, line))
    return said


@pytest.mark.databases("sqlite")
def test_the_walk_works_as_printed(database_url: str) -> None:
    """It signs in, lists slots, books one, and is refused the same one, in the very words that the README shows."""
    environment = process_environment(database_url, BUSINESS_NAME="")
    subprocess.run([sys.executable, "seed.py"], cwd=PROJECT, env=environment, check=True, capture_output=True)
    with serving(database_url, workers=1, BUSINESS_NAME="") as server:
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", script(server.url)],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    shown = re.findall(r"```json\n(.*)\n```", README)
    assert lasting([line for line in done.stdout.splitlines() if line]) == lasting(shown)
