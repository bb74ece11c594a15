"""An application that leases the catalogue, on PostgreSQL, and a clock for its leases that tests set."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from flask import Flask

from app import leases
from app.catalogue import lease_of
from app.extensions import db
from app.leases import Lease
from tests.api import Api
from tests.conftest import make_application
from tests.databases import Copy

LEASE_MS = 100


@dataclass
class Clock:
    """The clock of leases, which stands still unless it is told otherwise, or somebody sleeps."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        """Return what it shows."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Note that somebody has slept, and let the time pass."""
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of all leases."""
    clock = Clock()
    monkeypatch.setattr(leases, "monotonic", clock.monotonic)
    monkeypatch.setattr(leases, "sleep", clock.sleep)
    return clock


Make = Callable[..., Flask]


@pytest.fixture(scope="module")
def leasing(new_database: Callable[[str], Copy]) -> Iterator[tuple[Make, Copy]]:
    """Return a function that makes an application with a lease and more settings on one database, and that database."""
    copy, made = new_database("postgresql"), dict[str, Flask]()

    def make(**more: str) -> Flask:
        name = str(sorted(more.items()))
        if name not in made:
            made[name] = make_application(copy.url, **{"CATALOGUE_LEASE_MS": str(LEASE_MS)} | more)
        return made[name]

    yield make, copy
    for one in made.values():
        with one.app_context():
            db.engine.dispose()


@pytest.fixture
def make(leasing: tuple[Make, Copy], clock: Clock) -> Iterator[Make]:
    """The function, on an empty database; the application with no more settings has its context pushed."""
    make, copy = leasing
    application = make()
    with application.app_context():
        copy.restore(db.engine)

        def fresh(**more: str) -> Flask:
            found = make(**more)
            lease = lease_of(found)
            if lease is not None:
                lease.forget()
            return found

        fresh()
        yield fresh


@pytest.fixture
def app(make: Make) -> Flask:
    """The application that leases, with nothing known yet."""
    return make()


@pytest.fixture
def api(app: Flask) -> Api:
    """Its API."""
    return Api(app.test_client())


@pytest.fixture
def lease(app: Flask) -> Lease:
    """Its lease."""
    found = lease_of(app)
    assert found is not None
    return found
