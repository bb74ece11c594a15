"""How the local Stripe is spoken to: HTTP/1.1, forms in and JSON out, idempotency keys, and faults on purpose."""

import contextlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from tests.integrations.payments.stripe_checks import Refused, Thing, unreadable

API_VERSION: Final = "2026-10-28.endive"
SECRET_KEY: Final = "sk_test_51ParlourTestsOnly0123456789"

ROUTES: Final = {
    ("POST", r"/v1/payment_intents"): "create_payment_intent",
    ("POST", r"/v1/payment_intents/(\w+)/confirm"): "confirm_payment_intent",
    ("POST", r"/v1/payment_intents/(\w+)/cancel"): "cancel_payment_intent",
    ("GET", r"/v1/payment_intents/(\w+)"): "retrieve_payment_intent",
    ("GET", r"/v1/payment_intents"): "list_payment_intents",
    ("POST", r"/v1/refunds"): "create_refund",
    ("GET", r"/v1/refunds/(\w+)"): "retrieve_refund",
    ("GET", r"/v1/refunds"): "list_refunds",
    ("GET", r"/v1/disputes"): "list_disputes",
    ("POST", r"/v1/customers"): "create_customer",
    ("POST", r"/v1/setup_intents"): "create_setup_intent",
    ("GET", r"/v1/payment_methods"): "list_payment_methods",
    ("GET", r"/v1/payment_methods/(\w+)"): "retrieve_payment_method",
    ("POST", r"/v1/payment_methods/(\w+)/detach"): "detach_payment_method",
}
PARAMETERS: Final = {
    "create_payment_intent": {"amount", "currency", "customer", "metadata", "payment_method", "payment_method_types"},
    "confirm_payment_intent": {"payment_method", "return_url"},
    "retrieve_payment_intent": {"expand"},
    "list_payment_intents": {"created", "limit", "starting_after"},
    "create_refund": {"payment_intent", "amount", "metadata"},
    "list_refunds": {"payment_intent", "created", "limit", "starting_after"},
    "list_disputes": {"created", "limit", "starting_after"},
    "create_customer": {"metadata"},
    "create_setup_intent": {"customer", "usage", "payment_method_types"},
    "list_payment_methods": {"customer", "type", "limit", "starting_after"},
}
NEED_A_KEY: Final = frozenset(name for name in PARAMETERS if name.startswith(("create_", "confirm_")))
OUR_KEY: Final = re.compile(r"(?!([0-9a-f]+-){4})[!-~]{1,255}")
"""Any but those that the SDK makes up where it is given none."""


@dataclass
class Fault:
    """What goes wrong with one request: before it is carried out, or after, when the answer is lost.

    Without a status the connection ends without an answer. It happens after so many seconds. `of` names the operation.
    """

    of: str = ""
    status: int | None = None
    body: bytes = b""
    seconds: float = 0
    after: bool = False
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Kept:
    """What was asked under an idempotency key, and answered; no answer while it is being carried out."""

    asked: tuple[str, str]
    answer: tuple[int, bytes] | None = None


class Handler(BaseHTTPRequestHandler):
    """One connection, which may ask many things."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    fake: Any

    def do_GET(self) -> None:
        """Answer what changes nothing."""
        address = urlsplit(self.path)
        self._handle("GET", address.path, address.query)

    def do_POST(self) -> None:
        """Answer what does."""
        body = self.rfile.read(int(self.headers["Content-Length"] or 0)).decode()
        self._handle("POST", self.path, body)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def _handle(self, method: str, path: str, text: str) -> None:
        try:
            self._check_caller(method)
            operation, names = _operation(method, path)
            form = _form(text, PARAMETERS.get(operation, set()))
            if operation in NEED_A_KEY and not OUR_KEY.fullmatch(self.headers["Idempotency-Key"] or ""):
                raise unreadable("Idempotency-Key", "This test wants a key made of our reference.")
        except Refused as refused:
            self._answer(refused.status, _json({"error": refused.error}))
            return
        fault = self._fault_of(operation)
        if fault is not None and not fault.after:
            self._go_wrong(fault)
            return
        time.sleep(self.fake.seconds)
        status, body, headers = self._carried_out(method, operation, form, names, (path, text))
        if fault is not None:
            self._go_wrong(fault)
        else:
            self._answer(status, body, headers)

    def _check_caller(self, method: str) -> None:
        if self.headers["Authorization"] != f"Bearer {SECRET_KEY}":
            raise Refused(401, "Invalid API Key provided: sk_test_****")
        if self.headers["Stripe-Version"] != API_VERSION:
            raise unreadable("Stripe-Version", f"This test wants {API_VERSION}.")
        if method == "POST" and self.headers["Content-Type"] != "application/x-www-form-urlencoded":
            raise unreadable("Content-Type", "Send a form.")

    def _fault_of(self, operation: str) -> Fault | None:
        with self.fake.lock:
            fault = next((one for one in self.fake.faults if one.of in {"", operation}), None)
            if fault is not None:
                self.fake.faults.remove(fault)
            return fault

    def _carried_out(
        self, method: str, operation: str, form: Thing, names: tuple[str, ...], asked: tuple[str, str]
    ) -> tuple[int, bytes, dict[str, str]]:
        key = self.headers["Idempotency-Key"] if method == "POST" else None
        with self.fake.lock:
            kept = self.fake.keys.get(key) if key else None
            if kept is None and key:
                self.fake.keys[key] = Kept(asked)
        if kept is not None:
            return _repeated(kept, asked)
        self.fake.asked.append((operation, form, key))
        status, body, is_kept = self._executed(getattr(self.fake, operation), form, names)
        if key and is_kept:
            self.fake.keys[key].answer = (status, body)
        elif key:
            del self.fake.keys[key]
        return status, body, {}

    def _executed(self, operation: Callable[..., Any], form: Thing, names: tuple[str, ...]) -> tuple[int, bytes, bool]:
        with self.fake.lock:
            try:
                said = operation(form, *names)
            except Refused as refused:
                return refused.status, _json({"error": refused.error}), refused.is_kept
            if isinstance(said, list):
                said = _page(said, form, self.path.partition("?")[0])
            elif form.get("expand") == ["latest_charge"] and said["latest_charge"]:
                said = said | {"latest_charge": self.fake.charges[said["latest_charge"]]}
            return 200, _json(said), True

    def _go_wrong(self, fault: Fault) -> None:
        time.sleep(fault.seconds)
        if fault.status is None:
            self.close_connection = True
        else:
            self._answer(fault.status, fault.body, fault.headers)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Request-Id", "req_test")
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)


def _operation(method: str, path: str) -> tuple[str, tuple[str, ...]]:
    for (verb, pattern), operation in ROUTES.items():
        found = re.fullmatch(pattern, path)
        if verb == method and found:
            return operation, found.groups()
    raise Refused(404, f"Unrecognized request URL ({method}: {path}).")


def _form(text: str, known: set[str]) -> Thing:
    """Return a form with its brackets unfolded: `a[b]` to a mapping, `a[0]` to a list. Unknown names are refused."""
    form: Thing = {}
    for name, value in parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text)):
        outer, _, inner = name.partition("[")
        if outer not in known:
            raise unreadable(outer, f"Received unknown parameter: {outer}", code="parameter_unknown")
        if inner:
            form.setdefault(outer, {})[inner.removesuffix("]")] = value
        else:
            form[outer] = value
    return {name: _listed(value) for name, value in form.items()}


def _listed(value: Any) -> Any:
    is_list = isinstance(value, dict) and all(key.isdecimal() for key in value)
    return list(value.values()) if is_list else value


def _repeated(kept: Kept, asked: tuple[str, str]) -> tuple[int, bytes, dict[str, str]]:
    if kept.asked != asked:
        message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
        return 400, _json({"error": {"type": "idempotency_error", "message": message}}), {}
    if kept.answer is None:
        message = "There is currently another in-progress request using this key."
        error = {"type": "invalid_request_error", "code": "idempotency_key_in_use", "message": message}
        return 409, _json({"error": error}), {}
    return *kept.answer, {"Idempotent-Replayed": "true"}


def _page(found: list[Thing], form: Thing, url: str) -> Thing:
    names = [one["id"] for one in found]
    first = names.index(form["starting_after"]) + 1 if "starting_after" in form else 0
    last = first + int(form.get("limit", 10))
    return {"object": "list", "url": url, "has_more": last < len(found), "data": found[first:last]}


def _json(said: Thing) -> bytes:
    return json.dumps(said).encode()
