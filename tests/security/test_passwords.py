"""Passwords: what a hash looks like, what fits it, and what is never even tried."""

import bcrypt
import pytest
from flask import Flask

from app.security.passwords import hash_password, normal_form, verify_password

PASSWORD = "correct horse battery"

pytestmark = pytest.mark.databases("sqlite")  # none is asked; only the settings count


@pytest.mark.parametrize("cost", [4, 6])
def test_a_hash_is_bcrypt_at_the_configured_cost(app: Flask, monkeypatch: pytest.MonkeyPatch, cost: int) -> None:
    """With a salt of its own each time."""
    monkeypatch.setitem(app.config, "BCRYPT_ROUNDS", cost)
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert {len(first), len(second)} == {60}
    assert first.startswith(f"$2b$0{cost}$")
    assert first != second
    assert verify_password(PASSWORD, first)
    assert verify_password(PASSWORD, second)


def test_hashes_of_another_cost_still_fit(app: Flask) -> None:
    """The settings may change; accounts keep their passwords."""
    old = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(5)).decode()
    assert verify_password(PASSWORD, old)
    assert not verify_password(PASSWORD + " ", old)


def test_one_password_typed_on_two_keyboards(app: Flask) -> None:
    """AU-09: composed, decomposed, full width."""
    assert normal_form("e\u0301\uff41") == "\u00e9a"
    assert verify_password("cafe\u0301 au lait", hash_password("caf\u00e9 au lait"))


@pytest.mark.parametrize(
    "typed",
    ["x" * 73, "x" * 1_000_000, "\u00e9" * 37, "\ufdfa" * 8, "abc\0defgh", "\0"],
    ids=lambda text: ascii(text)[:12],
)
def test_what_cannot_be_a_password_fits_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    """bcrypt would cut them at 72 bytes or at NUL, or refuse; it never sees them."""
    stored = hash_password("x" * 72), hash_password("abc")
    monkeypatch.setattr("bcrypt.checkpw", None)
    assert [verify_password(typed, one) for one in stored] == [False, False]
