"""Passwords: bcrypt over NFKC text of at most 72 bytes. Hash outside any database transaction."""

import threading
import unicodedata

import bcrypt
from flask import Flask, current_app

SHORTEST_CHARACTERS = 8
LONGEST_BYTES = 72
"""bcrypt reads no more, and bcrypt 5 refuses more."""

_NOBODYS = "." * 53
"""Salt and digest, all zeros, that no password is known to have."""

_turns = threading.BoundedSemaphore(2)
"""At most two hashes at once in a process, so that a flood of logins does not starve everything else."""


def configure(app: Flask) -> None:
    """Make the cost a setting that must be there."""
    app.config.setdefault("BCRYPT_ROUNDS", 12)


def normal_form(password: str) -> str:
    """Return the NFKC form: the same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the bcrypt hash at the configured cost; about a quarter of a second at cost 12."""
    with _turns:
        return bcrypt.hashpw(_bytes(password), bcrypt.gensalt(_cost())).decode()


def verify_password(password: str, password_hash: str) -> bool:
    """Say whether the password belongs to the hash; too long ones belong to none."""
    given = _bytes(password)
    if len(given) > LONGEST_BYTES or b"\0" in given:
        return False
    with _turns:
        return bcrypt.checkpw(given, password_hash.encode())


def burn_password_check(password: str) -> None:
    """Take as long as a real check, for accounts that do not exist."""
    verify_password(password, f"$2b${_cost():02}${_NOBODYS}")


def _bytes(password: str) -> bytes:
    return normal_form(password).encode()


def _cost() -> int:
    cost: int = current_app.config["BCRYPT_ROUNDS"]
    return cost
