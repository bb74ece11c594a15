"""Safaricom's Daraja as a local server: strict about what it is asked, and with books of its own.

It speaks the documented messages (https://developer.safaricom.co.ke/apis: Authorization, M-Pesa Express, M-Pesa Express
Query) and does what others observed of the real one where the documents are silent: a push under way is `4999` or an
error, an unknown one is the same error, a repeated push is a second push, and `ResultCode` is text or a number.
"""

import base64
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import ThreadingHTTPServer
from typing import Any, Final

from app.kit.clock import utcnow
from app.settings.payments import MpesaAccount
from tests.integrations.payments.daraja_http import Fault, Handler, Refused
from tests.integrations.payments.daraja_rules import NAIROBI, PUSH_FIELDS, QUERY_FIELDS, check_fields, check_push
from tests.processes import free_port

TOKEN_SECONDS: Final = 3599
PROMPT_SECONDS: Final = 60
PROCESSED: Final = "The service request is processed successfully."
WORDS: Final = {
    "0": PROCESSED,
    "1": "The balance is insufficient for the transaction",
    "1019": "Transaction has expired",
    "1032": "Request cancelled by user",
    "1037": "DS timeout user cannot be reached",
    "2001": "The initiator information is invalid",
    "4999": "The transaction is still under processing",
    "9999": "An error occurred while sending a push request",
}


@dataclass
class Push:
    """A prompt on somebody's phone, and what became of it: `result` is a code once it has ended."""

    checkout: str
    merchant: str
    amount: int
    phone: str
    reference: str
    callback_url: str
    at: datetime
    result: str | None = None
    receipt: str | None = None


@dataclass
class Daraja:
    """The server's books and rules. `customer` answers each prompt at once where it returns a code; None leaves it."""

    key: str = "consumer-key"
    secret: str = "consumer-secret"
    shortcode: str = "174379"
    passkey: str = "passkey-of-the-shortcode"
    till: str | None = None
    customer: Callable[[Push], str | None] = lambda _push: None
    processing_is_an_error: bool = False
    codes_are_numbers: bool = False
    locks_subscribers: bool = True
    is_down: bool = False
    port: int = 0
    pushes: dict[str, Push] = field(default_factory=dict)
    tokens: dict[str, datetime] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    outbox: list[Push] = field(default_factory=list)
    """Whose results no callback has told yet, in the order in which they ended."""
    faults: dict[str, list[Fault]] = field(default_factory=lambda: {"token": [], "push": [], "query": []})
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def url(self) -> str:
        """Where it is: MPESA_API_BASE."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def account(self) -> MpesaAccount:
        """The account of an application that uses it."""
        return MpesaAccount(self.key, self.secret, self.shortcode, self.passkey, self.url, self.till)

    @property
    def environment(self) -> dict[str, str]:
        """The same as settings."""
        till = {} if self.till is None else {"MPESA_TILL": self.till}
        return till | {
            "MPESA_API_BASE": self.url,
            "MPESA_CONSUMER_KEY": self.key,
            "MPESA_CONSUMER_SECRET": self.secret,
            "MPESA_SHORTCODE": self.shortcode,
            "MPESA_PASSKEY": self.passkey,
        }

    @property
    def books(self) -> dict[str, int]:
        """Shillings received, by account reference: what the shortcode's statement would say."""
        received: dict[str, int] = {}
        for push in self.pushes.values():
            if push.receipt is not None:
                received[push.reference] = received.get(push.reference, 0) + push.amount
        return received

    def calls(self, operation: str) -> list[dict[str, Any]]:
        """Return what was asked of one operation, in order."""
        return [fields for name, fields in self.asked if name == operation]

    def pushed(self, reference: str) -> Push:
        """Return the latest push for an account reference."""
        return [push for push in self.pushes.values() if push.reference == reference][-1]

    def end(self, push: Push, code: str = "0") -> None:
        """Let a prompt end: paid (`0`), or as the code says. What has ended stays as it is."""
        with self._lock:
            if push.result is not None:
                return
            push.result = code
            push.receipt = f"SKE{next(self._numbers):07d}" if code == "0" else None
            self.outbox.append(push)

    def revoke_tokens(self) -> None:
        """Forget every token, as Daraja does when another is made for the same application elsewhere."""
        self.tokens.clear()

    def token(self, authorization: str | None) -> dict[str, Any]:
        """Answer the Authorization API. Wrong credentials get a 400 without a body."""
        expected = base64.b64encode(f"{self.key}:{self.secret}".encode()).decode()
        if authorization != f"Basic {expected}":
            raise Refused(400)
        with self._lock:
            token = f"token-{next(self._numbers)}"
            self.tokens[token] = utcnow() + timedelta(seconds=TOKEN_SECONDS)
        return {"access_token": token, "expires_in": str(TOKEN_SECONDS)}

    def authenticate(self, authorization: str | None) -> None:
        """Refuse whoever shows no token that is still good."""
        expires = self.tokens.get((authorization or "").removeprefix("Bearer "))
        if expires is None or utcnow() >= expires:
            raise Refused(404, "404.001.03", "Invalid Access Token")

    def push(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer M-Pesa Express: a prompt on the phone."""
        check_fields(given, PUSH_FIELDS, self.account)
        check_push(given, self.account)
        with self._lock:
            self._check_subscriber(given["PhoneNumber"])
            push = self._new_push(given)
        code = self.customer(push)
        if code is not None:
            self.end(push, code)
        accepted = "Success. Request accepted for processing"
        ids = {"MerchantRequestID": push.merchant, "CheckoutRequestID": push.checkout}
        return ids | {"ResponseCode": "0", "ResponseDescription": accepted, "CustomerMessage": accepted}

    def query(self, given: dict[str, Any]) -> dict[str, Any]:
        """Answer M-Pesa Express Query: what became of a prompt. No amount, no receipt: the real one has none either."""
        check_fields(given, QUERY_FIELDS, self.account)
        push = self.pushes.get(given["CheckoutRequestID"])
        if push is None:
            raise Refused(500, "500.001.1001", "The transaction does not exist")
        if push.result is None and utcnow() - push.at > timedelta(seconds=PROMPT_SECONDS):
            self.end(push, "1037")
        if push.result is None and self.processing_is_an_error:
            raise Refused(500, "500.001.1001", "The transaction is being processed")
        code = push.result or "4999"
        return {
            "ResponseCode": "0",
            "ResponseDescription": "The service request has been accepted successfully",
            "MerchantRequestID": push.merchant,
            "CheckoutRequestID": push.checkout,
            "ResultCode": self._code(code),
            "ResultDesc": WORDS.get(code, "Something else"),
        }

    def callback(self, push: Push) -> dict[str, Any]:
        """Return what the callback about an ended push says. Only those of success have metadata."""
        code = push.result or "4999"
        said: dict[str, Any] = {
            "MerchantRequestID": push.merchant,
            "CheckoutRequestID": push.checkout,
            "ResultCode": int(code) if code.isdecimal() else code,
            "ResultDesc": WORDS.get(code, "Something else"),
        }
        if push.receipt is not None:
            ended = int(push.at.astimezone(NAIROBI).strftime("%Y%m%d%H%M%S"))
            items = [
                {"Name": "Amount", "Value": float(push.amount)},
                {"Name": "MpesaReceiptNumber", "Value": push.receipt},
                {"Name": "Balance"},
                {"Name": "TransactionDate", "Value": ended},
                {"Name": "PhoneNumber", "Value": int(push.phone)},
            ]
            said["CallbackMetadata"] = {"Item": items}
        return {"Body": {"stkCallback": said}}

    def _code(self, code: str) -> str | int:
        return int(code) if self.codes_are_numbers and code.isdecimal() else code

    def _check_subscriber(self, phone: str) -> None:
        """Refuse a second prompt beside one that is still on the phone."""
        fresh = utcnow() - timedelta(seconds=PROMPT_SECONDS)
        if self.locks_subscribers and any(
            push.phone == phone and push.result is None and push.at > fresh for push in self.pushes.values()
        ):
            words = "Unable to lock subscriber, a transaction is already in process for the current subscriber"
            raise Refused(500, "500.001.1001", words)

    def _new_push(self, given: dict[str, Any]) -> Push:
        number, now = next(self._numbers), utcnow()
        checkout = f"ws_CO_{now.astimezone(NAIROBI):%d%m%Y%H%M%S}{number:06d}"
        push = Push(
            checkout,
            f"29115-{number}-1",
            int(given["Amount"]),
            str(given["PhoneNumber"]),
            given["AccountReference"],
            given["CallBackURL"],
            now,
        )
        self.pushes[checkout] = push
        return push


@contextmanager
def serving(daraja: Daraja) -> Iterator[Daraja]:
    """Serve until the block ends."""
    daraja.port = daraja.port or free_port()
    handler = type("DarajaHandler", (Handler,), {"daraja": daraja})
    server = ThreadingHTTPServer(("127.0.0.1", daraja.port), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield daraja
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
