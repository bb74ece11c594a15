"""Which passwords are accepted: length, and not one that everybody tries first. No rules of composition (NIST SP
800-63B §5.1.1.2)."""

import re
from functools import cache
from pathlib import Path

from app.extensions import business
from app.kit.errors import Invalid
from app.security.passwords import LONGEST_BYTES, SHORTEST_CHARACTERS, normal_form
from app.web.text import is_blank

_UNTYPABLE = re.compile("[\x00\ud800-\udfff]")
_COMMON = Path(__file__).with_name("common_passwords.txt")


def check_password(password: str, email: str | None, *, field: str = "password") -> None:
    """Accept a password for the account of an email, or raise `Invalid` naming `field`."""
    text = normal_form(password)
    if _UNTYPABLE.search(text):
        raise Invalid.field(field, "Must not contain NUL or half a surrogate pair.")
    if len(text) < SHORTEST_CHARACTERS:
        raise Invalid.field(field, f"Must have at least {SHORTEST_CHARACTERS} characters.")
    if len(text.encode()) > LONGEST_BYTES:
        raise Invalid.field(field, f"Must have at most {LONGEST_BYTES} bytes.")
    if is_blank(text):
        raise Invalid.field(field, "Must not be made of spaces and invisible characters alone.")
    if text.casefold() in common_passwords() or text.casefold() in _personal(email):
        raise Invalid.field(field, "Is among the first that anybody would try.")


@cache
def common_passwords() -> frozenset[str]:
    """Return the commonest passwords, in lower case; read when first asked for."""
    return frozenset(_COMMON.read_text(encoding="utf-8").casefold().split())


def _personal(email: str | None) -> set[str]:
    """Return the words that everybody would try first for an account: the business, the email, the name in it."""
    words = (business.name, email or "", (email or "").rpartition("@")[0])
    return {normal_form(word).casefold() for word in words}
