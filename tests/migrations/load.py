"""What callers ask while a migration runs: lists, free times, bookings and orders, and how long each answer took."""

import itertools
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException
from typing import Any

import psycopg2

from app.database import POSTGRESQL_OPTIONS
from demo.large import HOURS
from demo.salon import DEMO_LOGINS, PASSWORD
from tests.servers import HOST, Server

CALLERS = 6
PAUSE_SECONDS = 0.02
"""A caller's, between two requests: what is measured is how long they wait, not what the machine can do."""

EXPECTED = frozenset({("POST /api/bookings", 409)})
"""Refusals that are no failure: a time that a booking of an earlier round has taken."""

FREE_DAYS = range(7, 300)
"""The days from today on in which the large diary is empty."""

PROBES = (
    "SELECT * FROM bookings ORDER BY starts_at DESC, id DESC LIMIT 20",
    "SELECT * FROM services",
    "SELECT * FROM users ORDER BY id LIMIT 20",
    "SELECT * FROM staff JOIN resources ON resources.id = staff.id LIMIT 20",
    "UPDATE bookings SET notes = '' WHERE id = (SELECT max(id) FROM bookings)",
    "UPDATE users SET updated_at = now() WHERE id = (SELECT max(id) FROM users)",
    "SELECT * FROM booking_history WHERE booking_id = (SELECT max(id) FROM bookings)",
)
"""Asked where no program of then can serve."""

Request = tuple[str, str, Any]

_nth = itertools.count()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request; status 0 where none came."""

    what: str
    status: int
    seconds: float

    @property
    def is_right(self) -> bool:
        """Say whether it is good, or a refusal that is expected."""
        return 200 <= self.status < 300 or (self.what, self.status) in EXPECTED


@dataclass
class Load:
    """Callers at work, and what they were answered since they were last asked."""

    of: str
    is_served: bool = False
    """Whether a program answers: plain SQL keeps nothing that is counted."""

    answers: list[Answer] = field(default_factory=list)

    @property
    def failures(self) -> Counter[str]:
        """What failed, with its status."""
        return Counter(f"{one.what} {one.status}" for one in self.answers if not one.is_right)

    @property
    def slowest(self) -> Answer:
        """Return the request that took longest."""
        return max(self.answers, key=lambda one: one.seconds)

    def written(self) -> int:
        """Return how many bookings and orders were kept."""
        return sum(one.status == 201 for one in self.answers)

    def holds(self, longest_seconds: float) -> bool:
        """Say whether nobody failed or waited for longer, and whether a program that answers kept something."""
        is_tried = self.written() > 0 if self.is_served else bool(self.answers)
        return is_tried and not self.failures and self.slowest.seconds <= longest_seconds


@contextmanager
def calling(server: Server, database_url: str) -> Iterator[Load]:
    """Have callers ask for whatever this server has, until the block ends; plain SQL where it lets nobody sign in."""
    token = _token(server)
    if token is None:
        with _at_work("plain SQL", [partial(_probes, database_url)] * CALLERS) as load:
            yield load
        return
    asked = [one for one in _requests(database_url) if _ask(_connect(server), one(), token).status < 300]
    callers = [partial(_requested, server, [*asked[n:], *asked[:n]], token) for n in range(CALLERS)]
    with _at_work(f"{len(asked)} requests", callers, is_served=True) as load:
        yield load


@contextmanager
def _at_work(of: str, callers: Iterable[Callable[[], Iterator[Answer]]], *, is_served: bool = False) -> Iterator[Load]:
    load, stopping = Load(of, is_served), threading.Event()

    def work(caller: Callable[[], Iterator[Answer]]) -> None:
        for answer in caller():
            load.answers.append(answer)
            if stopping.wait(PAUSE_SECONDS):
                return

    threads = [threading.Thread(target=work, args=(caller,)) for caller in callers]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _requested(server: Server, asked: list[Callable[[], Request]], token: str) -> Iterator[Answer]:
    connection = _connect(server)
    for request in itertools.cycle(asked):
        yield _ask(connection, request(), token)


def _probes(database_url: str) -> Iterator[Answer]:
    """Read and write as requests do, and as patiently, what has been there from the first migration on."""
    connection = psycopg2.connect(database_url, options=POSTGRESQL_OPTIONS)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for probe in itertools.cycle(PROBES):
            began, status = time.perf_counter(), 200
            try:
                cursor.execute(probe)
            except psycopg2.Error:
                status = 500
            yield Answer(probe, status, time.perf_counter() - began)


def _requests(database_url: str) -> list[Callable[[], Request]]:
    """Return what may be asked: what a request is depends on what is free."""
    clients, staff = _people(database_url)
    first = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    def book() -> Request:
        n = next(_nth)
        staff_id, service_id = staff[n % len(staff)]
        place = n // len(staff)
        start = first + timedelta(days=FREE_DAYS[place % len(FREE_DAYS)], hours=HOURS[place // len(FREE_DAYS)])
        what = {"service_id": service_id, "staff_id": staff_id, "starts_at": start.isoformat()}
        return "POST", "/api/bookings", {"client_id": clients[n % len(clients)]} | what

    def order() -> Request:
        who = {"client_id": clients[next(_nth) % len(clients)]}
        return "POST", "/api/orders", who | {"items": [{"product_id": 1, "quantity": 1}]}

    day = (first + timedelta(days=1)).date()
    free = f"/api/bookings/availability?service_id={staff[0][1]}&from={day}&to={day + timedelta(days=6)}"
    lists = ("/api/services", "/api/bookings?limit=20", "/api/products?limit=20", "/api/orders?limit=20", free)
    return [*(lambda path=path: ("GET", path, None) for path in lists), book, order]


def _people(database_url: str) -> tuple[list[int], list[tuple[int, int]]]:
    """Return the clients, and who performs which service."""
    with closing(psycopg2.connect(database_url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id FROM users WHERE first_name = 'Guest' ORDER BY id")
        clients = [client for (client,) in cursor.fetchall()]
        cursor.execute(
            "SELECT staff_id, service_id FROM assignments JOIN services ON services.id = service_id"
            " WHERE services.name LIKE 'Treatment%' ORDER BY staff_id"
        )
        return clients, cursor.fetchall()


def _token(server: Server) -> str | None:
    """Return an admin's access token; None where this program cannot sign anybody in, in the database as it is."""
    connection = _connect(server)
    body = json.dumps({"email": DEMO_LOGINS["admin"], "password": PASSWORD})
    connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
    token: str | None = json.loads(connection.getresponse().read()).get("access_token")
    return token


def _connect(server: Server) -> HTTPConnection:
    return HTTPConnection(HOST, server.port, timeout=60)


def _ask(connection: HTTPConnection, request: Request, token: str) -> Answer:
    method, path, body = request
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": "application/json"} if body else {})
    began, status = time.perf_counter(), 0
    try:
        connection.request(method, path, json.dumps(body) if body else None, headers)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, HTTPException):
        connection.close()  # the next request opens it again
    return Answer(f"{method} {path.partition('?')[0]}", status, time.perf_counter() - began)
