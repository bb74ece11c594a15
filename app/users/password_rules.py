"""Which passwords are accepted: length, and not one that everybody tries first. No rules of composition (NIST SP
800-63B §5.1.1.2)."""

import re
from functools import cache
from pathlib import Path

from app.kit.errors import Invalid
from app.security.passwords import LONGEST_BYTES, SHORTEST_CHARACTERS, normal_form

_UNTYPABLE = re.compile("[\x00\ud800-\udfff]")
_COMMON = Path(__file__).with_name("common_passwords.txt")


def check_password(password: str, *personal: str, field: str = "password") -> None:
    """Accept a password, or raise `Invalid` naming `field`. It must not be one of the words `personal` either."""
    text = normal_form(password)
    if _UNTYPABLE.search(text):
        raise Invalid.field(field, "Must not contain NUL or half a surrogate pair.")
    if len(text) < SHORTEST_CHARACTERS:
        raise Invalid.field(field, f"Must have at least {SHORTEST_CHARACTERS} characters.")
    if len(text.encode()) > LONGEST_BYTES:
        raise Invalid.field(field, f"Must have at most {LONGEST_BYTES} bytes.")
    if text.casefold() in common_passwords() | {word.casefold() for word in personal}:
        raise Invalid.field(field, "Is among the first that anybody would try.")


@cache
def common_passwords() -> frozenset[str]:
    """Return the commonest passwords, in lower case; read when first asked for."""
    return frozenset(_COMMON.read_text(encoding="utf-8").casefold().split())
