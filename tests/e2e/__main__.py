"""Ask servers with demo data what clients ask: `python -m tests.e2e [sqlite] [postgresql]`, or else on both.

Ends with 1 where anything fails.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from tests.databases import DIALECTS, PROJECT, copy_of, originals
from tests.e2e import client
from tests.e2e.newman import run_collection
from tests.servers import serving
from tests.settings import process_environment

Step = Callable[[str], bool]
"""Asks the server at an address, prints what came of it, and says whether all was well."""

STEPS: Mapping[str, Step] = {
    "typed client": client.typed_client,
    "browser": client.browser,
    "newman": run_collection,
}
"""What is done with each server, in this order: newman makes as many bookings as a client may have."""


def main() -> None:
    """Take every step on each database; one failure fails the whole."""
    asked = sys.argv[1:] or DIALECTS
    if not set(asked) <= set(DIALECTS):
        sys.exit(__doc__)
    with originals() as databases:
        failed = [name for dialect in asked for name in failing_steps(dialect, databases[dialect])]
    sys.exit(f"Failed: {', '.join(failed)}." if failed else 0)


def failing_steps(dialect: str, original: str) -> list[str]:
    """Take every step on a fresh server; return the names of those that failed."""
    failed = []
    with demo_server(original) as url:
        for step_name, step in STEPS.items():
            name = f"{step_name} on {dialect}"
            print(f"==> {name}", flush=True)
            if not step(url):
                failed.append(name)
    return failed


@contextmanager
def demo_server(original: str) -> Iterator[str]:
    """Serve a copy of a migrated database, with demo data in it; yield the address."""
    copy = copy_of(original)
    try:
        command = [sys.executable, "seed.py"]
        subprocess.run(command, cwd=PROJECT, env=process_environment(copy.url), check=True, stdout=subprocess.DEVNULL)
        with serving(copy.url, workers=2, threads=4, **client.SETTINGS) as server:
            yield server.url
    finally:
        copy.drop()


if __name__ == "__main__":
    main()
