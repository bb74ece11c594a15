"""How the local Daraja's callbacks arrive: doubled, lost, late and shuffled. None carries a signature."""

import json
from dataclasses import dataclass
from random import Random

import urllib3

from tests.integrations.payments.daraja_fake import Daraja


@dataclass(frozen=True)
class Delivery:
    """One POST to a callback's address."""

    url: str
    body: bytes


@dataclass(frozen=True)
class Trouble:
    """Which part of the callbacks arrives twice, never, or only with the next lot."""

    doubled: float = 0.3
    lost: float = 0.1
    late: float = 0.1


def deliveries(daraja: Daraja) -> list[Delivery]:
    """Return the callbacks that are due, each once, in order; they are due no longer."""
    due = [Delivery(push.callback_url, json.dumps(daraja.callback(push)).encode()) for push in daraja.outbox]
    daraja.outbox.clear()
    return due


def troubled(due: list[Delivery], random: Random, trouble: Trouble) -> tuple[list[Delivery], list[Delivery]]:
    """Return those that arrive now and those that arrive late: shuffled, some twice, some in neither."""
    now: list[Delivery] = []
    late: list[Delivery] = []
    for delivery in due:
        if random.random() < trouble.lost:
            continue
        times = 2 if random.random() < trouble.doubled else 1
        (late if random.random() < trouble.late else now).extend([delivery] * times)
    random.shuffle(now)
    random.shuffle(late)
    return now, late


def send(lot: list[Delivery]) -> list[int]:
    """POST a lot, one after the other, and return the statuses."""
    headers = {"Content-Type": "application/json"}
    with urllib3.PoolManager(retries=False, timeout=10) as pool:
        return [pool.request("POST", one.url, body=one.body, headers=headers).status for one in lot]
