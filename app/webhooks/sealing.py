"""The secrets by which webhooks are signed. They must be at hand to sign, so they are kept, sealed by the server's key:
whoever gets hold of the tables alone cannot sign in our name."""

import base64
import secrets
from datetime import datetime
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from flask import current_app

from app.models import Webhook

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


class Unreadable(Exception):
    """A secret was sealed by a key that is gone."""


def new_secret() -> str:
    """Return a new secret as Standard Webhooks writes it: `whsec_` and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def seal(secret: str) -> str:
    """Return the secret as it is kept."""
    return _keys().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the secret. Raises `Unreadable`."""
    try:
        return _keys().decrypt(sealed).decode()
    except InvalidToken:
        raise Unreadable from None


def is_readable(sealed: str) -> bool:
    """Say whether a key of now opens a secret."""
    try:
        unseal(sealed)
    except Unreadable:
        return False
    return True


def signing(webhook: Webhook, now: datetime) -> list[str]:
    """Return the secrets by which an endpoint's calls are signed: the new one, for a day the old one, if readable."""
    sealed = [webhook.secret]
    if webhook.old_secret is not None and webhook.old_secret_until is not None and webhook.old_secret_until > now:
        sealed.append(webhook.old_secret)
    return [unseal(one) for one in sealed if is_readable(one)]


def seal_anew(sealed: str) -> str:
    """Return the same secret, sealed by the key of now; what no key opens is left as it is."""
    try:
        return _keys().rotate(sealed).decode()
    except InvalidToken:
        return sealed


def _keys() -> MultiFernet:
    """Return the keys: the first one seals, and all open, as with everything that is signed."""
    keys: tuple[bytes, ...] = current_app.config["WEBHOOK_KEYS"]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
