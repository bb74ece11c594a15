"""Short random references that people read to each other, such as `BK-7F3K9Q`."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without those mistaken for one another (0/O, 1/I)."""

LENGTH = 6


def new_reference(prefix: str) -> str:
    """Return `prefix-XXXXXX`: one of 32^6, about a thousand million; the column's UNIQUE has the last word."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"
