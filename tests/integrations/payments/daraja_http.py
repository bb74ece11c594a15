"""How the local Daraja is spoken to: HTTP, JSON, its errors, and faults on purpose."""

import contextlib
import json
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any, Final

TOKEN_PATH: Final = "/oauth/v1/generate?grant_type=client_credentials"
OPERATIONS: Final = {"/mpesa/stkpush/v1/processrequest": "push", "/mpesa/stkpushquery/v1/query": "query"}


class Refused(Exception):
    """Daraja's own error: a status, and a code with words where it has any."""

    def __init__(self, status: int, code: str = "", message: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    @property
    def body(self) -> bytes:
        """What it says."""
        said = {"requestId": "1c5b-4ba8-815c-1", "errorCode": self.code, "errorMessage": self.message}
        return json.dumps(said).encode() if self.code else b""


@dataclass
class Fault:
    """What goes wrong with one request: before it is carried out, or after, when the answer is lost.

    Without a status the connection ends without an answer. It happens after so many seconds.
    """

    status: int | None = None
    body: bytes = b""
    seconds: float = 0
    after: bool = False
    location: str | None = None


class Handler(BaseHTTPRequestHandler):
    """One request to the server that `daraja` names."""

    daraja: Any

    def do_GET(self) -> None:
        """Answer the one GET there is."""
        if self.path == TOKEN_PATH:
            self._carry_out("token", {})
        elif self.path in OPERATIONS:
            self._refuse(Refused(405, "405.001", "GET Method Not Allowed"))
        else:
            self._refuse(Refused(404, "404.001.01", "Resource not found"))

    def do_POST(self) -> None:
        """Answer all else."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        operation = OPERATIONS.get(self.path)
        if operation is None:
            self._refuse(Refused(404, "404.001.01", "Resource not found"))
            return
        try:
            given = self._fields(body)
        except Refused as refused:
            self._refuse(refused)
        else:
            self._carry_out(operation, given)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def _fields(self, body: bytes) -> dict[str, Any]:
        """Return the JSON object that was sent, as JSON."""
        if self.headers["Content-Type"] != "application/json":
            raise Refused(400, "400.002.02", "Bad Request - Invalid BusinessShortCode")
        try:
            given = json.loads(body)
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise Refused(400, "400.002.05", "Invalid Request Payload")
        return given

    def _carry_out(self, operation: str, given: dict[str, Any]) -> None:
        self.daraja.asked.append((operation, given))
        if self.daraja.is_down:
            self._answer(503, b"")
            return
        faults = self.daraja.faults[operation]
        fault = faults.pop(0) if faults else None
        if fault is not None and not fault.after:
            self._go_wrong(fault)
            return
        try:
            said = self._said(operation, given)
        except Refused as refused:
            self._refuse(refused)
            return
        if fault is None:
            self._answer(200, json.dumps(said).encode())
        else:
            self._go_wrong(fault)

    def _said(self, operation: str, given: dict[str, Any]) -> Any:
        authorization = self.headers["Authorization"]
        if operation == "token":
            return self.daraja.token(authorization)
        self.daraja.authenticate(authorization)
        return getattr(self.daraja, operation)(given)

    def _go_wrong(self, fault: Fault) -> None:
        time.sleep(fault.seconds)
        if fault.status is None:
            self.close_connection = True
        else:
            self._answer(fault.status, fault.body, fault.location)

    def _refuse(self, refused: Refused) -> None:
        self._answer(refused.status, refused.body)

    def _answer(self, status: int, body: bytes, location: str | None = None) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            if location is not None:
                self.send_header("Location", location)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
