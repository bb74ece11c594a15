"""gunicorn's answers in as few pieces as can be: each piece wakes the caller, and lets other threads go first."""

from functools import lru_cache
from time import time
from typing import Any

from gunicorn.http.wsgi import Response  # type: ignore[import-untyped]  # no types in what it ships
from gunicorn.util import http_date  # type: ignore[import-untyped]  # the same

from app.web.headers import CONSTANT

SMALL = 65_536
"""Bytes of a body that are worth a copy, so that they go out together with the head."""


class Answer(Response):  # type: ignore[misc]  # without types, as above
    """gunicorn's answer, whose head goes out together with the first part of the body."""

    headers_sent: bool

    def process_headers(self, headers: list[tuple[str, str]]) -> None:
        """Take the headers; those that are always the same need no look at each of their letters."""
        for header in headers:
            if header in CONSTANT:
                self.headers.append(header)
            else:
                super().process_headers((header,))

    def default_headers(self) -> list[str]:
        """Return the first lines of the head."""
        connection = "upgrade" if self.upgrade else "close" if self.should_close() else "keep-alive"
        major, minor = self.req.version
        lines = [
            f"HTTP/{major}.{minor} {self.status}\r\n",
            f"Server: {self.version}\r\n",
            f"Date: {_date(int(time()))}\r\n",
            f"Connection: {connection}\r\n",
        ]
        return [*lines, "Transfer-Encoding: chunked\r\n"] if self.chunked else lines

    def write(self, part: bytes) -> None:
        """Send a part of the body; with the first of them, the head."""
        if self.headers_sent or self.chunked or len(part) > SMALL:
            super().write(part)
            return
        if self.response_length is not None:
            part = part[: self.response_length]  # nobody is sent more than was promised
        whole = self._head() + part
        self.headers_sent, self.sent = True, len(part)
        self.sock.sendall(whole)

    def send_headers(self) -> None:
        """Send the head alone."""
        if not self.headers_sent:
            whole = self._head()
            self.headers_sent = True
            self.sock.sendall(whole)

    def _head(self) -> bytes:
        said = [f"{name}: {value}\r\n" for name, value in self.headers]
        return "".join([*self.default_headers(), *said, "\r\n"]).encode("latin-1")


@lru_cache(maxsize=2)
def _date(second: int) -> Any:
    return http_date(second)
