"""A server that takes pictures as Cloudinary's upload API documents it, of several tempers."""

import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

from werkzeug.formparser import parse_form_data

from app.settings.images import Cloudinary

NAME, KEY, SECRET = "demo", "123456789012345", "a-secret_of-ours"
NOT_SIGNED = {"file", "cloud_name", "resource_type", "api_key", "signature"}
"""https://cloudinary.com/documentation/authentication_signatures: all others are, sorted, with & between them."""


@dataclass
class Account:
    """What the server knows, and how it behaves: `mood` is well, failing, hanging, or rambling."""

    prefix: str = ""
    mood: str = "well"
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def settings(self) -> Cloudinary:
        """The settings of an application that uses this account."""
        return Cloudinary(NAME, KEY, SECRET, self.prefix)

    @property
    def url(self) -> str:
        """The same in one address, as CLOUDINARY_URL."""
        return f"cloudinary://{KEY}:{SECRET}@{NAME}?upload_prefix={self.prefix}"


def signature(sent: dict[str, str]) -> str:
    """Return the signature of what was sent: the SHA-1 of its sorted pairs and the secret."""
    pairs = sorted(f"{name}={value}".replace("&", "%26") for name, value in sent.items() if name not in NOT_SIGNED)
    return hashlib.sha1(("&".join(pairs) + SECRET).encode()).hexdigest()  # noqa: S324  # Cloudinary's own


class Handler(BaseHTTPRequestHandler):
    """Uploads and deletions."""

    account: Account

    def do_POST(self) -> None:
        """Check who asks, and do it."""
        environ = {
            "wsgi.input": self.rfile,
            "CONTENT_LENGTH": self.headers["Content-Length"],
            "CONTENT_TYPE": self.headers["Content-Type"],
            "REQUEST_METHOD": "POST",
        }
        _, form, files = parse_form_data(environ, lambda *_arguments, **_named: BytesIO())
        sent = dict(form.items())
        file = files["file"].read() if "file" in files else b""
        self.account.calls.append((self.path, sent))
        if self.account.mood == "hanging":
            self.account.released.wait(30)
        elif self.account.mood == "failing":
            self._answer(500, {"error": {"message": "General Error"}})
        elif self.account.mood == "rambling":
            self._answer(200, "<html>not JSON</html>")
        elif sent.get("api_key") != KEY or not hmac.compare_digest(sent.get("signature", ""), signature(sent)):
            self._answer(401, {"error": {"message": "Invalid Signature"}})
        else:
            self._answer(200, self._done(sent, file))

    def _done(self, sent: dict[str, str], file: bytes) -> Any:
        public_id = sent["public_id"]
        if self.path == f"/v1_1/{NAME}/image/destroy":
            return {"result": "ok" if self.account.files.pop(public_id, None) is not None else "not found"}
        existing = public_id in self.account.files
        self.account.files.setdefault(public_id, file)
        return {"public_id": public_id, "existing": existing}

    def _answer(self, status: int, said: Any) -> None:
        body = (said if isinstance(said, str) else json.dumps(said)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@contextlib.contextmanager
def cloudinary_server(port: int) -> Iterator[Account]:
    """Run the server until the block ends."""
    account = Account(f"http://127.0.0.1:{port}")
    handler = type("AccountHandler", (Handler,), {"account": account})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield account
    finally:
        account.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
