"""Signatures in mailed links: short enough for a mail, by keys that may be changed.

What is signed is kept nowhere. Of several keys the first one signs, and all verify.
"""

import base64
import hmac

from flask import current_app

SIGNATURE = "[A-Za-z0-9_-]{27}"
"""The pattern of all signatures: 160 bits, in Base64 for URLs (RFC 4648 §5)."""

SIGNATURE_BYTES = 20


def sign(said: str, keys: str) -> str:
    """Return the signature of a text by the first of the keys that are configured as `keys`; the same each time."""
    return _signatures(said, keys)[0]


def is_signed(said: str, signature: str, keys: str) -> bool:
    """Say whether a signature, which has the pattern, is that of a text by any of the keys."""
    return any(hmac.compare_digest(signature, one) for one in _signatures(said, keys))


def _signatures(said: str, keys: str) -> list[str]:
    configured: tuple[bytes, ...] = current_app.config[keys]
    digests = [hmac.digest(key, said.encode(), "sha256")[:SIGNATURE_BYTES] for key in configured]
    return [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]
