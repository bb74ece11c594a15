"""Raises embedded workers, and ends them: a process that has loaded everything, and does what it reads line by line.

`bear` forks a worker, `kill` ends the oldest one. A worker of `flask worker` takes longer to start than one lives here.
The children are what that would be: they begin without a connection, and run the same `work`.

Nobody else ends them. The system gives the id of a process away again once its parent has asked how it ended: by an id
that was written down, somebody else's process would be killed. Only the parent knows, until it asks, whose it still is.
"""

import os
import signal
import sys

from app.jobs import worker
from run import app
from tests.tortures import happenings


def main() -> None:
    """Do what is asked, and say so; at the end of the input, end the workers that are alive."""
    happenings.connect()
    alive: list[int] = []
    print("ready", flush=True)
    for line in sys.stdin:
        if line == "bear\n":
            alive.append(_bear())
        else:
            _end(alive.pop(0))
        print("done", flush=True)
    while alive:
        _end(alive.pop())


def _bear() -> int:
    child = os.fork()
    if child == 0:
        os.dup2(2, 1)  # what it logs is not for the one who reads our answers
        with app.app_context():
            worker.work(worker.stop_on_signals(), app.extensions["settings"].jobs.threads)
        os._exit(0)
    return child


def _end(child: int) -> None:
    """Kill a child of ours whose end we have not asked for yet: until then its id is nobody else's."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main()
