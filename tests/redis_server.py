"""A Redis server of our own, where the machine has the program."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.processes import free_port, outlived_by_us

HOST = "127.0.0.1"
START_SECONDS = 10


@dataclass
class Redis:
    """A server that forgets everything when it stops; it may be started again, empty, at the same address."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, or will be."""
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = ["--bind", HOST, "--port", str(self.port), "--save", "", "--appendonly", "no"]
        command = [*outlived_by_us("TERM"), "redis-server", *options]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        give_up = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < give_up, "redis-server did not come up"
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop it; callers are refused from now on."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, self.port)) == 0


@contextmanager
def running_redis() -> Iterator[Redis]:
    """Run a server for the block; the test is skipped on machines without the program."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed here")
    redis = Redis()
    redis.start()
    try:
        yield redis
    finally:
        redis.stop()
