"""The README's walk with curl, run line by line against a real server with demo data."""

import json
import re
import subprocess
import sys

import pytest

from tests.databases import PROJECT
from tests.servers import serving
from tests.settings import process_environment

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def script(url: str) -> str:
    """Return the shell blocks of the walk as one script that calls `url`; each answer on a line of its own."""
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    return "\necho\n".join(blocks).replace("http://127.0.0.1:5000", url)


@pytest.mark.databases("sqlite")
def test_the_walk_works_as_printed(database_url: str) -> None:
    """It signs in, lists slots, books one, and is refused the same one, in the shapes that the README shows."""
    environment = process_environment(database_url)
    subprocess.run([sys.executable, "seed.py"], cwd=PROJECT, env=environment, check=True, capture_output=True)
    with serving(database_url) as server:
        done = subprocess.run(
            ["/bin/bash", "-euo", "pipefail", "-c", script(server.url)],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    slots, booked, refused = (json.loads(line) for line in done.stdout.splitlines() if line)
    assert slots["days"][0]["slots"][0]["staff_ids"] == [3]
    assert (booked["status"], booked["items"][0]["service_name"]) == ("confirmed", "Haircut")
    assert (refused["status"], refused["code"]) == (409, "slot_taken")
    shown = [json.loads(block) for block in re.findall(r"```json\n(\{.*\})\n```", README) if "…" not in block]
    assert [example.keys() for example in shown] == [booked.keys(), refused.keys()]
