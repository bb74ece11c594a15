"""A server that is killed with `kill -9`, and started again at the same address."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from tests.processes import free_port
from tests.servers import Server, serving


@dataclass
class Mortal:
    """The server, and how often it was killed. Only the thread that made it may kill it: it dies with its maker."""

    database_url: str
    settings: dict[str, str]
    port: int = field(default_factory=free_port)
    kills: int = 0
    is_up: threading.Event = field(default_factory=threading.Event)
    _life: ExitStack = field(default_factory=ExitStack)
    _server: Server | None = None

    def start(self) -> None:
        """Serve."""
        server = serving(self.database_url, workers=1, threads=8, PORT=str(self.port), **self.settings)
        self._server = self._life.enter_context(server)
        self.is_up.set()

    def kill(self) -> None:
        """Kill all of its processes, in the middle of whatever they do, and start it again."""
        assert self._server is not None
        self.is_up.clear()
        os.killpg(self._server.process.pid, signal.SIGKILL)
        self._life.close()
        self.kills += 1
        self.start()


@contextmanager
def mortal(database_url: str, **settings: str) -> Iterator[Mortal]:
    """Serve until the block ends; `settings` are further variables."""
    server = Mortal(database_url, settings)
    with server._life:
        server.start()
        yield server
