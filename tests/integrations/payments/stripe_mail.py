"""Stripe's messages on their way: signed, doubled, late, shuffled, forged."""

import hashlib
import hmac
import http.client
import json
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from tests.integrations.payments.stripe_fake import HOOK_SECRET

JSON: Final = "application/json; charset=utf-8"

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """The bytes of an event, and the header that signs them. `is_ours` is False where somebody else wrote it."""

    body: bytes
    signature: str
    is_ours: bool = True


def signed(event: Thing, secret: str = HOOK_SECRET, *, age: float = 0) -> Message:
    """Return an event as Stripe sends it, so many seconds ago: with spaces and line ends of its own."""
    body = json.dumps(event, indent=2).encode()
    return Message(body, signature(body, secret, age=age))


def signature(body: bytes, secret: str = HOOK_SECRET, *, age: float = 0) -> str:
    """Return the header for a body: https://docs.stripe.com/webhooks#verify-manually."""
    at = int(time.time() - age)
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest},v0={'0' * 64}"


def forged(event: Thing, chance: random.Random) -> Message:
    """Return an event that Stripe did not send: signed by another, changed on its way, old, or not signed at all."""
    true = signed(event)
    return chance.choice(
        [
            Message(true.body, signature(true.body, "whsec_of_another"), is_ours=False),
            Message(true.body.replace(b"evt_", b"evt_0"), true.signature, is_ours=False),
            Message(true.body, signature(true.body, age=400), is_ours=False),
            Message(true.body, "t=1,v1=é", is_ours=False),
            Message(true.body, "", is_ours=False),
        ]
    )


def with_amount(event: Thing, amount: int) -> Thing:
    """Return an event of another id that says another amount, as a mistake in Stripe's books would."""
    thing = event["data"]["object"] | {"amount": amount, "amount_received": amount}
    return event | {"id": f"{event['id']}x", "data": {"object": thing}}


def sack(
    events: Sequence[Thing], chance: random.Random, *, doubled: float = 0, faked: float = 0, mistaken: float = 0
) -> list[Message]:
    """Return the messages of events in any order; with these shares some come twice, are forged, or mistaken."""
    messages = [signed(event) for event in events]
    for event in events:
        if chance.random() < doubled:
            messages.append(signed(event))
        if chance.random() < faked:
            messages.append(forged(event, chance))
        if chance.random() < mistaken and event["type"] == "payment_intent.succeeded":
            messages.append(signed(with_amount(event, event["data"]["object"]["amount"] + 1)))
    chance.shuffle(messages)
    return messages


def post(url: str, message: Message, *, seconds: float = 10) -> int:
    """Send a message, and return the status of the answer. Raises `OSError` where there is none."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=seconds)
    try:
        headers: dict[str, str | bytes] = {"Content-Type": JSON, "Stripe-Signature": message.signature.encode()}
        connection.request("POST", address.path, message.body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def deliver(url: str, messages: Iterable[Message], *, tries: int = 5) -> list[int]:
    """Send messages one after another, each again until it is answered with less than 500; return the statuses."""
    return [_delivered(url, message, tries) for message in messages]


def _delivered(url: str, message: Message, tries: int) -> int:
    status = 0
    for attempt in range(tries):
        try:
            status = post(url, message)
        except OSError:
            status = 0
        if 0 < status < 500:
            break
        time.sleep(0.05 * 2**attempt)
    return status
