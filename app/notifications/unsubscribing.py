"""Links in mails that switch off what is optional, without signing in (RFC 8058).

Such a token is `<user id>-<kind>-<signature>`: it switches one kind of mail off for one person, and opens nothing. It
works for ever, as whoever finds an old mail expects; of somebody who is erased there is nothing to switch off.
"""

import base64
import hmac
import re
from dataclasses import dataclass

from flask import current_app

from app.kit.errors import NotFound
from app.models import User

PAGE = "/unsubscribe"
SIGNATURE_BYTES = 20

_TOKEN = re.compile(r"([1-9][0-9]{0,17})-([a-z_]{1,40})-([A-Za-z0-9_-]{27})", re.ASCII)


class LinkUnknown(NotFound):
    """A link to switch mails off was never made by us."""

    title = "This link does not work."


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Who does not want which mails."""

    user_id: int
    kind: str


def link_to_unsubscribe(user: User, kind: str) -> str:
    """Return the URL whose POST switches a kind of mail off at once, and whose GET shows a page with a button."""
    signature = _signatures(user.id, kind)[0]
    return f"{current_app.extensions['settings'].public_base_url}{PAGE}/{user.id}-{kind}-{signature}"


def unwanted_by(token: str) -> Unwanted:
    """Return what a token switches off. Raises `LinkUnknown`."""
    parts = _TOKEN.fullmatch(token)
    if parts is None:
        raise LinkUnknown
    user_id, kind = int(parts[1]), parts[2]
    if not any(hmac.compare_digest(parts[3], one) for one in _signatures(user_id, kind)):
        raise LinkUnknown
    return Unwanted(user_id, kind)


def _signatures(user_id: int, kind: str) -> list[str]:
    """Return the signatures: by the key that signs now, then by older ones."""
    keys: tuple[bytes, ...] = current_app.config["UNSUBSCRIBE_KEYS"]
    digests = [hmac.digest(key, f"{user_id}:{kind}".encode(), "sha256")[:SIGNATURE_BYTES] for key in keys]
    return [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]
