"""Ask a server whatever hostile callers may: `python -m tests.fuzz [sqlite] [postgresql]`, or else on both.

CALLS calls (5,000; half on each database) by all roles: first Schemathesis', then ours, of `calls.py`. SEED chooses
them (1); AT=number makes but one of ours again, and shows it whole. Ends with 1 where an answer is off the document, an
error of ours, or none, and where `flask audit` finds something off afterwards.
"""

import os
import sys
import time
from itertools import islice

from app.web import openapi
from tests.conftest import make_application
from tests.databases import DIALECTS, originals
from tests.fuzz.callers import ask, ask_all
from tests.fuzz.calls import calls
from tests.fuzz.exploring import explore
from tests.fuzz.house import House, house_on
from tests.fuzz.operations import Operation, read
from tests.fuzz.tally import Tally

CALLS = int(os.environ.get("CALLS", "5000"))
SEED = int(os.environ.get("SEED", "1"))
AT = int(os.environ.get("AT", "0"))

ROUND = 2_500
"""Calls in one world: what some of them break for good, such as the sessions of a client, would spoil more of them."""

EXPLORED = 3
"""One call in so many is about Schemathesis', as far as it lets itself be bounded."""

PROCESSORS = os.cpu_count() or 1


def main() -> None:
    """Tell all of it."""
    asked = sys.argv[1:] or DIALECTS
    if not set(asked) <= set(DIALECTS):
        sys.exit(__doc__)
    with originals() as databases:
        whole = [tried(dialect, databases[dialect], CALLS // len(asked)) for dialect in asked]
    sys.exit(any(tally.faults for tally in whole))


def tried(dialect: str, original: str, how_many: int) -> Tally:
    """Make so many calls on a database."""
    began, tally = time.monotonic(), Tally()
    operations = read(openapi.document(make_application(original)))
    with house_on(dialect, original) as house:
        if AT:
            show(house, operations)
            return tally
        explore(house, operations, tally, how_many // EXPLORED, SEED)
        print(f"{dialect}: {tally.calls:,} calls by Schemathesis, {len(tally.faults)} faults", flush=True)
        hurt(house, operations, tally, how_many - tally.calls)
    print(f"{dialect}: {tally.calls:,} calls in {time.monotonic() - began:.0f} s, SEED={SEED}\n{tally}", flush=True)
    return tally


def hurt(house: House, operations: list[Operation], tally: Tally, how_many: int) -> None:
    """Make so many calls of ours, in one world after the other."""
    whole = calls(operations, house.world, SEED)
    for first in range(1, how_many + 1, ROUND):
        with house.opened(PROCESSORS) as (server, copy):
            these = islice(whole, min(ROUND, how_many + 1 - first))
            goodbyes_last = sorted(these, key=lambda call: call.is_goodbye)
            for call, answer in ask_all(server, goodbyes_last, PROCESSORS * 2):
                tally.add(call, answer)
            for line in house.audit(copy):
                tally.blame("flask audit", line, f"after the calls from {first} on")
        print(f"{house.dialect}: {tally.calls:,} calls, {len(tally.faults)} faults", flush=True)


def show(house: House, operations: list[Operation]) -> None:
    """Make the one call that was asked for, in a fresh world."""
    call = next(islice(calls(operations, house.world, SEED), AT - 1, None))
    with house.opened(1) as (server, _copy):
        print(f"{call.operation.method} {call.path}\n{dict(call.headers)}\n{call.body!r}\n→ {ask(server, call)}")
        print(server.log.read_text(errors="replace"))


if __name__ == "__main__":
    main()
