"""Links in mails that switch off what is optional, without signing in (RFC 8058).

Such a token is `<user id>-<kind>-<signature>`: it switches one kind of mail off for one person, and opens nothing. It
works for ever, as whoever finds an old mail expects; of somebody who is erased there is nothing to switch off.
"""

import re
from dataclasses import dataclass

from flask import current_app

from app.models import User
from app.security.errors import LinkUnknown
from app.security.signatures import SIGNATURE, is_signed, sign

PAGE = "/unsubscribe"
KEYS = "UNSUBSCRIBE_KEYS"

_TOKEN = re.compile(rf"([1-9][0-9]{{0,17}})-([a-z_]{{1,40}})-({SIGNATURE})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Who does not want which mails."""

    user_id: int
    kind: str


def link_to_unsubscribe(user: User, kind: str) -> str:
    """Return the URL whose POST switches a kind of mail off at once, and whose GET shows a page with a button."""
    signature = sign(f"{user.id}:{kind}", KEYS)
    return f"{current_app.extensions['settings'].public_base_url}{PAGE}/{user.id}-{kind}-{signature}"


def unwanted_by(token: str) -> Unwanted:
    """Return what a token switches off. Raises `LinkUnknown`."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        raise LinkUnknown
    user_id, kind = int(parts[1]), parts[2]
    if not is_signed(f"{user_id}:{kind}", parts[3], KEYS):
        raise LinkUnknown
    return Unwanted(user_id, kind)
