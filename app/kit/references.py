"""Short random references that people read to each other, such as `BK-7F3K9Q`."""

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and capitals without those mistaken for one another (0/O, 1/I)."""

LENGTH = 6

CODE_LENGTH = 16

NAME_ALPHABET, NAME_LENGTH = "0123456789abcdefghjkmnpqrstvwxyz", 26


def new_reference(prefix: str) -> str:
    """Return `prefix-XXXXXX`: one of 32^6, about a thousand million; the column's UNIQUE has the last word."""
    return f"{prefix}-{''.join(secrets.choice(ALPHABET) for _ in range(LENGTH))}"


def new_code() -> str:
    """Return a code of 16 characters that nobody guesses: 80 random bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def new_name() -> str:
    """Return the name of something new: 130 random bits in 26 digits and small letters, that nothing else has."""
    return "".join(secrets.choice(NAME_ALPHABET) for _ in range(NAME_LENGTH))
