"""gunicorn: threads, because a request mostly waits for the database; settings as everywhere else.

A caller that sends its request in drips holds a thread: in front of this belongs a proxy that buffers requests, see
docs/operations.md.
"""

import gc
import json
import os
import secrets
import shutil
import socket
import struct
import sys
import tempfile
from http import HTTPStatus
from itertools import count
from multiprocessing import get_context
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # no types in what it ships
from structlog.contextvars import bind_contextvars, clear_contextvars

# A reload reads this file again, after an update too: then nothing of the older version may stay in this process.
for _name in [name for name in sys.modules if name.partition(".")[0] in {"app", "config"}]:
    del sys.modules[_name]

from app.web import logs  # noqa: E402  # after that
from app.web.serving.worker import Worker as Serving  # noqa: E402  # the same
from config import SILENT_SECONDS, WEB_THREADS, settings_or_exit  # noqa: E402  # the same

_settings = settings_or_exit()
logs.configure(_settings.log_level, as_json=_settings.in_production)


class Lines(Logger):  # type: ignore[misc]  # without types, as above
    """gunicorn's lines, in the log of the house; what callers write, it quotes, and that stays out."""

    def setup(self, cfg: Any) -> None:
        """Write nothing itself."""
        self.error_log.setLevel(cfg.loglevel.upper())
        self.error_log.propagate = True

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Of a request that is none, say what is wrong with it, in place of its words and whose it is."""
        if msg.startswith("Invalid request from "):
            super().warning("Invalid request: %s", type(sys.exception()).__name__)
        else:
            super().warning(msg, *args, **kwargs)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        """Of a request that failed past the application, leave out the address: it may have a token in it."""
        if msg.startswith("Error handling request "):
            super().exception("Error handling request")
        else:
            super().exception(msg, *args, **kwargs)


class Worker(Serving):
    """A process that refuses in our words what gunicorn refuses by itself, such as an endless request line."""

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Any) -> None:
        """Answer a request that is none, or that failed past the application, and log it by the answer's id."""
        request_id = secrets.token_hex(16)
        clear_contextvars()  # this thread's last request was another
        bind_contextvars(request_id=request_id)
        super().handle_error(req, _Rephrasing(client, request_id), addr, exc)


class _Rephrasing:
    """A connection on which gunicorn's page about an error becomes a problem (RFC 9457)."""

    def __init__(self, client: Any, request_id: str) -> None:
        self._client = client
        self._request_id = request_id

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, page: bytes) -> None:
        """Send the problem of the page's status."""
        self._client.sendall(_problem(int(page.split(b" ", 2)[1]), self._request_id))


def _problem(status: int, request_id: str) -> bytes:
    # The application is imported by the workers alone: this process needs little of it, and starts at once.
    from app.web.headers import ONE_YEAR, TRANSPORT, USUAL  # noqa: PLC0415
    from app.web.problems import MEDIA_TYPE, Problem  # noqa: PLC0415

    body = json.dumps(Problem.named(status).body("", request_id)).encode()
    headers = USUAL | {
        "Connection": "close",
        "Content-Type": f"{MEDIA_TYPE}; charset=utf-8",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Request-ID": request_id,
    }
    if _settings.in_production:
        headers[TRANSPORT] = ONE_YEAR
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_concurrency
worker_class = Worker
logger_class = Lines
loglevel = _settings.log_level
threads = WEB_THREADS
worker_connections = 500  # idle ones that are kept alive take no thread, and nobody is kept waiting behind them
keepalive = 5
timeout = 30
graceful_timeout = 30
max_requests = 50_000  # what a library may lose of memory, a new process has back
max_requests_jitter = 10_000  # not all of them at once
limit_request_line = 8190
http_parser = "python"  # one written in C, which is taken where it happens to be installed, refuses by rules of its own
forwarded_allow_ips = ""  # whose X-Forwarded-… is believed, the application decides by TRUSTED_PROXIES
accesslog = None  # the application writes one line per request
preload_app = False
control_socket_disable = True  # it would stand in HOME, and be shared by every instance there

_PATIENCE = struct.pack("ll", SILENT_SECONDS, 0)  # a C timeval


def _require_migrated() -> None:
    from app import create_app  # noqa: PLC0415  # in a process of its own, below
    from app.database import bound_silence, require_migrated  # noqa: PLC0415  # the same

    bound_silence()
    with create_app(_settings).app_context():
        require_migrated(may_be_away=True)


def on_starting(server: Any) -> None:
    """End where the database lacks a migration, before anybody is served.

    Say once, whatever the number of processes, what is probably not meant; give their figures an empty folder.
    """
    # This process loads no application: a reload would leave parts of the older one in it.
    asking = get_context("fork").Process(target=_require_migrated)
    asking.start()
    asking.join()
    if asking.exitcode:
        sys.exit(asking.exitcode)
    for warning in _settings.warnings:
        server.log.warning(warning)
    server.figures = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="parlour-figures-")


def pre_fork(server: Any, worker: Any) -> None:
    """Give a worker the first free place: the files of its figures are those of the one that had it before."""
    taken = {other.place for other in server.WORKERS.values()}
    worker.place = next(place for place in count() if place not in taken)


def post_fork(_server: Any, worker: Any) -> None:
    """Tell the worker its place."""
    os.environ["PARLOUR_WORKER_PLACE"] = str(worker.place)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget what a worker that is gone has in use."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415  # loaded where it is used

    mark_process_dead(worker.place)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the folder."""
    shutil.rmtree(server.figures, ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    """Bound the silence of PostgreSQL, and of callers: gunicorn has no setting for it, but connections inherit one.

    What is loaded by now stays for good: the garbage collector need not walk it again while it serves.
    """
    from app.database import bound_silence  # noqa: PLC0415  # the application is imported by the workers alone

    bound_silence()
    gc.collect()
    gc.freeze()
    for listener in worker.sockets:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)
