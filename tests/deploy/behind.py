"""Servers for behind nginx, which only say what has come to them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from tests.hosts.nginx import HOST

seen: list[str] = []
"""The methods that have come to any of them."""

unready: set[int] = set()
"""The ports at which `/readyz` answers 503."""


class Behind(BaseHTTPRequestHandler):
    """Answers with the headers that have come; hangs up on `/gone` once it has read all of it, as if killed."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        seen.append(self.command)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/readyz" and self.connection.getsockname()[1] in unready:
            self.send_error(503)
            return
        if self.path == "/gone":
            self.close_connection = True
            return
        self._answer(json.dumps({name.lower(): value for name, value in self.headers.items()}).encode())

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_about: Any) -> None:
        """Say nothing."""


@contextmanager
def listening() -> Iterator[int]:
    """Run such a server; yield its port."""
    with ThreadingHTTPServer((HOST, 0), Behind) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()
