"""Workers that live to be killed: embedded ones, and Celery's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from tests.processes import children_of, holding, outlived_by_us, send
from tests.redis_server import Redis

PROJECT = Path(__file__).parent.parent.parent

GROWN_SECONDS = 8
"""How old a Celery worker is that is tortured: one that is not up yet would never be."""

WHOLE_EVERY, RESTART_EVERY = 20, 30
"""Kills after which a whole Celery worker is killed, or Redis started anew, which takes the place of none."""


class Workers(Protocol):
    """Some workers at work, of which so many were killed."""

    kills: int

    def kill_one(self) -> None:
        """Kill one with `kill -9`, and have another one take its place."""


@dataclass
class Embedded:
    """Workers out of the nursery, which alone ends them."""

    nursery: subprocess.Popen[str]
    kills: int = 0

    def bear(self) -> None:
        """Have one more."""
        self._ask("bear")

    def kill_one(self) -> None:
        """Kill the oldest."""
        self._ask("kill")
        self.kills += 1
        self.bear()

    def _ask(self, what: str) -> None:
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{what}\n")
        self.nursery.stdin.flush()
        assert self.nursery.stdout.readline() == "done\n", "the nursery has died"


@contextmanager
def embedded(environment: Mapping[str, str], log: IO[str], number: int = 2) -> Iterator[Embedded]:
    """Run embedded workers until the block ends."""
    command = [sys.executable, "-m", "tests.tortures.nursery"]  # which ends, with its children, when its input does
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": log}
    nursery = subprocess.Popen(command, cwd=PROJECT, env=environment, text=True, **pipes)  # type: ignore[call-overload]
    try:
        assert nursery.stdout.readline() == "ready\n"
        workers = Embedded(nursery)
        for _ in range(number):
            workers.bear()
        yield workers
    finally:
        nursery.stdin.close()
        nursery.wait(30)
        nursery.stdout.close()


@dataclass
class OnCelery:
    """Celery workers with Beat, each with children; the Redis between them and us; and a supervisor."""

    environment: Mapping[str, str]
    log: IO[str]
    redis: Redis
    alive: list[tuple[float, subprocess.Popen[bytes]]] = field(default_factory=list)
    kills: int = 0

    def start(self) -> None:
        """Have one more."""
        run = ["-A", "tests.tortures.celery_worker", "worker", "-B", "-c", "3", "--loglevel", "WARNING"]
        command = [*outlived_by_us("KILL"), sys.executable, "-m", "celery", *run]
        streams = {"stdout": self.log, "stderr": self.log, "start_new_session": True}
        worker = subprocess.Popen(command, cwd=PROJECT, env=self.environment, **streams)  # type: ignore[call-overload]
        self.alive.append((time.monotonic(), worker))

    def kill_one(self) -> None:
        """Kill a child of one of them, be it Beat, now and then a whole worker; and now and then Redis starts anew."""
        self._start_again()
        grown = [one for one in self.alive if time.monotonic() - one[0] > GROWN_SECONDS]
        if not grown:
            return
        self.kills += 1
        if self.kills % RESTART_EVERY == 0:
            self.redis.stop()
            self.redis.start()
        if self.kills % WHOLE_EVERY == 0:
            _end(grown[0][1])
        else:
            _kill_oldest_child(grown[self.kills % len(grown)][1].pid)

    def end(self) -> None:
        """Kill them all."""
        for _, worker in self.alive:
            _end(worker)

    def _start_again(self) -> None:
        """Do what a supervisor does."""
        ended = [one for one in self.alive if one[1].poll() is not None]
        for one in ended:
            self.alive.remove(one)
            self.start()


def _end(worker: subprocess.Popen[bytes]) -> None:
    """Kill a worker and its children: while nobody has asked how it ended, the id of the group is nobody else's."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()


@contextmanager
def on_celery(environment: Mapping[str, str], log: IO[str], redis: Redis, number: int = 2) -> Iterator[OnCelery]:
    """Run Celery workers until the block ends."""
    workers = OnCelery(environment, log, redis)
    try:
        for _ in range(number):
            workers.start()
        yield workers
    finally:
        workers.end()


def _kill_oldest_child(parent: int) -> None:
    """Kill the oldest child of a process, if it has any; one that dies at birth would take its parent along."""
    with holding(parent, *children_of(parent)) as children:
        send(children[:1], signal.SIGKILL)
