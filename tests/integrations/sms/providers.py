"""Local servers that stand for Twilio and Africa's Talking: they keep what they are asked, and answer as told."""

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl

from tests.processes import free_port


@dataclass
class Provider:
    """What a server was asked, and how it answers: a status and a body, after so many seconds."""

    status: int = 201
    body: bytes = b"{}"
    seconds: float = 0
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def says(self, body: Any, status: int = 201) -> None:
        """Answer with JSON from now on."""
        self.status, self.body = status, json.dumps(body).encode()


@contextlib.contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """Serve until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = dict(parse_qsl(form, strict_parsing=True, keep_blank_values=True))
            sent = {name.lower(): value for name, value in self.headers.items()}
            provider.asked.append({"path": self.path, "fields": fields, "headers": sent})
            time.sleep(provider.seconds)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(provider.status)
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(provider.body)))
                self.end_headers()
                self.wfile.write(provider.body)

        def log_message(self, *_args: Any) -> None:
            """Keep quiet."""

    provider.port = free_port()
    server = ThreadingHTTPServer(("127.0.0.1", provider.port), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
