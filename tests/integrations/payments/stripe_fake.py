"""Stripe as a local server: it speaks Stripe's HTTP, is stricter than Stripe, and has books of its own.

`stripe_http` takes forms, no parameter that it does not know and no key but ours, and keeps the answers by key;
`stripe_rules` says what may be asked, `stripe_people` does what happens elsewhere, `stripe_mail` sends the messages.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import Final

from app.settings.payments import StripeAccount
from tests.integrations.payments.stripe_checks import Thing
from tests.integrations.payments.stripe_http import SECRET_KEY, Fault, Handler, Kept
from tests.integrations.payments.stripe_people import People
from tests.processes import free_port

HOOK_SECRET: Final = "whsec_parlour_tests_only"


@dataclass
class StripeFake(People):
    """The server's state. `asked` is every request that was carried out: its operation, form and key."""

    port: int = 0
    seconds: float = 0
    hook_secrets: tuple[str, ...] = (HOOK_SECRET,)
    asked: list[tuple[str, Thing, str | None]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    keys: dict[str, Kept] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it is: STRIPE_API_BASE."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def account(self) -> StripeAccount:
        """The account of an application that uses it."""
        return StripeAccount(SECRET_KEY, self.hook_secrets, self.url)

    @property
    def environment(self) -> dict[str, str]:
        """The same as settings."""
        hooks = ",".join(self.hook_secrets)
        return {"STRIPE_API_BASE": self.url, "STRIPE_SECRET_KEY": SECRET_KEY, "STRIPE_WEBHOOK_SECRET": hooks}

    @property
    def books(self) -> dict[str, tuple[int, int]]:
        """What has come and what went back, in Stripe's units, by our payment reference, else the intent's name.

        What a bank holds in dispute counts as gone, until it is won.
        """
        return {
            intent["metadata"].get("payment", name): (intent["amount_received"], self._gone(intent))
            for name, intent in self.intents.items()
        }

    def calls(self, operation: str) -> list[Thing]:
        """Return the forms of what was asked of one operation, in order."""
        return [form for name, form, _key in self.asked if name == operation]

    def forget_keys(self) -> None:
        """Forget all answers, as Stripe may after a day."""
        self.keys.clear()

    def intent_for(self, reference: str) -> Thing:
        """Return the newest payment intent of a reference of ours."""
        return next(one for one in self.list_payment_intents({}) if one["metadata"].get("payment") == reference)

    def _gone(self, intent: Thing) -> int:
        if intent["latest_charge"] is None:
            return 0
        lost: int = sum(
            one["amount"]
            for one in self.disputes.values()
            if one["payment_intent"] == intent["id"] and one["status"] != "won"
        )
        return int(self.charges[intent["latest_charge"]]["amount_refunded"]) + lost


@contextmanager
def serving(fake: StripeFake) -> Iterator[StripeFake]:
    """Serve until the block ends."""
    fake.port = fake.port or free_port()
    server = ThreadingHTTPServer(("127.0.0.1", fake.port), type("StripeHandler", (Handler,), {"fake": fake}))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
