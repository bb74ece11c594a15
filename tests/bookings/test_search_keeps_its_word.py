"""What is shown is what can be had, and nothing else: the list of slots against the verb that books.

In random salons, each from its seed, what the search lists is booked, and what it does not list is asked for all the
same: it must be refused for the very reason that a ledger kept by hand gives. `SLOT_TRIALS=10000 pytest -s` of this
file is the long run. A failure names the seed of its salon; `SLOT_SEED` repeats it.
"""

import os
import time
from collections import Counter
from itertools import count
from random import SystemRandom

from flask import Flask

from app.kit import clock
from tests.api import Api
from tests.bookings.customers import Customers
from tests.bookings.ledger import PRECEDENCE
from tests.bookings.worlds import World

TRIALS = int(os.environ.get("SLOT_TRIALS", "30"))
"""Listed slots that are booked; about as many that are not listed are asked for."""

SEED = int(os.environ.get("SLOT_SEED") or SystemRandom().randrange(10**9))
ROUNDS = 8
"""Searches in one salon."""

MANY = 5000
"""Trials among which every reason must have been met."""


def test_what_is_listed_and_nothing_else_is_accepted(app: Flask, api: Api) -> None:
    """Promise 3: a listed start is booked as it is listed, any other one refused for the right reason."""
    counts, began = Counter[str](), time.monotonic()
    for seed in count(SEED):
        if taken(counts) >= TRIALS:
            break
        try:
            visit(World(seed), api, counts)
        except Exception as error:
            error.add_note(f"SLOT_SEED={seed} repeats it.")
            raise
    refused = {reason: counts[reason] for reason in PRECEDENCE}
    print(f"\n{taken(counts)} listed were booked, {sum(refused.values())} others refused")  # noqa: T201
    print(f"  {dict(counts)}; {time.monotonic() - began:.0f} s, SLOT_SEED={SEED}")  # noqa: T201
    assert all(refused.values()) or taken(counts) < MANY, refused


def taken(counts: Counter[str]) -> int:
    """Return how many listed slots were booked, held, or rehearsed."""
    return sum(number for name, number in counts.items() if name.startswith("listed and"))


def visit(world: World, api: Api, counts: Counter[str]) -> None:
    """Let customers come to a salon, again and again."""
    with clock.frozen(world.ledger.now):
        world.populate()
    customers = Customers(world, api, counts)
    try:
        for _ in range(ROUNDS):
            customers.come()
            world.passes(world.random.choice([0, 0, 3, 11, 35, 200]) + world.random.choice([0, 0, 0.01]))
    finally:
        world.end()
