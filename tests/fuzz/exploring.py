"""Schemathesis: what follows from the document, and what goes just past it; by each role at once."""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.databases import PROJECT
from tests.fuzz.calls import GOODBYES
from tests.fuzz.house import House
from tests.fuzz.operations import Operation
from tests.fuzz.tally import Tally
from tests.fuzz.verdict import SLOWEST
from tests.servers import Server

ROLES = ("anonymous", "client", "staff", "owner", "admin")

UNTOLD = "positive_data_acceptance,unsupported_method"
"""All checks but these: a well-formed request may still be refused by what the database holds, and the methods of
earlier backends are documented elsewhere; see `hooks.py`."""

OPTIONS = (
    *("--phases=examples,coverage,fuzzing,stateful", "--checks=all", f"--exclude-checks={UNTOLD}", "--max-examples=10"),
    *(f"--max-response-time={SLOWEST}", "--continue-on-failure", "--warnings=off", "--generation-database=none"),
    *("--no-color", "--request-timeout=60"),
)
"""One worker: with several, Python 3.11 may lose count in `ast` and end a phase by a RuntimeError of its own."""

CALLS_EACH = 85
"""About so many calls does it make of an operation."""

FAILURES = "= FAILURES ="


def explore(house: House, operations: Sequence[Operation], tally: Tally, how_many: int, seed: int) -> None:
    """Make about so many calls: each role of as many operations as that allows, in a world of its own."""
    each = max(how_many // len(ROLES) // CALLS_EACH, 1)
    lasting = [one for one in operations if one.path not in GOODBYES]

    def run(role: str) -> None:
        chance = random.Random(f"{seed} {house.dialect} {role}")  # noqa: S311  # no secret
        with house.opened(workers=1) as (server, copy):
            _run(server, house, role, chance.sample(lasting, min(each, len(lasting))), seed, tally)
            for line in house.audit(copy):
                tally.blame("flask audit", line, f"after Schemathesis' calls as {role}")

    with ThreadPoolExecutor(len(ROLES)) as pool:
        list(pool.map(run, ROLES))


def _run(server: Server, house: House, role: str, operations: Sequence[Operation], seed: int, tally: Tally) -> None:
    """Let Schemathesis call some operations as somebody, and count."""
    program = str(Path(sys.executable).with_name("schemathesis"))
    chosen = [f"--include-operation-id={one.said['operationId']}" for one in operations]
    signed_in = [f"--header=Authorization: Bearer {house.world.tokens[role]}"] if role in house.world.tokens else []
    with tempfile.TemporaryDirectory(prefix="parlour-fuzz-") as folder:
        told = Path(folder) / "count.json"
        hooks = {"SCHEMATHESIS_HOOKS": "tests.fuzz.hooks", "PYTHONPATH": str(PROJECT), "FUZZ_COUNT": str(told)}
        command = [program, "run", f"{server.url}/openapi.json", *chosen, *signed_in, *OPTIONS, f"--seed={seed}"]
        done = subprocess.run(command, cwd=folder, env=os.environ | hooks, check=False, capture_output=True, text=True)
        tally.add_counted(role, json.loads(told.read_text()))
    if done.returncode:
        shown = done.stdout[max(done.stdout.find(FAILURES), 0) :] + done.stderr
        tally.blame(f"Schemathesis as {role}", f"ended with {done.returncode}", shown)
