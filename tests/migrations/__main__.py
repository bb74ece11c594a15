"""`python -m tests.migrations`: every migration on a large database, while callers ask and count how long they wait.

PostgreSQL is filled with BOOKINGS bookings (1,000,000). First come the samples of how a migration is written, beside
the present program; and one that is careless, which shows that a wait would be seen. Then, from the newest migration
to the second, each goes down and up again beside the program that was there before it, taken from the history of the
project; plain SQL takes the place of one that cannot serve, as several migrations came between. The first migration
makes the tables: without it there is nothing to ask for.

Ends with 1 where a request fails or waits for more than a second, or a program keeps nothing that it is asked to; but
for the careless one.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import flask_migrate
from flask import Flask

from tests.conftest import make_application
from tests.databases import PROJECT, temporary_database
from tests.migrations.diary import fill
from tests.migrations.load import Load, calling
from tests.migrations.older import commit_before, put_there
from tests.migrations.samples.copies import CARELESS, SAMPLES, with_samples
from tests.servers import serving

OURS = PROJECT / "migrations"
LONGEST_SECONDS = 1.0
CALM_SECONDS = 5
SETTINGS = {
    "FLASK_ENV": "production",
    "PUBLIC_BASE_URL": "https://api.example.test",
    "CLIENT_BOOKING_LIMIT": "10000",
}


def main() -> None:
    """Tell all of it."""
    count = int(os.environ.get("BOOKINGS", "1000000"))
    with tempfile.TemporaryDirectory(prefix="parlour-upgrades-") as folder, temporary_database() as url:
        print(f"PostgreSQL, {fill(url, count):,} bookings", flush=True)
        print("migration     seconds  requests  written  failed  longest", flush=True)
        verdicts = [*samples(url, Path(folder)), *landed(url, Path(folder))]
    sys.exit(not all(verdicts))


def samples(url: str, folder: Path) -> Iterator[bool]:
    """Try how a migration is to be written, and how not; the control must be seen."""
    head = revisions()[-1]
    migrations = with_samples(folder, head)
    application_on(url)  # made before anybody counts
    with served(url, PROJECT) as load:
        yield measure("(none)", load, partial(time.sleep, CALM_SECONDS))
        for sample in SAMPLES:
            held = measure(f"{sample} up", load, partial(move, url, "upgrade", sample, migrations))
            yield held != (sample == CARELESS)
        for sample, before in zip(SAMPLES[::-1], (*SAMPLES[-2::-1], head), strict=True):
            held = measure(f"{sample} down", load, partial(move, url, "downgrade", before, migrations))
            yield held != (sample == CARELESS)


def landed(url: str, folder: Path) -> Iterator[bool]:
    """Take each migration down and up, then leave it down for the next older one."""
    ours = revisions()
    for before, revision in zip(ours[-2::-1], ours[:0:-1], strict=True):
        with served(url, put_there(commit_before(revision), folder)) as load:
            for direction, target in (("downgrade", before), ("upgrade", revision)):
                yield measure(f"{revision} {direction[:-5]}", load, partial(move, url, direction, target))
        move(url, "downgrade", before)


def measure(name: str, load: Load, run: Callable[[], None]) -> bool:
    """Run something while callers ask; print how they fared, and say whether all was well."""
    load.answers.clear()
    began = time.perf_counter()
    run()
    seconds = time.perf_counter() - began
    time.sleep(LONGEST_SECONDS)  # until those who waited for it have their answers
    failed, slowest = sum(load.failures.values()), load.slowest
    line = f"{name:<12} {seconds:8.1f} {len(load.answers):9,} {load.written():8,} {failed:7,}"
    told = f"{load.of}; {slowest.what[:40]} {dict(load.failures) or ''}"
    print(f"{line} {1000 * slowest.seconds:6.0f} ms  {told}", flush=True)
    return load.holds(LONGEST_SECONDS)


@contextmanager
def served(url: str, project: Path) -> Iterator[Load]:
    """Serve a program as in production, and have callers ask it until the block ends."""
    with serving(url, workers=2, threads=8, PROJECT=str(project), **SETTINGS) as server, calling(server, url) as load:
        yield load


def move(url: str, direction: str, revision: str, migrations: Path = OURS) -> None:
    """Bring the database to a revision."""
    with application_on(url).app_context():
        getattr(flask_migrate, direction)(str(migrations), revision)


@cache
def application_on(url: str) -> Flask:
    """Return an application that migrates; made once, so that what is measured are the migrations."""
    return make_application(url)


def revisions() -> list[str]:
    """Return the numbers of all migrations, the oldest first."""
    return sorted(path.name[:4] for path in (OURS / "versions").glob("[0-9]*.py"))


if __name__ == "__main__":
    main()
