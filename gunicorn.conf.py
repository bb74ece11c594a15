"""gunicorn: threads, because a request mostly waits for the database; settings as everywhere else.

A caller that sends its request in drips holds a thread: in front of this belongs a proxy that buffers requests, see
docs/deployment.md.
"""

import socket
import struct
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from config import SILENT_SECONDS, WEB_THREADS, settings_or_exit

_settings = settings_or_exit()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_concurrency
worker_class = "gthread"
threads = WEB_THREADS
worker_connections = 2 * threads  # more idle keep-alive connections would take the threads' turns
keepalive = 5
timeout = 30
graceful_timeout = 30
limit_request_line = 8190  # beyond it gunicorn answers by itself, in HTML
forwarded_allow_ips = ""  # whose X-Forwarded-… is believed, the application decides by TRUSTED_PROXIES
accesslog = None  # the application writes one line per request
errorlog = "-"
preload_app = False
control_socket_disable = True  # it would stand in HOME, and be shared by every instance there

_PATIENCE = struct.pack("ll", SILENT_SECONDS, 0)  # a C timeval


def on_starting(server: Any) -> None:
    """Say once, whatever the number of processes, what is probably not meant."""
    for warning in _settings.warnings:
        server.log.warning(warning)


def post_worker_init(worker: Any) -> None:
    """Bound the silence of callers, for which gunicorn has no setting: every connection inherits it of its listener."""
    for listener in worker.sockets:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _PATIENCE)
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _PATIENCE)


def post_request(_worker: Any, request: Any, _environ: Any, response: Any) -> None:
    """Give up what a caller that fell silent has not sent: gunicorn would wait for it once more."""
    if response.status_code == HTTPStatus.REQUEST_TIMEOUT:
        with suppress(OSError):
            request.unreader.sock.shutdown(socket.SHUT_RD)
