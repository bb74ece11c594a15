"""Several processes lease the catalogue: whoever was told of a change is shown nothing older, by any of them."""

import http.client
import json
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field

import pytest

from app.extensions import db
from app.models import Role
from tests.conftest import make_application
from tests.databases import Copy
from tests.factories import make_service, make_user, token_for
from tests.races.callers import APPLICATION
from tests.servers import PRELOADED, Server, serving

pytestmark = pytest.mark.race

CHANGES = int(os.environ.get("LEASE_CHANGES", "60"))
READERS = 6
LEASE_MS = 30
IMPATIENT = "tests.races.impatient:app"


@dataclass
class Trial:
    """A service whose price goes up by one again and again; what was acknowledged, and what readers made of it."""

    server: Server
    service_id: int
    token: str
    told: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def change(self) -> None:
        """Raise the price as often as is wanted; then it is over."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        path = f"/api/services/{self.service_id}"
        try:
            with self.connected() as connection:
                for price in range(1, CHANGES + 1):
                    connection.request("PATCH", path, json.dumps({"price": {"amount": price}}), headers)
                    answer = connection.getresponse()
                    answer.read()
                    assert answer.status == 200
                    self.told = price
        finally:
            self.over.set()

    def read(self) -> list[tuple[int, int]]:
        """Ask for it, alone and in the list, with the last tag and without; return what had been told by the time of
        each question, and the price that was shown."""
        tags, prices = dict[str, str](), dict[str, int]()
        seen: list[tuple[int, int]] = []
        with self.connected() as connection:
            while not self.over.is_set():
                for path in (f"/api/services/{self.service_id}", "/api/services?limit=3"):
                    for headers in ({"If-None-Match": tags.get(path, "")}, {}):
                        told = self.told
                        connection.request("GET", path, headers=headers)
                        answer = connection.getresponse()
                        body = answer.read()
                        if answer.status == 200:
                            shown = json.loads(body)
                            prices[path] = shown.get("items", [shown])[0]["price"]["amount"]
                        tags[path] = str(answer.headers["ETag"])
                        seen.append((told, prices[path]))
        return seen

    def connected(self) -> AbstractContextManager[http.client.HTTPConnection]:
        """Return a connection, which is kept: to one process."""
        return closing(http.client.HTTPConnection(self.server.host, self.server.port, timeout=30))


def seen_by_readers(url: str, application: str) -> list[tuple[int, int]]:
    """Return what all readers saw beside the changes: what was told, and what was shown."""
    app = make_application(url)
    with app.app_context():
        service_id, token = make_service(price_amount=0).id, token_for(make_user(Role.ADMIN))
        db.engine.dispose()
    lease = PRELOADED | {"CATALOGUE_LEASE_MS": str(LEASE_MS)}
    with (
        serving(url, workers=3, threads=8, application=application, **lease) as server,
        ThreadPoolExecutor(READERS + 1) as threads,
    ):
        trial = Trial(server, service_id, token)
        readers = [threads.submit(trial.read) for _ in range(READERS)]
        threads.submit(trial.change).result()
        return [one for reader in readers for one in reader.result()]


@pytest.fixture
def url(new_database: Callable[[str], Copy]) -> str:
    """A database of the test's own, on PostgreSQL: SQLite has no leases."""
    return new_database("postgresql").url


def test_whoever_was_told_is_shown_it(url: str) -> None:
    """Thousands of times, in the process that wrote and in others."""
    seen = seen_by_readers(url, APPLICATION)
    print(f"{len(seen)} answers beside {CHANGES} changes")  # the report of a race
    assert len(seen) > CHANGES * READERS
    assert [one for one in seen if one[1] < one[0]] == []


def test_without_waiting_it_is_not(url: str) -> None:
    """The control: somebody is shown what was before."""
    assert any(shown < told for told, shown in seen_by_readers(url, IMPATIENT))
