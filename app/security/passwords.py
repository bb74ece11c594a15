"""Passwords: bcrypt over NFKC text of at most 72 bytes. Hash outside any database transaction."""

import unicodedata

import bcrypt
from flask import current_app

from app.kit.errors import Unavailable
from app.kit.turns import Turns

SHORTEST_CHARACTERS = 8
LONGEST_BYTES = 72
"""bcrypt reads no more, and bcrypt 5 refuses more."""

AT_ONCE, WAITING = 2, 2
"""How many passwords one process hashes at once, and how many more may wait: a flood of logins starves nothing else."""

_NOBODYS = "." * 53
"""Salt and digest, all zeros, that no password is known to have."""


class Busy(Unavailable):
    """Too many passwords are being checked."""

    code = "busy"
    title = "Too many people are signing in just now. Try again in a moment."


turns = Turns(at_once=AT_ONCE, waiting=WAITING, busy=Busy)


def normal_form(password: str) -> str:
    """Return the NFKC form: the same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the bcrypt hash at the configured cost, about a quarter of a second at cost 12. Raises `Busy`."""
    with turns.taken():
        return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(_cost())).decode()


def verify_password(password: str, password_hash: str) -> bool:
    """Say whether the password belongs to the hash; too long ones belong to none. Raises `Busy`."""
    given = _bytes(password)
    if len(given) > LONGEST_BYTES or b"\0" in given:
        return False
    with turns.taken():
        return bcrypt.checkpw(given, password_hash.encode())


def burn_password_check(password: str) -> None:
    """Take as long as a real check, for accounts that do not exist. Raises `Busy`."""
    verify_password(password, f"$2b${_cost():02}${_NOBODYS}")


def is_outdated(password_hash: str) -> bool:
    """Say whether the hash was made at a lower cost than is configured now."""
    return int(password_hash.split("$")[2]) < _cost()


def _bytes(password: str) -> bytes:
    return normal_form(password).encode()


def _cost() -> int:
    cost: int = current_app.config["BCRYPT_ROUNDS"]
    return cost
