"""The faults, by name: each strikes a house once, and has it whole again when it returns."""

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import psycopg2

from tests.faults.house import House
from tests.faults.proxy import Moment, Proxy
from tests.hosts.machines import Program
from tests.postgres import frozen
from tests.processes import children_of, holding, send

Fault = Callable[[House], None]

STOPPED_SECONDS = 3.0
SLOW_SECONDS = 2.0
AWAY_SECONDS = (0.2, 3.0)
"""For how long PostgreSQL is away; at random between these."""

EVERY = 5
"""Of what is cut at a certain word, each so many-th."""

CONNECTION = "client backend"
"""What PostgreSQL calls a process that serves a connection."""

COMMIT, COMMITTED = b"Q\x00\x00\x00\x0bCOMMIT\x00", b"C\x00\x00\x00\x0bCOMMIT\x00"
"""How PostgreSQL's protocol asks for a commit, and says that it is done."""


def kill_postgresql(house: House) -> None:
    """Kill the postmaster; after a while start it again, which recovers from the log."""
    assert house.server is not None
    house.server.stop(signal.SIGKILL)
    time.sleep(random.uniform(*AWAY_SECONDS))  # noqa: S311  # no secret
    house.server.start()


def kill_forgetful_postgresql(house: House) -> None:
    """Kill PostgreSQL after its WAL writer was kept from writing for a while: the control's fault."""
    assert house.server is not None
    with _processes(house, "walwriter") as wal_writer:
        send(wal_writer, signal.SIGSTOP)
        time.sleep(STOPPED_SECONDS)
        house.server.tell(signal.SIGKILL)
        send(wal_writer, signal.SIGKILL)
    house.server.stop()
    house.server.start()


def kill_backend(house: House) -> None:
    """Kill one connection's process: PostgreSQL ends all others, and recovers by itself."""
    with _processes(house, CONNECTION) as backends:
        send(backends[:1], signal.SIGKILL)


def stop_backend(house: House) -> None:
    """Stop one connection's process, whatever locks it holds."""
    with _processes(house, CONNECTION) as backends:
        _stop_for(STOPPED_SECONDS, backends[:1])


def freeze_postgresql(house: House) -> None:
    """Stop all of PostgreSQL."""
    assert house.server is not None
    with frozen(house.server):
        time.sleep(STOPPED_SECONDS)


def kill_web_worker(house: House) -> None:
    """Kill one of gunicorn's workers, with all that its threads have under way."""
    with _web_workers(house.web) as workers:
        send([random.choice(workers)] if workers else [], signal.SIGKILL)  # noqa: S311  # no secret


def stop_web_worker(house: House) -> None:
    """Stop one of gunicorn's workers, with the transactions that it has begun."""
    with _web_workers(house.web) as workers:
        _stop_for(STOPPED_SECONDS, workers[:1])


def kill_web(house: House) -> None:
    """Kill gunicorn with all of its workers."""
    with _web_workers(house.web) as workers:
        _kill(house.web)
        send(workers, signal.SIGKILL)
    time.sleep(0.5)
    house.web.wait()


def kill_worker(house: House) -> None:
    """Kill the worker of the background."""
    _kill(house.worker)


def cut_database(house: House) -> None:
    """Cut all connections to PostgreSQL at once, in the middle of whatever they do."""
    assert house.to_server is not None
    house.to_server.cut_all()


def cut_before_commit(house: House) -> None:
    """Cut connections when they ask for their commit: PostgreSQL never hears of it."""
    _cut_at(house.to_server, Moment(COMMIT, by_caller=True, handed_on=False, every=EVERY))


def cut_on_commit(house: House) -> None:
    """Cut connections when their commit has been sent: it is done, or about to be, and nobody hears of it."""
    _cut_at(house.to_server, Moment(COMMIT, by_caller=True, handed_on=True, every=EVERY))


def cut_after_commit(house: House) -> None:
    """Cut connections when PostgreSQL says that their commit is done."""
    _cut_at(house.to_server, Moment(COMMITTED, by_caller=False, handed_on=False, every=EVERY))


def cut_callers(house: House) -> None:
    """Cut all connections of callers at once."""
    house.to_web.cut_all()


def cut_after_request(house: House) -> None:
    """Cut callers off whose request has been handed on."""
    _cut_at(house.to_web, Moment(b"POST ", by_caller=True, handed_on=True, every=EVERY))


def cut_before_answer(house: House) -> None:
    """Cut callers off in place of their answer."""
    _cut_at(house.to_web, Moment(b"HTTP/1.1 201", by_caller=False, handed_on=False, every=EVERY))


def slow_callers(house: House) -> None:
    """Have callers far away, each way, and every hundredth of what they say lost with its connection."""
    house.to_web.delay = (0.05, 0.5)
    _cut_at(house.to_web, Moment(b"", by_caller=True, handed_on=False, every=100))
    house.to_web.delay = (0.0, 0.0)


ANYWHERE: tuple[Fault, ...] = (
    *(kill_web_worker, cut_before_answer, kill_worker, stop_web_worker, cut_callers, kill_web, cut_after_request),
    slow_callers,
)
"""What may happen on either database."""

ON_POSTGRESQL: tuple[Fault, ...] = (
    *(kill_postgresql, cut_on_commit, kill_backend, cut_before_commit, stop_backend, cut_database, cut_after_commit),
    freeze_postgresql,
)


def _kill(program: Program) -> None:
    if program.process is not None:
        program.process.kill()


def _cut_at(proxy: Proxy | None, moment: Moment) -> None:
    assert proxy is not None
    proxy.moment = moment
    time.sleep(SLOW_SECONDS)
    proxy.moment = None


def _stop_for(seconds: float, held: list[int]) -> None:
    send(held, signal.SIGSTOP)
    try:
        time.sleep(seconds)
    finally:
        send(held, signal.SIGCONT)


@contextmanager
def _web_workers(web: Program) -> Iterator[list[int]]:
    assert web.process is not None
    with holding(web.process.pid, *children_of(web.process.pid)) as workers:
        yield workers


@contextmanager
def _processes(house: House, kind: str) -> Iterator[list[int]]:
    """Yield PostgreSQL's processes of a kind, those in the middle of a transaction first."""
    assert house.server is not None
    with closing(psycopg2.connect(house.server.url)) as connection, connection.cursor() as cursor:
        ours = "SELECT pid FROM pg_stat_activity WHERE backend_type = %s AND pid <> pg_backend_pid()"
        cursor.execute(f"{ours} ORDER BY xact_start", [kind])
        pids = [pid for (pid,) in cursor.fetchall()]
    with holding(house.server.pid, *pids) as held:
        yield held
