"""What is sent to our addresses in the name of providers: true, forged, or about other money; doubled and shuffled."""

import http.client
import json
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.integrations.payments.daraja_fake import Daraja, Push
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_mail import JSON, forged, signature, signed
from tests.races.tills import HOOK
from tests.servers import HOST
from tests.tortures.mortal import Mortal

DOUBLED, FORGED, MISTAKEN = 0.3, 0.05, 0.05
SENDERS = 8
PATIENCE_SECONDS = 120


class Truth(StrEnum):
    """Whose word a letter is."""

    TRUE = "true"
    MISTAKEN = "of another amount"
    FORGED = "forged"
    UNPROVEN = "forged, at the right address"


@dataclass(frozen=True)
class Letter:
    """A request; `again` is whether its sender repeats it until it is answered, as Stripe does and M-Pesa does not.

    Without a `signature` it is signed whenever it is sent, as Stripe does it: on a busy machine a letter may wait for
    longer than a signature is believed.
    """

    truth: Truth
    path: str
    body: bytes
    signature: str | None = None
    again: bool = True


def of_stripe(fake: StripeFake, event: dict[str, Any], chance: Random) -> list[Letter]:
    """Return what arrives about an event of Stripe's."""
    letters = [_by_stripe(Truth.TRUE, signed(event).body)] * (2 if chance.random() < DOUBLED else 1)
    if chance.random() < FORGED:
        forgery = forged(event, chance)
        letters.append(Letter(Truth.FORGED, HOOK, forgery.body, forgery.signature))
    if chance.random() < MISTAKEN:
        letters.append(_by_stripe(Truth.MISTAKEN, signed(_of_other_money(fake, event)).body))
    return letters


def of_mpesa(daraja: Daraja, push: Push, chance: Random) -> list[Letter]:
    """Return what arrives about a prompt that has ended."""
    letters = [_by_mpesa(daraja, Truth.TRUE, push)] * (2 if chance.random() < DOUBLED else 1)
    paid = replace(push, result="0", receipt=f"FORGED{len(daraja.pushes)}")
    if chance.random() < FORGED:
        letters.append(_by_mpesa(daraja, *_forgery(paid, chance)))
    if chance.random() < MISTAKEN:
        letters.append(_by_mpesa(daraja, Truth.MISTAKEN, replace(paid, amount=push.amount + 1)))
    return letters


@dataclass
class Post:
    """Sends letters to a server that is killed now and then, and counts what was answered to which kind of them."""

    server: Mortal
    chance: Random
    answers: Counter[tuple[Truth, int]] = field(default_factory=Counter)

    def deliver(self, letters: Sequence[Letter], kills: int) -> None:
        """Send letters, several at once, in any order; let the server be killed so often meanwhile."""
        moments = sorted(self.chance.sample(range(len(letters)), kills))
        with ThreadPoolExecutor(SENDERS) as senders:
            sent = [senders.submit(self._send, one) for one in self.chance.sample(letters, len(letters))]
            for moment in moments:
                _wait_for(sent[moment])
                self.server.kill()
        self.answers.update(one.result() for one in sent)

    def _send(self, letter: Letter) -> tuple[Truth, int]:
        give_up = time.monotonic() + PATIENCE_SECONDS
        status = 0
        while not status and time.monotonic() < give_up:
            self.server.is_up.wait(PATIENCE_SECONDS)
            with suppress(OSError, http.client.HTTPException):
                status = self._answer_to(letter)
            if not letter.again:
                break
        return letter.truth, status

    def _answer_to(self, letter: Letter) -> int:
        connection = http.client.HTTPConnection(HOST, self.server.port, timeout=30)
        try:
            proof = signature(letter.body) if letter.signature is None else letter.signature
            headers: dict[str, str | bytes] = {"Content-Type": JSON, "Stripe-Signature": proof.encode()}
            connection.request("POST", letter.path, letter.body, headers)
            return connection.getresponse().status
        finally:
            connection.close()


def _by_stripe(truth: Truth, body: bytes) -> Letter:
    return Letter(truth, HOOK, body)


def _by_mpesa(daraja: Daraja, truth: Truth, push: Push) -> Letter:
    body = json.dumps(daraja.callback(push)).encode()
    return Letter(truth, urlsplit(push.callback_url).path, body, signature="", again=False)


def _forgery(paid: Push, chance: Random) -> tuple[Truth, Push]:
    """Return a success that never was, sent to a guessed address, or to the true one."""
    if chance.random() < 0.5:
        return Truth.UNPROVEN, paid
    return Truth.FORGED, replace(paid, callback_url=f"{paid.callback_url[:-4]}beef")


def _of_other_money(fake: StripeFake, event: dict[str, Any]) -> dict[str, Any]:
    """Return a signed mistake: that a payment has come, with one cent more than was asked for."""
    about = event["data"]["object"]
    intent = fake.intents[about.get("payment_intent") or about["id"]]
    amount = intent["amount"] + 1
    paid = intent | {"status": "succeeded", "amount": amount, "amount_received": amount}
    return event | {"id": f"{event['id']}x", "type": "payment_intent.succeeded", "data": {"object": paid}}


def _wait_for(sent: Future[tuple[Truth, int]]) -> None:
    sent.result(PATIENCE_SECONDS)
