"""What is asked: a server of the real kind, on a copy of the world of `tests/access`."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from app.extensions import db
from app.kit.clock import frozen
from tests.access.world import NOW, World, make_world
from tests.api import Api
from tests.conftest import make_application
from tests.databases import PROJECT, Copy, copy_of
from tests.servers import Server, serving
from tests.settings import process_environment

AUDIT = (sys.executable, "-m", "flask", "--app", "run", "audit")

UNMADE = {
    "allocations: booking": ("pending", "begun", "due", "let", "let_begun"),
    "ledger: payment": ("paid", "paid_let"),
}
"""What the world has written down as it is: bookings that took no time, payments that are in no books."""


@dataclass(frozen=True)
class House:
    """A migrated database with the world in it; each round of calls has a copy of its own."""

    dialect: str
    url: str
    world: World

    @contextmanager
    def opened(self, workers: int) -> Iterator[tuple[Server, Copy]]:
        """Serve a fresh copy until the block ends."""
        copy = copy_of(self.url)
        try:
            with serving(copy.url, workers=workers, application="tests.fuzz.standing:app") as server:
                yield server, copy
        finally:
            copy.drop()

    def audit(self, copy: Copy) -> list[str]:
        """Return what `flask audit` finds in a copy, but for what is said of things that were never made."""
        ids = self.world.ids
        unmade = tuple(f"{what} {ids[name]} " for what, names in UNMADE.items() for name in names)
        return [line for line in _audited(copy.url) if not line.startswith(unmade)]


@contextmanager
def house_on(dialect: str, original: str) -> Iterator[House]:
    """Make a house out of a migrated database; it is gone at the end."""
    copy = copy_of(original)
    try:
        world = _filled(copy.url)
        yield House(dialect, copy.url, world)
    finally:
        copy.drop()


def _filled(url: str) -> World:
    application = make_application(url)
    with application.app_context(), frozen(NOW):
        world = make_world(Api(application.test_client()))
        db.session.remove()
        db.engine.dispose()
    return world


def _audited(url: str) -> list[str]:
    """Return what `flask audit` finds, a line for each."""
    done = subprocess.run(AUDIT, cwd=PROJECT, env=process_environment(url), capture_output=True, text=True, check=False)
    *found, _sum = done.stdout.splitlines() or [done.stderr, ""]
    return found
